"""The official SDK reads the answers of every profile."""

from typing import Any

import pytest
from huaweicloudsdklive import v1

from medialive_operator.simulator.options import PROFILES, options_of
from tests.contract.sdk import client
from tests.simulator.callers import KEY, channel, flow
from tests.simulator.running import running

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

IMMEDIATE = sorted(set(PROFILES) - {"default", "slow"})  # the slow one shows nothing at once, by design


@pytest.mark.parametrize("profile", IMMEDIATE)
def test_every_profile_is_read(profile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A channel and a flow with an output are created and read back, whatever the switches are."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running(options_of(profile)) as simulator:
        live = client(simulator)
        live.create_ott_channel_info(v1.CreateOttChannelInfoRequest(body=channel(encoder_settings=[])))
        shown = live.list_ott_channel_info(v1.ListOttChannelInfoRequest(**KEY)).channels[0]
        flow_id = live.create_flows(v1.CreateFlowsRequest(body=flow())).flow.flow_id
        _output(live, flow_id)
        detail = live.show_flow_detail(v1.ShowFlowDetailRequest(flow_id=flow_id))
        live.close()

    assert (shown.input.sources[0].bitrate, shown.input.sources[0].latency) == (1_000_000, None)
    assert [output.name for output in detail.outputs] == ["to-ott"]


def _output(live: Any, flow_id: str) -> None:
    output = {"name": "to-ott", "protocol": "srt-listener"}
    live.create_flow_output(v1.CreateFlowOutputRequest(flow_id=flow_id, body=[output]))
