"""Every switch of channels and their answers, both ways: a client has to work with either service."""

from typing import Any

import pytest

from medialive_operator.contract.operations import Operation
from tests.simulator.callers import KEY, Caller, channel, hls, refusal, simulated
from tests.simulator.test_channels import (
    CREATE,
    DELETE,
    LIST,
    PUT_ENCODER,
    PUT_ENDPOINTS,
    PUT_INPUT,
    PUT_NAME,
    PUT_STATE,
)

pytestmark = pytest.mark.anyio
EXPAND = {"video_descriptions": {"gop_duration_seconds": 2}}
OTHER_EXPAND = {"video_descriptions": {"gop_duration_seconds": 4}}


@pytest.mark.parametrize("status", [400, 404])
async def test_not_found_status(status: int) -> None:
    """LIVE.103011019 comes with either status."""
    async with simulated(not_found_status=status) as caller:
        assert refusal(await caller.call(DELETE, **KEY)) == (status, "LIVE.103011019")


@pytest.mark.parametrize("code", ["LIVE.103011022", "LIVE.100011001"])
async def test_wrong_state_code(code: str) -> None:
    """A call that the present state forbids is refused with the code of the option."""
    async with simulated(wrong_state_code=code) as caller:
        await caller.ok(CREATE, body=channel(state="ON"))

        assert refusal(await caller.call(DELETE, **KEY)) == (400, code)


@pytest.mark.parametrize("code", ["LIVE.103011020", "LIVE.100011001"])
async def test_quota_code(code: str) -> None:
    """A reached quota is refused with the code of the option."""
    async with simulated(quota_code=code, channel_quota=0) as caller:
        assert refusal(await caller.call(CREATE, body=channel())) == (400, code)


@pytest.mark.parametrize(("shape", "member"), [("result", "result_code"), ("error", "error_code")])
async def test_ott_error_shape(shape: str, member: str) -> None:
    """Refusals of channel calls come in the service's or the gateway's shape."""
    async with simulated(ott_error_shape=shape) as caller:
        answer = await caller.call(DELETE, **KEY)

        assert answer.json()[member] == "LIVE.103011019"


@pytest.mark.parametrize(("judgement", "expected"), [("refuse", (400, "LIVE.103011022")), ("allow", (200, None))])
async def test_delete_running(judgement: str, expected: tuple[int, str | None]) -> None:
    """DELETE of a channel that is ON is refused, or deletes it."""
    async with simulated(delete_running=judgement) as caller:
        await caller.ok(CREATE, body=channel(state="ON"))
        answer = await caller.call(DELETE, **KEY)

        assert (answer.status_code, None if answer.is_success else refusal(answer)[1]) == expected
        assert (await caller.ok(LIST))["total"] == (0 if judgement == "allow" else 1)


@pytest.mark.parametrize(("judgement", "status"), [("allow", 200), ("refuse", 400)])
async def test_state_repeat(judgement: str, status: int) -> None:
    """PUT of the present state passes without effect, or is refused."""
    async with simulated(state_repeat=judgement) as caller:
        await caller.ok(CREATE, body=channel(state="ON"))

        assert (await caller.put(PUT_STATE, state="ON")).status_code == status
        assert (await caller.stored())["interruptions"] == 0


@pytest.mark.parametrize("restarts", [True, False])
async def test_noop_put_restarts(restarts: bool) -> None:
    """A PUT that changes nothing counts as an interruption, or does not; one that changes something always does."""
    async with simulated(noop_put_restarts=restarts) as caller:
        await caller.ok(CREATE, body=channel(state="ON", name="same"))
        await caller.put(PUT_NAME, name="same")
        assert (await caller.stored())["interruptions"] == int(restarts)

        await caller.put(PUT_NAME, name="other")
        assert (await caller.stored())["interruptions"] == int(restarts) + 1


@pytest.mark.parametrize(("judgement", "status"), [("allow", 200), ("refuse", 400)])
async def test_put_while_restarting(judgement: str, status: int) -> None:
    """A second PUT within the restart passes or is refused; after it, it passes."""
    async with simulated(put_while_restarting=judgement, restart_seconds=10) as caller:
        await caller.ok(CREATE, body=channel(state="ON"))
        await caller.put(PUT_NAME, name="one")
        assert (await caller.put(PUT_NAME, name="two")).status_code == status

        await caller.admin("POST", "/clock", {"step": 10})
        assert (await caller.put(PUT_NAME, name="two")).status_code == 200


@pytest.mark.parametrize("ids", ["keep", "renew"])
async def test_package_ids(ids: str) -> None:
    """A package sent without its id keeps it by URL, or gets another; with its id it keeps it in any case."""
    async with simulated(package_ids=ids) as caller:
        await caller.ok(CREATE, body=channel())
        first = await _package(caller)
        await caller.put(PUT_ENDPOINTS, endpoints=[{"hls_package": [hls()]}])
        second = await _package(caller)
        await caller.put(PUT_ENDPOINTS, endpoints=[{"hls_package": [hls(id=second["id"], segment_duration_seconds=6)]}])
        third = await _package(caller)

        assert (first["id"] == second["id"]) is (ids == "keep")
        assert (third["id"], third["segment_duration_seconds"]) == (second["id"], 6)


@pytest.mark.parametrize("left_out", ["reset", "keep"])
async def test_omitted_scalars(left_out: str) -> None:
    """A plain value left out of a PUT is reset or stays; a block left out is gone in any case."""
    async with simulated(omitted_scalars=left_out) as caller:
        body = channel()
        body["input"] |= {"max_bandwidth_limit": 5, "audio_selectors": [{"name": "a"}]}
        await caller.ok(CREATE, body=body)
        await caller.put(PUT_INPUT, input={"input_protocol": "FLV_PULL", "sources": [{"url": "http://b"}]})
        stored = (await caller.stored())["channel"]["input"]

        assert stored.get("max_bandwidth_limit") == (5 if left_out == "keep" else None)
        assert "audio_selectors" not in stored


@pytest.mark.parametrize(
    ("honoured", "puts"),
    [("input", {PUT_INPUT}), ("encoder_settings", {PUT_ENCODER}), ("both", {PUT_INPUT, PUT_ENCODER})],
)
@pytest.mark.parametrize("operation", [PUT_INPUT, PUT_ENCODER])
async def test_expand_on(honoured: str, puts: set[Operation], operation: Operation) -> None:
    """encoder_settings_expand is taken from the PUT that honours it, and ignored on the other."""
    async with simulated(expand_on=honoured) as caller:
        await caller.ok(CREATE, body=channel(encoder_settings_expand=EXPAND))
        await caller.put(operation, encoder_settings_expand=OTHER_EXPAND)
        stored = (await caller.stored())["channel"]

        assert stored["encoder_settings_expand"] == (OTHER_EXPAND if operation in puts else EXPAND)


@pytest.mark.parametrize("left_out", ["keep", "clear"])
async def test_expand_left_out(left_out: str) -> None:
    """PUT input without encoder_settings_expand leaves it or clears it."""
    async with simulated(expand_left_out=left_out) as caller:
        await caller.ok(CREATE, body=channel(encoder_settings_expand=EXPAND))
        await caller.put(PUT_INPUT)

        assert ("encoder_settings_expand" in (await caller.stored())["channel"]) is (left_out == "keep")


@pytest.mark.parametrize(("scope", "status"), [("key", 201), ("project", 400)])
async def test_channel_id_scope(scope: str, status: int) -> None:
    """One id in two domains is allowed or refused."""
    async with simulated(channel_id_scope=scope) as caller:
        await caller.ok(CREATE, body=channel())
        other = {**channel(endpoints=[]), "domain": "other.example.com"}

        assert (await caller.call(CREATE, body=other)).status_code == status


@pytest.mark.parametrize(("judgement", "status"), [("allow", 201), ("refuse", 400)])
async def test_mixed_push_domains(judgement: str, status: int) -> None:
    """RTMP_PUSH and SRT_PUSH on one domain are allowed or refused."""
    async with simulated(mixed_push_domains=judgement) as caller:
        await caller.ok(CREATE, body=channel(protocol="RTMP_PUSH"))

        assert (await caller.call(CREATE, body=channel("srt-1", protocol="SRT_PUSH"))).status_code == status


@pytest.mark.parametrize("follow", [True, False])
async def test_push_urls_follow_templates(follow: bool) -> None:
    """Other templates change the push URL, or do not."""
    async with simulated(push_urls_follow_templates=follow) as caller:
        created = await caller.ok(CREATE, body=channel(protocol="RTMP_PUSH"))
        changed = (await caller.put(PUT_ENCODER, encoder_settings=[{"template_id": "other"}])).json()

        assert (created["sources"] != changed["sources"]) is follow


@pytest.mark.parametrize(("rules", "status"), [("ignore", 201), ("check", 400)])
@pytest.mark.parametrize(
    "fields",
    [
        {"input": {"input_protocol": "HLS_PULL"}},
        {"input": {"input_protocol": "RTMP_PUSH", "scte35_source": "SEGMENTS"}},
        {"input": {"input_protocol": "RTMP_PUSH", "audio_selectors": [{"name": "a"}, {"name": "a"}]}},
        {"encoder_settings_expand": {"audio_descriptions": [{"name": "a", "audio_selector_name": "b"}] * 2}},
        {"endpoints": [{"hls_package": [hls(
            manifest_selection={"min_video_bandwidth": 2, "max_video_bandwidth": 1})]}]},
        {"endpoints": [{"hls_package": [hls(encryption={
            "resource_id": "r", "system_ids": ["Widevine"], "url": "https://k", "speke_version": "1.0",
            "request_mode": "functiongraph_proxy", "http_headers": [{"key": "a", "value": "b"}]})]}]},
    ],
)  # fmt: skip
async def test_cross_field_rules(rules: str, status: int, fields: dict[str, Any]) -> None:
    """Fields that do not fit each other are refused, or let through."""
    async with simulated(cross_field_rules=rules) as caller:
        assert (await caller.call(CREATE, body={**channel(), **fields})).status_code == status


@pytest.mark.parametrize(("unknown", "status"), [("ignore", 201), ("refuse", 400)])
async def test_unknown_fields(unknown: str, status: int) -> None:
    """A field that the contract does not have is ignored, or named in a refusal."""
    async with simulated(unknown_fields=unknown) as caller:
        answer = await caller.call(CREATE, body=channel(color="red"))

        assert answer.status_code == status
        assert status == 201 or "color is not a field" in answer.json()["result_msg"]


@pytest.mark.parametrize(
    ("mode", "mode_shown", "snapshot"), [("filled", "ADD_CDN", False), ("null", None, None), ("missing", "-", "-")]
)
async def test_optional_fields(mode: str, mode_shown: object, snapshot: object) -> None:
    """Unset fields are read as defaults, as null at every depth, or not at all; set ones as they were set."""
    async with simulated(optional_fields=mode) as caller:
        await caller.ok(CREATE, body=channel())
        shown = await caller.shown()

        assert shown.get("mode", "-") == mode_shown
        assert shown["input"]["sources"][0].get("enable_snapshot", "-") == snapshot
        assert shown["input"]["sources"][0]["bitrate"] == 1_000_000


@pytest.mark.parametrize(("how", "shown"), [("echo", "planted-passphrase"), ("mask", "**********"), ("omit", None)])
async def test_passphrase_on_read(how: str, shown: str | None) -> None:
    """A passphrase is read in clear, masked, or not at all."""
    async with simulated(passphrase_on_read=how) as caller:
        source = {"url": "srt://198.51.100.1:9000", "passphrase": "planted-passphrase"}
        await caller.ok(CREATE, body=channel(input={"input_protocol": "SRT_PULL", "sources": [source]}))

        assert (await caller.shown())["input"]["sources"][0].get("passphrase") == shown


@pytest.mark.parametrize(("fits", "found"), [("exact", 1), ("prefix", 2)])
async def test_list_filter(fits: str, found: int) -> None:
    """The id filter finds one channel, or all whose ids begin so."""
    async with simulated(list_filter=fits) as caller:
        await caller.ok(CREATE, body=channel("news"))
        await caller.ok(CREATE, body=channel("news-1"))

        assert (await caller.ok(LIST, id="news", domain="push.example.com"))["total"] == found


async def test_list_order() -> None:
    """Lists come in the order of creation, of the keys, or in one that differs from call to call."""
    seen: dict[str, set[tuple[str, ...]]] = {}
    for order in ("created", "key", "unstable"):
        async with simulated(list_order=order) as caller:
            for name in ("c1", "a1", "b1", "e1", "d1"):
                await caller.ok(CREATE, body=channel(name))
            pages = [await caller.ok(LIST) for _ in range(6)]
            seen[order] = {tuple(one["id"] for one in page["channels"]) for page in pages}

    assert seen["created"] == {("c1", "a1", "b1", "e1", "d1")}
    assert seen["key"] == {("a1", "b1", "c1", "d1", "e1")}
    assert len(seen["unstable"]) > 1


@pytest.mark.parametrize("lag", [0, 5])
async def test_list_lag(lag: float) -> None:
    """A new channel and a deletion are seen at once, or after the lag."""
    async with simulated(list_lag=lag) as caller:
        await caller.ok(CREATE, body=channel())
        at_once = (await caller.ok(LIST))["total"]
        await caller.admin("POST", "/clock", {"step": 6})
        later = (await caller.ok(LIST))["total"]
        await caller.ok(DELETE, **KEY)

        assert (at_once, later) == (0 if lag else 1, 1)
        assert (await caller.ok(LIST))["total"] == (1 if lag else 0)


async def _package(caller: Caller) -> Any:
    return (await caller.shown())["endpoints"][0]["hls_package"][0]
