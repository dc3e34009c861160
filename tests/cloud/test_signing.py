"""AK/SK signatures: the contract's vectors, the official signer, and a fresh signature for each attempt."""

import re
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from medialive_operator.cloud.credentials import AccessKey
from medialive_operator.cloud.signing import Signing, authorization
from tests.clocks import SteppedClock

HOST = "live.ap-southeast-3.myhuaweicloud.com"
PROJECT = "0123456789abcdef0123456789abcdef"
KEY = AccessKey("AKEXAMPLE0000000000", SecretStr("SKEXAMPLE000000000000000000000000000000"))


def headers(content_type: str) -> dict[str, str]:
    return {"Content-Type": content_type, "X-Project-Id": PROJECT, "X-Sdk-Date": "20260101T000000Z"}


def signature(request: httpx.Request) -> str:
    return authorization(request, KEY).rpartition("Signature=")[2]


def test_vector_of_a_get_with_a_query() -> None:
    """The contract's first vector: a query with characters that must be encoded, and no body."""
    request = httpx.Request(
        "GET",
        f"https://{HOST}/v1/{PROJECT}/ott/channels?id=a%20b%2Fc&limit=10",
        headers=headers("application/json"),
    )

    assert signature(request) == "b3cf45934b865a985101ef0d0a9343c1612365d49e407f52f2c0e2442af0f179"


def test_vector_of_a_put_with_a_body() -> None:
    """The contract's second vector: a JSON body, hashed byte by byte."""
    request = httpx.Request(
        "PUT",
        f"https://{HOST}/v1/{PROJECT}/ott/channels/state",
        headers=headers("application/json; charset=UTF-8"),
        content=b'{"domain":"push.example.com","app_name":"live","id":"ch1","state":"ON"}',
    )

    assert signature(request) == "774ba65ceeee6cf7a72e134539cb1b5dd1c72106d1967b58930922a1e2b5dade"


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)


@settings(deadline=None)
@given(
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE"]),
    segments=st.lists(texts.filter(lambda text: text not in (".", "..")), max_size=3),
    query=st.dictionaries(texts, texts, max_size=4),
    body=st.binary(max_size=40),
)
def test_signature_is_the_official_one(method: str, segments: list[str], query: dict[str, str], body: bytes) -> None:
    """For any request, the SDK's own signer makes the same Authorization header."""
    path = "/" + "/".join(quote(segment, safe="~") for segment in segments)
    encoded = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in query.items())
    ours = httpx.Request(
        method, f"https://{HOST}{path}?{encoded}", headers=headers("application/json"), content=body or None
    )
    theirs: Any = SdkRequest(
        method=method,
        schema="https",
        host=HOST,
        resource_path=path,
        query_params=list(query.items()),
        header_params=headers("application/json"),
        body=body,
    )
    Signer(SimpleNamespace(ak=KEY.access_key, sk=KEY.secret_key.get_secret_value())).sign(theirs)

    assert authorization(ours, KEY) == theirs.header_params["Authorization"]


@pytest.mark.anyio
async def test_each_sending_is_signed_with_its_own_date(clock: SteppedClock) -> None:
    """The same request sent twice has two dates and two signatures."""
    sent: list[tuple[str, str]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append((request.headers["x-sdk-date"], request.headers["authorization"]))
        return httpx.Response(200)

    signing = Signing(httpx.MockTransport(handle), KEY, PROJECT, clock)
    request = httpx.Request("GET", f"https://{HOST}/v1")
    for _ in range(2):
        await signing.handle_async_request(request)
        await clock.advance(5.0)

    (first_date, first), (second_date, second) = sent
    assert (first_date, second_date) == ("20270115T080000Z", "20270115T080005Z")
    assert first != second


@pytest.mark.anyio
async def test_temporary_key_sends_its_token_signed(clock: SteppedClock) -> None:
    """The security token is a header, and one of the signed ones."""
    sent: list[httpx.Headers] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers)
        return httpx.Response(200)

    key = AccessKey("AK", SecretStr("SK"), SecretStr("temporary"))
    await Signing(httpx.MockTransport(handle), key, None, clock).handle_async_request(
        httpx.Request("GET", f"https://{HOST}/")
    )

    assert sent[0]["x-security-token"] == "temporary"
    assert re.search(r"SignedHeaders=host;x-sdk-date;x-security-token,", sent[0]["authorization"])
    assert "x-project-id" not in sent[0]
