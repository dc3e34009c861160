"""What the cloud has of flows: a cheap list of all, and readings of single flows in full.

The list (`FlowSource`, for an inventory) tells name, region and status. Sources and outputs take a call for the flow
and one for each output: they are read when somebody asks, and otherwise in turn, the oldest reading first, within a
fixed share of the budget. What a write answers counts as read.

It never writes to the cloud, and it decides nothing.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

import structlog

from medialive_operator.clock import Clock
from medialive_operator.cloud.budget import Priority, Urgency
from medialive_operator.cloud.calls import Caller, JsonObject
from medialive_operator.cloud.errors import CloudError, Failure, NotFound, Transient
from medialive_operator.cloud.inventory import Page
from medialive_operator.cloud.pacing import Share
from medialive_operator.contract.operations import Operation

log = structlog.get_logger(__name__)

_PAGE_SIZE = 100
_LISTED = ("flow_id", "name", "region", "status")
# How long links are given to come up, as a part of the interval, before they are read after a start or a stop.
_SETTLING = 1 / 6


class FlowSource:
    """Looks at the flows of an account: what an inventory needs. Items have flow_id, name, region and status."""

    def __init__(self, cloud: Caller) -> None:
        self._cloud = cloud

    async def page(self, offset: int, urgency: Urgency) -> Page[str, JsonObject]:
        """Up to 100 flows from this record on."""
        operation = Operation.LIST_FLOWS
        answer = await self._cloud.at(urgency).call(operation, query={"limit": _PAGE_SIZE, "offset": offset})
        records, total = answer.get("flows"), answer.get("total")
        if not isinstance(records, list | None) or (records is None and total is None):
            problem = f"{operation}: the list cannot be right: it has neither flows nor a total."
            raise Transient(problem, Failure(operation, status=200))
        named = [each for each in records or [] if isinstance(each, dict) and isinstance(each.get("flow_id"), str)]
        items = tuple((each["flow_id"], _entry(each)) for each in named)
        return Page(items, len(records or []), total if isinstance(total, int) else None)

    async def read(self, key: str, priority: Priority) -> JsonObject | None:
        """One flow by its id."""
        try:
            found = await self._cloud.at(priority).call(Operation.SHOW_FLOW_DETAIL, query={"flow_id": key})
        except NotFound:
            return None
        return _entry({**found, "flow_id": key})


@dataclass(frozen=True)
class Reading:
    """What was read last of a flow: blocks by name, in wire JSON. Kept out of reprs: it may hold secrets.

    An output whose name is known and nothing else is None. at: when the flow was last read in full, unix seconds; None
    when it never was.
    """

    sources: Mapping[str, JsonObject] = field(repr=False)
    outputs: Mapping[str, JsonObject | None] = field(repr=False)
    at: float | None = None


class FlowReadings:
    """The last readings of the followed flows. `changed(flow_id)` is called when one differs from the one before.

    interval: seconds between two readings of one flow in its turn, at least.
    """

    def __init__(
        self, cloud: Caller, share: Share, clock: Clock, changed: Callable[[str], None], interval: float
    ) -> None:
        self._cloud = cloud
        self._share = share
        self._interval = interval
        self._clock = clock
        self._changed = changed
        self._followed: dict[str, Reading | None] = {}
        self._moves: Counter[str] = Counter()
        self._failed: dict[str, float] = {}
        self._stirred: dict[str, float] = {}
        self._interest = asyncio.Event()

    def follow(self, flow_id: str) -> None:
        """Read this flow in turn with the others."""
        self._followed.setdefault(flow_id, None)
        self._interest.set()

    def unfollow(self, flow_id: str) -> None:
        """Nobody is interested any more."""
        self._followed.pop(flow_id, None)
        self._moves.pop(flow_id, None)
        self._failed.pop(flow_id, None)
        self._stirred.pop(flow_id, None)

    def get(self, flow_id: str) -> Reading | None:
        """The last reading, None when the flow has not been read in full."""
        return self._followed.get(flow_id)

    @property
    def oldest(self) -> float | None:
        """When the flow that waits longest was read in full, unix seconds; None while one never was, or is none."""
        times = [reading.at if reading is not None else None for reading in self._followed.values()]
        known = [time for time in times if time is not None]
        return min(known) if known and len(known) == len(times) else None

    async def read_flow(self, flow_id: str, priority: Priority) -> None:
        """Read a flow itself: its sources in full, its outputs by name. Raises CloudError, NotFound among them."""
        moves = self._moves[flow_id]
        detail = await self._detail(flow_id, self._cloud.at(priority))
        known = self._followed.get(flow_id)
        blocks = known.outputs if known is not None else {}
        outputs = {name: blocks.get(name) for name in named(detail.get("outputs"))}
        self._keep(flow_id, Reading(named(detail.get("sources")), outputs, known.at if known else None), moves)

    async def read_output(self, flow_id: str, name: str, priority: Priority) -> None:
        """Read one output of a flow that was read before. Raises CloudError."""
        moves = self._moves[flow_id]
        try:
            output = await self._output(flow_id, name, self._cloud.at(priority))
        except NotFound:
            self.drop_output(flow_id, name)
            return
        known = self._followed.get(flow_id)
        if known is not None:
            self._keep(flow_id, replace(known, outputs={**known.outputs, name: output}), moves)

    def learn(
        self,
        flow_id: str,
        *,
        sources: Mapping[str, JsonObject] | None = None,
        outputs: Mapping[str, JsonObject] | None = None,
    ) -> None:
        """Take over what the answer to a write of ours says of some sources or outputs."""
        known = self._moved(flow_id)
        if known is not None:
            self._followed[flow_id] = replace(
                known, sources={**known.sources, **(sources or {})}, outputs={**known.outputs, **(outputs or {})}
            )

    def begin(self, flow_id: str, sources: Mapping[str, JsonObject]) -> None:
        """A flow was created: it is known in full, and has no outputs yet."""
        self.follow(flow_id)
        self._moved(flow_id)
        self._followed[flow_id] = Reading(dict(sources), {}, self._clock.time())

    def drop_output(self, flow_id: str, name: str) -> None:
        """An output was deleted."""
        known = self._moved(flow_id)
        if known is not None:
            outputs = {other: block for other, block in known.outputs.items() if other != name}
            self._followed[flow_id] = replace(known, outputs=outputs)

    def stir(self, flow_id: str) -> None:
        """A flow was started or stopped: its links are what they were, but whether they are connected is to be read."""
        known = self._moved(flow_id)
        if known is not None:
            sources = {name: _without_health(block) for name, block in known.sources.items()}
            outputs = {name: block and _without_health(block) for name, block in known.outputs.items()}
            self._followed[flow_id] = replace(known, sources=sources, outputs=outputs)
            self._stirred[flow_id] = self._clock.time() - self._interval * (1 - _SETTLING)

    def doubt(self, flow_id: str) -> None:
        """What was read may not be true any more: a write had no answer, or one that says nothing."""
        self._moved(flow_id)
        self._stirred.pop(flow_id, None)
        if flow_id in self._followed:
            self._followed[flow_id] = None

    async def run(self) -> None:
        """Read all followed flows in turn, for ever."""
        while True:
            await self._interest.wait()
            flow_id = self._next()
            if flow_id is None:
                self._interest.clear()
                continue
            try:
                await self._rotate(flow_id)
            except CloudError as error:
                log.info("flow not read in its turn", flow=flow_id, error=str(error))
                # The others come before its next turn; that it is gone says nothing about them.
                if flow_id in self._followed:
                    self._failed[flow_id] = self._clock.time()
                if not isinstance(error, NotFound):
                    await self._clock.sleep(self._interval)

    def _next(self) -> str | None:
        """The flow whose turn it is: never read, or read longest ago."""
        if not self._followed:
            return None
        return min(self._followed, key=self._last_turn)

    def _last_turn(self, flow_id: str) -> float:
        reading = self._followed[flow_id]
        read = reading.at or 0.0 if reading is not None else 0.0
        return max(self._stirred.get(flow_id, read), self._failed.get(flow_id, 0.0))

    async def _rotate(self, flow_id: str) -> None:
        age = self._clock.time() - self._last_turn(flow_id)
        if age < self._interval:
            # Another flow may be stirred meanwhile, and be due before this one.
            await self._clock.sleep(min(self._interval - age, self._interval * _SETTLING))
            return
        before = self._followed.get(flow_id)
        await self._read_in_turn(flow_id)
        after = self._followed.get(flow_id)
        if after is not None and (before is None or (before.sources, before.outputs) != (after.sources, after.outputs)):
            self._changed(flow_id)

    async def _read_in_turn(self, flow_id: str) -> None:
        cloud = self._cloud.at(Priority.DEEP_READ)
        await self._share.turn()
        began, moves = self._clock.time(), self._moves[flow_id]
        detail = await self._detail(flow_id, cloud)
        outputs: dict[str, JsonObject | None] = {}
        for name in named(detail.get("outputs")):
            await self._share.turn()
            with suppress(NotFound):  # deleted since the call before
                outputs[name] = await self._output(flow_id, name, cloud)
        if self._moves[flow_id] == moves:
            self._stirred.pop(flow_id, None)
        self._keep(flow_id, Reading(named(detail.get("sources")), outputs, began), moves)

    async def _detail(self, flow_id: str, cloud: Caller) -> JsonObject:
        return await cloud.call(Operation.SHOW_FLOW_DETAIL, query={"flow_id": flow_id})

    async def _output(self, flow_id: str, name: str, cloud: Caller) -> JsonObject:
        return await cloud.call(Operation.SHOW_OUTPUT_INFO, query={"flow_id": flow_id, "output_name": name})

    def _keep(self, flow_id: str, reading: Reading, moves: int) -> None:
        """A reading counts unless a write of ours came in between, which it must not hide."""
        if flow_id in self._followed and self._moves[flow_id] == moves:
            self._followed[flow_id] = reading

    def _moved(self, flow_id: str) -> Reading | None:
        self._moves[flow_id] += 1
        self._failed.pop(flow_id, None)
        return self._followed.get(flow_id)


def named(records: object) -> dict[str, JsonObject]:
    """Sources or outputs by their names; what has none cannot be one of ours."""
    found = records if isinstance(records, list) else []
    return {each["name"]: each for each in found if isinstance(each, dict) and isinstance(each.get("name"), str)}


def _entry(record: JsonObject) -> JsonObject:
    return {name: record.get(name) for name in _LISTED}


def _without_health(block: JsonObject) -> JsonObject:
    return {name: value for name, value in block.items() if name != "health_status"}
