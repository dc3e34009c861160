"""Time as a value that is handed in.

Called by everything that waits or stamps; nothing else in the package reads the system clock.
It must not know what is waited for.
"""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """What the operator needs to know about time. All units are seconds."""

    def time(self) -> float:
        """Wall clock, unix seconds (UTC)."""
        ...

    def monotonic(self) -> float:
        """A clock that never goes back; only differences have a meaning."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait this long."""
        ...


class SystemClock:
    """The machine's clock."""

    def time(self) -> float:
        """Wall clock, unix seconds (UTC)."""
        return time.time()

    def monotonic(self) -> float:
        """The machine's monotonic clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait this long."""
        await asyncio.sleep(seconds)


class ScaledClock:
    """A clock that runs `scale` times as fast as the machine's, for benches and rehearsals."""

    def __init__(self, scale: float) -> None:
        self._scale = scale
        self._wall = time.time()
        self._origin = time.monotonic()

    def time(self) -> float:
        """Wall clock, unix seconds (UTC), running fast from the moment of construction."""
        return self._wall + self.monotonic()

    def monotonic(self) -> float:
        """Scaled seconds since construction."""
        return (time.monotonic() - self._origin) * self._scale

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` of this clock."""
        await asyncio.sleep(seconds / self._scale)
