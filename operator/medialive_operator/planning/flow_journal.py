"""What is known of our own writes to a flow, and what a step adds to that.

Kept in the status by the passes over flows, read by the planner. Pure.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from medialive_operator.contract.flow_units import NEVER_FILLED, LinkKind
from medialive_operator.contract.operations import Operation
from medialive_operator.planning.channels import Attempt
from medialive_operator.planning.comparing import JsonObject
from medialive_operator.planning.flow_values import STATE, DesiredFlow, link_of
from medialive_operator.planning.merging import redacted
from medialive_operator.planning.steps import Cause, Plan, Step


@dataclass(frozen=True)
class FlowJournal:
    """What is known of our own writes.

    `applied`: unit → block that was applied last, secrets redacted, `{"status": ...}` for the state; a flow that was
    taken over has all but the state. `digests`: unit → digest of its secrets. `attempts`: unit → its last write; an
    entry goes when the unit is settled.
    """

    applied: Mapping[str, JsonObject] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    attempts: Mapping[str, Attempt] = field(default_factory=dict)

    def names(self, kind: LinkKind) -> set[str]:
        """Names of the sources or outputs that we wrote."""
        return _names(kind, self.applied)

    def tried(self, kind: LinkKind) -> set[str]:
        """Names of the sources or outputs that we wrote, or tried to write or remove."""
        return _names(kind, {**self.applied, **self.attempts})


def flow_journal_of(desired: DesiredFlow, *, kinds: Collection[LinkKind] = tuple(LinkKind)) -> FlowJournal:
    """The journal of a flow whose links of these kinds are as wanted; it does not speak of the state."""
    units = {unit: block for unit, block in desired.blocks.items() if link_of(unit)[0] in kinds}
    applied = {unit: redacted(block) for unit, block in units.items()}
    return FlowJournal(applied, {unit: made for unit, made in desired.digests.items() if unit in units})


def taken(step: Step, desired: DesiredFlow, journal: FlowJournal) -> dict[str, JsonObject | None]:
    """Unit → what the journal has to keep of it once the step was taken; None: the unit is no more.

    With a block goes the digest of what is wanted now.
    """
    if step.operation is Operation.CREATE_FLOWS:
        return dict(flow_journal_of(desired, kinds=[LinkKind.SOURCE]).applied)
    if step.section == STATE:
        return {} if step.cause is Cause.RESTART else {STATE: {"status": step.awaits}}
    units = [part.section for part in step.each if part.section is not None]
    if step.operation is Operation.DELETE_FLOW_OUTPUT:
        return dict.fromkeys(units)
    return {unit: _written(desired.blocks[unit], journal.applied.get(unit, {})) for unit in units}


def settled(plan: Plan, desired: DesiredFlow) -> dict[str, JsonObject | None]:
    """Unit → what the journal has to keep of it, for all units that are as wanted; their attempts are forgotten."""
    blocks = {**flow_journal_of(desired).applied, STATE: {"status": desired.status}}
    return {unit: blocks.get(unit) for unit in plan.settled}


def _names(kind: LinkKind, units: Collection[str]) -> set[str]:
    return {unit.partition("/")[2] for unit in units if unit.startswith(f"{kind}/")}


def _written(block: JsonObject, last: JsonObject) -> JsonObject:
    """The block that was sent; and until the cloud is seen to have taken it, what was taken away by leaving it out.

    Else nobody would notice that it is still there.
    """
    sent: JsonObject = redacted(block)
    return {**{name: value for name, value in last.items() if name in NEVER_FILLED}, **sent}
