"""The call budget of one account: how many calls a minute leave, and which one goes first.

Every call to Media Live takes a slot here (`cloud.transports`); the inventory may make one that waits more urgent.
Slots are counted so that the service's own window can never see more calls than allowed: a slot is taken when a call
starts and is free again one window after the call has ended, wherever in between the service counted it.

It knows nothing of HTTP, and reads no clock but the one it is given.
"""

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import IntEnum

from medialive_operator.clock import Clock

WINDOW = 60.0
# A little more than the service's window, against rounding on the other side.
_HELD = WINDOW + 0.1
_RESERVE = 2
_ROOM_POLL = 0.5
_RECOVERY_STEP = 15.0
_SHORTEST_PAUSE = 1.0
_LONGEST_PAUSE = 600.0


class Priority(IntEnum):
    """What a call is for; lower is more urgent. STOP also stands for deletions."""

    STOP = 0
    USER_CHANGE = 1
    CREATE = 2
    FIRST_OBSERVATION = 3
    DRIFT = 4
    DEEP_READ = 5
    STATISTICS = 6


class Urgency:
    """The priority of a call or of a chain of calls, which can be raised while one of them waits."""

    def __init__(self, priority: Priority) -> None:
        self.priority = priority
        self._listeners: list[Callable[[], None]] = []

    def raise_to(self, priority: Priority) -> None:
        """Make it at least this urgent."""
        if priority < self.priority:
            self.priority = priority
            for moved in tuple(self._listeners):
                moved()

    def listen(self, moved: Callable[[], None]) -> Callable[[], None]:
        """Call `moved` on every raise, until the returned function is called."""
        self._listeners.append(moved)
        return lambda: self._listeners.remove(moved)


@dataclass
class Slot:
    """A call's share of the budget."""

    spent: bool = True

    def unspent(self) -> None:
        """The call never left; nothing was used up."""
        self.spent = False


@dataclass(eq=False)
class _Waiter:
    priority: Priority
    granted: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Pace:
    """How many calls a window allows just now: halved by every throttle, back step by step while all is well."""

    def __init__(self, calls_per_minute: int, jitter: Callable[[], float]) -> None:
        self._nominal = calls_per_minute
        self.floor = max(1, calls_per_minute // 8)
        self._step = max(1, calls_per_minute // 10)
        self._jitter = jitter
        self._shrunk = calls_per_minute
        self._strikes = 0
        self.paused_until = float("-inf")

    def limit(self, now: float) -> int:
        """Calls a window."""
        if self._shrunk >= self._nominal:
            return self._nominal
        return min(self._nominal, self._shrunk + self._steps(now) * self._step)

    def throttled(self, now: float, retry_after: float | None) -> None:
        """The service refused a call. Answers to calls that were under way together count as one refusal."""
        if now >= self.paused_until:
            limit = self.limit(now)
            self._strikes = 1 if limit == self._nominal else self._strikes + 1
            self._shrunk = max(self.floor, limit // 2)
        pause = self._pause() if retry_after is None else min(max(retry_after, _SHORTEST_PAUSE), _LONGEST_PAUSE)
        self.paused_until = max(self.paused_until, now + pause)

    def next_step(self, now: float) -> float | None:
        """When the limit rises next, None when it is where it should be."""
        if self.limit(now) == self._nominal:
            return None
        return self.paused_until + (self._steps(now) + 1) * _RECOVERY_STEP

    def _steps(self, now: float) -> int:
        """Steps taken since the pause; the microsecond keeps an alarm that rings on time from ringing twice."""
        return max(0, int((now - self.paused_until + 1e-6) // _RECOVERY_STEP))

    def _pause(self) -> float:
        share = 0.1 + 0.1 * self._jitter()
        return float(min(WINDOW, WINDOW * share * 2.0 ** (self._strikes - 1)))


class Budget:
    """Slots for `calls_per_minute` calls in any minute, at most `concurrency` of them at once.

    The most urgent waiter goes first, and of those the one that waits longest. Two slots are kept for STOP. A waiter
    may be cancelled at any moment; nothing is lost by that.
    """

    def __init__(
        self,
        clock: Clock,
        calls_per_minute: int = 80,
        *,
        concurrency: int = 16,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        if calls_per_minute < 1 or concurrency < 1:
            raise ValueError("calls_per_minute and concurrency must be at least 1.")
        self._clock = clock
        self._pace = Pace(calls_per_minute, jitter)
        self._concurrency = concurrency
        self._running = 0
        self._asked = 0
        self._promised = 0
        self._ended: deque[float] = deque()
        self._queues: dict[Priority, deque[_Waiter]] = {priority: deque() for priority in Priority}
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at = float("inf")

    @asynccontextmanager
    async def call(self, priority: Priority | Urgency) -> AsyncIterator[Slot]:
        """Wait for a slot, and hold it while the body runs."""
        urgency = priority if isinstance(priority, Urgency) else Urgency(priority)
        await self._acquire(urgency)
        slot = Slot()
        try:
            yield slot
        finally:
            self._release(slot)

    @asynccontextmanager
    async def sequence(self, calls: int) -> AsyncIterator[None]:
        """Wait until there is room for so many calls in a row at priority STOP, and keep it while the body runs.

        For calls between which something must not be left: a channel is taken off air only when it can be put back.
        """
        calls = min(calls, self._pace.floor)
        self._asked += calls
        begun = False
        try:
            while self.limit - self.used - self._promised < calls or self._clock.monotonic() < self._pace.paused_until:
                await self._clock.sleep(_ROOM_POLL)
            self._promised, begun = self._promised + calls, True
            yield
        finally:
            self._asked -= calls
            self._promised -= calls if begun else 0
            self._grant()

    def throttled(self, retry_after: float | None) -> None:
        """The service said that there are too many calls: pause (seconds, when it said how long), then go slower."""
        self._pace.throttled(self._clock.monotonic(), retry_after)
        self._set_alarm()

    @property
    def limit(self) -> int:
        """Calls a minute that are allowed just now."""
        return self._pace.limit(self._clock.monotonic())

    @property
    def used(self) -> int:
        """Slots taken: calls under way, and calls that ended less than a minute ago."""
        self._forget_old()
        return self._running + len(self._ended)

    @property
    def waiting(self) -> Mapping[Priority, int]:
        """How many calls wait, by priority."""
        return {priority: len(queue) for priority, queue in self._queues.items()}

    def expected_wait(self, priority: Priority) -> float:
        """About how many seconds a call that came now would wait."""
        now = self._clock.monotonic()
        self._forget_old()
        paused = max(0.0, self._pace.paused_until - now)
        ahead = sum(len(queue) for other, queue in self._queues.items() if other <= priority)
        short = ahead - (self._allowed(priority, now) - self.used)
        if short < 0:
            return paused
        frees = [ended + _HELD - now for ended in self._ended] + [_HELD] * self._running
        if not frees:
            return paused
        rounds, index = divmod(short, len(frees))
        return max(paused, frees[index] + rounds * _HELD)

    async def _acquire(self, urgency: Urgency) -> None:
        waiter = _Waiter(urgency.priority)
        self._queues[waiter.priority].append(waiter)
        self._grant()
        deaf = urgency.listen(lambda: self._move(waiter, urgency.priority))
        try:
            await waiter.granted
        except asyncio.CancelledError:
            self._abandon(waiter)
            raise
        finally:
            deaf()

    def _move(self, waiter: _Waiter, priority: Priority) -> None:
        if waiter in self._queues[waiter.priority]:
            self._queues[waiter.priority].remove(waiter)
            waiter.priority = priority
            self._queues[priority].append(waiter)
            self._grant()

    def _abandon(self, waiter: _Waiter) -> None:
        """The waiter was cancelled: before its turn, or at the moment when the slot was already its own."""
        if waiter in self._queues[waiter.priority]:
            self._queues[waiter.priority].remove(waiter)
        elif not waiter.granted.cancelled():
            self._running -= 1
        self._grant()

    def _release(self, slot: Slot) -> None:
        self._running -= 1
        if slot.spent:
            self._ended.append(self._clock.monotonic())
        self._grant()

    def _grant(self) -> None:
        """Give free slots to the most urgent waiters, and see to it that somebody looks again in time."""
        now = self._clock.monotonic()
        self._forget_old()
        while (waiter := self._first()) is not None and self._is_free(waiter.priority, now):
            self._queues[waiter.priority].popleft()
            self._running += 1
            waiter.granted.set_result(None)
        self._set_alarm()

    def _first(self) -> _Waiter | None:
        for queue in self._queues.values():
            while queue and queue[0].granted.cancelled():
                queue.popleft()
            if queue:
                return queue[0]
        return None

    def _is_free(self, priority: Priority, now: float) -> bool:
        extra = _RESERVE if priority is Priority.STOP else 0
        return (
            now >= self._pace.paused_until
            and self._running < self._concurrency + extra
            and self._running + len(self._ended) < self._allowed(priority, now)
        )

    def _allowed(self, priority: Priority, now: float) -> int:
        limit = self._pace.limit(now)
        kept = max(_RESERVE, min(self._asked, limit // 2))
        return limit if priority is Priority.STOP else limit - min(kept, limit - 1)

    def _forget_old(self) -> None:
        now = self._clock.monotonic()
        while self._ended and self._ended[0] + _HELD <= now:
            self._ended.popleft()

    def _set_alarm(self) -> None:
        """Wake when a slot becomes free by time alone. There is an alarm only while somebody waits."""
        due = self._next_change() if self._first() is not None else None
        if self._alarm is not None and (due is None or due < self._alarm_at):
            self._alarm.cancel()
            self._alarm = None
        if due is not None and self._alarm is None:
            self._alarm_at = due
            self._alarm = asyncio.get_running_loop().create_task(self._ring(due), name="budget alarm")

    def _next_change(self) -> float | None:
        now = self._clock.monotonic()
        if now < self._pace.paused_until:
            return self._pace.paused_until
        oldest = self._ended[0] + _HELD if self._ended else None
        changes = [change for change in (oldest, self._pace.next_step(now)) if change is not None]
        return min(changes, default=None)

    async def _ring(self, due: float) -> None:
        await self._clock.sleep(due - self._clock.monotonic())
        self._alarm = None
        self._grant()
