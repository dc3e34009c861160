"""Tokens, signatures and temporary keys are checked for real."""

import json
from typing import Any

import httpx
import pytest

from medialive_operator.contract.operations import Operation
from medialive_operator.simulator import signatures
from medialive_operator.simulator.messages import Message
from tests.simulator.callers import Caller, refusal, simulated

pytestmark = pytest.mark.anyio

HOST = "live.ap-southeast-3.myhuaweicloud.com"
PROJECT = "0123456789abcdef0123456789abcdef"
SECRET_KEY = "SKEXAMPLE000000000000000000000000000000"
SIGNED = "content-type;host;x-project-id;x-sdk-date"


def vector(method: str, path: str, query: tuple[tuple[str, str], ...], body: bytes, content_type: str) -> Message:
    """A request of the contract's test vectors."""
    headers = {
        "content-type": content_type, "host": HOST, "x-project-id": PROJECT, "x-sdk-date": "20260101T000000Z",
    }  # fmt: skip
    return Message(method, f"/v1/{PROJECT}{path}", query, headers, body)


VECTORS = [
    (
        vector("GET", "/ott/channels", (("id", "a b/c"), ("limit", "10")), b"", "application/json"),
        "b3cf45934b865a985101ef0d0a9343c1612365d49e407f52f2c0e2442af0f179",
    ),
    (
        vector(
            "PUT",
            "/ott/channels/state",
            (),
            b'{"domain":"push.example.com","app_name":"live","id":"ch1","state":"ON"}',
            "application/json; charset=UTF-8",
        ),
        "774ba65ceeee6cf7a72e134539cb1b5dd1c72106d1967b58930922a1e2b5dade",
    ),
]


@pytest.mark.parametrize(("message", "signature"), VECTORS)
def test_signature_vectors_of_the_contract(message: Message, signature: str) -> None:
    """The signatures that the official SDK made are accepted; another by one digit is not."""
    header = f"SDK-HMAC-SHA256 Access=AKEXAMPLE0000000000, SignedHeaders={SIGNED}, Signature="
    signatures.check(message, signatures.claim_of(header + signature), SECRET_KEY)

    with pytest.raises(signatures.BadSignatureError):
        signatures.check(message, signatures.claim_of(header + "0" + signature[1:]), SECRET_KEY)


@pytest.mark.parametrize(
    ("authorization", "told"),
    [
        ("Basic abc", "algorithm"),
        ("SDK-HMAC-SHA256 Access=a", "needs Access"),
        ("SDK-HMAC-SHA256 Access=a, SignedHeaders=host, Signature=b", "does not exist"),
    ],
)
async def test_malformed_signatures_say_why(caller: Caller, authorization: str, told: str) -> None:
    """A signature that cannot be checked is refused with the reason."""
    caller.token = ""
    answer = await caller.send("GET", _channels(caller), headers={"Authorization": authorization})

    assert refusal(answer) == (401, "APIGW.0301")
    assert told in answer.json()["error_msg"]


@pytest.mark.parametrize(("header", "told"), [("X-Sdk-Date", "x-sdk-date"), ("Host", "host")])
async def test_date_and_host_must_be_signed(caller: Caller, header: str, told: str) -> None:
    """A signature that leaves the date or the host open is refused."""
    claim = signatures.claim_of(
        f"SDK-HMAC-SHA256 Access=a, SignedHeaders={'host' if told != 'host' else 'x-sdk-date'}, Signature=b"
    )
    message = Message("GET", "/", headers={"host": "live", "x-sdk-date": "20260101T000000Z"})

    with pytest.raises(signatures.BadSignatureError, match=f"not signed: {told}"):
        signatures.check(message, claim, SECRET_KEY)


@pytest.mark.parametrize(("skew", "code"), [(900, "APIGW.0301"), (None, None)])
async def test_clock_skew(skew: float | None, code: str | None) -> None:
    """A signature of another hour is refused, unless nobody looks at the date."""
    async with simulated(clock_skew=skew) as caller:
        answer = await _signed(caller, "20260101T000000Z")

        assert (None if answer.is_success else refusal(answer)[1]) == code


async def test_no_credentials(caller: Caller) -> None:
    """A call without credentials is refused in the gateway's shape, with the request's id."""
    caller.token = ""
    answer = await caller.call(Operation.LIST_OTT_CHANNEL_INFO)

    assert refusal(answer) == (401, "APIGW.0301")
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(("errors", "code"), [("gateway", "APIGW.0301"), ("service", "LIVE.100011002")])
async def test_auth_errors(errors: str, code: str) -> None:
    """A token that is none is refused by the gateway, or by the service."""
    async with simulated(auth_errors=errors) as caller:
        caller.token = "no token"

        assert refusal(await caller.call(Operation.LIST_OTT_CHANNEL_INFO)) == (401, code)


async def test_token_expires() -> None:
    """A token that is too old is refused with the code that asks to sign in again."""
    async with simulated(token_seconds=100) as caller:
        await caller.ok(Operation.LIST_FLOWS)
        await caller.admin("POST", "/clock", {"step": 100})

        assert refusal(await caller.call(Operation.LIST_FLOWS)) == (401, "APIGW.0307")


async def test_token_is_for_one_project(caller: Caller) -> None:
    """A token of one project opens no other, not even of the same account; nor is one without a project enough."""
    elsewhere = Caller(caller.simulator, project=1, token=caller.token)
    unscoped = Caller(caller.simulator, token=(await _asked(caller, scope=None)).headers["X-Subject-Token"])

    assert refusal(await elsewhere.call(Operation.LIST_OTT_CHANNEL_INFO)) == (401, "LIVE.100011015")
    assert refusal(await unscoped.call(Operation.LIST_OTT_CHANNEL_INFO)) == (401, "APIGW.0301")
    await elsewhere.close()
    await unscoped.close()


async def test_token_cannot_be_altered(caller: Caller) -> None:
    """A token of which anything was changed is none."""
    caller.token = caller.token[:-1] + ("0" if caller.token[-1] != "0" else "1")

    assert refusal(await caller.call(Operation.LIST_FLOWS)) == (401, "APIGW.0301")


@pytest.mark.parametrize("changes", [{"name": "nobody"}, {"password": "wrong"}, {"domain": {"name": "other"}}])
async def test_iam_refuses_wrong_users(caller: Caller, changes: dict[str, Any]) -> None:
    """A wrong user name, password or account gets 401 from IAM, in IAM's shape."""
    answer = await _asked(caller, **changes)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, 401)
    assert "X-Subject-Token" not in answer.headers


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"auth": {"identity": {"methods": ["token"]}}}'])
async def test_iam_refuses_malformed_requests(caller: Caller, body: bytes) -> None:
    """A request without what IAM needs gets 400."""
    answer = await caller.send("POST", "/v3/auth/tokens", content=body)

    assert answer.status_code == 400


async def test_projects_are_found_by_name(caller: Caller) -> None:
    """The account's project of a region is found by its name; an unknown name finds none."""
    found = (await caller.send("GET", "/v3/projects", params={"name": "ap-southeast-3"})).json()
    nobody = (await caller.send("GET", "/v3/projects", params={"name": "eu-west-0"})).json()

    assert [project["id"] for project in found["projects"]] == [caller.project_id]
    assert nobody["projects"] == []


async def _asked(caller: Caller, scope: Any = None, **changes: Any) -> httpx.Response:
    account = caller.account
    user = {"name": account.username, "password": account.password.get_secret_value()}
    password = {"user": {**user, "domain": {"name": account.domain_name}, **changes}}
    identity = {"methods": ["password"], "password": password}
    return await caller.iam({"identity": identity} | ({"scope": scope} if scope else {}))


async def _signed(caller: Caller, date: str) -> httpx.Response:
    """A call with a right signature of this date, made with the vectors' arithmetic."""
    import hashlib
    import hmac

    headers = {"host": "live", "x-sdk-date": date}
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    empty = hashlib.sha256(b"").hexdigest()
    canonical = "\n".join(("GET", f"{_channels(caller)}/", "", lines, "host;x-sdk-date", empty))
    to_sign = f"SDK-HMAC-SHA256\n{date}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    secret_key = caller.account.secret_key.get_secret_value()
    signature = hmac.new(secret_key.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    claim = f"Access={caller.account.access_key}, SignedHeaders=host;x-sdk-date, Signature={signature}"
    caller.token = ""
    return await caller.send("GET", _channels(caller), headers={**headers, "Authorization": f"SDK-HMAC-SHA256 {claim}"})


def _channels(caller: Caller) -> str:
    return f"/v1/{caller.project_id}/ott/channels"


def test_logged_bodies_of_tokens_are_redacted() -> None:
    """What the log keeps of a sign-in has neither password nor token."""
    from medialive_operator.simulator.redaction import redacted

    password = {"user": {"name": "operator", "password": "planted-password"}}
    body = {"auth": {"identity": {"password": password, "token": {"id": "planted-token"}}}}

    assert "planted" not in json.dumps(redacted(body))
