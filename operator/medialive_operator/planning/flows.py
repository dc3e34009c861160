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

from dataclasses import dataclass, field, replace

from medialive_operator.contract.flow_units import ACTIVE, STANDBY, LinkKind
from medialive_operator.contract.operations import Operation
from medialive_operator.contract.sections import Disruption
from medialive_operator.planning.channels import Attempt
from medialive_operator.planning.comparing import JsonObject
from medialive_operator.planning.flow_facts import Facts
from medialive_operator.planning.flow_journal import FlowJournal
from medialive_operator.planning.flow_links import (
    Difference,
    addition_step,
    change_step,
    difference,
    has_another_protocol,
    path_of,
    removal_step,
)
from medialive_operator.planning.flow_ordering import in_order, start_step, stop_step
from medialive_operator.planning.flow_values import (
    DETAIL,
    STATE,
    DesiredFlow,
    FlowPolicy,
    ObservedFlow,
    link_of,
    unit_of,
)
from medialive_operator.planning.merging import Change
from medialive_operator.planning.steps import Cause, Held, Hold, Plan, Step


@dataclass
class _Findings:
    """What was found so far."""

    steps: list[Step] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    settled: set[str] = field(default_factory=set)

    def add(self, unit: str, *found: Step | Held) -> None:
        """Note what was found in a unit; nothing means that it is as wanted."""
        self.steps += [each for each in found if isinstance(each, Step)]
        self.held += [each for each in found if isinstance(each, Held)]
        if not found:
            self.settled.add(unit)


def plan_flow(desired: DesiredFlow, observed: ObservedFlow | None, journal: FlowJournal, policy: FlowPolicy) -> Plan:
    """What to do so that the cloud shows what is wanted; an empty plan means it does.

    `observed` is the flow as far as it was read, or None when it does not exist. What a plan with `reads` asks for is
    to be read before planning again: `DETAIL` is the reading of the flow itself, a unit the reading of that output. A
    plan that `replaces` has nothing else in it: `plan_flow_replacement` says how.
    """
    if observed is None:
        return plan_flow_creation(desired, policy)
    facts = Facts(desired, observed, journal, policy)
    if observed.in_transition:
        message = f"The service says that the flow is {observed.status}. Nothing is done until it says something else."
        return Plan(held=(Held(STATE, Hold.IN_TRANSITION, message),))
    reads = _missing_readings(facts)
    if reads:
        return Plan(reads=reads)
    changes = _misfits(facts)
    if changes:
        return _unsupported(facts, changes)
    plan = _compared(facts)
    return plan if policy.may_write else _observed_only(plan)


def plan_flow_creation(desired: DesiredFlow, policy: FlowPolicy) -> Plan:
    """The call that makes the flow with its sources. Outputs are added to what then is there."""
    if not policy.may_write:
        message = "The flow does not exist in the cloud, and managementPolicy Observe never creates it."
        return Plan(held=(Held(None, Hold.OBSERVE_ONLY, message),))
    units = [unit_of(LinkKind.SOURCE, name) for name in desired.sources]
    why = {unit: desired.unreadable[unit] for unit in units if unit in desired.unreadable}
    if why:
        return Plan(held=tuple(Held(unit, Hold.SECRET_MISSING, reason) for unit, reason in why.items()))
    body = {"name": desired.name, "region": desired.region, "sources": list(desired.sources.values())}
    return Plan((Step(Operation.CREATE_FLOWS, None, Cause.CREATE, Disruption.NONE, body=body),))


def plan_flow_replacement(desired: DesiredFlow, old: ObservedFlow, policy: FlowPolicy) -> Plan:
    """The first step of giving the flow's place to a new one: the call that makes that.

    It then is planned as any flow; the old one is deleted when nothing is left to do for the new one. With
    `policy.delete_first` the old one is deleted at once, unless it is known already that no new one can be made.
    """
    plan = plan_flow_creation(desired, policy)
    if plan.steps and policy.delete_first:
        plan = plan_flow_deletion(old, only_when_stopped=False)
    changes = _misfits(Facts(desired, old, FlowJournal(), policy))
    return replace(plan, steps=tuple(replace(step, changes=changes) for step in plan.steps), replaces=True)


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
    return Plan((stop_step(observed.flow_id, Cause.DELETE), delete))


def _misfits(facts: Facts) -> tuple[Change, ...]:
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
    gone = [unit_of(LinkKind.SOURCE, name) for name in sorted(facts.surplus(LinkKind.SOURCE))]
    return (*changes, *(Change(path_of(unit), "(present)", "(removed)", by_spec=True) for unit in gone))


def _unsupported(facts: Facts, changes: tuple[Change, ...]) -> Plan:
    if facts.policy.may_write and facts.policy.recreate:
        return Plan(replaces=True)
    told = "; ".join(map(str, changes))
    message = (
        f"No API call changes this: {told}. Undo the change, or set spec.recreatePolicy to Recreate to have the flow "
        "replaced by a new one, which has other addresses."
    )
    return Plan(held=(Held(None, Hold.UNSUPPORTED, message, changes),))


def _missing_readings(facts: Facts) -> frozenset[str]:
    """What has to be read before it can be said what differs."""
    missing: set[str] = set()
    for unit in facts.desired.blocks:
        kind, name = link_of(unit)
        if facts.stands(unit) or facts.block(unit) is not None or unit in facts.desired.unreadable:
            continue
        links = facts.observed.sources if kind is LinkKind.SOURCE else facts.observed.outputs
        if links is None or (kind is LinkKind.SOURCE and name in links):
            missing.add(DETAIL)
        elif name in links:
            missing.add(unit)
    unread = {LinkKind.SOURCE: facts.observed.sources is None, LinkKind.OUTPUT: facts.observed.outputs is None}
    if any(facts.surplus(kind) for kind in LinkKind if unread[kind]):
        missing.add(DETAIL)
    return frozenset(missing)


def _compared(facts: Facts) -> Plan:
    """What is to be done about each link and about the state."""
    found = _Findings()
    for unit in facts.desired.blocks:
        _look_at(facts, unit, found)
    for name in sorted(facts.surplus(LinkKind.OUTPUT)):
        unit = unit_of(LinkKind.OUTPUT, name)
        found.add(unit, _removal(facts, unit))
    gone = facts.journal.tried(LinkKind.OUTPUT) - facts.present(LinkKind.OUTPUT) - set(facts.desired.outputs)
    found.settled |= {unit_of(LinkKind.OUTPUT, name) for name in gone}
    state = _state(facts, found.held)
    if state is None:
        found.settled.add(STATE)
    if isinstance(state, Held):
        found.held.append(state)
    steps, waiting = in_order(facts, found.steps, state if isinstance(state, Step) else None)
    return Plan(steps, (*found.held, *waiting), frozenset(found.settled))


def _look_at(facts: Facts, unit: str, found: _Findings) -> None:
    """One link that is wanted. One that was not read, and need not be, is neither written nor settled."""
    kind, name = link_of(unit)
    shown = facts.block(unit)
    if unit in facts.desired.unreadable:
        changes = difference(unit, facts.desired, shown, facts.journal).changes if shown is not None else ()
        found.add(unit, Held(unit, Hold.SECRET_MISSING, facts.desired.unreadable[unit], changes))
    elif shown is not None:
        found.add(unit, *_known(facts, unit, shown))
    elif name not in facts.present(kind):
        found.add(unit, _addition(facts, unit))


def _known(facts: Facts, unit: str, shown: JsonObject) -> list[Step] | list[Held]:
    """A link that was read: as it should be (nothing), to be changed or made anew, or different and left alone."""
    found = difference(unit, facts.desired, shown, facts.journal)
    if not found.all_changes:
        return []
    step = change_step(facts.observed.flow_id, found)
    if str(shown.get("output_status")).upper() == "DISABLED":
        step = replace(step, disruption=Disruption.NONE)  # nobody receives anything from it
    hold = _reason_to_hold(facts, found, step)
    if hold is not None:
        return [Held(unit, hold[0], hold[1], found.all_changes)]
    if has_another_protocol(facts.desired.blocks[unit], shown):
        return _made_anew(facts, step)
    return [step]


def _made_anew(facts: Facts, change: Step) -> list[Step]:
    """An output that no call changes: deleted and added instead, for the same reason and at the same price."""
    unit, by_spec = str(change.section), change.cause is not Cause.DRIFT
    removed = Change(path_of(unit), "(present)", "(removed to be made anew)", by_spec=by_spec)
    removal = removal_step(facts.observed.flow_id, unit, removed)
    addition = addition_step(facts.observed.flow_id, unit, facts.desired, by_spec=by_spec)
    return [replace(removal, disruption=change.disruption), replace(addition, changes=change.changes)]


def _reason_to_hold(facts: Facts, found: Difference, step: Step) -> tuple[Hold, str] | None:
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
    if facts.may_take(step):
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


def _addition(facts: Facts, unit: str) -> Step | Held:
    by_spec = bool(facts.journal.applied) and facts.differs(unit)
    step = addition_step(facts.observed.flow_id, unit, facts.desired, by_spec=by_spec)
    if facts.may_take(step):
        return step
    message = (
        f"{path_of(unit)} was deleted in the cloud, and the flow would have to be stopped to add it again. Set "
        "spec.driftPolicy to Correct to have that done, or remove the output from the spec."
    )
    return Held(unit, Hold.DRIFT, message, step.changes)


def _removal(facts: Facts, unit: str) -> Step | Held:
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


def _state(facts: Facts, held: list[Held]) -> Step | Held | None:
    """Start, stop, or leave it. A flow whose status nobody has documented is left alone."""
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
        return _start(facts, held)
    change = Change("desiredState", "Running", "Stopped", by_spec=facts.was_started)
    if facts.stops:
        cause = Cause.SPEC if facts.was_started else Cause.DRIFT
        return replace(stop_step(observed.flow_id, cause), changes=(change,))
    message = (
        "The flow was started outside this object, and stopping it would cut its streams. Set spec.driftPolicy to "
        "Correct to have it stopped, or spec.desiredState to Running to keep it."
    )
    return Held(STATE, Hold.DRIFT, message, (change,))


def _start(facts: Facts, held: list[Held]) -> Step | Held:
    """Started; but not for the first time with a source that is known to be another than the wanted one."""
    changes = (Change("desiredState", "Stopped", "Running", by_spec=not facts.resumes),)
    if facts.resumes:
        return replace(start_step(facts.observed.flow_id, Cause.RESUME), changes=changes, always=True)
    secrets = [each for each in held if each.hold in (Hold.SECRET_MISSING, Hold.SECRET_UNMANAGED) and each.changes]
    waits = [each for each in secrets if str(each.section).startswith(f"{LinkKind.SOURCE}/")]
    if not waits:
        return replace(start_step(facts.observed.flow_id, Cause.SPEC), changes=changes)
    called = " and ".join(path_of(str(each.section)) for each in waits)
    message = f"The flow is not started while {called} cannot be written and the cloud has something else there."
    return Held(STATE, waits[0].hold, message, changes)


def _observed_only(plan: Plan) -> Plan:
    """The same findings when nothing may be written."""
    found = []
    for step in plan.steps:
        if step.cause is Cause.RESTART:
            continue
        for part in step.each:
            called = "desiredState" if part.section == STATE else path_of(str(part.section))
            message = f"{called} differs; managementPolicy Observe only reports it."
            found.append(Held(part.section, Hold.OBSERVE_ONLY, message, part.changes))
    return Plan(held=(*plan.held, *found), settled=plan.settled)
