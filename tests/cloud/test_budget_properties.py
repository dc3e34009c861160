"""The call budget under arbitrary traffic: what must hold whatever happens."""

import asyncio
from dataclasses import dataclass

import anyio
from hypothesis import given, settings
from hypothesis import strategies as st

from medialive_operator.cloud.budget import Budget, Priority, Urgency
from tests.clocks import SteppedClock, settle

LIMIT = 4
WINDOW = 60.0


@dataclass(frozen=True)
class Plan:
    """One call: when it is wanted, how long the answer takes, where in between the service counts it."""

    wanted: float
    priority: Priority
    seconds: float
    counted: float
    cancelled_after: float | None
    raised_to: Priority | None


times = st.sampled_from([0.0, 0.0, 0.0, 0.5, 1.0, 5.0, 58.0, 60.0, 60.5, 90.0])
plans = st.builds(
    Plan,
    wanted=times,
    priority=st.sampled_from([Priority.STOP, Priority.STOP, *Priority]),
    seconds=st.sampled_from([0.0, 0.0, 0.5, 3.0, 59.5, 60.0, 90.0]),
    counted=st.sampled_from([0.0, 0.5, 1.0]),
    cancelled_after=st.none() | st.none() | times,
    raised_to=st.none() | st.sampled_from(Priority),
)


@dataclass
class Service:
    """Counts calls as they reach it, and refuses none."""

    clock: SteppedClock
    arrivals: list[float]

    async def serve(self, plan: Plan) -> None:
        await self.clock.sleep(plan.seconds * plan.counted)
        self.arrivals.append(self.clock.monotonic())
        await self.clock.sleep(plan.seconds * (1 - plan.counted))

    def most_in_a_window(self) -> int:
        return max(
            (sum(start <= other <= start + WINDOW for other in self.arrivals) for start in self.arrivals), default=0
        )


async def caller(plan: Plan, budget: Budget, service: Service) -> None:
    await service.clock.sleep(plan.wanted)
    urgency = Urgency(plan.priority)
    call = asyncio.create_task(one_call(urgency, plan, budget, service))
    if plan.raised_to is not None:
        await service.clock.sleep(1.0)
        urgency.raise_to(plan.raised_to)
    if plan.cancelled_after is not None:
        await service.clock.sleep(plan.cancelled_after)
        call.cancel()
    await asyncio.wait([call])


async def one_call(urgency: Urgency, plan: Plan, budget: Budget, service: Service) -> None:
    async with budget.call(urgency):
        await service.serve(plan)


async def run(made: list[Plan], throttles: list[float]) -> tuple[Budget, Service, list[asyncio.Task[None]]]:
    clock = SteppedClock()
    budget, service = Budget(clock, LIMIT, jitter=lambda: 0.5), Service(clock, [])
    tasks = [asyncio.create_task(caller(plan, budget, service)) for plan in made]
    tasks += [asyncio.create_task(throttle(at, budget, clock)) for at in throttles]
    await clock.advance(10_000.0)
    return budget, service, tasks


async def throttle(at: float, budget: Budget, clock: SteppedClock) -> None:
    await clock.sleep(at)
    budget.throttled(None)


@settings(max_examples=60, deadline=None)
@given(st.lists(plans, min_size=10, max_size=25), st.lists(times, max_size=3))
def test_service_never_sees_more_calls_than_its_limit(made: list[Plan], throttles: list[float]) -> None:
    """No window of a minute ever holds more calls than allowed, whatever the latencies and cancellations."""

    async def check() -> None:
        _, service, _ = await run(made, throttles)
        assert service.most_in_a_window() <= LIMIT

    anyio.run(check)


@settings(max_examples=60, deadline=None)
@given(st.lists(plans, min_size=10, max_size=25), st.lists(times, max_size=3))
def test_no_slot_is_lost_and_every_waiter_gets_its_turn(made: list[Plan], throttles: list[float]) -> None:
    """In the end every call that was not cancelled has been made, and the budget is as it was."""

    async def check() -> None:
        budget, service, tasks = await run(made, throttles)
        assert all(task.done() for task in tasks)
        assert sum(plan.cancelled_after is None for plan in made) <= len(service.arrivals)
        assert budget.used == 0
        assert sum(budget.waiting.values()) == 0
        assert budget.limit == LIMIT
        assert asyncio.all_tasks() == {asyncio.current_task()}

    anyio.run(check)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(Priority), min_size=1, max_size=20), st.data())
def test_whoever_leaves_is_the_most_urgent_waiter(priorities: list[Priority], data: st.DataObject) -> None:
    """Of calls that wait together, none leaves before a more urgent one, also when some are raised meanwhile."""

    async def check() -> None:
        clock = SteppedClock()
        budget = Budget(clock, 1)
        async with budget.call(Priority.STOP):
            pass
        left: list[Priority] = []
        urgencies = [Urgency(priority) for priority in priorities]

        async def leave(urgency: Urgency) -> None:
            async with budget.call(urgency):
                left.append(urgency.priority)

        tasks = [asyncio.create_task(leave(urgency)) for urgency in urgencies]
        await settle()
        for urgency in urgencies:
            urgency.raise_to(data.draw(st.sampled_from(Priority)))
        await clock.advance(61.0 * (len(tasks) + 1))
        assert left == sorted(urgency.priority for urgency in urgencies)

    anyio.run(check)
