"""ConfigMaps that the operator publishes addresses in, each owned by one of our objects and gone with it.

Called by the passes. It never touches a ConfigMap that the object does not own.
"""

from typing import Any

from kubernetes.aio.client import ApiException, CoreV1Api

from medialive_operator.cluster.connection import REQUEST_TIMEOUT, Connection
from medialive_operator.cluster.objects import Object


class NotOursError(Exception):
    """A ConfigMap of this name exists and belongs to somebody else, or may not be written."""


class ConfigMaps:
    """Reads and writes ConfigMaps by name."""

    def __init__(self, connection: Connection) -> None:
        self._api = CoreV1Api(connection.api)

    async def put(self, owner: Object, name: str, data: dict[str, str]) -> None:
        """Make the ConfigMap say exactly this. Raises NotOursError; any other ApiException is the cluster's trouble."""
        namespace = owner["metadata"]["namespace"]
        try:
            found = await self._read(namespace, name)
            if found is None:
                body = _config_map(owner, name, data)
                await self._api.create_namespaced_config_map(namespace, body, _request_timeout=REQUEST_TIMEOUT)
            elif owner["metadata"]["uid"] not in _owners(found):
                raise NotOursError(
                    f"ConfigMap {namespace}/{name} exists and is not this object's. Choose another name."
                )
            elif (found.data or {}) != data:
                await self._replace(namespace, name, found.data or {}, data)
        except ApiException as error:
            if error.status != 403:
                raise
            told = f"ConfigMap {namespace}/{name} may not be written. Grant get, create and patch on config maps."
            raise NotOursError(told) from None

    async def _read(self, namespace: str, name: str) -> Any:
        try:
            return await self._api.read_namespaced_config_map(name, namespace, _request_timeout=REQUEST_TIMEOUT)
        except ApiException as error:
            if error.status == 404:
                return None
            raise

    async def _replace(self, namespace: str, name: str, before: dict[str, str], data: dict[str, str]) -> None:
        gone: dict[str, str | None] = dict.fromkeys(before.keys() - data.keys())
        body: Any = {"data": {**gone, **data}}
        await self._api.patch_namespaced_config_map(
            name,
            namespace,
            body,
            _content_type="application/merge-patch+json",
            _request_timeout=REQUEST_TIMEOUT,
        )


def _owners(config_map: Any) -> set[str]:
    return {reference.uid for reference in config_map.metadata.owner_references or []}


def _config_map(owner: Object, name: str, data: dict[str, str]) -> Any:
    reference = {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
    }
    return {"metadata": {"name": name, "ownerReferences": [reference]}, "data": data}
