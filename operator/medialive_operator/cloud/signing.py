"""AK/SK signatures, SDK-HMAC-SHA256, and the innermost transport that makes them.

Innermost, so that a request that is sent again is signed again, with a new date. Source: behaviour notes 2.2.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, unquote

import httpx

from medialive_operator.clock import Clock
from medialive_operator.cloud.credentials import AccessKey

_ALGORITHM = "SDK-HMAC-SHA256"
_DATE = "%Y%m%dT%H%M%SZ"
# A subset is enough; what HTTP libraries and proxies touch on the way is left out.
_SIGNED = ("content-type", "host", "x-project-id", "x-sdk-date", "x-security-token")


class Signing(httpx.AsyncBaseTransport):
    """Signs each request as it leaves. `project_id` is None for calls to IAM that look for the project."""

    def __init__(
        self, network: httpx.AsyncBaseTransport, credentials: AccessKey, project_id: str | None, clock: Clock
    ) -> None:
        self._network = network
        self._credentials = credentials
        self._project_id = project_id
        self._clock = clock

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sign, and send on."""
        if self._project_id is not None:
            request.headers["X-Project-Id"] = self._project_id
        if self._credentials.security_token is not None:
            request.headers["X-Security-Token"] = self._credentials.security_token.get_secret_value()
        request.headers["X-Sdk-Date"] = datetime.fromtimestamp(self._clock.time(), UTC).strftime(_DATE)
        request.headers["Authorization"] = authorization(request, self._credentials)
        return await self._network.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the network below."""
        await self._network.aclose()


def authorization(request: httpx.Request, credentials: AccessKey) -> str:
    """The Authorization header for a request that has all its other headers, X-Sdk-Date among them."""
    headers = {name: request.headers[name].strip() for name in _SIGNED if name in request.headers}
    canonical = _canonical(request, headers)
    to_sign = f"{_ALGORITHM}\n{headers['x-sdk-date']}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    secret = credentials.secret_key.get_secret_value().encode()
    signature = hmac.new(secret, to_sign.encode(), hashlib.sha256).hexdigest()
    names = ";".join(headers)
    return f"{_ALGORITHM} Access={credentials.access_key}, SignedHeaders={names}, Signature={signature}"


def _canonical(request: httpx.Request, headers: Mapping[str, str]) -> str:
    """The request as both sides spell it; the empty line after the headers is part of it."""
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    lines = [f"{name}:{value}" for name, value in headers.items()]
    body = hashlib.sha256(request.content).hexdigest()
    return "\n".join([request.method, _path(path), _query(query), *lines, "", ";".join(headers), body])


def _path(path: str) -> str:
    encoded = "/".join(quote(segment, safe="~") for segment in unquote(path).split("/"))
    return encoded if encoded.endswith("/") else f"{encoded}/"


def _query(query: str) -> str:
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    return "&".join(f"{quote(key, safe='~')}={quote(value, safe='~')}" for key, value in pairs)
