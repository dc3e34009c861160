"""The control plane behaves like a cluster's, and leaves nothing behind."""

import dataclasses
import json
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from medialive_operator.controlplane.assets import Assets
from medialive_operator.controlplane.plane import ControlPlane, ControlPlaneError, PortTakenError
from tests.planes import Kubectl

pytestmark = pytest.mark.cluster
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")

_LAMPS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "lamps.test.example.com"},
    "spec": {
        "group": "test.example.com",
        "scope": "Namespaced",
        "names": {"kind": "Lamp", "plural": "lamps"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {"watts": {"type": "integer", "maximum": 100}},
                        "x-kubernetes-validations": [{"rule": "self.watts != 13", "message": "13 brings bad luck"}],
                    }
                },
            }
        ],
    },
}


@pytest.fixture
def own_plane(tmp_path: Path, control_plane_assets: Assets) -> Iterator[ControlPlane]:
    """A control plane for this test alone, to be maltreated."""
    with ControlPlane.start(tmp_path / "plane", control_plane_assets) as plane:
        yield plane


def _readyz(plane: ControlPlane, trust: ssl.SSLContext | bool) -> httpx.Response:
    return httpx.get(f"{plane.url}/readyz", verify=trust, trust_env=False)


def _lamp(watts: int) -> str:
    lamp = {"apiVersion": "test.example.com/v1", "kind": "Lamp", "metadata": {"name": "desk"}, "watts": watts}
    return json.dumps(lamp)


def _processes_in(folder: Path) -> list[str]:
    """Command lines of the live processes that run in this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == folder:
                found.append((process / "cmdline").read_text())
        except OSError:  # it has ended, or is not ours to look at
            continue
    return found


def _wait_until_none_runs_in(folder: Path) -> None:
    deadline = time.monotonic() + 10
    while running := _processes_in(folder):
        assert time.monotonic() < deadline, running
        time.sleep(0.02)


def test_readyz_is_served_with_a_certificate_that_can_be_verified(control_plane: ControlPlane) -> None:
    """Who trusts our authority gets `ok`; who does not, gets no connection."""
    assert _readyz(control_plane, ssl.create_default_context(cafile=control_plane.authority)).text == "ok"
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        _readyz(control_plane, True)


def test_a_service_account_may_do_what_a_role_says_and_nothing_else(
    control_plane: ControlPlane, kubectl: Kubectl, namespace: str, tmp_path: Path
) -> None:
    """Forbidden without a role; with one allowed, in that namespace only."""
    kubectl("create", "serviceaccount", "reader", "-n", namespace)
    kubeconfig = control_plane.kubeconfig_for(namespace, "reader", tmp_path / "reader.kubeconfig")
    reader = dataclasses.replace(kubectl, kubeconfig=kubeconfig)
    assert f'"system:serviceaccount:{namespace}:reader" cannot list resource "secrets"' in reader.refused(
        "get", "secrets"
    )
    kubectl("create", "role", "reader", "-n", namespace, "--verb=get,list", "--resource=secrets")
    kubectl("create", "rolebinding", "reader", "-n", namespace, "--role=reader", f"--serviceaccount={namespace}:reader")
    assert reader("get", "secrets", "-o", "name") == ""
    reader.refused("get", "secrets", "-n", "default")
    reader.refused("create", "secret", "generic", "new")


def test_kubeconfigs_are_private(control_plane: ControlPlane) -> None:
    """Nobody but the owner reads the tokens and keys, nor reaches etcd's sockets."""
    for path in (control_plane.folder, control_plane.kubeconfig, *control_plane.folder.glob("*.key")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_no_token_for_a_service_account_that_is_not_there(control_plane: ControlPlane, tmp_path: Path) -> None:
    """The API server's reason is in the error."""
    with pytest.raises(ControlPlaneError, match='serviceaccounts \\\\"nobody\\\\" not found'):
        control_plane.kubeconfig_for("default", "nobody", tmp_path / "kubeconfig")


def test_custom_resources_are_served_and_their_rules_enforced(kubectl: Kubectl, namespace: str) -> None:
    """Objects of a new CRD can be made; schema and CEL rules of it refuse what they should."""
    kubectl.serve(_LAMPS)
    assert "should be less than or equal to 100" in kubectl.refused(
        "create", "-n", namespace, "-f", "-", stdin=_lamp(101)
    )
    assert "13 brings bad luck" in kubectl.refused("create", "-n", namespace, "-f", "-", stdin=_lamp(13))
    kubectl("create", "-n", namespace, "-f", "-", stdin=_lamp(60))
    kubectl("delete", "crd/lamps.test.example.com", "--timeout=30s")


def test_a_deleted_namespace_goes_with_what_is_in_it(kubectl: Kubectl) -> None:
    """The controller manager empties a namespace and lets it go."""
    kubectl("create", "namespace", "doomed")
    kubectl("create", "configmap", "doomed", "-n", "doomed")
    kubectl("delete", "namespace", "doomed", "--timeout=60s")
    assert "NotFound" in kubectl.refused("get", "namespace", "doomed")


def test_the_api_server_comes_back_at_the_same_address_with_its_data(
    own_plane: ControlPlane, control_plane_assets: Assets
) -> None:
    """Stopped, connections are refused; a foreign listener on its port is reported; started, everything is there."""
    kubectl = Kubectl(control_plane_assets.kubectl, own_plane.kubeconfig)
    kubectl("create", "configmap", "kept")
    own_plane.stop_apiserver()
    assert "refused" in kubectl.refused("get", "configmap", "kept")
    with socket.create_server(("127.0.0.1", httpx.URL(own_plane.url).port or 0)), pytest.raises(PortTakenError):
        own_plane.start_apiserver()
    own_plane.start_apiserver()
    assert kubectl("get", "configmap", "kept", "-o", "name") == "configmap/kept\n"


@linux_only
def test_nothing_runs_after_stop(own_plane: ControlPlane) -> None:
    """Three programs and their three guards run, and none after stop()."""
    assert len(_processes_in(own_plane.folder)) == 6
    own_plane.stop()
    assert _processes_in(own_plane.folder) == []


@linux_only
def test_nothing_runs_after_the_starter_was_killed(tmp_path: Path) -> None:
    """SIGKILL of the process that started the control plane takes all of it along."""
    script = f"""
import signal
from pathlib import Path
from medialive_operator.controlplane.assets import find_or_build
from medialive_operator.controlplane.plane import ControlPlane
plane = ControlPlane.start(Path({str(tmp_path)!r}), find_or_build(lambda line: None))
print("started", flush=True)
signal.pause()
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "started\n"
        assert len(_processes_in(tmp_path)) == 6
        starter.kill()
    _wait_until_none_runs_in(tmp_path)


def test_a_program_that_ends_is_reported_with_its_last_words(control_plane_assets: Assets, tmp_path: Path) -> None:
    """The error names the program and shows its log; nothing is left running."""
    etcd = tmp_path / "etcd"
    etcd.write_text("#!/bin/sh\necho my disk is on fire; exit 3\n")
    etcd.chmod(0o755)
    with pytest.raises(ControlPlaneError, match=r"etcd ended with exit code 3; .*\nmy disk is on fire"):
        ControlPlane.start(tmp_path / "plane", dataclasses.replace(control_plane_assets, etcd=etcd))


def test_the_command_runs_a_control_plane_until_interrupted(control_plane_assets: Assets) -> None:
    """It prints a kubeconfig that works, and takes its folder with it at Ctrl-C."""
    command = [sys.executable, "-m", "medialive_operator.controlplane"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        kubeconfig = Path(process.stdout.readline().strip().removeprefix("export KUBECONFIG="))
        kubectl = Kubectl(control_plane_assets.kubectl, kubeconfig)
        assert "namespace/kube-system\n" in kubectl("get", "namespaces", "-o", "name")
        process.send_signal(signal.SIGINT)
    assert process.returncode == 0
    assert not kubeconfig.parent.exists()
