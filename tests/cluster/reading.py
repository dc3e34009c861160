"""Reads objects of our kinds from the API server, as `kubectl get -o json` does, at a tenth of the price.

Used by scenes, which look again and again until something has happened.
"""

import base64
import functools
import json
import ssl
from pathlib import Path
from typing import Any

import httpx

from medialive_operator.resources.kinds import GROUP, VERSION

Manifest = dict[str, Any]

_PLURALS = {"och": "ottchannels", "scf": "streamconnectflows"}


class Reader:
    """Reads as whoever the kubeconfig says."""

    def __init__(self, kubeconfig: Path) -> None:
        config = json.loads(kubeconfig.read_text())
        cluster = config["clusters"][0]["cluster"]
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self._server = cluster["server"]
        self._verify = ssl.create_default_context(cadata=authority)
        self._headers = {"Authorization": f"Bearer {config['users'][0]['user']['token']}"}

    def get(self, namespace: str, kind: str, name: str) -> Manifest | None:
        """The object; None when there is none."""
        return self._read(f"{namespace}/{_PLURALS[kind]}/{name}")

    def list(self, namespace: str, kind: str) -> list[Manifest]:
        """All objects of a kind in a namespace."""
        found: list[Manifest] = (self._read(f"{namespace}/{_PLURALS[kind]}") or {}).get("items", [])
        return found

    def _read(self, path: str) -> Manifest | None:
        url = f"{self._server}/apis/{GROUP}/{VERSION}/namespaces/{path}"
        answer = httpx.get(url, headers=self._headers, verify=self._verify, timeout=30, trust_env=False)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        found: Manifest = answer.raise_for_status().json()
        return found


@functools.cache
def reader(kubeconfig: Path) -> Reader:
    """The reader for a kubeconfig, made once."""
    return Reader(kubeconfig)
