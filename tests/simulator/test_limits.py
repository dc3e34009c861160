"""Throttle and concurrency limit, in every scope, and what they say."""

import asyncio

import pytest

from medialive_operator.contract.operations import Operation
from medialive_operator.simulator.app import Simulator
from medialive_operator.simulator.options import Options
from tests.clocks import SteppedClock, settle
from tests.simulator.callers import Caller, refusal, simulated

pytestmark = pytest.mark.anyio

CHANNELS = Operation.LIST_OTT_CHANNEL_INFO
DIMENSIONS = Operation.LIST_CES_DIMS_INFO
FLOWS = Operation.LIST_FLOWS


async def test_eighty_calls_a_minute(caller: Caller) -> None:
    """The 81st call of a minute is refused with 429 and the gateway's code; a minute later calls pass again."""
    statuses = [(await caller.call(CHANNELS)).status_code for _ in range(80)]
    refused = await caller.call(CHANNELS)
    await caller.admin("POST", "/clock", {"step": 60})

    assert set(statuses) == {200}
    assert refusal(refused) == (429, "APIGW.0308")
    assert "Retry-After" not in refused.headers
    assert (await caller.call(CHANNELS)).status_code == 200


@pytest.mark.parametrize("seconds", [60, 30])
async def test_window_slides(seconds: float) -> None:
    """A call frees its room one window after it was made, not when a fixed window ends."""
    async with simulated(throttle_calls=2, throttle_seconds=seconds) as caller:
        await caller.ok(CHANNELS)
        await caller.admin("POST", "/clock", {"step": seconds - 20})
        await caller.ok(CHANNELS)
        await caller.admin("POST", "/clock", {"step": 20})

        assert (await caller.call(CHANNELS)).status_code == 200
        assert (await caller.call(CHANNELS)).status_code == 429


@pytest.mark.parametrize(
    ("scope", "same_category", "other_category"),
    [("operation", 200, 200), ("category", 429, 200), ("account", 429, 429), ("none", 200, 200)],
)
async def test_throttle_scope(scope: str, same_category: int, other_category: int) -> None:
    """What shares a window is an operation, a category, everything in a project, or there is none."""
    async with simulated(throttle_scope=scope, throttle_calls=1, not_found_status=404) as caller:
        await caller.ok(FLOWS)

        assert (await caller.call(FLOWS)).status_code == (200 if scope == "none" else 429)
        detail = await caller.call(Operation.SHOW_FLOW_DETAIL, flow_id="nobody")
        assert detail.status_code == (404 if same_category == 200 else 429)
        assert (await caller.call(DIMENSIONS, namespace="SYS.LIVE")).status_code == other_category


async def test_projects_are_throttled_apart() -> None:
    """One project's calls take nothing from another's window."""
    async with simulated(throttle_calls=1) as caller:
        other = await Caller(caller.simulator, account=1).signed_in()
        await caller.ok(CHANNELS)

        assert (await other.call(CHANNELS)).status_code == 200
        await other.close()


async def test_throttle_retry_after() -> None:
    """With the option, 429 says in how many seconds there is room."""
    async with simulated(throttle_calls=1, throttle_retry_after=True) as caller:
        await caller.ok(CHANNELS)
        await caller.admin("POST", "/clock", {"step": 20})

        assert (await caller.call(CHANNELS)).headers["Retry-After"] == "40"


@pytest.mark.parametrize(("counts", "status"), [(True, 429), (False, 200)])
async def test_throttle_counts_refused(counts: bool, status: int) -> None:
    """Refused calls keep the window full, or do not."""
    async with simulated(throttle_calls=1, throttle_counts_refused=counts) as caller:
        await caller.ok(CHANNELS)
        await caller.admin("POST", "/clock", {"step": 59})
        await caller.call(CHANNELS)
        await caller.admin("POST", "/clock", {"step": 1})

        assert (await caller.call(CHANNELS)).status_code == status


@pytest.mark.parametrize(("limit", "refused"), [(None, 0), (2, 1)])
async def test_concurrency_limit(limit: int | None, refused: int) -> None:
    """A call beyond the limit of open ones gets the service's own 500, and room is made when calls end."""
    async with simulated(concurrency_limit=limit) as caller:
        await caller.admin("POST", "/faults", {"operation": CHANNELS, "delay": 5, "times": 3})
        calls = [asyncio.ensure_future(caller.call(CHANNELS)) for _ in range(3)]
        await settle()
        await caller.admin("POST", "/clock", {"step": 5})
        answers = [await call for call in calls]

        codes = [refusal(answer) for answer in answers if not answer.is_success]
        assert codes == [(500, "LIVE.100011007")] * refused
        assert (await caller.call(CHANNELS)).status_code == 200


async def test_latency() -> None:
    """Each call takes as long as the option says."""
    caller = Caller(Simulator(Options(latency=5), SteppedClock()))
    call = asyncio.ensure_future(caller.call(CHANNELS))
    await settle()
    await caller.admin("POST", "/clock", {"step": 4})
    await settle()
    assert not call.done()

    await caller.admin("POST", "/clock", {"step": 1})
    assert (await call).status_code == 401
    await caller.close()
