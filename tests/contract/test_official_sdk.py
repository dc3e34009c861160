"""The official SDK is the judge: what it sends is understood, and what it gets it can read.

All 23 operations, with a permanent access key (project given or looked up at IAM), a temporary key, and a token.
"""

from typing import Any

import pytest
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdklive import v1

from medialive_operator.contract.operations import Operation
from tests.contract.sdk import client
from tests.simulator.running import Running

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

KEY = {"domain": "push.example.com", "app_name": "live", "id": "news-1"}


def test_channel_lifecycle_by_the_sdk(live: Any, simulator: Running) -> None:
    """Create, list, the six PUTs and delete of a channel are typed answers, and the readings show each change."""
    created = live.create_ott_channel_info(v1.CreateOttChannelInfoRequest(body=_channel()))
    assert (created.status_code, created.result_code, created.id) == (201, "LIVE.100000000", "news-1")
    assert created.sources[0].url.startswith("rtmp://push.example.com/live/news-1_2000000?")

    _put_everything(live)
    channel = _listed(live)
    assert channel.input.failover_conditions.input_preference == "PRIMARY"
    assert [template.template_id for template in channel.encoder_settings] == ["tpl-1080", "tpl-720"]
    assert channel.record_settings.rollingbuffer_duration == 3600
    assert channel.endpoints[0].hls_package[0].segment_duration_seconds == 6
    assert (channel.name, channel.state) == ("News 1 HD", "ON")

    off = v1.ModifyOttChannelState(**KEY, state="OFF")
    live.modify_ott_channel_info_stats(v1.ModifyOttChannelInfoStatsRequest(body=off))
    deleted = live.delete_ott_channel_info(v1.DeleteOttChannelInfoRequest(**KEY))
    assert (deleted.status_code, deleted.result_msg) == (200, "SUCCESS")
    assert live.list_ott_channel_info(v1.ListOttChannelInfoRequest()).total == 0
    assert _called(simulator) == {one for one in Operation if "ott_channel" in one}


def test_monitoring_by_the_sdk(live: Any, simulator: Running) -> None:
    """Statistics, dimensions and instances are typed answers."""
    live.create_ott_channel_info(v1.CreateOttChannelInfoRequest(body=_channel()))
    event = {"start_date": 1_741_594_376, "duration": 120}
    simulator.admin("POST", "/state/channels/push.example.com/live/news-1/scte35", event)
    window = v1.SCTE35StatisticReq(type="all", start_time=1_741_590_000, end_time=1_741_600_000)
    asked = v1.ShowChannelStatisticReq(**KEY, type="scte35", scte35=window)

    statistic = live.show_channel_statistic(v1.ShowChannelStatisticRequest(limit=5, offset=0, body=asked))
    assert statistic.scte35.total == 1
    assert statistic.scte35.scte35_info[0].duration == 120

    dimensions = live.list_ces_dims_info(v1.ListCesDimsInfoRequest(namespace="SYS.LIVE"))
    assert dimensions.query.pipeline.params == ["medialive_mpc", "pipeline"]
    path = [v1.ListCesInstanceRequestBodyQuery(dim_name=name) for name in ("medialive_mpc", "pipeline")]
    body = v1.ListCesInstanceRequestBody(namespace="SYS.LIVE", query=path)
    instances = live.list_ces_instance(v1.ListCesInstanceRequest(body=body))
    assert [(one.medialive_mpc.id, one.pipeline.id) for one in instances.instances] == [
        ("news-1", "0"),
        ("news-1", "1"),
    ]


def test_flow_lifecycle_by_the_sdk(live: Any, simulator: Running) -> None:
    """All eleven flow operations are typed answers; outputs are listed by name and type, and shown in full by name."""
    source = v1.FlowSource(name="studio", protocol="srt-listener", cidr_whitelist=["198.51.100.0/24"])
    body = v1.CreateFlowsRequestBody(name="studio-a", region="ap-southeast-3", sources=[source])
    flow = live.create_flows(v1.CreateFlowsRequest(body=body)).flow
    assert (flow.status, flow.sources[0].source_listener_port > 1023) == ("STANDBY", True)
    started = live.modify_flow_start(v1.ModifyFlowStartRequest(flow_id=flow.flow_id))
    assert started.status == "ACTIVE"
    assert live.list_flows(v1.ListFlowsRequest(limit=100)).flows[0].protocol == "srt-listener"

    _change_source_and_outputs(live, flow.flow_id)
    shown = live.show_flow_detail(v1.ShowFlowDetailRequest(flow_id=flow.flow_id))
    assert [(output.name, output.type) for output in shown.outputs] == [("to-ott", "srt")]
    assert shown.sources[0].min_latency == 500

    assert live.modify_flow_stop(v1.ModifyFlowStopRequest(flow_id=flow.flow_id)).status == "STANDBY"
    assert live.delete_flow(v1.DeleteFlowRequest(flow_id=flow.flow_id)).flow_id == flow.flow_id
    assert _called(simulator) == {one for one in Operation if "flow" in one or "output" in one}


def test_every_operation_is_judged() -> None:
    """The tests above call what the contract has: 9 channel, 3 monitoring and 11 flow operations, 23 in all."""
    assert len(Operation) == 23
    assert all(hasattr(v1.LiveClient, operation) for operation in Operation)


def test_the_sdk_reads_refusals(live: Any) -> None:
    """A channel call's refusal reaches the SDK's caller as its status and raw body, a flow's as code and message."""
    with pytest.raises(ClientRequestException) as channel:
        live.delete_ott_channel_info(v1.DeleteOttChannelInfoRequest(**KEY))
    with pytest.raises(ClientRequestException) as flow:
        live.show_flow_detail(v1.ShowFlowDetailRequest(flow_id="nobody"))

    assert channel.value.status_code == 400
    assert "LIVE.103011019" in channel.value.error_msg
    assert flow.value.error_code == "LIVE.103011019"
    assert flow.value.request_id


def test_a_wrong_secret_key_is_refused(simulator: Running) -> None:
    """A signature made with another secret key gets 401 and the gateway's code."""
    wrong = Running({**simulator.said, "secretKey": "another secret key"})

    with pytest.raises(ClientRequestException) as refused:
        client(wrong).list_ott_channel_info(v1.ListOttChannelInfoRequest())

    assert (refused.value.status_code, refused.value.error_code) == (401, "APIGW.0301")


def _channel() -> Any:
    url = "play.example.com/live/news-1/index"
    return v1.CreateOttChannelInfoReq(
        **KEY,
        name="News 1",
        state="ON",
        input=_input("EQUAL"),
        encoder_settings=[v1.ModifyOttChannelEncoderSettingsEncoderSettings(template_id="tpl-1080")],
        record_settings=v1.CreateOttChannelInfoReqRecordSettings(rollingbuffer_duration=86_400),
        endpoints=[
            v1.EndpointItem(
                hls_package=[v1.HlsPackageItem(url=f"{url}.m3u8", segment_duration_seconds=4)],
                dash_package=[v1.DashPackageItem(url=f"{url}.mpd", segment_duration_seconds=4)],
                mss_package=[v1.MssPackageItem(url=f"{url}/manifest", segment_duration_seconds=4)],
            )
        ],
    )


def _input(preference: str) -> Any:
    return v1.InputStreamInfo(
        input_protocol="RTMP_PUSH",
        sources=[v1.SourcesInfo(bitrate=2_000_000, width=1920, height=1080)],
        failover_conditions=v1.FailoverConditions(input_loss_threshold_msec=1000, input_preference=preference),
    )


def _put_everything(live: Any) -> None:
    changed = v1.ModifyOttChannelInputReq(**KEY, input=_input("PRIMARY"))
    answer = live.modify_ott_channel_info_input(v1.ModifyOttChannelInfoInputRequest(body=changed))
    assert answer.sources[0].bitrate == 2_000_000
    templates = [v1.ModifyOttChannelEncoderSettingsEncoderSettings(name) for name in ("tpl-1080", "tpl-720")]
    encoding = v1.ModifyOttChannelEncoderSettings(**KEY, encoder_settings=templates)
    live.modify_ott_channel_info_encoder_settings(v1.ModifyOttChannelInfoEncoderSettingsRequest(body=encoding))
    record = v1.ModifyOttChannelRecordSettingsRecordSettings(rollingbuffer_duration=3600)
    recording = v1.ModifyOttChannelRecordSettings(**KEY, record_settings=record)
    live.modify_ott_channel_info_record_settings(v1.ModifyOttChannelInfoRecordSettingsRequest(body=recording))
    package = v1.HlsPackageItem(url="play.example.com/live/news-1/index.m3u8", segment_duration_seconds=6)
    outputs = v1.ModifyOttChannelEndPointsReq(**KEY, endpoints=[v1.EndpointItem(hls_package=[package])])
    live.modify_ott_channel_info_end_points(v1.ModifyOttChannelInfoEndPointsRequest(body=outputs))
    name = v1.ModifyOttChannelGeneral(**KEY, name="News 1 HD")
    live.modify_ott_channel_info_general(v1.ModifyOttChannelInfoGeneralRequest(body=name))


def _change_source_and_outputs(live: Any, flow_id: str) -> None:
    source = v1.FlowSource(name="studio", protocol="srt-listener", min_latency=500)
    request = v1.ModifyFlowSourcesRequest(
        flow_id=flow_id, source_name="studio", body=v1.ModifyFlowSourcesRequestBody(source=source)
    )
    assert live.modify_flow_sources(request).source.min_latency == 500
    decryption = v1.FlowSourceDecryption(key_type="srt-password", passphrase="planted-passphrase", algorithm="aes128")
    outputs = [
        v1.AddFlowOutputsRequest(name="to-ott", protocol="srt-listener", encryption=decryption),
        v1.AddFlowOutputsRequest(name="to-partner", protocol="srt-caller", destination="198.51.100.7", port=9000),
    ]
    made = live.create_flow_output(v1.CreateFlowOutputRequest(flow_id=flow_id, body=outputs)).outputs
    assert [output.health_status for output in made] == ["CONNECTED", "CONNECTED"]
    change = v1.UpdateFlowOutputRequestBody(min_latency=300, encryption=decryption)
    named = {"flow_id": flow_id, "output_name": "to-ott"}
    changed = live.modify_flow_output(v1.ModifyFlowOutputRequest(**named, body=change))
    shown = live.show_output_info(v1.ShowOutputInfoRequest(**named, data_display="true"))
    assert (shown.min_latency, shown.listener_address) == (300, made[0].listener_address)
    assert changed.encryption.passphrase == shown.encryption.passphrase == "planted-passphrase"
    gone = live.delete_flow_output(v1.DeleteFlowOutputRequest(flow_id=flow_id, output_name="to-partner"))
    assert gone.output_name == "to-partner"


def _listed(live: Any) -> Any:
    page = live.list_ott_channel_info(v1.ListOttChannelInfoRequest(**KEY, limit=100, offset=0))
    assert page.total == 1
    return page.channels[0]


def _called(simulator: Running) -> set[str]:
    """The operations that were called; all of them with success."""
    calls = simulator.admin("GET", "/calls")["calls"]
    assert all(call["status"] in (200, 201) for call in calls)
    return {call["operation"] for call in calls}
