"""What a change of a field does to something on air, in words, from the tables in `contract`.

Read by the reference pages. No facts of its own but the words.
"""

from collections.abc import Callable, Mapping

from medialive_operator.contract.flow_sections import FLOW_FIELDS, FLOW_ITEMS, FlowFieldFacts
from medialive_operator.contract.operations import OPERATIONS, Operation
from medialive_operator.contract.sections import IMMUTABLE_FIELDS, SECTIONS, Disruption
from medialive_operator.resources.fields import camel
from medialive_operator.resources.kinds import Kind

_CHANNEL: Mapping[Disruption, str] = {
    Disruption.NONE: "no interruption",
    Disruption.RESTART: "restarts (about 30 s)",
    Disruption.STOP: "starts or stops",
}
_FLOW: Mapping[Disruption, str] = {
    Disruption.NONE: "no interruption",
    Disruption.RESTART: "interrupts the flow",
    Disruption.OUTPUT: "interrupts this output",
    Disruption.STOP: "starts or stops",
    Disruption.RECREATE: "needs a new flow, see `recreatePolicy`",
}

# Members of the API whose name in the spec is another one, because the API's would mislead.
_OF_CHANNEL: Mapping[str, str] = {"id": "channelId", "region": "originRegion", "state": "desiredState"}
_OF_FLOW: Mapping[str, str] = {"region": "flowRegion", "state": "desiredState"}


def live_effects(kind: Kind) -> dict[str, str]:
    """Path of a spec member -> what a change of it does; the longest path that fits counts.

    `sources[]` is the list, one item more or less included; `sources` is what counts for everything in it.
    """
    return _EFFECTS[kind.kind]()


def _channel_effects() -> dict[str, str]:
    effects = {"region": "cannot be changed once the channel exists"}
    for facts in SECTIONS.values():
        effect = f"{_CHANNEL[facts.disruption]}; {_call(facts.operation)}"
        effects.update({_spec_path(field, _OF_CHANNEL): effect for field in facts.fields})
    return effects | {_spec_path(field, _OF_CHANNEL): "cannot be changed" for field in IMMUTABLE_FIELDS}


def _flow_effects() -> dict[str, str]:
    effects = {"region": "cannot be changed once the flow exists", "flowId": "cannot point to another flow"}
    effects.update({_spec_path(field, _OF_FLOW): _flow_effect(facts) for field, facts in FLOW_FIELDS.items()})
    for field, facts in FLOW_ITEMS.items():
        effects[f"{field}[]"] = f"{effects[field]}; one more or less: {_flow_effect(facts)}"
    return effects


def _flow_effect(facts: FlowFieldFacts) -> str:
    return "; ".join([_FLOW[facts.disruption], *map(_call, facts.operations)])


def _call(operation: Operation) -> str:
    facts = OPERATIONS[operation]
    return f"`{facts.method} {facts.path.rpartition('/')[2]}`"


def _spec_path(path: str, renamed: Mapping[str, str]) -> str:
    """Where the spec has a member of the API, given as a dotted path."""
    return ".".join(renamed.get(name, camel(name)) for name in path.split("."))


_EFFECTS: Mapping[str, Callable[[], dict[str, str]]] = {
    "OttChannel": _channel_effects,
    "StreamConnectFlow": _flow_effects,
}
