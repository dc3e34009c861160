"""A flow's life against services that behave otherwise than the documents suggest: every profile of the simulator.

The clocks of operator and cloud run fast, since some services take their time to start and stop a flow.
"""

import pytest

from tests.builders import caller, flow, listener
from tests.cluster.flow_tenants import ADD, CHANGE, CREATE, DELETE, SOURCE, START, STOP
from tests.cluster.scenes import Scene

pytestmark = pytest.mark.cluster

SCALE = 20
FAST = ("--time-scale", str(SCALE), "--sweep-interval", str(SCALE))
# A service that refuses to change a started flow says so once; from then on the flow is stopped around changes.
REFUSES = {"strict"}


@pytest.fixture
def simulator_arguments(request: pytest.FixtureRequest) -> list[str]:
    """The profile that the test is for."""
    return ["--profile", request.param, "--set", "clock_skew=none"]


@pytest.fixture
def flows(empty_scene: Scene) -> Scene:
    """Credentials and an operator, both clocks running fast; the scene speaks of flows."""
    empty_scene.cloud.admin("POST", "/clock", {"scale": SCALE})
    empty_scene.sign_in()
    empty_scene.start(*FAST)
    return empty_scene.flows


def profiles(*names: str) -> pytest.MarkDecorator:
    """Play the test against these."""
    return pytest.mark.parametrize("simulator_arguments", names, indirect=True, ids=names)


@profiles("strict", "lenient", "masked", "nulls", "gateway", "slow")
def test_a_life(flows: Scene, request: pytest.FixtureRequest) -> None:
    """Created, an output changed, deleted: the fewest calls that the service allows, and nothing is left."""
    encrypted = {"algorithm": "aes128", "passphraseSecretRef": {"name": "srt", "key": "phrase"}}
    flows("create", "secret", "generic", "srt", "--from-literal=phrase=a-long-passphrase")
    flows.apply(flow(outputs=[caller("one", 9001, encryption=encrypted), listener("two")]))
    flows.until_ready("studio")
    assert flows.writes() == [CREATE, ADD, START]

    flows.forget_calls()
    flows.patch("studio", outputs=[caller("one", 9002, encryption=encrypted), listener("two")])
    flows.until_ready("studio")
    refuses = request.node.callspec.id in REFUSES
    assert flows.writes() == ([CHANGE, STOP, CHANGE, START] if refuses else [CHANGE])
    changed = flows.flow("studio")
    assert changed is not None
    assert changed["outputs"][0]["port"] == 9002
    assert changed["outputs"][0]["encryption"]["passphrase"] == "a-long-passphrase"

    flows.forget_calls()
    flows.delete("studio")
    assert flows.flow("studio") is None
    assert flows.writes() == [STOP, DELETE]


@profiles("strict")
def test_later_changes_are_not_tried_in_vain(flows: Scene) -> None:
    """Once it is known that a started flow cannot be changed, a change of two outputs is one stop and one start."""
    flows.apply(flow(outputs=[caller("one", 9001), caller("two", 9002)]))
    flows.until_ready("studio")
    flows.patch("studio", outputs=[caller("one", 9003), caller("two", 9002)])
    flows.until_ready("studio")
    flows.forget_calls()

    flows.patch("studio", outputs=[caller("one", 9004), caller("two", 9005)])

    flows.until_ready("studio")
    assert flows.writes() == [STOP, CHANGE, CHANGE, START]


@profiles("strict")
def test_killed_while_stopped_for_a_change(flows: Scene) -> None:
    """Killed when the flow is off air for a change: the next operator makes the change and starts the flow again."""
    flows.apply(flow(outputs=[caller("one", 9001)]))
    flows.until_ready("studio")
    flows.patch("studio", outputs=[caller("one", 9002)])
    flows.until_ready("studio")
    flows.forget_calls()
    flows.cloud.fault(operation=CHANGE, delay=6000, drop="before", times=None)
    flows.patch("studio", outputs=[caller("one", 9003)])
    flows.until("the flow is stopped for it", lambda: flows.writes() == [STOP, CHANGE])
    flows.operator.stop()
    flows.cloud.admin("DELETE", "/faults")

    flows.start(*FAST)

    flows.until_ready("studio")
    assert flows.writes() == [STOP, CHANGE, CHANGE, START]
    changed = flows.flow("studio")
    assert changed is not None
    assert (changed["outputs"][0]["port"], changed["interruptions"]) == (9003, 2)


@profiles("masked", "nulls")
@pytest.mark.parametrize("lost", [CREATE, ADD])
def test_a_lost_answer_where_passphrases_cannot_be_read(flows: Scene, lost: str) -> None:
    """After an interrupted creation all passphrases are there when the flow starts, and nothing is made twice."""
    encrypted = {"algorithm": "aes128", "passphraseSecretRef": {"name": "srt", "key": "phrase"}}
    flows.cloud.fault(operation=lost, drop="after")
    flows("create", "secret", "generic", "srt", "--from-literal=phrase=a-long-passphrase")

    flows.apply(flow(sources=[listener("main", decryption=encrypted)], outputs=[listener("out", encryption=encrypted)]))

    flows.until_ready("studio")
    made = flows.flow("studio")
    assert made is not None
    assert made["flow"]["sources"][0]["decryption"]["passphrase"] == "a-long-passphrase"
    assert made["outputs"][0]["encryption"]["passphrase"] == "a-long-passphrase"
    assert made["interruptions"] == 0
    assert sorted(set(flows.writes()) - {SOURCE, CHANGE}) == sorted([ADD, CREATE, START])
    assert [flows.writes().count(call) for call in (ADD, CREATE, START)] == [1, 1, 1]
    assert max(flows.writes().count(call) for call in (SOURCE, CHANGE)) <= 1


@profiles("strict", "slow")
def test_a_replacement(flows: Scene, request: pytest.FixtureRequest) -> None:
    """Where names are unique the old flow goes first, else last; where stopping takes its time nothing is left."""
    flows.apply(flow(recreatePolicy="Recreate"))
    old = flows.until_ready("studio")["flowId"]
    flows.forget_calls()

    flows.patch("studio", sources=[listener("other")])

    flows.until("the new flow is there", lambda: flows.status("studio").get("flowId", old) != old)
    flows.until_ready("studio")
    ids = [each["flow_id"] for each in flows.cloud.admin("GET", "/state")["flows"]]
    assert ids == [flows.status("studio")["flowId"]]
    new, down = [CREATE, ADD, START], [STOP, DELETE]
    unique = request.node.callspec.id == "strict"
    assert flows.writes() == ([CREATE, *down, *new] if unique else [*new, *down])


@profiles("slow")
def test_stopped_and_started_again(flows: Scene) -> None:
    """A flow that takes its time to stop and to start is asked once for each, and ends as wanted."""
    flows.apply(flow())
    flows.until_ready("studio")
    flows.forget_calls()

    flows.patch("studio", desiredState="Stopped")
    flows.until_says("studio", "Ready", "Stopped")
    flows.patch("studio", desiredState="Running")
    flows.until_ready("studio")

    assert flows.writes() == [STOP, START]


@profiles("default")
def test_a_status_that_nobody_has_documented(flows: Scene) -> None:
    """It is shown as it is, Ready is unknown, and nothing is written; when it is a known one again, all is well."""
    flows.apply(flow())
    place = f"/state/flows/{flows.until_ready('studio')['flowId']}"
    flows.forget_calls()

    flows.cloud.admin("PATCH", place, {"status": "Weird"})

    ready = flows.until_says("studio", "Ready", "UnknownState")
    assert ready["status"] == "Unknown"
    assert "WEIRD" in ready["message"].upper()
    assert flows.status("studio")["flowStatus"] == "Weird"
    assert flows("get", "scf", "studio", "-o", "jsonpath={.status.flowStatus}") == "Weird"
    flows.cloud.admin("PATCH", place, {"status": "ACTIVE"})
    flows.until_ready("studio")
    assert flows.writes() == []
