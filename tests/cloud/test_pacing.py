"""The share of the budget for work that can wait."""

import asyncio

import pytest

from medialive_operator.cloud.budget import Budget
from medialive_operator.cloud.pacing import Share
from tests.clocks import SteppedClock

pytestmark = pytest.mark.anyio


async def test_no_minute_sees_more_than_the_share(clock: SteppedClock) -> None:
    """Of 30 calls that come at once with a share of 8 a minute, 8 go in the first minute and 8 in each later one."""
    share = Share(Budget(clock, 80), 0.1, clock)
    times: list[float] = []

    async def call() -> None:
        await share.turn()
        times.append(clock.monotonic())

    calls = [asyncio.create_task(call()) for _ in range(30)]
    await clock.advance(600)

    await asyncio.gather(*calls)
    for end in times:
        assert sum(end - 60 < time <= end for time in times) <= 8
    assert times[-1] == pytest.approx(180)


async def test_a_share_is_never_nothing(clock: SteppedClock) -> None:
    """A share that rounds to no call at all still lets one through a minute."""
    share = Share(Budget(clock, 10), 0.01, clock)
    await share.turn()
    second = asyncio.create_task(share.turn())

    await clock.advance(59)
    assert not second.done()
    await clock.advance(2)
    assert second.done()
