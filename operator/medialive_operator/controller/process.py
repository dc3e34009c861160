"""The operator's process: every part is made here, started in order, and stopped in order.

Called by `medialive run` and the demo. Crash-only: whatever ends kopf, or any part that must not end, ends the process,
and a new one starts from what the cluster and the cloud say.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import aiohttp
import kopf
import structlog
from kubernetes.aio.client import ApiException

from medialive_operator.clock import Clock
from medialive_operator.cloud.calls import Call
from medialive_operator.cluster.config_maps import ConfigMaps
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
from medialive_operator.controller.flows.converging import ConvergingFlows
from medialive_operator.controller.flows.deleting import DeletingFlows
from medialive_operator.controller.flows.gathering import FlowGathering
from medialive_operator.controller.flows.identifying import Identifying
from medialive_operator.controller.flows.publishing import Publishing
from medialive_operator.controller.flows.subjects import FlowSubject
from medialive_operator.controller.letting_go import LettingGo
from medialive_operator.controller.measuring import Measuring
from medialive_operator.controller.probes import ProbesServer, probes
from medialive_operator.controller.queueing import Queue
from medialive_operator.controller.reconciling import Passes, Reconciling
from medialive_operator.controller.references import References
from medialive_operator.controller.saving import Saving
from medialive_operator.controller.secret_keys import SecretKeys
from medialive_operator.controller.store import Store
from medialive_operator.metrics import CALL_SECONDS, CALLS
from medialive_operator.resources.ott_channels import OTT_CHANNEL
from medialive_operator.resources.stream_connect_flows import STREAM_CONNECT_FLOW
from medialive_operator.settings import Settings

log = structlog.get_logger(__name__)

PLURALS = (OTT_CHANNEL.plural, STREAM_CONNECT_FLOW.plural)
_STOPPING = 6.0  # seconds that passes which have begun to write have to come to their end


class OperatorProcess:
    """All parts of a running operator."""

    def __init__(self, settings: Settings, connection: Connection, clock: Clock) -> None:
        self._settings = settings
        self._connection = connection
        self._clock = clock
        self._store = Store(Claims(), References())
        self._objects = Objects(connection, self._store.wrote)
        self._secrets = Secrets(connection, clock, self._look_at)
        self._accounts = Accounts(self._secrets, settings, clock, self._look_at, _measure_call)
        self._figures = Figures(Signals(clock, self._look_at), CloudEye(clock, self._look_at))
        self._queue = Queue(self._reconciling().reconcile, clock)
        self._store.wakes(self._queue)
        self._listed = False
        self._stop = asyncio.Event()
        measuring = Measuring(self._store, self._accounts, clock)
        self._server = ProbesServer(
            probes(self._unhealthy, self._unready, measuring.measure), settings.bind_address, settings.port
        )
        self._tasks: list[asyncio.Task[None]] = []

    def _reconciling(self) -> Reconciling:
        events = Events(self._connection, self._clock)
        saving = Saving(self._objects, events, self._store, self._clock)
        acting = Acting(saving, self._clock)
        secret_keys = SecretKeys(self._secrets, self._accounts)
        letting_go = LettingGo(self._accounts, Definitions(self._connection), saving)
        return Reconciling(
            store=self._store,
            release=self._release,
            saving=saving,
            kinds={
                OTT_CHANNEL.plural: self._channel_passes(saving, acting, secret_keys, letting_go),
                STREAM_CONNECT_FLOW.plural: self._flow_passes(saving, acting, secret_keys, letting_go),
            },
            clock=self._clock,
            resync=self._settings.resync_interval,
        )

    def _channel_passes(
        self, saving: Saving, acting: Acting, secret_keys: SecretKeys, letting_go: LettingGo
    ) -> Passes[ChannelSubject]:
        converging = Converging(
            accounts=self._accounts,
            gathering=Gathering(secret_keys, self._store.references),
            claims=self._store.claims,
            saving=saving,
            acting=acting,
            figures=self._figures,
            clock=self._clock,
        )
        return Passes(ChannelSubject, converging, Deleting(letting_go, acting, self._clock))

    def _flow_passes(
        self, saving: Saving, acting: Acting, secret_keys: SecretKeys, letting_go: LettingGo
    ) -> Passes[FlowSubject]:
        identifying = Identifying(self._store.claims, self._clock)
        converging = ConvergingFlows(
            accounts=self._accounts,
            gathering=FlowGathering(secret_keys),
            identifying=identifying,
            claims=self._store.claims,
            saving=saving,
            acting=acting,
            publishing=Publishing(ConfigMaps(self._connection), saving),
            clock=self._clock,
        )
        deleting = DeletingFlows(letting_go, identifying, self._store.references, acting)
        return Passes(FlowSubject, converging, deleting)

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
        asked = asyncio.create_task(self._stop.wait(), name="stop")
        stop_kopf = asyncio.Event()
        kopf_task = asyncio.create_task(self._kopf(stop_kopf), name="kopf")
        ended, _ = await asyncio.wait({kopf_task, asked, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        try:
            # Before kopf ends, which waits 5 s for every task of ours and then cancels it with its call under way.
            await self._close()
        finally:
            stop_kopf.set()
            await kopf_task
        for task in ended - {asked}:
            task.result()

    async def _kopf(self, stop: asyncio.Event) -> None:
        namespaces = self._settings.namespaces
        await kopf.operator(
            registry=handlers.registry(self._connection, PLURALS, self._saw),
            settings=handlers.settings(self._settings.label_selector),
            namespaces=namespaces,
            clusterwide=not namespaces,
            standalone=True,
            stop_flag=stop,
        )

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


def _measure_call(account: str, call: Call) -> None:
    CALLS.labels(call.operation, call.outcome, account).inc()
    CALL_SECONDS.labels(call.operation).observe(call.seconds)
