"""The operator's process: every part is made here, started in order, and stopped in order.

Called by `medialive run` and the demo. Crash-only: whatever ends kopf, or any part that must not end, ends the process,
and a new one starts from what the cluster and the cloud say.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import aiohttp
import kopf
import structlog
from kubernetes.aio.client import ApiException

from medialive_operator.clock import Clock
from medialive_operator.cloud.calls import Call
from medialive_operator.cluster.connection import Connection
from medialive_operator.cluster.definitions import Definitions
from medialive_operator.cluster.events import Events
from medialive_operator.cluster.objects import Key, Object, Objects, key_of
from medialive_operator.cluster.watched_secrets import Secrets
from medialive_operator.controller import handlers
from medialive_operator.controller.accounts import Accounts
from medialive_operator.controller.acting import Acting
from medialive_operator.controller.channels.converging import Converging
from medialive_operator.controller.channels.deleting import Deleting
from medialive_operator.controller.channels.figures import Figures
from medialive_operator.controller.channels.gathering import Gathering
from medialive_operator.controller.channels.monitoring import CloudEye
from medialive_operator.controller.channels.signals import Signals
from medialive_operator.controller.channels.subjects import ChannelSubject
from medialive_operator.controller.claims import Claims
from medialive_operator.controller.probes import ProbesServer, probes
from medialive_operator.controller.queueing import Queue
from medialive_operator.controller.reconciling import Passes, Reconciling
from medialive_operator.controller.saving import Saving
from medialive_operator.controller.secret_keys import SecretKeys
from medialive_operator.controller.store import Store
from medialive_operator.metrics import (
    BUDGET_LIMIT,
    BUDGET_USED,
    BUDGET_WAITING,
    CALL_SECONDS,
    CALLS,
    INVENTORY_AGE,
    OBJECTS,
)
from medialive_operator.resources.ott_channels import OTT_CHANNEL
from medialive_operator.settings import Settings

log = structlog.get_logger(__name__)

PLURALS = (OTT_CHANNEL.plural,)
_STOPPING = 8.0  # seconds that calls on their way have to come back


class OperatorProcess:
    """All parts of a running operator."""

    def __init__(self, settings: Settings, connection: Connection, clock: Clock) -> None:
        self._settings = settings
        self._connection = connection
        self._clock = clock
        self._store = Store(Claims())
        self._objects = Objects(connection, self._store.wrote)
        self._secrets = Secrets(connection, clock, self._look_at)
        self._accounts = Accounts(self._secrets, settings, clock, self._look_at, _measure_call)
        self._figures = Figures(Signals(clock, self._look_at), CloudEye(clock, self._look_at))
        self._queue = Queue(self._reconciling().reconcile, clock)
        self._store.wakes(self._queue)
        self._listed = False
        self._stop = asyncio.Event()
        self._server = ProbesServer(
            probes(self._unhealthy, self._unready, self._measure), settings.bind_address, settings.port
        )
        self._tasks: list[asyncio.Task[None]] = []

    def _reconciling(self) -> Reconciling:
        events = Events(self._connection, self._clock)
        saving = Saving(self._objects, events, self._store, self._clock)
        acting = Acting(saving, self._clock)
        gathering = Gathering(SecretKeys(self._secrets, self._accounts))
        converging = Converging(
            accounts=self._accounts,
            gathering=gathering,
            claims=self._store.claims,
            saving=saving,
            acting=acting,
            figures=self._figures,
            clock=self._clock,
        )
        deleting = Deleting(self._accounts, Definitions(self._connection), saving, acting, self._clock)
        return Reconciling(
            store=self._store,
            release=self._release,
            saving=saving,
            kinds={OTT_CHANNEL.plural: Passes(ChannelSubject, converging, deleting)},
            clock=self._clock,
            resync=self._settings.resync_interval,
        )

    def _release(self, key: Key) -> None:
        self._figures.release(key)
        self._accounts.release(key)
        self._secrets.release(key)

    @property
    def port(self) -> int:
        """Port of the probes."""
        return self._server.port

    def stop(self) -> None:
        """Begin to stop; `run` returns when everything has."""
        self._stop.set()

    async def run(self, started: Callable[[], None]) -> None:
        """Work until `stop`. `started` is called when all objects have been seen once.

        Raises whatever ends kopf or a part that must not end.
        """
        # Before kopf: it takes every task made later for its own, and waits for it at its end.
        self._server.start()
        self._tasks.append(asyncio.create_task(self._find_missed_deletions(started), name="missed deletions"))
        try:
            await self._serve()
        finally:
            await self._close()

    async def _serve(self) -> None:
        namespaces = self._settings.namespaces
        serving = asyncio.create_task(
            kopf.operator(
                registry=handlers.registry(self._connection, PLURALS, self._saw),
                settings=handlers.settings(self._settings.label_selector),
                namespaces=namespaces,
                clusterwide=not namespaces,
                standalone=True,
                stop_flag=self._stop,
            ),
            name="kopf",
        )
        done, _ = await asyncio.wait({serving, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
        self._stop.set()
        await serving
        for task in done:
            task.result()

    def _saw(self, plural: str, event_type: str | None, obj: Object) -> None:
        self._store.saw(key_of(obj, plural), event_type, obj)

    def _look_at(self, key: Key) -> None:
        if self._store.get(key) is not None:
            self._queue.add(key)

    async def _find_missed_deletions(self, started: Callable[[], None]) -> None:
        """A watch can miss a deletion; a slow list of names finds it. The first one tells that the work has begun."""
        while True:
            with suppress(ApiException, aiohttp.ClientError, TimeoutError, OSError):
                there = await self._all_names()
                for key, obj in self._store:
                    if there.get(key) != obj["metadata"]["uid"]:
                        await self._check_gone(key, obj)
                if not self._listed:
                    self._listed = True
                    started()
            await self._clock.sleep(self._settings.resync_interval if self._listed else 1.0)

    async def _all_names(self) -> dict[Key, str]:
        there: dict[Key, str] = {}
        for plural in PLURALS:
            for namespace in self._settings.namespaces or (None,):
                there |= await self._objects.names(plural, namespace, self._settings.label_selector)
        return there

    async def _check_gone(self, key: Key, obj: Object) -> None:
        # It may have been made after the list: ask for it by name.
        fresh = await self._objects.get(key)
        if fresh is None or fresh["metadata"]["uid"] != obj["metadata"]["uid"]:
            self._store.drop(key, obj["metadata"]["uid"])

    async def _close(self) -> None:
        await self._queue.close(_STOPPING)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._figures.close()
        await self._accounts.close()
        await self._secrets.close()
        await self._server.close()

    def _unhealthy(self) -> list[str]:
        dead = [task.get_name() for task in self._tasks if task.done()]
        dead += [name for account in self._accounts for name in account.dead]
        return [f"{name} ended" for name in dead]

    def _unready(self) -> list[str]:
        return [] if self._listed else ["the objects have not been listed yet"]

    def _measure(self) -> None:
        for account in self._accounts:
            BUDGET_USED.labels(account.name).set(account.budget.used)
            BUDGET_LIMIT.labels(account.name).set(account.budget.limit)
            for priority, count in account.budget.waiting.items():
                BUDGET_WAITING.labels(account.name, priority.name.lower()).set(count)
            if account.channels.age is not None:
                INVENTORY_AGE.labels(account.name).set(account.channels.age)
        OBJECTS.clear()
        phases = Counter((key.plural, (obj.get("status") or {}).get("phase") or "New") for key, obj in self._store)
        for (plural, phase), count in phases.items():
            OBJECTS.labels(plural, phase).set(count)


def _measure_call(account: str, call: Call) -> None:
    CALLS.labels(call.operation, call.outcome, account).inc()
    CALL_SECONDS.labels(call.operation).observe(call.seconds)
