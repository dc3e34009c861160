"""Who owns what in the cloud when several objects name it, and who has a playback URL already.

Fed by the store with every object it sees; asked by the reconcile pass before anything is written. Pure memory.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from medialive_operator.cloud.models import ChannelKey
from medialive_operator.cluster.objects import Key, Object
from medialive_operator.resources.ott_channels import OTT_CHANNEL


@dataclass(frozen=True)
class Claim:
    """What an object lays claim to: `things` it would own, and URLs that only one can have.

    `rank`: the smallest owns; who has begun to create comes before who has not.
    """

    key: Key
    things: frozenset[tuple[str, ...]]
    urls: frozenset[str]
    rank: tuple[bool, str, str]
    account: tuple[str, str] | None

    def may_meet(self, other: "Claim") -> bool:
        """Whether both may be in one account; two accounts can have things of one name."""
        return self.account is None or other.account is None or self.account == other.account


class Claims:
    """The claims of all objects that manage something. Objects that only observe claim nothing."""

    def __init__(self) -> None:
        self._claims: dict[Key, Claim] = {}
        self._things: defaultdict[tuple[str, ...], set[Key]] = defaultdict(set)
        self._urls: defaultdict[str, set[Key]] = defaultdict(set)

    def put(self, key: Key, obj: Object) -> set[Key]:
        """Note what the object claims now; returns the objects whose rivals changed."""
        before, after = self._claims.get(key), _claim(key, obj)
        if before == after:
            return set()
        touched = self.drop(key)
        if after is not None:
            self._claims[key] = after
            for thing in after.things:
                self._things[thing].add(key)
            for url in after.urls:
                self._urls[url].add(key)
            touched |= set(self._neighbours(after))
        return touched - {key}

    def drop(self, key: Key) -> set[Key]:
        """The object is gone; returns the objects that had it as a rival."""
        claim = self._claims.pop(key, None)
        if claim is None:
            return set()
        touched = set(self._neighbours(claim)) - {key}
        for thing in claim.things:
            self._things[thing].discard(key)
        for url in claim.urls:
            self._urls[url].discard(key)
        return touched

    def owner_before(self, key: Key) -> Key | None:
        """The object that owns what this object names, instead of it."""
        mine = self._claims.get(key)
        if mine is None:
            return None
        keys = {other for thing in mine.things for other in self._things[thing]} - {key}
        rivals = [self._claims[other] for other in keys]
        better = [rival for rival in rivals if rival.rank < mine.rank and rival.may_meet(mine)]
        return min(better, key=lambda rival: rival.rank).key if better else None

    def taken_url(self, key: Key) -> tuple[str, Key] | None:
        """A playback URL of this object that another object had before it."""
        mine = self._claims.get(key)
        if mine is None:
            return None
        for url in sorted(mine.urls):
            for other in sorted(self._urls[url] - {key}):
                if self._claims[other].rank < mine.rank:
                    return url, other
        return None

    def flow_ids(self, but: Key) -> set[str]:
        """Ids of flows that belong to other objects."""
        others = (claim for key, claim in self._claims.items() if key != but)
        return {thing[1] for claim in others for thing in claim.things if thing[0] == _FLOW_ID}

    def _neighbours(self, claim: Claim) -> Iterator[Key]:
        for thing in claim.things:
            yield from self._things[thing]
        for url in claim.urls:
            yield from self._urls[url]


_FLOW_ID, _FLOW_NAME = "flow id", "flow name"


def channel_of(obj: Object) -> ChannelKey:
    """The channel an object names; the id is the object's name unless the spec has another."""
    spec, meta = obj["spec"], obj["metadata"]
    return ChannelKey(spec["domain"], spec["appName"], spec.get("channelId") or meta["name"])


def is_owned(obj: Object) -> bool:
    """Whether we recorded the intent to create what the object stands for, or adopted it."""
    status = obj.get("status") or {}
    return bool(status.get("create") or status.get("adopted"))


def _claim(key: Key, obj: Object) -> Claim | None:
    spec = obj.get("spec") or {}
    if spec.get("managementPolicy") == "Observe":
        return None
    things = _channel(obj) if key.plural == OTT_CHANNEL.plural else _flow(obj)
    meta = obj["metadata"]
    at = (obj.get("status") or {}).get("endpointRef")
    rank = (not is_owned(obj), meta["creationTimestamp"], meta["uid"])
    account = (at["endpoint"], at["projectId"]) if at else None
    return Claim(key, things, frozenset(_urls(spec)), rank, account)


def _channel(obj: Object) -> frozenset[tuple[str, ...]]:
    known = {"domain", "appName"} <= (obj.get("spec") or {}).keys()
    return frozenset({("channel", *channel_of(obj))}) if known else frozenset()


def _flow(obj: Object) -> frozenset[tuple[str, ...]]:
    """A flow is named by its id once it has one; by its name until then."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    ident = status.get("flowId") or spec.get("flowId")
    if ident and spec.get("flowId"):
        return frozenset({(_FLOW_ID, ident)})
    name = (_FLOW_NAME, spec.get("name") or obj["metadata"]["name"])
    return frozenset({name, (_FLOW_ID, ident)}) if ident else frozenset({name})


def _urls(spec: Mapping[str, Any]) -> Iterator[str]:
    for group in spec.get("endpoints") or []:
        for kind in ("hlsPackage", "dashPackage", "mssPackage"):
            for package in group.get(kind) or []:
                if package.get("url"):
                    yield package["url"]
