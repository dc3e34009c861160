"""The planner of OTT channels: desired + observed + journal + policy → Plan. The heart of the product.

Called by the reconcile pass, and by anybody who wants to know what would happen. Pure: no I/O, no clock, no log.

The rules, each a function below or in `planning.ordering`:

- A change of the spec or of a Secret is written. Drift (the cloud changed, the spec did not) is corrected where that
  cuts nothing, and reported where it would cut a channel on air, unless the policy is to correct it.
- Drift that is reported is left alone also by a plan that interrupts the channel for another reason, though correcting
  it would then cost nothing: somebody may have moved the channel to another source in the console while the wanted
  one was down, and a change of the display name must not put it back. A channel that is off air only until the end of
  a restart counts as on air for the same reason, so that a plan resumed after a crash does what it would have done.
  A section is written whole, however: a change of the spec in a section takes the drift of that section with it.
- A block is written whole, with its secrets or not at all.
- Several restarting writes share one interruption; going on air is always last.
- What the service accepted and does not show is not written again and again; what it refused never takes a channel
  off air a second time.
- Nothing is cut because something is not known: without a record of what was applied every difference is drift, and
  a channel that does not say that it is OFF counts as on air.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from medialive_operator.contract.operations import Operation
from medialive_operator.contract.sections import IMMUTABLE_FIELDS, SECTIONS, Disruption, Section
from medialive_operator.planning.comparing import ABSENT, Json, JsonObject, given, same, stated
from medialive_operator.planning.merging import REDACTED, Change, Merged, merge, redacted, spelled
from medialive_operator.planning.ordering import in_order, state_step
from medialive_operator.planning.steps import Cause, Held, Hold, Plan, Step, fingerprint

WRITTEN_IN_ORDER: tuple[Section, ...] = tuple(section for section in SECTIONS if section is not Section.STATE)


@dataclass(frozen=True)
class DesiredChannel:
    """What the user wants, in wire JSON. Secrets are `SecretStr` leaves, unreadable ones `UNREADABLE`.

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
class Attempt:
    """The last write of a section: what it was to change (`Step.fingerprint`), and whether the service accepted it."""

    fingerprint: str
    accepted: bool


@dataclass(frozen=True)
class Journal:
    """What is known of our own writes.

    `applied`: section → block that was applied last, secrets redacted; a channel that was taken over has all but the
    state, for its differences are drift and it was not us who started it. `digests`: section → digest of its secrets.
    `attempts`: section → its last write; an entry goes when the section is settled.
    """

    applied: Mapping[Section, JsonObject] = field(default_factory=dict)
    digests: Mapping[Section, str] = field(default_factory=dict)
    attempts: Mapping[Section, Attempt] = field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    """What the user allows. `correct_on_air`: drift may be corrected at the price of an interruption."""

    may_write: bool = True
    correct_on_air: bool = False


@dataclass(frozen=True)
class _Facts:
    """All that is known, and what follows from it for the air. The reading may echo secrets: it is not shown."""

    desired: DesiredChannel
    observed: JsonObject = field(repr=False)
    journal: Journal
    policy: Policy

    @property
    def on_air(self) -> bool:
        return _on_air(self.observed)

    @property
    def corrects(self) -> bool:
        """Drift is corrected at any price; where nothing is written, everything is told that would have to be."""
        return self.policy.correct_on_air or not self.policy.may_write

    @property
    def state_applied(self) -> Json:
        return self.journal.applied.get(Section.STATE, {}).get("state", ABSENT)

    @property
    def stops(self) -> bool:
        """On air, and to be taken off: the user wants it so, or wants drift corrected at any price."""
        by_spec = same("state", "ON", self.state_applied)
        return self.on_air and not self.desired.running and (by_spec or self.corrects)

    @property
    def resumes(self) -> bool:
        """Off air though it was started: our restart was cut short, or somebody stopped it."""
        return not self.on_air and self.desired.running and same("state", "ON", self.state_applied)

    @property
    def protected(self) -> bool:
        """On air at the end as at the beginning: drift is not worth an interruption, nor a change on air."""
        return (self.on_air and not self.stops) or self.resumes


@dataclass(frozen=True)
class _Difference:
    """What differs in one section: its blocks merged, and what the digests say of its secrets."""

    section: Section
    blocks: Mapping[str, Merged] = field(repr=False)
    secrets: tuple[Change, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        return (*(change for block in self.blocks.values() for change in block.changes), *self.secrets)

    @property
    def unmanaged(self) -> list[str]:
        return [path for block in self.blocks.values() for path in block.unmanaged_secrets]

    @property
    def only_unknown_secrets(self) -> bool:
        return self.secrets == self.changes and not any(change.by_spec for change in self.secrets)

    @property
    def cause(self) -> Cause:
        if any(change.by_spec for block in self.blocks.values() for change in block.changes):
            return Cause.SPEC
        return Cause.SECRET if any(change.by_spec for change in self.secrets) else Cause.DRIFT


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
    found = [_section(facts, section) for section in WRITTEN_IN_ORDER]
    held = [each for each in found if isinstance(each, Held)]
    state = _state(facts, held)
    if isinstance(state, Held):
        held.append(state)
    writes, later = _in_turn(facts, [each for each in found if isinstance(each, Step)])
    start_or_stop = state if isinstance(state, Step) else None
    steps = in_order(writes, start_or_stop, desired.key, on_air=facts.on_air)
    settled = zip((*WRITTEN_IN_ORDER, Section.STATE), (*found, state), strict=True)
    plan = Plan(steps, (*held, *later), frozenset(section for section, each in settled if each is None))
    return plan if policy.may_write else _observed_only(plan)


def plan_deletion(key: Mapping[str, str], observed: JsonObject, *, only_when_stopped: bool) -> Plan:
    """Stop, then delete; or hold it while the channel is on air, if that is the policy."""
    delete = Step(Operation.DELETE_OTT_CHANNEL_INFO, None, Cause.DELETE, Disruption.NONE, query=dict(key))
    if not _on_air(observed):
        return Plan((delete,))
    if only_when_stopped:
        message = (
            "The channel is on air and deletionPolicy is DeleteWhenStopped. Set spec.desiredState to Stopped to let "
            "the deletion go on, or spec.deletionPolicy to Delete (cut it) or Retain (leave it in the cloud)."
        )
        return Plan(held=(Held(Section.STATE, Hold.ON_AIR, message),))
    return Plan((state_step(key, "OFF", Cause.DELETE, Disruption.STOP), delete))


def _on_air(observed: JsonObject) -> bool:
    """Whether the channel may be on air: all but one that says it is OFF."""
    return not same("state", "OFF", observed.get("state"))


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
        want, have = stated(_member(wanted, path)), given(_member(facts.observed, path))
        if want is not ABSENT and have is not ABSENT and not same(path.rpartition(".")[2], want, have):
            changes.append(Change(spelled(path), str(have), str(want)))
    if not changes:
        return None
    told = "; ".join(map(str, changes))
    message = f"No API call changes this: {told}. Create a new channel (another object) with these values instead."
    return Held(None, Hold.UNSUPPORTED, message, tuple(changes))


def _section(facts: _Facts, section: Section) -> Step | Held | None:
    """One section: as it should be (None), to be written (Step), or different and left alone (Held)."""
    found = _difference(facts, section)
    if section in facts.desired.unreadable:
        return Held(section, Hold.SECRET_MISSING, facts.desired.unreadable[section], found.changes)
    if not found.changes:
        return None
    mark = fingerprint(found.changes, facts.desired.digests.get(section))
    hold = _reason_to_hold(facts, found, mark)
    if hold is not None:
        return Held(section, hold[0], hold[1], found.changes)
    operation, disruption = SECTIONS[section].operation, SECTIONS[section].disruption
    body = {**facts.desired.key, **_body(section, found.blocks)}
    return Step(operation, section, found.cause, disruption, found.changes, body, fingerprint=mark)


def _difference(facts: _Facts, section: Section) -> _Difference:
    last, desired = facts.journal.applied.get(section), facts.desired.blocks.get(section, {})
    blocks = {
        name: merge(
            name,
            (last or {}).get(name, ABSENT),
            desired.get(name, ABSENT),
            facts.observed.get(name, ABSENT),
            recorded=last is not None,
        )
        for name in SECTIONS[section].fields
    }
    unconfirmed = [path for block in blocks.values() for path in block.unconfirmed_secrets]
    return _Difference(section, blocks, _changed_secrets(facts, section, unconfirmed))


def _changed_secrets(facts: _Facts, section: Section, unconfirmed: list[str]) -> tuple[Change, ...]:
    """Wanted secrets that may be others than those in the cloud.

    Digests tell; a reading can only confirm (when it echoes in clear what is wanted), never deny.
    """
    wanted, written = facts.desired.digests.get(section), facts.journal.digests.get(section)
    if wanted is not None and wanted == written:
        return ()
    known = wanted is not None and written is not None
    before = "(another secret)" if known else "(unknown)"
    return tuple(Change(path, before, REDACTED, by_spec=known) for path in unconfirmed)


def _body(section: Section, blocks: Mapping[str, Merged]) -> JsonObject:
    """The members that the PUT carries.

    A list or block that was taken away is sent empty: what leaving it out does is not known (notes 12.4, 12.11). A name
    is left out, as Terraform does it (notes 6.2).
    """
    body = {name: block.value for name, block in blocks.items() if block.value is not ABSENT}
    if section in (Section.ENCODER_SETTINGS, Section.ENDPOINTS):
        return {name: body.get(name, []) for name in blocks}
    taken_away = {name for name, block in blocks.items() if block.changes} - body.keys() - {"name"}
    return {**body, **{name: {} for name in sorted(taken_away)}}


def _reason_to_hold(facts: _Facts, found: _Difference, mark: str) -> tuple[Hold, str] | None:
    section, called = found.section, _called(found.section)
    if not facts.policy.may_write:
        unknown = f"Whether the cloud has the secrets of {called} cannot be read from it."
        return (Hold.SECRET_UNCOMPARED, unknown) if found.only_unknown_secrets else None
    if found.unmanaged:
        return Hold.SECRET_UNMANAGED, (
            f"Writing {called} would lose a secret that the cloud has and the spec does not give "
            f"({', '.join(found.unmanaged)}). Put it into a Secret and refer to it in the spec."
        )
    if facts.journal.attempts.get(section) == Attempt(mark, accepted=True):
        return Hold.NOT_TAKEN, (
            f"The service accepted the last write of {called} and still shows something else, so it is not written "
            "again. Compare with the service's console, and change the spec to what it shows or to another value."
        )
    if found.cause is not Cause.DRIFT or not facts.protected or facts.corrects:
        return None
    if found.only_unknown_secrets:
        return Hold.SECRET_UNCOMPARED, (
            f"Whether the cloud has the secrets of {called} is not known, and writing them restarts a channel on "
            "air. Stop the channel, or set spec.driftPolicy to Correct, to have them written."
        )
    return Hold.DRIFT, (
        f"{called} was changed in the cloud, and correcting it would interrupt a channel on air. Set spec.driftPolicy "
        "to Correct to have it corrected, or change the spec to what the cloud has."
    )


def _state(facts: _Facts, held: list[Held]) -> Step | Held | None:
    """Start, stop, or leave it. Starting cuts nothing; stopping what somebody started by hand would."""
    if facts.on_air == facts.desired.running:
        return None
    if facts.desired.running:
        return _start(facts, held)
    by_spec = same("state", "ON", facts.state_applied)
    changes = (Change("desiredState", "Running", "Stopped", by_spec),)
    if facts.stops:
        cause = Cause.SPEC if by_spec else Cause.DRIFT
        return state_step(facts.desired.key, "OFF", cause, Disruption.STOP, changes)
    message = (
        "The channel was started outside this object, and stopping it would cut a channel on air. Set "
        "spec.driftPolicy to Correct to have it stopped, or spec.desiredState to Running to keep it."
    )
    return Held(Section.STATE, Hold.DRIFT, message, changes)


def _start(facts: _Facts, held: list[Held]) -> Step | Held:
    """On air; but not for the first time with a configuration that is known to be another than the wanted one."""
    changes = (Change("desiredState", "Stopped", "Running", by_spec=not facts.resumes),)
    if facts.resumes:
        return replace(state_step(facts.desired.key, "ON", Cause.RESUME, Disruption.NONE, changes), always=True)
    waits = [each for each in held if each.hold in (Hold.SECRET_MISSING, Hold.SECRET_UNMANAGED) and each.changes]
    if not waits:
        return state_step(facts.desired.key, "ON", Cause.SPEC, Disruption.NONE, changes)
    sections = " and ".join(_called(each.section) for each in waits)
    message = f"The channel is not started while {sections} cannot be written and the cloud has something else there."
    return Held(Section.STATE, waits[0].hold, message, changes)


def _in_turn(facts: _Facts, writes: list[Step]) -> tuple[list[Step], list[Held]]:
    """The writes of this plan, and those that have to wait.

    What the service refused before is tried again, but not at the price of an interruption that may be for nothing:
    while the channel is on air such a section is written alone, when nothing else is to be written.
    """
    refused = [step for step in writes if _was_refused(facts.journal, step)]
    if not refused or not facts.on_air or facts.stops:
        return writes, []
    taken = [step for step in writes if step not in refused] or refused[:1]
    later = tuple(step for step in refused if step not in taken)
    message = "The service refused this before; it is tried again when nothing else is to be written."
    return taken, [Held(step.section, Hold.REFUSED, message, step.changes) for step in later]


def _was_refused(journal: Journal, step: Step) -> bool:
    attempt = journal.attempts.get(Section(step.section)) if step.section is not None else None
    return attempt == Attempt(step.fingerprint, accepted=False)


def _observed_only(plan: Plan) -> Plan:
    """The same findings when nothing may be written."""
    message = "{} differs; managementPolicy Observe only reports it."
    found = tuple(
        Held(step.section, Hold.OBSERVE_ONLY, message.format(_called(step.section)), step.changes)
        for step in plan.steps
        if step.cause is not Cause.RESTART
    )
    return Plan(held=plan.held + found, settled=plan.settled)


def _called(section: str | None) -> str:
    """What people call a section: the member of the spec that it is."""
    named: dict[str | None, str] = {None: "The channel", Section.GENERAL: "name", Section.STATE: "desiredState"}
    return named.get(section) or spelled(str(section))


def _member(block: Mapping[str, Json], path: str) -> Json:
    value: Json = block
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
