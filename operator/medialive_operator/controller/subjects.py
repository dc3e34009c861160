"""One object in one pass: what the user asks of it beside its spec, and the working copy of its status.

Made by the reconcile pass and handed to everything that acts for it. It reads no cloud and no cluster.
"""

from medialive_operator.cluster.objects import FINALIZER, Key, Object
from medialive_operator.controller.account import Account
from medialive_operator.controller.queueing import Turn
from medialive_operator.controller.status import Status
from medialive_operator.resources.annotations import FORCE_DETACH, PAUSED, RECONCILE_REQUESTED_AT


class Subject:
    """An object as a pass sees it. `doing` is what the pass is at, for messages about failures."""

    def __init__(self, key: Key, obj: Object, turn: Turn, status: Status) -> None:
        self.key = key
        self.obj = obj
        self.turn = turn
        self.status = status
        self.doing = "Reading"

    @property
    def uid(self) -> str:
        """The object's uid: tells it from a namesake made later."""
        return str(self.obj["metadata"]["uid"])

    @property
    def raw_spec(self) -> Object:
        """The spec as it is stored, not validated."""
        spec: Object = self.obj["spec"]
        return spec

    def is_at_home(self, account: Account) -> bool:
        """Whether this is the account in which it was created; it is never looked for in another one."""
        return self.status.endpoint in (None, (account.endpoint, account.project_id))

    @property
    def deleting(self) -> bool:
        """Whether the user deleted the object."""
        return bool(self.obj["metadata"].get("deletionTimestamp"))

    @property
    def finalizers(self) -> list[str]:
        """All finalizers of the object."""
        return list(self.obj["metadata"].get("finalizers") or [])

    @property
    def held(self) -> bool:
        """Whether our finalizer keeps the object from going."""
        return FINALIZER in self.finalizers

    @property
    def paused(self) -> bool:
        """Whether the user asked for no calls at all."""
        return self._note(PAUSED) == "true"

    @property
    def force_detach(self) -> str | None:
        """Why the user wants the object to be given up, if so."""
        return self._note(FORCE_DETACH)

    @property
    def unanswered_request(self) -> str | None:
        """A reconcile-requested-at that was not answered yet."""
        asked = self._note(RECONCILE_REQUESTED_AT)
        return asked if asked != self.status.handled_request else None

    @property
    def observes_only(self) -> bool:
        """Whether nothing may be written to the cloud."""
        return self.raw_spec.get("managementPolicy") == "Observe"

    def _note(self, name: str) -> str | None:
        notes = self.obj["metadata"].get("annotations") or {}
        value = notes.get(name)
        return str(value) if value else None
