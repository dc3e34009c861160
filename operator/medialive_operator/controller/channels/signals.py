"""SCTE-35 statistics: read each channel's signals at its interval, at the lowest priority, and keep the figures.

The pass over a channel says which channel is to be followed and writes the figures into the status; the readings are
made here, beside the passes, so that a channel never waits for statistics. Counting is `planning.counting`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from medialive_operator.clock import Clock
from medialive_operator.cloud.budget import Priority
from medialive_operator.cloud.errors import CloudError
from medialive_operator.cloud.models import ChannelKey
from medialive_operator.cluster.objects import Key
from medialive_operator.contract.operations import Operation
from medialive_operator.controller.account import Account
from medialive_operator.controller.queueing import After, Queue, Requeue, Retry, Turn
from medialive_operator.controller.status import stamp
from medialive_operator.metrics import SCTE35_SIGNALS
from medialive_operator.planning.counting import Count, Signal, counted, doubt, window
from medialive_operator.planning.merging import JsonObject

log = structlog.get_logger(__name__)

_PAGE = 100
_MOST_PAGES = 1000
_SECONDS = {"h": 3600, "m": 60, "s": 1}


@dataclass
class _Followed:
    """A channel whose signals are counted. `shown` is what the status is to say."""

    account: Account
    channel: ChannelKey
    interval: float
    count: Count
    shown: JsonObject | None


class Signals:
    """The counts of all channels that want them. `changed(key)` is called when the figures of an object changed."""

    def __init__(self, clock: Clock, changed: Callable[[Key], None]) -> None:
        self._clock = clock
        self._changed = changed
        self._followed: dict[Key, _Followed] = {}
        self._queue: Queue[Key] = Queue(self._read, clock)

    def follow(
        self, key: Key, account: Account, channel: ChannelKey, interval: str, stored: JsonObject | None
    ) -> JsonObject | None:
        """Count this channel's signals from now on, or on from what the status has stored; the figures to show."""
        followed = self._followed.get(key)
        seconds = float(sum(int(n) * _SECONDS[unit] for n, unit in re.findall(r"(\d+)([hms])", interval)))
        if followed is None:
            count = _restored(stored) or _begun(int(self._clock.time()))
            self._followed[key] = _Followed(account, channel, seconds, count, stored)
            self._queue.add(key)
            return stored
        followed.account, followed.channel, followed.interval = account, channel, seconds
        return followed.shown

    def release(self, key: Key) -> None:
        """Nobody wants the object's figures any more."""
        if self._followed.pop(key, None) is not None:
            self._queue.forget(key)
            SCTE35_SIGNALS.remove_by_labels({"namespace": key.namespace, "name": key.name})

    async def close(self) -> None:
        """Read no more."""
        await self._queue.close(patience=0.0)

    async def _read(self, key: Key, _: Turn) -> Requeue:
        followed = self._followed.get(key)
        if followed is None:
            return None
        try:
            await self._catch_up(key, followed)
        except CloudError as error:
            log.info("signals not read", object=str(key), error=str(error))
            return Retry(followed.interval / 4, followed.interval * 4)
        return After(followed.interval)

    async def _catch_up(self, key: Key, followed: _Followed) -> None:
        """Read window after window until now."""
        known, lost = followed.count.by_kind, doubt(followed.count, int(self._clock.time()))
        while (due := window(followed.count, int(self._clock.time()))) is not None:
            start, end = due
            followed.count = counted(followed.count, await self._window(followed, start, end), end)
            if end > self._clock.time():
                break
        found = followed.count.by_kind
        for kind, number in found.items():
            SCTE35_SIGNALS.labels(key.namespace, key.name, kind).inc(max(0, number - known.get(kind, 0)))
        if found != known or followed.shown is None or lost:
            followed.shown = _figures(followed.count, lost)
            self._changed(key)

    async def _window(self, followed: _Followed, start: int, end: int) -> list[Signal]:
        """All pages of a window; records without a time cannot be counted."""
        found: list[Signal] = []
        offset = 0
        for _ in range(_MOST_PAGES):
            page = await self._page(followed, start, end, offset)
            records = page.get("scte35_info") or []
            found += [Signal.parse(record) for record in records if isinstance(record.get("start_date"), int)]
            offset += len(records)
            if not records or offset >= (page.get("total") or 0):
                break
        return found

    async def _page(self, followed: _Followed, start: int, end: int, offset: int) -> JsonObject:
        await followed.account.statistics.turn()
        asked = {"type": "all", "start_time": start, "end_time": end}
        answer = await followed.account.cloud.at(Priority.STATISTICS).call(
            Operation.SHOW_CHANNEL_STATISTIC,
            query={"limit": _PAGE, "offset": offset},
            body={**followed.channel._asdict(), "type": "scte35", "scte35": asked},
        )
        page: JsonObject = answer.get("scte35") or {}
        return page


def _begun(now: int) -> Count:
    return Count(now, now, now)


def _figures(count: Count, lost: str) -> JsonObject:
    """The figures as the status has them."""
    figures: JsonObject = {
        "window": {"start": stamp(count.since), "end": stamp(count.end)},
        "total": count.total,
        "byType": count.by_kind,
        "settled": {"until": stamp(count.until), "byType": dict(count.settled)},
        "lastEvents": [
            {
                "type": signal.kind,
                "eventId": signal.event_id,
                "time": stamp(signal.time),
                "duration": signal.duration,
                "segmentation": signal.segmentation,
            }
            for signal in reversed(count.last)
        ],
    }
    return {**figures, "message": lost} if lost else figures


def _restored(stored: JsonObject | None) -> Count | None:
    """The count that a status tells of, None when it tells of none."""
    if not stored or "settled" not in stored:
        return None
    last = tuple(
        Signal(each["type"], each["eventId"], _unix(each["time"]), each["duration"], each["segmentation"])
        for each in reversed(stored.get("lastEvents") or [])
    )
    settled = stored["settled"]
    since, end = _unix(stored["window"]["start"]), _unix(stored["window"]["end"])
    until = _unix(settled["until"])
    young = tuple(signal for signal in last if signal.time >= until)
    return Count(since, until, end, settled.get("byType") or {}, young, last)


def _unix(time: str) -> int:
    return int(datetime.fromisoformat(time).astimezone(UTC).timestamp())
