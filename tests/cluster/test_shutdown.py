"""The operator is asked to stop (SIGTERM, as the kubelet does), and the API server goes away under it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from medialive_operator.cli.rehearsal import Simulator
from medialive_operator.clock import SystemClock
from medialive_operator.cluster.permissions import installation
from medialive_operator.controlplane.assets import Assets
from medialive_operator.controlplane.plane import ControlPlane
from medialive_operator.resources.crds import KINDS, crd_of
from tests.cluster.scenes import Scene, operator_starter
from tests.cluster.tenants import Stage, Tenant
from tests.planes import Kubectl

pytestmark = pytest.mark.cluster

TIME_SCALE = 1

CREATE = "create_ott_channel_info"
LIST = "list_ott_channel_info"
INPUT = "modify_ott_channel_info_input"
RECORD = "modify_ott_channel_info_record_settings"
GENERAL = "modify_ott_channel_info_general"
STATE = "modify_ott_channel_info_stats"


def terminated(scene: Scene) -> tuple[int, float]:
    """Send SIGTERM to the operator: its exit code, and how many seconds that took."""
    clock = SystemClock()
    began = clock.monotonic()
    return scene.operator.terminate(), clock.monotonic() - began


def test_an_operator_with_nothing_to_do_stops_at_once(stage: Stage, tenant: Tenant) -> None:
    """SIGTERM ends it within seconds, with exit code 0, and it says so."""
    tenant.ready()

    code, seconds = terminated(stage.scene)

    assert code == 0
    assert seconds < 3
    assert '"stopped"' in stage.scene.operator.process.written().splitlines()[-1]
    stage.start()


@pytest.mark.parametrize("operation", [CREATE, RECORD])
def test_a_call_under_way_is_waited_for(stage: Stage, tenant: Tenant, operation: str) -> None:
    """A call that was sent before SIGTERM is written down before the end; the next operator does not repeat it."""
    if operation == RECORD:
        tenant.ready()
    tenant.fault(operation, delay=1.5)
    tenant.apply(recordSettings={"rollingbufferDuration": 3600})
    tenant.until_called(operation)

    code, seconds = terminated(stage.scene)

    assert code == 0
    assert seconds < 10
    assert "3600" in tenant.scene.status(tenant.name)["lastApplied"]["record_settings"]
    stage.start()
    tenant.until_ready()
    assert tenant.writes() == [operation]


def test_a_channel_is_not_left_off_air(stage: Stage, tenant: Tenant) -> None:
    """A change of several sections that has begun is brought to its end: the channel is on air at the end."""
    tenant.ready()
    tenant.fault(INPUT, delay=1)
    source = {"url": "srt://198.51.100.30:9000", "bitrate": 4000000}
    tenant.patch(name="Late news", input={"sources": [source]})
    tenant.until_called(INPUT)

    code, seconds = terminated(stage.scene)

    assert code == 0
    assert seconds < 10
    assert tenant.writes() == [STATE, INPUT, GENERAL, STATE]
    assert tenant.only_channel()["channel"]["state"] == "ON"
    stage.start()
    tenant.until_ready()
    assert tenant.only_channel()["interruptions"] == 1


def test_a_call_that_does_not_come_back_is_left_behind(stage: Stage, tenant: Tenant) -> None:
    """A call that hangs does not keep the process beyond ten seconds; the next operator finds out what came of it."""
    tenant.ready()
    tenant.fault(RECORD, delay=600, drop="before")
    tenant.patch(recordSettings={"rollingbufferDuration": 3600})
    tenant.until_called(RECORD)

    code, seconds = terminated(stage.scene)

    assert code == 0
    assert seconds < 10
    stage.start()
    tenant.until_ready()
    assert tenant.writes() == [RECORD, RECORD]
    assert tenant.only_channel()["interruptions"] == 1


@pytest.fixture
def plane(control_plane_assets: Assets, tmp_path: Path) -> Iterator[ControlPlane]:
    """A control plane of the test's own, which it may take down."""
    with ControlPlane.start(tmp_path / "plane", control_plane_assets) as plane:
        yield plane


@pytest.fixture
def fragile(plane: ControlPlane, control_plane_assets: Assets, tmp_path: Path) -> Iterator[Stage]:
    """An operator on it."""
    kubectl = Kubectl(control_plane_assets.kubectl, plane.kubeconfig)
    for kind in KINDS:
        kubectl.serve(crd_of(kind))
    kubectl.apply(*installation("default"))
    kubeconfig = plane.kubeconfig_for("default", "medialive", tmp_path / "kubeconfig")
    simulator = Simulator(tmp_path)
    scene = Scene(kubectl, "default", simulator, operator_starter(tmp_path, kubeconfig, "default"))
    stage = Stage(scene, TIME_SCALE)
    stage.start()
    yield stage
    scene.operator.stop()
    simulator.stop()


def test_the_api_server_goes_and_comes_back(fragile: Stage, plane: ControlPlane) -> None:
    """A PUT whose end cannot be written down is not repeated; watches go on; SIGTERM works without an API server."""
    tenant, scene = fragile.tenant(), fragile.scene
    tenant.ready()
    tenant.fault(RECORD, delay=1)
    tenant.patch(recordSettings={"rollingbufferDuration": 3600})
    tenant.until_called(RECORD)

    plane.stop_apiserver()
    scene.until("the call is answered", lambda: tenant.calls(RECORD)[0]["status"])
    plane.start_apiserver()

    tenant.until_ready()
    assert tenant.writes() == [RECORD]
    assert tenant.only_channel()["interruptions"] == 1
    scene.apply(tenant.credentials(secretKey="x" * 40))
    tenant.until_says("CredentialsReady", "Rejected")
    scene.apply(tenant.credentials())
    tenant.until_ready()
    tenant.patch(desiredState="Stopped")
    tenant.until_ready()
    assert tenant.writes() == [RECORD, STATE]

    plane.stop_apiserver()
    _, seconds = terminated(scene)
    assert seconds < 15
