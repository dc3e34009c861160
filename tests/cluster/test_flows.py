"""The life of a flow: created, changed output by output, replaced, published, followed by a channel, deleted."""

from typing import Any

import pytest

from tests.builders import caller, channel, flow, listener, secret
from tests.cluster.scenes import Scene

pytestmark = pytest.mark.cluster

CREATE, ADD, START, STOP = "create_flows", "create_flow_output", "modify_flow_start", "modify_flow_stop"
CHANGE, REMOVE, SOURCE = "modify_flow_output", "delete_flow_output", "modify_flow_sources"


def _flow_of_ids(scene: Scene, name: str) -> set[str]:
    flows = scene.cloud.admin("GET", "/state")["flows"]
    return {each["flow_id"] for each in flows if each["flow"]["name"] == name}


def test_a_flow_is_created_filled_and_started(scene: Scene) -> None:
    """A flow with two outputs takes three calls that write: the flow, both outputs, the start."""
    flows = scene.flows
    flows.apply(flow("studio", outputs=[listener("one"), caller("two")]))

    status = flows.until_ready("studio")

    assert scene.writes() == [CREATE, ADD, START]
    assert status["flowStatus"] == "ACTIVE"
    assert status["flowId"] in _flow_of_ids(scene, "studio")
    assert (status["sourceCount"], status["outputCount"]) == (1, 2)
    assert status["sources"][0]["url"].startswith("srt://")


def test_a_change_of_one_output_is_one_call(scene: Scene) -> None:
    """Changing one of two outputs is one call, and a change of nothing is none."""
    flows = scene.flows
    flows.apply(flow("studio", outputs=[caller("one", 9001), caller("two", 9002)]))
    flows.until_ready("studio")
    scene.forget_calls()

    flows.patch("studio", outputs=[caller("one", 9001), caller("two", 9003)])
    flows.until_ready("studio")
    assert scene.writes() == [CHANGE]
    scene.forget_calls()
    flows.annotate("studio", "reconcile-requested-at=now")
    flows.until("the request is answered", lambda: flows.status("studio").get("lastHandledReconcileAt") == "now")
    assert scene.writes() == []


def test_outputs_come_and_go(scene: Scene) -> None:
    """Two new outputs are one call, a removed one is one, another protocol is a removal and an addition."""
    flows = scene.flows
    flows.apply(flow("studio", outputs=[caller("one")]))
    flows.until_ready("studio")
    scene.forget_calls()

    flows.patch("studio", outputs=[caller("one"), caller("two", 9002), caller("three", 9003)])
    flows.until_ready("studio")
    assert scene.writes() == [ADD]
    flows.patch("studio", outputs=[caller("one"), caller("three", 9003)])
    flows.until_ready("studio")
    assert scene.writes() == [ADD, REMOVE]
    flows.patch("studio", outputs=[caller("one"), listener("three")])
    flows.until_ready("studio")
    assert scene.writes() == [ADD, REMOVE, REMOVE, ADD]


def test_nothing_is_written_to_a_flow_in_steady_state(scene: Scene) -> None:
    """Over many sweeps and readings nothing is written to the cloud or to the object."""
    flows = scene.flows
    flows.apply(flow("studio"))
    flows.until_ready("studio")
    flows.until("it was read in full", lambda: flows.status("studio").get("connected") == "2/2")
    before = flows.get("studio")
    scene.forget_calls()

    scene.until("five sweeps", lambda: len(scene.cloud.calls("list_flows")) >= 5)
    scene.until("two readings", lambda: len(scene.cloud.calls("show_output_info")) >= 2)

    assert scene.writes() == []
    assert flows.get("studio") == before


def test_health_flips_are_told_once_each(scene: Scene) -> None:
    """An output that loses its link and gets it back is in the status, one event each, and writes nothing."""
    flows = scene.flows
    flows.apply(flow("studio"))
    status = flows.until_ready("studio")
    place = f"/state/flows/{status['flowId']}/outputs/out"
    scene.until("connected", lambda: flows.status("studio").get("connected") == "2/2")
    scene.forget_calls()

    scene.cloud.admin("PATCH", place, {"health_status": "DISCONNECTED"})
    lost = flows.until_says("studio", "SignalHealthy", "OutputLost")
    assert "output/out" in lost["message"]
    assert 'link="output/out"' in scene.operator.get("/metrics").text
    scene.cloud.admin("PATCH", place, {"health_status": "CONNECTED"})
    flows.until_says("studio", "SignalHealthy", "Connected")

    told = [event["reason"] for event in scene.events() if event["reason"].startswith("Signal")]
    assert sorted(told) == ["SignalLost", "SignalRestored"]
    assert scene.writes() == []


def test_a_foreign_flow_of_the_name_is_a_conflict(scene: Scene) -> None:
    """A flow of the same name that is not ours is left alone, and nothing is created beside it."""
    flows = scene.flows
    scene.cloud.admin("PUT", "/state/flows/f0e1d2c3", FOREIGN)
    flows.apply(flow("studio"))

    stalled = flows.until_says("studio", "Stalled", "Conflict")
    assert "spec.flowId" in stalled["message"]
    flows.delete("studio")

    assert scene.writes() == []
    assert _flow_of_ids(scene, "studio") == {"f0e1d2c3"}


FOREIGN: dict[str, Any] = {
    "name": "studio",
    "region": "ap-southeast-3",
    "sources": [{"name": "main", "protocol": "srt-listener"}],
}


def test_a_flow_is_adopted_by_its_id(scene: Scene) -> None:
    """With flowId an existing flow is managed as it is; it is stopped and deleted with the object."""
    flows = scene.flows
    scene.cloud.admin("PUT", "/state/flows/f0e1d2c3", FOREIGN)
    flows.apply(flow("studio", flowId="f0e1d2c3", outputs=[], desiredState="Stopped"))

    flows.until_ready("studio")
    assert scene.writes() == []
    flows.delete("studio")
    assert _flow_of_ids(scene, "studio") == set()


def test_what_no_call_changes_is_told(scene: Scene) -> None:
    """Another source is Stalled/UnsupportedChange by default, and the remedy is named."""
    flows = scene.flows
    flows.apply(flow("studio"))
    flows.until_ready("studio")
    scene.forget_calls()

    flows.patch("studio", sources=[listener("other")])

    stalled = flows.until_says("studio", "Stalled", "UnsupportedChange")
    assert "recreatePolicy to Recreate" in stalled["message"]
    assert scene.writes() == []


def test_a_flow_is_replaced_when_that_is_allowed(scene: Scene) -> None:
    """With recreatePolicy Recreate a new flow is made and started before the old one is stopped and deleted."""
    flows = scene.flows
    flows.apply(flow("studio", recreatePolicy="Recreate"))
    old = flows.until_ready("studio")["flowId"]
    scene.forget_calls()

    flows.patch("studio", sources=[listener("other")])

    flows.until("the old flow is gone", lambda: old not in _flow_of_ids(scene, "studio"))
    status = flows.until_ready("studio")
    assert scene.writes() == [CREATE, ADD, START, STOP, "delete_flow"]
    assert {status["flowId"]} == _flow_of_ids(scene, "studio")
    (told,) = [event["message"] for event in scene.events() if event["reason"] == "Replaced"]
    assert old in told


def test_a_channel_follows_a_flow(scene: Scene) -> None:
    """A channel waits for the address of a flow's output, pulls from it, and keeps the flow from being deleted."""
    flows = scene.flows
    followed = {
        "inputProtocol": "SRT_PULL",
        "sources": [{"flowRef": {"name": "studio", "output": "out"}, "bitrate": 1}],
    }
    scene.apply(channel("news", input=followed))
    waiting = scene.until_says("news", "ReferencesResolved", "NotReady")
    assert "StreamConnectFlow studio" in waiting["message"]

    flows.apply(flow("studio"))
    address = flows.until_ready("studio")["outputs"][0]["url"]
    scene.until_ready("news")
    assert scene.cloud.channels()["news"]["channel"]["input"]["sources"][0]["url"] == address

    flows.delete("studio", wait=False)
    held = flows.until_says("studio", "Ready", "InUse")
    assert "ottchannels" in held["message"]
    scene.delete("news")
    flows.until("the flow goes", lambda: flows.get("studio") is None)


def test_addresses_are_published(scene: Scene) -> None:
    """The addresses are in a ConfigMap that the object owns; a ConfigMap of somebody else is not touched."""
    scene.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "taken"}, "data": {"mine": "yes"}})
    flows = scene.flows
    flows.apply(
        flow("studio", publishTo={"configMapName": "studio-addresses"}), flow("b", publishTo={"configMapName": "taken"})
    )

    status = flows.until_ready("studio")
    flows.until_ready("b")

    published = scene("get", "configmap", "studio-addresses", "-o", "jsonpath={.data.source\\.main}")
    assert published == status["sources"][0]["url"]
    assert scene("get", "configmap", "taken", "-o", "jsonpath={.data}") == '{"mine":"yes"}'


def test_a_passphrase_that_srt_cannot_use_is_told(scene: Scene) -> None:
    """A passphrase of nine characters is refused before the cloud sees it, and healed by mending the Secret."""
    flows = scene.flows
    encrypted = listener("main", decryption={"algorithm": "aes128", "passphraseSecretRef": {"name": "srt", "key": "p"}})
    scene.apply(secret("srt", p="tooshort9"))
    flows.apply(flow("studio", sources=[encrypted]))

    missing = flows.until_says("studio", "ReferencesResolved", "NotFound")
    assert "10 to 79 characters" in missing["message"]
    assert "tooshort9" not in missing["message"]
    assert scene.writes() == []

    scene.apply(secret("srt", p="long-enough-passphrase"))
    flows.until_ready("studio")
