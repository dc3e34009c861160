"""Secrets: read by name, watched by name, never listed across a namespace.

Called by the reconcile pass, which reads what an object refers to; a change of such a Secret brings the object back.
Values are wrapped and live only here and in the pass that asked. It must never log, show or write a Secret.
"""

import asyncio
import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import aiohttp
import structlog
from pydantic import SecretBytes

from medialive_operator.clock import Clock
from medialive_operator.cluster.connection import Connection
from medialive_operator.cluster.objects import Key

log = structlog.get_logger(__name__)

_WATCH_SECONDS = 240
_PAUSE = 2.0
_TROUBLE = (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError)
_LIST = aiohttp.ClientTimeout(total=30, sock_connect=5)
_WATCH = aiohttp.ClientTimeout(sock_connect=5, sock_read=_WATCH_SECONDS + 30)


class SecretName(NamedTuple):
    """Where a Secret is."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True)
class SecretValue:
    """A Secret: its version (moves with every change) and its values."""

    version: str
    values: Mapping[str, SecretBytes]


class SecretUnreadable(Exception):
    """The cluster does not give the Secret; the message says why and what to do."""


@dataclass
class _Watched:
    """What is known of one Secret. `known` is set after the first list; `trouble` is why there is nothing to know."""

    users: set[Key] = field(default_factory=set)
    value: SecretValue | None = None
    trouble: str | None = None
    known: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class Secrets:
    """The Secrets in use, each followed by a watch of its own. `changed(key)` is told for each object that uses one."""

    def __init__(self, connection: Connection, clock: Clock, changed: Callable[[Key], None]) -> None:
        # Not by the typed client: each of its watches makes a TLS context of its own, which costs more than the Secret.
        self._session = connection.session()
        self._server = connection.server
        self._clock = clock
        self._changed = changed
        self._watched: dict[SecretName, _Watched] = {}
        self._used: dict[Key, set[SecretName]] = {}

    async def read(self, key: Key, name: SecretName) -> SecretValue | None:
        """The Secret as it is now, None when there is none; `key` hears when it changes. Raises SecretUnreadable."""
        watched = self._use(key, name)
        await watched.known.wait()
        if watched.trouble is not None:
            raise SecretUnreadable(f"Secret {name} cannot be read: {watched.trouble}")
        return watched.value

    def keep(self, key: Key, names: Iterable[SecretName]) -> None:
        """The object refers to these Secrets and no others any more."""
        kept = set(names)
        for name in self._used.get(key, set()) - kept:
            self._drop(key, name)
        self._used[key] = self._used.get(key, set()) & kept

    def release(self, key: Key) -> None:
        """The object is gone."""
        self.keep(key, ())
        self._used.pop(key, None)

    async def close(self) -> None:
        """End all watches."""
        tasks = [watched.task for watched in self._watched.values() if watched.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._session.close()

    def _use(self, key: Key, name: SecretName) -> _Watched:
        self._used.setdefault(key, set()).add(name)
        watched = self._watched.get(name)
        if watched is None:
            watched = self._watched[name] = _Watched()
            watched.task = asyncio.create_task(self._follow(name, watched), name=f"secret {name}")
        watched.users.add(key)
        return watched

    def _drop(self, key: Key, name: SecretName) -> None:
        watched = self._watched[name]
        watched.users.discard(key)
        if not watched.users:
            del self._watched[name]
            if watched.task is not None:
                watched.task.cancel()

    async def _follow(self, name: SecretName, watched: _Watched) -> None:
        """List the one Secret, then watch it from there, and again whenever the watch ends."""
        while True:
            try:
                await self._watch(name, watched, since=await self._list(name, watched))
                continue
            except aiohttp.ClientResponseError as error:
                # 410: the watch fell behind, which is no trouble; anything else keeps what was known.
                if error.status != 410:
                    self._troubled(name, watched, _explained(error.status))
            except _TROUBLE as error:
                self._troubled(name, watched, f"the API server does not answer ({type(error).__name__}).")
            await self._clock.sleep(_PAUSE)

    async def _list(self, name: SecretName, watched: _Watched) -> str:
        """Learn what the Secret is now; the version from which a watch goes on."""
        async with self._session.get(self._url(name), params=_only(name), timeout=_LIST) as answer:
            answer.raise_for_status()
            found = await answer.json()
        self._learn(watched, _value(found["items"][0]) if found["items"] else None)
        return str(found["metadata"]["resourceVersion"])

    async def _watch(self, name: SecretName, watched: _Watched, since: str) -> None:
        params = {**_only(name), "watch": "1", "resourceVersion": since, "timeoutSeconds": str(_WATCH_SECONDS)}
        async with self._session.get(self._url(name), params=params, timeout=_WATCH) as answer:
            answer.raise_for_status()
            async for line in answer.content:
                event = json.loads(line)
                if event["type"] == "ERROR":
                    return
                self._learn(watched, None if event["type"] == "DELETED" else _value(event["object"]))

    def _url(self, name: SecretName) -> str:
        return f"{self._server}/api/v1/namespaces/{name.namespace}/secrets"

    def _learn(self, watched: _Watched, value: SecretValue | None) -> None:
        moved = watched.known.is_set() and (_version(value) != _version(watched.value) or watched.trouble is not None)
        watched.value, watched.trouble = value, None
        watched.known.set()
        if moved:
            self._tell(watched)

    def _troubled(self, name: SecretName, watched: _Watched, trouble: str) -> None:
        log.warning("secret cannot be watched", secret=str(name), trouble=trouble)
        if watched.value is not None:
            return  # what was read last is better than nothing; the next list corrects it
        news = watched.trouble != trouble
        watched.trouble = trouble
        known = watched.known.is_set()
        watched.known.set()
        if news and known:
            self._tell(watched)

    def _tell(self, watched: _Watched) -> None:
        for key in list(watched.users):
            self._changed(key)


def _version(value: SecretValue | None) -> str | None:
    return value.version if value is not None else None


def _only(name: SecretName) -> dict[str, str]:
    return {"fieldSelector": f"metadata.name={name.name}"}


def _value(secret: dict[str, Any]) -> SecretValue:
    values: dict[str, SecretBytes] = {}
    for name, encoded in (secret.get("data") or {}).items():
        with suppress(binascii.Error):
            values[name] = SecretBytes(base64.b64decode(encoded))
    meta = secret["metadata"]
    return SecretValue(f"{meta['uid']}/{meta['resourceVersion']}", values)


def _explained(status: int) -> str:
    if status == 403:
        return "the operator may not read it. Grant get, list and watch on this Secret to its service account."
    return f"the API server answered {status}."
