"""Whose channel it is: foreign ones, adopted ones, two objects for one channel, one URL in two channels."""

import pytest

from tests.builders import channel, hls
from tests.cluster.scenes import Scene

pytestmark = pytest.mark.cluster

FOREIGN = {
    "domain": "srt.example.com",
    "app_name": "live",
    "id": "news",
    "name": "Somebody's",
    "state": "ON",
    "input": {"input_protocol": "SRT_PULL", "sources": [{"url": "srt://198.51.100.20:9000", "bitrate": 6000000}]},
    "record_settings": {"rollingbuffer_duration": 0},
    "endpoints": [{"hls_package": [{"url": "play.example.com/live/news/index.m3u8", "segment_duration_seconds": 4}]}],
}
PLACE = "/state/channels/srt.example.com/live/news"


def test_a_foreign_channel_is_left_alone(scene: Scene) -> None:
    """A channel that exists and was not made by the object is neither changed nor deleted with it."""
    scene.cloud.admin("PUT", PLACE, FOREIGN)
    scene.apply(channel("news"))

    stalled = scene.until_says("news", "Stalled", "Conflict")
    assert "adoptionPolicy to IfExists" in stalled["message"]
    scene.delete("news")

    assert scene.writes() == []
    assert scene.channel("news") is not None


def test_an_adopted_channel_is_not_interrupted(scene: Scene) -> None:
    """With adoptionPolicy IfExists a foreign channel is managed as it is: its differences are drift, told and left."""
    scene.cloud.admin("PUT", PLACE, FOREIGN)
    scene.apply(channel("news", adoptionPolicy="IfExists", recordSettings={"rollingbufferDuration": 60}))

    scene.until_says("news", "Synced", "DriftDetected")

    assert scene.writes() == []
    assert scene.status("news")["adopted"] is True
    assert scene.interruptions("news") == 0


def test_a_conflict_heals_when_adoption_is_allowed(scene: Scene) -> None:
    """Allowing the adoption ends the conflict without a new object."""
    scene.cloud.admin("PUT", PLACE, FOREIGN)
    scene.apply(channel("news", name="Somebody's"))
    scene.until_says("news", "Stalled", "Conflict")

    scene.patch("news", adoptionPolicy="IfExists")

    assert "Stalled" not in {each["type"] for each in scene.until_ready("news")["conditions"]}


def test_an_observed_channel_is_never_written(scene: Scene) -> None:
    """With managementPolicy Observe differences are told, nothing is written, and no finalizer holds the object."""
    scene.cloud.admin("PUT", PLACE, FOREIGN)
    scene.apply(channel("news", managementPolicy="Observe", recordSettings={"rollingbufferDuration": 60}))

    scene.until_says("news", "Synced", "ObserveOnly")

    found = scene.get("news")
    assert found is not None
    assert scene.status("news")["channel"]["state"] == "ON"
    assert "finalizers" not in found["metadata"]
    scene.delete("news")
    assert scene.writes() == []


def test_the_older_of_two_objects_owns_the_channel(scene: Scene) -> None:
    """A second object for one channel is in conflict; its deletion touches nothing."""
    scene.apply(channel("news"))
    scene.until_ready("news")
    scene.forget_calls()

    scene.apply(channel("twin", channelId="news"))
    stalled = scene.until_says("twin", "Stalled", "Conflict")
    scene.delete("twin")

    assert f"ottchannels/{scene.namespace}/news" in stalled["message"]
    assert scene.writes() == []
    assert scene.channel("news") is not None


def test_the_younger_takes_over_when_the_older_goes(scene: Scene) -> None:
    """When the owner is deleted, the waiting object makes the channel its own way."""
    scene.apply(channel("news"))
    scene.until_ready("news")
    scene.apply(channel("twin", channelId="news", name="Twin"))
    scene.until_says("twin", "Stalled", "Conflict")

    scene.delete("news")

    scene.until_ready("twin")
    assert scene.cloud.channels()["news"]["channel"]["name"] == "Twin"


def test_a_used_playback_url_is_told_before_the_cloud_refuses_it(scene: Scene) -> None:
    """A URL that another object has already stops the creation without a call, and heals when it is freed."""
    shared = [hls("play.example.com/live/shared/index.m3u8")]
    scene.apply(channel("first", endpoints=shared))
    scene.until_ready("first")
    scene.forget_calls()
    scene.apply(channel("second", endpoints=shared))

    stalled = scene.until_says("second", "Stalled", "Conflict")
    assert "play.example.com/live/shared/index.m3u8" in stalled["message"]
    assert scene.writes() == []

    scene.patch("first", endpoints=[hls("play.example.com/live/first/index.m3u8")])
    scene.until_ready("second")


def test_what_was_refused_may_be_made_in_another_project(scene: Scene) -> None:
    """A creation that the service refused ties the object to no account: it is made where the new credentials lead."""
    scene.cloud.fault(operation="create_ott_channel_info", status=400, code="LIVE.100011001", message="no", times=1)
    scene.apply(channel("news"))
    scene.until_says("news", "Stalled", "InvalidSpec")
    first = scene.cloud.account

    scene.cloud.account = scene.cloud.accounts[scene.cloud.accounts.index(first) + 1]
    scene.sign_in()

    scene.until_ready("news")
    assert scene.status("news")["endpointRef"]["projectId"] == scene.cloud.account.project_id != first.project_id
