"""How many calls to the cloud each thing a user can do costs."""

from collections.abc import Callable
from functools import partial

from tests.bench.cloud_log import LoggedCall, is_list, is_write, told
from tests.bench.figures import Chapter, Figure
from tests.bench.rigs import Rig
from tests.builders import channel, hls

_NAME = "news"


def calls_per_operation(rig: Rig) -> Chapter:
    """Take one channel through its life and count the calls of each step."""
    change = partial(rig.api.patch, rig.namespace, _NAME)
    steps: list[tuple[str, Callable[[], None], int, int, int]] = [
        ("create a running channel", lambda: rig.create([channel(_NAME)]), 1, 1, 1),
        ("change one section", partial(change, {"recordSettings": {"rollingbufferDuration": 3600}}), 1, 1, 1),
        ("change three sections: off, 3 PUT, on", partial(change, _three_sections()), 1, 5, 1),
        ("stop", partial(change, {"desiredState": "Stopped"}), 1, 1, 1),
        ("start", partial(change, {"desiredState": "Running"}), 1, 1, 1),
        ("delete a running channel: off, DELETE", partial(rig.api.delete, rig.namespace, _NAME), 0, 2, 1),
    ]
    figures = [_counted(rig, *step) for step in steps]
    how = "One channel, nothing else going on. The lists that are made every 30 s for all objects are left out."
    return Chapter("Calls for each operation", how, tuple(figures))


def _counted(rig: Rig, what: str, act: Callable[[], None], left: int, writes: int, reads: int) -> Figure:
    rig.forget_calls()
    act()
    rig.until_ready(left)
    calls = rig.cloud.calls()
    own = [call for call in calls if what.startswith("create") or not is_list(call)]
    bar = f"{writes} write{'s' * (writes > 1)} + {reads} read" + " + 1 list" * what.startswith("create")
    return Figure(what, told(own), bar, _holds(own, writes, reads))


def _holds(calls: list[LoggedCall], writes: int, reads: int) -> bool:
    written = [call for call in calls if is_write(call)]
    read = [call for call in calls if not is_write(call) and not is_list(call)]
    return len(written) == writes and len(read) <= reads


def _three_sections() -> dict[str, object]:
    return {
        "name": "Late news",
        "input": {"sources": [{"url": "srt://198.51.100.30:9000", "bitrate": 4000000}]},
        "endpoints": [hls("play.example.com/live/news/late.m3u8", 6)],
    }
