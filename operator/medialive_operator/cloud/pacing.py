"""A fixed share of the budget for work that can wait: deep reads, statistics, Cloud Eye.

Called before each such call. Urgency alone would not do: low priorities take whatever is left, and keep the window
full for a user's change that comes a second later. Knows nothing of what the calls are.
"""

import asyncio
from collections import deque

from medialive_operator.clock import Clock
from medialive_operator.cloud.budget import WINDOW, Budget


class Share:
    """Lets through at most `part` (0 to 1) of the calls that the budget allows in any minute, in order of arrival."""

    def __init__(self, budget: Budget, part: float, clock: Clock) -> None:
        self._budget = budget
        self._part = part
        self._clock = clock
        self._begun: deque[float] = deque()
        self._line = asyncio.Lock()

    async def turn(self) -> None:
        """Wait until one more call fits into the share."""
        async with self._line:
            while len(self._begun) >= max(1, int(self._budget.limit * self._part)):
                await self._clock.sleep(max(0.0, self._begun[0] + WINDOW - self._clock.monotonic()))
                self._forget_old()
            self._begun.append(self._clock.monotonic())

    def _forget_old(self) -> None:
        while self._begun and self._begun[0] + WINDOW <= self._clock.monotonic():
            self._begun.popleft()
