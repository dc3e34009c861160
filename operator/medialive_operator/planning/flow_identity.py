"""Which flow is the one that we began to create: the service makes the ids, and names need not be unique.

Called by the passes over flows before anything is written, with the intent that was recorded before the creation
(DESIGN: identity, creation, crash safety). Never guesses. Pure.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

# Complete lists without it after which a creation whose answer was lost has not taken effect.
_SURE = 2


@dataclass(frozen=True)
class Intent:
    """What was written down before the creation. `preexisting`: ids of the flows that had the name already."""

    name: str
    region: str
    preexisting: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ListedFlow:
    """What the list of flows says of one that matters here."""

    flow_id: str
    name: str
    region: str = ""


@dataclass(frozen=True)
class Found:
    """This flow is ours."""

    flow_id: str


@dataclass(frozen=True)
class Absent:
    """There is none: it may be created."""


@dataclass(frozen=True)
class Wait:
    """None shows yet, and it is too early to be sure."""


@dataclass(frozen=True)
class Ambiguous:
    """Any of these may be ours; nobody can tell which."""

    flow_ids: tuple[str, ...]


Identity = Found | Absent | Wait | Ambiguous


def identify(intent: Intent, listed: Iterable[ListedFlow], claimed: Collection[str], *, lists_without: int) -> Identity:
    """Look for the flow that was created with this intent.

    `claimed` are ids that belong to other objects, `lists_without` how many complete lists in a row, each begun at
    least 30 s after the one before and the first one after the creation, did not show it.
    """
    strangers = {*intent.preexisting, *claimed}
    new = [flow for flow in listed if flow.name == intent.name and flow.flow_id not in strangers]
    if len(new) > 1:
        new = [flow for flow in new if flow.region.casefold() == intent.region.casefold()] or new
    ids = tuple(sorted({flow.flow_id for flow in new}))
    if len(ids) > 1:
        return Ambiguous(ids)
    if ids:
        return Found(ids[0])
    return Absent() if lists_without >= _SURE else Wait()


def same_name(name: str, listed: Iterable[ListedFlow]) -> frozenset[str]:
    """Ids of the flows that have this name: what to write into an intent, and what a new object may clash with."""
    return frozenset(flow.flow_id for flow in listed if flow.name == name)
