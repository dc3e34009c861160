"""IAM tokens: fetched once, shared, renewed in time, and the innermost transport that sends them.

Calls to IAM are no calls to Media Live: they are not drawn from its budget. Source: behaviour notes 2.1.
"""

import asyncio
import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from medialive_operator.clock import Clock
from medialive_operator.cloud.answers import Reader, code_of
from medialive_operator.cloud.calls import Course, JsonObject
from medialive_operator.cloud.credentials import Password
from medialive_operator.cloud.errors import CloudError, Denied, Failure, Transient
from medialive_operator.cloud.exchanging import exchange
from medialive_operator.cloud.requests import request_for
from medialive_operator.contract.error_codes import SIGN_IN_AGAIN

_EARLY = 1800.0
# Used when IAM does not say how long its token lives; the documented 24 hours are not counted on.
_ASSUMED_LIFE = 3600.0
# An account is locked after a few wrong passwords: a refusal is believed for a while, longer each time.
_REFUSED_FOR, _REFUSED_AT_MOST = 30.0, 300.0
_FAILED_FOR, _FAILED_AT_MOST = 1.0, 30.0
_SUSPICIOUS = 60.0
_WHAT = "Sign-in at IAM"
_REJECTED = (
    "The service does not take new tokens of this IAM endpoint (APIGW.0307). Check that endpoint, iamEndpoint and "
    "project belong to one region."
)


@dataclass(frozen=True, repr=False)
class Token:
    """A token, the project it is for, and when to get the next one and when it ends (both unix seconds)."""

    value: str
    project_id: str | None
    renew_at: float
    expires_at: float


@dataclass(frozen=True)
class _Setback:
    """IAM did not give a token; nobody asks again before `until` (unix seconds)."""

    error: CloudError
    until: float
    times: int


class Tokens:
    """The token of one user for one project. `scope` is IAM's: {"id": …} or {"name": region}."""

    def __init__(
        self, network: httpx.AsyncBaseTransport, iam_url: str, credentials: Password, scope: JsonObject, clock: Clock
    ) -> None:
        self._network = network
        self._url = f"{iam_url}/v3/auth/tokens"
        self._credentials = credentials
        self._scope = scope
        self._clock = clock
        self._token: Token | None = None
        self._setback: _Setback | None = None
        self._fetching: asyncio.Task[Token] | None = None
        self._dropped_at = float("-inf")

    async def get(self) -> Token:
        """A token that is good now; raises CloudError when there is none to be had."""
        now = self._clock.time()
        token = self._token if self._token is not None and now < self._token.expires_at else None
        if token is not None and now < token.renew_at:
            return token
        if self._setback is not None and now < self._setback.until:
            if token is not None:
                return token
            raise copy.copy(self._setback.error)
        try:
            return await self._fetched()
        except CloudError as error:
            if token is not None:
                return token
            raise copy.copy(error) from None

    def drop(self, token: Token) -> None:
        """The service does not take this one any more. One that replaced a dropped one is not replaced at once."""
        if self._token is not token:
            return
        self._token = None
        now = self._clock.time()
        if now - self._dropped_at < _SUSPICIOUS:
            self._setback = self._backing_off(Denied(_REJECTED, Failure(status=401, code=SIGN_IN_AGAIN)))
        self._dropped_at = now

    async def aclose(self) -> None:
        """End a request that is under way, and close the network to IAM."""
        if self._fetching is not None:
            self._fetching.cancel()
        await self._network.aclose()

    async def _fetched(self) -> Token:
        """All callers share one request, and none of them ends it by being cancelled."""
        if self._fetching is None:
            self._fetching = asyncio.get_running_loop().create_task(self._fetch(), name="sign-in at IAM")
            self._fetching.add_done_callback(self._ended)
        fetching = self._fetching
        try:
            return await asyncio.shield(fetching)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not fetching.cancelled() or task is None or task.cancelling():
                raise
            raise Transient(f"{_WHAT}: the client was closed") from None

    def _ended(self, task: asyncio.Task[Token]) -> None:
        self._fetching = None
        if not task.cancelled():
            task.exception()  # heard by whoever waited, or by nobody any more

    async def _fetch(self) -> Token:
        try:
            token = await self._ask()
        except CloudError as error:
            self._setback = self._backing_off(error)
            raise
        self._token, self._setback = token, None
        return token

    def _backing_off(self, error: CloudError) -> _Setback:
        times = self._setback.times + 1 if self._setback is not None else 1
        refused = isinstance(error, Denied)
        first, longest = (_REFUSED_FOR, _REFUSED_AT_MOST) if refused else (_FAILED_FOR, _FAILED_AT_MOST)
        wait = max(min(longest, first * 2.0 ** min(times - 1, 10)), error.retry_after or 0.0)
        return _Setback(error, self._clock.time() + wait, times)

    async def _ask(self) -> Token:
        reader = Reader(None, _WHAT, self._credentials.secrets(), self._clock.time())
        response = await exchange(self._network, request_for("POST", self._url, body=self._body()), reader)
        answer = reader.read(response)
        value = response.headers.get("x-subject-token")
        if not value:
            raise reader.malformed("the answer has no X-Subject-Token header")
        return self._dated(value, answer.get("token"))

    def _dated(self, value: str, body: Any) -> Token:
        told = body if isinstance(body, dict) else {}
        now = self._clock.time()
        expires = _unix(told.get("expires_at"))
        life = expires - now if expires is not None and expires > now else _ASSUMED_LIFE
        project = told.get("project")
        project_id = project.get("id") if isinstance(project, dict) else None
        return Token(
            value, project_id if isinstance(project_id, str) else None, now + life - min(_EARLY, life / 4), now + life
        )

    def _body(self) -> JsonObject:
        user = {
            "name": self._credentials.username,
            "password": self._credentials.password,
            "domain": {"name": self._credentials.domain_name},
        }
        identity = {"methods": ["password"], "password": {"user": user}}
        return {"auth": {"identity": identity, "scope": {"project": self._scope}}}


def _unix(text: object) -> float | None:
    """IAM's `2026-01-01T00:00:00.000000Z` as unix seconds."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment.timestamp() if moment is not None and moment.tzinfo is not None else None


class TokenSending(httpx.AsyncBaseTransport):
    """Puts the token on each request as it leaves; marks an answer after which a new token may help."""

    def __init__(self, network: httpx.AsyncBaseTransport, tokens: Tokens) -> None:
        self._network = network
        self._tokens = tokens

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send with a token. Raises CloudError when there is none."""
        token = await self._tokens.get()
        request.headers["X-Auth-Token"] = token.value
        Course.of(request).secrets.append(token.value)
        response = await self._network.handle_async_request(request)
        if response.status_code == httpx.codes.UNAUTHORIZED and code_of(response) == SIGN_IN_AGAIN:
            self._tokens.drop(token)
            response.extensions["sign_in_again"] = True
        return response

    async def aclose(self) -> None:
        """Close the network below."""
        await self._tokens.aclose()
        await self._network.aclose()
