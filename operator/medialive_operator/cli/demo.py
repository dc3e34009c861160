"""`medialive demo`: the whole product on this machine, with no cloud account and no cluster of one's own.

Starts a control plane, a simulated cloud and the operator, applies a channel of each input protocol and shows how they
come up. With `--once` it then changes one, lets one drift, deletes one, and exits 0 when all of it has worked.
"""

import json
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import yaml
from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from medialive_operator import samples
from medialive_operator.cli.rehearsal import Kubectl, Operator, RehearsalError, Simulator, wait_until
from medialive_operator.cluster.permissions import installation
from medialive_operator.controlplane.assets import find_or_build
from medialive_operator.controlplane.building import CannotBuildError
from medialive_operator.controlplane.plane import ControlPlane, ControlPlaneError
from medialive_operator.resources.crds import KINDS, crd_of
from medialive_operator.resources.kinds import Kind

Manifest = dict[str, Any]

_NAMESPACE = "studio"
_SYSTEM = "medialive-system"
_POLL = 0.3  # seconds
_CALM = 1.0  # seconds, once everything has come up
_WIDTH_OF_A_FILE = 120  # columns, where the output is no terminal


def demo(
    once: Annotated[bool, typer.Option("--once", help="Show a change, a drift and a deletion, then exit.")] = False,
) -> None:
    """Show the operator at work on this machine.

    Needs no cluster and no account: starts a Kubernetes control plane, a simulated Media Live and the operator,
    applies five channels, and goes on until Ctrl-C.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    console = _console()
    try:
        with _stage(console) as stage:
            stage.bring_up()
            if once:
                stage.change()
                stage.drift()
                stage.delete()
                console.print("[green]All of it has converged.[/green]")
            else:
                stage.linger()
    except (CannotBuildError, ControlPlaneError, RehearsalError) as error:
        console.print(f"[red]{escape(str(error))}[/red]", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        console.print("stopped")


class _Stage:
    """Everything that runs, and what is shown with it."""

    def __init__(self, console: Console, kubectl: Kubectl, simulator: Simulator) -> None:
        self._console = console
        self._kubectl = kubectl
        self._simulator = simulator

    def bring_up(self) -> None:
        """Apply the samples and show them until all are ready."""
        manifests = list(_sample_manifests())
        self._kubectl.apply(self._simulator.account.credentials(), *manifests, namespace=_NAMESPACE)
        wanted = sum(manifest["kind"] == "OttChannel" for manifest in manifests)
        self._say(f"Applied {wanted} channels, one for each input protocol. The operator starts them:\n")
        self._show_until(lambda found: len(found) == wanted and all(_is_ready(each) for each in found))

    def change(self) -> None:
        """One field of a running channel: one call."""
        self._say("\nA change: news-1 gets a longer catch-up, which restarts it, once.")
        self._simulator.admin("DELETE", "/calls")
        patch = {"spec": {"recordSettings": {"rollingbufferDuration": 7200}}}
        self._kubectl("patch", "och", "news-1", "-n", _NAMESPACE, "--type=merge", "-p", json.dumps(patch))
        self._wait(
            "news-1 is changed", lambda: self._cloud("news-1")["record_settings"]["rollingbuffer_duration"] == 7200
        )
        self._wait("news-1 is ready", lambda: _is_ready(self._object("news-1")))
        self._say_writes()

    def drift(self) -> None:
        """The cloud is changed behind the operator's back, in a way whose correction would cut the channel."""
        self._say(
            "\nA drift: somebody changes the catch-up of sports-1 in the cloud. Taking that back would restart a "
            "channel on air, so it is reported and left alone:"
        )
        self._simulator.edit(
            "push.example.com", "live", "sports-1", {"record_settings": {"rollingbuffer_duration": 60}}
        )
        self._wait("the drift of sports-1 is told", lambda: _condition(self._object("sports-1"), "Synced") == "False")
        self._say(f"  Synced=False: {_message(self._object('sports-1'), 'Synced')}")

    def delete(self) -> None:
        """Stop, then delete."""
        self._say("\nA deletion: news-1 is stopped and deleted in the cloud, then its object goes.")
        self._simulator.admin("DELETE", "/calls")
        self._kubectl("delete", "och", "news-1", "-n", _NAMESPACE, "--timeout=60s")
        self._wait("news-1 is gone from the cloud", lambda: "news-1" not in self._simulator.channels())
        self._say_writes()

    def linger(self) -> None:
        """Go on until Ctrl-C, saying how to reach it."""
        folder, kubeconfig = self._kubectl.program.parent, self._kubectl.kubeconfig
        self._say("\nGoes on until Ctrl-C. In another terminal:\n")
        for command in (
            f"export KUBECONFIG={kubeconfig} PATH={folder}:$PATH",
            f"kubectl -n {_NAMESPACE} get och",
            f"kubectl -n {_NAMESPACE} describe och news-1",
            f"curl {self._simulator.account.admin_url}/state  # what the cloud has; /calls: what it was asked",
        ):
            self._console.print(f"  {command}", soft_wrap=True, highlight=False, markup=False)
        self._say("")
        self._show_until(lambda _: False, poll=_CALM)

    def _show_until(self, happened: Callable[[list[Manifest]], bool], poll: float = _POLL) -> None:
        """A table that lives on a terminal; elsewhere the last one only."""
        if not self._console.is_terminal:
            while not happened(found := self._objects()):
                time.sleep(poll)
            self._console.print(_table(found))
            return
        with Live(console=self._console, auto_refresh=False) as live:
            while not happened(found := self._objects()):
                live.update(_table(found), refresh=True)
                time.sleep(poll)
            live.update(_table(found), refresh=True)

    def _wait(self, what: str, happened: Callable[[], bool]) -> None:
        wait_until(what, happened)

    def _objects(self) -> list[Manifest]:
        listed = json.loads(self._kubectl("get", "och", "-n", _NAMESPACE, "-o", "json"))
        items: list[Manifest] = listed["items"]
        return items

    def _object(self, name: str) -> Manifest:
        found: Manifest = json.loads(self._kubectl("get", "och", name, "-n", _NAMESPACE, "-o", "json"))
        return found

    def _cloud(self, ident: str) -> Manifest:
        channel: Manifest = self._simulator.channels()[ident]["channel"]
        return channel

    def _say_writes(self) -> None:
        writes = [call for call in self._simulator.calls() if call["method"] != "GET"]
        told = ", ".join(f"{call['method']} {_without_project(call['path'])}" for call in writes)
        self._say(f"  Calls that wrote: {told}")

    def _say(self, line: str) -> None:
        _say(self._console, line)


def _console() -> Console:
    """The terminal, or a file that is wide enough for the table."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH_OF_A_FILE)


def _say(console: Console, line: str) -> None:
    """A line as it is; only a terminal wraps it."""
    console.print(line, highlight=False, markup=False, soft_wrap=not console.is_terminal)


@contextmanager
def _stage(console: Console) -> Iterator[_Stage]:
    say = partial(_say, console)
    assets = find_or_build(say)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="medialive-demo-")))
        say("Starting a Kubernetes control plane, a simulated Media Live and the operator ...")
        plane = stack.enter_context(ControlPlane.start(folder / "plane", assets))
        kubectl = Kubectl(assets.kubectl, plane.kubeconfig)
        _install(kubectl)
        simulator = Simulator(folder)
        stack.callback(simulator.stop)
        kubeconfig = plane.kubeconfig_for(_SYSTEM, "medialive", folder / "operator.kubeconfig")
        operator = Operator(folder, kubeconfig, ["--sweep-interval", "5"])
        stack.callback(operator.stop)
        yield _Stage(console, kubectl, simulator)


def _install(kubectl: Kubectl) -> None:
    """What the chart installs: kinds, service account, rights."""
    for name in (_SYSTEM, _NAMESPACE):
        kubectl("create", "namespace", name)
    kubectl.apply(*map(crd_of, KINDS), *installation(_SYSTEM), namespace=_SYSTEM)
    for kind in KINDS:
        wait_until(f"{kind.plural} are served", partial(_is_served, kubectl, kind))


def _is_served(kubectl: Kubectl, kind: Kind) -> bool:
    return kubectl.run("get", kind.crd_name).returncode == 0


def _sample_manifests() -> Iterator[Manifest]:
    for entry in sorted(resources.files(samples).iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".yaml"):
            yield from yaml.safe_load_all(entry.read_text(encoding="utf-8"))


def _table(objects: list[Manifest]) -> Table:
    table = Table("Name", "Input", "State", "Ready", "Synced", "Restarts", "What is going on", box=None)
    for each in objects:
        status = each.get("status") or {}
        restarts = (status.get("statistics") or {}).get("restarts") or {}
        table.add_row(
            each["metadata"]["name"],
            each["spec"]["input"]["inputProtocol"],
            (status.get("channel") or {}).get("state", "-"),
            _colored(_condition(each, "Ready")),
            _colored(_condition(each, "Synced")),
            str(restarts.get("count", 0)),
            escape(_message(each, "Ready")),
        )
    return table


def _is_ready(obj: Manifest) -> bool:
    current = (obj.get("status") or {}).get("observedGeneration") == obj["metadata"]["generation"]
    return current and _condition(obj, "Ready") == "True" and _condition(obj, "Synced") != "Unknown"


def _find(obj: Manifest, kind: str) -> Manifest:
    found = ((obj.get("status") or {}).get("conditions")) or []
    return next((each for each in found if each["type"] == kind), {})


def _condition(obj: Manifest, kind: str) -> str:
    return str(_find(obj, kind).get("status", "-"))


def _message(obj: Manifest, kind: str) -> str:
    return str(_find(obj, kind).get("message", ""))


def _without_project(path: str) -> str:
    """`/v1/{project}/ott/…` without what is the same in every call."""
    return path.split("/", 3)[-1]


def _colored(status: str) -> str:
    return {"True": "[green]True[/green]", "False": "[red]False[/red]"}.get(status, status)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
