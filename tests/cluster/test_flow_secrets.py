"""A passphrase that a flow's source, its output and a channel share: rotated, it reaches each, and shows nowhere.

The operator runs at its most talkative.
"""

import base64
import json

import pytest

from tests.builders import channel, flow, listener, secret
from tests.cluster.flow_tenants import CHANGE, SOURCE
from tests.cluster.scenes import Scene

pytestmark = pytest.mark.cluster

INPUT = "modify_ott_channel_info_input"
FIRST, SECOND, THIRD = "Planted-passphrase-1", "Planted-passphrase-2", "Planted-passphrase-3"
REFERENCE = {"name": "srt", "key": "phrase"}
ENCRYPTED = {"algorithm": "aes256", "passphraseSecretRef": REFERENCE}


@pytest.fixture
def talkative(empty_scene: Scene) -> Scene:
    """A flow and a channel with one passphrase, ready, and an operator that logs all it can."""
    scene = empty_scene
    scene.sign_in()
    scene.start("--log-level", "debug")
    pulled = {"url": "srt://198.51.100.20:9000", "bitrate": 6000000, "pbkeylen": 16, "passphraseSecretRef": REFERENCE}
    scene.apply(
        secret("srt", phrase=FIRST),
        flow(sources=[listener("main", decryption=ENCRYPTED)], outputs=[listener("out", encryption=ENCRYPTED)]),
        channel("news", input={"inputProtocol": "SRT_PULL", "sources": [pulled]}),
    )
    scene.until_ready("news")
    scene.flows.until_ready("studio")
    scene.forget_calls()
    return scene


def in_the_cloud(scene: Scene) -> dict[str, str]:
    """The passphrase of each of the three, as the cloud has it."""
    found, shown = scene.flow("studio"), scene.channel("news")
    assert found is not None
    assert shown is not None
    return {
        "source": found["flow"]["sources"][0]["decryption"]["passphrase"],
        "output": found["outputs"][0]["encryption"]["passphrase"],
        "channel": shown["input"]["sources"][0]["passphrase"],
    }


def until_everywhere(scene: Scene, passphrase: str) -> None:
    """Wait until all three have it, and their objects are ready."""
    wanted = dict.fromkeys(("source", "output", "channel"), passphrase)
    scene.until("it is everywhere", lambda: in_the_cloud(scene) == wanted)
    scene.until_ready("news")
    scene.flows.until_ready("studio")


def leaks(scene: Scene, *values: str) -> list[str]:
    """Where a value shows, in clear or in base64: log, events, objects, their descriptions, metrics."""
    shown = {
        "log": scene.operator.log(),
        "events": json.dumps(scene.events()),
        "objects": scene("get", "och,scf", "-o", "json", "--show-managed-fields"),
        "descriptions": scene("describe", "och,scf"),
        "metrics": scene.operator.get("/metrics").text,
    }
    forms = {form: value for value in values for form in (value, base64.b64encode(value.encode()).decode())}
    return [f"{value} in {place}" for place, text in shown.items() for form, value in forms.items() if form in text]


def test_the_search_finds_what_is_there(talkative: Scene) -> None:
    """Control: a name that is in objects, log and events is found there."""
    found = leaks(talkative, "studio")

    assert {"studio in objects", "studio in log", "studio in events", "studio in descriptions"} <= set(found)


def test_a_rotation_reaches_all(talkative: Scene) -> None:
    """A new passphrase is one call each: the source, the output, the channel's input; it is seen nowhere."""
    scene = talkative
    assert set(in_the_cloud(scene).values()) == {FIRST}

    scene.apply(secret("srt", phrase=SECOND))

    until_everywhere(scene, SECOND)
    assert sorted(scene.writes()) == sorted([SOURCE, CHANGE, INPUT])
    assert leaks(scene, FIRST, SECOND) == []


def test_a_rotation_while_no_operator_runs(talkative: Scene) -> None:
    """The next operator notices that the Secret has another value, and writes it once to each."""
    scene = talkative
    scene.operator.stop()
    scene.apply(secret("srt", phrase=SECOND))

    scene.start("--log-level", "debug")

    until_everywhere(scene, SECOND)
    assert sorted(scene.writes()) == sorted([SOURCE, CHANGE, INPUT])
    assert leaks(scene, FIRST, SECOND) == []


def test_a_refused_rotation_tells_no_value(talkative: Scene) -> None:
    """A cloud that repeats the passphrase in its refusals: the refusal is told, the passphrase is not."""
    scene = talkative
    for operation in (SOURCE, CHANGE):
        message = f"passphrase {SECOND} is refused"
        scene.cloud.fault(operation=operation, status=400, code="LIVE.103011001", message=message, times=None)

    scene.apply(secret("srt", phrase=SECOND))

    refused = scene.flows.until_says("studio", "Stalled", "InvalidSpec")
    assert "is refused" in refused["message"]
    assert leaks(scene, FIRST, SECOND) == []
    scene.cloud.admin("DELETE", "/faults")
    scene.apply(secret("srt", phrase=THIRD))
    until_everywhere(scene, THIRD)
    assert leaks(scene, FIRST, SECOND, THIRD) == []


def test_a_touched_secret_writes_nothing(talkative: Scene) -> None:
    """A new version of the Secret with the same value is no reason to write."""
    scene = talkative

    scene("annotate", "secret", "srt", "touched=yes")

    lists = len(scene.cloud.calls("list_flows"))
    scene.until("three sweeps", lambda: len(scene.cloud.calls("list_flows")) >= lists + 3)
    assert scene.writes() == []
