"""The Media Live client: one connection, one budget, any number of views at different priorities.

    async with MediaLive(endpoint=..., project_id=..., credentials=AccessKey(...)) as cloud:
        async for channel in cloud.channels.list():
            ...

Used by the operator through `call`, and by anybody through the typed operations in `channels`, `flows` and
`monitoring`. It knows nothing of Kubernetes, and it writes no logs: observers are told about each call.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import NoReturn, Self

import httpx

from medialive_operator.clock import Clock, SystemClock
from medialive_operator.cloud.answers import Reader
from medialive_operator.cloud.budget import Budget, Priority, Urgency
from medialive_operator.cloud.calls import Body, Call, Course, JsonObject, Query, Starting
from medialive_operator.cloud.channels import Channels
from medialive_operator.cloud.credentials import AccessKey, Credentials, check
from medialive_operator.cloud.errors import CloudError, Failure, Invalid, Throttled
from medialive_operator.cloud.exchanging import exchange
from medialive_operator.cloud.flows import Flows
from medialive_operator.cloud.monitoring import Monitoring
from medialive_operator.cloud.network import Bounded, Kept, base_url, open_network
from medialive_operator.cloud.requests import request_for, secrets_in
from medialive_operator.cloud.signing import Signing
from medialive_operator.cloud.tokens import Tokens, TokenSending
from medialive_operator.cloud.transports import Budgeting, Retrying
from medialive_operator.contract.operations import OPERATIONS, Operation

Observer = Callable[[Call], None]

_PROJECT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OFFICIAL = re.compile(r"https://live\.([a-z0-9-]+)\.myhuaweicloud\.com")


@dataclass(frozen=True)
class Connection:
    """What all views of a client share. `base` is the endpoint's URL; `secrets` are kept out of errors."""

    base: str
    project_id: str
    transport: httpx.AsyncBaseTransport
    budget: Budget
    clock: Clock
    secrets: tuple[str, ...]
    observers: Sequence[Observer]

    async def exchange(self, operation: Operation, request: httpx.Request, course: Course) -> JsonObject:
        """Send it, and tell the observers how it ended. Raises CloudError."""
        course.attach(request)
        reader = Reader(operation, str(operation), course.secrets, self.clock.time())
        began = self.clock.monotonic()
        try:
            response = await exchange(self.transport, request, reader)
            answer = reader.read(response)
        except CloudError as error:
            if isinstance(error, Throttled):
                self.budget.throttled(error.retry_after)
            self._tell(operation, course, began, (str(error.error_class), error.failure))
            raise
        told = Failure(operation, response.status_code, request_id=response.headers.get("x-request-id"))
        self._tell(operation, course, began, ("ok", told))
        return answer

    def _tell(self, operation: Operation, course: Course, began: float, end: tuple[str, Failure]) -> None:
        outcome, facts = end
        call = Call(
            operation=operation,
            priority=course.urgency.priority,
            outcome=outcome,
            status=facts.status,
            code=facts.code,
            request_id=facts.request_id,
            seconds=self.clock.monotonic() - began - course.waited,
            waited=course.waited,
        )
        for observer in self.observers:
            observer(call)


class View:
    """A client at one priority."""

    def __init__(self, connection: Connection, urgency: Urgency) -> None:
        self._connection = connection
        self._urgency = urgency
        self.channels = Channels(self)
        self.flows = Flows(self)
        self.monitoring = Monitoring(self)

    @property
    def budget(self) -> Budget:
        """The budget that the calls are drawn from."""
        return self._connection.budget

    def at(self, priority: Priority | Urgency) -> "View":
        """The same connection and budget, at another priority."""
        return View(self._connection, priority if isinstance(priority, Urgency) else Urgency(priority))

    async def call(
        self,
        operation: Operation,
        *,
        query: Query | None = None,
        body: Body | None = None,
        starting: Starting | None = None,
    ) -> JsonObject:
        """Make one call: wire JSON in and out. Raises CloudError.

        `starting` is awaited when the call has its slot in the budget and before anything is sent. What it raises
        comes out of here, and then nothing was sent.

        SecretStr leaves of the body are opened only when it is sent. Members of the query that are None are left out.
        A success is 200 or 201 with a JSON object whose result_code, if it has one, says so too.
        """
        facts = OPERATIONS[operation]
        url = f"{self._connection.base}{facts.path.format(project_id=self._connection.project_id)}"
        request = request_for(facts.method, url, query=query, body=body)
        course = Course(self._urgency, facts.repeatable, [*self._connection.secrets, *secrets_in(body)])
        course.starting = starting
        return await self._connection.exchange(operation, request, course)


class MediaLive(View):
    """Media Live in one project. Raises ValueError when an endpoint, the project or the credentials cannot be used.

    endpoint: base URL, https, or http to this machine.
    iam_endpoint: where a Password is exchanged for a token; needed with a Password and an endpoint of one's own.
    budget: shared by all clients of one project; by default one of 80 calls a minute.
    transport: used instead of the network, for all hosts; it is not closed.
    observers: told about every call after its end; they must not raise.
    """

    def __init__(  # noqa: PLR0913 -- all by keyword, most have defaults
        self,
        *,
        endpoint: str,
        project_id: str,
        credentials: Credentials,
        iam_endpoint: str | None = None,
        budget: Budget | None = None,
        clock: Clock | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        observers: Sequence[Observer] = (),
    ) -> None:
        check(credentials)
        if not _PROJECT_ID.fullmatch(project_id):
            raise ValueError(f"project_id must be letters and digits, not {project_id!r}.")
        clock = clock or SystemClock()
        budget = budget or Budget(clock)
        base = base_url(endpoint, "endpoint")
        network = _network(base, transport)
        signing: httpx.AsyncBaseTransport
        if isinstance(credentials, AccessKey):
            signing = Signing(network, credentials, project_id, clock)
        else:
            iam = base_url(iam_endpoint or _iam_beside(base), "iam_endpoint")
            tokens = Tokens(_network(iam, transport), iam, credentials, {"id": project_id}, clock)
            signing = TokenSending(network, tokens)
        stack = Retrying(Budgeting(signing, budget, clock))
        connection = Connection(base, project_id, stack, budget, clock, credentials.secrets(), tuple(observers))
        super().__init__(connection, Urgency(Priority.USER_CHANGE))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections; calls under way fail."""
        await self._connection.transport.aclose()


async def find_project_id(
    iam_endpoint: str,
    region: str,
    credentials: Credentials,
    *,
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> str:
    """The id of the account's project in a region, as IAM knows it.

    Raises CloudError, and ValueError when the endpoint or the credentials cannot be used.
    """
    check(credentials)
    clock = clock or SystemClock()
    iam = base_url(iam_endpoint, "iam_endpoint")
    network = _network(iam, transport)
    try:
        if isinstance(credentials, AccessKey):
            return await _listed_project(Signing(network, credentials, None, clock), iam, region, credentials, clock)
        tokens = Tokens(network, iam, credentials, {"name": region}, clock)
        return (await tokens.get()).project_id or _no_project(region)
    finally:
        await network.aclose()


async def _listed_project(
    transport: httpx.AsyncBaseTransport, iam: str, region: str, credentials: AccessKey, clock: Clock
) -> str:
    reader = Reader(None, "Project look-up at IAM", credentials.secrets(), clock.time())
    request = request_for("GET", f"{iam}/v3/projects", query={"name": region})
    answer = reader.read(await exchange(transport, request, reader))
    projects = answer.get("projects")
    if not isinstance(projects, list):
        raise reader.malformed("the answer has no list of projects")
    ids = [project.get("id") for project in projects if isinstance(project, dict)]
    if len(ids) > 1:
        raise Invalid(f"IAM knows {len(ids)} projects named {region!r}. Say which one: set the project id.")
    return ids[0] if ids and isinstance(ids[0], str) else _no_project(region)


def _no_project(region: str) -> NoReturn:
    raise Invalid(f"IAM knows no project named {region!r} in this account. Check the region, or set the project id.")


def _network(url: str, transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncBaseTransport:
    return Bounded(open_network(url) if transport is None else Kept(transport))


def _iam_beside(base: str) -> str:
    """The IAM of an official endpoint; where the IAM of any other is, nobody knows."""
    official = _OFFICIAL.fullmatch(base)
    if official is None:
        raise ValueError(f"iam_endpoint is needed to sign in with a password at {base}.")
    return f"https://iam.{official[1]}.myhuaweicloud.com"
