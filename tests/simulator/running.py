"""A simulator on real ports for tests that are not asynchronous: it runs in a thread of its own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from medialive_operator.clock import Clock, SystemClock
from medialive_operator.simulator.app import Simulator
from medialive_operator.simulator.options import Options
from medialive_operator.simulator.serving import announcement, served


@dataclass(frozen=True)
class Running:
    """Where it listens and whom it knows, as `medialive simulate` prints it."""

    said: dict[str, Any]

    @property
    def url(self) -> str:
        return str(self.said["url"])

    def admin(self, method: str, path: str, json: object = None) -> Any:
        answer = httpx.request(method, f"{self.said['adminUrl']}{path}", json=json)
        assert answer.is_success, answer.text
        return answer.json()


@contextmanager
def running(options: Options | None = None, clock: Clock | None = None) -> Iterator[Running]:
    """A simulator that listens while in the context."""
    simulator = Simulator(options or Options(), clock or SystemClock())
    up = threading.Event()
    told: dict[str, Any] = {}

    async def run() -> None:
        told["loop"], told["stop"] = asyncio.get_running_loop(), asyncio.Event()
        async with served(simulator) as addresses:
            told["said"] = announcement(simulator, addresses)
            up.set()
            await told["stop"].wait()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    try:
        assert up.wait(timeout=30)
        yield Running(told["said"])
    finally:
        told["loop"].call_soon_threadsafe(told["stop"].set)
        thread.join()
