"""A scene: one test's namespace, simulator and operator on the worker's control plane, and words to play it with."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from medialive_operator.cli.rehearsal import Kubectl, Operator, Simulator, wait_until
from tests.cluster.reading import reader

Manifest = dict[str, Any]

PATIENCE = 30.0


class Scene:
    """What a user has: kubectl, a namespace, and an operator that talks to a cloud."""

    def __init__(self, kubectl: Kubectl, namespace: str, simulator: Simulator, start: Callable[..., Operator]) -> None:
        self.kubectl = kubectl
        self.namespace = namespace
        self.cloud = simulator
        self._start = start
        self.operators: list[Operator] = []
        self.kind = "och"

    @property
    def flows(self) -> "Scene":
        """The same scene, speaking of flows instead of channels."""
        other = copy.copy(self)
        other.kind = "scf"
        return other

    @property
    def operator(self) -> Operator:
        """The operator that was started last."""
        return self.operators[-1]

    def start(self, *arguments: str) -> Operator:
        """Start an operator for the namespace."""
        self.operators.append(self._start(*arguments))
        return self.operator

    def restart(self, *arguments: str) -> Operator:
        """Kill the operator and start another one."""
        self.operator.stop()
        return self.start(*arguments)

    def sign_in(self) -> None:
        """Give the namespace credentials that work."""
        self.apply(self.cloud.account.credentials())

    def apply(self, *manifests: Manifest) -> None:
        """Apply manifests in the namespace."""
        self.kubectl.apply(*manifests, namespace=self.namespace)

    def patch(self, object_name: str, /, **spec: Any) -> None:
        """Change members of a channel's spec; what is given replaces, inside of objects too."""
        self("patch", self.kind, object_name, "--type=merge", "--patch", json.dumps({"spec": spec}))

    def annotate(self, name: str, note: str) -> None:
        """Set an annotation, as `paused=true`, or take it off, as `paused-`."""
        self("annotate", self.kind, name, f"medialive.huaweicloud.com/{note}", "--overwrite")

    def delete(self, name: str, *, wait: bool = True) -> None:
        """Delete a channel's object."""
        self("delete", self.kind, name, f"--wait={str(wait).lower()}", "--timeout=30s")

    def __call__(self, *arguments: str) -> str:
        """Kubectl in the namespace."""
        return self.kubectl("--namespace", self.namespace, *arguments)

    def get(self, name: str) -> Manifest | None:
        """The object, None when there is none."""
        return reader(self.kubectl.kubeconfig).get(self.namespace, self.kind, name)

    def objects(self) -> list[Manifest]:
        """All objects of the kind in the namespace."""
        return reader(self.kubectl.kubeconfig).list(self.namespace, self.kind)

    def status(self, name: str) -> Manifest:
        """The object's status."""
        found = self.get(name) or {}
        status: Manifest = found.get("status") or {}
        return status

    def condition(self, name: str, kind: str) -> Manifest:
        """A condition of the object, empty when it has none of this type."""
        conditions = self.status(name).get("conditions") or []
        return next((each for each in conditions if each["type"] == kind), {})

    def events(self) -> list[Manifest]:
        """All events in the namespace."""
        items: list[Manifest] = json.loads(self("get", "events", "-o", "json"))["items"]
        return items

    def until(self, what: str, look: Callable[[], Any], patience: float = PATIENCE) -> Any:
        """Wait until `look` finds something; what it found. Fails with the operator's log."""
        return wait_until(what, look, *(each.process for each in self.operators[-1:]), patience=patience)

    def until_ready(self, name: str, patience: float = PATIENCE) -> Manifest:
        """Wait until the current generation is Ready and Synced; the status."""
        status: Manifest = self.until(f"{name} is ready", lambda: self._ready(name), patience)
        return status

    def until_says(self, name: str, kind: str, reason: str, patience: float = PATIENCE) -> Manifest:
        """Wait until a condition has a reason; the condition."""
        what = f"{name} says {kind}/{reason}"
        found: Manifest = self.until(what, lambda: self._says(name, kind, reason), patience)
        return found

    def writes(self) -> list[str]:
        """Calls that changed something in the cloud, as operation ids."""
        reads = ("list_", "show_")
        return [call["operation"] for call in self.cloud.calls() if not call["operation"].startswith(reads)]

    def forget_calls(self) -> None:
        """Start the simulator's log of calls anew."""
        self.cloud.admin("DELETE", "/calls")

    def channel(self, ident: str) -> Manifest | None:
        """The channel in the cloud as the API shows it."""
        found = self.cloud.channels().get(ident)
        return found["channel"] if found else None

    def interruptions(self, ident: str) -> int:
        """How often the channel was taken off the air."""
        return int(self.cloud.channels()[ident]["interruptions"])

    def flow(self, name: str) -> Manifest | None:
        """The flow of this name in the cloud: `flow`, `outputs`, `interruptions`."""
        found = [each for each in self.cloud.admin("GET", "/state")["flows"] if each["flow"]["name"] == name]
        return found[0] if found else None

    def _ready(self, name: str) -> Manifest | None:
        found = self.get(name)
        if found is None or found.get("status", {}).get("observedGeneration") != found["metadata"]["generation"]:
            return None
        statuses = {each["type"]: each["status"] for each in found["status"].get("conditions", [])}
        status: Manifest = found["status"]
        ready = statuses.get("Ready") == "True" and statuses.get("Synced") == "True"
        return status if ready and "Reconciling" not in statuses else None

    def _says(self, name: str, kind: str, reason: str) -> Manifest | None:
        found = self.condition(name, kind)
        return found if found.get("reason") == reason else None


def operator_starter(folder: Path, kubeconfig: Path, namespace: str) -> Callable[..., Operator]:
    """Starts operators for one namespace, with quick sweeps."""

    def start(*arguments: str) -> Operator:
        return Operator(folder, kubeconfig, ["--namespace", namespace, "--sweep-interval", "1", *arguments])

    return start
