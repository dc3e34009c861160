"""Whether streams come in and go out: what a flow's links say of their health. It never leads to a write to the cloud.

Called at the end of a pass over a flow, which has shown the links in the working copy of the status.
"""

from collections.abc import Mapping

from medialive_operator.controller.flows.subjects import FlowSubject
from medialive_operator.controller.outcomes import Verdict
from medialive_operator.controller.saving import Saving
from medialive_operator.resources.conditions import Reason
from medialive_operator.resources.events import EventReason

_CONNECTED, _DISCONNECTED = "CONNECTED", "DISCONNECTED"


async def health(subject: FlowSubject, before: Mapping[str, str], *, running: bool, saving: Saving) -> Verdict:
    """What there is to say about the signal; each flip of a link since `before` is told in one event."""
    links = subject.status.links()
    for link, shown in links.items():
        if before.get(link) in (_CONNECTED, _DISCONNECTED) and shown != before[link]:
            reason = EventReason.SIGNAL_RESTORED if shown == _CONNECTED else EventReason.SIGNAL_LOST
            await saving.tell(subject, reason, f"{link} is {shown.lower() or 'not told about'} now.")
    return _verdict(links, running=running)


def _verdict(links: Mapping[str, str], *, running: bool) -> Verdict:
    if not running:
        return Verdict("Unknown", Reason.NOT_MONITORED, "The flow is stopped.")
    lost = [link for link, shown in links.items() if shown not in ("", _CONNECTED)]
    if not lost and not all(links.values()):
        return Verdict("Unknown", Reason.NOT_MONITORED, "The links have not been read yet.")
    if not lost:
        return Verdict("True", Reason.CONNECTED, "All sources and enabled outputs are connected.")
    told = f"Not connected: {', '.join(lost)}."
    sources = [link for link in links if link.startswith("source/")]
    reason = Reason.INPUT_LOST if all(link in lost for link in sources) else Reason.OUTPUT_LOST
    return Verdict("False", reason, told)
