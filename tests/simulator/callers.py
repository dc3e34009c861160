"""Calls a simulator in the same process, without sockets, and holds each answer to the contract's response schemas."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx
import yaml
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

import medialive_operator.contract
from medialive_operator.contract.operations import OPERATIONS, Operation
from medialive_operator.simulator.app import Simulator
from medialive_operator.simulator.options import PROFILES, Options
from tests.clocks import SteppedClock

KEY = {"domain": "push.example.com", "app_name": "live", "id": "news-1"}


def channel(channel_id: str = "news-1", protocol: str = "FLV_PULL", **fields: Any) -> dict[str, Any]:
    """A create request; playback URLs follow the id."""
    return {
        "domain": "push.example.com",
        "app_name": "live",
        "id": channel_id,
        "name": channel_id.upper(),
        "state": "OFF",
        "input": {"input_protocol": protocol, "sources": [{"url": "http://198.51.100.1/a.flv", "bitrate": 1_000_000}]},
        "record_settings": {"rollingbuffer_duration": 0},
        "endpoints": [{"hls_package": [hls(channel_id)]}],
        **fields,
    }


def hls(name: str = "news-1", **fields: Any) -> dict[str, Any]:
    """An HLS package."""
    return {"url": f"play.example.com/live/{name}/index.m3u8", "segment_duration_seconds": 4, **fields}


def flow(name: str = "studio-a", **source: Any) -> dict[str, Any]:
    """A create request for a flow with one listener."""
    sources = [{"name": "studio", "protocol": "srt-listener", **source}]
    return {"name": name, "region": "ap-southeast-3", "sources": sources}


class Caller:
    """The user of one project of one account."""

    def __init__(self, simulator: Simulator, *, account: int = 0, project: int = 0, token: str = "") -> None:
        self.simulator = simulator
        self.account = simulator.accounts[account]
        self.project_id = self.account.projects[project].id
        self.token = token
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(simulator.app), base_url="http://live")
        self._admin = httpx.AsyncClient(transport=httpx.ASGITransport(simulator.admin), base_url="http://admin")

    async def signed_in(self) -> "Caller":
        """Fetch a token for the project."""
        user = {"name": self.account.username, "domain": {"name": self.account.domain_name}}
        password = {"user": {**user, "password": self.account.password.get_secret_value()}}
        scope = {"project": {"id": self.project_id}}
        answer = await self.iam({"identity": {"methods": ["password"], "password": password}, "scope": scope})
        self.token = answer.headers["X-Subject-Token"]
        return self

    async def iam(self, auth: dict[str, Any]) -> httpx.Response:
        """Ask IAM for a token."""
        return await self._http.post("/v3/auth/tokens", json={"auth": auth})

    async def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Any request, with the token if there is one."""
        headers = request.pop("headers", {}) | ({"X-Auth-Token": self.token} if self.token else {})
        return await self._http.request(method, path, headers=headers, **request)

    async def call(self, operation: Operation, *, body: Any = None, **query: Any) -> httpx.Response:
        """An operation; the answer fits the contract, whatever it is."""
        facts = OPERATIONS[operation]
        path = facts.path.format(project_id=self.project_id)
        answer = await self.send(facts.method, path, params=query, json=body)
        hold_to_contract(facts.method, path, answer, strictly=self.simulator.options.ott_error_shape == "result")
        return answer

    async def ok(self, operation: Operation, *, body: Any = None, **query: Any) -> Any:
        """An operation that succeeds; its JSON."""
        answer = await self.call(operation, body=body, **query)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    async def put(self, operation: Operation, **fields: Any) -> httpx.Response:
        """A PUT of the channel news-1."""
        return await self.call(operation, body={**KEY, **fields})

    async def shown(self, channel_id: str = "news-1") -> Any:
        """A channel as a list shows it."""
        page = await self.ok(Operation.LIST_OTT_CHANNEL_INFO, id=channel_id)
        return page["channels"][0]

    async def admin(self, method: str, path: str, body: Any = None, /, **query: Any) -> Any:
        """The admin port; its JSON."""
        answer = await self._admin.request(method, path, json=body, params=query)
        assert answer.is_success, answer.text
        return answer.json()

    async def stored(self) -> Any:
        """The only channel, as the admin port shows it."""
        (record,) = (await self.admin("GET", "/state"))["channels"]
        return record

    async def close(self) -> None:
        """Let go."""
        await self._http.aclose()
        await self._admin.aclose()


@asynccontextmanager
async def simulated(*, profile: str = "default", **options: Any) -> AsyncIterator[Caller]:
    """A caller with a token, of a simulator of its own whose clock stands still."""
    simulator = Simulator(Options.model_validate({**PROFILES[profile], **options}), SteppedClock())
    caller = await Caller(simulator).signed_in()
    try:
        yield caller
    finally:
        await caller.close()


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refused call, in either shape."""
    body = answer.json()
    return answer.status_code, body.get("result_code") or body.get("error_code")


def hold_to_contract(method: str, path: str, answer: httpx.Response, *, strictly: bool = True) -> None:
    """Fails when the answer has a field, type or value that the contract's schema does not.

    Nulls are left out: the contract asks clients to take every field as nullable.
    """
    if not strictly and not answer.is_success:
        return
    content = json.dumps(_without_nulls(answer.json())).encode()
    _contract().validate_response(
        MockRequest("http://live", method.lower(), path), MockResponse(content, answer.status_code)
    )


@lru_cache
def _contract() -> OpenAPI:
    folder = Path(medialive_operator.contract.__path__[0])
    text = (folder / "media-live.openapi.yaml").read_text(encoding="utf-8")
    document = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    document["servers"] = [{"url": "/"}]
    for schema in document["components"]["schemas"].values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    # The contract has the schemas of what is sent; a query shows an unset delay as 0, and may hide passphrases.
    document["components"]["schemas"]["MssPackageItem"]["properties"]["delay_segment"]["minimum"] = 0
    document["components"]["schemas"]["FlowSourceDecryption"]["required"].remove("passphrase")
    return OpenAPI.from_dict(document)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value
