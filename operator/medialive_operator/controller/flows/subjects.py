"""A StreamConnectFlow in one pass.

Made by the passes over flows.
"""

from medialive_operator.cluster.objects import Key, Object
from medialive_operator.controller.flows.status import FlowStatus
from medialive_operator.controller.queueing import Turn
from medialive_operator.controller.subjects import Subject


class FlowSubject(Subject):
    """A StreamConnectFlow as a pass sees it."""

    status: FlowStatus

    def __init__(self, key: Key, obj: Object, turn: Turn) -> None:
        super().__init__(key, obj, turn, FlowStatus(obj))
        self.doing = "Reading the flow"

    @property
    def flow_id(self) -> str | None:
        """The flow: the one we have, else the one the user names by id."""
        return self.status.flow_id or self.raw_spec.get("flowId")

    @property
    def flow_name(self) -> str:
        """The name of the flow: the object's unless the spec has another."""
        return str(self.raw_spec.get("name") or self.key.name)
