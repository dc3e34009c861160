"""What is said about a call: by callers, between the transports, and to observers.

Read by `cloud.client`, the typed operations and the transports. Never holds a body.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from medialive_operator.cloud.budget import Priority, Urgency
from medialive_operator.contract.operations import Operation

JsonObject = dict[str, Any]
Query = Mapping[str, object]
Body = JsonObject | Sequence[JsonObject]
Starting = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Call:
    """A call that ended, for metrics and logs.

    `outcome` is "ok" or the ErrorClass; `seconds` is the time on the network, `waited` the time in the budget's queue.
    """

    operation: Operation
    priority: Priority
    outcome: str
    status: int | None
    code: str | None
    request_id: str | None
    seconds: float
    waited: float


@dataclass
class Course:
    """How a request has fared so far; travels with it through the transports.

    `secrets` must not show up in its error; `waited` is in seconds; `starting` may still call it off.
    """

    urgency: Urgency
    repeatable: bool
    secrets: list[str] = field(default_factory=list, repr=False)
    waited: float = 0.0
    starting: Starting | None = field(default=None, repr=False)

    def attach(self, request: httpx.Request) -> None:
        """Send it along."""
        request.extensions["course"] = self

    @classmethod
    def of(cls, request: httpx.Request) -> "Course":
        """The one that travels with the request."""
        course = request.extensions["course"]
        assert isinstance(course, cls)
        return course


class Caller(Protocol):
    """Something that makes calls at one priority: what the typed operations and the inventory need of a client."""

    async def call(self, operation: Operation, *, query: Query | None = None, body: Body | None = None) -> JsonObject:
        """Wire JSON in and out; raises CloudError."""
        ...

    def at(self, priority: Priority | Urgency) -> "Caller":
        """The same at another priority."""
        ...
