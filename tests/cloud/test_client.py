"""The client over a scripted network: what is sent, sent again, counted, told and hidden."""

import asyncio
import json
import logging
import traceback
from collections import deque
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from medialive_operator.cloud.budget import Budget, Priority
from medialive_operator.cloud.calls import Call
from medialive_operator.cloud.client import MediaLive, find_project_id
from medialive_operator.cloud.credentials import AccessKey, Credentials, Password
from medialive_operator.cloud.errors import CloudError, Invalid, Throttled, Transient
from medialive_operator.contract.operations import Operation
from tests.clocks import SteppedClock

pytestmark = pytest.mark.anyio

KEY = AccessKey("PLANTED-AK", SecretStr("planted-sk"), SecretStr("planted-temporary"))
STATE = {"domain": "push.example.com", "app_name": "live", "id": "ch1", "state": "ON"}

Step = Callable[[httpx.Request], httpx.Response]


def ok(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"result_code": "LIVE.100000000"}, headers={"X-Request-Id": "r-1"})


def died(request: httpx.Request) -> httpx.Response:
    raise httpx.RemoteProtocolError("Server disconnected", request=request)


def refused(status: int, code: str, **headers: str) -> Step:
    return lambda _: httpx.Response(status, json={"error_code": code, "error_msg": "as told"}, headers=headers)


class Network(httpx.AsyncBaseTransport):
    """Does as the steps say, then always succeeds."""

    def __init__(self) -> None:
        self.steps: deque[Step] = deque()
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append((request.method, str(request.url), dict(request.headers), request.content))
        step = self.steps.popleft() if self.steps else ok
        return step(request)

    async def aclose(self) -> None:
        raise AssertionError("a transport that was handed in is not closed")


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def calls() -> list[Call]:
    return []


@pytest.fixture
def budget(clock: SteppedClock) -> Budget:
    return Budget(clock, 80, jitter=lambda: 0.0)


@pytest.fixture
def cloud(network: Network, clock: SteppedClock, budget: Budget, calls: list[Call]) -> MediaLive:
    return MediaLive(
        endpoint="https://live.example.com/",
        project_id="p1",
        credentials=KEY,
        budget=budget,
        clock=clock,
        transport=network,
        observers=[calls.append],
    )


async def test_call_is_sent_as_the_contract_says(cloud: MediaLive, network: Network) -> None:
    """Method, path, query without nulls, booleans in lower case, JSON body."""
    query = {"flow_id": "a b/c~", "data_display": True, "output_name": None}
    await cloud.call(Operation.SHOW_FLOW_DETAIL, query=query)
    await cloud.call(Operation.MODIFY_OTT_CHANNEL_INFO_STATS, body=STATE)

    (get, get_url, _, _), (put, put_url, headers, body) = network.requests
    assert (get, get_url) == (
        "GET",
        "https://live.example.com/v1/p1/flows/detail?flow_id=a%20b%2Fc~&data_display=true",
    )
    assert (put, put_url) == ("PUT", "https://live.example.com/v1/p1/ott/channels/state")
    assert (json.loads(body), headers["content-type"]) == (STATE, "application/json")


async def test_secrets_of_a_body_are_opened_on_the_wire(cloud: MediaLive, network: Network) -> None:
    """A SecretStr anywhere in the body is sent as its value."""
    await cloud.call(Operation.CREATE_FLOW_OUTPUT, body=[{"encryption": {"passphrase": SecretStr("planted-pass")}}])

    assert json.loads(network.requests[0][3]) == [{"encryption": {"passphrase": "planted-pass"}}]


async def test_body_that_is_no_json_is_a_bug_told_without_its_value(cloud: MediaLive) -> None:
    """Only the type of what cannot be sent is named."""
    with pytest.raises(TypeError, match=r"^bytes cannot be sent as JSON\.$"):
        await cloud.call(Operation.CREATE_FLOWS, body={"name": b"planted"})


async def test_read_is_sent_again_when_its_connection_died(cloud: MediaLive, network: Network, budget: Budget) -> None:
    """A repeatable call is repeated once; both attempts count, each signed with its own date."""
    network.steps.extend([died])

    await cloud.call(Operation.LIST_OTT_CHANNEL_INFO)

    assert len(network.requests) == 2
    assert budget.used == 2


async def test_second_death_is_an_error(cloud: MediaLive, network: Network) -> None:
    """There is one repetition and no more."""
    network.steps.extend([died, died, died])

    with pytest.raises(Transient, match="closed the connection"):
        await cloud.call(Operation.LIST_OTT_CHANNEL_INFO)

    assert len(network.requests) == 2


@pytest.mark.parametrize(
    "operation", [Operation.CREATE_OTT_CHANNEL_INFO, Operation.MODIFY_OTT_CHANNEL_INFO_INPUT, Operation.DELETE_FLOW]
)
async def test_write_is_never_sent_again(cloud: MediaLive, network: Network, operation: Operation) -> None:
    """Whoever made the call must look whether it took effect; nobody does it twice."""
    network.steps.append(died)

    with pytest.raises(Transient) as failed:
        await cloud.call(operation, body={})

    assert failed.value.may_have_taken_effect
    assert len(network.requests) == 1


@pytest.mark.parametrize(
    "step", [refused(500, "LIVE.100011005"), refused(429, "APIGW.0308"), refused(401, "APIGW.0307")]
)
async def test_answer_is_never_asked_for_again(cloud: MediaLive, network: Network, step: Step) -> None:
    """An error is an answer: only the reconcile pass tries again. With keys, there is no token to renew either."""
    network.steps.append(step)

    with pytest.raises(CloudError):
        await cloud.call(Operation.LIST_OTT_CHANNEL_INFO)

    assert len(network.requests) == 1


@pytest.mark.parametrize(
    ("error", "may_have_taken_effect"),
    [
        (httpx.ConnectError("[Errno 111] refused"), False),
        (httpx.ConnectTimeout(""), False),
        (httpx.PoolTimeout(""), False),
        (httpx.LocalProtocolError("Illegal header value planted-sk"), False),
        (httpx.ReadTimeout(""), True),
        (httpx.ReadError(""), True),
        (httpx.WriteError("planted-sk"), True),
        (httpx.RemoteProtocolError("planted-sk"), True),
    ],
)
async def test_no_answer_says_whether_anything_can_have_happened(
    cloud: MediaLive, network: Network, error: httpx.TransportError, may_have_taken_effect: bool
) -> None:
    """Only when no connection was made is it sure that nothing happened."""

    def fail(_: httpx.Request) -> httpx.Response:
        raise error

    network.steps.extend([fail, fail])
    with pytest.raises(Transient) as failed:
        await cloud.call(Operation.LIST_OTT_CHANNEL_INFO)

    assert failed.value.may_have_taken_effect is may_have_taken_effect
    assert failed.value.status is None
    assert "planted" not in str(failed.value)
    assert "live.example.com" in str(failed.value)


@pytest.mark.parametrize(
    ("step", "pause"),
    [
        (refused(429, "APIGW.0308", **{"Retry-After": "20"}), 20.0),
        (refused(429, "unknown"), 6.0),
        (refused(500, "LIVE.100011007"), 6.0),
    ],
)
async def test_throttle_slows_the_budget(
    cloud: MediaLive, network: Network, budget: Budget, step: Step, pause: float
) -> None:
    """Every kind of throttle halves the rate and pauses, as long as the service says."""
    network.steps.append(step)

    with pytest.raises(Throttled):
        await cloud.call(Operation.LIST_OTT_CHANNEL_INFO)

    assert budget.limit == 40
    assert budget.expected_wait(Priority.STOP) == pytest.approx(pause)


async def test_redirect_is_not_followed(cloud: MediaLive, network: Network) -> None:
    """Credentials do not travel to where an answer points."""
    network.steps.append(lambda _: httpx.Response(307, headers={"Location": "https://elsewhere.example.com/"}))

    with pytest.raises(Transient, match="redirect, which is not followed"):
        await cloud.call(Operation.LIST_OTT_CHANNEL_INFO)

    assert len(network.requests) == 1


async def test_observers_hear_of_every_call(
    cloud: MediaLive, network: Network, calls: list[Call], clock: SteppedClock
) -> None:
    """One record a call, with how it ended and how long it took, and nothing of its body."""
    network.steps.extend([ok, refused(400, "LIVE.103011019")])
    await cloud.at(Priority.STOP).call(Operation.MODIFY_OTT_CHANNEL_INFO_STATS, body=STATE)
    with pytest.raises(CloudError):
        await cloud.call(Operation.DELETE_FLOW, query={"flow_id": "f"})

    assert calls == [
        Call(Operation.MODIFY_OTT_CHANNEL_INFO_STATS, Priority.STOP, "ok", 200, None, "r-1", 0.0, 0.0),
        Call(Operation.DELETE_FLOW, Priority.USER_CHANGE, "NotFound", 400, "LIVE.103011019", None, 0.0, 0.0),
    ]


async def test_waiting_for_budget_is_told_apart(
    cloud: MediaLive, calls: list[Call], clock: SteppedClock, budget: Budget
) -> None:
    """The time in the queue is `waited`, not part of the call's own seconds."""
    budget.throttled(10.0)
    call = asyncio.create_task(cloud.call(Operation.LIST_OTT_CHANNEL_INFO))
    await clock.advance(11.0)
    await call

    assert (calls[0].waited, calls[0].seconds) == (10.0, 0.0)


async def test_views_share_connection_and_budget(cloud: MediaLive, network: Network, budget: Budget) -> None:
    """A view at another priority is no second client."""
    view = cloud.at(Priority.STATISTICS)
    await view.call(Operation.LIST_FLOWS)
    await cloud.call(Operation.LIST_FLOWS)

    assert view.budget is cloud.budget is budget
    assert budget.used == 2


async def test_no_secret_shows_in_an_error(cloud: MediaLive, network: Network, calls: list[Call]) -> None:
    """A service that repeats everything it was sent gives nothing away, in no text, traceback or record."""

    def parrot(request: httpx.Request) -> httpx.Response:
        told = f"{request.headers} {request.content.decode()}"
        return httpx.Response(400, json={"result_code": "LIVE.100011001", "result_msg": told})

    network.steps.append(parrot)
    body = {"input": {"sources": [{"passphrase": SecretStr('planted-"pass')}]}}
    with pytest.raises(Invalid) as failed:
        await cloud.call(Operation.CREATE_OTT_CHANNEL_INFO, body=body)

    told = (
        "".join(traceback.format_exception(failed.value))
        + repr(failed.value)
        + repr(calls)
        + repr(failed.value.failure)
    )
    assert "PLANTED" not in told
    assert "planted" not in told


@pytest.mark.parametrize("credentials", [KEY, Password("robot", SecretStr("planted"), "studio")])
async def test_no_secret_shows_in_a_repr(credentials: Credentials) -> None:
    """Credentials can be printed by accident."""
    assert "planted" not in f"{credentials}{credentials!r}"


async def test_httpcore_does_not_log_headers_by_accident() -> None:
    """With everything at DEBUG, the library that would log IAM's answer headers stays at INFO."""
    assert not logging.getLogger("httpcore.http11").isEnabledFor(logging.DEBUG)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"endpoint": "http://live.example.com"}, "endpoint .* is plain HTTP"),
        ({"project_id": "../other"}, "project_id"),
        ({"project_id": ""}, "project_id"),
        ({"credentials": AccessKey("A K", SecretStr("x"))}, "access key"),
        ({"credentials": AccessKey("", SecretStr("x"))}, "access key"),
        ({"credentials": AccessKey("AK", SecretStr("x"), SecretStr("planted\r\nX-Evil: 1"))}, "security token"),
        ({"credentials": Password("u", SecretStr("p"), "d")}, "iam_endpoint is needed"),
        (
            {"credentials": Password("u", SecretStr("p"), "d"), "iam_endpoint": "http://iam.example.com"},
            "iam_endpoint .* is plain HTTP",
        ),
    ],
)
async def test_settings_that_cannot_be_used_are_refused(changed: dict[str, Any], why: str) -> None:
    """A client is not made from what would fail or leak later; the message names the setting and no secret."""
    arguments: dict[str, Any] = {"endpoint": "https://live.example.com", "project_id": "p1", "credentials": KEY}

    with pytest.raises(ValueError, match=why) as refusal:
        MediaLive(**{**arguments, **changed})

    assert "planted" not in str(refusal.value)


async def test_official_endpoint_knows_its_iam(clock: SteppedClock) -> None:
    """With an official endpoint, a password goes to the IAM of the same region."""
    hosts: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(201, headers={"X-Subject-Token": "t"}, json={"total": 0, "channels": []})

    async with MediaLive(
        endpoint="https://live.ap-southeast-3.myhuaweicloud.com",
        project_id="p1",
        credentials=Password("u", SecretStr("p"), "d"),
        clock=clock,
        transport=httpx.MockTransport(handle),
    ) as cloud:
        await cloud.call(Operation.LIST_OTT_CHANNEL_INFO)

    assert hosts == ["iam.ap-southeast-3.myhuaweicloud.com", "live.ap-southeast-3.myhuaweicloud.com"]


async def test_project_is_looked_up_signed(network: Network, clock: SteppedClock) -> None:
    """With keys, IAM is asked for the project of the region's name."""
    network.steps.append(lambda _: httpx.Response(200, json={"projects": [{"id": "p9", "name": "ap-southeast-3"}]}))

    found = await find_project_id("https://iam.example.com", "ap-southeast-3", KEY, clock=clock, transport=network)

    assert found == "p9"
    method, url, headers, _ = network.requests[0]
    assert (method, url) == ("GET", "https://iam.example.com/v3/projects?name=ap-southeast-3")
    assert headers["authorization"].startswith("SDK-HMAC-SHA256 Access=PLANTED-AK, SignedHeaders=")


@pytest.mark.parametrize(
    ("projects", "kind", "why"),
    [
        ([], Invalid, "knows no project"),
        ([{"id": "a"}, {"id": "b"}], Invalid, "knows 2 projects"),
        (None, Transient, "no list of projects"),
    ],
)
async def test_project_that_is_not_one_is_an_error(
    network: Network, clock: SteppedClock, projects: object, kind: type[CloudError], why: str
) -> None:
    """None, several or nonsense: the message says what to do."""
    network.steps.append(lambda _: httpx.Response(200, json={"projects": projects}))

    with pytest.raises(kind, match=why):
        await find_project_id("https://iam.example.com", "ap-southeast-3", KEY, clock=clock, transport=network)
