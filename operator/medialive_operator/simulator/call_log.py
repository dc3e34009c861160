"""What was called, for tests and users' scripts. Written by the app, read through the admin port. Holds no secrets."""

from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

from medialive_operator.simulator.messages import JsonObject

_KEPT = 100_000


@dataclass
class LoggedCall:
    """One call. `body` is redacted; `status` and `code` are None when no answer was sent."""

    at: float
    project_id: str | None
    operation: str | None
    method: str
    path: str
    query: dict[str, str]
    request_id: str
    body: Any = field(default=None, repr=False)
    status: int | None = None
    code: str | None = None


class CallLog:
    """The newest calls, oldest first."""

    def __init__(self) -> None:
        self._calls: deque[LoggedCall] = deque(maxlen=_KEPT)

    def add(self, call: LoggedCall) -> None:
        """Keep a call; its status is filled in when it is answered."""
        self._calls.append(call)

    def shown(self, **wanted: str | None) -> list[JsonObject]:
        """The calls whose members have the wanted values; None: any."""
        return [
            asdict(call)
            for call in self._calls
            if all(value in (None, getattr(call, name)) for name, value in wanted.items())
        ]

    def clear(self) -> None:
        """Forget all."""
        self._calls.clear()
