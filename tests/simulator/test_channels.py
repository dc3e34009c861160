"""Channels: what the service keeps, makes, refuses and interrupts."""

import pytest

from medialive_operator.contract.operations import Operation
from tests.simulator.callers import KEY, Caller, channel, hls, refusal, simulated

pytestmark = pytest.mark.anyio

CREATE = Operation.CREATE_OTT_CHANNEL_INFO
LIST = Operation.LIST_OTT_CHANNEL_INFO
DELETE = Operation.DELETE_OTT_CHANNEL_INFO
PUT_STATE = Operation.MODIFY_OTT_CHANNEL_INFO_STATS
PUT_NAME = Operation.MODIFY_OTT_CHANNEL_INFO_GENERAL
PUT_INPUT = Operation.MODIFY_OTT_CHANNEL_INFO_INPUT
PUT_ENDPOINTS = Operation.MODIFY_OTT_CHANNEL_INFO_END_POINTS
PUT_RECORD = Operation.MODIFY_OTT_CHANNEL_INFO_RECORD_SETTINGS
PUT_ENCODER = Operation.MODIFY_OTT_CHANNEL_INFO_ENCODER_SETTINGS


async def test_created_channel_is_listed(caller: Caller) -> None:
    """A channel is there right after its creation, with a package id that the service made."""
    created = await caller.call(CREATE, body=channel())
    shown = await caller.shown()

    assert created.status_code == 201
    assert created.json() == {"result_code": "LIVE.100000000", "result_msg": "SUCCESS", **KEY}
    assert shown["name"] == "NEWS-1"
    assert len(shown["endpoints"][0]["hls_package"][0]["id"]) == 32


async def test_defaults_appear_on_read(caller: Caller) -> None:
    """Fields that nobody set are read with the service's defaults."""
    encryption = {
        "resource_id": "r", "system_ids": ["PlayReady"], "url": "https://keys.example.com", "speke_version": "1.0",
        "request_mode": "direct_http",
    }  # fmt: skip
    mss = {"url": "play.example.com/m", "segment_duration_seconds": 4, "encryption": encryption, "request_args": {}}
    await caller.ok(CREATE, body=channel(endpoints=[{"mss_package": [mss]}]))
    shown = await caller.shown()

    assert shown["mode"] == "ADD_CDN"
    assert shown["input"]["failover_conditions"] == {"input_loss_threshold_msec": 2000, "input_preference": "EQUAL"}
    package = shown["endpoints"][0]["mss_package"][0]
    assert package["delay_segment"] == 0
    assert package["encryption"]["encryption_method"] == "SAMPLE-AES"
    assert package["request_args"] == {"record": None, "timeshift": None, "live": None}


async def test_same_key_is_refused(caller: Caller) -> None:
    """A second channel of one key is refused with the code for existing resources."""
    await caller.ok(CREATE, body=channel())

    assert refusal(await caller.call(CREATE, body=channel())) == (400, "LIVE.103011018")


async def test_used_playback_url_is_refused(caller: Caller) -> None:
    """A playback URL of another project's channel is refused with the text of the documents."""
    other = await Caller(caller.simulator, account=1).signed_in()
    await other.ok(CREATE, body=channel())
    answer = await caller.call(CREATE, body=channel("sports", endpoints=[{"dash_package": [hls("news-1")]}]))

    assert refusal(answer) == (400, "LIVE.100011001")
    assert answer.json()["result_msg"] == "output url play.example.com/live/news-1/index.m3u8 is exist"
    assert answer.json()["id"] == "sports"
    await other.close()


async def test_channel_keeps_its_own_urls(caller: Caller) -> None:
    """A PUT of endpoints may repeat the URLs that the channel has, and not those of another."""
    await caller.ok(CREATE, body=channel())
    await caller.ok(CREATE, body=channel("sports"))

    assert (await caller.put(PUT_ENDPOINTS, endpoints=[{"hls_package": [hls("news-1")]}])).status_code == 200
    taken = await caller.put(PUT_ENDPOINTS, endpoints=[{"hls_package": [hls("sports")]}])
    assert refusal(taken) == (400, "LIVE.100011001")


async def test_put_replaces_its_block(caller: Caller) -> None:
    """What a PUT leaves out of its block is gone."""
    await caller.ok(CREATE, body=channel(endpoints=[{"hls_package": [hls()], "dash_package": [hls("dash")]}]))
    await caller.put(PUT_ENDPOINTS, endpoints=[{"hls_package": [hls()]}])

    assert "dash_package" not in (await caller.shown())["endpoints"][0]


async def test_running_channel_restarts_on_change(caller: Caller) -> None:
    """Each PUT to a channel that is ON interrupts it for thirty seconds."""
    await caller.ok(CREATE, body=channel(state="ON"))
    await caller.put(PUT_NAME, name="other")
    during = await caller.stored()
    await caller.admin("POST", "/clock", {"step": 30})
    after = await caller.stored()

    assert (during["interruptions"], during["restarting"]) == (1, True)
    assert (after["interruptions"], after["restarting"]) == (1, False)


async def test_stopped_channel_is_changed_without_interruption(caller: Caller) -> None:
    """OFF, several PUTs, ON is one interruption: that of going OFF."""
    await caller.ok(CREATE, body=channel(state="ON"))
    await caller.put(PUT_STATE, state="OFF")
    await caller.put(PUT_NAME, name="other")
    await caller.put(PUT_RECORD, record_settings={"rollingbuffer_duration": 60})
    await caller.put(PUT_STATE, state="ON")
    stored = await caller.stored()

    assert (stored["interruptions"], stored["starts"], stored["stops"]) == (1, 2, 1)
    assert stored["channel"]["record_settings"] == {"rollingbuffer_duration": 60}


async def test_name_left_out_is_cleared(caller: Caller) -> None:
    """PUT general without a name leaves an empty one."""
    await caller.ok(CREATE, body=channel())
    await caller.put(PUT_NAME)

    assert (await caller.shown())["name"] == ""


async def test_input_protocol_is_immutable(caller: Caller) -> None:
    """PUT input with another protocol is refused, and nothing changes."""
    await caller.ok(CREATE, body=channel())
    refused = await caller.put(PUT_INPUT, input={"input_protocol": "HLS_PULL", "sources": [{"url": "http://a/b"}]})

    assert refusal(refused) == (400, "LIVE.100011001")
    assert (await caller.shown())["input"]["input_protocol"] == "FLV_PULL"


@pytest.mark.parametrize("operation", [PUT_NAME, PUT_INPUT, PUT_ENDPOINTS, PUT_RECORD, PUT_ENCODER])
async def test_put_to_nobody_is_not_found(caller: Caller, operation: Operation) -> None:
    """A PUT to a channel that is not there is answered with the code for it."""
    assert refusal(await caller.put(operation)) == (400, "LIVE.103011019")


async def test_push_urls_are_made_by_the_service(caller: Caller) -> None:
    """The URLs of push channels are the service's, whatever was sent; RTMP_PUSH gets them with the answer."""
    rtmp = channel(protocol="RTMP_PUSH")
    created = await caller.ok(CREATE, body=rtmp)
    srt = {**channel("sports", protocol="SRT_PUSH"), "domain": "srt.example.com"}
    await caller.ok(CREATE, body={**srt, "input": {"input_protocol": "SRT_PUSH"}})

    url = "rtmp://push.example.com/live/news-1_1000000?request_source=ott&channel_id=news-1"
    assert [source["url"] for source in created["sources"]] == [url]
    assert (await caller.shown())["input"]["sources"][0]["url"] == url
    assert (await caller.shown("sports"))["input"]["sources"][0]["url"].startswith("srt://srt.example.com:")


async def test_list_pages_and_filters(caller: Caller) -> None:
    """A page has ten records by default, `total` counts all, the filters combine, and no match is an empty list."""
    for number in range(12):
        await caller.ok(CREATE, body=channel(f"news-{number}"))
    first = await caller.ok(LIST)
    rest = await caller.ok(LIST, limit=100, offset=10)
    nobody = await caller.ok(LIST, id="news-3", domain="other.example.com")

    assert (len(first["channels"]), first["total"]) == (10, 12)
    assert [one["id"] for one in rest["channels"]] == ["news-10", "news-11"]
    assert nobody == {"total": 0, "channels": []}


async def test_projects_do_not_see_each_other(caller: Caller) -> None:
    """A channel is listed in its own project only."""
    await caller.ok(CREATE, body=channel())
    elsewhere = await Caller(caller.simulator, project=1).signed_in()

    assert (await elsewhere.ok(LIST))["total"] == 0
    await elsewhere.close()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"state": True}, "state"),
        ({"id": "x"}, "id: minLength 2"),
        ({"record_settings": {}}, "rollingbuffer_duration is required"),
        ({"input": {"input_protocol": "HLS_PULL"}}, "needs sources"),
        ({"endpoints": [{"mss_package": [{"segment_duration_seconds": 4, "delay_segment": 0}]}]}, "delay_segment"),
        (
            {"input": {"input_protocol": "FLV_PULL", "sources": [{"url": "http://a", "passphrase": "short"}]}},
            "minLength",
        ),
    ],
)
async def test_bad_requests_are_refused(caller: Caller, fields: dict[str, object], told: str) -> None:
    """What does not fit the contract is refused with the field and the rule, and without the value."""
    answer = await caller.call(CREATE, body={**channel(), **fields})

    assert refusal(answer) == (400, "LIVE.100011001")
    assert told in answer.json()["result_msg"]
    assert "short" not in answer.text


async def test_quota_of_channels() -> None:
    """An account cannot have more channels than its quota, over all of its projects."""
    async with simulated(channel_quota=1) as caller:
        elsewhere = await Caller(caller.simulator, project=1).signed_in()
        await elsewhere.ok(CREATE, body=channel())

        assert refusal(await caller.call(CREATE, body=channel("sports"))) == (400, "LIVE.103011020")
        await elsewhere.close()


async def test_deleted_channel_is_gone(caller: Caller) -> None:
    """A deleted channel is not listed, its URL is free again, and a second deletion finds nothing."""
    await caller.ok(CREATE, body=channel())
    deleted = await caller.ok(DELETE, **KEY)
    again = await caller.call(DELETE, **KEY)

    assert deleted["result_msg"] == "SUCCESS"
    assert refusal(again) == (400, "LIVE.103011019")
    await caller.ok(CREATE, body=channel("sports", endpoints=[{"hls_package": [hls("news-1")]}]))
