"""What a restart of the operator costs when nothing has changed meanwhile."""

import time

from tests.bench.cloud_log import is_list, is_write, told
from tests.bench.figures import Chapter, Figure, at_most
from tests.bench.rigs import Rig

_MINUTE = 60.0


def restart(rig: Rig, count: int) -> Chapter:
    """Kill the operator, start it again, and count the first minute; the second time, when there is no news."""
    rig.restart()
    rig.until_passed(count)
    rig.until_quiet()
    rig.forget_calls()
    writes, began = rig.api.writes(), time.monotonic()
    rig.restart()
    ready = time.monotonic() - began
    rig.until_passed(count)
    looked = time.monotonic() - began
    time.sleep(max(0.0, _MINUTE - looked))
    calls = rig.cloud.calls()
    other = sum(not is_list(call) for call in calls)
    return Chapter(
        f"Restart of the operator, {count} channels",
        "The process is killed and started again, and its first minute counted, in real time. Once before that is "
        "not counted: Cloud Eye, which is asked every few hours, may have learnt of the newest channels meanwhile.",
        (
            Figure("until it says that it is ready", f"{ready:.1f} s"),
            Figure("until all objects were compared with the cloud", f"{looked:.1f} s"),
            Figure("calls in the first minute", told(calls)),
            at_most("calls that are no lists", other, 0),
            at_most("calls that write", sum(map(is_write, calls)), 0),
            at_most("writes to Kubernetes", sum((rig.api.writes() - writes).values()), 0),
            Figure("memory (RSS)", f"{rig.usage().rss:.0f} MiB"),
        ),
    )
