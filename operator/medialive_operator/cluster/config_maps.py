"""ConfigMaps that the operator publishes addresses in, each owned by one of our objects and gone with it.

Called by the passes. It never touches a ConfigMap that the object does not own.
"""

from kubernetes.aio.client import ApiException

from medialive_operator.cluster.connection import Connection
from medialive_operator.cluster.objects import Object


class NotOursError(Exception):
    """A ConfigMap of this name exists and belongs to somebody else, or may not be written."""


class ConfigMaps:
    """Reads and writes ConfigMaps by name."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def put(self, owner: Object, name: str, data: dict[str, str]) -> None:
        """Make the ConfigMap say exactly this. Raises NotOursError; any other ApiException is the cluster's trouble."""
        where = f"ConfigMap {owner['metadata']['namespace']}/{name}"
        try:
            found = await self._read(owner, name)
            if found is None:
                await self._connection.request("POST", _path(owner), _config_map(owner, name, data))
            elif owner["metadata"]["uid"] not in _owners(found):
                raise NotOursError(f"{where} exists and is not this object's. Choose another name.")
            elif (found.get("data") or {}) != data:
                gone = dict.fromkeys((found.get("data") or {}).keys() - data.keys())
                await self._connection.request("PATCH", f"{_path(owner)}/{name}", {"data": {**gone, **data}})
        except ApiException as error:
            if error.status != 403:
                raise
            told = f"{where} may not be written. Grant get, create and patch on config maps."
            raise NotOursError(told) from None

    async def _read(self, owner: Object, name: str) -> Object | None:
        try:
            found: Object = await self._connection.request("GET", f"{_path(owner)}/{name}")
        except ApiException as error:
            if error.status == 404:
                return None
            raise
        return found


def _path(owner: Object) -> str:
    return f"/api/v1/namespaces/{owner['metadata']['namespace']}/configmaps"


def _owners(config_map: Object) -> set[str]:
    return {reference["uid"] for reference in config_map["metadata"].get("ownerReferences") or []}


def _config_map(owner: Object, name: str, data: dict[str, str]) -> Object:
    reference = {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
    }
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "ownerReferences": [reference]},
        "data": data,
    }
