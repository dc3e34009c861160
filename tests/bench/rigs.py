"""Where benches run: one control plane for all, and for each a namespace, a simulator and an operator of its own.

The operator is a child process with the rights of an installation; nothing in it is replaced.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from medialive_operator.cli.rehearsal import Kubectl, Operator, RehearsalError, Simulator, wait_until
from medialive_operator.cluster.permissions import installation
from medialive_operator.controlplane.assets import find_or_build
from medialive_operator.controlplane.plane import ControlPlane
from medialive_operator.resources.crds import KINDS, crd_of
from medialive_operator.resources.kinds import Kind
from medialive_operator.resources.ott_channels import OTT_CHANNEL
from tests.bench.api_server import ApiServer, Manifest, is_ready
from tests.bench.machine import Usage, child_of, usage

_SYSTEM = "medialive-system"
_PATIENCE = 1800.0  # seconds: no measurement, only the end of one that will never come
_POLL = 0.25
_QUIET = 5.0


class Rig:
    """An operator at work in a namespace of its own, with a cloud of its own. `operator`: the process that runs now."""

    def __init__(self, namespace: str, api: ApiServer, cloud: Simulator, start: Callable[[], Operator]) -> None:
        self.namespace = namespace
        self.api = api
        self.cloud = cloud
        self._start = start
        self.operator = start()

    def restart(self) -> None:
        """Kill the operator and start it again; it is ready when this returns."""
        self.operator.stop()
        self.operator = self._start()

    def create(self, manifests: Sequence[Manifest]) -> None:
        """Create objects, one after the other, as `kubectl apply` does."""
        for manifest in manifests:
            self.api.create(self.namespace, manifest)

    def until_ready(self, count: int) -> None:
        """Wait until there are exactly so many objects, and all of them are ready. Raises RehearsalError."""
        self._until(f"{count} objects are ready", partial(self._all_ready, count))

    def until_all(self, what: str, holds: Callable[[Manifest], bool]) -> None:
        """Wait until something holds for every object. Raises RehearsalError."""
        self._until(f"all {what}", lambda: all(map(holds, self.api.objects(self.namespace))))

    def until_passed(self, count: int) -> None:
        """Wait until the operator's process has made so many passes. Raises RehearsalError."""
        self._until(f"{count} passes are made", lambda: self._passes() >= count)

    def until_quiet(self) -> None:
        """Wait until nothing was written to Kubernetes for a while."""
        before, now = None, self.api.writes()
        while now != before:
            time.sleep(_QUIET)
            before, now = now, self.api.writes()

    def usage(self) -> Usage:
        """What the operator's process uses."""
        return usage(child_of(self.operator.process.pid))

    def forget_calls(self) -> None:
        """Start the cloud's log of calls anew."""
        self.cloud.admin("DELETE", "/calls")

    def _all_ready(self, count: int) -> bool:
        found = self.api.objects(self.namespace)
        return len(found) == count and all(map(is_ready, found))

    def _passes(self) -> int:
        lines = self.operator.get("/metrics").text.splitlines()
        return sum(int(float(line.rpartition(" ")[2])) for line in lines if line.startswith("medialive_passes_total{"))

    def _until(self, what: str, happened: Callable[[], bool]) -> None:
        # Slower than `wait_until` of the rehearsal: what is measured runs on the same cores.
        deadline = time.monotonic() + _PATIENCE
        while not happened():
            if self.operator.process.exit_code is not None or time.monotonic() > deadline:
                raise RehearsalError(f"it does not happen: {what}\n{self.operator.process.written()}")
            time.sleep(_POLL)


class Ground:
    """A control plane with the operator's kinds and rights installed, and room for rigs."""

    def __init__(self, folder: Path, plane: ControlPlane, kubectl: Kubectl) -> None:
        self._folder = folder
        self._kubectl = kubectl
        self.api = ApiServer(plane.kubeconfig)
        _install(kubectl)
        self._kubeconfig = plane.kubeconfig_for(_SYSTEM, "medialive", folder / "operator.kubeconfig")

    @contextmanager
    def rig(
        self,
        name: str,
        *,
        kind: Kind = OTT_CHANNEL,
        scale: float = 1.0,
        simulator: Sequence[str] = (),
        operator: Sequence[str] = (),
    ) -> Iterator[Rig]:
        """A rig for objects of a kind, in a namespace of this name.

        Both its clocks, the operator's and the cloud's, run `scale` times as fast as the machine's.
        """
        folder = self._folder / name
        folder.mkdir()
        self._kubectl("create", "namespace", name)
        cloud = Simulator(folder, simulator)
        cloud.admin("POST", "/clock", {"scale": scale})
        self._kubectl.apply(cloud.account.credentials(), namespace=name)
        flags = ["--namespace", name, "--time-scale", str(scale), *operator]
        rig = Rig(name, self.api.of(kind), cloud, partial(Operator, folder, self._kubeconfig, flags))
        try:
            yield rig
        finally:
            rig.operator.stop()
            cloud.stop()


@contextmanager
def prepared(say: Callable[[str], None]) -> Iterator[Ground]:
    """A ground to bench on; all of it ends with the block."""
    assets = find_or_build(say)
    with tempfile.TemporaryDirectory(prefix="medialive-bench-") as name:
        folder = Path(name)
        with ControlPlane.start(folder / "plane", assets) as plane:
            ground = Ground(folder, plane, Kubectl(assets.kubectl, plane.kubeconfig))
            try:
                yield ground
            finally:
                ground.api.close()


def _install(kubectl: Kubectl) -> None:
    kubectl("create", "namespace", _SYSTEM)
    kubectl.apply(*map(crd_of, KINDS), *installation(_SYSTEM), namespace=_SYSTEM)
    for kind in KINDS:
        wait_until(f"{kind.plural} are served", partial(_is_served, kubectl, kind.crd_name))


def _is_served(kubectl: Kubectl, name: str) -> bool:
    return kubectl.run("get", name).returncode == 0
