"""IAM tokens: how often they are fetched, what happens when they cannot be, and when the service takes them no more."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest
from pydantic import SecretStr

from medialive_operator.cloud.budget import Budget
from medialive_operator.cloud.client import MediaLive, find_project_id
from medialive_operator.cloud.credentials import Password
from medialive_operator.cloud.errors import Denied, Transient
from medialive_operator.contract.operations import Operation
from tests.clocks import SteppedClock, settle

pytestmark = pytest.mark.anyio

PASSWORD = Password("robot", SecretStr("planted-password"), "studio")
IAM = "https://iam.example.com"


class Cloud(httpx.AsyncBaseTransport):
    """IAM and Media Live: tokens t1, t2, … that live for `life` seconds; the service refuses those in `refused`."""

    def __init__(self, clock: SteppedClock, life: float = 86_400.0) -> None:
        self.clock = clock
        self.life = life
        self.sign_ins: list[dict[str, object]] = []
        self.tokens: list[str] = []
        self.refused: set[str] = set()
        self.answers: deque[Callable[[], httpx.Response]] = deque()
        self.gate = asyncio.Event()
        self.gate.set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "iam.example.com":
            self.sign_ins.append(json.loads(request.content))
            await self.gate.wait()
            return self.answers.popleft()() if self.answers else self.token()
        self.tokens.append(request.headers["x-auth-token"])
        if self.tokens[-1] in self.refused:
            return httpx.Response(401, json={"error_code": "APIGW.0307", "error_msg": "The token must be updated."})
        return httpx.Response(200, json={"total": 0, "channels": []})

    def token(self) -> httpx.Response:
        expires = datetime.fromtimestamp(self.clock.time() + self.life, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        body = {"token": {"expires_at": expires, "project": {"id": "p1", "name": "ap-southeast-3"}}}
        return httpx.Response(201, headers={"X-Subject-Token": f"t{len(self.sign_ins)}"}, json=body)


def wrong_password() -> httpx.Response:
    return httpx.Response(401, json={"error": {"code": 401, "title": "Unauthorized", "message": "planted-password?"}})


@pytest.fixture
def cloud(clock: SteppedClock) -> Cloud:
    return Cloud(clock)


@pytest.fixture
def client(cloud: Cloud, clock: SteppedClock) -> MediaLive:
    return MediaLive(
        endpoint="https://live.example.com",
        project_id="p1",
        credentials=PASSWORD,
        iam_endpoint=IAM,
        clock=clock,
        transport=cloud,
    )


async def call(client: MediaLive) -> None:
    await client.call(Operation.LIST_OTT_CHANNEL_INFO)


async def test_token_is_scoped_to_the_project_and_kept(client: MediaLive, cloud: Cloud) -> None:
    """The sign-in names user, account and project; three calls need one."""
    for _ in range(3):
        await call(client)

    user = {"name": "robot", "password": "planted-password", "domain": {"name": "studio"}}
    assert cloud.sign_ins == [
        {
            "auth": {
                "identity": {"methods": ["password"], "password": {"user": user}},
                "scope": {"project": {"id": "p1"}},
            }
        }
    ]
    assert cloud.tokens == ["t1", "t1", "t1"]


async def test_calls_at_once_share_one_sign_in(client: MediaLive, cloud: Cloud) -> None:
    """Ten calls that come together sign in once, and one that is cancelled does not end it for the others."""
    cloud.gate.clear()
    calls = [asyncio.create_task(call(client)) for _ in range(10)]
    await settle()
    calls[0].cancel()
    await settle()
    cloud.gate.set()
    await asyncio.gather(*calls[1:])

    assert len(cloud.sign_ins) == 1
    assert cloud.tokens == ["t1"] * 9


async def test_token_is_renewed_before_it_ends(client: MediaLive, cloud: Cloud, clock: SteppedClock) -> None:
    """A day's token is used for 23 and a half hours, and then a new one, while the old is still good."""
    await call(client)
    await clock.advance(86_400.0 - 1801.0)
    await call(client)
    await clock.advance(2.0)
    await call(client)

    assert cloud.tokens == ["t1", "t1", "t2"]


async def test_token_that_does_not_say_its_end_is_kept_for_less_than_an_hour(
    client: MediaLive, cloud: Cloud, clock: SteppedClock
) -> None:
    """Without an end in the answer, a token is renewed within the hour."""
    cloud.answers.append(lambda: httpx.Response(201, headers={"X-Subject-Token": "t1"}, json={}))
    await call(client)
    await clock.advance(3600.0)
    await call(client)

    assert cloud.tokens == ["t1", "t2"]


async def test_failed_renewal_goes_on_with_the_old_token(client: MediaLive, cloud: Cloud, clock: SteppedClock) -> None:
    """While the old token lives, IAM's troubles stop nothing and are not asked about at every call."""
    await call(client)
    await clock.advance(86_400.0 - 1000.0)
    cloud.answers.append(lambda: httpx.Response(503))
    for _ in range(5):
        await call(client)

    assert cloud.tokens == ["t1"] * 6
    assert len(cloud.sign_ins) == 2


async def test_token_that_is_taken_no_more_is_replaced_once(client: MediaLive, cloud: Cloud) -> None:
    """On 401 APIGW.0307 the call is made again with a new token, also one that is not repeatable."""
    await call(client)
    cloud.refused.add("t1")

    await client.call(Operation.DELETE_OTT_CHANNEL_INFO, query={"domain": "d", "app_name": "a", "id": "ch1"})

    assert cloud.tokens == ["t1", "t1", "t2"]


async def test_calls_with_one_old_token_renew_it_once(client: MediaLive, cloud: Cloud) -> None:
    """Many calls that are refused together lead to one sign-in."""
    await call(client)
    cloud.refused.add("t1")

    await asyncio.gather(*(call(client) for _ in range(5)))

    assert len(cloud.sign_ins) == 2


async def test_service_that_takes_no_token_does_not_cause_a_flood(
    client: MediaLive, cloud: Cloud, clock: SteppedClock
) -> None:
    """When the new token is refused as well, nobody signs in again for half a minute."""
    cloud.refused.update({"t1", "t2"})
    for _ in range(5):
        with pytest.raises(Denied, match="0307"):
            await call(client)
    assert len(cloud.sign_ins) == 2

    await clock.advance(31.0)
    await call(client)
    assert cloud.tokens == ["t1", "t2", "t3"]


async def test_wrong_password_is_not_tried_at_every_call(client: MediaLive, cloud: Cloud, clock: SteppedClock) -> None:
    """IAM locks accounts: a refusal is believed for 30 s, then for twice as long, and healed by the next success."""
    cloud.answers.extend([wrong_password, wrong_password])
    for seconds in (0.0, 10.0, 19.0, 2.0, 58.0):
        await clock.advance(seconds)
        with pytest.raises(Denied, match="Unauthorized"):
            await call(client)
    assert len(cloud.sign_ins) == 2

    await clock.advance(3.0)
    await call(client)
    assert cloud.tokens == ["t3"]


async def test_trouble_at_iam_is_retried_sooner(client: MediaLive, cloud: Cloud, clock: SteppedClock) -> None:
    """A failure that is no refusal is believed for a second."""
    cloud.answers.append(lambda: httpx.Response(500))
    with pytest.raises(Transient):
        await call(client)

    await clock.advance(1.1)
    await call(client)

    assert cloud.tokens == ["t2"]


async def test_error_of_the_sign_in_hides_the_password(client: MediaLive, cloud: Cloud) -> None:
    """What IAM says is told, without the password that it repeats."""
    cloud.answers.append(wrong_password)

    with pytest.raises(Denied) as failed:
        await call(client)

    assert str(failed.value) == "Sign-in at IAM: 401: Unauthorized: (secret)?"


async def test_answer_without_a_token_is_an_error(client: MediaLive, cloud: Cloud) -> None:
    """A 201 that carries no token signs nobody in."""
    cloud.answers.append(lambda: httpx.Response(201, json={"token": {}}))

    with pytest.raises(Transient, match="X-Subject-Token"):
        await call(client)


async def test_sign_in_takes_nothing_from_the_budget(cloud: Cloud, clock: SteppedClock) -> None:
    """A call that got no token has not been made; one that got it counts once."""
    budget = Budget(clock, 10)
    async with MediaLive(
        endpoint="https://live.example.com",
        project_id="p1",
        credentials=PASSWORD,
        iam_endpoint=IAM,
        budget=budget,
        clock=clock,
        transport=cloud,
    ) as client:
        cloud.answers.append(lambda: httpx.Response(500))
        with pytest.raises(Transient):
            await call(client)
        assert budget.used == 0

        await clock.advance(2.0)
        await call(client)
        assert budget.used == 1


async def test_closing_ends_a_sign_in(client: MediaLive, cloud: Cloud) -> None:
    """Whoever waits for a token when the client is closed gets an error, and is not left waiting."""
    cloud.gate.clear()
    waiting = asyncio.create_task(call(client))
    await settle()
    await client.aclose()

    with pytest.raises(Transient, match="closed"):
        await waiting


async def test_project_id_comes_with_the_token(cloud: Cloud, clock: SteppedClock) -> None:
    """With a password, the project of a region is the one that a token for it names."""
    found = await find_project_id(IAM, "ap-southeast-3", PASSWORD, clock=clock, transport=cloud)

    assert found == "p1"
    assert cloud.sign_ins[0]["auth"]["scope"] == {"project": {"name": "ap-southeast-3"}}  # type: ignore[index]
