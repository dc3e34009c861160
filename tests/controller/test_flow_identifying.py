"""Which flow is an object's own: found by list, never guessed, and never looked for in vain."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from medialive_operator.cloud.client import MediaLive
from medialive_operator.cloud.credentials import AccessKey
from medialive_operator.cluster.objects import Key
from medialive_operator.controller.account import Account, Place
from medialive_operator.controller.claims import Claims
from medialive_operator.controller.flows.identifying import Foreign, Identified, Identifying, Nothing, Ours
from medialive_operator.controller.flows.subjects import FlowSubject
from medialive_operator.controller.outcomes import Outcome
from medialive_operator.controller.queueing import After, Turn
from medialive_operator.controller.status import stamp
from medialive_operator.simulator.app import Simulator
from medialive_operator.simulator.options import Options
from tests.clocks import SteppedClock, settle

pytestmark = pytest.mark.anyio

INTERVAL = 30.0
OURS = Key("streamconnectflows", "n", "studio")


@dataclass
class Desk:
    """Identifying, one account of the simulated service, and the object that is looked at."""

    account: Account
    admin: httpx.AsyncClient
    clock: SteppedClock
    claims: Claims = field(default_factory=Claims)

    def __post_init__(self) -> None:
        self.identifying = Identifying(self.claims, self.clock)

    async def flow(self, flow_id: str, name: str = "studio", region: str = "r") -> None:
        """A flow appears in the cloud."""
        body = {"name": name, "region": region, "sources": [{"name": "main", "protocol": "srt-listener"}]}
        (await self.admin.put(f"/state/flows/{flow_id}", json=body)).raise_for_status()

    async def lists(self) -> list[float]:
        """When the flows were listed."""
        calls = (await self.admin.get("/calls?operation=list_flows")).json()["calls"]
        return [call["at"] for call in calls]

    async def look(self, status: dict[str, Any] | None = None, **spec: Any) -> Identified:
        """What is found for the object with this status and spec, within the second that lists are apart."""
        meta = {"name": "studio", "namespace": "n", "uid": "u", "generation": 1}
        subject = FlowSubject(OURS, {"metadata": meta, "spec": spec, "status": status or {}}, Turn())
        looking = asyncio.create_task(self.identifying.look(subject, self.account))
        await settle(500)
        if not looking.done():
            await self.clock.advance(1.0)
            await settle(500)
        assert looking.done()
        return await looking

    def intent(self, *preexisting: str) -> dict[str, Any]:
        """The status of an object whose flow is being created."""
        return {
            "create": {
                "startedAt": stamp(self.clock.time()),
                "name": "studio",
                "flowRegion": "r",
                "preexisting": list(preexisting),
            }
        }


@pytest.fixture
async def desk(clock: SteppedClock) -> AsyncIterator[Desk]:
    simulator = Simulator(Options(), clock)
    user = simulator.accounts[0]
    place = Place("https://live.example.com", user.projects[0].id, "r")
    cloud = MediaLive(
        endpoint=place.endpoint,
        project_id=place.project_id,
        credentials=AccessKey(user.access_key, user.secret_key),
        clock=clock,
        transport=httpx.ASGITransport(simulator.app),
    )
    account = Account("1", place, cloud, clock, INTERVAL, lambda _: None)
    transport = httpx.ASGITransport(simulator.admin)
    async with httpx.AsyncClient(transport=transport, base_url="http://admin") as admin:
        yield Desk(account, admin, clock)
    await account.close()


def conflict(found: Identified) -> str:
    """The message of a conflict; it must be one."""
    assert isinstance(found, Outcome)
    assert found.phase == "Conflict"
    assert found.stalled is not None
    return found.stalled.message


def seconds(found: Identified) -> float:
    """How long it is to wait; nothing else may have been found."""
    assert isinstance(found, Outcome)
    assert isinstance(found.requeue, After)
    return found.requeue.seconds


async def test_there_is_none_yet(desk: Desk) -> None:
    """A name that no flow has is free; that is looked up anew each time."""
    await desk.flow("f1", name="other")

    assert await desk.look() == Nothing()
    assert await desk.look(name="unheard-of") == Nothing()
    await desk.flow("f2")
    await desk.clock.advance(0.1)

    assert await desk.look() == Foreign("f2")


async def test_flows_of_the_name_are_not_ours(desk: Desk) -> None:
    """One may be taken over; of two nobody knows which is meant; one that another object has is no choice."""
    await desk.flow("f1")
    assert await desk.look() == Foreign("f1")

    other = {"metadata": {"name": "b", "uid": "b", "creationTimestamp": ""}, "spec": {"flowId": "f1"}}
    desk.claims.put(Key("streamconnectflows", "n", "b"), other)
    assert "f1" in conflict(await desk.look())

    await desk.flow("f2")
    await desk.clock.advance(0.1)
    assert "f1, f2" in conflict(await desk.look())


async def test_a_lost_creation_is_certain_after_two_lists(desk: Desk) -> None:
    """Two lists that begin 30 s apart, both after the loss: then there is no such flow. In between, no other list."""
    await desk.look()
    lost = desk.intent("old")
    await desk.clock.advance(0.1)
    began = len(await desk.lists())

    assert seconds(await desk.look(lost)) == 30
    await desk.clock.advance(12)
    assert seconds(await desk.look(lost)) == pytest.approx(18, abs=1)
    await desk.clock.advance(18)  # what it was told to wait, at least
    assert await desk.look(lost) == Nothing(("old",))

    first, second = (await desk.lists())[began:]
    assert 30 <= second - first <= 31


async def test_another_creation_is_counted_anew(desk: Desk) -> None:
    """Lists that followed one creation say nothing about the next one."""
    lost = desk.intent()
    await desk.look(lost)
    await desk.clock.advance(40)

    assert seconds(await desk.look(desk.intent())) == 30


async def test_the_new_flow_is_ours(desk: Desk) -> None:
    """The only flow of the name that was not there before and that nobody else has."""
    await desk.flow("old")
    await desk.flow("theirs")
    await desk.flow("elsewhere", name="other")
    other = {"metadata": {"name": "b", "uid": "b", "creationTimestamp": ""}, "spec": {"flowId": "theirs"}}
    desk.claims.put(Key("streamconnectflows", "n", "b"), other)
    lost = desk.intent("old")
    assert seconds(await desk.look(lost)) == 30

    await desk.flow("new")
    await desk.clock.advance(30)

    assert await desk.look(lost) == Ours("new", news=True)


async def test_the_user_says_which_one(desk: Desk) -> None:
    """Of several new flows the one in spec.flowId is ours; one from before is taken over; one must exist."""
    for flow_id in ("old", "f1", "f2"):
        await desk.flow(flow_id)
    lost = desk.intent("old")

    assert "f1, f2" in conflict(await desk.look(lost))
    assert await desk.look(lost, flowId="f2") == Ours("f2", news=True)
    assert await desk.look(lost, flowId="old") == Foreign("old")
    assert "no flow f9" in conflict(await desk.look(lost, flowId="f9"))


async def test_a_replacement_is_a_creation(desk: Desk) -> None:
    """While the present flow is among those from before, the new one is looked for; afterwards it is known."""
    await desk.flow("old")
    await desk.flow("new")
    replacing = desk.intent("old")

    assert await desk.look({**replacing, "flowId": "old"}) == Ours("new", news=True)
    assert await desk.look({**replacing, "flowId": "new"}) == Ours("new")


async def test_a_flow_that_is_gone(desk: Desk) -> None:
    """It counts as lost after two looks; flows that have the name by then are remembered as others'."""
    await desk.flow("f1")
    owned = {**desk.intent(), "flowId": "f1"}
    assert await desk.look(owned) == Ours("f1")
    await desk.admin.delete("/state/flows/f1")
    await desk.flow("foreign")

    await desk.clock.advance(INTERVAL)
    assert seconds(await desk.look(owned)) > 0
    await desk.clock.advance(INTERVAL)

    assert await desk.look(owned) == Nothing(("foreign",), lost=True)


async def test_an_id_that_does_not_exist(desk: Desk) -> None:
    """A flow that is named by its id and was never there is a conflict; nothing is made in its place."""
    assert "no flow f1" in conflict(await desk.look(flowId="f1"))
    await desk.flow("f1")
    await desk.clock.advance(2 * INTERVAL)
    assert await desk.look(flowId="f1") == Foreign("f1")
