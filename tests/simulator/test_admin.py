"""The admin port: call log, state, clock."""

from typing import Any

import pytest

from medialive_operator.contract.operations import Operation
from tests.simulator.callers import KEY, Caller, channel, flow, refusal

pytestmark = pytest.mark.anyio

CREATE = Operation.CREATE_OTT_CHANNEL_INFO
LIST = Operation.LIST_OTT_CHANNEL_INFO
NEWS = "/state/channels/push.example.com/live/news-1"


async def test_calls_are_logged(caller: Caller) -> None:
    """A logged call has what was called, by which project, and what was answered; admin calls are not logged."""
    await caller.admin("DELETE", "/calls")
    await caller.call(Operation.DELETE_OTT_CHANNEL_INFO, **KEY)
    await caller.admin("GET", "/state")
    (call,) = (await caller.admin("GET", "/calls"))["calls"]

    assert call["operation"] == Operation.DELETE_OTT_CHANNEL_INFO
    assert (call["method"], call["path"]) == ("DELETE", f"/v1/{caller.project_id}/ott/channels")
    assert (call["project_id"], call["query"]) == (caller.project_id, KEY)
    assert (call["status"], call["code"]) == (400, "LIVE.103011019")
    assert (call["at"], len(call["request_id"])) == (caller.simulator.clock.time(), 32)


async def test_log_is_narrowed_down(caller: Caller) -> None:
    """The log is filtered by operation, method and project."""
    await caller.ok(LIST)
    await caller.ok(CREATE, body=channel())

    assert [call["operation"] for call in (await caller.admin("GET", "/calls", method="POST"))["calls"]] == [
        "create_token",
        CREATE,
    ]
    assert len((await caller.admin("GET", "/calls", operation=LIST))["calls"]) == 1
    assert (await caller.admin("GET", "/calls", project_id="other"))["calls"] == []


async def test_log_holds_no_secrets(caller: Caller) -> None:
    """Passphrases, DRM header values, passwords and tokens are masked in the log, and the rest of a body is kept."""
    encryption = {
        "resource_id": "r", "system_ids": ["FairPlay"], "url": "https://k", "speke_version": "1.0",
        "request_mode": "direct_http", "http_headers": [{"key": "Authorization", "value": "planted-header"}],
    }  # fmt: skip
    package = {
        "url": "play.example.com/a", "segment_duration_seconds": 4, "encryption": encryption,
        "cdn_identifier_header": {"key": "X-Cdn", "value": "planted-cdn"},
    }  # fmt: skip
    source = {"url": "srt://198.51.100.1:9000", "passphrase": "planted-passphrase"}
    entry = {"input_protocol": "SRT_PULL", "sources": [source]}
    await caller.ok(CREATE, body=channel(input=entry, endpoints=[{"hls_package": [package]}]))
    log = str(await caller.admin("GET", "/calls"))

    assert "planted" not in log
    assert caller.account.password.get_secret_value() not in log
    assert caller.token not in log
    assert "srt://198.51.100.1:9000" in log


async def test_unknown_paths(caller: Caller) -> None:
    """A path or method that is no API gets the gateway's 404, harvest tasks among them, and is logged."""
    for method, path in (("GET", "/v2/x"), ("PATCH", "/ott/channels"), ("GET", "/ott/harvest/task")):
        answer = await caller.send(method, f"/v1/{caller.project_id}{path}")
        assert refusal(answer) == (404, "APIGW.0101")

    last = (await caller.admin("GET", "/calls"))["calls"][-1]
    assert (last["operation"], last["status"]) == (None, 404)


async def test_channel_is_changed_behind_the_back(caller: Caller) -> None:
    """A merge patch changes a channel without a call, an interruption or a check."""
    await caller.ok(CREATE, body=channel(state="ON"))
    await caller.admin("DELETE", "/calls")
    patched = await caller.admin("PATCH", NEWS, {"name": None, "input": {"max_bandwidth_limit": 7}, "state": "OFF"})

    assert (await caller.admin("GET", "/calls"))["calls"] == []
    assert (patched["interruptions"], patched["stops"]) == (0, 0)
    shown = await caller.shown()
    assert (shown["name"], shown["state"], shown["input"]["max_bandwidth_limit"]) == ("", "OFF", 7)
    assert shown["input"]["sources"][0]["bitrate"] == 1_000_000


async def test_foreign_channel_appears_and_vanishes(caller: Caller) -> None:
    """A channel that nobody created by the API is listed, and one can vanish while it runs."""
    await caller.admin("PUT", NEWS, {"input": {"input_protocol": "RTMP_PUSH"}, "state": "ON"})
    assert (await caller.shown())["state"] == "ON"

    await caller.admin("DELETE", NEWS)
    assert (await caller.ok(LIST))["total"] == 0


async def test_foreign_flow_appears_and_vanishes(caller: Caller) -> None:
    """The same for flows, whose outputs can be patched."""
    body = {**flow(), "outputs": [{"name": "a", "protocol": "srt-listener", "type": "srt"}], "status": "ACTIVE"}
    await caller.admin("PUT", "/state/flows/f-1", body)
    await caller.admin("PATCH", "/state/flows/f-1/outputs/a", {"health_status": "DISCONNECTED"})
    shown = await caller.ok(Operation.SHOW_OUTPUT_INFO, flow_id="f-1", output_name="a")
    patched = await caller.admin("PATCH", "/state/flows/f-1", {"status": "ERROR", "name": "other"})

    assert shown["health_status"] == "DISCONNECTED"
    assert (patched["flow"]["status"], patched["flow"]["name"]) == ("ERROR", "other")
    await caller.admin("DELETE", "/state/flows/f-1")
    assert (await caller.ok(Operation.LIST_FLOWS))["total"] == 0


async def test_state_names_the_project(caller: Caller) -> None:
    """State is per project; changes are made in the one that is named, or in the first."""
    other = caller.simulator.accounts[1].projects[0].id
    await caller.admin("PUT", NEWS, {"input": {"input_protocol": "RTMP_PUSH"}}, project_id=other)

    assert [one["project_id"] for one in (await caller.admin("GET", "/state"))["channels"]] == [other]
    with pytest.raises(AssertionError, match="no such channel"):
        await caller.admin("DELETE", NEWS)


@pytest.mark.parametrize("body", [{}, {"scale": 0}, {"step": -1}, {"back": 1}])
async def test_clock_does_not_go_wrong(caller: Caller, body: dict[str, Any]) -> None:
    """The clock refuses to stand still, to go back, and what it does not know."""
    with pytest.raises(AssertionError, match="error"):
        await caller.admin("POST", "/clock", body)


async def test_clock_is_scaled_and_stepped(caller: Caller) -> None:
    """Scale multiplies the time that passes; a step adds to it at once."""
    start = (await caller.admin("POST", "/clock", {"scale": 60}))["time"]
    before = await caller.admin("POST", "/clock", {"step": 10})

    assert (before["time"] - start, before["scale"]) == (pytest.approx(10), 60)
