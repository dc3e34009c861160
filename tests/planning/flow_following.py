"""What the controller does with plans of flows, without its I/O: read what is asked for, take steps, keep a journal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from medialive_operator.contract.operations import Operation
from medialive_operator.planning.channels import Attempt
from medialive_operator.planning.flow_journal import FlowJournal, settled, taken
from medialive_operator.planning.flow_values import DETAIL, DesiredFlow, FlowPolicy, ObservedFlow, link_of
from medialive_operator.planning.flows import plan_flow
from medialive_operator.planning.merging import JsonObject
from medialive_operator.planning.steps import Plan, Step
from tests.planning.flow_model import Flow, FlowModel

REPORT = FlowPolicy()
CORRECT = FlowPolicy(correct_on_air=True)
OBSERVE = FlowPolicy(may_write=False)


@dataclass
class FlowFollower:
    """The one who follows plans for one flow, and remembers in a journal what it did.

    With `looks` all is read before every plan; without, only what a plan asks for.
    """

    cloud: FlowModel
    flow_id: str | None = None
    looks: bool = True
    applied: dict[str, Any] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    reads: int = 0

    @property
    def journal(self) -> FlowJournal:
        return FlowJournal(dict(self.applied), dict(self.digests), dict(self.attempts))

    @property
    def flow(self) -> Flow:
        assert self.flow_id is not None
        return self.cloud.flows[self.flow_id]

    def plan(self, desired: DesiredFlow, policy: FlowPolicy = REPORT) -> Plan:
        """Look, plan, look closer where the plan asks for it, and journal what is as wanted already."""
        asked: set[str] = set()
        plan = plan_flow(desired, self._read(asked), self.journal, policy)
        while plan.reads:
            assert not plan.steps
            assert not plan.held
            assert not plan.reads <= asked, "what was read is asked for again"
            asked |= plan.reads
            plan = plan_flow(desired, self._read(asked), self.journal, policy)
        self.reads += len(asked)
        self._keep(settled(plan, desired), desired)
        for unit in plan.settled:
            self.attempts.pop(unit, None)
        return plan

    def follow(self, desired: DesiredFlow, policy: FlowPolicy = REPORT, passes: int = 3) -> list[Plan]:
        """Passes until nothing is left to do: a new flow gets its outputs in the second."""
        plans = []
        for _ in range(passes):
            plans.append(self.plan(desired, policy))
            for step in plans[-1].steps:
                self.take(step, desired)
            if not plans[-1].steps:
                break
        return plans

    def take(self, step: Step, desired: DesiredFlow, *, journaled: bool = True) -> None:
        """Take one step; a crash may come before it is journaled."""
        answer = self.cloud.take(step)
        if step.operation is Operation.CREATE_FLOWS:
            self.flow_id = answer["flow"]["flow_id"]
        if not journaled:
            return
        self._keep(taken(step, desired, self.journal), desired)
        for part in step.each:
            if part.section is not None and part.fingerprint:
                self.attempts[part.section] = Attempt(part.fingerprint, accepted=True)

    def refuse(self, step: Step) -> None:
        """The service refused the step for what it says."""
        for part in step.each:
            if part.section is not None and part.fingerprint:
                self.attempts[part.section] = Attempt(part.fingerprint, accepted=False)

    def _read(self, asked: set[str]) -> ObservedFlow | None:
        flow = None if self.flow_id is None else self.cloud.flows.get(self.flow_id)
        if flow is None:
            return None
        entry, detail = self.cloud.entry(flow), self.cloud.detail(flow)
        if self.looks:
            return observed_flow(entry, detail, {name: self.cloud.output(flow, name) for name in flow.outputs})
        outputs = {link_of(unit)[1] for unit in asked - {DETAIL}} & set(flow.outputs)
        known = {name: self.cloud.output(flow, name) for name in outputs}
        return observed_flow(entry, detail if asked else None, known)

    def _keep(self, blocks: dict[str, Any], desired: DesiredFlow) -> None:
        for unit, block in blocks.items():
            self.applied.pop(unit, None)
            self.digests.pop(unit, None)
            if block is None:
                self.attempts.pop(unit, None)
                continue
            self.applied[unit] = block
            if unit in desired.digests:
                self.digests[unit] = desired.digests[unit]


def made(desired: DesiredFlow, cloud: FlowModel | None = None) -> FlowFollower:
    """A flow that was made as wanted."""
    follower = FlowFollower(cloud or FlowModel())
    follower.follow(desired)
    follower.flow.interruptions = 0
    follower.cloud.writes.clear()
    return follower


def observed_flow(
    latest: JsonObject, detail: JsonObject | None = None, outputs: Mapping[str, JsonObject] | None = None
) -> ObservedFlow:
    """What the cloud shows, in wire JSON.

    `latest` is the list's entry or the detail, whichever is younger; `detail` the answer of GET flows/detail if it was
    read (or the flow in the answer of its creation); `outputs` name → answer of GET flows/outputs for those that were
    read. An output that the detail does not name is gone, whatever was read of it before.
    """
    read = outputs or {}
    links = None if detail is None else {str(link.get("name")): link for link in detail.get("sources") or []}
    names = None if detail is None else [str(link.get("name")) for link in detail.get("outputs") or []]
    return ObservedFlow(
        flow_id=str(latest["flow_id"]),
        status=str(latest.get("status") or ""),
        name=str(latest.get("name") or ""),
        region=str(latest.get("region") or ""),
        sources=links,
        outputs=None if names is None else {name: read.get(name) for name in names},
    )
