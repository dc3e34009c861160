"""Every object of ours as it was seen last, by watch or by our own write, and what a change of it sets off.

Fed by the kopf handlers and by `cluster.objects`; read by the pass. It decides only whether an event is news.
"""

from collections.abc import Iterator
from typing import Any, Protocol

from medialive_operator.cluster.objects import FINALIZER, Key, Object
from medialive_operator.controller.claims import Claims
from medialive_operator.controller.references import References
from medialive_operator.resources.annotations import FORCE_DETACH, PAUSED, RECONCILE_REQUESTED_AT


class Waker(Protocol):
    """What the store sets off."""

    def add(self, key: Key, *, supersede: bool = False) -> None:
        """Look at the object."""
        ...


class Store:
    """Objects by key. An event that is older than what is known, or the echo of an own write, is no news."""

    def __init__(self, claims: Claims, references: References) -> None:
        self.claims = claims
        self.references = references
        self._objects: dict[Key, Object] = {}
        self._waker: Waker | None = None

    def wakes(self, waker: Waker) -> None:
        """Whom to tell; the queue is made after the store."""
        self._waker = waker

    def __len__(self) -> int:
        return len(self._objects)

    def __iter__(self) -> Iterator[tuple[Key, Object]]:
        return iter(list(self._objects.items()))

    def get(self, key: Key) -> Object | None:
        """The object as it was seen last."""
        return self._objects.get(key)

    def saw(self, key: Key, event_type: str | None, obj: Object) -> None:
        """A watch event. Sets off a pass when it says something that matters."""
        if event_type == "DELETED":
            self.drop(key, obj["metadata"]["uid"])
            return
        known = self._objects.get(key)
        if known is not None and _is_old(known, obj):
            return
        self._put(key, obj)
        if known is None or _uid(known) != _uid(obj):
            self._wake(key)
        elif intent_of(known) != intent_of(obj):
            self._wake(key, supersede=True)
        elif _held(known) and not _held(obj):
            self._wake(key)

    def wrote(self, key: Key, obj: Object) -> None:
        """The answer to a write of ours; sets off nothing."""
        known = self._objects.get(key)
        if _is_gone(obj):
            self.drop(key, _uid(obj))
        elif known is None or not _is_old(known, obj):
            self._put(key, obj)

    def drop(self, key: Key, uid: str) -> None:
        """The object with this uid does not exist any more."""
        known = self._objects.get(key)
        if known is None or _uid(known) != uid:
            return
        del self._objects[key]
        for other in self.claims.drop(key) | self.references.drop(key):
            self._wake(other)
        if self._waker is not None:
            # A last pass finds nothing and lets go of what the object used.
            self._waker.add(key, supersede=True)

    def _put(self, key: Key, obj: Object) -> None:
        meta = {name: value for name, value in obj["metadata"].items() if name != "managedFields"}
        self._objects[key] = {**obj, "metadata": meta}
        for other in self.claims.put(key, self._objects[key]) | self.references.put(key, self._objects[key]):
            self._wake(other)

    def _wake(self, key: Key, *, supersede: bool = False) -> None:
        if self._waker is not None:
            self._waker.add(key, supersede=supersede)


def _uid(obj: Object) -> str:
    return str(obj["metadata"]["uid"])


def _is_old(known: Object, obj: Object) -> bool:
    # Versions are ordered numbers in every release we know (measured), and a write of ours carries the one it is
    # based on: should the order ever be wrong, the write is refused and the object read again.
    return _uid(known) == _uid(obj) and int(known["metadata"]["resourceVersion"]) >= int(
        obj["metadata"]["resourceVersion"]
    )


def intent_of(obj: Object) -> tuple[Any, ...]:
    """What the user wants of the object: a change of it makes a pass that is going on out of date."""
    meta = obj["metadata"]
    notes = meta.get("annotations") or {}
    asked = tuple(notes.get(name) for name in (PAUSED, RECONCILE_REQUESTED_AT, FORCE_DETACH))
    return meta["generation"], meta.get("deletionTimestamp"), asked


def _held(obj: Object) -> bool:
    return FINALIZER in (obj["metadata"].get("finalizers") or [])


def _is_gone(obj: Object) -> bool:
    # The answer to removing the last finalizer shows the object, which exists no more; DELETED may have come before.
    meta = obj["metadata"]
    return bool(meta.get("deletionTimestamp")) and not meta.get("finalizers")
