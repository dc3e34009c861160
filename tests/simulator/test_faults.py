"""Injected faults: what is answered, what takes effect, what a list shows, and how often."""

import asyncio
from typing import Any

import pytest

from medialive_operator.contract.operations import Operation
from tests.clocks import settle
from tests.simulator.callers import KEY, Caller, channel, refusal

pytestmark = pytest.mark.anyio

CREATE = Operation.CREATE_OTT_CHANNEL_INFO
LIST = Operation.LIST_OTT_CHANNEL_INFO
DELETE = Operation.DELETE_OTT_CHANNEL_INFO


@pytest.mark.parametrize(
    ("fault", "status", "code", "member"),
    [
        ({"status": 500, "code": "LIVE.100011007"}, 500, "LIVE.100011007", "result_code"),
        ({"code": "LIVE.100011014"}, 401, "LIVE.100011014", "result_code"),
        ({"status": 429}, 429, "APIGW.0308", "error_code"),
        ({"status": 404}, 404, "APIGW.0101", "error_code"),
        ({"status": 503, "code": "APIGW.0613"}, 503, "APIGW.0613", "error_code"),
    ],
)
async def test_answers_by_status_and_code(
    caller: Caller, fault: dict[str, Any], status: int, code: str, member: str
) -> None:
    """A fault answers with the status and code it names, in the shape that goes with the code, and nothing happens."""
    await caller.admin("POST", "/faults", {"operation": CREATE, "retry_after": 7, **fault})
    answer = await _create(caller)

    assert (answer.status_code, answer.json()[member]) == (status, code)
    assert answer.headers["Retry-After"] == "7"
    assert (await caller.admin("GET", "/state"))["channels"] == []


@pytest.mark.parametrize(("body", "kind"), [("<html>502</html>", "text/html"), ("", "text/html"), ("{", "text/plain")])
async def test_answers_that_are_no_json(caller: Caller, body: str, kind: str) -> None:
    """A fault's body is sent as it is: HTML, nothing, half of something."""
    fault = {"operation": LIST, "status": 502, "body": body, "content_type": kind}
    await caller.admin("POST", "/faults", fault)
    answer = await caller.send("GET", f"/v1/{caller.project_id}/ott/channels")

    assert (answer.status_code, answer.text) == (502, body)
    assert answer.headers["Content-Type"].startswith(kind)


async def test_answer_replaced_after_the_effect(caller: Caller) -> None:
    """With `effect`, the call is done although its answer says otherwise."""
    await caller.admin("POST", "/faults", {"operation": CREATE, "status": 504, "effect": True})

    assert refusal(await _create(caller)) == (504, "APIGW.0201")
    assert len((await caller.admin("GET", "/state"))["channels"]) == 1


@pytest.mark.parametrize(("drop", "made"), [("before", 0), ("after", 1)])
async def test_dropped_connections(caller: Caller, drop: str, made: int) -> None:
    """The connection ends without an answer, before or after the call had its effect; the log shows no status."""
    await caller.admin("POST", "/faults", {"operation": CREATE, "drop": drop})
    with pytest.raises(ConnectionResetError):
        await _create(caller)

    assert len((await caller.admin("GET", "/state"))["channels"]) == made
    (call,) = (await caller.admin("GET", "/calls", operation=CREATE))["calls"]
    assert (call["status"], call["code"]) == (None, None)


async def test_delay(caller: Caller) -> None:
    """A delayed call waits by the simulator's clock, and is answered then."""
    await caller.admin("POST", "/faults", {"operation": LIST, "delay": 30})
    call = asyncio.ensure_future(caller.call(LIST))
    await settle()
    assert not call.done()

    await caller.admin("POST", "/clock", {"step": 30})
    assert (await call).status_code == 200


async def test_stale_lists(caller: Caller) -> None:
    """A stale list shows what was there before the last write: not the new one, still the deleted one."""
    await caller.ok(CREATE, body=channel())
    await caller.admin("POST", "/faults", {"operation": LIST, "stale": True})
    before = (await caller.ok(LIST))["total"]
    await caller.ok(DELETE, **KEY)
    await caller.admin("POST", "/faults", {"operation": LIST, "stale": True})

    assert (before, (await caller.ok(LIST))["total"], (await caller.ok(LIST))["total"]) == (0, 1, 0)


async def test_torn_pages(caller: Caller) -> None:
    """A torn page misses records that its total counts."""
    for number in range(4):
        await caller.ok(CREATE, body=channel(f"news-{number}"))
    await caller.admin("POST", "/faults", {"operation": "*", "torn": True})
    page = await caller.ok(LIST)

    assert page["total"] == 4
    assert [one["id"] for one in page["channels"]] == ["news-1", "news-2"]


async def test_skip_and_times(caller: Caller) -> None:
    """A fault lets `skip` calls pass, hits `times` calls, and is gone; with times null it stays until it is deleted."""
    await caller.admin("POST", "/faults", {"operation": LIST, "status": 500, "skip": 1, "times": 2})
    statuses = [(await caller.call(LIST)).status_code for _ in range(4)]
    assert statuses == [200, 500, 500, 200]

    made = await caller.admin("POST", "/faults", {"operation": LIST, "status": 500, "times": None})
    assert [(await caller.call(LIST)).status_code for _ in range(3)] == [500] * 3
    await caller.admin("DELETE", f"/faults/{made['id']}")
    assert (await caller.call(LIST)).status_code == 200


async def test_faults_hit_what_they_are_for(caller: Caller) -> None:
    """A fault of IAM, of another operation or of another project hits nothing else."""
    await caller.admin("POST", "/faults", {"operation": "iam", "status": 503, "times": None})
    await caller.admin("POST", "/faults", {"operation": DELETE, "status": 503})
    await caller.admin("POST", "/faults", {"operation": "*", "status": 503, "project_id": "other"})

    assert (await caller.call(LIST)).status_code == 200
    assert (await caller.iam({})).status_code == 503
    shown = (await caller.admin("DELETE", "/faults"))["faults"]
    assert shown == []


@pytest.mark.parametrize("fault", [{"operation": "nothing", "status": 500}, {"operation": "*"}, {"color": "red"}])
async def test_useless_faults_are_refused(caller: Caller, fault: dict[str, Any]) -> None:
    """A fault for an unknown operation, one that does nothing, or one with an unknown member is refused."""
    with pytest.raises(AssertionError, match="error"):
        await caller.admin("POST", "/faults", fault)


async def _create(caller: Caller) -> Any:
    return await caller.send("POST", f"/v1/{caller.project_id}/ott/channels", json=channel())
