"""Flows and their outputs, and every switch of theirs, both ways."""

from typing import Any

import pytest

from medialive_operator.contract.operations import Operation
from tests.simulator.callers import Caller, flow, refusal, simulated

pytestmark = pytest.mark.anyio

CREATE = Operation.CREATE_FLOWS
DETAIL = Operation.SHOW_FLOW_DETAIL
START = Operation.MODIFY_FLOW_START
STOP = Operation.MODIFY_FLOW_STOP
PUT_SOURCE = Operation.MODIFY_FLOW_SOURCES
ADD = Operation.CREATE_FLOW_OUTPUT
SHOW = Operation.SHOW_OUTPUT_INFO
CHANGE = Operation.MODIFY_FLOW_OUTPUT
LISTENER = {"name": "to-ott", "protocol": "srt-listener"}
SECRET = {"key_type": "srt-password", "passphrase": "planted-passphrase"}


async def test_flow_answers_differ_in_envelope(caller: Caller) -> None:
    """Creation answers in an envelope, detail without; ids and listener addresses are the service's."""
    created = (await caller.ok(CREATE, body=flow()))["flow"]
    detail = await caller.ok(DETAIL, flow_id=created["flow_id"])

    assert created == detail
    assert (created["status"], created["outputs"]) == ("STANDBY", [])
    assert created["sources"][0]["source_listener_address"].startswith("203.0.113.")


async def test_creation_is_not_idempotent(caller: Caller) -> None:
    """The same request twice makes two flows."""
    first, second = [(await caller.ok(CREATE, body=flow()))["flow"]["flow_id"] for _ in range(2)]

    assert first != second
    assert (await caller.ok(Operation.LIST_FLOWS))["total"] == 2


async def test_health_follows_the_status(caller: Caller) -> None:
    """A started flow's links are connected, a stopped one's are not, and the admin port has the last word."""
    flow_id = await _started(caller)
    connected = await _health(caller, flow_id)
    await caller.admin("PATCH", f"/state/flows/{flow_id}/sources/studio", {"health_status": "DISCONNECTED"})
    lost = await _health(caller, flow_id)
    await caller.ok(STOP, flow_id=flow_id)

    assert (connected, lost) == ("CONNECTED", "DISCONNECTED")
    assert (await caller.admin("GET", "/state"))["flows"][0]["interruptions"] == 1


async def test_outputs_are_shown_by_name(caller: Caller) -> None:
    """Detail has name and type of an output only; the output itself has its address, defaults and health."""
    flow_id = await _made(caller)
    await caller.ok(ADD, flow_id=flow_id, body=[LISTENER])
    detail = await caller.ok(DETAIL, flow_id=flow_id)
    shown = await caller.ok(SHOW, flow_id=flow_id, output_name="to-ott")

    assert detail["outputs"] == [{"name": "to-ott", "type": "srt"}]
    assert (shown["min_latency"], shown["output_status"], shown["health_status"]) == (2000, "ENABLED", "DISCONNECTED")
    assert shown["listener_address"].startswith("203.0.113.")


async def test_added_outputs_answer_with_all(caller: Caller) -> None:
    """Adding answers with all outputs; a used name and one output too many are refused."""
    flow_id = await _made(caller)
    await caller.ok(ADD, flow_id=flow_id, body=[LISTENER])
    answer = await caller.ok(ADD, flow_id=flow_id, body=[{**LISTENER, "name": f"out-{n}"} for n in range(9)])
    used = await caller.call(ADD, flow_id=flow_id, body=[LISTENER])
    full = await caller.call(ADD, flow_id=flow_id, body=[{**LISTENER, "name": "eleventh"}])

    assert len(answer["outputs"]) == 10
    assert (refusal(used), refusal(full)) == ((400, "LIVE.103011018"), (400, "LIVE.103011020"))


@pytest.mark.parametrize(
    "body",
    [
        flow(protocol="srt-caller"),
        flow(protocol="srt-caller", source_listener_address="198.51.100.1", source_listener_port=2077),
        flow(decryption={"key_type": "speke", "passphrase": "0123456789"}),
        flow(cidr_whitelist=["198.51.100.0/24"] * 21),
        {**flow(), "sources": []},
    ],
)
async def test_bad_flows_are_refused(caller: Caller, body: dict[str, Any]) -> None:
    """A flow that cannot work is refused in the shape of flows."""
    answer = await caller.call(CREATE, body=body)

    assert (answer.status_code, answer.json()["error_code"]) == (400, "LIVE.100011001")


@pytest.mark.parametrize("status", [400, 404])
async def test_unknown_flows_are_not_found(status: int) -> None:
    """A flow, source or output that is not there is answered with the code for it."""
    async with simulated(not_found_status=status) as caller:
        flow_id = await _made(caller)
        source = {"source": {"name": "a", "protocol": "srt-listener"}}

        assert refusal(await caller.call(DETAIL, flow_id="nobody")) == (status, "LIVE.103011019")
        assert refusal(await caller.call(SHOW, flow_id=flow_id, output_name="x")) == (status, "LIVE.103011019")
        no_source = await caller.call(PUT_SOURCE, flow_id=flow_id, source_name="x", body=source)
        assert refusal(no_source) == (status, "LIVE.103011019")


@pytest.mark.parametrize("status", [200, 201])
async def test_flow_created_status(status: int) -> None:
    """Creating flows and outputs succeeds with either status."""
    async with simulated(flow_created_status=status) as caller:
        created = await caller.call(CREATE, body=flow())
        added = await caller.call(ADD, flow_id=created.json()["flow"]["flow_id"], body=[LISTENER])

        assert (created.status_code, added.status_code) == (status, status)


@pytest.mark.parametrize(("seconds", "statuses"), [(0, ["ACTIVE", "ACTIVE"]), (20, ["STARTING", "ACTIVE"])])
async def test_flow_transition_seconds(seconds: float, statuses: list[str]) -> None:
    """A start takes effect at once, or shows a status on the way that the documents do not know."""
    async with simulated(flow_transition_seconds=seconds) as caller:
        flow_id = await _made(caller)
        first = (await caller.ok(START, flow_id=flow_id))["status"]
        await caller.admin("POST", "/clock", {"step": 20})
        second = (await caller.ok(DETAIL, flow_id=flow_id))["status"]

        assert [first, second] == statuses


async def test_stop_is_on_its_way_too() -> None:
    """A stopping flow shows it, is not stopped yet for a deletion, and is afterwards."""
    async with simulated(flow_transition_seconds=20) as caller:
        flow_id = await _started(caller)
        await caller.admin("POST", "/clock", {"step": 20})
        assert (await caller.ok(STOP, flow_id=flow_id))["status"] == "STOPPING"

        assert refusal(await caller.call(Operation.DELETE_FLOW, flow_id=flow_id)) == (400, "LIVE.103011022")
        await caller.admin("POST", "/clock", {"step": 20})
        assert (await caller.ok(Operation.DELETE_FLOW, flow_id=flow_id))["status"] == "STANDBY"


@pytest.mark.parametrize(("judgement", "status"), [("allow", 200), ("refuse", 400)])
async def test_flow_state_repeat(judgement: str, status: int) -> None:
    """Starting a started flow passes or is refused."""
    async with simulated(flow_state_repeat=judgement) as caller:
        flow_id = await _started(caller)

        assert (await caller.call(START, flow_id=flow_id)).status_code == status


@pytest.mark.parametrize(("judgement", "status", "cut"), [("allow", 200, 1), ("refuse", 400, 0)])
async def test_flow_edit_active(judgement: str, status: int, cut: int) -> None:
    """Changing a started flow passes, and counts as an interruption, or is refused."""
    async with simulated(flow_edit_active=judgement) as caller:
        flow_id = await _started(caller)
        source = {"source": {"name": "studio", "protocol": "srt-listener", "min_latency": 100}}
        answer = await caller.call(PUT_SOURCE, flow_id=flow_id, source_name="studio", body=source)
        added = await caller.call(ADD, flow_id=flow_id, body=[LISTENER])

        assert (answer.status_code, added.status_code) == (status, status)
        assert (await caller.admin("GET", "/state"))["flows"][0]["interruptions"] == cut


@pytest.mark.parametrize(("judgement", "status"), [("allow", 200), ("refuse", 400)])
async def test_flow_delete_active(judgement: str, status: int) -> None:
    """Deleting a started flow passes or is refused."""
    async with simulated(flow_delete_active=judgement) as caller:
        flow_id = await _started(caller)

        assert (await caller.call(Operation.DELETE_FLOW, flow_id=flow_id)).status_code == status


@pytest.mark.parametrize(("names", "status"), [("any", 200), ("unique", 400)])
async def test_flow_names(names: str, status: int) -> None:
    """A second flow of one name is made or refused."""
    async with simulated(flow_names=names) as caller:
        await _made(caller)

        assert (await caller.call(CREATE, body=flow())).status_code == status


@pytest.mark.parametrize(("judgement", "status"), [("allow", 200), ("refuse", 400)])
async def test_source_rename(judgement: str, status: int) -> None:
    """Another name for a source passes or is refused."""
    async with simulated(source_rename=judgement) as caller:
        flow_id = await _made(caller)
        source = {"source": {"name": "other", "protocol": "srt-listener"}}
        answer = await caller.call(PUT_SOURCE, flow_id=flow_id, source_name="studio", body=source)

        assert answer.status_code == status


@pytest.mark.parametrize(("put", "kept"), [("full", None), ("partial", "first")])
async def test_output_put(put: str, kept: str | None) -> None:
    """What PUT flows/outputs leaves out is gone or kept; name, protocol and address stay."""
    async with simulated(output_put=put) as caller:
        flow_id = await _made(caller)
        (before,) = (await caller.ok(ADD, flow_id=flow_id, body=[{**LISTENER, "description": "first"}]))["outputs"]
        changed = await caller.ok(CHANGE, flow_id=flow_id, output_name="to-ott", body={"min_latency": 100})

        assert (changed["min_latency"], changed.get("description")) == (100, kept)
        assert all(changed[part] == before[part] for part in ("name", "protocol", "listener_address"))


@pytest.mark.parametrize(("post", "made"), [("all_or_nothing", 0), ("one_by_one", 1)])
async def test_outputs_post(post: str, made: int) -> None:
    """A bad output in a list undoes those before it, or does not."""
    async with simulated(outputs_post=post) as caller:
        flow_id = await _made(caller)
        refused = await caller.call(ADD, flow_id=flow_id, body=[LISTENER, {"name": "bad", "protocol": "srt-caller"}])

        assert refusal(refused) == (400, "LIVE.100011001")
        assert len((await caller.ok(DETAIL, flow_id=flow_id))["outputs"]) == made


@pytest.mark.parametrize(("most", "status"), [(1, 400), (2, 200)])
async def test_outputs_per_flow(most: int, status: int) -> None:
    """A flow has as many outputs as the option allows."""
    async with simulated(outputs_per_flow=most) as caller:
        flow_id = await _made(caller)
        outputs = [LISTENER, {**LISTENER, "name": "second"}]

        assert (await caller.call(ADD, flow_id=flow_id, body=outputs)).status_code == status


@pytest.mark.parametrize(("health", "shown"), [("connected", "CONNECTED"), ("disconnected", "DISCONNECTED")])
async def test_flow_health(health: str, shown: str) -> None:
    """The links of a started flow are connected, or nobody is there."""
    async with simulated(flow_health=health) as caller:
        assert await _health(caller, await _started(caller)) == shown


@pytest.mark.parametrize(("how", "shown"), [("echo", "planted-passphrase"), ("mask", "**********"), ("omit", None)])
async def test_flow_passphrases(how: str, shown: str | None) -> None:
    """Passphrases of flows are read as the option says, and in clear with data_display."""
    async with simulated(passphrase_on_read=how) as caller:
        flow_id = (await caller.ok(CREATE, body=flow(decryption=SECRET)))["flow"]["flow_id"]
        await caller.ok(ADD, flow_id=flow_id, body=[{**LISTENER, "encryption": SECRET}])
        detail = await caller.ok(DETAIL, flow_id=flow_id)
        output = await caller.ok(SHOW, flow_id=flow_id, output_name="to-ott")
        in_clear = await caller.ok(SHOW, flow_id=flow_id, output_name="to-ott", data_display="true")

        assert detail["sources"][0]["decryption"].get("passphrase") == shown
        assert output["encryption"].get("passphrase") == shown
        assert in_clear["encryption"]["passphrase"] == "planted-passphrase"


async def _made(caller: Caller) -> str:
    return str((await caller.ok(CREATE, body=flow()))["flow"]["flow_id"])


async def _started(caller: Caller) -> str:
    flow_id = await _made(caller)
    await caller.ok(START, flow_id=flow_id)
    return flow_id


async def _health(caller: Caller, flow_id: str) -> str:
    return str((await caller.ok(DETAIL, flow_id=flow_id))["sources"][0]["health_status"])
