"""The simulator's own clock: another clock that can be sped up and moved on, by the admin port.

Everything in the simulator that waits or stamps asks this clock. It must not go back.
"""

import asyncio
from contextlib import suppress

from medialive_operator.clock import Clock

_NOTHING_LEFT = 1e-6  # rounding of the division by the scale


class AdjustableClock:
    """Runs `scale` times as fast as `base`, plus what it was moved on. A Clock."""

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._wall = base.time()
        self._base_origin = base.monotonic()
        self._origin = 0.0
        self._adjusted = asyncio.Event()
        self.scale = 1.0

    def time(self) -> float:
        """Wall clock, unix seconds (UTC): that of the base clock until it is adjusted."""
        return self._wall + self.monotonic()

    def monotonic(self) -> float:
        """Seconds of this clock since it was made."""
        return self._origin + (self._base.monotonic() - self._base_origin) * self.scale

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` of this clock; whoever sleeps while it is adjusted wakes by the new time."""
        due = self.monotonic() + seconds
        while (left := due - self.monotonic()) > _NOTHING_LEFT:
            await self._pass(left / self.scale)

    def run_at(self, scale: float) -> None:
        """From now on run this many times as fast as the base clock. Raises ValueError unless positive."""
        if scale <= 0:
            raise ValueError(f"the clock cannot run at {scale}: the scale must be above 0")
        self._rebase(self.monotonic(), scale)

    def step(self, seconds: float) -> None:
        """Move on at once. Raises ValueError for a step back."""
        if seconds < 0:
            raise ValueError(f"the clock cannot step by {seconds}: it only moves on")
        self._rebase(self.monotonic() + seconds, self.scale)

    def _rebase(self, now: float, scale: float) -> None:
        self._origin, self._base_origin, self.scale = now, self._base.monotonic(), scale
        self._adjusted.set()
        self._adjusted = asyncio.Event()

    async def _pass(self, seconds: float) -> None:
        """Wait for the base clock, or for an adjustment."""
        waits = [
            asyncio.ensure_future(self._base.sleep(seconds)),
            asyncio.ensure_future(self._adjusted.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
                with suppress(asyncio.CancelledError):
                    await wait
