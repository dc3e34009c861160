"""Tenants: one operator and one simulated cloud for the tests of a module, each test a customer of its own in it.

Starting both costs seconds, so a test that only needs a cloud of its own gets an account instead: a Secret with its
credentials, a project that no other test sees, and one object that uses them. A fault of one tenant hits no other.
"""

import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from medialive_operator.simulator.accounts import Account, numbered_accounts
from tests.builders import channel, secret
from tests.cluster.scenes import PATIENCE, Manifest, Scene

MOST = 99
T = TypeVar("T")
_READS = ("list_", "show_")


class Tenant:
    """One account of the simulated cloud, and the object that uses it. `name` names object and channel."""

    def __init__(self, scene: Scene, number: int) -> None:
        self.scene = scene
        self.name = f"news-{number}"
        self.secret = f"cloud-{number}"
        self.account: Account = numbered_accounts(number)[-1]
        self.project_id = self.account.projects[0].id

    def credentials(self, **other: str | None) -> Manifest:
        """The Secret that lets the operator in; members may be replaced, None leaves one out."""
        values = {
            "accessKey": self.account.access_key,
            "secretKey": self.account.secret_key.get_secret_value(),
            "projectId": self.project_id,
            "endpoint": self.scene.cloud.account.url,
            "iamEndpoint": self.scene.cloud.account.iam_url,
            **other,
        }
        return secret(self.secret, **{name: value for name, value in values.items() if value is not None})

    def channel(self, **spec: Any) -> Manifest:
        """The object, with members of the spec replaced."""
        return channel(self.name, credentialsRef={"name": self.secret}, **spec)

    def apply(self, **spec: Any) -> None:
        """Apply credentials that work, and the object."""
        self.scene.apply(self.credentials(), self.channel(**spec))

    def ready(self, **spec: Any) -> Manifest:
        """Apply, wait until Ready, and start the log of calls anew; the status."""
        self.apply(**spec)
        status = self.until_ready()
        self.scene.forget_calls()
        return status

    def patch(self, **spec: Any) -> None:
        """Change members of the spec."""
        self.scene.patch(self.name, **spec)

    def delete(self) -> None:
        """Delete the object, without waiting."""
        self.scene.delete(self.name, wait=False)

    def look(self, note: str) -> None:
        """Ask the operator for a look at the cloud now."""
        self.scene.annotate(self.name, f"reconcile-requested-at={note}")

    def until_gone(self) -> None:
        """Wait until the object is gone."""
        self.scene.until(f"{self.name} goes", lambda: self.scene.get(self.name) is None)

    def until_ready(self) -> Manifest:
        """Wait until the current generation is Ready and Synced; the status."""
        return self.scene.until_ready(self.name)

    def until_says(self, kind: str, reason: str) -> Manifest:
        """Wait until a condition has a reason; the condition."""
        return self.scene.until_says(self.name, kind, reason)

    def until_called(self, operation: str, times: int = 1, patience: float = PATIENCE) -> None:
        """Wait until the cloud has got this many calls of an operation."""
        self.scene.until(f"{operation} is called", lambda: len(self.calls(operation)) >= times, patience)

    def condition(self, kind: str) -> Manifest:
        """A condition, empty when there is none of this type."""
        return self.scene.condition(self.name, kind)

    def fault(self, operation: str, **fault: Any) -> None:
        """Make calls of this tenant fail."""
        self.scene.cloud.fault(operation=operation, project_id=self.project_id, **fault)

    def heal(self) -> None:
        """Take all faults of this tenant back."""
        for fault in self.scene.cloud.admin("GET", "/faults")["faults"]:
            if fault.get("project_id") == self.project_id:
                self.scene.cloud.admin("DELETE", f"/faults/{fault['id']}")

    def calls(self, operation: str | None = None) -> list[Manifest]:
        """The calls in this tenant's project, oldest first."""
        return [call for call in self.scene.cloud.calls(operation) if call["project_id"] == self.project_id]

    def writes(self) -> list[str]:
        """Those of them that were to change something, as operation ids."""
        return [call["operation"] for call in self.calls() if not call["operation"].startswith(_READS)]

    def in_cloud(self) -> list[Manifest]:
        """All channels in this tenant's project, with their counts of starts, stops and interruptions."""
        channels = self.scene.cloud.admin("GET", "/state")["channels"]
        return [each for each in channels if each["project_id"] == self.project_id]

    def only_channel(self) -> Manifest:
        """The one channel of the project; there must be no other."""
        channels = self.in_cloud()
        assert [each["channel"]["id"] for each in channels] == [self.name]
        return channels[0]

    def place(self, ident: str | None = None) -> str:
        """Where the admin port has the tenant's channel, or another one of the project."""
        return f"/state/channels/srt.example.com/live/{ident or self.name}?project_id={self.project_id}"

    def leave(self) -> None:
        """Clean up, so that nothing is looked at for this tenant any more."""
        self.heal()
        self.scene("delete", "och", self.name, "--ignore-not-found", "--wait=false")


class Crowd:
    """Tenants that go through the same at the same time, each under a label that says what is special about it.

    What is asked of them comes back by label, so that a failing comparison names those that differ.
    """

    def __init__(self, scene: Scene, tenants: Mapping[str, Tenant]) -> None:
        self._scene = scene
        self._tenants = tenants

    def __getitem__(self, label: str) -> Tenant:
        """The tenant under a label."""
        return self._tenants[label]

    def apply(self, **spec: Any) -> None:
        """Apply credentials and an object for each."""
        manifests = [(tenant.credentials(), tenant.channel(**spec)) for tenant in self._tenants.values()]
        self._scene.apply(*(manifest for pair in manifests for manifest in pair))

    def ready(self, **spec: Any) -> dict[str, Manifest]:
        """Apply, wait until all are Ready, and start the log of calls anew; the objects."""
        self.apply(**spec)
        objects = self.until_ready()
        self._scene.forget_calls()
        return objects

    def fault(self, operation: str, faults: Mapping[str, Manifest], **same: Any) -> None:
        """Make calls fail, for each label in its own way."""
        for label, fault in faults.items():
            self._tenants[label].fault(operation, **fault, **same)

    def heal(self) -> None:
        """Take back all faults."""
        self._scene.cloud.admin("DELETE", "/faults")

    def patch(self, **spec: Any) -> None:
        """Change members of the spec of all."""
        self._on_all("patch", "--type=merge", "--patch", json.dumps({"spec": spec}))

    def look(self, note: str) -> None:
        """Ask for a look at the cloud now."""
        self._on_all("annotate", f"medialive.huaweicloud.com/reconcile-requested-at={note}")

    def delete(self) -> None:
        """Delete all objects, without waiting."""
        self._on_all("delete", "--wait=false", "--ignore-not-found")

    def until(self, what: str, holds: Callable[[Manifest], Any]) -> dict[str, Manifest]:
        """Wait until it holds for each object, which is {} when it is gone; the objects."""
        seen: dict[str, Manifest] = {}

        def look() -> bool:
            seen.update(self.objects())
            return all(map(holds, seen.values()))

        try:
            self._scene.until(what, look)
        except Exception as error:
            late = {label: obj.get("status") for label, obj in seen.items() if not holds(obj)}
            raise AssertionError(f"{what} does not hold for {json.dumps(late, indent=1)}") from error
        return seen

    def until_written(self, writes: Mapping[str, list[str]]) -> None:
        """Wait until these calls were made, and no others."""
        self._scene.until(f"the calls are {writes}", lambda: self.writes() == writes)

    def until_ready(self) -> dict[str, Manifest]:
        """Wait until the current generation of all is Ready and Synced; the objects."""
        return self.until("all are ready", is_ready)

    def objects(self) -> dict[str, Manifest]:
        """The objects, {} for those that are gone."""
        named = {each["metadata"]["name"]: each for each in self._scene.objects()}
        return {label: named.get(tenant.name, {}) for label, tenant in self._tenants.items()}

    def writes(self) -> dict[str, list[str]]:
        """The calls that were to change something in the cloud."""
        calls = self._scene.cloud.calls()
        return self._by_label(
            (call["project_id"], call["operation"]) for call in calls if not call["operation"].startswith(_READS)
        )

    def count(self, name: str) -> dict[str, list[int]]:
        """A counter of each channel in the cloud: starts, stops or interruptions."""
        channels = self._scene.cloud.admin("GET", "/state")["channels"]
        return self._by_label((each["project_id"], each[name]) for each in channels)

    def leave(self) -> None:
        """Clean up, so that nothing is looked at for them any more."""
        self.heal()
        self.delete()

    def _by_label(self, found: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
        labels = {tenant.project_id: label for label, tenant in self._tenants.items()}
        told: dict[str, list[T]] = {label: [] for label in self._tenants}
        for project_id, item in found:
            if project_id in labels:
                told[labels[project_id]].append(item)
        return told

    def _on_all(self, verb: str, *arguments: str) -> None:
        names = [tenant.name for tenant in self._tenants.values()]
        self._scene(verb, "och", *names, *arguments)


def condition_of(obj: Manifest, kind: str) -> Manifest:
    """A condition of an object, empty when there is none of this type."""
    conditions = (obj.get("status") or {}).get("conditions") or []
    return next((each for each in conditions if each["type"] == kind), {})


def is_ready(obj: Manifest) -> bool:
    """Whether the object's current generation is Ready and Synced, and nothing is going on."""
    if not obj or (obj.get("status") or {}).get("observedGeneration") != obj["metadata"]["generation"]:
        return False
    good = all(condition_of(obj, kind).get("status") == "True" for kind in ("Ready", "Synced"))
    return good and not condition_of(obj, "Reconciling")


class Stage:
    """A scene that many tests share, and the tenants in it. The operator's clock runs `scale` times as fast."""

    def __init__(self, scene: Scene, scale: float, arguments: Iterable[str] = ()) -> None:
        self.scene = scene
        self._arguments = ("--time-scale", str(scale), "--sweep-interval", str(scale), *arguments)
        self._numbers = itertools.count(1)
        scene.cloud.admin("POST", "/clock", {"scale": scale})

    def start(self) -> None:
        """Start the operator, sweeping once a second of the machine's clock."""
        self.scene.start(*self._arguments)

    def tenant(self) -> Tenant:
        """A new customer."""
        return Tenant(self.scene, self.number())

    def number(self) -> int:
        """The number of a new customer."""
        return next(self._numbers)

    def crowd(self, labels: Iterable[str]) -> Crowd:
        """New customers, one for each label."""
        return Crowd(self.scene, {label: self.tenant() for label in labels})
