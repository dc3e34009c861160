"""The life of a channel: created, changed, stopped, started, deleted, and left alone in between."""

import pytest

from tests.builders import channel, hls
from tests.cluster.scenes import Scene

pytestmark = pytest.mark.cluster

CREATE = "create_ott_channel_info"
STATE = "modify_ott_channel_info_stats"


def test_a_running_channel_is_created_by_one_call(scene: Scene) -> None:
    """Creating a running channel costs one POST, no PUT, and at most one read by key after it."""
    scene.apply(channel("news"))

    status = scene.until_ready("news")

    assert scene.writes() == [CREATE]
    calls = [call["operation"] for call in scene.cloud.calls()]
    reads = [call for call in scene.cloud.calls()[calls.index(CREATE) :] if "id" in call["query"]]
    assert len(reads) <= 1
    assert status["channel"]["state"] == "ON"
    assert status["phase"] == "Running"


def test_a_stopped_channel_is_created_stopped(scene: Scene) -> None:
    """A channel that is wanted stopped is never on air."""
    scene.apply(channel("quiet", desiredState="Stopped"))

    assert scene.until_ready("quiet")["channel"]["state"] == "OFF"
    assert scene.cloud.channels()["quiet"]["starts"] == 0


def test_nothing_is_written_in_steady_state(scene: Scene) -> None:
    """Over ten sweeps nothing is written to the cloud, and the object's resourceVersion stays."""
    scene.apply(channel("news"))
    scene.until_ready("news")
    scene.until("Cloud Eye was read", lambda: scene.status("news").get("monitoring"))
    before = scene.get("news")
    scene.forget_calls()

    scene.until("ten sweeps", lambda: len(scene.cloud.calls("list_ott_channel_info")) >= 10)

    assert scene.writes() == []
    after = scene.get("news")
    assert before is not None
    assert after is not None
    assert after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]


def test_a_change_of_one_section_is_one_put(scene: Scene) -> None:
    """A change of the recording of a running channel is one PUT, and interrupts it once."""
    scene.apply(channel("news"))
    scene.until_ready("news")
    scene.forget_calls()

    scene.patch("news", recordSettings={"rollingbufferDuration": 3600})

    status = scene.until_ready("news")
    assert scene.writes() == ["modify_ott_channel_info_record_settings"]
    assert scene.interruptions("news") == 1
    assert status["statistics"]["restarts"]["count"] == 1


def test_a_change_of_three_sections_interrupts_once(scene: Scene) -> None:
    """A running channel whose name, input and endpoints change in one apply is taken off air once, and is on again."""
    scene.apply(channel("news"))
    scene.until_ready("news")
    scene.forget_calls()

    scene.patch(
        "news",
        name="Late news",
        input={"sources": [{"url": "srt://198.51.100.30:9000", "bitrate": 4000000}]},
        endpoints=[hls("play.example.com/live/news/late.m3u8", 6)],
    )

    status = scene.until_ready("news")
    assert scene.interruptions("news") == 1
    assert [scene.writes()[0], scene.writes()[-1]] == [STATE, STATE]
    assert len(scene.writes()) == 5
    assert status["channel"]["state"] == "ON"
    assert status["statistics"]["restarts"]["count"] == 1


def test_stopping_and_starting_follow_the_spec(scene: Scene) -> None:
    """`desiredState` takes the channel off the air and puts it on again, by one call each."""
    scene.apply(channel("news"))
    scene.until_ready("news")
    scene.forget_calls()

    scene.patch("news", desiredState="Stopped")
    assert scene.until_ready("news")["channel"]["state"] == "OFF"
    scene.patch("news", desiredState="Running")
    assert scene.until_ready("news")["channel"]["state"] == "ON"

    assert scene.writes() == [STATE, STATE]


def test_a_deleted_channel_is_stopped_first(scene: Scene) -> None:
    """Deleting the object stops and deletes the channel; then the object goes."""
    scene.apply(channel("news"))
    scene.until_ready("news")
    scene.forget_calls()

    scene.delete("news")

    assert scene.writes() == [STATE, "delete_ott_channel_info"]
    assert scene.channel("news") is None
    assert scene.get("news") is None


def test_a_retained_channel_stays_on_air(scene: Scene) -> None:
    """With deletionPolicy Retain the object goes and the channel is not touched."""
    scene.apply(channel("news", deletionPolicy="Retain"))
    scene.until_ready("news")
    scene.forget_calls()

    scene.delete("news")

    assert scene.writes() == []
    assert scene.cloud.channels()["news"]["channel"]["state"] == "ON"


def test_a_deletion_waits_while_the_channel_is_on_air(scene: Scene) -> None:
    """With DeleteWhenStopped the deletion is held, says why, and goes on when the channel is stopped."""
    scene.apply(channel("news", deletionPolicy="DeleteWhenStopped"))
    scene.until_ready("news")
    scene.delete("news", wait=False)

    held = scene.until_says("news", "Ready", "Deleting")
    assert "desiredState to Stopped" in held["message"]
    assert scene.interruptions("news") == 0

    scene.patch("news", desiredState="Stopped")
    scene.until("the object goes", lambda: scene.get("news") is None)
    assert scene.channel("news") is None


def test_a_paused_channel_gets_no_call(scene: Scene) -> None:
    """While the annotation is there a change waits; it is made once the annotation is gone."""
    scene.apply(channel("news"))
    scene.until_ready("news")
    scene.annotate("news", "paused=true")
    scene.until_says("news", "Synced", "Paused")
    scene.forget_calls()

    scene.patch("news", recordSettings={"rollingbufferDuration": 60})
    scene.until("the change is seen", lambda: scene.status("news")["observedGeneration"] == 2)
    assert scene.writes() == []

    scene.annotate("news", "paused-")
    scene.until_ready("news")
    assert scene.writes() == ["modify_ott_channel_info_record_settings"]


def test_a_requested_look_is_answered(scene: Scene) -> None:
    """reconcile-requested-at makes the operator read the channel now, and is answered in the status."""
    scene.apply(channel("news"))
    scene.until_ready("news")

    scene.annotate("news", "reconcile-requested-at=now-1")

    scene.until("the request is answered", lambda: scene.status("news").get("lastHandledReconcileAt") == "now-1")


def test_an_object_can_be_given_up(scene: Scene) -> None:
    """force-detach lets a deleted object go at once and leaves the channel; an event says so."""
    scene.apply(channel("news"))
    scene.until_ready("news")
    scene.forget_calls()
    scene.annotate("news", "force-detach=moved to another cluster")

    scene.delete("news")

    assert scene.writes() == []
    assert scene.channel("news") is not None
    detached = [event for event in scene.events() if event["reason"] == "Detached"]
    assert "moved to another cluster" in detached[0]["message"]


def test_a_channel_deleted_in_the_cloud_is_made_again(scene: Scene) -> None:
    """When somebody deletes the channel in the cloud it is created again, after the lists are certain of it."""
    scene.apply(channel("news"))
    scene.until_ready("news")
    scene.forget_calls()

    scene.cloud.admin("DELETE", "/state/channels/srt.example.com/live/news")

    scene.until("the channel is back", lambda: scene.channel("news") is not None)
    assert scene.until_ready("news")["channel"]["state"] == "ON"
    assert scene.writes() == [CREATE]
