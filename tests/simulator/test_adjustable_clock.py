"""The simulator's clock: scale, step, and who sleeps meanwhile."""

import asyncio

import pytest

from medialive_operator.simulator.adjustable_clock import AdjustableClock
from tests.clocks import SteppedClock, settle

pytestmark = pytest.mark.anyio


async def test_runs_with_its_base(clock: SteppedClock) -> None:
    """Until it is adjusted it shows what its base shows."""
    adjustable = AdjustableClock(clock)
    await clock.advance(5)

    assert (adjustable.time(), adjustable.monotonic()) == (clock.time(), 5)


async def test_scale_applies_from_now_on(clock: SteppedClock) -> None:
    """A scale multiplies what passes after it was set, not what had passed."""
    adjustable = AdjustableClock(clock)
    await clock.advance(5)
    adjustable.run_at(60)
    await clock.advance(1)

    assert adjustable.monotonic() == 65


@pytest.mark.parametrize("adjust", ["step", "scale"])
async def test_sleepers_wake_by_the_new_time(clock: SteppedClock, adjust: str) -> None:
    """Who sleeps while the clock is adjusted wakes when the adjusted clock says so."""
    adjustable = AdjustableClock(clock)
    sleeper = asyncio.ensure_future(adjustable.sleep(60))
    await settle()
    if adjust == "step":
        adjustable.step(59)
    else:
        adjustable.run_at(60)
    await settle()
    assert not sleeper.done()

    await clock.advance(1)
    await settle()
    assert sleeper.done()
