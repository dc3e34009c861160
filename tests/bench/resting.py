"""What the operator costs while nothing happens: memory, processor, calls, writes."""

import time
from collections.abc import Iterator

from tests.bench.cloud_log import is_write, told
from tests.bench.creating import CALLS_A_MINUTE
from tests.bench.figures import Chapter, Figure, at_most
from tests.bench.rigs import Rig

_RSS_BAR = 150.0  # MiB
_SHARE_BAR = 15.0  # per cent of the budget


def rest(rig: Rig, count: int, seconds: float) -> Chapter:
    """Leave it alone for so many seconds of real time."""
    rig.until_quiet()
    rig.forget_calls()
    writes, before, began = rig.api.writes(), rig.usage(), time.monotonic()
    time.sleep(seconds)
    took, after = time.monotonic() - began, rig.usage()
    written = sum((rig.api.writes() - writes).values())
    minutes = took / 60
    return Chapter(
        f"Left alone, {count} channels" if count else "Left alone, no objects",
        f"{seconds:g} s in real time; lists every 30 s, as by default.",
        (
            at_most("memory (RSS)", after.rss, _RSS_BAR, "MiB"),
            Figure("memory at most since the start", f"{after.peak:.0f} MiB"),
            Figure("processor", f"{(after.cpu - before.cpu) / minutes:.2f} s a minute"),
            *_calls(rig, minutes),
            at_most("writes to Kubernetes", written, 0),
        ),
    )


def _calls(rig: Rig, minutes: float) -> Iterator[Figure]:
    calls = rig.cloud.calls()
    share = 100 * len(calls) / minutes / CALLS_A_MINUTE
    yield Figure("calls a minute", f"{len(calls) / minutes:.1f} ({told(calls)} in all)")
    yield at_most("share of the budget", share, _SHARE_BAR, "%", 1)
    yield at_most("calls that write", sum(map(is_write, calls)), 0)
