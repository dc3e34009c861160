"""The client against the simulated service: every operation, both ways to sign in, real sockets that fail."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from medialive_operator.clock import SystemClock
from medialive_operator.cloud.budget import Budget, Priority
from medialive_operator.cloud.calls import Call
from medialive_operator.cloud.channel_endpoints import Endpoint, HlsPackage
from medialive_operator.cloud.channel_inputs import AudioSelector, EncoderSettings, Input, Source
from medialive_operator.cloud.client import MediaLive, find_project_id
from medialive_operator.cloud.credentials import AccessKey, Credentials, Password
from medialive_operator.cloud.errors import CloudError, Denied, Exists, NotFound, Transient
from medialive_operator.cloud.flow_models import (
    AddFlowOutputsRequest,
    CreateFlowsRequestBody,
    FlowEncryption,
    FlowSource,
    UpdateFlowOutputRequestBody,
)
from medialive_operator.cloud.inventory import ChannelSource, Inventory
from medialive_operator.cloud.models import ChannelKey, CreateOttChannelInfoReq, RecordSettings, Scte35Query
from medialive_operator.cloud.monitoring_models import DimensionQuery
from medialive_operator.contract.operations import Operation
from medialive_operator.simulator.app import Simulator
from medialive_operator.simulator.options import PROFILES, Options
from medialive_operator.simulator.serving import served
from tests.clocks import SteppedClock

pytestmark = pytest.mark.anyio

KEY = ChannelKey("push.example.com", "live", "news-1")


def keys(simulator: Simulator) -> AccessKey:
    account = simulator.accounts[0]
    return AccessKey(account.access_key, account.secret_key)


def password(simulator: Simulator) -> Password:
    account = simulator.accounts[0]
    return Password(account.username, account.password, account.domain_name)


def opened(
    simulator: Simulator,
    credentials: Credentials,
    clock: SteppedClock,
    *,
    budget: Budget | None = None,
    calls: list[Call] | None = None,
) -> MediaLive:
    """A client of the simulator in the same process."""
    return MediaLive(
        endpoint="https://live.example.com",
        project_id=simulator.accounts[0].projects[0].id,
        credentials=credentials,
        iam_endpoint="https://iam.example.com",
        budget=budget,
        clock=clock,
        transport=httpx.ASGITransport(simulator.app),
        observers=[calls.append] if calls is not None else [],
    )


def channel(key: ChannelKey = KEY, **fields: Any) -> CreateOttChannelInfoReq:
    return CreateOttChannelInfoReq(
        **key._asdict(),
        state="OFF",
        input=Input(
            input_protocol="SRT_PULL",
            sources=[Source(url="srt://198.51.100.10:9000", passphrase=SecretStr("planted-passphrase"), latency=2000)],
        ),
        record_settings=RecordSettings(rollingbuffer_duration=0),
        endpoints=[outputs(key.id)],
        **fields,
    )


def outputs(name: str) -> Endpoint:
    url = f"play.example.com/live/{name}/index.m3u8"
    return Endpoint(hls_package=[HlsPackage(url=url, segment_duration_seconds=4)])


async def exercise_channels(cloud: MediaLive, clock: SteppedClock) -> None:
    created = await cloud.channels.create(channel(name="News"))
    assert (created.result_code, created.id) == ("LIVE.100000000", KEY.id)
    await cloud.channels.rename(KEY, "News 1")
    await cloud.channels.modify_record_settings(KEY, 3600)
    await cloud.channels.modify_encoder_settings(KEY, [EncoderSettings(template_id="tpl-1080")])
    await cloud.channels.modify_endpoints(KEY, [outputs("news-one")])
    selectors = [AudioSelector(name="main")]
    sources = [Source(url="srt://198.51.100.11:9000", latency=2000)]
    await cloud.channels.modify_input(KEY, Input(input_protocol="SRT_PULL", sources=sources, audio_selectors=selectors))
    await cloud.channels.set_state(KEY, "ON")
    await clock.sleep(30.0)  # one profile's lists lag behind
    (shown,) = [found async for found in cloud.channels.list(**KEY._asdict())]
    assert (shown.name, shown.state) == ("News 1", "ON")
    assert shown.record_settings == RecordSettings(rollingbuffer_duration=3600)
    signals = Scte35Query(type="all", start_time=1, end_time=int(clock.time()))
    statistic = await cloud.channels.statistic(KEY, signals)
    assert statistic.scte35 is not None
    assert statistic.scte35.total == 0
    with pytest.raises(Exists):
        await cloud.channels.create(channel())
    await cloud.channels.set_state(KEY, "OFF")
    await cloud.channels.delete(KEY)
    with pytest.raises(NotFound):
        await cloud.channels.delete(KEY)


async def exercise_flows(cloud: MediaLive, clock: SteppedClock) -> None:
    source = FlowSource(name="studio", protocol="srt-listener", cidr_whitelist=["203.0.113.0/24"])
    flow = await cloud.flows.create(CreateFlowsRequestBody(name="a", region="ap-southeast-3", sources=[source]))
    assert flow.flow_id
    assert [found.flow_id async for found in cloud.flows.list()] == [flow.flow_id]
    encryption = FlowEncryption(algorithm="aes128", key_type="srt-password", passphrase=SecretStr("planted-passphrase"))
    output = AddFlowOutputsRequest(name="to-ott", protocol="srt-listener", port=9100, encryption=encryption)
    added = await cloud.flows.add_outputs(flow.flow_id, [output])
    assert [made.name for made in added.outputs or ()] == ["to-ott"]
    change = UpdateFlowOutputRequestBody(port=9100, description="to the channel", encryption=encryption)
    await cloud.flows.change_output(flow.flow_id, "to-ott", change)
    shown = await cloud.flows.show_output(flow.flow_id, "to-ott", data_display=True)
    assert (shown.description, shown.protocol) == ("to the channel", "srt-listener")
    await cloud.flows.change_source(flow.flow_id, "studio", source.model_copy(update={"min_latency": 200}))
    assert (await cloud.flows.start(flow.flow_id)).flow_id == flow.flow_id
    await clock.sleep(30.0)  # and its flows start slowly
    detail = await cloud.flows.detail(flow.flow_id)
    assert detail.status == "ACTIVE"
    assert [found.min_latency for found in detail.sources or ()] == [200]
    await cloud.flows.stop(flow.flow_id)
    await clock.sleep(30.0)
    assert (await cloud.flows.delete_output(flow.flow_id, "to-ott")).output_name == "to-ott"
    await cloud.flows.delete(flow.flow_id)
    with pytest.raises(CloudError):
        await cloud.flows.detail(flow.flow_id)


async def exercise_monitoring(cloud: MediaLive) -> None:
    dimensions = (await cloud.monitoring.dimensions()).query
    assert dimensions is not None
    assert dimensions.medialive_mpc is not None
    found = await cloud.monitoring.instances([DimensionQuery(dim_name="medialive_mpc")])
    assert found.total == 0


async def exercise(cloud: MediaLive, clock: SteppedClock) -> None:
    await exercise_monitoring(cloud)
    await exercise_channels(cloud, clock)
    await exercise_flows(cloud, clock)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("credentials", [keys, password])
async def test_every_operation_works(profile: str, credentials: Any, clock: SteppedClock) -> None:
    """All 23 typed operations do their work with keys and with a password, whatever the service's habits."""
    simulator = Simulator(Options.model_validate({**PROFILES[profile], "throttle_scope": "none"}), clock)
    calls: list[Call] = []
    budget = Budget(clock, 1000)
    async with opened(simulator, credentials(simulator), clock, budget=budget, calls=calls) as cloud:
        work = asyncio.create_task(exercise(cloud, clock))
        while not work.done():
            await clock.advance(1.0)
        await work

    assert {call.operation for call in calls if call.outcome == "ok"} == set(Operation)


@pytest.mark.parametrize("credentials", [keys, password])
async def test_project_is_found_by_region(credentials: Any, clock: SteppedClock) -> None:
    """IAM tells the project's id, signed or by password; a region without a project is an error."""
    simulator = Simulator(Options(), clock)
    network = httpx.ASGITransport(simulator.app)
    project = simulator.accounts[0].projects[1]
    who = credentials(simulator)

    assert (
        await find_project_id("https://iam.example.com", project.name, who, clock=clock, transport=network)
        == project.id
    )
    with pytest.raises(CloudError):
        await find_project_id("https://iam.example.com", "eu-west-0", who, clock=clock, transport=network)


@pytest.mark.parametrize(
    "credentials",
    [AccessKey("SIMAK000000000000001", SecretStr("wrong")), Password("operator", SecretStr("no"), "studio-1")],
)
async def test_wrong_credentials_are_denied(credentials: Credentials, clock: SteppedClock) -> None:
    """A wrong key and a wrong password are both Denied."""
    simulator = Simulator(Options(), clock)
    async with opened(simulator, credentials, clock) as cloud:
        with pytest.raises(Denied):
            await cloud.call(Operation.LIST_OTT_CHANNEL_INFO)


async def test_budget_keeps_within_the_throttle(clock: SteppedClock) -> None:
    """200 calls that all want to leave at once are never refused, and take no longer than the limit makes them."""
    simulator = Simulator(Options(throttle_scope="account"), clock)
    calls: list[Call] = []
    async with opened(simulator, keys(simulator), clock, budget=Budget(clock, 80), calls=calls) as cloud:
        waiting = [asyncio.create_task(cloud.call(Operation.LIST_OTT_CHANNEL_INFO)) for _ in range(200)]
        await clock.advance(121.0)
        await asyncio.gather(*waiting)

    assert [call.outcome for call in calls] == ["ok"] * 200


async def test_client_slows_down_for_a_service_that_allows_less(clock: SteppedClock) -> None:
    """Where the service allows half of what was assumed, few calls are refused and the others get through."""
    simulator = Simulator(Options(throttle_scope="account", throttle_calls=40, throttle_retry_after=True), clock)
    calls: list[Call] = []
    budget = Budget(clock, 80, jitter=lambda: 0.5)

    async def insist(cloud: MediaLive) -> None:
        while True:
            try:
                await cloud.call(Operation.LIST_OTT_CHANNEL_INFO)
            except CloudError:
                continue
            return

    async with opened(simulator, keys(simulator), clock, budget=budget, calls=calls) as cloud:
        waiting = [asyncio.create_task(insist(cloud)) for _ in range(200)]
        await clock.advance(700.0)
        await asyncio.gather(*waiting)

    refused = sum(call.outcome == "Throttled" for call in calls)
    assert 0 < refused < 60


async def test_inventory_sweeps_the_simulated_service(clock: SteppedClock) -> None:
    """250 channels are observed with three calls, in whatever order the service lists them."""
    simulator = Simulator(Options(list_order="key", throttle_scope="none"), clock)
    calls: list[Call] = []
    wanted = [ChannelKey(KEY.domain, KEY.app_name, f"ch-{number}") for number in range(250)]
    async with opened(simulator, keys(simulator), clock, budget=Budget(clock, 1000), calls=calls) as cloud:
        for key in wanted:
            await cloud.channels.create(channel(key))
        calls.clear()
        inventory = Inventory(ChannelSource(cloud.channels), clock, lambda _: None)
        seen = await asyncio.gather(*(inventory.observe(key) for key in wanted))

    assert all(look.item and look.item["id"] == key.id for look, key in zip(seen, wanted, strict=True))
    assert [call.priority for call in calls] == [Priority.FIRST_OBSERVATION] * 3


@pytest.fixture
async def sockets() -> AsyncIterator[tuple[MediaLive, httpx.AsyncClient, list[Call]]]:
    """A client and the admin port of a simulator that listens on real sockets."""
    simulator = Simulator(Options(), SystemClock())
    calls: list[Call] = []
    async with (
        served(simulator) as addresses,
        httpx.AsyncClient(base_url=addresses.admin_url) as admin,
        MediaLive(
            endpoint=addresses.url,
            project_id=simulator.accounts[0].projects[0].id,
            credentials=password(simulator),
            iam_endpoint=addresses.url,
            observers=[calls.append],
        ) as cloud,
    ):
        yield cloud, admin, calls


Sockets = tuple[MediaLive, httpx.AsyncClient, list[Call]]


async def test_lost_answer_to_a_write_is_told_as_uncertain(sockets: Sockets) -> None:
    """The connection is dropped after the effect: the error says that it may have happened, and it did, once."""
    cloud, admin, _ = sockets
    await admin.post("/faults", json={"operation": "create_ott_channel_info", "times": 1, "drop": "after"})

    with pytest.raises(Transient) as failed:
        await cloud.channels.create(channel())

    assert failed.value.may_have_taken_effect
    assert [found.id async for found in cloud.channels.list()] == [KEY.id]


async def test_read_survives_a_dropped_connection(sockets: Sockets) -> None:
    """A list whose connection is dropped is asked for again; the caller notices nothing."""
    cloud, admin, calls = sockets
    await admin.post("/faults", json={"operation": "list_ott_channel_info", "times": 1, "drop": "before"})

    assert [found async for found in cloud.channels.list()] == []
    assert [call.outcome for call in calls] == ["ok"]
    assert cloud.budget.used == 2


async def test_token_that_the_gateway_forgot_is_replaced(sockets: Sockets) -> None:
    """401 APIGW.0307 in the midst of work costs a sign-in, and no error."""
    cloud, admin, calls = sockets
    await cloud.call(Operation.LIST_FLOWS)
    fault = {"operation": "create_ott_channel_info", "times": 1, "status": 401, "code": "APIGW.0307"}
    await admin.post("/faults", json=fault)

    await cloud.channels.create(channel())

    assert [call.outcome for call in calls] == ["ok", "ok"]
