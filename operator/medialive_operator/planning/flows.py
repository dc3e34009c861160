"""The planner of StreamConnect flows: desired + observed + journal + policy → Plan.

Called by the passes over flows, and by anybody who wants to know what would happen. Pure: no I/O, no clock, no log.

The rules are those of `planning.channels`; what is different:

- A flow consists of links, and one call writes one of them. A source that is changed interrupts the flow, an output
  only its own receiver; an output that is added interrupts nobody. Several changed sources share one stop. The same
  counts as interrupting when it is not documented to be harmless (behaviour notes 10, 12.8).
- Reading a flow in full costs up to eleven calls. What was not read is taken to be as it was written last; a link that
  is to be changed must have been read, and a plan that misses it asks for that and for nothing else.
- A service that refuses to change a started flow gets stop, changes, start; then nothing is harmless any more.
- Links are independent of each other: one that cannot be written, or that the service refuses, does not keep the others
  from being written. Only a source that cannot be written keeps the flow from being started for the first time.
- What no call changes makes a new flow necessary, which is only made when the user allows it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from medialive_operator.contract.flow_units import ACTIVE, STANDBY, LinkKind
from medialive_operator.contract.operations import Operation
from medialive_operator.contract.sections import Disruption
from medialive_operator.planning.channels import Attempt
from medialive_operator.planning.comparing import JsonObject
from medialive_operator.planning.flow_links import (
    Difference,
    addition_step,
    change_step,
    difference,
    has_another_protocol,
    path_of,
    removal_step,
    together,
    written,
)
from medialive_operator.planning.flow_values import (
    DETAIL,
    STATE,
    DesiredFlow,
    FlowJournal,
    FlowPolicy,
    ObservedFlow,
    flow_journal_of,
    link_of,
    unit_of,
)
from medialive_operator.planning.merging import Change, redacted
from medialive_operator.planning.steps import Cause, Held, Hold, Plan, Step

_SECRETS = (Hold.SECRET_MISSING, Hold.SECRET_UNMANAGED)


@dataclass(frozen=True)
class _Facts:
    """All that is known, and what follows from it for the streams."""

    desired: DesiredFlow
    observed: ObservedFlow
    journal: FlowJournal
    policy: FlowPolicy

    @property
    def corrects(self) -> bool:
        """Drift is corrected at any price; where nothing is written, everything is told that would have to be."""
        return self.policy.correct_on_air or not self.policy.may_write

    @property
    def was_started(self) -> bool:
        """Whether it was us who let it run."""
        return self.journal.applied.get(STATE, {}).get("status") == ACTIVE

    @property
    def stops(self) -> bool:
        """Started, and to be stopped: the user wants it so, or wants drift corrected at any price."""
        wanted = self.observed.shows(ACTIVE) and not self.desired.running
        return wanted and (self.was_started or self.corrects)

    @property
    def resumes(self) -> bool:
        """Stopped though we let it run: our stop for changes was cut short, or somebody stopped it."""
        return self.observed.shows(STANDBY) and self.desired.running and self.was_started

    @property
    def protected(self) -> bool:
        """On air at the end as at the beginning: drift is not worth an interruption."""
        return (self.observed.on_air and not self.stops) or self.resumes

    def block(self, unit: str) -> JsonObject | None:
        """A link as the cloud shows it; None when that is not known, or when it is not there."""
        kind, name = link_of(unit)
        links = self.observed.sources if kind is LinkKind.SOURCE else self.observed.outputs
        return (links or {}).get(name)

    def present(self, kind: LinkKind) -> set[str]:
        """Names of the links that the flow has, as far as is known: what was written stands for what was not read."""
        links = self.observed.sources if kind is LinkKind.SOURCE else self.observed.outputs
        return self.journal.names(kind) if links is None else set(links)

    def stands(self, unit: str) -> bool:
        """Whether the link was written as it is wanted, and the cloud was seen to have taken it."""
        same_secret = self.desired.digests.get(unit) == self.journal.digests.get(unit)
        same_block = self.journal.applied.get(unit) == redacted(self.desired.blocks[unit])
        return same_block and same_secret and unit not in self.journal.attempts

    def is_new(self, unit: str) -> bool:
        """Whether the user has asked for something else than what was written last."""
        return bool(self.journal.applied) and self.journal.applied.get(unit) != redacted(self.desired.blocks[unit])


@dataclass
class _Findings:
    """What was found link by link."""

    steps: list[Step] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    settled: set[str] = field(default_factory=set)

    def take(self, unit: str, *found: Step | Held) -> None:
        """Note what was found in a unit; nothing means that it is as wanted."""
        self.steps += [each for each in found if isinstance(each, Step)]
        self.held += [each for each in found if isinstance(each, Held)]
        if not found:
            self.settled.add(unit)


def plan_flow(desired: DesiredFlow, observed: ObservedFlow | None, journal: FlowJournal, policy: FlowPolicy) -> Plan:
    """What to do so that the cloud shows what is wanted; an empty plan means it does.

    `observed` is the flow as far as it was read, or None when it does not exist. What a plan with `reads` asks for is
    to be read before planning again: `DETAIL` is the flow's own reading, a unit the reading of that output.
    """
    if observed is None:
        return _creation(desired, policy)
    facts = _Facts(desired, observed, journal, policy)
    if observed.in_transition:
        message = f"The service says that the flow is {observed.status}. Nothing is done until it says something else."
        return Plan(held=(Held(STATE, Hold.IN_TRANSITION, message),))
    reads = _missing_readings(facts)
    if reads:
        return Plan(reads=reads)
    misfits = _misfits(facts)
    if misfits:
        return _replacement_or_refusal(facts, misfits)
    found = _links(facts)
    plan = _in_order(facts, found)
    return plan if policy.may_write else _observed_only(plan)


def plan_replacement(
    desired: DesiredFlow,
    old: ObservedFlow,
    new: ObservedFlow | None,
    journal: FlowJournal,
    policy: FlowPolicy,
) -> Plan:
    """The next steps of giving a flow's place to a new one: make that and start it, then delete the old one.

    `new` is the new flow once there is one, `journal` what was written to it. The calls that delete name in their query
    which flow they mean: a new one that meanwhile does not fit either is deleted itself.
    """
    if new is None:
        plan = _creation(desired, policy)
        if plan.steps and policy.delete_first:
            plan = plan_flow_deletion(old, only_when_stopped=False)
        return replace(plan, replaces=True)
    plan = plan_flow(desired, new, journal, policy)
    if plan.replaces:
        plan = plan_flow_deletion(new, only_when_stopped=False)
    elif not (plan.steps or plan.held or plan.reads):
        plan = replace(plan_flow_deletion(old, only_when_stopped=False), settled=plan.settled)
    return replace(plan, replaces=True)


def plan_flow_deletion(observed: ObservedFlow, *, only_when_stopped: bool) -> Plan:
    """Stop, then delete; or hold it while the flow is started, if that is the policy."""
    query = {"flow_id": observed.flow_id}
    delete = Step(Operation.DELETE_FLOW, None, Cause.DELETE, Disruption.NONE, query=query)
    if not observed.on_air:
        return Plan((delete,))
    if observed.is_stopping:
        message = f"The service says that the flow is {observed.status}. It is deleted once it has stopped."
        return Plan(held=(Held(STATE, Hold.IN_TRANSITION, message),))
    if only_when_stopped:
        message = (
            f"The flow is {observed.status} and deletionPolicy is DeleteWhenStopped. Set spec.desiredState to Stopped "
            "to let the deletion go on, or spec.deletionPolicy to Delete (cut it) or Retain (leave it in the cloud)."
        )
        return Plan(held=(Held(STATE, Hold.ON_AIR, message),))
    return Plan((_stop(observed.flow_id, Cause.DELETE, Disruption.STOP), delete))


def journaled(step: Step, desired: DesiredFlow, journal: FlowJournal) -> dict[str, JsonObject | None]:
    """What the journal has to say of each unit once the step was taken: what is applied, or None: nothing any more.

    A unit that gets a block gets its digest too.
    """
    if step.operation is Operation.CREATE_FLOWS:
        return dict(flow_journal_of(desired, kinds=[LinkKind.SOURCE]).applied)
    if step.section == STATE:
        return {} if step.cause is Cause.RESTART else {STATE: {"status": step.awaits}}
    units = [part.section for part in step.each if part.section is not None]
    if step.operation is Operation.DELETE_FLOW_OUTPUT:
        return dict.fromkeys(units)
    return {unit: written(unit, desired, journal) for unit in units}


def settled(plan: Plan, desired: DesiredFlow) -> dict[str, JsonObject | None]:
    """What the journal has to say of each unit that is as wanted; its attempts are forgotten. None: there is no such
    unit any more."""
    blocks = {**flow_journal_of(desired).applied, STATE: {"status": desired.status}}
    return {unit: blocks.get(unit) for unit in plan.settled}


def _creation(desired: DesiredFlow, policy: FlowPolicy) -> Plan:
    """The call that makes the flow with its sources. Outputs are added to what then is there."""
    if not policy.may_write:
        message = "The flow does not exist in the cloud, and managementPolicy Observe never creates it."
        return Plan(held=(Held(None, Hold.OBSERVE_ONLY, message),))
    units = [unit_of(LinkKind.SOURCE, name) for name in desired.sources]
    held = [Held(u, Hold.SECRET_MISSING, desired.unreadable[u]) for u in units if u in desired.unreadable]
    if held:
        return Plan(held=tuple(held))
    body = {"name": desired.name, "region": desired.region, "sources": list(desired.sources.values())}
    return Plan((Step(Operation.CREATE_FLOWS, None, Cause.CREATE, Disruption.NONE, body=body),))


def _missing_readings(facts: _Facts) -> frozenset[str]:
    """What has to be read before it can be said what differs."""
    missing: set[str] = set()
    for unit in facts.desired.blocks:
        kind, name = link_of(unit)
        if facts.stands(unit) or facts.block(unit) is not None or unit in facts.desired.unreadable:
            continue
        if kind is LinkKind.SOURCE or facts.observed.outputs is None:
            missing.add(DETAIL)
        elif name in facts.observed.outputs:
            missing.add(unit)
    others = _surplus(facts, LinkKind.SOURCE) if facts.observed.sources is None else set()
    others |= _surplus(facts, LinkKind.OUTPUT) if facts.observed.outputs is None else set()
    return frozenset({DETAIL} if others else missing)


def _surplus(facts: _Facts, kind: LinkKind) -> set[str]:
    """Names of links that the flow has and the user does not want; where he wants nothing, he has said nothing."""
    if kind is LinkKind.SOURCE:
        return facts.present(kind) - set(facts.desired.sources) if facts.desired.sources else set()
    stated = "outputs" in facts.desired.stated
    surplus = facts.present(kind) - set(facts.desired.outputs)
    return surplus if stated else surplus & facts.journal.names(kind)


def _misfits(facts: _Facts) -> tuple[Change, ...]:
    """What no call changes: the flow in the cloud is another one than the user describes."""
    desired, observed = facts.desired, facts.observed
    changes = []
    if "name" in desired.stated and observed.name and observed.name != desired.name:
        changes.append(Change("name", observed.name, desired.name, by_spec=True))
    if "region" in desired.stated and observed.region and observed.region.casefold() != desired.region.casefold():
        changes.append(Change("flowRegion", observed.region, desired.region, by_spec=True))
    present = facts.present(LinkKind.SOURCE)
    for name, block in desired.sources.items():
        unit = unit_of(LinkKind.SOURCE, name)
        shown = facts.block(unit) or {}
        if name not in present:
            changes.append(Change(path_of(unit), "(absent)", "(present)", by_spec=True))
        elif has_another_protocol(block, shown):
            before, after = str(shown["protocol"]), str(block["protocol"])
            changes.append(Change(f"{path_of(unit)}.protocol", before, after, by_spec=True))
    gone = [unit_of(LinkKind.SOURCE, name) for name in sorted(_surplus(facts, LinkKind.SOURCE))]
    return (*changes, *(Change(path_of(unit), "(present)", "(removed)", by_spec=True) for unit in gone))


def _replacement_or_refusal(facts: _Facts, misfits: tuple[Change, ...]) -> Plan:
    told = "; ".join(map(str, misfits))
    if not facts.policy.may_write or not facts.policy.recreate:
        message = (
            f"No API call changes this: {told}. Undo the change, or set spec.recreatePolicy to Recreate to have the "
            "flow replaced by a new one; its addresses are new ones then."
        )
        return Plan(held=(Held(None, Hold.UNSUPPORTED, message, misfits),))
    plan = plan_replacement(facts.desired, facts.observed, None, FlowJournal(), facts.policy)
    return replace(plan, steps=tuple(replace(step, changes=misfits) for step in plan.steps))


def _links(facts: _Facts) -> _Findings:
    """What is to be done about each link."""
    found = _Findings()
    for unit in facts.desired.blocks:
        kind, name = link_of(unit)
        shown = facts.block(unit)
        if unit in facts.desired.unreadable:
            found.take(unit, _unreadable(facts, unit, shown))
        elif shown is not None:
            found.take(unit, *_known(facts, unit, shown))
        elif name not in facts.present(kind):
            found.take(unit, _addition(facts, unit))
    for name in sorted(_surplus(facts, LinkKind.OUTPUT)):
        unit = unit_of(LinkKind.OUTPUT, name)
        found.take(unit, _removal(facts, unit))
    for name in facts.journal.names(LinkKind.OUTPUT) - facts.present(LinkKind.OUTPUT) - set(facts.desired.outputs):
        found.take(unit_of(LinkKind.OUTPUT, name))
    return found


def _unreadable(facts: _Facts, unit: str, shown: JsonObject | None) -> Held:
    changes = difference(unit, facts.desired, shown, facts.journal).changes if shown is not None else ()
    return Held(unit, Hold.SECRET_MISSING, facts.desired.unreadable[unit], changes)


def _known(facts: _Facts, unit: str, shown: JsonObject) -> list[Step | Held]:
    """A link that was read: as it should be (nothing), to be changed or made anew, or different and left alone."""
    found = difference(unit, facts.desired, shown, facts.journal)
    if not found.all_changes:
        return []
    step = change_step(facts.observed.flow_id, found)
    if str(shown.get("output_status")).upper() == "DISABLED":
        step = replace(step, disruption=Disruption.NONE)
    hold = _reason_to_hold(facts, found, step)
    if hold is not None:
        return [Held(unit, hold[0], hold[1], found.all_changes)]
    if not has_another_protocol(facts.desired.blocks[unit], shown):
        return [step]
    by_spec = found.cause is not Cause.DRIFT
    change = Change(path_of(unit), "(present)", "(removed, to be made anew)", by_spec=by_spec)
    removal = removal_step(facts.observed.flow_id, unit, change)
    addition = addition_step(facts.observed.flow_id, unit, facts.desired, by_spec=by_spec)
    return [replace(removal, disruption=step.disruption), replace(addition, changes=found.all_changes)]


def _reason_to_hold(facts: _Facts, found: Difference, step: Step) -> tuple[Hold, str] | None:
    called = path_of(found.unit)
    if not facts.policy.may_write:
        unknown = f"Whether the cloud has the secret of {called} cannot be read from it."
        return (Hold.SECRET_UNCOMPARED, unknown) if found.only_unknown_secrets else None
    if found.unmanaged:
        return Hold.SECRET_UNMANAGED, (
            f"Writing {called} would lose a secret that the cloud has and the spec does not give "
            f"({', '.join(found.unmanaged)}). Put it into a Secret and refer to it in the spec."
        )
    if facts.journal.attempts.get(found.unit) == Attempt(found.fingerprint, accepted=True):
        return Hold.NOT_TAKEN, (
            f"The service accepted the last write of {called} and still shows something else, so it is not written "
            "again. Compare with the service's console, and change the spec to what it shows or to another value."
        )
    if found.cause is not Cause.DRIFT or _may_correct(facts, step):
        return None
    if found.only_unknown_secrets:
        return Hold.SECRET_UNCOMPARED, (
            f"Whether the cloud has the secret of {called} is not known, and writing it interrupts a stream. Stop the "
            "flow, or set spec.driftPolicy to Correct, to have it written."
        )
    return Hold.DRIFT, (
        f"{called} was changed in the cloud, and correcting it would interrupt a stream. Set spec.driftPolicy to "
        "Correct to have it corrected, or change the spec to what the cloud has."
    )


def _may_correct(facts: _Facts, step: Step) -> bool:
    """Whether drift is worth what it costs to correct it."""
    harmless = step.disruption is Disruption.NONE and not facts.policy.stop_for_edits
    return facts.corrects or not facts.protected or harmless


def _addition(facts: _Facts, unit: str) -> Step | Held:
    step = addition_step(facts.observed.flow_id, unit, facts.desired, by_spec=facts.is_new(unit))
    if step.cause is not Cause.DRIFT or _may_correct(facts, step):
        return step
    message = (
        f"{path_of(unit)} was deleted in the cloud, and the flow would have to be stopped to add it again. Set "
        "spec.driftPolicy to Correct to have that done, or remove the output from the spec."
    )
    return Held(unit, Hold.DRIFT, message, step.changes)


def _removal(facts: _Facts, unit: str) -> Step | Held:
    """An output that the user does not want: what we made goes, what others made only if that is the policy."""
    ours = unit in facts.journal.applied
    change = Change(path_of(unit), "(present)", "(removed)", by_spec=ours)
    if ours or facts.corrects:
        return removal_step(facts.observed.flow_id, unit, change)
    message = (
        f"{path_of(unit)} was added in the cloud. Put it into the spec to manage it, or set spec.driftPolicy to "
        "Correct to have it removed."
    )
    return Held(unit, Hold.DRIFT, message, (change,))


def _state(facts: _Facts, held: Iterable[Held]) -> Step | Held | None:
    """Start, stop, or leave it; a status that nobody has documented is not touched."""
    desired, observed = facts.desired, facts.observed
    if not observed.lasting:
        message = (
            f"The service says that the flow is {observed.status!r}, which is neither {ACTIVE} nor {STANDBY}. It is "
            "neither started nor stopped; look at it in the service's console."
        )
        return Held(STATE, Hold.UNKNOWN_STATUS, message)
    if observed.on_air == desired.running:
        return None
    if desired.running:
        return _start_if_fit(facts, held)
    change = Change("desiredState", "Running", "Stopped", by_spec=facts.was_started)
    if facts.stops:
        cause = Cause.SPEC if facts.was_started else Cause.DRIFT
        return replace(_stop(observed.flow_id, cause, Disruption.STOP), changes=(change,))
    message = (
        "The flow was started outside this object, and stopping it would cut its streams. Set spec.driftPolicy to "
        "Correct to have it stopped, or spec.desiredState to Running to keep it."
    )
    return Held(STATE, Hold.DRIFT, message, (change,))


def _start_if_fit(facts: _Facts, held: Iterable[Held]) -> Step | Held:
    changes = (Change("desiredState", "Stopped", "Running", by_spec=not facts.resumes),)
    if facts.resumes:
        return replace(_start(facts.observed.flow_id, Cause.RESUME), changes=changes, always=True)
    waits = [
        each
        for each in held
        if each.hold in _SECRETS and each.changes and str(each.section).startswith(f"{LinkKind.SOURCE}/")
    ]
    if not waits:
        return replace(_start(facts.observed.flow_id, Cause.SPEC), changes=changes)
    called = " and ".join(path_of(str(each.section)) for each in waits)
    message = f"The flow is not started while {called} cannot be written and the cloud has something else there."
    return Held(STATE, waits[0].hold, message, changes)


def _in_order(facts: _Facts, found: _Findings) -> Plan:
    """The calls in the order in which they interrupt least, and what has to wait."""
    state = _state(facts, found.held)
    start_or_stop = [state] if isinstance(state, Step) else []
    held = [*found.held, *([state] if isinstance(state, Held) else [])]
    now, later, waiting = _in_turn(facts, found.steps)
    now = _ranked(now)
    off_air = facts.stops or not facts.observed.on_air
    if off_air:
        now = _undisturbed(now)
        steps = [*start_or_stop, *now] if facts.stops else [*now, *start_or_stop]
    elif not _needs_a_stop(facts, now):
        steps = [*now, *start_or_stop]
    elif not facts.observed.lasting:
        waiting = [*waiting, *(Held(step.section, Hold.UNKNOWN_STATUS, _NOT_STOPPED, step.changes) for step in now)]
        steps = []
    else:
        stop = _stop(facts.observed.flow_id, Cause.RESTART, Disruption.RESTART)
        start = replace(_start(facts.observed.flow_id, Cause.RESTART), always=True)
        steps = [stop, *_undisturbed(now), start]
    units = {*found.settled, *([STATE] if state is None else [])}
    return Plan((*steps, *later), (*held, *waiting), frozenset(units))


_NOT_STOPPED = "Changing this needs the flow to be stopped, and a flow of unknown status is not stopped."


def _in_turn(facts: _Facts, steps: list[Step]) -> tuple[list[Step], list[Step], list[Held]]:
    """The changes to be made now, those to be tried behind everything else, and those that have to wait.

    What the service refused before is tried again, but not at the price of an interruption that may be for nothing,
    and not in the way of others: an output is tried last and alone, a source when no other source is to be changed.
    """
    refused = [step for step in steps if facts.journal.attempts.get(str(step.section)) == _refusal(step)]
    runs = facts.desired.running and (facts.observed.on_air or not facts.policy.stop_for_edits)
    if not refused or not (facts.protected or runs):
        return steps, [], []
    fresh = [step for step in steps if step not in refused]
    sources = [step for step in refused if step.operation is Operation.MODIFY_FLOW_SOURCES]
    outputs = [step for step in refused if step.operation is not Operation.MODIFY_FLOW_SOURCES]
    if facts.policy.stop_for_edits and facts.protected:
        message = "The service refused this before; it is not tried again at the price of stopping the flow."
        return fresh, [], [Held(step.section, Hold.REFUSED, message, step.changes) for step in refused]
    if not facts.observed.on_air:
        return [*fresh, *sources], _ranked(outputs, apart=True), []
    changed = [step for step in fresh if step.operation is Operation.MODIFY_FLOW_SOURCES]
    first, others = (sources[:0], sources) if changed else (sources[:1], sources[1:])
    message = "The service refused this before; it is tried again when no other source is to be changed."
    waiting = [Held(step.section, Hold.REFUSED, message, step.changes) for step in others]
    return [*fresh, *first], _ranked(outputs, apart=True), waiting
