"""Readings of flows: in turn, within their share, and never in front of a write that came later."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from medialive_operator.cloud.budget import Budget, Priority, Urgency
from medialive_operator.cloud.client import MediaLive
from medialive_operator.cloud.credentials import AccessKey
from medialive_operator.cloud.errors import NotFound, Transient
from medialive_operator.cloud.flow_readings import FlowReadings, FlowSource, Reading
from medialive_operator.cloud.pacing import Share
from medialive_operator.contract.operations import Operation
from medialive_operator.simulator.app import Simulator
from medialive_operator.simulator.options import Options
from tests.clocks import SteppedClock, settle

pytestmark = pytest.mark.anyio

INTERVAL = 30.0
ENCRYPTION = {"algorithm": "aes128", "key_type": "srt-password", "passphrase": "planted-passphrase"}
LINK = {"protocol": "srt-listener", "type": "DIRECT_HOST", "health_status": "CONNECTED"}
DETAIL, OUTPUT = "show_flow_detail", "show_output_info"


@dataclass
class Studio:
    """The readings of one account of the simulated service."""

    cloud: MediaLive
    admin: httpx.AsyncClient
    readings: FlowReadings
    clock: SteppedClock
    changed: list[str] = field(default_factory=list)

    async def flow(self, flow_id: str, *outputs: str) -> None:
        """A flow appears in the cloud."""
        links = [{**LINK, "name": name, "encryption": ENCRYPTION} for name in outputs]
        source = {"name": "main", "protocol": "srt-listener"}
        await self.put(f"/state/flows/{flow_id}", name=flow_id, region="r", sources=[source], outputs=links)

    async def put(self, path: str, **body: Any) -> None:
        """Change what is in the cloud."""
        (await self.admin.put(path, json=body)).raise_for_status()

    async def fault(self, **fault: Any) -> None:
        """Make calls go wrong."""
        (await self.admin.post("/faults", json=fault)).raise_for_status()

    async def calls(self) -> list[tuple[str, str, float]]:
        """Operation, flow and time of the calls so far."""
        calls = (await self.admin.get("/calls")).json()["calls"]
        return [(call["operation"], call["query"].get("flow_id", ""), call["at"]) for call in calls]

    def reading(self, flow_id: str) -> Reading:
        """What was read; there must be something."""
        reading = self.readings.get(flow_id)
        assert reading is not None
        return reading


@pytest.fixture
async def studio(clock: SteppedClock) -> AsyncIterator[Studio]:
    """Nothing is followed yet, and no turns are taken."""
    simulator = Simulator(Options(), clock)
    account = simulator.accounts[0]
    changed: list[str] = []
    cloud = MediaLive(
        endpoint="https://live.example.com",
        project_id=account.projects[0].id,
        credentials=AccessKey(account.access_key, account.secret_key),
        budget=(budget := Budget(clock, 80)),
        clock=clock,
        transport=httpx.ASGITransport(simulator.app),
    )
    transport = httpx.ASGITransport(simulator.admin)
    async with cloud, httpx.AsyncClient(transport=transport, base_url="http://admin") as admin:
        readings = FlowReadings(cloud, Share(budget, 0.25, clock), clock, changed.append, INTERVAL)
        yield Studio(cloud, admin, readings, clock, changed)


@pytest.fixture
async def turning(studio: Studio) -> AsyncIterator[Studio]:
    """The same, and turns are taken."""
    turns = asyncio.create_task(studio.readings.run())
    yield studio
    assert not turns.done()
    turns.cancel()
    await asyncio.wait([turns])


async def test_all_are_read_in_turn(turning: Studio) -> None:
    """Each followed flow is read in full once an interval, and only what differs is told."""
    for flow_id in ("a", "b"):
        await turning.flow(flow_id, "one", "two")
        turning.readings.follow(flow_id)
    await turning.clock.advance(INTERVAL - 1)
    assert sorted(turning.changed) == ["a", "b"]
    assert {name: set(turning.reading(name).outputs) for name in ("a", "b")} == {
        "a": {"one", "two"},
        "b": {"one", "two"},
    }

    await turning.flow("b", "one")
    await turning.clock.advance(INTERVAL)

    assert sorted(turning.changed) == ["a", "b", "b"]
    assert set(turning.reading("b").outputs) == {"one"}
    assert len([call for call in await turning.calls() if call[0] == DETAIL]) == 4


async def test_no_minute_sees_more_than_the_share(turning: Studio) -> None:
    """Twelve flows with four outputs: a quarter of the calls of any minute, and each has its turn, oldest first."""
    names = [f"flow-{number:02}" for number in range(12)]
    for name in names:
        await turning.flow(name, "one", "two", "three", "four")
        turning.readings.follow(name)

    await turning.clock.advance(600)

    calls = await turning.calls()
    times = [at for _, _, at in calls]
    assert max(sum(end - 60 < at <= end for at in times) for end in times) == 20
    turns = [flow_id for operation, flow_id, _ in calls if operation == DETAIL]
    assert len(turns) >= 2 * len(names)
    assert turns == [names[place % len(names)] for place in range(len(turns))]


async def test_a_flow_that_is_gone_is_in_nobodys_way(turning: Studio) -> None:
    """One of the followed flows does not exist: the others are read all the same, and it is asked for once a turn."""
    for flow_id in ("a", "b"):
        await turning.flow(flow_id, "one")
    for flow_id in ("gone", "a", "b"):
        turning.readings.follow(flow_id)

    await turning.clock.advance(4 * INTERVAL - 1)

    asked = [flow_id for operation, flow_id, _ in await turning.calls() if operation == DETAIL]
    assert {name: asked.count(name) for name in ("gone", "a", "b")} == {"gone": 4, "a": 4, "b": 4}


async def test_a_failing_service_is_not_pressed(turning: Studio) -> None:
    """While every reading fails there is one call an interval; afterwards all is read."""
    await turning.fault(status=503, times=None)
    for flow_id in ("a", "b", "c"):
        await turning.flow(flow_id, "one")
        turning.readings.follow(flow_id)

    await turning.clock.advance(10 * INTERVAL)
    tried = [flow_id for _, flow_id, _ in await turning.calls()]
    assert len(tried) <= 11
    assert set(tried) == {"a", "b", "c"}

    await turning.admin.delete("/faults")
    await turning.clock.advance(4 * INTERVAL)
    assert sorted(turning.changed) == ["a", "b", "c"]


async def test_a_slow_reading_never_hides_a_write(studio: Studio) -> None:
    """What a write answered while a reading was under way stays, whatever the reading says."""
    await studio.flow("a", "one")
    studio.readings.follow("a")
    await studio.readings.read_flow("a", Priority.FIRST_OBSERVATION)
    await studio.fault(operation=DETAIL, delay=10)
    reading = asyncio.create_task(studio.readings.read_flow("a", Priority.FIRST_OBSERVATION))
    await settle()

    studio.readings.learn("a", outputs={"two": {"name": "two", "port": 9002}})
    await studio.clock.advance(10)
    await reading

    assert studio.reading("a").outputs["two"] == {"name": "two", "port": 9002}


async def test_outputs_are_read_one_by_one(studio: Studio) -> None:
    """The flow's reading tells the names of its outputs; what was read of one of them stays."""
    await studio.flow("a", "one", "two")
    studio.readings.follow("a")
    await studio.readings.read_flow("a", Priority.FIRST_OBSERVATION)
    assert studio.reading("a").outputs == {"one": None, "two": None}

    await studio.readings.read_output("a", "one", Priority.FIRST_OBSERVATION)
    await studio.readings.read_flow("a", Priority.FIRST_OBSERVATION)
    await studio.readings.read_output("a", "never", Priority.FIRST_OBSERVATION)

    outputs = studio.reading("a").outputs
    assert (outputs["one"] or {})["protocol"] == "srt-listener"
    assert set(outputs) == {"one", "two"}
    assert outputs["two"] is None
    assert studio.reading("a").at is None


async def test_what_is_known_without_reading(studio: Studio) -> None:
    """A new flow has its sources and no outputs; outputs come and go with writes; a doubt leaves nothing."""
    studio.readings.begin("a", {"main": {"name": "main"}})
    assert (studio.reading("a").sources, studio.reading("a").outputs) == ({"main": {"name": "main"}}, {})

    studio.readings.learn("a", outputs={"one": {"name": "one"}, "two": {"name": "two"}})
    studio.readings.drop_output("a", "one")
    assert studio.reading("a").outputs == {"two": {"name": "two"}}
    studio.readings.doubt("a")
    assert studio.readings.get("a") is None
    assert await studio.calls() == []


async def test_a_started_flow_is_read_soon_but_not_at_once(turning: Studio) -> None:
    """What its links are stays known, whether they are connected does not; it is read before its turn, in a while."""
    await turning.flow("a", "one")
    turning.readings.follow("a")
    await turning.clock.advance(5)
    before = len(await turning.calls())

    turning.readings.stir("a")

    assert "health_status" not in {
        **turning.reading("a").sources["main"],
        **(turning.reading("a").outputs["one"] or {}),
    }
    assert turning.reading("a").sources["main"]["protocol"] == "srt-listener"
    await turning.clock.advance(4)
    assert len(await turning.calls()) == before
    await turning.clock.advance(6)
    assert len(await turning.calls()) == before + 2
    assert (turning.reading("a").outputs["one"] or {})["health_status"] == "CONNECTED"


async def test_the_oldest_reading(studio: Studio) -> None:
    """It is as old as the flow that waits longest, and not known while one was never read."""
    assert studio.readings.oldest is None
    studio.readings.begin("a", {})
    began = studio.clock.time()
    await studio.clock.advance(10)
    studio.readings.begin("b", {})
    assert studio.readings.oldest == began

    studio.readings.follow("c")
    assert studio.readings.oldest is None
    studio.readings.unfollow("c")
    studio.readings.unfollow("a")
    assert studio.readings.oldest == began + 10


async def test_a_flow_that_nobody_follows_is_not_kept(studio: Studio) -> None:
    """Its reading is not remembered."""
    await studio.flow("a", "one")

    await studio.readings.read_flow("a", Priority.FIRST_OBSERVATION)

    assert studio.readings.get("a") is None


async def test_a_missing_flow_is_told(studio: Studio) -> None:
    """Reading a flow that does not exist raises NotFound; the list's source says None."""
    studio.readings.follow("gone")
    with pytest.raises(NotFound):
        await studio.readings.read_flow("gone", Priority.FIRST_OBSERVATION)

    assert await FlowSource(studio.cloud).read("gone", Priority.FIRST_OBSERVATION) is None


async def test_secrets_are_in_no_repr(studio: Studio) -> None:
    """A reading holds what the service echoes, and does not show it; the list's entries do not even hold it."""
    await studio.flow("a", "one")
    studio.readings.follow("a")
    await studio.readings.read_flow("a", Priority.FIRST_OBSERVATION)
    await studio.readings.read_output("a", "one", Priority.FIRST_OBSERVATION)

    assert "planted-passphrase" in str(studio.reading("a").outputs)
    assert "planted-passphrase" not in repr(studio.reading("a"))
    page = await FlowSource(studio.cloud).page(0, Urgency(Priority.DRIFT))
    assert page.items == (("a", {"flow_id": "a", "name": "a", "region": "r", "status": "STANDBY"}),)


@pytest.mark.parametrize("body", ['{"flows": "none"}', "{}", '{"flows": {"flow_id": "a"}, "total": 1}'])
async def test_a_list_that_cannot_be_right(studio: Studio, body: str) -> None:
    """A list without flows and total, or of another shape, is an error: it does not say that there are none."""
    await studio.fault(operation=str(Operation.LIST_FLOWS), status=200, body=body)

    with pytest.raises(Transient, match="cannot be right"):
        await FlowSource(studio.cloud).page(0, Urgency(Priority.DRIFT))


async def test_entries_without_an_id_count_as_unreadable(studio: Studio) -> None:
    """A record that has no id cannot be one of ours; that there is one is told by the page's size."""
    body = '{"flows": [{"name": "x"}, "junk", {"flow_id": "a", "name": "a"}], "total": 3}'
    await studio.fault(operation=str(Operation.LIST_FLOWS), status=200, body=body)

    page = await FlowSource(studio.cloud).page(0, Urgency(Priority.DRIFT))

    assert [key for key, _ in page.items] == ["a"]
    assert (page.size, page.total) == (3, 3)
