"""The inventory under arbitrary latencies, failures and torn lists: what is observed is never older than our writes."""

import asyncio
import itertools
from collections import deque

import anyio
import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from medialive_operator.cloud.errors import CloudError
from medialive_operator.cloud.inventory import ChannelSource, Inventory
from medialive_operator.cloud.models import ChannelKey
from tests.clocks import SteppedClock
from tests.cloud.services import Listing, client, key, refusal

KEYS = [key(number) for number in range(3)]


class Slow(Listing):
    """Takes its time before and after it looks, fails now and then, and leaves records out."""

    def __init__(self, clock: SteppedClock, course: list[tuple[float, float, str]]) -> None:
        super().__init__(KEYS[:2])
        self.clock = clock
        self.course = itertools.cycle(course)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        before, after, fate = next(self.course)
        await self.clock.sleep(before)
        answer = refusal(500, "LIVE.100011005")(request) if fate == "failed" else self.page(request)
        if fate == "torn":
            body = answer.json()
            answer = httpx.Response(200, json={**body, "channels": body["channels"][1:]})
        await self.clock.sleep(after)
        return answer


seconds = st.sampled_from([0.0, 1.0, 7.0, 17.0, 40.0])
courses = st.lists(st.tuples(seconds, seconds, st.sampled_from(["ok", "ok", "ok", "failed", "torn"])), min_size=5)
steps = st.lists(st.tuples(st.sampled_from(["write", "delete", "look", "rewatch"]), seconds), min_size=3, max_size=8)


class Owner:
    """The only one who writes to a key; checks every observation against what it wrote last."""

    def __init__(self, at: ChannelKey, service: Slow, inventory: Inventory[ChannelKey, dict[str, object]]) -> None:
        self.at = at
        self.service = service
        self.inventory = inventory
        self.versions = itertools.count(1)

    async def run(self, todo: list[tuple[str, float]]) -> None:
        self.inventory.watch(self.at)
        for what, pause in deque(todo):
            if what in ("write", "delete"):
                await self.write(what, pause)
            elif what == "rewatch":
                self.inventory.unwatch(self.at)
                self.inventory.watch(self.at)
            else:
                await self.service.clock.sleep(pause)
            await self.look()

    async def write(self, what: str, pause: float) -> None:
        self.inventory.wrote(self.at)
        await self.service.clock.sleep(pause)
        if what == "write":
            self.service.put(self.at, f"w{next(self.versions)}")
        else:
            self.service.channels.pop(self.at, None)
        await self.service.clock.sleep(pause)
        self.inventory.wrote(self.at)

    async def look(self) -> None:
        try:
            seen = await self.inventory.observe(self.at)
        except CloudError:
            return
        assert seen.item == self.service.channels.get(self.at)
        assert (seen.item is None) == (seen.misses > 0)


@settings(max_examples=80, deadline=None)
@given(courses, st.lists(steps, min_size=len(KEYS), max_size=len(KEYS)))
def test_observations_are_never_older_than_our_writes(
    course: list[tuple[float, float, str]], todos: list[list[tuple[str, float]]]
) -> None:
    """Whoever writes a key alone always observes what he wrote last, or an error, and never waits for ever."""

    async def check() -> None:
        clock = SteppedClock()
        service = Slow(clock, course)
        async with client(service, clock) as cloud:
            inventory = Inventory(ChannelSource(cloud.channels), clock, lambda _: None)
            sweeps = asyncio.create_task(inventory.run())
            owners = [
                asyncio.create_task(Owner(at, service, inventory).run(todo))
                for at, todo in zip(KEYS, todos, strict=True)
            ]
            for _ in range(400):
                await clock.advance(50.0)
                if all(owner.done() for owner in owners):
                    break
            assert all(owner.done() for owner in owners)
            await asyncio.gather(*owners)
            sweeps.cancel()
            await asyncio.wait([sweeps])

    anyio.run(check)
