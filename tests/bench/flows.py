"""What flows cost: to make many of them, to change one, to have them."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from tests.bench.api_server import Manifest
from tests.bench.cloud_log import LoggedCall, busiest_window, is_deep_read, is_list, is_write, kinds, told
from tests.bench.creating import CALLS_A_MINUTE, lower_bound
from tests.bench.figures import Chapter, Figure, at_most
from tests.bench.rigs import Rig
from tests.builders import caller, flow

_CALLS_TO_CREATE = 3  # the flow, all of its outputs, the start; what they answer counts as read
_MINUTE = 60.0
_BAR = 1.05
_DEEP_READS_BAR = 40.0  # per cent of the budget
_NAME = "studio"


def flows_created(rig: Rig, count: int, outputs: int, scale: float) -> Chapter:
    """Create so many running flows, as fast as objects can be stored, wait until all are ready, and a minute more."""
    rig.forget_calls()
    before, began = rig.usage(), time.monotonic()
    rig.create([flow(f"flow-{number:03}", outputs=_outputs(outputs)) for number in range(count)])
    stored = time.monotonic() - began
    rig.until_ready(count)
    took, calls = (time.monotonic() - began) * scale, rig.cloud.calls()
    after = rig.usage()
    time.sleep(_MINUTE / scale)  # whatever waited for the creations takes its share now
    return Chapter(
        f"Create {count} running flows with {outputs} outputs each at once",
        f"{_clock(scale)} From the first object stored to the last one Ready; the cloud refuses more than "
        f"{CALLS_A_MINUTE} calls a minute. The bound: {_CALLS_TO_CREATE} calls each, from an empty window. Deep reads "
        "(of a flow, of an output) and refusals are counted for another minute.",
        (
            *_speed(calls, count, stored, took),
            *_shares(rig.cloud.calls()),
            Figure("processor", f"{after.cpu - before.cpu:.1f} s in all"),
            Figure("memory (RSS)", f"{after.rss:.0f} MiB"),
        ),
    )


def calls_per_flow_operation(rig: Rig, outputs: int) -> Chapter:
    """Take one flow through its life and count the calls of each step."""
    change = partial(rig.api.patch, rig.namespace, _NAME)
    first = _outputs(outputs)
    changed = [{**first[0], "description": "changed"}, *first[1:]]
    fewer = changed[:-2]
    steps: list[tuple[str, Callable[[], None], int, int, int]] = [
        (f"create a running flow with {outputs} outputs", lambda: rig.create([flow(_NAME, outputs=first)]), 1, 3, 1),
        ("change one output", partial(change, {"outputs": changed}), 1, 1, 0),
        ("change nothing: the same outputs in another order", partial(change, {"outputs": changed[::-1]}), 1, 0, 0),
        ("remove two outputs", partial(change, {"outputs": fewer}), 1, 2, 0),
        ("add two outputs", partial(change, {"outputs": changed}), 1, 1, 0),
        ("stop", partial(change, {"desiredState": "Stopped"}), 1, 1, 0),
        ("start", partial(change, {"desiredState": "Running"}), 1, 1, 0),
        ("delete a running flow: stop, DELETE", partial(rig.api.delete, rig.namespace, _NAME), 0, 2, 2),
    ]
    how = (
        "One flow, nothing else going on, until the object says that it is done. The lists that are made every 30 s "
        "for all objects are left out. A step begins when the flow was read in its turn after the step before."
    )
    return Chapter("Calls for each operation on a flow", how, tuple(_counted(rig, *step) for step in steps))


def flows_at_rest(rig: Rig, count: int, outputs: int, seconds: float, scale: float) -> Chapter:
    """Create flows, wait until each was read in full, and leave them alone for so many seconds of real time."""
    rig.create([flow(f"flow-{number:03}", outputs=_outputs(outputs)) for number in range(count)])
    rig.until_ready(count)
    rig.until_all("objects show health", _was_read)
    rig.until_quiet()
    rig.forget_calls()
    writes, before, began = rig.api.writes(), rig.usage(), time.monotonic()
    time.sleep(seconds)
    calls = rig.cloud.calls()
    took, after = time.monotonic() - began, rig.usage()
    written = sum((rig.api.writes() - writes).values())
    return Chapter(
        f"Left alone, {count} flows with {outputs} outputs each",
        f"{took * scale / _MINUTE:.0f} minutes. {_clock(scale)} Lists every 30 s and a quarter of {CALLS_A_MINUTE} "
        "calls a minute for deep reads, as by default. Every flow had been read in full once before.",
        (
            *_resting(calls, took * scale / _MINUTE),
            at_most("writes to Kubernetes", written, 0),
            Figure("memory (RSS)", f"{after.rss:.0f} MiB"),
            Figure("processor", f"{(after.cpu - before.cpu) / took / scale * _MINUTE:.2f} s a minute"),
        ),
    )


def _outputs(count: int) -> list[Manifest]:
    return [caller(f"output-{number}", 9000 + number) for number in range(count)]


def _clock(scale: float) -> str:
    return "In real time." if scale == 1 else f"Both clocks run {scale:g} times as fast."


def _was_read(obj: Manifest) -> bool:
    return "connected" in obj["status"]


def _speed(calls: Sequence[LoggedCall], count: int, stored: float, took: float) -> Iterator[Figure]:
    bound, needed = lower_bound(_CALLS_TO_CREATE * count), _CALLS_TO_CREATE * count
    yield Figure("lower bound", f"{bound:.0f} s")
    yield Figure("measured", f"{took:.1f} s (all objects stored after {stored:.1f} s of real time)")
    if bound > 0:
        yield Figure("measured / lower bound", f"{took / bound:.3f}", f"at most {_BAR}", took / bound <= _BAR)
    writes = sum(map(is_write, calls))
    yield Figure("calls that write", f"{writes}", f"{needed}", writes == needed)
    yield Figure("lists for all together", f"{sum(map(is_list, calls))}")
    yield Figure("deep reads until all were ready", f"{sum(map(is_deep_read, calls))}")


def _resting(calls: Sequence[LoggedCall], minutes: float) -> Iterator[Figure]:
    for kind, found in kinds(calls).items():
        yield Figure(f"calls a minute: {kind}", f"{found / minutes:.1f}")
    yield Figure("calls a minute", f"{len(calls) / minutes:.1f} ({told(calls)} in all)")
    lists = sum(map(is_list, calls))
    yield Figure("lists", f"{lists}", "one every 30 s", lists <= 2 * minutes + 1)
    other = sum(not is_list(call) and not is_deep_read(call) for call in calls)
    yield at_most("calls that are neither lists nor deep reads", other, 0)
    yield from _shares(calls)


def _shares(calls: Sequence[LoggedCall]) -> Iterator[Figure]:
    """How much of the budget was used in the minute that used most of it, and by deep reads."""
    busiest = busiest_window(calls)
    deep = busiest_window(call for call in calls if is_deep_read(call))
    share = 100 * deep / CALLS_A_MINUTE
    most = f"at most {_DEEP_READS_BAR:g} % of the budget"
    yield Figure("most calls in any minute", f"{busiest}", f"at most {CALLS_A_MINUTE}", busiest <= CALLS_A_MINUTE)
    yield Figure("most deep reads in any minute", f"{deep} ({share:.0f} %)", most, share <= _DEEP_READS_BAR)
    yield at_most("calls refused by the limit", sum(call["status"] == 429 for call in calls), 0)


def _counted(rig: Rig, what: str, act: Callable[[], None], left: int, writes: int, reads: int) -> Figure:
    rig.until_all("objects show health", _is_settled)
    rig.forget_calls()
    act()
    rig.until_ready(left)
    own = [call for call in rig.cloud.calls() if what.startswith("create") or not is_list(call)]
    written = sum(map(is_write, own))
    noun = "list" if what.startswith("create") else "reads"
    bar = f"{writes} write{'s' * (writes != 1)}" + f" + {reads} {noun}" * (reads > 0)
    return Figure(what, told(own), bar, written == writes and len(own) - written <= reads)


def _is_settled(obj: Manifest) -> bool:
    """Whether its links were read since it was started or stopped."""
    return obj["spec"].get("desiredState") == "Stopped" or _was_read(obj)
