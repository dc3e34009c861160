"""How long many creations at once take, against what the service's limit of calls allows at best."""

import math
import time
from collections.abc import Iterator

from tests.bench.cloud_log import busiest_window, is_list, is_write, kinds
from tests.bench.figures import Chapter, Figure
from tests.bench.rigs import Rig
from tests.builders import channel

CALLS_A_MINUTE = 80
_CALLS_TO_CREATE = 2  # a POST, and a read of what came of it
_WINDOW = 60.0
_BAR = 1.05


def lower_bound(calls: int, per_minute: int = CALLS_A_MINUTE) -> float:
    """Seconds until so many calls can have left at best: an empty window takes the first batch at once."""
    return (math.ceil(calls / per_minute) - 1) * _WINDOW


def creation(rig: Rig, count: int, scale: float) -> Chapter:
    """Create so many running channels, as fast as objects can be stored, and wait until all are ready."""
    rig.forget_calls()
    cpu, began = rig.usage().cpu, time.monotonic()
    rig.create([channel(f"channel-{number:03}") for number in range(count)])
    stored = time.monotonic() - began
    rig.until_ready(count)
    took = (time.monotonic() - began) * scale
    worked = Figure("processor", f"{rig.usage().cpu - cpu:.1f} s in all")
    clock = "In real time." if scale == 1 else f"Both clocks run {scale:g} times as fast: each delay counts so often."
    return Chapter(
        f"Create {count} running channels at once",
        f"{clock} From the first object stored to the last one Ready; the cloud refuses more than {CALLS_A_MINUTE} "
        f"calls a minute. The bound: {_CALLS_TO_CREATE} calls each, from an empty window.",
        (*_figures(rig, count, stored, took), worked),
    )


def _figures(rig: Rig, count: int, stored: float, took: float) -> Iterator[Figure]:
    calls = rig.cloud.calls()
    bound = lower_bound(_CALLS_TO_CREATE * count)
    found = kinds(calls)
    refused = sum(call["status"] == 429 for call in calls)
    busiest = busiest_window(calls)
    yield Figure("lower bound", f"{bound:.0f} s")
    yield Figure("measured", f"{took:.1f} s (all objects stored after {stored:.1f} s of real time)")
    if bound > 0:
        yield Figure("measured / lower bound", f"{took / bound:.3f}", f"at most {_BAR}", took / bound <= _BAR)
    writes = sum(map(is_write, calls))
    yield Figure("calls that write", f"{writes}", f"{count}", writes == count)
    yield Figure("reads by key", f"{found['read by key']}", f"at most {count}", found["read by key"] <= count)
    yield Figure("lists for all together", f"{sum(map(is_list, calls))}")
    yield Figure("most calls in any minute", f"{busiest}", f"at most {CALLS_A_MINUTE}", busiest <= CALLS_A_MINUTE)
    yield Figure("calls refused by the limit", f"{refused}", "0", refused == 0)
