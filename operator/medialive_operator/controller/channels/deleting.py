"""Taking a channel down when its object is deleted, and knowing when not to.

Called by the reconcile pass for objects that are being deleted and hold our finalizer. The finalizer goes only when the
cloud says that the channel is gone, when nothing there is ours, or when the user wants it kept. It works from what was
recorded, not from the spec: a spec that is no longer valid must not keep an object for ever.
"""

from functools import partial

from medialive_operator.clock import Clock
from medialive_operator.cloud.budget import Priority
from medialive_operator.cloud.errors import CloudError
from medialive_operator.contract.error_codes import ErrorClass
from medialive_operator.contract.operations import Operation
from medialive_operator.controller import outcomes
from medialive_operator.controller.account import Account
from medialive_operator.controller.acting import Acting
from medialive_operator.controller.channels.subjects import ChannelSubject
from medialive_operator.controller.letting_go import LettingGo
from medialive_operator.controller.outcomes import Outcome
from medialive_operator.controller.queueing import After
from medialive_operator.planning.channels import plan_deletion
from medialive_operator.planning.merging import JsonObject
from medialive_operator.resources.conditions import Reason
from medialive_operator.resources.events import EventReason

# A creation whose answer was lost may still take effect this long; before, "not there" is no proof.
_SETTLING = 60.0


class Deleting:
    """One pass over a channel whose object goes. Raises CredentialsProblem, CloudError, Superseded, Gone, Stale."""

    def __init__(self, letting_go: LettingGo, acting: Acting, clock: Clock) -> None:
        self._letting_go = letting_go
        self._acting = acting
        self._clock = clock

    async def outcome(self, subject: ChannelSubject) -> Outcome | None:
        """Do what is to be done now; None when the object has been let go."""
        subject.doing = "Deleting the channel"
        if await self._letting_go.if_kept(subject):
            return None
        account = await self._letting_go.account(subject)
        if not subject.is_at_home(account):
            return outcomes.wrong_account(subject.status.home, account.address, deleting=True)
        account.channel_followers.follow(subject.key, subject.channel)
        item = await self._observe(subject, account)
        if item is not None:
            return await self._take_down(subject, account, item)
        settled = self._settled_in(subject)
        if settled > 0:
            message = "The answer to the creation was lost; waiting until it cannot take effect any more."
            return outcomes.waiting_for_cloud("Deleting", Reason.DELETING, message, After(settled))
        return await self._letting_go.let_go(subject, EventReason.DELETED)

    async def _observe(self, subject: ChannelSubject, account: Account) -> JsonObject | None:
        """The channel; that it is gone is believed only when asked for by name."""
        seen = await account.channels.observe(subject.channel)
        if seen.item is None:
            seen = await account.channels.read(subject.channel, Priority.STOP)
        return seen.item

    async def _take_down(self, subject: ChannelSubject, account: Account, item: JsonObject) -> Outcome | None:
        spec = subject.raw_spec
        only_when_stopped = spec.get("deletionPolicy") == "DeleteWhenStopped" and spec.get("desiredState") != "Stopped"
        plan = plan_deletion(subject.channel._asdict(), item, only_when_stopped=only_when_stopped)
        if plan.held:
            return outcomes.deletion_held(plan)
        for step in plan.steps:
            try:
                await self._acting.take(subject, account, step, partial(account.channels.wrote, subject.channel))
            except CloudError as error:
                if error.error_class is not ErrorClass.NOT_FOUND:
                    return self._refused(subject, step.operation, error)
                break
        seen = await account.channels.read(subject.channel, Priority.STOP)
        if seen.item is None:
            return await self._letting_go.let_go(subject, EventReason.DELETED)
        message = "The channel was deleted and still shows."
        return outcomes.waiting_for_cloud("Deleting", Reason.DELETING, message, After(5.0))

    def _refused(self, subject: ChannelSubject, operation: Operation, error: CloudError) -> Outcome:
        """What the service does not allow now; a running live-to-VOD task blocks a deletion until it ends."""
        blocked = operation is Operation.DELETE_OTT_CHANNEL_INFO and error.code == "LIVE.103011022"
        busy = Reason.WAITING_FOR_TASK if blocked else Reason.WAITING_FOR_CLOUD
        return outcomes.cloud_refused(error, doing=subject.doing, phase="Deleting", waiting=busy)

    def _settled_in(self, subject: ChannelSubject) -> float:
        """Seconds until a creation that we do not know the end of cannot take effect any more."""
        if subject.status.applied_once:
            return 0.0
        return _SETTLING - subject.status.seconds_since_creation(self._clock.time())
