"""What a flow's status records: the intent, the flow that came of it, its journal, and what people see of it."""

import json
from typing import Any

import pytest

from medialive_operator.cloud.flow_readings import Reading
from medialive_operator.cluster.objects import Key
from medialive_operator.controller.digests import Digest
from medialive_operator.controller.flows.publishing import addresses
from medialive_operator.controller.flows.status import FlowStatus
from medialive_operator.controller.flows.subjects import FlowSubject
from medialive_operator.controller.queueing import Turn
from medialive_operator.planning.flow_values import DesiredFlow, ObservedFlow

NOW = 1_800_000_000.0
SOURCE = {"name": "main", "protocol": "srt-listener"}
OUTPUT = {"name": "out", "protocol": "srt-caller", "destination": "203.0.113.7", "port": 9000}
DESIRED = DesiredFlow("studio", "r", running=True, sources={"main": SOURCE}, outputs={"out": OUTPUT})


def status(**content: Any) -> FlowStatus:
    return FlowStatus({"metadata": {"generation": 1}, "status": content})


def test_the_intent_is_what_the_post_says() -> None:
    """Name, region, sources and the flows that were there before, each once; outputs come with calls of their own."""
    made = status()

    made.intend(DESIRED, ["f2", "f1", "f2"], NOW)

    intent = made.created or {}
    assert (intent["name"], intent["flowRegion"], intent["preexisting"]) == ("studio", "r", ["f1", "f2"])
    assert {unit: json.loads(block) for unit, block in intent["sections"].items()} == {"source/main": SOURCE}
    assert made.owned
    assert made.flow_id is None


def test_the_flow_that_was_found_has_what_the_intent_says() -> None:
    """Its sources are journaled as they were asked for, its outputs and its state are not."""
    made = status()
    made.intend(DESIRED, [], NOW)

    made.found("f1")

    assert made.flow_id == "f1"
    assert made.journal().applied == {"source/main": SOURCE}


def test_an_adopted_flow_is_no_creation() -> None:
    """A flow that was taken over counts as written but for its state, and an intent to create one is forgotten."""
    made = status()
    made.intend(DESIRED, ["f1"], NOW)

    made.adopt("f1", DESIRED)

    assert made.created is None
    assert made.owned
    assert set(made.journal().applied) == {"source/main", "output/out"}


def test_a_replaced_flow_is_remembered_until_it_is_gone() -> None:
    """It is in the list of those to go, each once, and what was refused or hashed for it says nothing any more."""
    made = status(flowId="new", secretHashes=[{"path": "source/main", "hash": "h"}])
    made.remember_attempt("output/out", "mark", accepted=False)

    made.retire("old")
    made.retire("old")
    assert made.retiring == ["old"]
    assert made.digests() == {}
    assert not made.was_refused("output/out")

    made.retired("old")
    assert made.retiring == []
    assert "retiring" not in made.content


def test_nothing_is_left_of_a_lost_flow() -> None:
    """Nothing that was known of it is true of the next one."""
    made = status()
    made.intend(DESIRED, [], NOW)
    made.found("f1")

    made.lose()

    assert (made.flow_id, made.created, made.owned, made.journal().applied) == (None, None, False, {})


def test_units_are_written_down_and_forgotten() -> None:
    """A block comes with the digest of its secrets; a unit that is gone leaves nothing."""
    made = status()
    made.write_down({"output/out": OUTPUT, "state": {"status": "ACTIVE"}}, {"output/out": Digest("hash", "1")})
    assert made.journal().digests == {"output/out": "hash"}
    made.remember_attempt("output/out", "mark", accepted=True)

    made.write_down({"output/out": None}, {})

    assert made.journal().applied == {"state": {"status": "ACTIVE"}}
    assert made.journal().digests == {}
    assert made.journal().attempts == {}


def shown(**outputs: dict[str, Any]) -> FlowStatus:
    """The status after a reading with these outputs."""
    source = {**SOURCE, "source_listener_address": "2001:db8::1", "source_listener_port": 5000}
    blocks = {name: {"name": name, "protocol": "srt-caller", **block} for name, block in outputs.items()}
    made = status()
    observed = ObservedFlow("f1", "ACTIVE", "studio", "r")
    made.show(observed, Reading({"main": {**source, "health_status": "CONNECTED"}}, blocks, NOW))
    return made


def test_what_people_see() -> None:
    """Counts, links that are up of those that should be, addresses as URLs with IPv6 in brackets."""
    made = shown(
        a={"destination": "203.0.113.7", "port": 9000, "health_status": "CONNECTED"},
        b={"destination": "203.0.113.8", "port": 9001, "health_status": "DISCONNECTED"},
        off={"destination": "203.0.113.9", "port": 9002, "output_status": "DISABLED", "health_status": "DISCONNECTED"},
    )

    content = made.content
    assert (content["flowStatus"], content["sourceCount"], content["outputCount"]) == ("ACTIVE", 1, 3)
    assert content["connected"] == "2/3"
    assert content["sources"][0]["url"] == "srt://[2001:db8::1]:5000"
    assert [output["url"] for output in content["outputs"]] == [
        "srt://203.0.113.7:9000",
        "srt://203.0.113.8:9001",
        "srt://203.0.113.9:9002",
    ]
    assert made.links() == {"source/main": "CONNECTED", "output/a": "CONNECTED", "output/b": "DISCONNECTED"}


def test_health_that_is_not_known_is_not_told() -> None:
    """Without a reading the links stay as they were, and whether they are up is not claimed."""
    made = shown(a={"destination": "203.0.113.7", "port": 9000, "health_status": "CONNECTED"})

    made.show(ObservedFlow("f1", "STANDBY", "studio", "r"), None)

    assert made.content["flowStatus"] == "STANDBY"
    assert "connected" not in made.content
    assert made.links() == {"source/main": "", "output/a": ""}
    assert made.content["outputs"][0]["url"] == "srt://203.0.113.7:9000"


def test_links_without_health_are_not_counted() -> None:
    """Just after a start the links are known, and nothing is said of how many are connected."""
    made = status()
    block = {"name": "a", "protocol": "srt-caller", "destination": "203.0.113.7", "port": 9000}

    made.show(ObservedFlow("f1", "ACTIVE", "studio", "r"), Reading({}, {"a": block}, NOW))

    assert "connected" not in made.content
    assert made.content["outputs"][0]["url"] == "srt://203.0.113.7:9000"


@pytest.mark.parametrize("member", ["passphrase", "encryption", "decryption"])
def test_secrets_are_not_shown(member: str) -> None:
    """What a reading echoes of secrets is nowhere in the status."""
    made = shown(a={"port": 9000, member: {"passphrase": "planted"}, "encryption": {"passphrase": "planted"}})

    assert "planted" not in json.dumps(made.content)


def test_what_is_published() -> None:
    """The flow's id, and the address of each link that has one."""
    content = shown(a={"destination": "203.0.113.7", "port": 9000}, b={}).content
    obj = {
        "metadata": {"name": "studio", "namespace": "n", "uid": "u", "generation": 1},
        "spec": {},
        "status": {**content, "flowId": "f1"},
    }

    subject = FlowSubject(Key("streamconnectflows", "n", "studio"), obj, Turn())

    assert addresses(subject) == {
        "flowId": "f1",
        "source.main": "srt://[2001:db8::1]:5000",
        "output.a": "srt://203.0.113.7:9000",
    }
