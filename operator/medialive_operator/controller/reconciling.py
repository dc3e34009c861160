"""The reconcile pass: look at one object, do what is to be done now, say how it is.

Called by the queue with a key. The same for any object, whatever set the pass off: a change, a sweep, a Secret, a
delay or a restart. It must not remember anything between two passes.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import aiohttp
import structlog
from kubernetes.aio.client import ApiException

from medialive_operator.clock import Clock
from medialive_operator.cloud.errors import CloudError
from medialive_operator.cluster.objects import Gone, Key, Object, Stale
from medialive_operator.controller import outcomes
from medialive_operator.controller.credentials import CredentialsProblem
from medialive_operator.controller.outcomes import Outcome
from medialive_operator.controller.queueing import After, Requeue, Retry, Superseded, Turn
from medialive_operator.controller.saving import Saving
from medialive_operator.controller.status import transitions
from medialive_operator.controller.store import Store
from medialive_operator.controller.subjects import Subject
from medialive_operator.metrics import PASSES

log = structlog.get_logger(__name__)

S = TypeVar("S", bound=Subject)
S_contra = TypeVar("S_contra", bound=Subject, contravariant=True)

# The API server is away or in trouble: back within seconds of its return.
_CLUSTER_TROUBLE = Retry(0.5, 8.0)


class Converges(Protocol[S_contra]):
    """The pass over an object that is wanted."""

    async def outcome(self, subject: S_contra) -> Outcome:
        """Do what is to be done now. Raises CredentialsProblem, CloudError, Superseded, Gone, Stale."""
        ...


class Deletes(Protocol[S_contra]):
    """The pass over an object that is being deleted and holds our finalizer."""

    async def outcome(self, subject: S_contra) -> Outcome | None:
        """Do what is to be done now; None when it has been let go. Raises as `Converges` does."""
        ...


@dataclass(frozen=True)
class Passes(Generic[S]):
    """What there is to do for a kind."""

    subject: Callable[[Key, Object, Turn], S]
    converging: Converges[S]
    deleting: Deletes[S]


class Reconciling:
    """One pass over one object."""

    def __init__(
        self,
        *,
        store: Store,
        release: Callable[[Key], None],
        saving: Saving,
        kinds: Mapping[str, "Passes[Any]"],
        clock: Clock,
        resync: float,
    ) -> None:
        self._store = store
        self._release = release
        self._saving = saving
        self._kinds = kinds
        self._clock = clock
        self._resync = resync

    async def reconcile(self, key: Key, turn: Turn) -> Requeue:
        """Do one pass; when to look again at the latest."""
        obj = self._store.get(key)
        if obj is None:
            self._release(key)
            return None
        subject = self._kinds[key.plural].subject(key, obj, turn)
        if subject.deleting and not subject.held:
            return None  # it only waits for others' finalizers; the DELETED event releases it
        try:
            return await self._pass(subject)
        except Gone:
            return None
        except Stale:
            return await self._look_again(subject)
        except (ApiException, aiohttp.ClientError, TimeoutError, OSError) as error:
            PASSES.labels(key.plural, "cluster-trouble").inc()
            log.warning("the API server is in trouble", object=str(key), error=_short(error))
            return _CLUSTER_TROUBLE

    async def _pass(self, subject: Subject) -> Requeue:
        outcome = await self._outcome(subject)
        if outcome is None:
            return None
        subject.status.apply(outcome, self._clock.time())
        before = subject.obj
        await self._saving.status(subject)
        for reason, message in transitions(before, subject.obj):
            await self._saving.tell(subject, reason, message)
        PASSES.labels(subject.key.plural, outcome.phase).inc()
        return outcome.requeue or After(self._resync)

    async def _outcome(self, subject: Subject) -> Outcome | None:
        if subject.paused and not (subject.deleting and subject.force_detach):
            return outcomes.paused(deleting=subject.deleting)
        try:
            passes = self._kinds[subject.key.plural]
            if subject.deleting:
                return await passes.deleting.outcome(subject)
            return await passes.converging.outcome(subject)
        except CredentialsProblem as problem:
            return outcomes.credentials_problem(problem.reason, str(problem), deleting=subject.deleting)
        except CloudError as error:
            phase = "Deleting" if subject.deleting else subject.status.phase or "Pending"
            return outcomes.cloud_refused(error, doing=subject.doing, phase=phase)

    async def _look_again(self, subject: Subject) -> Requeue:
        """The object changed under the pass: take what is there now."""
        with suppress(Superseded, Gone):
            await self._saving.confirm(subject)
        return After(0.0)


def _short(error: BaseException) -> str:
    return f"{type(error).__name__} {error.status}" if isinstance(error, ApiException) else type(error).__name__
