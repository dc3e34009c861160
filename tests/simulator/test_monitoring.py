"""Statistics and Cloud Eye."""

from typing import Any

import pytest

from medialive_operator.contract.operations import Operation
from tests.simulator.callers import KEY, Caller, channel, refusal, simulated

pytestmark = pytest.mark.anyio

STATISTIC = Operation.SHOW_CHANNEL_STATISTIC
INSTANCES = Operation.LIST_CES_INSTANCE


def asked(kind: str = "all", start: int = 1, end: int = 1000, **fields: Any) -> dict[str, Any]:
    """A statistics query for the channel news-1."""
    window = {"type": kind, "start_time": start, "end_time": end}
    return {**KEY, "type": "scte35", "scte35": window, **fields}


async def test_signals_are_filtered_and_paged(caller: Caller) -> None:
    """Signals are picked by type, window and region, and come in pages with the total beside them."""
    await caller.ok(Operation.CREATE_OTT_CHANNEL_INFO, body=channel())
    signals = [{"start_date": at, "type": "splice_insert" if at % 2 else "time_signal"} for at in range(100, 130)]
    await caller.admin("POST", "/state/channels/push.example.com/live/news-1/scte35", signals)
    every = (await caller.ok(STATISTIC, body=asked()))["scte35"]
    page = (await caller.ok(STATISTIC, body=asked("time_signal", 100, 120), limit=3, offset=6))["scte35"]

    assert (every["total"], len(every["scte35_info"])) == (30, 10)
    assert (page["total"], [one["start_date"] for one in page["scte35_info"]]) == (10, [112, 114, 116])
    assert (await caller.ok(STATISTIC, body=asked(region_type="slave")))["scte35"]["total"] == 0
    assert (await caller.ok(STATISTIC, body=asked(region_type="all")))["scte35"]["total"] == 30


async def test_bad_windows_are_refused(caller: Caller) -> None:
    """The end must be after the start, and the channel must exist."""
    assert refusal(await caller.call(STATISTIC, body=asked())) == (400, "LIVE.103011019")
    await caller.ok(Operation.CREATE_OTT_CHANNEL_INFO, body=channel())

    assert refusal(await caller.call(STATISTIC, body=asked(start=5, end=5))) == (400, "LIVE.100011001")


@pytest.mark.parametrize(("spelling", "shown"), [("code", "splice_insert"), ("title", "Splice Insert")])
async def test_scte35_spelling(spelling: str, shown: str) -> None:
    """Signal types are spelt as the field text has them, or as the sample does."""
    async with simulated(scte35_spelling=spelling) as caller:
        await caller.ok(Operation.CREATE_OTT_CHANNEL_INFO, body=channel())
        await caller.admin("POST", "/state/channels/push.example.com/live/news-1/scte35", {"start_date": 100})

        assert (await caller.ok(STATISTIC, body=asked()))["scte35"]["scte35_info"][0]["type"] == shown


async def test_instances_follow_the_path(caller: Caller) -> None:
    """Channels have two pipelines, and a pipeline five audio tracks; other dimensions have nothing."""
    await caller.ok(Operation.CREATE_OTT_CHANNEL_INFO, body=channel())
    await caller.ok(Operation.CREATE_OTT_CHANNEL_INFO, body=channel("sports"))
    channels = await caller.ok(INSTANCES, body=_path("medialive_mpc"))
    pipelines = await caller.ok(INSTANCES, body=_path("medialive_mpc=news-1", "pipeline"))
    audio = await caller.ok(INSTANCES, body={**_path("medialive_mpc=news-1", "pipeline=0", "audio"), "limit": 2})
    others = await caller.ok(INSTANCES, body=_path("medialive_connect"))

    assert [one["medialive_mpc"]["id"] for one in channels["instances"]] == ["news-1", "sports"]
    assert [one["pipeline"]["id"] for one in pipelines["instances"]] == ["0", "1"]
    assert (audio["total"], len(audio["instances"])) == (5, 2)
    assert others == {"total": 0, "instances": []}


async def test_dimensions_need_the_namespace(caller: Caller) -> None:
    """Another namespace is refused in the shape of Cloud Eye calls."""
    answer = await caller.call(Operation.LIST_CES_DIMS_INFO, namespace="SYS.ECS")

    assert (answer.status_code, answer.json()["error_code"]) == (400, "LIVE.100011001")


def _path(*steps: str) -> dict[str, Any]:
    named = [step.partition("=") for step in steps]
    query = [{"dim_name": name, **({"id": identity} if identity else {})} for name, _, identity in named]
    return {"namespace": "SYS.LIVE", "query": query}
