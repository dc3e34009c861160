"""The call budget, one rule a test."""

import asyncio
from collections.abc import Callable

import pytest

from medialive_operator.cloud.budget import Budget, Priority, Urgency
from tests.clocks import SteppedClock, settle

pytestmark = pytest.mark.anyio


class Callers:
    """Makes calls of a given length and notes when each began."""

    def __init__(self, budget: Budget, clock: SteppedClock) -> None:
        self.budget = budget
        self.clock = clock
        self.begun: list[tuple[str, float]] = []

    def call(self, name: str, priority: Priority | Urgency, seconds: float = 0.0) -> asyncio.Task[None]:
        return asyncio.create_task(self._call(name, priority, seconds))

    async def _call(self, name: str, priority: Priority | Urgency, seconds: float) -> None:
        async with self.budget.call(priority):
            self.begun.append((name, self.clock.monotonic()))
            if seconds:
                await self.clock.sleep(seconds)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.begun]


def half() -> float:
    return 0.5


Make = Callable[..., Callers]


@pytest.fixture
def callers(clock: SteppedClock) -> Make:
    def make(calls_per_minute: int, concurrency: int = 100) -> Callers:
        return Callers(Budget(clock, calls_per_minute, concurrency=concurrency, jitter=half), clock)

    return make


async def test_slot_is_free_one_window_after_the_end_of_its_call(callers: Make, clock: SteppedClock) -> None:
    """A call that took 30 s frees its slot 60 s after it ended, not after it began."""
    made = callers(1)
    made.call("slow", Priority.DRIFT, 30.0)
    await settle()
    made.call("next", Priority.DRIFT)

    await clock.advance(89.0)
    assert made.names == ["slow"]

    await clock.advance(2.0)
    assert made.names == ["slow", "next"]


async def test_most_urgent_waiter_goes_first_then_the_oldest(callers: Make, clock: SteppedClock) -> None:
    """Waiters leave by priority, and in the order of their coming inside one priority."""
    made = callers(3)
    async with made.budget.call(Priority.STOP), made.budget.call(Priority.STOP), made.budget.call(Priority.STOP):
        for name, priority in (
            ("statistics", Priority.STATISTICS),
            ("drift 1", Priority.DRIFT),
            ("drift 2", Priority.DRIFT),
            ("create", Priority.CREATE),
            ("change", Priority.USER_CHANGE),
            ("stop", Priority.STOP),
        ):
            made.call(name, priority)
        await settle()
    await clock.advance(600.0)

    assert made.names == ["stop", "change", "create", "drift 1", "drift 2", "statistics"]


async def test_two_slots_are_kept_for_stops(callers: Make, clock: SteppedClock) -> None:
    """When everybody else has used up his share, a stop still leaves at once."""
    made = callers(10)
    for number in range(12):
        made.call(f"change {number}", Priority.USER_CHANGE)
    await settle()
    assert len(made.begun) == 8

    made.call("stop", Priority.STOP)
    await settle()
    assert made.begun[-1] == ("stop", 0.0)


async def test_raised_waiter_overtakes(callers: Make, clock: SteppedClock) -> None:
    """A call that waits at a low priority leaves earlier when its urgency is raised."""
    made = callers(1)
    await made.call("first", Priority.DRIFT)
    urgency = Urgency(Priority.STATISTICS)
    made.call("raised", urgency)
    made.call("drift", Priority.DRIFT)
    await settle()

    urgency.raise_to(Priority.FIRST_OBSERVATION)
    await clock.advance(61.0)

    assert made.names == ["first", "raised"]
    assert made.budget.waiting[Priority.DRIFT] == 1


async def test_waiter_raised_to_stop_takes_a_kept_slot(callers: Make) -> None:
    """A raise that makes a slot available is acted on at once, not when the next call ends."""
    made = callers(3)
    await made.call("first", Priority.DRIFT)
    urgency = Urgency(Priority.DRIFT)
    made.call("raised", urgency)
    await settle()
    assert made.names == ["first"]

    urgency.raise_to(Priority.STOP)
    await settle()
    assert made.names == ["first", "raised"]


async def test_lowering_is_no_raise(callers: Make) -> None:
    """`raise_to` a less urgent priority changes nothing."""
    urgency = Urgency(Priority.CREATE)

    urgency.raise_to(Priority.DRIFT)

    assert urgency.priority is Priority.CREATE


async def test_cancelled_waiter_leaves_the_queue(callers: Make, clock: SteppedClock) -> None:
    """A waiter that is cancelled neither takes a slot nor keeps the next one from it."""
    made = callers(1)
    await made.call("first", Priority.DRIFT)
    gone = made.call("gone", Priority.DRIFT)
    made.call("next", Priority.DRIFT)
    await settle()
    gone.cancel()
    await clock.advance(61.0)

    assert made.names == ["first", "next"]
    assert gone.cancelled()


async def test_slot_granted_to_a_cancelled_waiter_comes_back(callers: Make, clock: SteppedClock) -> None:
    """A cancellation in the moment between the grant and the call gives the slot to the next one."""
    made = callers(1)
    async with made.budget.call(Priority.STOP) as slot:
        gone = made.call("gone", Priority.STOP)
        made.call("next", Priority.STOP)
        await settle()
        slot.unspent()
    # The slot is the first waiter's now, but its task has not run yet.
    gone.cancel()
    await settle()

    assert made.names == ["next"]
    assert gone.cancelled()


async def test_no_alarm_outlives_the_last_waiter(callers: Make) -> None:
    """When the only waiter is cancelled, no task of the budget is left behind."""
    made = callers(1)
    await made.call("first", Priority.DRIFT)
    waiter = made.call("waiter", Priority.DRIFT)
    await settle()
    waiter.cancel()
    await settle()

    assert not [task for task in asyncio.all_tasks() if task.get_name() == "budget alarm"]


async def test_failed_call_counts(callers: Make) -> None:
    """A call that raises has used its slot."""
    budget = callers(5).budget

    with pytest.raises(KeyError):
        async with budget.call(Priority.DRIFT):
            raise KeyError

    assert budget.used == 1


async def test_call_that_never_left_does_not_count(callers: Make) -> None:
    """An unspent slot is free at once."""
    budget = callers(5).budget

    async with budget.call(Priority.DRIFT) as slot:
        slot.unspent()

    assert budget.used == 0


async def test_calls_at_once_are_bounded(callers: Make, clock: SteppedClock) -> None:
    """No more than `concurrency` calls run at the same time, and two stops besides."""
    made = callers(100, concurrency=3)
    for number in range(5):
        made.call(f"drift {number}", Priority.DRIFT, 10.0)
    for number in range(3):
        made.call(f"stop {number}", Priority.STOP, 10.0)
    await settle()
    assert made.names == ["drift 0", "drift 1", "drift 2", "stop 0", "stop 1"]

    await clock.advance(11.0)
    assert made.names[5:] == ["stop 2", "drift 3", "drift 4"]


async def test_throttle_pauses_as_long_as_told(callers: Make, clock: SteppedClock) -> None:
    """After a throttle with Retry-After nothing leaves before its end, stops included."""
    made = callers(80)
    made.budget.throttled(20.0)
    made.call("stop", Priority.STOP)

    await clock.advance(19.0)
    assert made.names == []

    await clock.advance(1.5)
    assert made.names == ["stop"]


async def test_throttle_without_advice_pauses_a_share_of_the_window(callers: Make, clock: SteppedClock) -> None:
    """Without Retry-After the pause is 15 % of a minute, with the jitter in its middle."""
    made = callers(80)
    made.budget.throttled(None)
    made.call("change", Priority.USER_CHANGE)

    await clock.advance(8.9)
    assert made.names == []

    await clock.advance(0.2)
    assert made.names == ["change"]


async def test_throttle_halves_the_rate_and_time_restores_it(callers: Make, clock: SteppedClock) -> None:
    """The limit halves, then rises by a tenth every 15 s after the pause until it is whole again."""
    budget = callers(80).budget
    budget.throttled(10.0)
    assert budget.limit == 40

    await clock.advance(10.0 + 15.0)
    assert budget.limit == 48

    await clock.advance(4 * 15.0)
    assert budget.limit == 80


async def test_answers_of_one_burst_halve_the_rate_once(callers: Make) -> None:
    """Ten refusals of calls that were under way together are one sign, not ten."""
    budget = callers(80).budget

    for _ in range(10):
        budget.throttled(None)

    assert budget.limit == 40


async def test_throttles_in_a_row_pause_longer_down_to_a_floor(callers: Make, clock: SteppedClock) -> None:
    """Each throttle after a pause doubles the pause, and the rate never falls below an eighth."""
    budget = callers(80).budget
    waits = []
    for _ in range(6):
        budget.throttled(None)
        waits.append(budget.expected_wait(Priority.DRIFT))
        await clock.advance(waits[-1])

    assert waits == pytest.approx([9.0, 18.0, 36.0, 60.0, 60.0, 60.0])
    assert budget.limit == 10


async def test_waiter_wakes_when_the_rate_recovers(callers: Make, clock: SteppedClock) -> None:
    """A slot that appears because the limit rises is used, although no call ended."""
    made = callers(10)
    for number in range(5):
        made.call(f"running {number}", Priority.STOP, 1000.0)
    await settle()
    made.budget.throttled(1.0)
    made.call("waiting", Priority.STOP)

    await clock.advance(15.0)
    assert "waiting" not in made.names

    await clock.advance(2.0)
    assert made.begun[-1] == ("waiting", 16.0)


async def test_expected_wait_is_when_a_slot_will_be_free(callers: Make, clock: SteppedClock) -> None:
    """The wait is told by the slots that are in use and by who is ahead, and it comes true."""
    made = callers(4)
    for number in range(2):
        await made.call(f"drift {number}", Priority.DRIFT)
        await clock.advance(10.0)
    waiting = made.call("ahead", Priority.DRIFT)
    await settle()

    assert made.budget.expected_wait(Priority.USER_CHANGE) == pytest.approx(40.1)
    assert made.budget.expected_wait(Priority.DRIFT) == pytest.approx(50.1)
    assert made.budget.expected_wait(Priority.STOP) == 0.0

    await clock.advance(41.0)
    assert waiting.done()


async def test_budget_says_what_is_used_and_who_waits(callers: Make, clock: SteppedClock) -> None:
    """`used` counts running and recent calls, `waiting` counts by priority; both go back to nothing."""
    made = callers(3)
    made.call("running", Priority.CREATE, 5.0)
    await settle()
    made.call("waiting", Priority.DRIFT)
    await settle()
    assert made.budget.used == 1
    assert made.budget.waiting == {**dict.fromkeys(Priority, 0), Priority.DRIFT: 1}

    await clock.advance(200.0)
    assert made.budget.used == 0
    assert made.budget.waiting == dict.fromkeys(Priority, 0)


@pytest.mark.parametrize(("calls", "concurrency"), [(0, 1), (1, 0)])
async def test_budget_of_nothing_is_refused(calls: int, concurrency: int, clock: SteppedClock) -> None:
    """A budget that could never let a call through cannot be made."""
    with pytest.raises(ValueError, match="at least 1"):
        Budget(clock, calls, concurrency=concurrency)


async def test_a_sequence_waits_for_room_and_keeps_it(clock: SteppedClock) -> None:
    """Five calls in a row begin only when all have room, though others wait for the slots that become free."""
    budget = Budget(clock, 20)
    for _ in range(18):
        async with budget.call(Priority.USER_CHANGE):
            pass
    others = [asyncio.create_task(_one_call(budget, Priority.USER_CHANGE)) for _ in range(30)]
    begun: list[float] = []

    async def sequence() -> None:
        async with budget.sequence(2):
            begun.append(clock.monotonic())
            for _ in range(2):
                await _one_call(budget, Priority.STOP)
            begun.append(clock.monotonic())

    running = asyncio.create_task(sequence())
    await clock.advance(70)

    await running
    assert begun[1] == begun[0]
    await clock.advance(600)
    await asyncio.gather(*others)


async def _one_call(budget: Budget, priority: Priority) -> None:
    async with budget.call(priority):
        pass
