"""What the simulated service holds: channels and flows of all projects, with what happened to them.

Records are immutable; a write replaces one and remembers the one before, so that lists can be shown as they were.
Knows no rules and no HTTP. Written by channels, flows and the admin port.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, Protocol, TypeVar

from medialive_operator.clock import Clock
from medialive_operator.simulator.messages import JsonObject

_REMEMBERED_WRITES = 10_000


class ChannelKey(NamedTuple):
    """What addresses a channel in its project."""

    domain: str
    app_name: str
    id: str


@dataclass(frozen=True)
class ChannelRecord:
    """A channel. `wire` is what was sent and what the service made of it, without defaults. Never changed in place."""

    number: int
    project_id: str
    wire: JsonObject = field(repr=False)
    interruptions: int = 0
    starts: int = 0
    stops: int = 0
    restarting_until: float = 0.0
    scte35: tuple[JsonObject, ...] = ()

    @property
    def channel(self) -> ChannelKey:
        """Its address in the project."""
        return ChannelKey(self.wire["domain"], self.wire["app_name"], self.wire["id"])

    @property
    def key(self) -> tuple[str, ChannelKey]:
        """Its place in the store."""
        return self.project_id, self.channel

    @property
    def running(self) -> bool:
        """Whether it is ON."""
        return bool(self.wire["state"] == "ON")


@dataclass(frozen=True)
class FlowRecord:
    """A flow. `status` becomes `next_status` at `next_at`, when that is set. Never changed in place."""

    number: int
    project_id: str
    flow_id: str
    wire: JsonObject = field(repr=False)
    outputs: tuple[JsonObject, ...] = field(default=(), repr=False)
    status: str = "STANDBY"
    next_status: str | None = None
    next_at: float = 0.0
    interruptions: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """Its place in the store."""
        return self.project_id, self.flow_id

    def status_at(self, now: float) -> str:
        """The status, once what is on its way has arrived."""
        return self.next_status if self.next_status is not None and now >= self.next_at else self.status


class _Record(Protocol):
    @property
    def number(self) -> int: ...

    @property
    def project_id(self) -> str: ...


K = TypeVar("K")
R = TypeVar("R", bound=_Record)


@dataclass(frozen=True)
class _Write(Generic[K, R]):
    at: float
    project_id: str
    key: K
    before: R | None


class Table(Generic[K, R]):
    """Records by key, and their past."""

    def __init__(self, clock: Clock, changed: Callable[[], None]) -> None:
        self._records: dict[K, R] = {}
        self._writes: deque[_Write[K, R]] = deque(maxlen=_REMEMBERED_WRITES)
        self._clock = clock
        self._changed = changed

    def get(self, key: K) -> R | None:
        """The record, or None."""
        return self._records.get(key)

    def put(self, key: K, record: R) -> None:
        """Store a record in place of the one before."""
        self._remember(record.project_id, key)
        self._records[key] = record
        self._changed()

    def remove(self, key: K, project_id: str) -> None:
        """Forget a record. Raises KeyError when there is none."""
        self._remember(project_id, key)
        del self._records[key]
        self._changed()

    def clear(self) -> None:
        """Forget all records and their past."""
        self._records.clear()
        self._writes.clear()
        self._changed()

    def all(self) -> list[R]:
        """All records, in the order of their creation."""
        return sorted(self._records.values(), key=lambda record: record.number)

    def of_project(self, project_id: str, *, since: float | None = None, undo_last: bool = False) -> list[R]:
        """A project's records in the order of their creation; without what was written after `since`, or last."""
        records = dict(self._records)
        for write in (write for write in reversed(self._writes) if write.project_id == project_id):
            if not undo_last and (since is None or write.at <= since):
                break
            undo_last = False
            if write.before is None:
                records.pop(write.key, None)
            else:
                records[write.key] = write.before
        mine = [record for record in records.values() if record.project_id == project_id]
        return sorted(mine, key=lambda record: record.number)

    def _remember(self, project_id: str, key: K) -> None:
        self._writes.append(_Write(self._clock.time(), project_id, key, self._records.get(key)))


class Store:
    """The service's memory. `changed` is called after each write, when it is set."""

    def __init__(self, clock: Clock) -> None:
        self.channels: Table[tuple[str, ChannelKey], ChannelRecord] = Table(clock, self._written)
        self.flows: Table[tuple[str, str], FlowRecord] = Table(clock, self._written)
        self.changed: Callable[[], None] | None = None
        self.made = 0

    def next_number(self) -> int:
        """A number that was not used before: creations, package and flow ids are made from it."""
        self.made += 1
        return self.made

    def _written(self) -> None:
        if self.changed is not None:
            self.changed()
