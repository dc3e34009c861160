"""A model of the flows of the service as far as the planner can see them, independent of the planner.

It follows the behaviour notes: a flow is made with its sources, a link is written by a call of its own, a change of a
source of a started flow interrupts it, one of an output only that. What the notes leave open are switches. Every body
is held to the contract.
"""

import copy
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from medialive_operator.contract.operations import Operation
from medialive_operator.planning.steps import Step
from tests.planning.cloud_model import hold_to_contract, opened

JsonObject = dict[str, Any]

OUTPUT_DEFAULTS: JsonObject = {"min_latency": 2000, "output_status": "ENABLED"}
MOST_OUTPUTS = 10


@dataclass(frozen=True)
class FlowHabits:
    """What the contract leaves open."""

    secrets: Literal["echoed", "masked", "absent"] = "masked"
    empties: bool = False  # unset members are shown as null, "" or 0
    reordered: bool = False  # whitelists come in another order than they were sent
    lower_case: bool = False
    extras: bool = False  # members that the contract does not know
    put: Literal["full", "partial"] = "full"  # PUT replaces an output or a source, or merges into it
    edits_when_active: bool = True


class RefusedError(Exception):
    """The service does not do it."""


@dataclass
class Flow:
    """One flow, and what was done to it."""

    flow_id: str
    name: str
    region: str
    sources: dict[str, JsonObject]
    outputs: dict[str, JsonObject] = field(default_factory=dict)
    status: str = "STANDBY"
    interruptions: int = 0
    cut: Counter[str] = field(default_factory=Counter)  # output → how often its receiver was disconnected alone


class FlowModel:
    """The flows of one account."""

    def __init__(self, habits: FlowHabits | None = None) -> None:
        self.habits = habits or FlowHabits()
        self.flows: dict[str, Flow] = {}
        self.writes: list[Operation] = []
        self._made = 0

    def take(self, step: Step) -> JsonObject:
        """Carry out one call. AssertionError when the contract forbids it, RefusedError when the flow's state does."""
        body: Any = opened(step.body)
        if step.body:
            hold_to_contract(step.operation, body)
        self.writes.append(step.operation)
        if step.operation is Operation.CREATE_FLOWS:
            return self._create(body)
        flow = self.flows[step.query["flow_id"]]
        self._check(step.operation, flow)
        match step.operation:
            case Operation.MODIFY_FLOW_START:
                flow.status = "ACTIVE"
            case Operation.MODIFY_FLOW_STOP:
                self.stop(flow)
            case Operation.DELETE_FLOW:
                del self.flows[flow.flow_id]
            case Operation.MODIFY_FLOW_SOURCES:
                self.change_source(flow, step.query["source_name"], body["source"])
            case _:
                self._outputs(step, flow, body)
        return {"status": flow.status}

    def stop(self, flow: Flow) -> None:
        """Stop a flow, by a call or in the console."""
        flow.interruptions += flow.status == "ACTIVE"
        flow.status = "STANDBY"

    def change_source(self, flow: Flow, name: str, sent: JsonObject) -> None:
        """Replace a source, by a call or in the console."""
        before = flow.sources[name]
        assert (sent["name"], sent["protocol"]) == (name, before["protocol"]), "no call changes these"
        flow.interruptions += flow.status == "ACTIVE"
        flow.sources[name] = self._source({**(before if self.habits.put == "partial" else {}), **sent})

    def add_output(self, flow: Flow, sent: JsonObject) -> None:
        """Add an output, by a call or in the console."""
        assert sent["name"] not in flow.outputs, "there is an output of this name"
        assert len(flow.outputs) < MOST_OUTPUTS, "a flow has ten outputs at most"
        flow.outputs[sent["name"]] = self._output(sent)

    def change_output(self, flow: Flow, name: str, sent: JsonObject) -> None:
        """Replace an output, by a call or in the console."""
        assert not {"name", "protocol", "listener_address"} & sent.keys(), "no call changes these"
        before = flow.outputs[name]
        self._cut(flow, name)
        kept = before if self.habits.put == "partial" else {part: before[part] for part in ("name", "protocol")}
        made = self._output({**kept, **sent})
        if "listener_address" in before:
            made["listener_address"] = before["listener_address"]
        flow.outputs[name] = made

    def remove_output(self, flow: Flow, name: str) -> None:
        """Remove an output, by a call or in the console."""
        self._cut(flow, name)
        del flow.outputs[name]

    def entry(self, flow: Flow) -> JsonObject:
        """The flow as a list shows it."""
        return {"flow_id": flow.flow_id, "name": flow.name, "region": flow.region, "status": self._cased(flow.status)}

    def detail(self, flow: Flow) -> JsonObject:
        """The flow as its own reading shows it."""
        sources = [self._shown(source, _EMPTY_SOURCE) for source in flow.sources.values()]
        outputs = [{"name": name, "type": "srt"} for name in flow.outputs]
        return {**self.entry(flow), "sources": sources, "outputs": outputs}

    def output(self, flow: Flow, name: str) -> JsonObject:
        """An output in full."""
        return self._shown({**flow.outputs[name], "type": "srt"}, _EMPTY_OUTPUT)

    def _create(self, body: JsonObject) -> JsonObject:
        sources = {source["name"]: self._source(source) for source in body["sources"]}
        flow = Flow(f"flow-{self._next()}", body["name"], body["region"], sources)
        self.flows[flow.flow_id] = flow
        return {"flow": self.detail(flow)}

    def _outputs(self, step: Step, flow: Flow, body: Any) -> None:
        match step.operation:
            case Operation.CREATE_FLOW_OUTPUT:
                for output in body:
                    self.add_output(flow, output)
            case Operation.MODIFY_FLOW_OUTPUT:
                self.change_output(flow, step.query["output_name"], body)
            case Operation.DELETE_FLOW_OUTPUT:
                self.remove_output(flow, step.query["output_name"])
            case _:
                raise AssertionError(step.operation)

    def _check(self, operation: Operation, flow: Flow) -> None:
        edits = operation not in (Operation.MODIFY_FLOW_START, Operation.MODIFY_FLOW_STOP, Operation.DELETE_FLOW)
        if flow.status == "ACTIVE" and edits and not self.habits.edits_when_active:
            raise RefusedError("a started flow is not changed")
        if flow.status == "ACTIVE" and operation is Operation.DELETE_FLOW:
            raise RefusedError("a started flow is not deleted")

    def _cut(self, flow: Flow, name: str) -> None:
        if flow.status == "ACTIVE" and flow.outputs[name]["output_status"] == "ENABLED":
            flow.cut[name] += 1

    def _source(self, sent: JsonObject) -> JsonObject:
        made = copy.deepcopy(sent)
        if made["protocol"] == "srt-listener":
            made |= {"source_listener_address": "198.51.100.9", "source_listener_port": 5000 + self._next()}
        return made

    def _output(self, sent: JsonObject) -> JsonObject:
        made = {**OUTPUT_DEFAULTS, **copy.deepcopy(sent)}
        if made["protocol"] == "srt-listener":
            made = {"port": 6000 + self._next(), **made, "listener_address": f"203.0.113.{self._next()}"}
        return made

    def _shown(self, link: JsonObject, empty: JsonObject) -> JsonObject:
        shown = {**copy.deepcopy(link), "health_status": "DISCONNECTED"}
        for member in ("decryption", "encryption"):
            if shown.get(member) and self.habits.secrets != "echoed":
                shown[member].update({"passphrase": "******"} if self.habits.secrets == "masked" else {})
                if self.habits.secrets == "absent":
                    del shown[member]["passphrase"]
        if self.habits.reordered and shown.get("cidr_whitelist"):
            shown["cidr_whitelist"].reverse()
        if self.habits.empties:
            shown = {**empty, **shown}
        if self.habits.extras:
            shown |= {"unknown_member": {"some": "thing"}, "media_port": 7}
        if self.habits.lower_case:
            shown |= {name: shown[name].lower() for name in ("output_status",) if name in shown}
            shown["protocol"] = shown["protocol"].upper()
        return shown

    def _cased(self, status: str) -> str:
        return status.lower() if self.habits.lower_case else status

    def _next(self) -> int:
        self._made += 1
        return self._made


_EMPTY_SOURCE: JsonObject = {"stream_id": "", "cidr_whitelist": None, "description": "", "decryption": None}
_EMPTY_OUTPUT: JsonObject = {
    "stream_id": "", "cidr_whitelist": [], "description": None, "encryption": {}, "destination": "", "port": 0,
}  # fmt: skip


def has(flow: Flow, wanted: Mapping[str, JsonObject], links: Mapping[str, JsonObject]) -> list[str]:
    """Where links of a flow are not as wanted; told without any help of the planner."""
    gaps = [] if set(wanted) == set(links) else [f"{sorted(wanted)} are wanted, {sorted(links)} are there"]
    for name in set(wanted) & set(links):
        for member, value in opened(dict(wanted[name])).items():
            shown = links[name].get(member)
            same = sorted(value) == sorted(shown or []) if isinstance(value, list) else value == shown
            gaps += [] if same else [f"{flow.name} {name}.{member}: {shown} instead of {value}"]
    return gaps
