"""Fixtures of the tests that run the real operator on a real API server, against the simulator over HTTP."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from medialive_operator.cli.rehearsal import Simulator
from medialive_operator.cluster.permissions import installation
from medialive_operator.controlplane.plane import ControlPlane
from tests.cluster.scenes import Scene, operator_starter
from tests.cluster.tenants import MOST, Stage, Tenant
from tests.planes import Kubectl

_SYSTEM = "medialive-system"
_stages = itertools.count(1)
_accounts = itertools.cycle(range(MOST))


@pytest.fixture(scope="session")
def operator_kubeconfig(
    kubectl: Kubectl, control_plane: ControlPlane, crds: None, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Kubeconfig of the operator's own service account, with the rights of an installation and no more."""
    kubectl("create", "namespace", _SYSTEM)
    kubectl.apply(*installation(_SYSTEM), namespace=_SYSTEM)
    path = tmp_path_factory.mktemp("operator") / "kubeconfig"
    return control_plane.kubeconfig_for(_SYSTEM, "medialive", path)


@pytest.fixture
def simulator_arguments() -> list[str]:
    """What the test's simulator is started with; a test may override it."""
    return []


@pytest.fixture(scope="session")
def shared_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """One simulator for all tests of a worker that need no special one: it takes a second to start."""
    simulator = Simulator(tmp_path_factory.mktemp("simulator"), ["--accounts", str(MOST)])
    yield simulator
    simulator.stop()


@pytest.fixture
def simulator(simulator_arguments: list[str], request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Simulator]:
    """An empty cloud, and an account that has made no call yet."""
    if simulator_arguments:
        simulator = Simulator(tmp_path, simulator_arguments)
        yield simulator
        simulator.stop()
        return
    shared: Simulator = request.getfixturevalue("shared_simulator")
    for what in ("/faults", "/state", "/calls"):
        shared.admin("DELETE", what)
    # Every account has two projects; the first is in the first region.
    shared.account = shared.accounts[2 * next(_accounts)]
    yield shared


@pytest.fixture
def empty_scene(
    kubectl: Kubectl, operator_kubeconfig: Path, namespace: str, tmp_path: Path, simulator: Simulator
) -> Iterator[Scene]:
    """A namespace and a simulator; no operator yet, and no credentials."""
    scene = Scene(kubectl, namespace, simulator, operator_starter(tmp_path, operator_kubeconfig, namespace))
    yield scene
    for operator in scene.operators:
        operator.stop()


@pytest.fixture
def scene(empty_scene: Scene) -> Scene:
    """The usual start: credentials in the namespace, operator running."""
    empty_scene.sign_in()
    empty_scene.start()
    return empty_scene


@pytest.fixture(scope="module")
def stage(
    kubectl: Kubectl,
    operator_kubeconfig: Path,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Stage]:
    """A namespace, a simulator with many accounts and an operator, shared by the tests of a module.

    The module's TIME_SCALE says how fast their clocks run, its ARGUMENTS what the operator is started with besides.
    """
    namespace, folder = f"stage-{next(_stages)}", tmp_path_factory.mktemp("stage")
    kubectl("create", "namespace", namespace)
    simulator = Simulator(folder, ["--accounts", str(MOST), "--set", "clock_skew=none"])
    scene = Scene(kubectl, namespace, simulator, operator_starter(folder, operator_kubeconfig, namespace))
    stage = Stage(scene, request.module.TIME_SCALE, getattr(request.module, "ARGUMENTS", ()))
    stage.start()
    yield stage
    scene.operator.stop()
    simulator.stop()
    kubectl("delete", "namespace", namespace, "--wait=false")


@pytest.fixture
def tenant(stage: Stage) -> Iterator[Tenant]:
    """A customer of the shared cloud, of the test's own."""
    tenant = stage.tenant()
    yield tenant
    tenant.leave()
