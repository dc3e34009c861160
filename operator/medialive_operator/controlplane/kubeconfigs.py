"""The kubeconfig file: how kubectl, kopf and every Kubernetes client learn where a server is and who they are.

Used by the control plane only.
"""

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr


@dataclass(frozen=True)
class Login:
    """Who says what to which server, as one kubeconfig context of that name."""

    name: str
    server: str
    authority: Path
    token: SecretStr = field(repr=False)
    namespace: str = "default"

    def write(self, path: Path) -> Path:
        """Write the kubeconfig, readable by its owner only; it stands alone, with nothing referred to by path."""
        path.touch(mode=0o600)
        # JSON is YAML, and needs no decision about quoting.
        path.write_text(json.dumps(self._kubeconfig(), indent=2) + "\n")
        return path

    def _kubeconfig(self) -> dict[str, Any]:
        authority = base64.b64encode(self.authority.read_bytes()).decode()
        context = {"cluster": self.name, "user": self.name, "namespace": self.namespace}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {"name": self.name, "cluster": {"server": self.server, "certificate-authority-data": authority}}
            ],
            "users": [{"name": self.name, "user": {"token": self.token.get_secret_value()}}],
            "contexts": [{"name": self.name, "context": context}],
            "current-context": self.name,
        }
