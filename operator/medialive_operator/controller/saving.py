"""What a pass writes to Kubernetes: finalizer, status, events. A write never goes over a change that was not seen.

Called by the parts of the reconcile pass; the writes themselves are in `cluster`.
"""

from medialive_operator.clock import Clock
from medialive_operator.cluster.events import Events
from medialive_operator.cluster.objects import FINALIZER, Gone, Objects, Stale
from medialive_operator.controller.queueing import Superseded
from medialive_operator.controller.store import Store, intent_of
from medialive_operator.controller.subjects import Subject
from medialive_operator.resources.events import EventReason

_ATTEMPTS = 5


class Saving:
    """Writes for one pass at a time; raises Gone, Stale and Superseded."""

    def __init__(self, objects: Objects, events: Events, store: Store, clock: Clock) -> None:
        self._objects = objects
        self._events = events
        self._store = store
        self._clock = clock

    async def hold(self, subject: Subject) -> None:
        """Put our finalizer on, before the first write to the cloud."""
        if not subject.held:
            subject.obj = await self._objects.set_finalizers(subject.obj, [*subject.finalizers, FINALIZER])

    async def let_go(self, subject: Subject) -> None:
        """Take our finalizer off: nothing in the cloud is ours any more, or the user wants it kept there."""
        if subject.held:
            rest = [name for name in subject.finalizers if name != FINALIZER]
            subject.obj = await self._objects.set_finalizers(subject.obj, rest)

    async def status(self, subject: Subject) -> None:
        """Store the status if it says something new.

        The status is ours alone, so a change of the rest of the object meanwhile is no reason to lose what was done.
        """
        for _ in range(_ATTEMPTS):
            wanted = subject.status.as_json(self._clock.time())
            if wanted == (subject.obj.get("status") or {}):
                return
            try:
                subject.obj = await self._objects.set_status(subject.obj, wanted)
            except Stale:
                await self._refresh(subject)
            else:
                return
        raise Stale(str(subject.key))

    async def confirm(self, subject: Subject) -> None:
        """Make sure that the user still wants what the pass is about to do. Raises Superseded if not."""
        before = intent_of(subject.obj)
        await self._refresh(subject)
        if intent_of(subject.obj) != before:
            raise Superseded

    async def tell(self, subject: Subject, reason: EventReason, message: str) -> None:
        """Post an event about the object."""
        await self._events.tell(subject.obj, reason, message)

    async def _refresh(self, subject: Subject) -> None:
        fresh = await self._objects.get(subject.key)
        if fresh is None or fresh["metadata"]["uid"] != subject.uid:
            self._store.drop(subject.key, subject.uid)
            raise Gone(str(subject.key))
        # By way of the store, which notices what the watch has not brought yet.
        self._store.saw(subject.key, "MODIFIED", fresh)
        subject.obj = fresh
