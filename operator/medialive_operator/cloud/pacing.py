"""A fixed share of the budget for work that can wait: deep reads, statistics, Cloud Eye.

Called before each such call. Urgency alone would not do: low priorities take whatever is left, and keep the window
full for a user's change that comes a second later. Knows nothing of what the calls are.
"""

from medialive_operator.clock import Clock
from medialive_operator.cloud.budget import WINDOW, Budget


class Share:
    """Spaces calls evenly so that they use at most `part` (0 to 1) of what the budget allows a minute."""

    def __init__(self, budget: Budget, part: float, clock: Clock) -> None:
        self._budget = budget
        self._part = part
        self._clock = clock
        self._next = 0.0

    async def turn(self) -> None:
        """Wait until one more call fits into the share."""
        now = self._clock.monotonic()
        due = max(now, self._next)
        self._next = due + WINDOW / max(1.0, self._budget.limit * self._part)
        if due > now:
            await self._clock.sleep(due - now)
