"""The official SDK, pointed at a simulator, with each kind of credentials that it can use."""

from typing import Any

import httpx
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkcore.http.http_handler import HttpHandler
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdklive.v1 import LiveClient

from tests.simulator.running import Running

CREDENTIALS = ("access key", "access key, project looked up", "temporary key", "token")


def client(simulator: Running, kind: str = "access key") -> Any:
    """An SDK client that works in the simulator's first project."""
    said = simulator.said
    config = HttpConfig.get_default_config()
    if kind == "token":
        # The SDK has no credentials class for tokens: it signs, and its request hook puts the token in place.
        keys = BasicCredentials("unused", "unused", said["projectId"])
        handler = HttpHandler().add_request_handler(_carrying(token(simulator)))
        return _built(simulator, keys, config, handler)
    if kind == "temporary key":
        given = temporary_key(simulator)
        keys = BasicCredentials(given["access"], given["secret"], said["projectId"])
        return _built(simulator, keys.with_security_token(given["securitytoken"]), config)
    project = None if kind.endswith("looked up") else said["projectId"]
    keys = BasicCredentials(said["accessKey"], said["secretKey"], project)
    return _built(simulator, keys.with_iam_endpoint(said["iamUrl"]), config)


def token(simulator: Running) -> str:
    """A project scoped token of the first account."""
    said = simulator.said
    user = {"name": said["username"], "password": said["password"], "domain": {"name": said["domainName"]}}
    identity = {"methods": ["password"], "password": {"user": user}}
    body = {"auth": {"identity": identity, "scope": {"project": {"name": said["region"]}}}}
    answer = httpx.post(f"{said['iamUrl']}/v3/auth/tokens", json=body)
    assert answer.status_code == 201, answer.text
    return answer.headers["X-Subject-Token"]


def temporary_key(simulator: Running) -> dict[str, str]:
    """Access key, secret key and security token of limited life."""
    body = {"auth": {"identity": {"methods": ["token"], "token": {"id": token(simulator), "duration_seconds": 900}}}}
    answer = httpx.post(f"{simulator.said['iamUrl']}/v3.0/OS-CREDENTIAL/securitytokens", json=body)
    assert answer.status_code == 201, answer.text
    given: dict[str, str] = answer.json()["credential"]
    return given


def _carrying(secret: str) -> Any:
    def put_token(*, request: Any, **_: Any) -> None:
        del request.header_params["Authorization"]
        request.header_params["X-Auth-Token"] = secret

    return put_token


def _built(simulator: Running, keys: Any, config: Any, handler: Any = None) -> Any:
    region = Region(simulator.said["region"], simulator.url)
    builder = LiveClient.new_builder().with_credentials(keys).with_region(region).with_http_config(config)
    return (builder.with_http_handler(handler) if handler else builder).build()
