"""Three-way comparison of a block: what was applied last, what is wanted, what the cloud shows.

Called by `planning.channels` for each section. It answers two questions at once: what differs, and what the whole
block looks like that a PUT must carry. Only what the user set is compared; what the service filled in is carried
over; what the user had set and took away again is dropped, as `kubectl apply` does it.

Values are wire JSON. Secrets are `SecretStr` leaves in the wanted block and never come from a reading.
No I/O, no clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import SecretStr

from medialive_operator.contract.sections import (
    DEFAULTS,
    ENUMERATIONS,
    LIST_KEYS,
    NEVER_SENT,
    SECRET_HEADER_PARENTS,
    SECRET_LEAVES,
    SETS,
)
from medialive_operator.resources.fields import camel

Json = Any
JsonObject = dict[str, Any]

REDACTED: Final = "(secret)"
_LONGEST_SHOWN: Final = 120


class _Absent:
    """Stands for a member that is not there. Null, an empty list and an empty object mean the same."""

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = _Absent()


@dataclass(frozen=True)
class Change:
    """One difference, for people: a path in the spelling of the manifest, and both values, redacted."""

    path: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.path}: {self.before} -> {self.after}"


@dataclass
class Merged:
    """The outcome for one block.

    `value` is what to write, `changes` what differs; `unmanaged_secrets` would be lost by writing, `unconfirmed_secrets`
    are wanted ones that the reading does not echo in clear (most services never do).
    """

    value: Json = ABSENT
    changes: list[Change] = field(default_factory=list)
    unmanaged_secrets: list[str] = field(default_factory=list)
    unconfirmed_secrets: list[str] = field(default_factory=list)


def merge(name: str, last: Json, desired: Json, observed: Json) -> Merged:
    """Compare one block of a channel, e.g. `merge("input", {...}, {...}, {...})`.

    `last` is what was applied last (secrets redacted), `desired` what is wanted, `observed` what the cloud shows;
    each may be `ABSENT`.
    """
    merged = Merged()
    merged.value = _merge(_Place(name, camel(name)), _given(last), _given(desired), _given(observed), merged)
    return merged


def redacted(block: Json) -> Json:
    """The block with every secret replaced by a constant: safe to store and to show."""
    match block:
        case SecretStr():
            return REDACTED
        case Mapping():
            return {name: redacted(value) for name, value in block.items()}
        case list():
            return [redacted(item) for item in block]
        case _:
            return block


def holds_secret(block: Json) -> bool:
    """Whether any leaf of the block is a secret."""
    match block:
        case SecretStr():
            return True
        case Mapping():
            return any(holds_secret(value) for value in block.values())
        case list():
            return any(holds_secret(item) for item in block)
        case _:
            return False


@dataclass(frozen=True)
class _Place:
    """Where we are: the wire name of the member, the path for people, and the member around it."""

    name: str
    path: str
    parent: str = ""

    def member(self, name: str) -> "_Place":
        return _Place(name, f"{self.path}.{camel(name)}", self.name)

    def item(self, label: object) -> "_Place":
        return _Place(self.name, f"{self.path}[{label}]", self.parent)

    @property
    def is_secret(self) -> bool:
        return self.name in SECRET_LEAVES or (self.name == "value" and self.parent in SECRET_HEADER_PARENTS)


def _merge(place: _Place, last: Json, desired: Json, observed: Json, out: Merged) -> Json:
    if place.is_secret:
        return _merge_secret(place, last, desired, observed, out)
    if desired is ABSENT:
        return _merge_unset(place, last, observed, out)
    if isinstance(desired, Mapping):
        return _merge_object(place, last, desired, observed, out)
    if isinstance(desired, list):
        return _merge_list(place, last, desired, observed, out)
    if not _same_scalar(place.name, desired, observed):
        out.changes.append(Change(place.path, _shown(observed), _shown(desired)))
    return desired


def _merge_secret(place: _Place, last: Json, desired: Json, observed: Json, out: Merged) -> Json:
    """Secrets come from the wanted block alone; whether they changed is told by digests, not here."""
    if desired is ABSENT and last is ABSENT and observed is not ABSENT:
        out.unmanaged_secrets.append(place.path)
    if isinstance(desired, SecretStr) and desired.get_secret_value() != observed:
        out.unconfirmed_secrets.append(place.path)
    return desired


def _merge_unset(place: _Place, last: Json, observed: Json, out: Merged) -> Json:
    """The user does not set this member: carry it, unless the user took it away and it is still as it was set."""
    if observed is ABSENT:
        return ABSENT
    if last is not ABSENT and _same(place, last, observed):
        if not _is_default(place.name, observed):
            out.changes.append(Change(place.path, _shown(_visible(place, observed)), "(unset)"))
        return ABSENT
    return _carried(place, observed, out)


def _merge_object(place: _Place, last: Json, desired: Mapping[str, Json], observed: Json, out: Merged) -> Json:
    before = observed if isinstance(observed, Mapping) else {}
    earlier = last if isinstance(last, Mapping) else {}
    names = [*desired, *(name for name in before if name not in desired)]
    result = {
        name: _merge(place.member(name), _get(earlier, name), _get(desired, name), _get(before, name), out)
        for name in names
    }
    return {name: value for name, value in result.items() if value is not ABSENT}


def _merge_list(place: _Place, last: Json, desired: list[Json], observed: Json, out: Merged) -> Json:
    before = observed if isinstance(observed, list) else []
    earlier = last if isinstance(last, list) else []
    if place.name in SETS:
        return _merge_set(place, desired, before, out)
    key = _item_key(place.name, desired, before)
    found = _indexed(before, key)
    known = _indexed(earlier, key)
    wanted = _indexed(desired, key)
    for label, item in found.items():
        if label not in wanted:
            out.changes.append(Change(place.item(label).path, _shown(_visible(place.item(label), item)), "(removed)"))
    return [
        _merge_item(place.item(label), known.get(label, ABSENT), item, found.get(label, ABSENT), out)
        for label, item in wanted.items()
    ]


def _merge_item(place: _Place, last: Json, desired: Json, observed: Json, out: Merged) -> Json:
    if observed is ABSENT:
        out.changes.append(Change(place.path, "(absent)", _shown(redacted(desired))))
        out.unconfirmed_secrets.append(place.path)
        return desired
    return _merge(place, last, desired, observed, out)


def _merge_set(place: _Place, desired: list[Json], before: list[Json], out: Merged) -> Json:
    if not _same(place, desired, before):
        out.changes.append(Change(place.path, _shown(before), _shown(desired)))
    return desired


def _carried(place: _Place, observed: Json, out: Merged) -> Json:
    """What the service made or somebody else set, ready to be sent back: no nulls, nothing that must not be sent."""
    if place.is_secret:
        out.unmanaged_secrets.append(place.path)
        return ABSENT
    if isinstance(observed, Mapping):
        kept = {name: _carried(place.member(name), _given(value), out) for name, value in observed.items()}
        return {name: value for name, value in kept.items() if value is not ABSENT} or ABSENT
    if isinstance(observed, list):
        return [_carried(place.item(i), item, out) for i, item in enumerate(observed)]
    return ABSENT if _never_sent(place.name, observed) else observed


def _never_sent(name: str, value: Json) -> bool:
    values = NEVER_SENT.get(name, frozenset())
    return values is None or value in values


def _visible(place: _Place, value: Json) -> Json:
    """A reading with its secrets hidden: readings may echo them in clear."""
    if place.is_secret:
        return REDACTED
    if isinstance(value, Mapping):
        return {name: _visible(place.member(name), member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_visible(place.item(i), item) for i, item in enumerate(value)]
    return value


def _same(place: _Place, wanted: Json, observed: Json) -> bool:
    """Whether everything that `wanted` says is true of `observed`."""
    if place.is_secret:
        return True
    wanted, observed = _given(wanted), _given(observed)
    if isinstance(wanted, Mapping):
        before = observed if isinstance(observed, Mapping) else {}
        return all(_same(place.member(name), value, _get(before, name)) for name, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(observed, list) and _same_items(place, wanted, observed)
    return _same_scalar(place.name, wanted, observed)


def _same_items(place: _Place, wanted: list[Json], observed: list[Json]) -> bool:
    if place.name in SETS:
        return {_folded(item) for item in wanted} == {_folded(item) for item in observed}
    key = _item_key(place.name, wanted, observed)
    ours, theirs = _indexed(wanted, key), _indexed(observed, key)
    return ours.keys() == theirs.keys() and all(_same(place.item(label), ours[label], theirs[label]) for label in ours)


def _same_scalar(name: str, wanted: Json, observed: Json) -> bool:
    if observed is ABSENT:
        return wanted is ABSENT or _is_default(name, wanted)
    if name in ENUMERATIONS:
        return bool(_folded(wanted) == _folded(observed))
    return bool(wanted == observed and isinstance(wanted, bool) == isinstance(observed, bool))


def _is_default(name: str, value: Json) -> bool:
    return name in DEFAULTS and bool(DEFAULTS[name] == value)


def _folded(value: Json) -> Json:
    return value.casefold() if isinstance(value, str) else value


def _item_key(name: str, *lists: Iterable[Json]) -> str | None:
    """The member that names the items of this list, if all of them have it and no two share it."""
    key = LIST_KEYS.get(name)
    if key is None:
        return None
    for items in lists:
        names = [item.get(key) if isinstance(item, Mapping) else None for item in items]
        if any(not isinstance(name, str) for name in names) or len(set(names)) < len(names):
            return None
    return key


def _indexed(items: list[Json], key: str | None) -> dict[object, Json]:
    """The items by their name, or by their place where they have none."""
    if key is None:
        return {index: _given(item) for index, item in enumerate(items)}
    return {item[key]: item for item in items if isinstance(item, Mapping) and key in item}


def _get(block: Mapping[str, Json], name: str) -> Json:
    return _given(block.get(name, ABSENT))


def _given(value: Json) -> Json:
    """Null, an empty list and an empty object say as much as nothing at all (notes 4)."""
    return ABSENT if value is None or value in ([], {}) else value


def _shown(value: Json) -> str:
    if value is ABSENT:
        return "(unset)"
    text = str(value)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
