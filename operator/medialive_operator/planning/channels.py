"""The planner of OTT channels: desired + observed + journal + policy → Plan. The heart of the product.

Called by the reconcile pass, and by anybody who wants to know what would happen. Pure: no I/O, no clock, no log.

The rules, each a function below:
a spec change is written; drift is corrected when that is harmless and reported when it would cut a channel on air;
a block is written whole, with its secrets or not at all; several restarting writes share one interruption;
going on air is always last.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from medialive_operator.contract.operations import Operation
from medialive_operator.contract.sections import IMMUTABLE_FIELDS, SECTIONS, Disruption, Section
from medialive_operator.planning.merging import (
    ABSENT,
    Change,
    Json,
    JsonObject,
    Merged,
    holds_secret,
    merge,
    redacted,
)
from medialive_operator.planning.steps import Cause, Held, Hold, Plan, Step

WRITTEN_IN_ORDER = tuple(section for section in SECTIONS if section is not Section.STATE)


@dataclass(frozen=True)
class DesiredChannel:
    """What the user wants, in wire JSON. Secrets are `SecretStr` leaves.

    `blocks` has an entry for each section (maybe empty); `fixed` holds what only a creation can carry (mode, region).
    `digests`: section → digest of all its secrets. `unreadable`: section → which secret cannot be read, and why.
    """

    key: Mapping[str, str]
    running: bool
    blocks: Mapping[Section, JsonObject] = field(repr=False)
    fixed: JsonObject = field(default_factory=dict)
    digests: Mapping[Section, str] = field(default_factory=dict)
    unreadable: Mapping[Section, str] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """The state in the service's words."""
        return "ON" if self.running else "OFF"


@dataclass(frozen=True)
class Journal:
    """What we applied last: section → block with its secrets redacted, and section → digest of its secrets."""

    applied: Mapping[Section, JsonObject] = field(default_factory=dict)
    digests: Mapping[Section, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    """What the user allows. `correct_on_air`: drift may be corrected at the price of an interruption."""

    may_write: bool = True
    correct_on_air: bool = False


@dataclass(frozen=True)
class _Facts:
    desired: DesiredChannel
    observed: JsonObject
    journal: Journal
    policy: Policy

    @property
    def on_air(self) -> bool:
        return str(self.observed.get("state", "")).upper() == "ON"


def journal_of(desired: DesiredChannel) -> Journal:
    """The journal of a channel to which everything that is wanted has been applied."""
    applied = {section: redacted(block) for section, block in desired.blocks.items()}
    applied[Section.STATE] = {"state": desired.state}
    return Journal(applied, dict(desired.digests))


def plan_channel(desired: DesiredChannel, observed: JsonObject | None, journal: Journal, policy: Policy) -> Plan:
    """What to do so that the cloud shows what is wanted; an empty plan means it does.

    `observed` is the channel as the service shows it, or None when it does not exist.
    """
    if observed is None:
        return _creation(desired, policy)
    facts = _Facts(desired, observed, journal, policy)
    refused = _unsupported(facts)
    if refused:
        return Plan(held=(refused,))
    writes, held, settled = _sections(facts)
    state = _state(facts)
    if isinstance(state, Held):
        held.append(state)
    elif state is None:
        settled.add(Section.STATE)
    steps = _in_order(facts, writes, state if isinstance(state, Step) else None)
    plan = Plan(tuple(steps), tuple(held), frozenset(settled))
    return plan if policy.may_write else _observed_only(plan)


def plan_deletion(key: Mapping[str, str], observed: JsonObject, *, only_when_stopped: bool) -> Plan:
    """Stop, then delete; or hold it while the channel is on air, if that is the policy."""
    steps = [Step(Operation.DELETE_OTT_CHANNEL_INFO, None, Cause.DELETE, Disruption.NONE, body=dict(key))]
    if str(observed.get("state", "")).upper() != "ON":
        return Plan(tuple(steps))
    if only_when_stopped:
        message = (
            "The channel is on air and deletionPolicy is DeleteWhenStopped. Set spec.desiredState to Stopped to let "
            "the deletion go on, or spec.deletionPolicy to Delete (cut it) or Retain (leave it in the cloud)."
        )
        return Plan(held=(Held(Section.STATE, Hold.ON_AIR, message),))
    return Plan((_state_step(key, "OFF", Cause.DELETE, Disruption.STOP), *steps))


def _creation(desired: DesiredChannel, policy: Policy) -> Plan:
    if not policy.may_write:
        message = "The channel does not exist in the cloud, and managementPolicy Observe never creates it."
        return Plan(held=(Held(None, Hold.OBSERVE_ONLY, message),))
    if desired.unreadable:
        return Plan(held=tuple(Held(s, Hold.SECRET_MISSING, why) for s, why in desired.unreadable.items()))
    body: JsonObject = {**desired.key, **desired.fixed, "state": desired.state}
    for section in WRITTEN_IN_ORDER:
        body.update(desired.blocks.get(section, {}))
    step = Step(Operation.CREATE_OTT_CHANNEL_INFO, None, Cause.CREATE, Disruption.NONE, body=body)
    return Plan((step,))


def _unsupported(facts: _Facts) -> Held | None:
    """Fields that no call changes: the channel in the cloud is another one than the user describes."""
    wanted = {**facts.desired.fixed, **facts.desired.blocks.get(Section.INPUT, {})}
    changes: list[Change] = []
    for path in IMMUTABLE_FIELDS:
        want, have = _at(wanted, path), _at(facts.observed, path)
        if want is not ABSENT and have is not ABSENT:
            changes += merge(path.split(".")[-1], ABSENT, want, have).changes
    if not changes:
        return None
    told = "; ".join(map(str, changes))
    message = f"No API call changes this: {told}. Create a new channel (another object) with these values instead."
    return Held(None, Hold.UNSUPPORTED, message, tuple(changes))


def _sections(facts: _Facts) -> tuple[list[Step], list[Held], set[Section]]:
    writes: list[Step] = []
    held: list[Held] = []
    settled: set[Section] = set()
    for section in WRITTEN_IN_ORDER:
        match _section(facts, section):
            case Step() as step:
                writes.append(step)
            case Held() as hold:
                held.append(hold)
            case None:
                settled.add(section)
    return writes, held, settled


def _section(facts: _Facts, section: Section) -> Step | Held | None:
    """One section: as it should be (None), to be written (Step), or different and left alone (Held)."""
    blocks = {name: _merged(facts, section, name) for name in SECTIONS[section].fields}
    changes = tuple(change for block in blocks.values() for change in block.changes)
    secret = _secret_cause(facts, section, blocks.values())
    if not changes and secret is None:
        return None
    cause = _cause(facts, section, secret, changes)
    hold = _reason_to_hold(facts, section, cause, blocks.values())
    shown = changes or (Change(f"{section}.(secrets)", "(secret)", "(another secret)"),)
    if hold is not None:
        return Held(section, hold[0], hold[1], shown)
    body = {**facts.desired.key, **_body(section, blocks)}
    return Step(SECTIONS[section].operation, section, cause, SECTIONS[section].disruption, shown, body)


def _merged(facts: _Facts, section: Section, name: str) -> Merged:
    last = facts.journal.applied.get(section, {}).get(name, ABSENT)
    desired = facts.desired.blocks.get(section, {}).get(name, ABSENT)
    return merge(name, last, desired, facts.observed.get(name, ABSENT))


def _body(section: Section, blocks: Mapping[str, Merged]) -> JsonObject:
    """The members the PUT carries. A list that was taken away is sent empty; a name is left out (notes 6.2)."""
    body = {name: block.value for name, block in blocks.items() if block.value is not ABSENT}
    if section in (Section.ENCODER_SETTINGS, Section.ENDPOINTS) and not body:
        return {name: [] for name in blocks}
    return body


def _secret_cause(facts: _Facts, section: Section, blocks: Iterable[Merged]) -> Cause | None:
    """Whether the section's secrets are others than those written last.

    Digests tell; a reading can only confirm (when it echoes in clear what is wanted), never deny.
    """
    wanted, written = facts.desired.digests.get(section), facts.journal.digests.get(section)
    if section in facts.desired.unreadable or wanted == written:
        return None
    if wanted is not None and not any(block.unconfirmed_secrets for block in blocks):
        return None
    return Cause.SECRET if written is not None else Cause.DRIFT


def _cause(facts: _Facts, section: Section, secret: Cause | None, changes: tuple[Change, ...]) -> Cause:
    if facts.journal.applied.get(section) != redacted(facts.desired.blocks.get(section, {})):
        return Cause.SPEC
    if secret is Cause.SECRET:
        return Cause.SECRET
    return Cause.DRIFT


def _reason_to_hold(facts: _Facts, section: Section, cause: Cause, blocks: Iterable[Merged]) -> tuple[Hold, str] | None:
    if section in facts.desired.unreadable:
        return Hold.SECRET_MISSING, facts.desired.unreadable[section]
    unmanaged = [path for block in blocks for path in block.unmanaged_secrets]
    if unmanaged:
        return Hold.SECRET_UNMANAGED, (
            f"Writing {section} would lose a secret that the cloud has and the spec does not give "
            f"({', '.join(unmanaged)}). Put it into a Secret and refer to it in the spec."
        )
    if cause is not Cause.DRIFT or not facts.on_air or facts.policy.correct_on_air:
        return None
    if section in facts.desired.digests and section not in facts.journal.digests:
        return Hold.SECRET_UNCOMPARED, (
            f"Whether the cloud has the secrets of {section} is not known, and writing them restarts a channel on "
            "air. Stop the channel, or set spec.driftPolicy to Correct, to have them written."
        )
    return Hold.DRIFT, (
        f"{section} was changed in the cloud, and correcting it restarts a channel on air. Set spec.driftPolicy to "
        "Correct to have it corrected, or change the spec to what the cloud has."
    )


def _state(facts: _Facts) -> Step | Held | None:
    """Start, stop, or leave it. Starting cuts nothing; stopping what somebody started by hand would."""
    desired = facts.desired
    if facts.on_air == desired.running:
        return None
    wanted_before = facts.journal.applied.get(Section.STATE) == {"state": desired.state}
    cause = Cause.DRIFT if wanted_before else Cause.SPEC
    change = Change(
        "desiredState", "Running" if facts.on_air else "Stopped", "Running" if desired.running else "Stopped"
    )
    if desired.running:
        step = _state_step(desired.key, "ON", cause, Disruption.NONE, (change,))
        return replace(step, always=wanted_before)
    if wanted_before and not facts.policy.correct_on_air:
        message = (
            "The channel was started outside this object, and stopping it would cut a channel on air. Set "
            "spec.driftPolicy to Correct to have it stopped, or spec.desiredState to Running to keep it."
        )
        return Held(Section.STATE, Hold.DRIFT, message, (change,))
    return _state_step(desired.key, "OFF", cause, Disruption.STOP, (change,))


def _in_order(facts: _Facts, writes: list[Step], state: Step | None) -> list[Step]:
    """One interruption per change set: off before several restarting writes, on again at the end."""
    stops = state is not None and state.disruption is Disruption.STOP
    if not facts.on_air:
        return [*_undisturbed(writes), *([state] if state else [])]
    if stops and state is not None:
        return [state, *_undisturbed(writes)]
    restarting = [step for step in writes if step.disruption is Disruption.RESTART]
    if len(restarting) <= 1:
        return writes
    off = _state_step(facts.desired.key, "OFF", Cause.RESTART, Disruption.RESTART)
    on = replace(_state_step(facts.desired.key, "ON", Cause.RESTART, Disruption.NONE), always=True)
    return [off, *_undisturbed(writes), on]


def _undisturbed(writes: list[Step]) -> list[Step]:
    """The same writes while the channel is off the air: they interrupt nothing."""
    return [replace(step, disruption=Disruption.NONE) for step in writes]


def _state_step(
    key: Mapping[str, str], state: str, cause: Cause, disruption: Disruption, changes: tuple[Change, ...] = ()
) -> Step:
    operation = SECTIONS[Section.STATE].operation
    return Step(operation, Section.STATE, cause, disruption, changes, {**key, "state": state})


def _observed_only(plan: Plan) -> Plan:
    """The same findings when nothing may be written."""
    found = tuple(
        Held(step.section, Hold.OBSERVE_ONLY, f"{step.section} differs; managementPolicy Observe only reports it.",
             step.changes)
        for step in plan.steps
        if step.cause is not Cause.RESTART
    )  # fmt: skip
    return Plan(held=plan.held + found, settled=plan.settled)


def _at(block: Mapping[str, Json], path: str) -> Json:
    value: Json = block
    for name in path.split("."):
        value = value.get(name, ABSENT) if isinstance(value, Mapping) else ABSENT
    return ABSENT if value is None else value


def holds_secrets(step: Step) -> bool:
    """Whether the step sends secrets: then only the journal can tell that it was taken."""
    return holds_secret(step.body)
