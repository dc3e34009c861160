"""When two values of a channel say the same, and which items of two lists belong together.

Called by `planning.merging`. Compares as loosely as the contract asks for: case of enumerations, numbers written as
text, the order of lists that have none, and every way of saying nothing (behaviour notes 4 and 6.2). Pure.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from medialive_operator.contract.sections import DEFAULTS, ENUMERATIONS, LIST_KEYS

Json = Any
JsonObject = dict[str, Any]

_PACKAGES: Final = ("hls_package", "dash_package", "mss_package")


class _Absent:
    """Stands for a member that is not there."""

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = _Absent()


def given(value: Json) -> Json:
    """What a reading says: null, an empty text, an empty list and an empty object say as much as nothing at all."""
    return ABSENT if value is None or value in ("", [], {}) else value


def stated(value: Json) -> Json:
    """What a user says: only null is nothing. An empty list is a wish for none."""
    return ABSENT if value is None else value


def same(name: str, wanted: Json, observed: Json) -> bool:
    """Whether two plain values of the member `name` say the same; a documented default need not be said."""
    if given(observed) is ABSENT:
        return given(wanted) is ABSENT or is_default(name, wanted)
    if name in ENUMERATIONS:
        return bool(folded(wanted) == folded(observed))
    if type(wanted) is type(observed):
        return bool(wanted == observed)
    return bool(_plain(wanted) == _plain(observed))


def is_default(name: str, value: Json) -> bool:
    """Whether the contract documents this value as what an unset member means."""
    return name in DEFAULTS and bool(_plain(DEFAULTS[name]) == _plain(value))


def folded(value: Json) -> Json:
    """The value without regard to case."""
    return value.casefold() if isinstance(value, str) else value


def label(name: str, item: Json) -> str | None:
    """What tells an item of the list `name` from the others, if it has that."""
    key = LIST_KEYS.get(name)
    value = item.get(key) if key is not None and isinstance(item, Mapping) else None
    return value if isinstance(value, str) and value else None


def paired(name: str, wanted: Sequence[Json], present: Sequence[Json]) -> list[int | None]:
    """For each wanted item the place of its counterpart among those present; None for a new one.

    Items are matched by name where they have one, and else by place. One item on either side that is left over is one
    whose name was changed, and so it keeps what the service made for it. Several that are left over stay apart: who
    would guess, could give a package the id of another.
    """
    found: list[int | None] = [None] * len(wanted)
    free = dict(enumerate(present))
    for place, item in enumerate(wanted):
        known = label(name, item)
        match = next((at for at, other in free.items() if known is not None and label(name, other) == known), None)
        if match is not None:
            found[place] = match
            del free[match]
    nameless = [place for place, item in enumerate(wanted) if label(name, item) is None]
    for place, match in zip(nameless, list(free), strict=False):
        found[place] = match
        del free[match]
    rest = [place for place in range(len(wanted)) if found[place] is None]
    if len(rest) == len(free) == 1:
        found[rest[0]] = next(iter(free))
    return found


def regrouped(groups: Sequence[Json], like: Sequence[Json]) -> list[Json]:
    """Endpoint groups with their packages spread as in `like`.

    A group has no known meaning beyond holding packages (every sample has one), so that how a reading groups them is
    no difference. A package that `like` does not know stays in its group, or goes to the last one.
    """
    result: list[JsonObject] = [{} for _ in like]
    homes = {package: place for place, group in enumerate(like) for package in _labels(group)}
    for place, group in enumerate(groups):
        at = min(place, len(like) - 1)
        for kind, value in group.items() if isinstance(group, Mapping) else ():
            if kind not in _PACKAGES or not isinstance(value, list):
                result[at].setdefault(kind, value)
                continue
            for package in value:
                name = label(kind, package)
                home = at if name is None else homes.get((kind, name), at)
                result[home].setdefault(kind, []).append(package)
    return list(result)


def _labels(group: Json) -> list[tuple[str, str]]:
    """Kind and URL of the packages of a group that have a URL."""
    named = ((kind, label(kind, package)) for kind in _PACKAGES for package in group.get(kind) or [])
    return [(kind, name) for kind, name in named if name is not None]


def _plain(value: Json) -> Json:
    """A value by what it says: `True` and `"true"`, `4` and `"4"` are the same; `True` and `1` are not."""
    if isinstance(value, bool):
        return str(value).casefold()
    if isinstance(value, str):
        return _number(value) if value[:1].isdigit() or value[:1] == "-" else value.casefold()
    return value


def _number(text: str) -> Json:
    try:
        return float(text)
    except ValueError:
        return text
