"""A tiny Media Live behind the network seam: it lists channels, is slow, and goes wrong as told."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import httpx
from pydantic import SecretStr

from medialive_operator.cloud.budget import Budget
from medialive_operator.cloud.client import MediaLive
from medialive_operator.cloud.credentials import AccessKey
from medialive_operator.cloud.models import ChannelKey
from tests.clocks import SteppedClock

Answer = Callable[[httpx.Request], httpx.Response]


def key(number: int) -> ChannelKey:
    return ChannelKey("push.example.com", "live", f"ch{number:03}")


class Listing(httpx.AsyncBaseTransport):
    """Answers GET ott/channels from `channels`; `answers` are given first, one a request."""

    def __init__(self, keys: Sequence[ChannelKey] = ()) -> None:
        self.channels: dict[ChannelKey, dict[str, Any]] = {}
        self.requests: list[httpx.Request] = []
        self.answers: deque[Answer] = deque()
        self.gate = asyncio.Event()
        self.gate.set()
        for each in keys:
            self.put(each, "v0")

    def put(self, at: ChannelKey, name: str) -> None:
        self.channels[at] = {**at._asdict(), "name": name}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.popleft()(request) if self.answers else self.page(request)
        await asyncio.sleep(0)
        await self.gate.wait()
        return answer

    def page(self, request: httpx.Request) -> httpx.Response:
        query = request.url.params
        wanted = [
            channel
            for channel in self.channels.values()
            if all(channel[part].startswith(query.get(part, "")) for part in ChannelKey._fields)
        ]
        offset, limit = int(query.get("offset", 0)), int(query.get("limit", 10))
        return httpx.Response(200, json={"total": len(wanted), "channels": wanted[offset : offset + limit]})

    @property
    def by_key(self) -> list[str]:
        """The ids that were asked for by key."""
        return [request.url.params["id"] for request in self.requests if "id" in request.url.params]

    @property
    def offsets(self) -> list[int]:
        """Where the pages of lists of everything began."""
        return [int(request.url.params["offset"]) for request in self.requests if "id" not in request.url.params]


def refusal(status: int, code: str) -> Answer:
    return lambda _: httpx.Response(status, json={"error_code": code, "error_msg": "as told"})


def shown(total: int, channels: list[Any]) -> Answer:
    return lambda _: httpx.Response(200, json={"total": total, "channels": channels})


def client(transport: httpx.AsyncBaseTransport, clock: SteppedClock, budget: Budget | None = None) -> MediaLive:
    return MediaLive(
        endpoint="https://live.example.com",
        project_id="0123456789abcdef0123456789abcdef",
        credentials=AccessKey("AKEXAMPLE", SecretStr("SKEXAMPLE")),
        budget=budget or Budget(clock, 10_000),
        clock=clock,
        transport=transport,
    )
