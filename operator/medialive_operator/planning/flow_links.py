"""What differs in one source or output of a flow, and the call that would change it.

Called by `planning.flows`, which decides whether the call is made. Pure.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from medialive_operator.contract.flow_sections import FLOW_FIELDS, FLOW_ITEMS
from medialive_operator.contract.flow_units import (
    CHOSEN_FOR_LISTENERS,
    DEFAULTS,
    EMPTIED,
    ENCRYPTION,
    FIXED_MEMBERS,
    MADE_FOR_LISTENERS,
    MEMBERS,
    NEVER_ZERO,
    LinkKind,
)
from medialive_operator.contract.operations import Operation
from medialive_operator.contract.sections import Disruption
from medialive_operator.planning.comparing import ABSENT, Json, JsonObject, folded, given, same
from medialive_operator.planning.flow_journal import FlowJournal
from medialive_operator.planning.flow_values import DesiredFlow, link_of
from medialive_operator.planning.merging import REDACTED, Change, merge, redacted
from medialive_operator.planning.steps import Cause, Step, fingerprint

_MASK = "******"
# What of a new output is told beside its name.
_TELLING = ("protocol", "destination", "port")


@dataclass(frozen=True)
class Difference:
    """What differs in a link: `changes`, and `value`, the block that a call would have to carry.

    `unmanaged` are secrets that writing it would lose; `secrets` the changes that only digests tell.
    """

    unit: str
    value: JsonObject = field(repr=False)
    changes: tuple[Change, ...] = ()
    secrets: tuple[Change, ...] = ()
    unmanaged: tuple[str, ...] = ()
    fingerprint: str = ""

    @property
    def all_changes(self) -> tuple[Change, ...]:
        """Everything that differs."""
        return (*self.changes, *self.secrets)

    @property
    def only_unknown_secrets(self) -> bool:
        """Whether nothing is known to differ but that a secret may."""
        return not self.changes and not any(change.by_spec for change in self.secrets)

    @property
    def cause(self) -> Cause:
        """Who made the difference."""
        if any(change.by_spec for change in self.changes):
            return Cause.SPEC
        return Cause.SECRET if any(change.by_spec for change in self.secrets) else Cause.DRIFT


def path_of(unit: str) -> str:
    """Where the spec has a link: `source/studio` -> `sources[studio]`."""
    kind, name = link_of(unit)
    return f"{kind}s[{name}]"


def difference(unit: str, desired: DesiredFlow, shown: JsonObject, journal: FlowJournal) -> Difference:
    """Compare what is wanted of a link with what the cloud shows.

    A link that the journal of a known flow does not have is one that the user has added to the spec since: all that
    differs in it is his wish.
    """
    kind, _ = link_of(unit)
    wanted, recorded = desired.blocks[unit], bool(journal.applied)
    last = _last(kind, wanted, journal.applied.get(unit, {} if recorded else ABSENT))
    before = _read(kind, wanted, shown)
    merged = merge(kind, last, wanted, before, recorded=recorded, path=path_of(unit))
    digest = desired.digests.get(unit)
    secrets = _changed_secrets(digest, journal.digests.get(unit), merged.unconfirmed_secrets)
    taken_away = {name: empty for name, empty in EMPTIED[kind].items() if name in before and name not in merged.value}
    mark = _mark(unit, "changed", desired)
    return Difference(unit, {**merged.value, **taken_away}, merged.changes, secrets, merged.unmanaged_secrets, mark)


def has_another_protocol(wanted: JsonObject, shown: JsonObject) -> bool:
    """Whether the link in the cloud is one of the other kind."""
    return not same("protocol", wanted.get("protocol"), shown.get("protocol")) and bool(shown.get("protocol"))


def change_step(flow_id: str, found: Difference) -> Step:
    """The call that changes the link."""
    kind, name = link_of(found.unit)
    if kind is LinkKind.SOURCE:
        body: JsonObject = {"source": found.value}
    else:
        body = {member: value for member, value in found.value.items() if member not in FIXED_MEMBERS}
    facts = FLOW_FIELDS[f"{kind}s"]
    return Step(
        facts.operations[0],
        found.unit,
        found.cause,
        facts.disruption,
        found.all_changes,
        body,
        fingerprint=found.fingerprint,
        query={"flow_id": flow_id, f"{kind}_name": name},
        optional=kind is LinkKind.OUTPUT,
    )


def addition_step(flow_id: str, unit: str, desired: DesiredFlow, *, by_spec: bool) -> Step:
    """The call that adds an output."""
    block = desired.blocks[unit]
    told = ", ".join(f"{name} {redacted(value)}" for name, value in block.items() if name in _TELLING)
    change = Change(path_of(unit), "(absent)", told or "(present)", by_spec=by_spec)
    mark = _mark(unit, "added", desired)
    return Step(
        Operation.CREATE_FLOW_OUTPUT,
        unit,
        Cause.SPEC if by_spec else Cause.DRIFT,
        FLOW_ITEMS["outputs"].disruption,
        (change,),
        [block],
        fingerprint=mark,
        query={"flow_id": flow_id},
        optional=True,
    )


def removal_step(flow_id: str, unit: str, change: Change) -> Step:
    """The call that removes an output."""
    _, name = link_of(unit)
    return Step(
        Operation.DELETE_FLOW_OUTPUT,
        unit,
        Cause.SPEC if change.by_spec else Cause.DRIFT,
        Disruption.OUTPUT,
        (change,),
        fingerprint=fingerprint((change,), None),
        query={"flow_id": flow_id, "output_name": name},
        optional=True,
    )


def together(additions: list[Step]) -> list[Step]:
    """The additions as one call."""
    if len(additions) < 2:
        return additions
    changes = tuple(change for step in additions for change in step.changes)
    cause = Cause.SPEC if any(step.cause is Cause.SPEC for step in additions) else Cause.DRIFT
    body = [block for step in additions for block in step.body]
    whole = replace(additions[0], section="outputs", cause=cause, changes=changes, body=body, fingerprint="")
    return [replace(whole, parts=tuple(additions))]


def _mark(unit: str, how: str, desired: DesiredFlow) -> str:
    """Stands for a write of a link: the whole of what was asked for.

    Not what differed: when the service takes one half of a change and not the other, the other half is not written
    again on its own.
    """
    asked = json.dumps(redacted(desired.blocks[unit]), sort_keys=True)
    return fingerprint((Change(path_of(unit), how, asked),), desired.digests.get(unit))


def _last(kind: LinkKind, wanted: JsonObject, applied: Json) -> Json:
    """What was applied last, without what the user took away in favour of what the service has there by itself."""
    if not isinstance(applied, Mapping):
        return applied
    chosen = CHOSEN_FOR_LISTENERS[kind] if _listens(wanted) else frozenset()
    return {
        name: value
        for name, value in applied.items()
        if name in wanted or not (name in chosen or same(name, EMPTIED[kind].get(name), value))
    }


def _read(kind: LinkKind, wanted: JsonObject, shown: JsonObject) -> JsonObject:
    """What a reading says about what can be written, in full."""
    made = MADE_FOR_LISTENERS[kind] if _listens(wanted) else frozenset()
    told = {name: given(shown.get(name)) for name in MEMBERS[kind] if name not in made}
    block = {
        name: value
        for name, value in told.items()
        if value is not ABSENT and not (value == 0 and name in NEVER_ZERO[kind])
    }
    if isinstance(block.get("output_status"), str):
        block["output_status"] = block["output_status"].upper()  # it is sent back
    encryption = block.pop(ENCRYPTION[kind], None)
    if isinstance(encryption, Mapping) and any(given(value) is not ABSENT for value in encryption.values()):
        # An encrypted link has a passphrase, also when the service does not show it.
        block[ENCRYPTION[kind]] = {**encryption, "passphrase": encryption.get("passphrase") or _MASK}
    return {**DEFAULTS[kind], **block}


def _changed_secrets(wanted: str | None, written: str | None, unconfirmed: tuple[str, ...]) -> tuple[Change, ...]:
    """Wanted secrets that may be others than those in the cloud: digests tell, a reading can only confirm."""
    if wanted is not None and wanted == written:
        return ()
    known = wanted is not None and written is not None
    return tuple(
        Change(path, "(another secret)" if known else "(unknown)", REDACTED, by_spec=known) for path in unconfirmed
    )


def _listens(block: JsonObject) -> bool:
    return bool(folded(block.get("protocol")) == "srt-listener")
