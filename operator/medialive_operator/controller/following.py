"""Which object looks at which item of the cloud, so that news of an item wakes the right objects.

One for each inventory of an account. Pure memory.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from medialive_operator.cluster.objects import Key

K = TypeVar("K", bound=Hashable)


class Following(Generic[K]):
    """Objects by item, one item an object. An item that nobody follows any more is not watched any more."""

    def __init__(self, wake: Callable[[Key], None]) -> None:
        self._wake = wake
        self._items: dict[Key, K] = {}
        self._followers: defaultdict[K, set[Key]] = defaultdict(set)
        self._watch: Callable[[K], None] = _nothing
        self._unwatch: Callable[[K], None] = _nothing

    def watches(self, watch: Callable[[K], None], unwatch: Callable[[K], None]) -> None:
        """What to call for an item that gets its first follower, or loses its last one."""
        self._watch, self._unwatch = watch, unwatch

    def changed(self, item: K) -> None:
        """There is news of an item."""
        for key in list(self._followers.get(item, ())):
            self._wake(key)

    def follow(self, key: Key, item: K) -> None:
        """The object looks at this item from now on, and at no other."""
        if self._items.get(key) == item:
            return
        self.forget(key)
        self._items[key] = item
        if not self._followers[item]:
            self._watch(item)
        self._followers[item].add(key)

    def forget(self, key: Key) -> None:
        """The object looks at nothing any more."""
        item = self._items.pop(key, None)
        if item is None:
            return
        self._followers[item].discard(key)
        if not self._followers[item]:
            del self._followers[item]
            self._unwatch(item)

    def items(self) -> set[K]:
        """All items that somebody follows."""
        return set(self._followers)


def _nothing(_: object) -> None: ...
