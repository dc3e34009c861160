"""The transports between the client and the signing one: sending again, and the budget.

retry(budget(sign or token(network))): every attempt takes a slot of its own, since the service counts each of them,
and is signed on its own. Stacked by `cloud.client`; nothing else retries.
"""

import httpx

from medialive_operator.clock import Clock
from medialive_operator.cloud.budget import Budget, Slot
from medialive_operator.cloud.calls import Course
from medialive_operator.cloud.errors import CloudError

_DIED = (httpx.ReadError, httpx.WriteError, httpx.CloseError, httpx.RemoteProtocolError, ConnectionError)


class Retrying(httpx.AsyncBaseTransport):
    """Sends a request again: once when the token was out of date, once when a repeatable one lost its connection."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to the last attempt, or its error."""
        response = await self._reconnecting(request, again=Course.of(request).repeatable)
        if response.extensions.get("sign_in_again"):
            response = await self._reconnecting(request, again=False)
        return response

    async def _reconnecting(self, request: httpx.Request, *, again: bool) -> httpx.Response:
        try:
            return await self._inner.handle_async_request(request)
        except _DIED:
            if not again:
                raise
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close what is below."""
        await self._inner.aclose()


class Budgeting(httpx.AsyncBaseTransport):
    """Lets a request through when the budget has a slot for it."""

    def __init__(self, inner: httpx.AsyncBaseTransport, budget: Budget, clock: Clock) -> None:
        self._inner = inner
        self._budget = budget
        self._clock = clock

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer; the slot is held until it is read."""
        course = Course.of(request)
        came = self._clock.monotonic()
        async with self._budget.call(course.urgency) as slot:
            course.waited += self._clock.monotonic() - came
            await self._start(course, slot)
            try:
                return await self._inner.handle_async_request(request)
            except CloudError:
                slot.unspent()  # no token: nothing was sent to the service
                raise

    async def _start(self, course: Course, slot: Slot) -> None:
        """The last moment to call it off."""
        if course.starting is not None:
            try:
                await course.starting()
            except BaseException:
                slot.unspent()
                raise

    async def aclose(self) -> None:
        """Close what is below."""
        await self._inner.aclose()
