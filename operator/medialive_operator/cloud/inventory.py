"""What the cloud has, as one paged list sees it: shared by all objects of an account instead of one poll each.

The reconcile pass asks `observe`; a task of the account runs `run`. Sweeps list everything; they are shared by all who
wait. After a write of ours the item is read by key. What was seen is only replaced by what was looked at later: looks
and writes are numbered in the order in which they began, so an answer that was slow never overwrites a newer one.

It never writes to the cloud, and it decides nothing: absent means "did not show up", and says how often.
"""

import asyncio
import copy
import functools
import itertools
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

import structlog

from medialive_operator.clock import Clock
from medialive_operator.cloud.budget import Priority, Urgency
from medialive_operator.cloud.calls import Caller, JsonObject
from medialive_operator.cloud.channels import Channels
from medialive_operator.cloud.errors import CloudError, Failure, Transient
from medialive_operator.cloud.models import ChannelKey
from medialive_operator.contract.operations import Operation

log = structlog.get_logger(__name__)

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

_MOST_PAGES = 1000
_PAGE_SIZE = 100
# Lists that somebody waits for are at least this part of the interval apart.
_MOMENT = 1 / 30


@dataclass(frozen=True)
class Page(Generic[K, T]):
    """One page of a list: what could be read, how many records it had in all, and the total that the service told."""

    items: tuple[tuple[K, T], ...]
    size: int
    total: int | None


class Source(Protocol[K, T]):
    """Where an inventory looks. Both methods raise CloudError and never write."""

    async def page(self, offset: int, urgency: Urgency) -> Page[K, T]:
        """The page of the list of everything that begins at this record."""
        ...

    async def read(self, key: K, priority: Priority) -> T | None:
        """One item by its key, None only when the service surely does not have it."""
        ...


@dataclass(frozen=True)
class Seen(Generic[T]):
    """The last look at a key. `item` is kept out of reprs: it may hold secrets.

    misses: looks in a row, at least half an interval apart, that did not show the key; 0 when `item` is there.
    at: when the look began, unix seconds.
    """

    item: T | None = field(repr=False)
    misses: int
    at: float


@dataclass(frozen=True)
class Listing(Generic[K, T]):
    """Everything that a complete list showed. at: when it began, unix seconds."""

    items: Mapping[K, T] = field(repr=False)
    at: float


@dataclass(frozen=True)
class _Look:
    """A request to the cloud that may show a key: its number, and when it began."""

    number: int
    at: float
    monotonic: float


@dataclass
class _Entry(Generic[T]):
    """What is known of a key. `written` and `looked` are numbers in the order of looks and writes."""

    watched: bool = False
    written: int = 0
    looked: int = 0
    missed_at: float = float("-inf")
    seen: Seen[T] | None = None


@dataclass
class _Sweep(Generic[K, T]):
    """One list of everything, under way. `found` fills page by page; `error` is set when it failed."""

    urgency: Urgency
    first: _Look
    pages: int = 0
    total: int = 0
    unreadable: int = 0
    torn: bool = False
    found: dict[K, tuple[T | None, _Look]] = field(default_factory=dict, repr=False)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    error: BaseException | None = None

    def add(self, page: Page[K, T], look: _Look) -> None:
        """Note what a page shows; a key that comes twice stays where it was first."""
        for key, item in page.items:
            self.found.setdefault(key, (item, look))
        self.pages += 1
        self.unreadable += page.size - len(page.items)
        if page.total is not None:
            # Records that vanish between two pages move others over the border between them.
            self.torn = self.torn or page.total < self.total
            self.total = max(self.total, page.total)

    @property
    def complete(self) -> bool:
        """Whether what it did not show is not there."""
        return self.error is None and not self.torn and len(self.found) + self.unreadable >= self.total


class Inventory(Generic[K, T]):
    """Observations of the watched keys.

    `changed(key)` is called after a look that showed something new, and for all keys when sweeps succeed again.
    `interval`: seconds between two sweeps. Sweeps run only while something is watched.
    """

    def __init__(
        self, source: Source[K, T], clock: Clock, changed: Callable[[K], None], interval: float = 30.0
    ) -> None:
        self._source = source
        self._clock = clock
        self._changed = changed
        self._interval = interval
        self._numbers = itertools.count(1)
        self._entries: dict[K, _Entry[T]] = {}
        self._interest = asyncio.Event()
        self._sweep: _Sweep[K, T] | None = None
        self._task: asyncio.Task[None] | None = None
        self._last: _Sweep[K, T] | None = None
        self._ended_at = float("-inf")
        self._complete_at: float | None = None
        self._listing: Listing[K, T] | None = None
        self._reading_first = 0

    def watch(self, key: K) -> None:
        """Keep looking at this key."""
        self._entry(key).watched = True
        self._interest.set()

    def unwatch(self, key: K) -> None:
        """Nobody is interested any more. That we wrote to it is remembered until a later sweep has ended."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries[key] = _Entry(written=entry.written)
        if not any(entry.watched for entry in self._entries.values()):
            self._interest.clear()

    def wrote(self, key: K) -> None:
        """We write to the key, or have just written: what was seen before says nothing about it any more."""
        entry = self._entry(key)
        entry.written = next(self._numbers)
        entry.seen = None

    def told(self, key: K, item: T) -> None:
        """The answer to a write of ours shows the item as it is now: no look is needed for that."""
        entry, look = self._entry(key), self._look()
        entry.seen, entry.looked = Seen(item, 0, look.at), look.number

    @property
    def age(self) -> float | None:
        """Seconds since the last complete sweep began, None before the first."""
        return None if self._complete_at is None else self._clock.monotonic() - self._complete_at

    @property
    def last_error(self) -> BaseException | None:
        """Why the last sweep failed, None when it did not."""
        return self._last.error if self._last is not None else None

    async def observe(self, key: K) -> Seen[T]:
        """What the last look showed. Looks when there was none: by key after a write of ours, else in a shared sweep.

        Raises CloudError when that look fails.
        """
        entry = self._entry(key)
        if entry.seen is not None:
            return entry.seen
        if entry.written > 0:
            return await self.read(key, Priority.USER_CHANGE)
        if not self._has_just_swept() and self._is_cheaper_by_key():
            return await self._read_first(key)
        sweep = await self._join()
        if entry.seen is None:
            self._apply(sweep, key, entry)
        if entry.seen is not None:
            return entry.seen
        if sweep.error is not None:
            raise copy.copy(sweep.error)
        return await self._read_first(key)

    async def listing(self, since: float) -> Listing[K, T]:
        """A complete list that began at `since` (unix seconds) or later: the last one, or a new one.

        Raises CloudError when the list fails, or does not come whole.
        """
        for _ in range(2):  # a sweep that was under way already may have begun too early
            if not self._has_list(since):
                await self._let_others_come()
            if self._has_list(since):
                break
            sweep = self._begin(Priority.FIRST_OBSERVATION)
            await sweep.done.wait()
            if sweep.error is not None:
                raise copy.copy(sweep.error)
        if self._listing is None or self._listing.at < since:
            raise Transient("The list did not come whole; records moved while it was read.")
        return self._listing

    def _has_list(self, since: float) -> bool:
        return self._listing is not None and self._listing.at >= since

    async def _let_others_come(self) -> None:
        """Objects rarely come alone, and a list must not be older than the question: one list for all of a moment."""
        if self._sweep is None and self._last is not None:
            wait = self._last.first.monotonic + self._interval * _MOMENT - self._clock.monotonic()
            if wait > 0:
                await self._clock.sleep(wait)

    async def read(self, key: K, priority: Priority) -> Seen[T]:
        """Look at one key now, with one call. Raises CloudError."""
        entry = self._entry(key)
        look = self._look()
        item = await self._source.read(key, priority)
        seen = self._seen(entry, item, look)
        if self._entries.get(key) is entry:
            self._store(entry, seen, look)
        return seen

    async def run(self) -> None:
        """Sweep for ever, once an interval. Errors are kept in `last_error`; the next sweep is made all the same."""
        try:
            while True:
                await self._until_due()
                first = self._complete_at is None
                sweep = self._begin(Priority.FIRST_OBSERVATION if first else Priority.DRIFT)
                await sweep.done.wait()
        finally:
            if self._task is not None:
                self._task.cancel()

    async def _until_due(self) -> None:
        await self._interest.wait()
        while (wait := self._due() - self._clock.monotonic()) > 0:
            await self._clock.sleep(wait)
            await self._interest.wait()

    def _due(self) -> float:
        """An interval after the last sweep began, but never sooner than half of one after it ended."""
        if self._last is None:
            return self._clock.monotonic()
        return max(self._last.first.monotonic + self._interval, self._ended_at + self._interval / 2)

    def _is_cheaper_by_key(self) -> bool:
        """One call for each of a few new keys is less than a whole list of many pages."""
        return self._complete_at is not None and self._last is not None and self._reading_first + 1 < self._last.pages

    async def _read_first(self, key: K) -> Seen[T]:
        self._reading_first += 1
        try:
            return await self.read(key, Priority.FIRST_OBSERVATION)
        finally:
            self._reading_first -= 1

    def _has_just_swept(self) -> bool:
        """Objects rarely come alone: what a sweep has just shown, or why it failed, holds for those that come next."""
        return self._sweep is None and self._clock.monotonic() - self._ended_at < self._interval / 6

    async def _join(self) -> _Sweep[K, T]:
        """Wait for the sweep under way, made urgent, or a new one; just after one, for none."""
        if self._last is not None and self._has_just_swept():
            return self._last
        sweep = self._begin(Priority.FIRST_OBSERVATION)
        await sweep.done.wait()
        return sweep

    def _begin(self, priority: Priority) -> _Sweep[K, T]:
        if self._sweep is None:
            self._sweep = _Sweep(Urgency(priority), self._look())
            self._task = asyncio.get_running_loop().create_task(self._list(self._sweep), name="sweep")
            self._task.add_done_callback(functools.partial(self._end, self._sweep))
        self._sweep.urgency.raise_to(priority)
        return self._sweep

    async def _list(self, sweep: _Sweep[K, T]) -> None:
        offset = 0
        for _ in range(_MOST_PAGES):
            look = self._look()
            page = await self._source.page(offset, sweep.urgency)
            known = len(sweep.found)
            sweep.add(page, look)
            offset += page.size
            news = len(sweep.found) > known
            if page.size == 0 or (sweep.total and offset >= sweep.total) or (page.total is None and not news):
                return
        raise Transient(f"The list does not end within {_MOST_PAGES} pages.")

    def _end(self, sweep: _Sweep[K, T], task: asyncio.Task[None]) -> None:
        sweep.error = _failure(task)
        recovered = self._last is not None and self._last.error is not None and sweep.complete
        self._sweep, self._task, self._last = None, None, sweep
        self._ended_at = self._clock.monotonic()
        if sweep.complete:
            self._complete_at = sweep.first.monotonic
            items = {key: item for key, (item, _) in sweep.found.items() if item is not None}
            self._listing = Listing(items, sweep.first.at)
        changed = [key for key, entry in list(self._entries.items()) if self._apply(sweep, key, entry)]
        if recovered:
            # Whoever could not go on while the service did not answer may wait much longer than that lasted.
            changed = [key for key, entry in self._entries.items() if entry.watched]
        sweep.done.set()
        for key in changed:
            self._changed(key)

    def _apply(self, sweep: _Sweep[K, T], key: K, entry: _Entry[T]) -> bool:
        """Take over what the sweep says about a key; whether that is news for somebody who watches it."""
        if not entry.watched and entry.written < sweep.first.number:
            self._entries.pop(key, None)  # an observer that does not watch may come when it is gone already
        if key in sweep.found:
            item, look = sweep.found[key]
        elif sweep.complete:
            item, look = None, sweep.first
        else:
            return False
        return self._store(entry, self._seen(entry, item, look), look) and entry.watched

    def _seen(self, entry: _Entry[T], item: T | None, look: _Look) -> Seen[T]:
        if item is not None:
            return Seen(item, 0, look.at)
        misses = entry.seen.misses if entry.seen is not None else 0
        apart = look.monotonic - entry.missed_at >= self._interval / 2
        return Seen(None, misses + 1 if misses == 0 or apart else misses, look.at)

    def _store(self, entry: _Entry[T], seen: Seen[T], look: _Look) -> bool:
        """Keep it, unless something newer is known; whether it differs from what was known."""
        if look.number < max(entry.written, entry.looked):
            return False
        before, entry.seen, entry.looked = entry.seen, seen, look.number
        if before is None:
            if seen.misses:
                entry.missed_at = look.monotonic
            return False
        if seen.misses > before.misses:
            entry.missed_at = look.monotonic
        return before.item != seen.item or (before.misses == 1 and seen.misses > 1)

    def _entry(self, key: K) -> _Entry[T]:
        return self._entries.setdefault(key, _Entry())

    def _look(self) -> _Look:
        return _Look(next(self._numbers), self._clock.time(), self._clock.monotonic())


def _failure(task: asyncio.Task[None]) -> BaseException | None:
    """How a sweep failed, None when it did not."""
    if task.cancelled():
        return Transient("The inventory was closed.")
    error = task.exception()
    if error is not None and not isinstance(error, CloudError):
        log.error("sweep failed", exc_info=error)
    return error


class ChannelSource:
    """Looks at the channels of an account."""

    def __init__(self, channels: Channels) -> None:
        self._cloud: Caller = channels.cloud

    async def page(self, offset: int, urgency: Urgency) -> Page[ChannelKey, JsonObject]:
        """Up to 100 channels from this record on."""
        return await self._page(self._cloud.at(urgency), offset, {})

    async def read(self, key: ChannelKey, priority: Priority) -> JsonObject | None:
        """The channel with exactly this key; the filters may match more than that."""
        cloud, offset, total = self._cloud.at(priority), 0, 0
        for _ in range(_MOST_PAGES):
            page = await self._page(cloud, offset, key._asdict())
            for found, channel in page.items:
                if found == key:
                    return channel
            offset += page.size
            total = max(total, page.total or 0)
            if page.size == 0 or offset >= total:
                break
        if offset < total:
            raise _malformed(f"it says that there are {total} channels and shows {offset}")
        return None

    async def _page(self, cloud: Caller, offset: int, filters: JsonObject) -> Page[ChannelKey, JsonObject]:
        query = {**filters, "limit": _PAGE_SIZE, "offset": offset}
        answer = await cloud.call(Operation.LIST_OTT_CHANNEL_INFO, query=query)
        records, total = answer.get("channels"), answer.get("total")
        if (
            not isinstance(records, list | None)
            or not isinstance(total, int | None)
            or (records is None and total is None)
        ):
            raise _malformed("it has neither channels nor a total")
        records = records or []
        items = tuple((key, record) for record in records if (key := _key(record)) is not None)
        return Page(items, len(records), total)


def _key(record: object) -> ChannelKey | None:
    """The key of a channel in a list, None when it has none: it cannot be one of ours."""
    parts = [record.get(part) for part in ChannelKey._fields] if isinstance(record, dict) else [None]
    texts = [part for part in parts if isinstance(part, str)]
    return ChannelKey(*texts) if len(texts) == len(ChannelKey._fields) else None


def _malformed(problem: str) -> Transient:
    operation = Operation.LIST_OTT_CHANNEL_INFO
    return Transient(f"{operation}: the list cannot be right: {problem}.", Failure(operation, status=200))
