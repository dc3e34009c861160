"""Taking a flow down when its object is deleted, and knowing when not to.

Called by the reconcile pass for objects that are being deleted and hold our finalizer. It works from what was
recorded, not from the spec: a spec that is no longer valid must not keep an object for ever. A flow that a channel
takes its stream from stays until that channel has another source.
"""

from medialive_operator.controller import outcomes
from medialive_operator.controller.account import Account
from medialive_operator.controller.acting import Acting
from medialive_operator.controller.flows.identifying import Identifying, Nothing, Ours
from medialive_operator.controller.flows.subjects import FlowSubject
from medialive_operator.controller.flows.taking_down import take_down
from medialive_operator.controller.letting_go import LettingGo
from medialive_operator.controller.outcomes import Outcome
from medialive_operator.controller.references import References
from medialive_operator.resources.events import EventReason


class DeletingFlows:
    """One pass over a flow whose object goes. Raises CredentialsProblem, CloudError, Superseded, Gone, Stale."""

    def __init__(self, letting_go: LettingGo, identifying: Identifying, references: References, acting: Acting) -> None:
        self._letting_go = letting_go
        self._identifying = identifying
        self._references = references
        self._acting = acting

    async def outcome(self, subject: FlowSubject) -> Outcome | None:
        """Do what is to be done now; None when the object has been let go."""
        subject.doing = "Deleting the flow"
        if await self._letting_go.if_kept(subject):
            return None
        users = self._references.users(subject.key)
        if users:
            return outcomes.in_use(", ".join(map(str, users)))
        account = await self._letting_go.account(subject)
        if not subject.is_at_home(account):
            return outcomes.wrong_account(subject.status.home, account.address, deleting=True)
        return await self._delete(subject, account)

    async def _delete(self, subject: FlowSubject, account: Account) -> Outcome | None:
        if self._identifying.is_creating(subject):
            # A creation whose answer was lost: only when it is known what came of it can all of it be deleted.
            found = await self._identifying.look(subject, account)
            if isinstance(found, Outcome):
                return found
            if isinstance(found, Ours):
                self._take(subject, found.flow_id)
            elif isinstance(found, Nothing):
                subject.status.set("create", None)
        for flow_id in [*subject.status.retiring, *filter(None, [subject.status.flow_id])]:
            account.flow_followers.follow(subject.key, flow_id)
            waiting = await take_down(
                self._acting, subject, account, flow_id, only_when_stopped=_only_when_stopped(subject)
            )
            if waiting is not None:
                return waiting
        return await self._letting_go.let_go(subject, EventReason.DELETED)

    def _take(self, subject: FlowSubject, flow_id: str) -> None:
        old = subject.status.flow_id
        subject.status.found(flow_id)
        if old is not None and old != flow_id:
            subject.status.retire(old)


def _only_when_stopped(subject: FlowSubject) -> bool:
    spec = subject.raw_spec
    return spec.get("deletionPolicy") == "DeleteWhenStopped" and spec.get("desiredState") != "Stopped"
