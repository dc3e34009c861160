"""All 23 operations of the service are at work: one story of a flow and a channel calls each of them.

And the quiet after it: what an operator with nothing to do calls.
"""

from typing import Any

import pytest

from medialive_operator.contract.operations import Operation
from tests.builders import caller, channel, flow, hls, listener
from tests.cluster.flow_tenants import DETAIL, LIST, OUTPUT
from tests.cluster.scenes import Scene

pytestmark = pytest.mark.cluster

COUNTED: dict[str, Any] = {"scte35": {"enabled": True, "interval": "1m"}}
TEMPLATE: dict[str, Any] = {
    "templateId": "news-hd",
    "audios": [{"name": "aac", "selector": "main", "sampleRate": 48000}],
}


def test_every_operation_is_called(scene: Scene) -> None:
    """A channel and a flow are made, changed in every way, stopped and deleted: no operation is missing."""
    flows = scene.flows
    scene.apply(
        flow(outputs=[caller("one"), listener("two")]),
        channel("news", statistics=COUNTED),
    )
    flows.until_ready("studio")
    scene.until_ready("news")
    scene.until("Cloud Eye is shown", lambda: scene.status("news").get("monitoring"))
    scene.until("signals are counted", lambda: scene.status("news").get("statistics", {}).get("scte35"))
    scene.until("the flow was read", lambda: scene.cloud.calls(OUTPUT))

    scene.patch(
        "news",
        name="Late news",
        input={"inputProtocol": "SRT_PULL", "sources": [{"url": "srt://198.51.100.30:9000", "bitrate": 1}]},
        recordSettings={"rollingbufferDuration": 3600},
        endpoints=[hls("play.example.com/live/news/index.m3u8", seconds=6)],
        encoderSettings=[TEMPLATE],
    )
    flows.patch(
        "studio",
        sources=[listener("main", description="Camera 1")],
        outputs=[caller("one", 9001), listener("three")],
    )
    scene.until_ready("news")
    flows.until_ready("studio")
    scene.delete("news")
    flows.delete("studio")

    assert {call["operation"] for call in scene.cloud.calls()} >= set(Operation)
    assert scene.cloud.admin("GET", "/state") == {"channels": [], "flows": []}


def test_a_quiet_account(scene: Scene) -> None:
    """Five flows with two outputs each in steady state: lists and the rotation's readings, and nothing else."""
    flows, names = scene.flows, [f"studio-{number}" for number in range(5)]
    flows.apply(*(flow(name, outputs=[listener("one"), listener("two")]) for name in names))
    for name in names:
        flows.until_ready(name)
    flows.until("all links are up", lambda: {flows.status(name).get("connected") for name in names} == {"3/3"})
    before = flows.objects()
    scene.forget_calls()

    scene.until("five sweeps", lambda: len(scene.cloud.calls(LIST)) >= 5)
    scene.until("a flow was read in its turn", lambda: scene.cloud.calls(OUTPUT))

    calls = [call["operation"] for call in scene.cloud.calls()]
    assert set(calls) == {LIST, DETAIL, OUTPUT}
    assert calls.count(DETAIL) + calls.count(OUTPUT) <= 20, "a quarter of 80 calls a minute"
    assert flows.objects() == before
