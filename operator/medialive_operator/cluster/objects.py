"""Our custom resources in the cluster: read, list, and the only writes to them: finalizer and status.

Called by the reconcile pass and the process around it. Every write carries the resourceVersion it is based on, so that
it cannot succeed over a change that was not seen. It must not decide anything.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, cast

from kubernetes.aio.client import ApiException, CustomObjectsApi

from medialive_operator.cluster.connection import REQUEST_TIMEOUT, Connection
from medialive_operator.resources.kinds import GROUP, VERSION

FINALIZER = f"{GROUP}/cloud-resource"
_MERGE = "application/merge-patch+json"
_PAGE = 200

Object = dict[str, Any]


class Key(NamedTuple):
    """Names an object: kind (plural), namespace, name."""

    plural: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.plural}/{self.namespace}/{self.name}"


class Stale(Exception):
    """The object changed since it was read; read it again."""


class Gone(Exception):
    """The object does not exist any more."""


class Objects:
    """Reads and writes our objects. Raises Stale and Gone; any other ApiException is the cluster's trouble."""

    def __init__(self, connection: Connection, wrote: Callable[[Key, Object], None]) -> None:
        self._api = CustomObjectsApi(connection.api)
        self._wrote = wrote

    async def get(self, key: Key) -> Object | None:
        """The object as the API server has it now."""
        try:
            answer = await self._api.get_namespaced_custom_object(*_path(key), _request_timeout=REQUEST_TIMEOUT)
        except ApiException as error:
            if error.status == 404:
                return None
            raise
        return cast("Object", answer)

    async def set_finalizers(self, obj: Object, finalizers: Iterable[str]) -> Object:
        """Replace the list of finalizers."""
        meta = {"resourceVersion": obj["metadata"]["resourceVersion"], "finalizers": list(finalizers)}
        return await self._patched(self._api.patch_namespaced_custom_object, obj, {"metadata": meta})

    async def set_status(self, obj: Object, status: Object) -> Object:
        """Make the status exactly this."""
        patch = merge_patch(obj.get("status") or {}, status)
        body = {"metadata": {"resourceVersion": obj["metadata"]["resourceVersion"]}, "status": patch}
        return await self._patched(self._api.patch_namespaced_custom_object_status, obj, body)

    async def names(self, plural: str, namespace: str | None, label_selector: str | None) -> dict[Key, str]:
        """Key and uid of all objects there are. Raises ApiException when the list cannot be completed."""
        found: dict[Key, str] = {}
        token = ""
        while True:
            page = await self._page(plural, namespace, label_selector, token)
            for item in page["items"]:
                meta = item["metadata"]
                found[Key(plural, meta["namespace"], meta["name"])] = meta["uid"]
            token = page["metadata"].get("continue") or ""
            if not token:
                return found

    async def _page(self, plural: str, namespace: str | None, label_selector: str | None, token: str) -> Object:
        options: dict[str, Any] = {"limit": _PAGE, "_continue": token, "label_selector": label_selector or ""}
        if namespace is None:
            answer = await self._api.list_cluster_custom_object(
                GROUP, VERSION, plural, _request_timeout=REQUEST_TIMEOUT, **options
            )
        else:
            answer = await self._api.list_namespaced_custom_object(
                GROUP, VERSION, namespace, plural, _request_timeout=REQUEST_TIMEOUT, **options
            )
        return cast("Object", answer)

    async def _patched(self, call: Callable[..., Any], obj: Object, body: Object) -> Object:
        key = key_of(obj, plural_of(obj))
        try:
            answer = await call(*_path(key), body, _content_type=_MERGE, _request_timeout=REQUEST_TIMEOUT)
        except ApiException as error:
            if error.status in (409, 422) and _is_stale(error):
                raise Stale(str(key)) from None
            if error.status == 404:
                raise Gone(str(key)) from None
            raise
        written = cast("Object", answer)
        self._wrote(key, written)
        return written


def key_of(obj: Object, plural: str) -> Key:
    """The key of an object."""
    return Key(plural, obj["metadata"]["namespace"], obj["metadata"]["name"])


def plural_of(obj: Object) -> str:
    """The plural of the object's kind, as it stands in URLs."""
    return f"{obj['kind'].lower()}s"


def merge_patch(before: Any, after: Any) -> Any:
    """The JSON merge patch that turns one object into the other; lists are replaced whole."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return after
    patch: Object = {name: None for name in before if name not in after}
    for name, value in after.items():
        if name not in before:
            patch[name] = value
        elif before[name] != value:
            patch[name] = merge_patch(before[name], value)
    return patch


def _is_stale(error: ApiException) -> bool:
    # 422 is also the answer to an invalid body; only a failed precondition means "read again".
    return error.status == 409 or "resourceVersion" in str(error.body)


def _path(key: Key) -> tuple[str, str, str, str, str]:
    return GROUP, VERSION, key.namespace, key.plural, key.name
