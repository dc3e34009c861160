"""The way out: where requests may go, how they get there, and how much may come back.

Called by the client, which stacks its transports on top. TLS is always verified, plain HTTP goes to this machine only,
and no redirect is followed: nothing here knows how to.
"""

import asyncio
import functools
import ipaddress
import logging
import ssl
import urllib.request

import httpx

LARGEST_ANSWER = 16 * 1024 * 1024
_LONGEST_ANSWER = 120.0
_HIGHEST_PORT = 65_535
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_LIMITS = httpx.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=30.0)
_DESCRIBING_THE_BODY = ("content-encoding", "content-length", "transfer-encoding")

# At DEBUG, httpcore writes the headers of answers into the log, and the headers of IAM's answer hold the token.
logging.getLogger("httpcore").setLevel(logging.INFO)


class TooLarge(httpx.TransportError):
    """The answer does not end within the bounds of size."""


def base_url(endpoint: str, name: str) -> str:
    """The endpoint without a trailing slash. Raises ValueError, naming the setting, when it must not be used."""
    try:
        url = httpx.URL(endpoint)
    except (httpx.InvalidURL, TypeError):
        url = httpx.URL()
    if url.scheme not in ("http", "https") or not url.host or (url.port or 0) > _HIGHEST_PORT:
        raise ValueError(f"{name} must be a URL like https://host, not {_shown(endpoint)!r}.")
    if url.userinfo or url.query or url.fragment:
        raise ValueError(f"{name} must have no user, password, query or fragment: credentials are given separately.")
    if url.scheme == "http" and not is_loopback(url.host):
        raise ValueError(
            f"{name} {_shown(endpoint)!r} is plain HTTP, which is only allowed to this machine "
            "(localhost, 127.0.0.0/8, ::1). Use https."
        )
    return str(url).rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, by its name or address alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(endpoint: str) -> str:
    """The endpoint without what may be a password."""
    return endpoint.rpartition("@")[2][:200]


def timeouts() -> dict[str, float | None]:
    """Seconds to wait for each step of an exchange: 10 to connect, 30 for anything else."""
    return _TIMEOUT.as_dict()


def open_network(url: str) -> httpx.AsyncBaseTransport:
    """A connection pool for one host. Proxies are taken from the environment, never for this machine."""
    proxy = _proxy(url)
    return httpx.AsyncHTTPTransport(verify=_tls(), trust_env=False, limits=_LIMITS, proxy=proxy)


@functools.cache
def _tls() -> ssl.SSLContext:
    """One for all accounts: it holds every certificate authority. SSL_CERT_FILE and SSL_CERT_DIR are honoured."""
    return httpx.create_ssl_context()


def _proxy(url: str) -> httpx.Proxy | None:
    scheme, host = httpx.URL(url).scheme, httpx.URL(url).host
    if is_loopback(host) or urllib.request.proxy_bypass(host):
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy:
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    if httpx.URL(proxy).scheme not in ("http", "https"):
        raise ValueError(f"The proxy for {host} is neither http nor https. Set HTTPS_PROXY or NO_PROXY accordingly.")
    return httpx.Proxy(proxy)


class Kept(httpx.AsyncBaseTransport):
    """A transport that belongs to somebody else, and is left open."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send on."""
        return await self._transport.handle_async_request(request)


class Bounded(httpx.AsyncBaseTransport):
    """Reads each answer completely, unpacked, while it is small enough and comes fast enough."""

    def __init__(self, network: httpx.AsyncBaseTransport) -> None:
        self._network = network

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, read and closed. Raises httpx.TransportError."""
        try:
            async with asyncio.timeout(_LONGEST_ANSWER):
                response = await self._network.handle_async_request(request)
                content = await _read(response)
        except TimeoutError:
            raise httpx.ReadTimeout(f"no complete answer in {_LONGEST_ANSWER:.0f} s") from None
        headers = [(name, value) for name, value in response.headers.multi_items() if name not in _DESCRIBING_THE_BODY]
        return httpx.Response(response.status_code, headers=headers, content=content, extensions=response.extensions)

    async def aclose(self) -> None:
        """Close the network below."""
        await self._network.aclose()


async def _read(response: httpx.Response) -> bytes:
    content = bytearray()
    try:
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > LARGEST_ANSWER:
                raise TooLarge(f"the answer is larger than {LARGEST_ANSWER // 1024 // 1024} MiB")
    except httpx.DecodingError:
        raise httpx.RemoteProtocolError("the answer's compression is broken") from None
    finally:
        await response.aclose()
    return bytes(content)
