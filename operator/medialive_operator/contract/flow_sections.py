"""Which calls carry which field of a flow, and what a change of it does to a running flow.

Facts as data, as `sections` has them for channels: read by the planner and the reference pages. No logic.
Source: behaviour notes 10 (docs/contract/behaviour.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from medialive_operator.contract.operations import Operation
from medialive_operator.contract.sections import Disruption


@dataclass(frozen=True)
class FlowFieldFacts:
    """The calls that make a change; none when only a new flow can have it."""

    operations: tuple[Operation, ...]
    disruption: Disruption


_REPLACES_OUTPUT = FlowFieldFacts((Operation.DELETE_FLOW_OUTPUT, Operation.CREATE_FLOW_OUTPUT), Disruption.OUTPUT)
_REPLACES_FLOW = FlowFieldFacts((), Disruption.RECREATE)

# By dotted path in wire names; the longest one that fits counts. That a change of a source or output interrupts it is
# not documented: as with the channel's name, it counts as if it did.
FLOW_FIELDS: Mapping[str, FlowFieldFacts] = {
    "name": _REPLACES_FLOW,
    "region": _REPLACES_FLOW,
    "sources": FlowFieldFacts((Operation.MODIFY_FLOW_SOURCES,), Disruption.RESTART),
    "sources.name": _REPLACES_FLOW,
    "sources.protocol": _REPLACES_FLOW,
    "outputs": FlowFieldFacts((Operation.MODIFY_FLOW_OUTPUT,), Disruption.OUTPUT),
    "outputs.name": _REPLACES_OUTPUT,
    "outputs.protocol": _REPLACES_OUTPUT,
    "state": FlowFieldFacts((Operation.MODIFY_FLOW_START, Operation.MODIFY_FLOW_STOP), Disruption.STOP),
}

# How an item of a list is added or removed: another item than the one that is written or deleted is not touched.
FLOW_ITEMS: Mapping[str, FlowFieldFacts] = {
    "sources": _REPLACES_FLOW,
    "outputs": FlowFieldFacts((Operation.CREATE_FLOW_OUTPUT, Operation.DELETE_FLOW_OUTPUT), Disruption.NONE),
}
