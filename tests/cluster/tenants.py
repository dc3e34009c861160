"""Tenants: one operator and one simulated cloud for the tests of a module, each test a customer of its own in it.

Starting both costs seconds, so a test that only needs a cloud of its own gets an account instead: a Secret with its
credentials, a project that no other test sees, and one object that uses them. A fault of one tenant hits no other.
"""

import itertools
from typing import Any

from medialive_operator.simulator.accounts import Account, numbered_accounts
from tests.builders import channel, secret
from tests.cluster.scenes import PATIENCE, Manifest, Scene

MOST = 99
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


class Stage:
    """A scene that many tests share, and the tenants in it. The operator's clock runs `scale` times as fast."""

    def __init__(self, scene: Scene, scale: float) -> None:
        self.scene = scene
        self.scale = scale
        self._numbers = itertools.count(1)
        scene.cloud.admin("POST", "/clock", {"scale": scale})

    def start(self, *arguments: str) -> None:
        """Start the operator, sweeping once a second."""
        self.scene.start("--time-scale", str(self.scale), "--sweep-interval", str(self.scale), *arguments)

    def restart(self) -> None:
        """Start another operator in the place of the one that was killed."""
        self.scene.operator.stop()
        self.start()

    def tenant(self) -> Tenant:
        """A new customer."""
        return Tenant(self.scene, next(self._numbers))
