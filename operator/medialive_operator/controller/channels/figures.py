"""What a channel's status says beside its configuration: signals counted, and where its metrics are.

Called at the end of a pass over a channel. Everything here is read elsewhere and shown here; nothing is waited for.
"""

from medialive_operator.cluster.objects import Key
from medialive_operator.controller.account import Account
from medialive_operator.controller.channels.monitoring import CloudEye
from medialive_operator.controller.channels.signals import Signals
from medialive_operator.controller.channels.subjects import ChannelSubject
from medialive_operator.controller.outcomes import Verdict
from medialive_operator.resources.conditions import Reason
from medialive_operator.resources.ott_channels import OttChannelSpec

_ELSEWHERE = (
    "The service's API does not tell whether a stream comes in. Cloud Eye has the channel's metrics: "
    "status.monitoring says what a query has to name."
)
_NOWHERE = "The service's API does not tell whether a stream comes in, and Cloud Eye has not shown the channel."


class Figures:
    """Shows what is known of a channel's signals and metrics."""

    def __init__(self, signals: Signals, cloud_eye: CloudEye) -> None:
        self._signals = signals
        self._cloud_eye = cloud_eye

    def show(self, subject: ChannelSubject, spec: OttChannelSpec, account: Account) -> Verdict:
        """Bring the status up to date; what there is to say about the signal."""
        self._show_signals(subject, spec, account)
        told, was_read = self._cloud_eye.of(subject.key, account, subject.channel)
        if was_read:
            subject.status.set("monitoring", told)
        where = _ELSEWHERE if "monitoring" in subject.status.content else _NOWHERE
        return Verdict("Unknown", Reason.NOT_MONITORED, where)

    def release(self, key: Key) -> None:
        """The object is gone."""
        self._signals.release(key)
        self._cloud_eye.release(key)

    async def close(self) -> None:
        """Read no more."""
        await self._signals.close()
        await self._cloud_eye.close()

    def _show_signals(self, subject: ChannelSubject, spec: OttChannelSpec, account: Account) -> None:
        reading = spec.statistics.scte35 if spec.statistics is not None else None
        if reading is None or not reading.enabled:
            self._signals.release(subject.key)
            subject.status.show_signals(None)
            return
        stored = subject.status.signals
        figures = self._signals.follow(subject.key, account, subject.channel, reading.interval, stored)
        subject.status.show_signals(figures)
