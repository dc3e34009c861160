"""`medialive demo`: the whole product on this machine, with no cloud account and no cluster of one's own.

Starts a control plane, a simulated cloud and the operator, applies the samples (a channel of each input protocol, two
flows, a channel that follows one of them) and shows how they come up. With `--once` it then changes one, lets one
drift, kills the operator, deletes one, and exits 0 when all of it has worked.
"""

import json
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from importlib import resources
from pathlib import Path
from textwrap import indent
from typing import Annotated, Any, NoReturn

import typer
import yaml
from rich.console import Console
from rich.live import Live
from rich.markup import escape

from medialive_operator import samples
from medialive_operator.cli.object_table import is_up, message, object_table, verdict
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
_FOLLOWER = "debate-1"  # the sample whose channel follows a flow, and whose signals are counted
_SIGNALS = 2
_WIDTH_OF_A_FILE = 120  # columns, where the output is no terminal


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="Show a change, a drift, a crash and a deletion, then exit.")
    ] = False,
) -> None:
    """Show the operator at work on this machine.

    Needs no cluster and no account: starts a Kubernetes control plane, a simulated Media Live and the operator,
    applies channels and flows, and goes on until Ctrl-C.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    console = _console()
    try:
        with _stage(console) as stage:
            stage.bring_up()
            if once:
                stage.follow()
                stage.change()
                stage.drift()
                stage.crash()
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

    def __init__(
        self, console: Console, kubectl: Kubectl, simulator: Simulator, start_operator: Callable[[], Operator]
    ) -> None:
        self._console = console
        self._kubectl = kubectl
        self._simulator = simulator
        self._start_operator = start_operator
        self._operator = start_operator()

    def close(self) -> None:
        """End what it has started."""
        self._operator.stop()

    def bring_up(self) -> None:
        """Apply the samples and show them until all are ready."""
        manifests = list(_sample_manifests())
        self._kubectl.apply(self._simulator.account.credentials(), *manifests, namespace=_NAMESPACE)
        kinds = [manifest["kind"] for manifest in manifests]
        channels, flows = kinds.count("OttChannel"), kinds.count("StreamConnectFlow")
        self._say(f"Applied {channels} channels and {flows} flows. The operator creates and starts them:\n")
        self._show_until(lambda found: len(found) == channels + flows and all(map(is_up, found)))

    def follow(self) -> None:
        """A flow feeds a channel."""
        (source,) = self._cloud(_FOLLOWER)["input"]["sources"]
        self._say(
            f"\nA flow feeds a channel: {_FOLLOWER} pulls from output to-ott of flow studio-a, at {source['url']}."
        )

    def change(self) -> None:
        """One field of a running channel: one call."""
        self._say("\nA change: news-1 gets a longer catch-up, which restarts it, once.")
        self._simulator.admin("DELETE", "/calls")
        patch = {"spec": {"recordSettings": {"rollingbufferDuration": 7200}}}
        self._kubectl("patch", "och", "news-1", "-n", _NAMESPACE, "--type=merge", "-p", json.dumps(patch))
        self._wait(
            "news-1 is changed", lambda: self._cloud("news-1")["record_settings"]["rollingbuffer_duration"] == 7200
        )
        self._wait("news-1 is ready", lambda: is_up(self._object("news-1")))
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
        self._wait("the drift of sports-1 is told", lambda: verdict(self._object("sports-1"), "Synced") == "False")
        self._say(f"  Synced=False: {message(self._object('sports-1'), 'Synced')}")

    def crash(self) -> None:
        """The operator dies, signals come meanwhile, and the next one counts them."""
        self._say(
            f"\nA crash: the operator is killed, and SCTE-35 signals come in on {_FOLLOWER} meanwhile. A new operator "
            "goes on from what the objects say:"
        )
        self._wait(f"the signals of {_FOLLOWER} are being counted", lambda: self._signals().get("total") == 0)
        self._operator.stop()
        self._simulator.admin("DELETE", "/calls")
        now = int(self._simulator.admin("GET", "/clock")["time"])
        signals = [{"event_id": number, "start_date": now, "duration": 30} for number in range(1, _SIGNALS + 1)]
        self._simulator.admin("POST", f"/state/channels/srt.example.com/live/{_FOLLOWER}/scte35", signals)
        self._operator = self._start_operator()
        self._wait("the signals are counted", lambda: self._signals().get("total") == _SIGNALS)
        self._wait("Cloud Eye is shown", lambda: bool(self._status().get("monitoring")))
        self._say_writes()
        self._say(f"  In the status of {_FOLLOWER}:")
        shown = {name: self._status()[name] for name in ("statistics", "monitoring")}
        self._say(indent(yaml.safe_dump(shown, default_flow_style=None, width=_WIDTH_OF_A_FILE), "    ").rstrip())

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
            f"kubectl -n {_NAMESPACE} get och,scf",
            f"kubectl -n {_NAMESPACE} describe och {_FOLLOWER}",
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
            self._console.print(object_table(found))
            return
        with Live(console=self._console, auto_refresh=False) as live:
            while not happened(found := self._objects()):
                live.update(object_table(found), refresh=True)
                time.sleep(poll)
            live.update(object_table(found), refresh=True)

    def _wait(self, what: str, happened: Callable[[], bool]) -> None:
        wait_until(what, happened)

    def _objects(self) -> list[Manifest]:
        listed = json.loads(self._kubectl("get", "och,scf", "-n", _NAMESPACE, "-o", "json"))
        items: list[Manifest] = listed["items"]
        return items

    def _object(self, name: str) -> Manifest:
        found: Manifest = json.loads(self._kubectl("get", "och", name, "-n", _NAMESPACE, "-o", "json"))
        return found

    def _status(self) -> Manifest:
        status: Manifest = self._object(_FOLLOWER).get("status") or {}
        return status

    def _signals(self) -> Manifest:
        return (self._status().get("statistics") or {}).get("scte35") or {}

    def _cloud(self, ident: str) -> Manifest:
        channel: Manifest = self._simulator.channels()[ident]["channel"]
        return channel

    def _say_writes(self) -> None:
        reads = ("list_", "show_")  # some of them are POSTs
        writes = [call for call in self._simulator.calls() if not call["operation"].startswith(reads)]
        told = ", ".join(f"{call['method']} {_without_project(call['path'])}" for call in writes)
        self._say(f"  Calls that wrote: {told or 'none'}")

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
        start_operator = partial(Operator, folder, kubeconfig, ["--sweep-interval", "5"])
        yield stack.enter_context(closing(_Stage(console, kubectl, simulator, start_operator)))


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


def _without_project(path: str) -> str:
    """`/v1/{project}/ott/…` without what is the same in every call."""
    return path.split("/", 3)[-1]


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
