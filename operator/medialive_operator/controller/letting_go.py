"""When a deleted object lets go of what it has in the cloud, and how: the parts of a deletion that all kinds share.

Called by the deletion passes. The finalizer goes only when the cloud says that it is gone, when nothing there is ours,
or when the user wants it kept.
"""

from collections.abc import Mapping

from medialive_operator.cluster.definitions import Definitions
from medialive_operator.controller.account import Account
from medialive_operator.controller.accounts import Accounts
from medialive_operator.controller.credentials import CredentialsProblem
from medialive_operator.controller.outcomes import Outcome
from medialive_operator.controller.saving import Saving
from medialive_operator.controller.subjects import Subject
from medialive_operator.metrics import DETACHED
from medialive_operator.resources.events import EventReason

_TOLD: Mapping[EventReason, str] = {
    EventReason.RELEASED: "The object is gone; the cloud keeps what it has.",
    EventReason.DELETED: "It is gone from the cloud.",
    EventReason.DETACHED: "Given up by annotation; the cloud may still have it.",
}


class LettingGo:
    """Decides for one object at a time."""

    def __init__(self, accounts: Accounts, definitions: Definitions, saving: Saving) -> None:
        self._accounts = accounts
        self._definitions = definitions
        self._saving = saving

    async def if_kept(self, subject: Subject) -> bool:
        """Let go at once if the cloud is to stay as it is: by the user's word, or if nothing is ours. Tells whether."""
        if subject.force_detach is not None:
            DETACHED.inc()
            await self.let_go(subject, EventReason.DETACHED, f"Reason given: {subject.force_detach}")
            return True
        if await self._is_kept(subject):
            await self.let_go(subject, EventReason.RELEASED)
            return True
        return False

    async def let_go(self, subject: Subject, reason: EventReason, detail: str = "") -> Outcome | None:
        """Take our finalizer off, and say why. There is nothing to report of an object that is gone."""
        await self._saving.tell(subject, reason, f"{_TOLD[reason]} {detail}".strip())
        await self._saving.let_go(subject)
        return None

    async def account(self, subject: Subject) -> Account:
        """The account; the one used last when its Secret went first, as it happens when a namespace is deleted.

        Raises CredentialsProblem and CloudError.
        """
        try:
            return await self._accounts.of(subject.key, subject.raw_spec)
        except CredentialsProblem:
            held = self._accounts.held(subject.key)
            if held is None:
                raise
            return held

    async def _is_kept(self, subject: Subject) -> bool:
        if not subject.status.owned or subject.observes_only or subject.raw_spec.get("deletionPolicy") == "Retain":
            return True
        return await self._definitions.is_going(subject.key.plural)
