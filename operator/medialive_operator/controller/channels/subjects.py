"""An OttChannel in one pass.

Made by the passes over channels.
"""

from medialive_operator.cloud.models import ChannelKey
from medialive_operator.cluster.objects import Key, Object
from medialive_operator.controller.channels.status import ChannelStatus
from medialive_operator.controller.claims import channel_of
from medialive_operator.controller.queueing import Turn
from medialive_operator.controller.subjects import Subject


class ChannelSubject(Subject):
    """An OttChannel as a pass sees it."""

    status: ChannelStatus

    def __init__(self, key: Key, obj: Object, turn: Turn) -> None:
        super().__init__(key, obj, turn, ChannelStatus(obj))
        self.doing = "Reading the channel"

    @property
    def channel(self) -> ChannelKey:
        """The channel: the one that was created, else the one that is named."""
        if self.status.created is not None:
            key = self.status.created["key"]
            return ChannelKey(key["domain"], key["appName"], key["id"])
        return channel_of(self.obj)
