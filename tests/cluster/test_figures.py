"""Figures of a channel: SCTE-35 signals counted exactly, Cloud Eye's names shown, and neither ever in the way."""

from typing import Any

import pytest

from tests.builders import channel
from tests.cluster.scenes import Scene

pytestmark = pytest.mark.cluster

PLACE = "/state/channels/srt.example.com/live/news"
COUNTED = {"scte35": {"enabled": True, "interval": "1m"}}


def _counted(scene: Scene) -> dict[str, Any]:
    figures: dict[str, Any] = (scene.status("news").get("statistics") or {}).get("scte35") or {}
    return figures


def test_signals_are_counted_exactly_over_pages_and_restarts(empty_scene: Scene) -> None:
    """250 signals in pages of 100 are counted as 250, also after a restart that reads them again."""
    scene = empty_scene
    scene.sign_in()
    # Quick sweeps would use up the minute's calls, and statistics come last.
    scene.start("--sweep-interval", "20")
    scene.apply(channel("news", statistics=COUNTED))
    scene.until("counting has begun", lambda: _counted(scene).get("total") == 0)
    now = int(scene.cloud.admin("GET", "/clock")["time"])
    signals = [{"event_id": number, "start_date": now} for number in range(1, 251)]
    scene.cloud.admin("POST", f"{PLACE}/scte35", signals)

    scene.restart("--sweep-interval", "20")
    scene.until("all are counted", lambda: _counted(scene).get("total") == 250)
    scene.forget_calls()
    scene.restart("--sweep-interval", "20")
    scene.until("they are read again", lambda: len(scene.cloud.calls("show_channel_statistic")) >= 3, 60)

    offsets = [int(call["query"]["offset"]) for call in scene.cloud.calls("show_channel_statistic")]
    assert offsets == [0, 100, 200]
    figures = _counted(scene)
    assert figures["total"] == 250
    assert figures["byType"] == {"splice_insert": 250}
    assert len(figures["lastEvents"]) == 10


def test_cloud_eye_names_are_shown(scene: Scene) -> None:
    """The status names the namespace, dimension, instance and pipelines that a query of metrics needs."""
    scene.apply(channel("news"))

    found = scene.until("Cloud Eye is shown", lambda: scene.status("news").get("monitoring"))

    assert (found["namespace"], found["dimension"], found["instance"]) == ("SYS.LIVE", "medialive_mpc", "news")
    assert [pipeline["id"] for pipeline in found["pipelines"]] == ["0", "1"]
    assert "medialive_tailor" in found["dimensions"]


def test_a_failing_cloud_eye_disturbs_nothing(empty_scene: Scene) -> None:
    """When Cloud Eye refuses every call the channel is Ready all the same, and said to be not monitored."""
    scene = empty_scene
    for operation in ("list_ces_dims_info", "list_ces_instance"):
        scene.cloud.fault(operation=operation, status=403, code="APIGW.0302", times=None)
    scene.sign_in()
    scene.start()
    scene.apply(channel("news"))

    scene.until_ready("news")

    assert scene.condition("news", "SignalHealthy")["reason"] == "NotMonitored"
    assert "monitoring" not in scene.status("news")
