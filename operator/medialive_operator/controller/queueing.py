"""The work queue: which object is looked at next, never the same one twice at once.

Fed by handlers, sweeps, Secrets and the passes themselves; runs one task for each key that is due. How many calls go
to the cloud at once is the budget's business, not the queue's: a pass that waits for its turn must never keep an
urgent one from starting. Knows nothing of Kubernetes or the cloud.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from medialive_operator.clock import Clock

log = structlog.get_logger(__name__)

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class After:
    """Look again after this many seconds, unless something happens before."""

    seconds: float


@dataclass(frozen=True)
class Retry:
    """Look again after a delay that doubles with every failure in a row, with full jitter: up to base * 2^n, or cap.

    Seconds. At least a tenth of the delay is waited, so that a failure never turns into a busy loop.
    """

    base: float
    cap: float

    def delay(self, failures: int) -> float:
        """How long to wait after this many failures in a row."""
        longest = min(self.cap, self.base * 2.0 ** min(failures, 30))
        return longest * max(0.1, random.random())  # noqa: S311 -- jitter, no secret


Requeue = After | Retry | None

_AFTER_A_CRASH = Retry(1.0, 300.0)


class Turn:
    """One pass over one key, as the pass sees it: whether something newer wants the key meanwhile."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._committed = False
        self._superseded = False

    def begin(self, task: asyncio.Task[None]) -> None:
        """The task that is doing the pass."""
        self._task = task

    def commit(self) -> None:
        """A call is about to leave: until `idle` the pass is not interrupted. Raises Superseded when it is too late."""
        if self._superseded:
            raise Superseded
        self._committed = True

    def idle(self) -> None:
        """What was done is written down: from here on the pass may be ended while it waits."""
        self._committed = False
        if self._superseded:
            raise Superseded

    def supersede(self) -> None:
        """Something newer is wanted: end the pass now if it only waits, else before its next call."""
        self._superseded = True
        if not self._committed and self._task is not None:
            self._task.cancel()

    def finish(self) -> None:
        """The process stops: end the pass if it only waits; what it has begun it brings to its end.

        A channel that is off air for a change would else stay so until another process comes.
        """
        if not self._committed:
            self.supersede()


class Superseded(Exception):
    """The pass ends because the object changed while it waited; the next one begins at once."""


@dataclass
class _Entry:
    delay: asyncio.Task[None] | None = None
    turn: Turn | None = None
    again: bool = False
    failures: int = 0


class Queue(Generic[K]):
    """Runs `work(key, turn)` for every key that was added; what it returns says when to look again."""

    def __init__(self, work: Callable[[K, Turn], Awaitable[Requeue]], clock: Clock) -> None:
        self._work = work
        self._clock = clock
        self._entries: dict[K, _Entry] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def __len__(self) -> int:
        """How many keys are being worked on."""
        return sum(entry.turn is not None for entry in self._entries.values())

    def add(self, key: K, *, supersede: bool = False) -> None:
        """Look at the key now; if a pass is going on, once more after it. `supersede`: that pass is out of date."""
        if self._closed:
            return
        entry = self._entries.setdefault(key, _Entry())
        if entry.turn is None:
            self._start(key, entry)
            return
        entry.again = True
        if supersede:
            entry.turn.supersede()

    def forget(self, key: K) -> None:
        """Nobody needs the key any more; a pass that goes on is told so."""
        entry = self._entries.get(key)
        if entry is None:
            return
        _cancel_delay(entry)
        if entry.turn is None:
            del self._entries[key]
        else:
            entry.turn.supersede()

    async def close(self, patience: float) -> None:
        """Start nothing more; let passes that have begun to write come to their end, for at most `patience` seconds."""
        self._closed = True
        for entry in self._entries.values():
            _cancel_delay(entry)
            if entry.turn is not None:
                entry.turn.finish()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=patience)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    def _start(self, key: K, entry: _Entry) -> None:
        _cancel_delay(entry)
        entry.again = False
        turn = entry.turn = Turn()
        task = asyncio.create_task(self._run(key, entry, turn), name=f"pass {key}")
        turn.begin(task)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, key: K, entry: _Entry, turn: Turn) -> None:
        requeue: Requeue = None
        try:
            requeue = await self._work(key, turn)
            entry.failures = entry.failures + 1 if isinstance(requeue, Retry) else 0
        except (Superseded, asyncio.CancelledError):
            entry.again = not self._closed
        except Exception:
            log.exception("pass failed", key=str(key))
            requeue = _AFTER_A_CRASH
            entry.failures += 1
        finally:
            entry.turn = None
            self._next(key, entry, requeue)

    def _next(self, key: K, entry: _Entry, requeue: Requeue) -> None:
        if self._entries.get(key) is not entry or self._closed:
            return
        if entry.again:
            self._start(key, entry)
        elif requeue is None:
            if entry.failures == 0:
                del self._entries[key]
        else:
            self._delay(key, entry, requeue)

    def _delay(self, key: K, entry: _Entry, requeue: After | Retry) -> None:
        seconds = requeue.seconds if isinstance(requeue, After) else requeue.delay(entry.failures - 1)
        entry.delay = asyncio.create_task(self._wake(key, entry, seconds), name=f"delay {key}")

    async def _wake(self, key: K, entry: _Entry, seconds: float) -> None:
        await self._clock.sleep(seconds)
        entry.delay = None
        self._start(key, entry)


def _cancel_delay(entry: _Entry) -> None:
    if entry.delay is not None:
        entry.delay.cancel()
        entry.delay = None
