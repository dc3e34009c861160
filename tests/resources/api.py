"""What the tests ask the API server: create, change, read an object, strictly."""

import json
from typing import Any, cast

import pytest
from kubernetes.client import ApiClient, ApiException, CustomObjectsApi

from medialive_operator.resources.kinds import Kind

Json = Any
Manifest = dict[str, Any]


def merged(target: Json, patch: Json) -> Json:
    """A JSON merge patch applied (RFC 7386): null removes, lists are replaced."""
    if not isinstance(patch, dict):
        return patch
    before = target if isinstance(target, dict) else {}
    result = {**before, **{name: merged(before.get(name), value) for name, value in patch.items()}}
    return {name: value for name, value in result.items() if value is not None}


class Objects:
    """Objects of a kind in one namespace; unknown fields are errors, as with `kubectl apply`."""

    def __init__(self, client: ApiClient, namespace: str, kind: Kind) -> None:
        self._api = CustomObjectsApi(client)
        self._kind = kind
        self._place = (kind.group, kind.version, namespace, kind.plural)
        self._count = 0

    def manifest(self, spec: Json, name: str | None = None) -> Manifest:
        """A manifest of this spec, with a name of its own unless one is given."""
        self._count += 1
        name = name or f"object-{self._count}"
        kind = {"apiVersion": self._kind.api_version, "kind": self._kind.kind}
        return {**kind, "metadata": {"name": name}, "spec": spec}

    def create(self, manifest: Manifest) -> Manifest:
        """As stored. Raises ApiException."""
        stored = self._api.create_namespaced_custom_object(*self._place, manifest, field_validation="Strict")
        return cast("Manifest", stored)

    def change(self, stored: Manifest, spec: Json) -> Manifest:
        """The stored object with another spec. Raises ApiException."""
        body = {**stored, "spec": spec}
        changed = self._api.replace_namespaced_custom_object(
            *self._place, stored["metadata"]["name"], body, field_validation="Strict"
        )
        return cast("Manifest", changed)

    def report(self, stored: Manifest, status: Json) -> Manifest:
        """The stored object with a status. Raises ApiException."""
        body = {**stored, "status": status}
        reported = self._api.replace_namespaced_custom_object_status(
            *self._place, stored["metadata"]["name"], body, field_validation="Strict"
        )
        return cast("Manifest", reported)

    def refusal(self, spec: Json, name: str | None = None) -> str:
        """What the API server says against a new object of this spec."""
        with pytest.raises(ApiException) as refused:
            self.create(self.manifest(spec, name))
        return said(refused.value)

    def refusal_to_change(self, stored: Manifest, spec: Json) -> str:
        """What the API server says against this change."""
        with pytest.raises(ApiException) as refused:
            self.change(stored, spec)
        return said(refused.value)


def said(error: ApiException) -> str:
    """The message of a refusal; fails when the error is something else."""
    assert error.status in (400, 422), error
    return str(json.loads(error.body or "{}")["message"])
