"""What a scrape of the operator says while objects come and go."""

import pytest

from tests.builders import channel, flow
from tests.cluster.scenes import Scene

pytestmark = pytest.mark.cluster

COUNTED = {"scte35": {"enabled": True, "interval": "1m"}}


def _series(scene: Scene, part: str) -> dict[str, float]:
    """Samples whose name and labels contain this."""
    lines = [line for line in scene.operator.get("/metrics").text.splitlines() if not line.startswith("#")]
    samples = (line.rpartition(" ") for line in lines)
    return {name: float(value) for name, _, value in samples if part in name}


def test_objects_are_measured_and_what_is_gone_is_not(scene: Scene) -> None:
    """Objects, lists, links and signals have their series; those of deleted objects go away."""
    scene.apply(channel("news", statistics=COUNTED))
    scene.flows.apply(flow("studio"))
    scene.until("counting has begun", lambda: scene.status("news").get("statistics", {}).get("scte35"))
    now = int(scene.cloud.admin("GET", "/clock")["time"])
    signals = [{"event_id": 1, "start_date": now}, {"event_id": 2, "start_date": now}]
    scene.cloud.admin("POST", "/state/channels/srt.example.com/live/news/scte35", signals)
    scene.restart()

    scene.until("the signals are counted", lambda: list(_series(scene, "scte35_signals_total").values()) == [2.0])
    scene.until("the links are known", lambda: sum(_series(scene, "flow_link_connected").values()) == 2)
    assert list(_series(scene, "medialive_objects_running").values()) == [1.0, 1.0]
    assert _series(scene, 'condition="Ready",kind="ottchannels",status="True"') != {}
    assert {name.partition("inventory=")[2] for name in _series(scene, "medialive_inventory_age_seconds")} == {
        '"channels"}',
        '"flows"}',
    }

    scene.delete("news")
    scene.flows.delete("studio")
    scene.until("their series are gone", lambda: not _series(scene, f'namespace="{scene.namespace}"'))
    assert list(_series(scene, "medialive_objects_running").values()) == [0.0, 0.0]


def test_a_drift_has_an_age_until_it_is_gone(scene: Scene) -> None:
    """One object with drift, as long as the cloud differs and the operator leaves it so."""
    scene.apply(channel("news"))
    scene.until_ready("news")
    scene.cloud.edit("srt.example.com", "live", "news", {"record_settings": {"rollingbuffer_duration": 60}})
    scene.until_says("news", "Synced", "DriftDetected")

    kind = 'kind="ottchannels"'
    assert _series(scene, f"medialive_objects_drifted{{{kind}") == {f"medialive_objects_drifted{{{kind}}}": 1.0}
    scene.until("it gets older", lambda: max(_series(scene, "medialive_drift_seconds").values()) > 0)
    scene.cloud.edit("srt.example.com", "live", "news", {"record_settings": {"rollingbuffer_duration": 0}})
    scene.until_ready("news")
    assert max(_series(scene, "medialive_drift_seconds").values()) == 0
