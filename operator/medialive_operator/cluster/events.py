"""Events: what happened to an object, as `kubectl describe` shows it.

Called by the controller with a reason of the closed list. The same event told again within the hour counts up instead
of piling up. An event that cannot be posted is logged and forgotten: it must never disturb a channel.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

import aiohttp
import structlog
from kubernetes.aio.client import ApiException

from medialive_operator.clock import Clock
from medialive_operator.cluster.connection import Connection
from medialive_operator.cluster.objects import Object
from medialive_operator.resources.events import EventReason

log = structlog.get_logger(__name__)

_COMPONENT = "medialive-operator"
_HOUR = 3600


class Events:
    """Posts events about our objects."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._counts: dict[str, int] = {}

    async def tell(self, obj: Object, reason: EventReason, message: str) -> None:
        """Post it. Message: at most 1,024 characters are kept, never a secret."""
        now = self._clock.time()
        name = _name(obj, reason, message, int(now // _HOUR))
        try:
            if not (name in self._counts and await self._again(obj, name, now)):
                await self._first(obj, name, reason, message, now)
        except (ApiException, aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("event not posted", name=name, error=type(error).__name__)

    async def _first(self, obj: Object, name: str, reason: EventReason, message: str, now: float) -> None:
        body: Any = {
            "metadata": {"name": name, "namespace": obj["metadata"]["namespace"]},
            "involvedObject": _reference(obj),
            "reason": str(reason),
            "message": message[:1024],
            "type": reason.severity,
            "firstTimestamp": _stamp(now),
            "lastTimestamp": _stamp(now),
            "count": 1,
            "source": {"component": _COMPONENT},
            "reportingComponent": _COMPONENT,
            "reportingInstance": _COMPONENT,
        }
        try:
            await self._connection.request("POST", _path(obj), body)
        except ApiException as error:
            # Told before by an earlier process: it is there already.
            if error.status != 409:
                raise
        if len(self._counts) > 10_000:
            self._counts.clear()
        self._counts[name] = 1

    async def _again(self, obj: Object, name: str, now: float) -> bool:
        """Count it up; whether it was still there: the API server keeps events for an hour."""
        patch = {"count": self._counts[name] + 1, "lastTimestamp": _stamp(now)}
        try:
            await self._connection.request("PATCH", f"{_path(obj)}/{name}", patch)
        except ApiException as error:
            if error.status != 404:
                raise
            return False
        self._counts[name] += 1
        return True


def _path(obj: Object) -> str:
    return f"/api/v1/namespaces/{obj['metadata']['namespace']}/events"


def _name(obj: Object, reason: EventReason, message: str, hour: int) -> str:
    told = f"{obj['metadata']['uid']}/{reason}/{message}/{hour}"
    return f"{obj['metadata']['name'][:200]}.{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _reference(obj: Object) -> dict[str, str]:
    meta = obj["metadata"]
    return {
        "apiVersion": obj["apiVersion"],
        "kind": obj["kind"],
        "namespace": meta["namespace"],
        "name": meta["name"],
        "uid": meta["uid"],
        "resourceVersion": meta["resourceVersion"],
    }


def _stamp(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
