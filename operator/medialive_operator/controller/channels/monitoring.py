"""Cloud Eye: what a query of a channel's metrics has to name. Read once for an account, and again every few hours.

The pass over a channel asks; the readings are made beside the passes, at the lowest priority. That Cloud Eye is absent
or fails never disturbs a channel: then the channel is said to be not monitored, and nothing else.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from medialive_operator.clock import Clock
from medialive_operator.cloud.budget import Priority
from medialive_operator.cloud.errors import CloudError
from medialive_operator.cloud.models import ChannelKey
from medialive_operator.cluster.objects import Key
from medialive_operator.contract.operations import Operation
from medialive_operator.controller.account import Account
from medialive_operator.planning.merging import JsonObject

log = structlog.get_logger(__name__)

NAMESPACE = "SYS.LIVE"
CHANNEL, PIPELINE = "medialive_mpc", "pipeline"
_FRESH = 6 * 3600.0
_SOON = 300.0  # seconds until a channel that was not there is looked for
_AGAIN = 1800.0  # seconds after a failure
_PAGE = 100
_MOST_PAGES = 1000


@dataclass(frozen=True)
class Eye:
    """What Cloud Eye has for an account: all dimensions by name, and the pipelines of each channel by its id."""

    dimensions: tuple[str, ...]
    pipelines: Mapping[str, tuple[JsonObject, ...]]

    def of(self, channel: ChannelKey) -> JsonObject | None:
        """What the status of a channel says, None when Cloud Eye does not know it."""
        if channel.id not in self.pipelines:
            return None
        return {
            "namespace": NAMESPACE,
            "dimension": CHANNEL,
            "instance": channel.id,
            "pipelines": list(self.pipelines[channel.id]),
            "dimensions": list(self.dimensions),
        }


@dataclass
class _Watched:
    task: asyncio.Task[None]
    eye: Eye | None = None
    users: set[Key] = field(default_factory=set)
    missed: bool = False


class CloudEye:
    """What Cloud Eye has, by account. `changed(key)` is called for each object of an account that was read anew."""

    def __init__(self, clock: Clock, changed: Callable[[Key], None]) -> None:
        self._clock = clock
        self._changed = changed
        self._watched: dict[Account, _Watched] = {}

    def of(self, key: Key, account: Account, channel: ChannelKey) -> tuple[JsonObject | None, bool]:
        """What the status of a channel says, and whether the account was read at all; the object hears of news.

        A channel that is younger than the last reading makes the next one come sooner.
        """
        watched = self._watched.get(account)
        if watched is None or key not in watched.users:
            self.release(key)  # from the account it had before
        if watched is None:
            task = asyncio.create_task(self._refresh(account), name=f"cloud eye {account.name}")
            watched = self._watched[account] = _Watched(task)
        watched.users.add(key)
        if watched.eye is None:
            return None, False
        told = watched.eye.of(channel)
        watched.missed = watched.missed or told is None
        return told, True

    def release(self, key: Key) -> None:
        """The object is gone; an account that nobody uses is not read any more."""
        for account, watched in list(self._watched.items()):
            watched.users.discard(key)
            if not watched.users:
                watched.task.cancel()
                del self._watched[account]

    async def close(self) -> None:
        """Read no more."""
        tasks = [watched.task for watched in self._watched.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _refresh(self, account: Account) -> None:
        while True:
            try:
                read = await self._read(account)
            except CloudError as error:
                log.info("cloud eye not read", account=account.name, error=str(error))
                await self._clock.sleep(_AGAIN)
            else:
                self._learn(self._watched[account], read)
                await self._until_due(self._watched[account])

    def _learn(self, watched: _Watched, read: Eye) -> None:
        watched.missed = False
        if watched.eye != read:
            watched.eye = read
            for key in list(watched.users):
                self._changed(key)

    async def _until_due(self, watched: _Watched) -> None:
        waited = 0.0
        while waited < _FRESH and not watched.missed:
            await self._clock.sleep(_SOON)
            waited += _SOON

    async def _read(self, account: Account) -> Eye:
        await account.statistics.turn()
        cloud = account.cloud.at(Priority.STATISTICS)
        answer = await cloud.call(Operation.LIST_CES_DIMS_INFO, query={"namespace": NAMESPACE})
        dimensions = answer.get("query")
        pipelines: defaultdict[str, list[JsonObject]] = defaultdict(list)
        for instance in await self._instances(account, (CHANNEL, PIPELINE)):
            channel, pipeline = _named(instance, CHANNEL), _named(instance, PIPELINE)
            if channel is not None and pipeline is not None:
                pipelines[channel["id"]].append(pipeline)
        told = tuple(sorted(dimensions)) if isinstance(dimensions, dict) else ()
        return Eye(told, {ident: tuple(found) for ident, found in pipelines.items()})

    async def _instances(self, account: Account, path: Sequence[str]) -> list[JsonObject]:
        """All instances on a path of dimensions, page by page."""
        found: list[JsonObject] = []
        cloud = account.cloud.at(Priority.STATISTICS)
        query = [{"dim_name": name} for name in path]
        for _ in range(_MOST_PAGES):
            await account.statistics.turn()
            body = {"namespace": NAMESPACE, "query": query, "start": len(found), "limit": _PAGE}
            answer = await cloud.call(Operation.LIST_CES_INSTANCE, body=body)
            page = [each for each in answer.get("instances") or [] if isinstance(each, dict)]
            found += page
            if not page or len(found) >= (answer.get("total") or 0):
                break
        return found


def _named(instance: Mapping[str, Any], dimension: str) -> JsonObject | None:
    """The id and name that an instance has in a dimension."""
    member = instance.get(dimension)
    if not isinstance(member, dict) or not isinstance(member.get("id"), str):
        return None
    return {name: member[name] for name in ("id", "name") if isinstance(member.get(name), str)}
