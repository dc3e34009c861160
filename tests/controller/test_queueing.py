"""The work queue: one pass a key at a time, nothing lost, delays and retries on the injected clock."""

import asyncio

import pytest

from medialive_operator.controller.queueing import After, Queue, Requeue, Retry, Superseded, Turn
from tests.clocks import SteppedClock, settle

pytestmark = pytest.mark.anyio


class Work:
    """Passes that last until they are let go; notes what ran."""

    def __init__(self, *answers: Requeue | Exception) -> None:
        self.started: list[str] = []
        self.ended: list[str] = []
        self.turns: list[Turn] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._answers = list(answers)

    async def __call__(self, key: str, turn: Turn) -> Requeue:
        self.started.append(key)
        self.turns.append(turn)
        await self.gate.wait()
        self.ended.append(key)
        answer = self._answers.pop(0) if self._answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_a_key_is_never_worked_on_twice_at_once(clock: SteppedClock) -> None:
    """Adds during a pass lead to exactly one more pass, after it."""
    work = Work()
    work.gate.clear()
    queue = Queue(work, clock)
    queue.add("a")
    await settle()
    for _ in range(3):
        queue.add("a")
    await settle()
    assert work.started == ["a"]

    work.gate.set()
    await settle()

    assert work.ended == ["a", "a"]


async def test_keys_do_not_wait_for_each_other(clock: SteppedClock) -> None:
    """A pass that hangs keeps no other key from starting."""
    work = Work()
    work.gate.clear()
    queue = Queue(work, clock)

    for key in "abc":
        queue.add(key)
    await settle()

    assert work.started == ["a", "b", "c"]


async def test_a_waiting_pass_is_ended_by_something_newer(clock: SteppedClock) -> None:
    """A superseded pass that only waits ends at once, and the key is looked at again."""
    work = Work()
    work.gate.clear()
    queue = Queue(work, clock)
    queue.add("a")
    await settle()

    queue.add("a", supersede=True)
    await settle()

    assert work.started == ["a", "a"]
    assert work.ended == []


async def test_a_committed_pass_is_not_ended(clock: SteppedClock) -> None:
    """A pass whose call is on its way goes on to its end, and its next call is refused."""
    work = Work()
    work.gate.clear()
    queue = Queue(work, clock)
    queue.add("a")
    await settle()
    work.turns[0].commit()

    queue.add("a", supersede=True)
    await settle()

    assert work.started == ["a"]
    with pytest.raises(Superseded):
        work.turns[0].commit()
    work.gate.set()
    await settle()
    assert work.ended == ["a", "a"]


async def test_after_looks_again_in_time(clock: SteppedClock) -> None:
    """`After(10)` looks again after ten seconds and not before."""
    work = Work(After(10))
    queue = Queue(work, clock)
    queue.add("a")

    await clock.advance(9.9)
    assert len(work.started) == 1
    await clock.advance(0.2)
    assert len(work.started) == 2


async def test_an_add_overtakes_a_delay(clock: SteppedClock) -> None:
    """A key that waits is looked at now, and the delay it waited for is forgotten."""
    work = Work(After(10))
    queue = Queue(work, clock)
    queue.add("a")
    await settle()

    queue.add("a")
    await clock.advance(60)

    assert len(work.started) == 2


async def test_a_crashed_pass_is_retried(clock: SteppedClock) -> None:
    """An unexpected exception is followed by another pass within a second."""
    work = Work(RuntimeError("no"))
    queue = Queue(work, clock)
    queue.add("a")

    await clock.advance(1.0)

    assert len(work.started) == 2


async def test_a_forgotten_key_is_not_looked_at_again(clock: SteppedClock) -> None:
    """`forget` drops the delay of a key."""
    work = Work(After(10))
    queue = Queue(work, clock)
    queue.add("a")
    await settle()

    queue.forget("a")
    await clock.advance(60)

    assert len(work.started) == 1


async def test_close_lets_calls_on_their_way_come_back(clock: SteppedClock) -> None:
    """Closing ends waiting passes, waits for committed ones, and starts nothing more."""
    work = Work()
    work.gate.clear()
    queue = Queue(work, clock)
    queue.add("waits")
    queue.add("acts")
    await settle()
    work.turns[1].commit()

    closing = asyncio.create_task(queue.close(patience=60))
    await settle()
    assert not closing.done()
    work.gate.set()
    await closing
    queue.add("late")

    assert work.ended == ["acts"]


@pytest.mark.parametrize("failures", [0, 1, 5, 1000])
async def test_a_retry_is_bounded_and_never_busy(failures: int) -> None:
    """The delay grows with failures in a row, up to the cap, and at least a tenth of it is waited."""
    longest = min(100.0, 2.0 * 2.0 ** min(failures, 30))
    for _ in range(50):
        assert longest * 0.1 <= Retry(2.0, 100.0).delay(failures) <= longest
