"""The inventory: what it says about a key, and how many calls that takes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest

from medialive_operator.cloud.budget import Budget, Priority
from medialive_operator.cloud.calls import JsonObject
from medialive_operator.cloud.errors import CloudError, Denied, Transient
from medialive_operator.cloud.inventory import ChannelSource, Inventory, Seen
from medialive_operator.cloud.models import ChannelKey
from tests.clocks import SteppedClock, settle
from tests.cloud.services import Answer, Listing, client, key, refusal, shown

pytestmark = pytest.mark.anyio

A, B, C = key(1), key(2), key(3)


@dataclass
class Account:
    """An inventory of a listing service, whose sweeps run."""

    service: Listing
    inventory: Inventory[ChannelKey, JsonObject]
    budget: Budget
    clock: SteppedClock
    changed: list[ChannelKey] = field(default_factory=list)

    async def seen(self, at: ChannelKey) -> Seen[JsonObject]:
        """What is observed; any wait is for the service alone."""
        observing = asyncio.create_task(self.inventory.observe(at))
        await settle()
        assert observing.done()
        return await observing

    async def name(self, at: ChannelKey) -> str | None:
        item = (await self.seen(at)).item
        return None if item is None else item["name"]


@pytest.fixture
async def account(clock: SteppedClock) -> AsyncIterator[Account]:
    service, budget = Listing([A, B]), Budget(clock, 100)
    changed: list[ChannelKey] = []
    async with client(service, clock, budget) as cloud:
        inventory = Inventory(ChannelSource(cloud.channels), clock, changed.append, 30.0)
        sweeps = asyncio.create_task(inventory.run())
        yield Account(service, inventory, budget, clock, changed)
        sweeps.cancel()
        await asyncio.wait([sweeps])


async def test_keys_observed_together_share_one_sweep(account: Account) -> None:
    """Ten first observations at once cost one list."""
    keys = [key(number) for number in range(10)]
    for each in keys:
        account.inventory.watch(each)

    seen = await asyncio.gather(*(account.inventory.observe(each) for each in keys))

    assert [look.item is not None for look in seen] == [number in (1, 2) for number in range(10)]
    assert account.service.offsets == [0]


async def test_keys_that_come_after_a_sweep_share_it_for_a_moment(account: Account) -> None:
    """Objects that trickle in, after a restart or from one apply, cost one list together, not one each."""
    for number in range(10):
        account.inventory.watch(key(number))
        seen = await account.seen(key(number))
        assert (seen.item is not None, seen.misses) == ((True, 0) if number in (1, 2) else (False, 1))
        await account.clock.advance(0.4)

    assert account.service.offsets == [0]


async def test_second_observation_costs_nothing(account: Account) -> None:
    """What the last sweep saw is told again without a call."""
    account.inventory.watch(A)
    await account.seen(A)
    account.service.put(A, "v1")

    assert await account.name(A) == "v0"
    assert len(account.service.requests) == 1


async def test_sweep_pages_by_hundreds(account: Account) -> None:
    """250 channels are three calls, with none for an empty page at the end."""
    account.service.channels.clear()
    for number in range(250):
        account.service.put(key(number), "v0")
    account.inventory.watch(key(249))

    assert await account.name(key(249)) == "v0"
    assert account.service.offsets == [0, 100, 200]


async def test_sweeps_come_once_an_interval(account: Account) -> None:
    """Ten sweeps take ten intervals, and each is one list."""
    account.inventory.watch(A)
    await settle()

    await account.clock.advance(300.0)

    assert len(account.service.requests) == 11


async def test_nothing_is_swept_while_nothing_is_watched(account: Account) -> None:
    """No calls are made before the first watch and after the last unwatch."""
    await account.clock.advance(300.0)
    assert account.service.requests == []

    account.inventory.watch(A)
    await account.clock.advance(1.0)
    account.inventory.unwatch(A)
    await account.clock.advance(300.0)
    assert len(account.service.requests) == 1


async def test_change_in_the_cloud_is_told(account: Account) -> None:
    """Only watched keys whose channel differs from before are told, once each."""
    for each in (A, B, C):
        account.inventory.watch(each)
    await account.seen(A)
    account.service.put(B, "v1")
    account.service.put(C, "new")
    account.service.put(key(4), "foreign")

    await account.clock.advance(61.0)

    assert account.changed == [B, C]
    assert await account.name(B) == "v1"


async def test_absence_is_told_twice(account: Account) -> None:
    """A channel that is gone is told when it is missing for the first time, and when it is surely missing."""
    account.inventory.watch(A)
    await account.seen(A)
    del account.service.channels[A]

    await account.clock.advance(30.0)
    assert (account.changed, (await account.seen(A)).misses) == ([A], 1)

    await account.clock.advance(30.0)
    assert (account.changed, (await account.seen(A)).misses) == ([A, A], 2)

    await account.clock.advance(30.0)
    assert (account.changed, (await account.seen(A)).misses) == ([A, A], 3)


async def test_looks_close_together_are_one_miss(account: Account) -> None:
    """Reads that follow each other at once say the same thing once; half an interval later they say it again."""
    misses = []
    for seconds in (0.0, 1.0, 13.0, 2.0):
        await account.clock.advance(seconds)
        misses.append((await account.inventory.read(C, Priority.USER_CHANGE)).misses)
        account.inventory.watch(C)

    assert misses == [1, 1, 1, 2]


async def test_channel_that_comes_back_has_no_misses(account: Account) -> None:
    """One look that shows the channel ends the count."""
    account.inventory.watch(C)
    await account.seen(C)
    await account.clock.advance(30.0)
    assert (await account.seen(C)).misses == 2
    account.service.put(C, "v0")

    await account.clock.advance(30.0)

    assert (await account.seen(C)).misses == 0


async def test_torn_sweep_removes_nothing(account: Account) -> None:
    """A list that shows fewer channels than it counts says nothing about those it does not show."""
    account.inventory.watch(A)
    account.inventory.watch(B)
    await account.seen(A)
    account.service.answers.append(shown(2, [{**A._asdict(), "name": "v1"}]))
    account.service.answers.append(shown(2, []))

    await account.clock.advance(31.0)

    assert (await account.name(A), await account.name(B)) == ("v1", "v0")
    assert account.inventory.age == pytest.approx(31.0)


async def test_key_not_shown_by_a_torn_sweep_is_read(account: Account) -> None:
    """Whoever waits for a first observation is not left without one: the key is read."""
    account.inventory.watch(B)
    account.service.answers.append(shown(2, [{**A._asdict()}]))
    account.service.answers.append(shown(2, []))

    assert await account.name(B) == "v0"
    assert account.service.by_key == [B.id]


async def test_observer_that_does_not_watch_survives_a_torn_sweep(account: Account) -> None:
    """A look without a watch falls back to a read by key like any other."""
    account.service.answers.append(shown(3, [A._asdict()]))
    account.service.answers.append(shown(3, []))

    assert await account.name(B) == "v0"
    assert account.service.by_key == [B.id]


async def test_list_that_shrinks_between_pages_is_torn(account: Account) -> None:
    """A channel that slips over the border of pages when another vanishes is not taken for gone, whatever the count."""
    account.inventory.watch(B)
    await account.seen(B)
    account.service.answers.append(shown(3, [A._asdict()]))
    account.service.answers.append(shown(2, [C._asdict()]))
    account.service.answers.append(shown(3, [key(4)._asdict()]))

    await account.clock.advance(31.0)

    assert (await account.seen(B)).misses == 0


async def test_key_that_nobody_watches_is_not_told(account: Account) -> None:
    """A key that was only read once is no news when it changes."""
    account.inventory.watch(A)
    await account.inventory.read(B, Priority.USER_CHANGE)
    account.service.put(B, "v1")

    await account.clock.advance(61.0)

    assert account.changed == []


async def test_channel_on_two_pages_counts_once(account: Account) -> None:
    """Pages that overlap do not make up for channels that none of them shows."""
    account.inventory.watch(A)
    await account.seen(A)
    account.service.answers.append(shown(2, [B._asdict()]))
    account.service.answers.append(shown(2, [B._asdict()]))

    await account.clock.advance(31.0)

    assert (await account.seen(A)).misses == 0


async def test_record_without_a_key_tears_no_list(account: Account) -> None:
    """Somebody's broken record is passed over; the rest of the list is believed."""
    account.inventory.watch(A)
    account.inventory.watch(C)
    account.service.answers.append(shown(3, [{"name": "no key"}, "nonsense", {**A._asdict(), "name": "v0"}]))

    assert await account.name(A) == "v0"
    assert (await account.seen(C)).misses == 1


async def test_failed_sweep_is_raised_to_those_who_wait(account: Account) -> None:
    """A first observation fails with the sweep's error; what was known before stays."""
    account.inventory.watch(A)
    await account.seen(A)
    await account.clock.advance(10.0)
    account.inventory.watch(C)
    account.service.answers.append(refusal(403, "APIGW.0302"))

    with pytest.raises(Denied, match="0302"):
        await account.inventory.observe(C)

    assert await account.name(A) == "v0"
    assert isinstance(account.inventory.last_error, Denied)


async def test_failure_is_remembered_for_a_moment(account: Account) -> None:
    """Five hundred objects that look after a failed sweep do not make five hundred failing calls."""
    account.inventory.watch(A)
    account.service.answers.append(refusal(500, "LIVE.100011005"))
    for _ in range(10):
        with pytest.raises(Transient):
            await account.seen(A)
    assert len(account.service.requests) == 1

    await account.clock.advance(6.0)
    assert await account.name(A) == "v0"


async def test_failure_on_a_later_page_keeps_what_was_shown(account: Account) -> None:
    """A channel on the first page is observed although the second page failed."""
    account.inventory.watch(A)
    account.service.answers.append(shown(200, [{**A._asdict(), "name": "v0"}]))
    account.service.answers.append(refusal(500, "LIVE.100011005"))

    assert await account.name(A) == "v0"
    assert account.inventory.age is None


async def test_sweeps_go_on_after_a_failure(account: Account) -> None:
    """The next sweep comes at its time, and a good one clears the error."""
    account.inventory.watch(A)
    await account.seen(A)
    account.service.answers.append(refusal(500, "LIVE.100011005"))
    await account.clock.advance(30.0)
    assert isinstance(account.inventory.last_error, CloudError)

    await account.clock.advance(30.0)
    assert account.inventory.last_error is None
    assert account.inventory.age == 0.0


async def test_all_are_told_when_sweeps_succeed_again(account: Account) -> None:
    """Who waits because the service did not answer is looked at when it does, once, although nothing changed."""
    account.inventory.watch(A)
    account.inventory.watch(C)
    await account.seen(A)
    account.service.answers.append(refusal(500, "LIVE.100011005"))
    await account.clock.advance(30.0)
    assert account.changed == []

    await account.clock.advance(60.0)

    assert sorted(account.changed) == [A, C]


async def test_own_write_is_followed_by_a_read_by_key(account: Account) -> None:
    """After a write of ours the next observation is one call for that key, not a sweep."""
    account.inventory.watch(A)
    await account.seen(A)
    account.inventory.wrote(A)
    account.service.put(A, "ours")

    assert await account.name(A) == "ours"
    assert await account.name(A) == "ours"
    assert account.service.by_key == [A.id]


async def test_page_from_before_a_write_is_not_believed(account: Account) -> None:
    """A list that was under way during our write does not bring back what was there before."""
    account.inventory.watch(A)
    await account.seen(A)
    account.service.gate.clear()
    await account.clock.advance(30.0)
    account.inventory.wrote(A)
    account.service.put(A, "ours")
    account.service.gate.set()
    await settle()

    assert await account.name(A) == "ours"
    assert account.service.by_key == [A.id]


async def test_sweep_after_a_write_is_believed(account: Account) -> None:
    """A list that began after our write saves the read by key."""
    account.inventory.watch(A)
    await account.seen(A)
    account.inventory.wrote(A)
    account.service.put(A, "ours")
    await account.clock.advance(30.0)

    assert await account.name(A) == "ours"
    assert account.service.by_key == []
    assert account.changed == []


async def test_slow_sweep_does_not_undo_a_newer_read(account: Account) -> None:
    """What was read by key while a list was under way stays."""
    account.inventory.watch(A)
    await account.seen(A)
    account.service.gate.clear()
    await account.clock.advance(30.0)
    account.service.put(A, "newer")
    reading = asyncio.create_task(account.inventory.read(A, Priority.USER_CHANGE))
    await settle()
    account.service.gate.set()
    await reading
    await settle()

    assert await account.name(A) == "newer"


async def test_deleted_and_watched_again_is_not_seen_in_an_old_page(account: Account) -> None:
    """Our deletion is remembered after `unwatch`: a page from before it cannot show the channel to the next object."""
    account.inventory.watch(A)
    await account.seen(A)
    account.service.gate.clear()
    await account.clock.advance(30.0)
    account.inventory.wrote(A)
    del account.service.channels[A]
    account.inventory.unwatch(A)
    account.inventory.watch(A)
    account.service.gate.set()
    await settle()

    assert (await account.seen(A)).item is None


async def test_few_new_keys_in_a_long_list_are_read(account: Account) -> None:
    """With five pages, one new object costs one call; many at once share a sweep."""
    for number in range(100, 550):
        account.service.put(key(number), "v0")
    account.inventory.watch(A)
    await account.seen(A)
    await account.clock.advance(10.0)
    account.service.requests.clear()

    assert await account.name(key(500)) == "v0"
    assert (account.service.by_key, account.service.offsets) == (["ch500"], [])

    account.service.requests.clear()
    await asyncio.gather(*(account.inventory.observe(key(number)) for number in range(400, 420)))
    assert len(account.service.by_key) == 4
    assert account.service.offsets == [0, 100, 200, 300, 400]


async def test_waiting_observer_makes_a_queued_sweep_urgent(account: Account) -> None:
    """A sweep that waits for budget as drift is raised when somebody needs it for a first observation."""
    account.inventory.watch(A)
    await account.seen(A)
    account.budget.throttled(3600.0)
    await account.clock.advance(40.0)
    assert account.budget.waiting[Priority.DRIFT] == 1

    account.inventory.watch(C)
    observing = asyncio.create_task(account.inventory.observe(C))
    await settle()
    assert account.budget.waiting[Priority.DRIFT] == 0
    assert account.budget.waiting[Priority.FIRST_OBSERVATION] == 1

    await account.clock.advance(600.0)
    assert (await observing).misses == 1


async def test_sweep_outlives_a_waiter_that_is_cancelled(account: Account) -> None:
    """Whoever began the sweep may go; the others get what it finds."""
    account.service.gate.clear()
    first = asyncio.create_task(account.inventory.observe(A))
    second = asyncio.create_task(account.inventory.observe(B))
    await settle()
    first.cancel()
    await settle()
    account.service.gate.set()

    assert (await second).item is not None
    assert first.cancelled()


async def test_closing_fails_those_who_wait(clock: SteppedClock) -> None:
    """When the sweeps are ended, an observer gets an error of the cloud, and is neither cancelled nor left waiting."""
    service = Listing([A])
    service.gate.clear()
    async with client(service, clock) as cloud:
        inventory = Inventory(ChannelSource(cloud.channels), clock, lambda _: None)
        sweeps = asyncio.create_task(inventory.run())
        inventory.watch(A)
        observing = asyncio.create_task(inventory.observe(A))
        await settle()
        sweeps.cancel()

        with pytest.raises(Transient, match="closed"):
            await observing


async def test_starved_sweeps_leave_a_pause_between_them(account: Account) -> None:
    """A sweep that took longer than an interval is not followed by the next one at once."""
    account.inventory.watch(A)
    await account.seen(A)
    account.service.gate.clear()
    await account.clock.advance(100.0)
    account.service.gate.set()
    await settle()
    assert len(account.service.requests) == 2

    await account.clock.advance(14.0)
    assert len(account.service.requests) == 2

    await account.clock.advance(2.0)
    assert len(account.service.requests) == 3


async def test_age_is_that_of_the_last_complete_sweep(account: Account) -> None:
    """`age` counts from the beginning of the sweep, and is None before the first."""
    assert account.inventory.age is None
    account.inventory.watch(A)
    await account.seen(A)

    await account.clock.advance(12.0)

    assert account.inventory.age == 12.0


async def test_seen_does_not_show_the_channel(account: Account) -> None:
    """A look's repr holds nothing of the channel, which may hold secrets."""
    account.inventory.watch(A)

    assert "v0" not in repr(await account.seen(A))


async def test_read_by_key_compares_what_the_filters_matched(account: Account) -> None:
    """A longer id that begins the same is not taken for the one that was asked for."""
    account.service.put(ChannelKey(A.domain, A.app_name, f"{C.id}-backup"), "other")

    assert (await account.inventory.read(C, Priority.USER_CHANGE)).item is None


async def test_read_by_key_looks_on_every_page(account: Account) -> None:
    """The key is found behind a hundred others that the filters matched as well."""
    for number in range(150):
        account.service.put(ChannelKey(A.domain, A.app_name, f"{C.id}-{number}"), "other")
    account.service.put(C, "mine")

    item = (await account.inventory.read(C, Priority.USER_CHANGE)).item

    assert item is not None
    assert item["name"] == "mine"


@pytest.mark.parametrize("answer", [shown(1, []), lambda _: httpx.Response(200, json={})])
async def test_torn_read_by_key_says_nothing(account: Account, answer: Answer) -> None:
    """An answer that counts a channel and shows none, or has no list at all, is a failure and no absence."""
    account.service.answers.append(answer)

    with pytest.raises(Transient, match="cannot be right"):
        await account.inventory.read(A, Priority.USER_CHANGE)


async def test_a_listing_is_as_young_as_asked_for(account: Account, clock: SteppedClock) -> None:
    """`listing` gives the last complete list when that is young enough, and makes one when it is not."""
    account.inventory.watch(A)
    first = await account.inventory.listing(clock.time())
    again = await account.inventory.listing(first.at)
    await clock.advance(1.0)
    later = await account.inventory.listing(clock.time())

    assert set(first.items) == {A, B}
    assert again is first
    assert later.at == first.at + 1.0
    assert len(account.service.offsets) == 2


async def test_lists_of_one_moment_are_one(account: Account, clock: SteppedClock) -> None:
    """Who asks one after the other within a second of a list shares the next one, which begins after all have asked."""
    first = await account.inventory.listing(clock.time())
    asked = []
    for _ in range(9):
        await clock.advance(0.1)
        asked.append(asyncio.create_task(account.inventory.listing(clock.time())))
    await clock.advance(0.2)

    found = await asyncio.gather(*asked)

    assert {listing.at for listing in found} == {first.at + 1.0}
    assert account.service.offsets == [0, 0]


async def test_a_listing_is_not_one_that_was_under_way(account: Account, clock: SteppedClock) -> None:
    """A list that is under way began too early for who asks now: another one is made after it, shared by all."""
    account.inventory.watch(A)
    account.service.gate.clear()
    await clock.advance(1.0)
    asked = [asyncio.create_task(account.inventory.listing(clock.time())) for _ in range(3)]
    await settle()
    account.service.put(C, "new")
    account.service.gate.set()

    found = await asyncio.gather(*asked)

    assert all(C in listing.items for listing in found)
    assert account.service.offsets == [0, 0]


async def test_an_answer_counts_as_a_look(account: Account) -> None:
    """What the answer to a write shows is observed without a call, until a later sweep shows something else."""
    account.inventory.watch(A)
    await account.seen(A)
    calls = len(account.service.offsets)
    account.inventory.wrote(A)

    account.inventory.told(A, {"name": "told"})

    assert await account.name(A) == "told"
    assert len(account.service.offsets) == calls
    await account.clock.advance(31)
    assert await account.name(A) != "told"
