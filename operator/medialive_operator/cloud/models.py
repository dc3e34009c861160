"""stub"""

from typing import NamedTuple


class ChannelKey(NamedTuple):
    """What makes a channel that one: the caller chooses all three parts, the service keeps them for ever."""

    domain: str
    app_name: str
    id: str
