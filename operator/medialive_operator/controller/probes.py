"""Probes and metrics over HTTP: /healthz, /readyz, /metrics.

Served by the process beside kopf. Health is the health of the work, not of this server: a dead part answers 503.
"""

import asyncio
from collections.abc import Callable

import uvicorn
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from medialive_operator.metrics import REGISTRY

Troubles = Callable[[], list[str]]


def probes(unhealthy: Troubles, unready: Troubles, measure: Callable[[], None]) -> Starlette:
    """The application; each probe tells its troubles, one a line. `measure` sets the gauges before a scrape."""

    def answer(troubles: list[str]) -> Response:
        return PlainTextResponse("\n".join(troubles) or "ok", status_code=503 if troubles else 200)

    async def healthz(_: Request) -> Response:
        return answer(unhealthy())

    async def readyz(_: Request) -> Response:
        return answer(unready())

    async def metrics(_: Request) -> Response:
        measure()
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)])


class ProbesServer:
    """The application on a socket, in this event loop; signals are left to the process."""

    def __init__(self, app: Starlette, address: str, port: int) -> None:
        config = uvicorn.Config(app, host=address, port=port, log_config=None, access_log=False, lifespan="off")
        self._server = uvicorn.Server(config)
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self._socket = config.bind_socket()
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._socket.getsockname()[1])

    def start(self) -> None:
        """Serve until `close`."""
        self._task = asyncio.create_task(self._server._serve([self._socket]), name="probes")

    async def close(self) -> None:
        """Stop serving."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        self._socket.close()
