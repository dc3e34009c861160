"""How often one may call: a sliding window per project, and a limit of open calls.

Used by the app after the credentials were checked. It must not know what is called.
"""

import math
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from medialive_operator.clock import Clock
from medialive_operator.simulator.contract import Route
from medialive_operator.simulator.options import Options
from medialive_operator.simulator.refusals import THROTTLED, TOO_MANY_AT_ONCE, Refusal


class Throttle:
    """The gateway's limit of calls in a window, and the service's limit of calls at one time."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._windows: dict[tuple[str, str], deque[float]] = {}
        self._open: dict[str | None, int] = {}

    def admit(self, route: Route) -> None:
        """Count a call. Raises Refusal with 429 when its window is full."""
        share = self._share(route)
        if share is None:
            return
        window = self._windows.setdefault((route.project_id, share), deque())
        now = self._clock.monotonic()
        while window and window[0] <= now - self._options.throttle_seconds:
            window.popleft()
        full = len(window) >= self._options.throttle_calls
        frees_at = window[-self._options.throttle_calls] + self._options.throttle_seconds if full else now
        if not full or self._options.throttle_counts_refused:
            window.append(now)
        if full:
            wait = math.ceil(frees_at - now) if self._options.throttle_retry_after else None
            raise Refusal(THROTTLED, "The throttling threshold has been reached.", retry_after=wait)

    @contextmanager
    def open_call(self, project_id: str | None) -> Iterator[None]:
        """A call is open. Raises Refusal with the service's own 500 when too many are."""
        opened = self._open.get(project_id, 0)
        limit = self._options.concurrency_limit
        if limit is not None and opened >= limit and project_id is not None:
            raise Refusal(TOO_MANY_AT_ONCE, "The number of concurrent API requests exceeds the upper limit.")
        self._open[project_id] = opened + 1
        try:
            yield
        finally:
            self._open[project_id] -= 1

    def _share(self, route: Route) -> str | None:
        shares: dict[str, str | None] = {
            "none": None,
            "operation": route.operation.value,
            "category": route.family.value,
            "account": "everything",
        }
        return shares[self._options.throttle_scope]
