"""What the benches ask the API server, by its HTTP API: kubectl takes longer to start than what is measured."""

import base64
import copy
import json
import re
import ssl
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from medialive_operator.resources.kinds import Kind
from medialive_operator.resources.ott_channels import OTT_CHANNEL

Manifest = dict[str, Any]

_READS = {"GET", "LIST", "WATCH", "CONNECT", "OPTIONS", "HEAD"}
_LABEL = re.compile(r'(\w+)="([^"]*)"')


class ApiServer:
    """An administrator's connection. It speaks of objects of one kind: of channels, unless `of` says otherwise."""

    def __init__(self, kubeconfig: Path) -> None:
        self._kind = OTT_CHANNEL
        config = json.loads(kubeconfig.read_text())
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self._http = httpx.Client(
            base_url=cluster["server"],
            headers={"Authorization": f"Bearer {user['token']}"},
            verify=ssl.create_default_context(cadata=authority),
            timeout=30,
            trust_env=False,
        )

    def of(self, kind: Kind) -> "ApiServer":
        """The same connection, speaking of objects of this kind."""
        other = copy.copy(self)
        other._kind = kind
        return other

    def create(self, namespace: str, manifest: Manifest) -> None:
        """Create an object."""
        self._sent("POST", self._path(namespace), manifest)

    def patch(self, namespace: str, name: str, spec: Manifest) -> None:
        """Change members of an object's spec."""
        headers = {"Content-Type": "application/merge-patch+json"}
        self._sent("PATCH", self._path(namespace, name), {"spec": spec}, headers)

    def delete(self, namespace: str, name: str) -> None:
        """Delete an object; its finalizer may keep it."""
        self._sent("DELETE", self._path(namespace, name))

    def objects(self, namespace: str) -> list[Manifest]:
        """All objects of the namespace, from the API server's cache."""
        items: list[Manifest] = self._sent("GET", f"{self._path(namespace)}?resourceVersion=0").json()["items"]
        return items

    def writes(self) -> Counter[str]:
        """How many writes of our objects and of events it has got since its start, as `verb resource/subresource`."""
        found: Counter[str] = Counter()
        for line in self._sent("GET", "/metrics").text.splitlines():
            if line.startswith("apiserver_request_total{"):
                labels = dict(_LABEL.findall(line))
                ours = labels["group"] == OTT_CHANNEL.group or labels["resource"] == "events"
                if ours and labels["verb"] not in _READS:
                    place = "/".join(filter(None, (labels["resource"], labels["subresource"])))
                    found[f"{labels['verb']} {place}"] += int(float(line.rpartition(" ")[2]))
        return found

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _path(self, namespace: str, name: str = "") -> str:
        plural = f"/apis/{self._kind.api_version}/namespaces/{namespace}/{self._kind.plural}"
        return f"{plural}/{name}" if name else plural

    def _sent(
        self, method: str, path: str, body: Manifest | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        answer = self._http.request(method, path, json=body, headers=headers)
        answer.raise_for_status()
        return answer


def is_ready(obj: Manifest) -> bool:
    """Whether the cloud does what this generation of the object says, and nothing is left to do."""
    status = obj.get("status") or {}
    conditions = {each["type"]: each["status"] for each in status.get("conditions") or []}
    current = status.get("observedGeneration") == obj["metadata"]["generation"]
    good = conditions.get("Ready") == "True" and conditions.get("Synced") == "True"
    return current and good and "Reconciling" not in conditions
