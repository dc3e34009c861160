"""A whole installation on loopback: simulator and operator as child processes, against some cluster.

Used by `medialive demo` and by the tests. The operator runs with its own service account and rights, never as
administrator. All of it ends with its parent.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr
from pydantic.alias_generators import to_camel

from medialive_operator.clock import SystemClock
from medialive_operator.controlplane.processes import Process

Manifest = dict[str, Any]
T = TypeVar("T")

_CLOCK = SystemClock()
_PATIENCE = 60.0
_POLL = 0.05


class RehearsalError(Exception):
    """Something does not come up, or does not happen; the message says what was waited for and shows the log."""


class Simulated(BaseModel):
    """The line a simulator prints when it listens: where, and whom it lets in."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)

    url: str
    iam_url: str
    admin_url: str
    project_id: str
    region: str
    access_key: str
    secret_key: SecretStr
    username: str
    password: SecretStr
    domain_name: str

    def credentials(self, name: str = "medialive-credentials") -> Manifest:
        """A Secret by which the operator is let in."""
        data = {
            "accessKey": self.access_key,
            "secretKey": self.secret_key.get_secret_value(),
            "projectId": self.project_id,
            "region": self.region,
            "endpoint": self.url,
            "iamEndpoint": self.iam_url,
        }
        return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data}


class Simulator:
    """A running `medialive simulate`, and its admin port. `account` is the one in use."""

    def __init__(self, folder: Path, arguments: Sequence[str] = ()) -> None:
        self.process = _medialive("simulator", ["simulate", *arguments], folder)
        line = _announced(self.process, "the simulator listens", _first_json)
        self.accounts = [Simulated.model_validate({**line, **each}) for each in line["accounts"]]
        self.account = self.accounts[0]
        self._admin = httpx.Client(base_url=self.account.admin_url, trust_env=False)

    def calls(self, operation: str | None = None) -> list[Manifest]:
        """The calls it got, oldest first."""
        calls: list[Manifest] = self.admin("GET", "/calls")["calls"]
        return [call for call in calls if operation in (None, call["operation"])]

    def channels(self) -> dict[str, Manifest]:
        """What it has, by channel id: `channel`, `interruptions`, `starts`, `stops`."""
        return {each["channel"]["id"]: each for each in self.admin("GET", "/state")["channels"]}

    def edit(self, domain: str, app_name: str, ident: str, patch: Manifest) -> None:
        """Change a channel behind the operator's back, by JSON merge patch."""
        self.admin("PATCH", f"/state/channels/{domain}/{app_name}/{ident}", patch)

    def fault(self, **fault: Any) -> None:
        """Make calls fail: see the admin port's POST /faults."""
        self.admin("POST", "/faults", fault)

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        """Any request to the admin port, about the account in use where it matters; its JSON answer."""
        if path.startswith("/state/") and "project_id=" not in path:
            path = f"{path}?project_id={self.account.project_id}"
        answer = self._admin.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def stop(self) -> None:
        """End it."""
        self._admin.close()
        self.process.stop()


class Operator:
    """A running `medialive run`."""

    def __init__(self, folder: Path, kubeconfig: Path, arguments: Sequence[str] = ()) -> None:
        command = ["run", "--kubeconfig", str(kubeconfig), "--port", "0", "--bind-address", "127.0.0.1", *arguments]
        self.process = _medialive("operator", [*command, "--log-format", "json"], folder)
        ready = _announced(self.process, "the operator is ready", _readiness)
        self.port = int(ready["port"])

    def get(self, path: str) -> httpx.Response:
        """Ask its probes or metrics."""
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", trust_env=False)

    def log(self) -> str:
        """Everything it has logged, by earlier processes in this folder too."""
        return self.process.log.read_text()

    def stop(self) -> None:
        """Kill it, as a crash would."""
        self.process.stop()

    def terminate(self) -> int:
        """Ask it to end, as a kubelet does, and wait; its exit code."""
        return self.process.terminate()


@dataclass(frozen=True)
class Kubectl:
    """The real kubectl, as whoever the kubeconfig says."""

    program: Path
    kubeconfig: Path

    def run(self, *arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        """The ended process, whatever its exit code."""
        command: list[str | Path] = [self.program, "--kubeconfig", self.kubeconfig, *arguments]
        # A cache of its own: kubectl's is shared by port, and ports come back with other CRDs behind them.
        cache = {"KUBECACHEDIR": str(self.kubeconfig.parent / "kubectl-cache")}
        return subprocess.run(command, input=stdin, env=cache, capture_output=True, text=True, check=False)  # noqa: S603

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """What kubectl prints. Raises RehearsalError with what it complains about."""
        done = self.run(*arguments, stdin=stdin)
        if done.returncode != 0:
            raise RehearsalError(f"kubectl {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def apply(self, *manifests: Manifest, namespace: str = "default") -> None:
        """Apply manifests on the server's side, strictly."""
        documents = "\n---\n".join(json.dumps(manifest) for manifest in manifests)
        self(
            "apply", "--server-side", "--force-conflicts", "--namespace", namespace, "--filename", "-", stdin=documents
        )


def wait_until(what: str, look: Callable[[], T | None], *processes: Process, patience: float = _PATIENCE) -> T:
    """Look again and again until there is something; what was found. Raises RehearsalError."""
    deadline = _CLOCK.monotonic() + patience
    while not (found := look()):
        for process in processes:
            if process.exit_code is not None:
                raise RehearsalError(f"{process.name} ended before {what}:\n{process.written()}")
        if _CLOCK.monotonic() > deadline:
            told = "\n".join(process.written() for process in processes)
            raise RehearsalError(f"not within {patience:.0f} s: {what}\n{told}")
        time.sleep(_POLL)
    return found


def _medialive(name: str, arguments: Sequence[str], folder: Path) -> Process:
    return Process(name, [sys.executable, "-m", "medialive_operator", *arguments], folder)


def _announced(process: Process, what: str, line: Callable[[Process], Manifest | None]) -> Manifest:
    """The line by which a program says that it is up; one that does not come up is ended."""
    try:
        return wait_until(what, lambda: line(process), process)
    except BaseException:
        process.stop()
        raise


def _first_json(process: Process) -> Manifest | None:
    return next(_json_lines(process), None)


def _readiness(process: Process) -> Manifest | None:
    return next((line for line in _json_lines(process) if line.get("event") == "ready"), None)


def _json_lines(process: Process) -> Iterator[Manifest]:
    """Whole lines only: the last one may be half written."""
    for line in process.logged().splitlines(keepends=True):
        if line.startswith("{") and line.endswith("\n"):
            yield json.loads(line)
