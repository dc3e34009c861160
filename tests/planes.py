"""A real control plane for tests: one for each worker process, a namespace of its own for each test."""

import itertools
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from medialive_operator.cli import rehearsal
from medialive_operator.controlplane.assets import Assets, find_or_build
from medialive_operator.controlplane.plane import ControlPlane
from medialive_operator.resources.crds import KINDS, crd_of


class Kubectl(rehearsal.Kubectl):
    """The real kubectl, as whoever the kubeconfig says."""

    def refused(self, *arguments: str, stdin: str = "") -> str:
        """What kubectl complains about; when it succeeds the test fails."""
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode != 0, f"kubectl {' '.join(arguments)} was not refused: {done.stdout}"
        return done.stderr

    def serve(self, crd: Mapping[str, Any]) -> None:
        """Apply a CustomResourceDefinition and wait until its objects can be listed.

        `kubectl wait` would not do: it fails on a definition that has no conditions yet.
        """
        name = crd["metadata"]["name"]
        self("apply", "--server-side", "--filename", "-", stdin=json.dumps(crd))
        rehearsal.wait_until(f"{name} are served", lambda: self.run("get", name).returncode == 0)


@pytest.fixture(scope="session")
def control_plane_assets() -> Assets:
    """The programs; built when they are nowhere."""
    return find_or_build(print)


@pytest.fixture(scope="session")
def control_plane(control_plane_assets: Assets, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A running control plane, shared by the tests of a worker process: leave nothing cluster-wide behind."""
    with ControlPlane.start(tmp_path_factory.mktemp("control-plane"), control_plane_assets) as plane:
        yield plane


@pytest.fixture(scope="session")
def kubectl(control_plane: ControlPlane, control_plane_assets: Assets) -> Kubectl:
    """Kubectl as administrator."""
    return Kubectl(control_plane_assets.kubectl, control_plane.kubeconfig)


@pytest.fixture(scope="session")
def crds(kubectl: Kubectl) -> None:
    """Our kinds, served."""
    for kind in KINDS:
        kubectl.serve(crd_of(kind))


_numbers = itertools.count(1)


@pytest.fixture
def namespace(kubectl: Kubectl) -> Iterator[str]:
    """A fresh namespace; its deletion is begun after the test, not waited for (it takes 5 s)."""
    name = f"test-{next(_numbers)}"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")
