"""Counting SCTE-35 signals exactly, although they are read over and over: which window to read, and what it adds up to.

Called by the statistics of a channel. A signal may become visible late, so each reading goes back a while. What is
older than that is settled and never read again; what is younger is counted anew each time. So a restart, a page that
is read twice or a reading that fails counts nothing twice, without remembering single signals. Pure.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

OVERLAP = 300  # seconds that a signal may be late
LONGEST_WINDOW = 86_400  # seconds in one reading; the service's limit is not known (notes 8)
DOUBTFUL_AGE = 7 * 86_400  # seconds; how long signals are kept is not known (notes 8)
_SHOWN = 10


@dataclass(frozen=True)
class Signal:
    """One SCTE-35 signal: kind as the service spells it, id, execution time in unix seconds, length in seconds."""

    kind: str
    event_id: int
    time: int
    duration: int
    segmentation: str

    @classmethod
    def parse(cls, record: Mapping[str, Any]) -> "Signal":
        """From a record of the answer. Raises ValueError when it has no time."""
        if not isinstance(record.get("start_date"), int):
            raise ValueError("a signal without start_date")
        return cls(
            spelt(str(record.get("type") or "unknown")),
            int(record.get("event_id") or 0),
            record["start_date"],
            int(record.get("duration") or -1),
            str(record.get("segmentation_type") or "-"),
        )


@dataclass(frozen=True)
class Count:
    """What is known: counted since `since`; settled up to `until`, by kind; then the younger ones, read up to `end`.

    Times are unix seconds.
    """

    since: int
    until: int
    end: int
    settled: Mapping[str, int] = field(default_factory=dict)
    young: tuple[Signal, ...] = ()
    last: tuple[Signal, ...] = ()

    @property
    def by_kind(self) -> dict[str, int]:
        """How many of each kind."""
        total = Counter(self.settled)
        total.update(signal.kind for signal in self.young)
        return dict(sorted(total.items()))

    @property
    def total(self) -> int:
        """How many in all."""
        return sum(self.by_kind.values())


def window(count: Count, now: int) -> tuple[int, int] | None:
    """What to read next: from, to (not included), unix seconds. A long gap is caught up in several readings.

    None when the clock was set back behind the last reading: a shorter window would lose what was counted.
    """
    end = min(now + 1, count.until + LONGEST_WINDOW)
    return (count.until, end) if end >= count.end else None


def counted(count: Count, read: Iterable[Signal], end: int) -> Count:
    """The count after a reading of the window up to `end`."""
    found = sorted({signal for signal in read if count.until <= signal.time < end}, key=lambda each: each.time)
    until = max(count.until, end - OVERLAP)
    settled = Counter(count.settled)
    settled.update(signal.kind for signal in found if signal.time < until)
    young = tuple(signal for signal in found if signal.time >= until)
    last = tuple(dict.fromkeys([*count.last, *found]))
    return Count(count.since, until, end, dict(sorted(settled.items())), young, _latest(last))


def doubt(count: Count, now: int) -> str:
    """What has to be said about signals that may be lost; empty when nothing has."""
    gap = now - count.until
    if gap <= DOUBTFUL_AGE:
        return ""
    return (
        f"Nothing was read for {gap // 86_400} days, and how long the service keeps signals is not known: some of them "
        "may be missing."
    )


def spelt(kind: str) -> str:
    """One spelling for a kind: the API says `splice_insert` in one place and `Splice Insert` in another (notes 4)."""
    return kind.strip().lower().replace(" ", "_")


def _latest(signals: Iterable[Signal]) -> tuple[Signal, ...]:
    return tuple(sorted(signals, key=lambda each: each.time)[-_SHOWN:])
