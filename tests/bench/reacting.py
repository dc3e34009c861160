"""How soon a change of a spec becomes a call, while the budget is idle."""

import statistics
import time

from tests.bench.cloud_log import is_write
from tests.bench.figures import Chapter, Figure
from tests.bench.rigs import Rig

_BAR = 1.0  # seconds, 95th percentile
# Two calls a change: so the budget is never what is waited for.
_PAUSE = 2.0


def reaction(rig: Rig, channels: list[str], changes: int) -> Chapter:
    """Change the recording of one channel after the other, and look when the first call for each arrived."""
    rig.forget_calls()
    sent = []
    for number in range(changes):
        name = channels[number % len(channels)]
        at = time.time()
        rig.api.patch(rig.namespace, name, {"recordSettings": {"rollingbufferDuration": 60 + number}})
        sent.append((name, at))
        time.sleep(_PAUSE)
    rig.until_ready(len(channels))
    waits = [_first_call(rig, name, at) - at for name, at in sent]
    p95 = statistics.quantiles(waits, n=20, method="inclusive")[-1]
    return Chapter(
        f"From a change of a spec to the first call, {len(channels)} channels",
        f"{changes} changes, one every {_PAUSE:g} s, in real time: from sending the patch to the API server until the "
        "write arrives at the cloud.",
        (
            Figure("median", f"{statistics.median(waits) * 1000:.0f} ms"),
            Figure("95th percentile", f"{p95 * 1000:.0f} ms", f"below {_BAR:g} s", p95 < _BAR),
            Figure("longest", f"{max(waits) * 1000:.0f} ms"),
        ),
    )


def _first_call(rig: Rig, name: str, since: float) -> float:
    """When the first write for this channel after that moment arrived; unix seconds."""
    calls = (call for call in rig.cloud.calls() if is_write(call) and call["body"]["id"] == name)
    return min(float(call["at"]) for call in calls if call["at"] >= since)
