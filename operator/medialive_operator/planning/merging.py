"""Three-way comparison of a block: what was applied last, what is wanted, what the cloud shows.

Called by `planning.channels` for each part of a section. It answers two questions at once: what differs, and what the
whole block looks like that a PUT must carry. Only what the user set is compared; what the service filled in is carried
over; what the user had set and took away again is dropped, as `kubectl apply` does it.

Each difference is either the user's (the spec says something else than what was applied last) or a drift of the cloud.
Without a record of what was applied last every difference counts as drift: nothing may be cut because a record is lost.

Values are wire JSON. Secrets are `SecretStr` leaves in the wanted block and never come from a reading.
No I/O, no clock.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from medialive_operator.contract.sections import (
    ADDED_BY_SERVICE,
    ALTERNATIVES,
    KEPT_BY_SERVICE,
    NEVER_SENT,
    ORDERED,
    SECRET_HEADER_PARENTS,
    SECRET_LEAVES,
    SETS,
)
from medialive_operator.planning.comparing import (
    ABSENT,
    Json,
    JsonObject,
    folded,
    given,
    is_default,
    label,
    paired,
    regrouped,
    same,
    stated,
)
from medialive_operator.resources.fields import camel

__all__ = [
    "ABSENT",
    "REDACTED",
    "UNREADABLE",
    "Change",
    "Json",
    "JsonObject",
    "Merged",
    "merge",
    "redacted",
    "spelled",
]

REDACTED: Final = "(secret)"
_LONGEST_SHOWN: Final = 120
_LONGEST_LABEL: Final = 60

# Members whose name in the spec is another one: what people read is the spelling of their manifest.
_SPELLED: Mapping[str, str] = {
    "passphrase": "passphraseSecretRef",
    "region": "originRegion",
    "source_listener_address": "address",
    "source_listener_port": "port",
}


class _Unreadable:
    """Stands for a value that the spec refers to and nobody could read. It cannot be written: it is no JSON."""

    def __repr__(self) -> str:
        return "unreadable"


UNREADABLE: Final = _Unreadable()


@dataclass(frozen=True)
class Change:
    """One difference, for people: a path in the spelling of the manifest, and both values, redacted.

    `by_spec`: the user made it, by changing the spec; else the cloud did, by changing away from it.
    """

    path: str
    before: str
    after: str
    by_spec: bool = False

    def __str__(self) -> str:
        return f"{self.path}: {self.before} -> {self.after}"


@dataclass(frozen=True)
class Merged:
    """The outcome for one block.

    `value` is what to write, `changes` what differs. `unmanaged_secrets` would be lost by writing;
    `unconfirmed_secrets` were wanted before too, and the reading does not echo them in clear (most services never do):
    only digests tell more.
    """

    value: Json
    changes: tuple[Change, ...] = ()
    unmanaged_secrets: tuple[str, ...] = ()
    unconfirmed_secrets: tuple[str, ...] = ()


def merge(
    name: str, last: Json, desired: Json, observed: Json, *, recorded: bool = True, path: str | None = None
) -> Merged:
    """Compare one block, e.g. `merge("input", {...}, {...}, {...})`.

    `last` is what was applied last (secrets redacted), `desired` what is wanted, `observed` what the cloud shows;
    each may be `ABSENT`. `recorded`: whether anything is known of what was applied last. `path`: where the spec has
    the block, if that is not its name.
    """
    last, desired, observed = stated(last), stated(desired), given(observed)
    if name == "endpoints" and isinstance(desired, list) and desired:
        last, observed = (regrouped(side, desired) if isinstance(side, list) else side for side in (last, observed))
    merging = _Merging(recorded)
    value = merging.member(_Place(name, path or camel(name)), last, desired, observed)
    return Merged(value, tuple(merging.changes), tuple(merging.unmanaged), tuple(merging.unconfirmed))


def spelled(path: str) -> str:
    """A dotted path of the API as the spec spells it: `input.input_protocol` -> `input.inputProtocol`."""
    return ".".join(_SPELLED.get(name, camel(name)) for name in path.split("."))


def redacted(block: Json) -> Json:
    """The block with every secret replaced by a constant: safe to store and to show."""
    match block:
        case SecretStr() | _Unreadable():
            return REDACTED
        case Mapping():
            return {name: redacted(value) for name, value in block.items()}
        case list():
            return [redacted(item) for item in block]
        case _:
            return block


@dataclass(frozen=True)
class _Place:
    """Where we are: the wire name of the member, the path for people, and the member around it."""

    name: str
    path: str
    parent: str = ""

    def member(self, name: str) -> "_Place":
        in_spec = "valueSecretRef" if name == "value" and self.name in SECRET_HEADER_PARENTS else spelled(name)
        return _Place(name, f"{self.path}.{in_spec}", self.name)

    def item(self, index: int, item: Json) -> "_Place":
        shown = label(self.name, item) or str(index)
        shown = shown if len(shown) <= _LONGEST_LABEL else f"{shown[: _LONGEST_LABEL - 1]}…"
        return _Place(self.name, f"{self.path}[{shown}]", self.parent)

    @property
    def is_secret(self) -> bool:
        return self.name in SECRET_LEAVES or (self.name == "value" and self.parent in SECRET_HEADER_PARENTS)


class _Merging:
    """One comparison in progress: the findings, and a method for each kind of value."""

    def __init__(self, recorded: bool) -> None:
        self._recorded = recorded
        self.changes: list[Change] = []
        self.unmanaged: list[str] = []
        self.unconfirmed: list[str] = []

    def member(self, place: _Place, last: Json, desired: Json, observed: Json) -> Json:
        """The value to write at this place; `ABSENT` for none."""
        if desired is UNREADABLE:
            return desired
        if place.is_secret:
            return self._secret(place, last, desired, observed)
        if desired is ABSENT:
            return self._unset(place, last, observed)
        if isinstance(desired, Mapping):
            return self._object(place, last, desired, observed)
        if isinstance(desired, list):
            return self._list(place, last, desired, observed)
        if not same(place.name, desired, observed):
            by_spec = last is ABSENT or not same(place.name, desired, last)
            self._differs(place, _shown(observed), _shown(desired), by_spec)
        return desired

    def _secret(self, place: _Place, last: Json, desired: Json, observed: Json) -> Json:
        """Secrets come from the wanted block alone. Whether one has another value is told by digests, not here."""
        if desired is ABSENT:
            if last is not ABSENT:
                self._differs(place, REDACTED, "(unset)", by_spec=True)
            elif observed is not ABSENT:
                self.unmanaged.append(place.path)
        elif isinstance(desired, SecretStr) and desired.get_secret_value() != observed:
            if self._recorded and last is ABSENT:
                self._differs(place, "(unset)" if observed is ABSENT else "(another secret)", REDACTED, by_spec=True)
            else:
                self.unconfirmed.append(place.path)
        return desired

    def _unset(self, place: _Place, last: Json, observed: Json) -> Json:
        """The user does not set this: carry it, unless the user took it away and something of it is still there."""
        if observed is ABSENT:
            return ABSENT
        if last is not ABSENT and _is_made(place, last, observed):
            return self._list(place, last, [], observed)
        if last is not ABSENT and _remains(place, last, observed):
            self._differs(place, _present(observed), "(unset)", by_spec=True)
            return ABSENT
        return self._carried(place, observed)

    def _object(self, place: _Place, last: Json, desired: Mapping[str, Json], observed: Json) -> Json:
        before, earlier = _mapping(observed), _mapping(last)
        result: JsonObject = {}
        for name in [*desired, *sorted({*before, *earlier} - desired.keys())]:
            here = place.member(name)
            old, now = stated(earlier.get(name)), given(before.get(name))
            if place.name in ALTERNATIVES and name not in desired:
                if now is not ABSENT:
                    self._differs(here, _present(now), "(unset)", by_spec=old is not ABSENT)
                continue
            value = self.member(here, old, stated(desired.get(name)), now)
            if value is not ABSENT:
                result[name] = value
        return result

    def _list(self, place: _Place, last: Json, desired: list[Json], observed: Json) -> Json:
        before = observed if isinstance(observed, list) else []
        earlier = last if isinstance(last, list) else []
        if not desired and _is_made(place, earlier, before):
            desired = [{} for _ in before]
        if not any(isinstance(item, Mapping) for item in [*desired, *before]):
            return self._values(place, last, desired, before)
        theirs, ours = paired(place.name, desired, before), paired(place.name, desired, earlier)
        result = [
            self._item(place.item(index, item), _at(earlier, ours[index]), item, _at(before, theirs[index]))
            for index, item in enumerate(desired)
        ]
        for index, item in enumerate(before):
            if index not in theirs:
                result += self._surplus(place, last, desired, index, item)
        if place.name in ORDERED and not _ascending(theirs) and not _ascending(ours):
            self._differs(place, "(order)", "(another order)", by_spec=True)
        return result

    def _values(self, place: _Place, last: Json, desired: list[Json], before: list[Json]) -> Json:
        """A list of plain values; in some the order has no meaning."""
        meaning = _as_set if place.name in SETS else list
        if meaning(desired) != meaning(before):
            by_spec = not isinstance(last, list) or meaning(desired) != meaning(last)
            self._differs(place, _shown(before), _shown(desired), by_spec)
        return desired

    def _item(self, place: _Place, last: Json, desired: Json, observed: Json) -> Json:
        if observed is not ABSENT:
            return self.member(place, last, desired, observed)
        self._differs(place, "(absent)", _shown(redacted(desired)), by_spec=last is ABSENT)
        return desired

    def _surplus(self, place: _Place, last: Json, desired: list[Json], index: int, item: Json) -> list[Json]:
        """An item of the cloud that the user does not want: taken away, unless the service put it there itself."""
        earlier = last if isinstance(last, list) else []
        made = place.name in ADDED_BY_SERVICE and all(label(place.name, wanted) is None for wanted in desired)
        if made and index >= len(earlier):
            carried = self._carried(place.item(index, item), given(item))
            return [] if carried is ABSENT else [carried]
        name = label(place.name, item)
        had = index < len(earlier) if made or name is None else any(label(place.name, old) == name for old in earlier)
        self._differs(place.item(index, item), "(present)", "(removed)", by_spec=had or last is ABSENT)
        return []

    def _carried(self, place: _Place, observed: Json) -> Json:
        """What the service made or somebody else set, ready to be sent back: without what must not be sent."""
        if isinstance(observed, Mapping) and place.name in SECRET_HEADER_PARENTS:
            place = place.member("value")  # a header has one, also when the service does not show it
        if place.is_secret:
            self.unmanaged += [place.path] if observed is not ABSENT else []
            return ABSENT
        if isinstance(observed, Mapping):
            kept = {name: self._carried(place.member(name), given(value)) for name, value in sorted(observed.items())}
            return {name: value for name, value in kept.items() if value is not ABSENT} or ABSENT
        if isinstance(observed, list):
            items = [self._carried(place.item(index, item), given(item)) for index, item in enumerate(observed)]
            return [item for item in items if item is not ABSENT] or ABSENT
        return ABSENT if _never_sent(place.name, observed) else observed

    def _differs(self, place: _Place, before: str, after: str, by_spec: bool) -> None:
        self.changes.append(Change(place.path, before, after, by_spec=by_spec and self._recorded))


def _remains(place: _Place, last: Json, observed: Json) -> bool:
    """Whether something that the user had set is still there.

    Not by equality of the whole: what the service fills in where the user's value was is none of the user's, and a
    block or list that somebody changed meanwhile is still the one that was taken away.
    """
    last, observed = stated(last), given(observed)
    if place.is_secret or last is ABSENT or observed is ABSENT:
        return False
    if isinstance(last, Mapping):
        before = _mapping(observed)
        return any(_remains(place.member(name), value, before.get(name)) for name, value in last.items())
    if isinstance(last, list):
        return isinstance(observed, list) and _items_remain(place, last, observed)
    return same(place.name, last, observed) and not is_default(place.name, observed)


def _items_remain(place: _Place, last: list[Json], observed: list[Json]) -> bool:
    """Whether any item says something of what the user's items said; addresses that the service made do not."""
    if any(not isinstance(item, Mapping) for item in last):
        return True
    told = {name for item in last for name in item}
    return any(
        given(value) is not ABSENT and not is_default(name, value) and not _never_sent(name, value)
        for item in observed
        for name, value in _mapping(item).items()
        if name in told and not place.member(name).is_secret
    )


def _is_made(place: _Place, last: Json, observed: Json) -> bool:
    """Whether these are addresses that the service made and keeps, to which the user only added something."""
    lists = isinstance(last, list) and isinstance(observed, list)
    return lists and place.name in KEPT_BY_SERVICE and all(label(place.name, item) is None for item in last)


def _never_sent(name: str, value: Json) -> bool:
    values = NEVER_SENT.get(name, frozenset())
    return values is None or any(value == each for each in values)


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _at(items: list[Json], index: int | None) -> Json:
    return ABSENT if index is None else stated(items[index])


def _ascending(places: list[int | None]) -> bool:
    known = [place for place in places if place is not None]
    return known == sorted(known)


def _as_set(items: list[Json]) -> set[Json]:
    return {folded(item) for item in items}


def _present(observed: Json) -> str:
    """A reading for people; of what holds other things only that it is there, for they may be secret."""
    return "(set)" if isinstance(observed, Mapping | list) else _shown(observed)


def _shown(value: Json) -> str:
    if value is ABSENT:
        return "(unset)"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
