"""Puts a simulator on two loopback ports, one for callers and one for the admin.

Used by `medialive simulate`, the demo and tests. Runs in the caller's event loop.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from medialive_operator.simulator.app import Simulator
from medialive_operator.simulator.fault_answers import HANG_UP
from medialive_operator.simulator.messages import JsonObject

_Peers = dict[tuple[str, int], asyncio.Transport]


@dataclass(frozen=True)
class Addresses:
    """Where a simulator listens. IAM is served beside Media Live."""

    url: str
    admin_url: str


@asynccontextmanager
async def served(
    simulator: Simulator, *, host: str = "127.0.0.1", port: int = 0, admin_port: int = 0
) -> AsyncIterator[Addresses]:
    """Serve while in the context; port 0 is a free one. Raises OSError when a port is taken."""
    peers: _Peers = {}
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(_listening(_with_hang_up(simulator.app, peers), host, port, peers))
        admin_url = await stack.enter_async_context(_listening(simulator.admin, host, admin_port, {}))
        yield Addresses(url, admin_url)


def announcement(simulator: Simulator, addresses: Addresses) -> JsonObject:
    """What a script needs to call the simulator: the first account beside the addresses, then all of them."""
    accounts = [
        {
            "projectId": project.id,
            "region": project.name,
            "accessKey": account.access_key,
            "secretKey": account.secret_key.get_secret_value(),
            "username": account.username,
            "password": account.password.get_secret_value(),
            "domainName": account.domain_name,
        }
        for account in simulator.accounts
        for project in account.projects
    ]
    where = {"url": addresses.url, "iamUrl": addresses.url, "adminUrl": addresses.admin_url}
    return {**where, **accounts[0], "accounts": accounts}


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs it, and says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@asynccontextmanager
async def _listening(app: ASGIApp, host: str, port: int, peers: _Peers) -> AsyncIterator[str]:
    with socket.create_server((host, port)) as listener:
        # asyncio does it only for sockets that were made with the protocol named; without it an answer takes 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        config = uvicorn.Config(
            app,
            http=_remembering(peers),
            lifespan="off",
            log_level="error",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        server = _Server(config)
        running = asyncio.create_task(server.serve([listener]))
        try:
            await server.up.wait()
            yield f"http://{host}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running


def _remembering(peers: _Peers) -> type[H11Protocol]:
    """The HTTP protocol of uvicorn, with the connections where they can be found by their peer."""

    class RememberingProtocol(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            peers[transport.get_extra_info("peername")[:2]] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            peers.pop(self.transport.get_extra_info("peername")[:2], None)
            super().connection_lost(exc)

    return RememberingProtocol


def _with_hang_up(app: ASGIApp, peers: _Peers) -> ASGIApp:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        client = tuple(scope.get("client") or ())
        await app({**scope, HANG_UP: _hang_up(peers, client)}, receive, send)

    return serve


def _hang_up(peers: _Peers, client: tuple[Any, ...]) -> Callable[[], None]:
    def abort() -> None:
        peers[client].abort()

    return abort
