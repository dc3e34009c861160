"""Where requests may go, and how much may come back."""

import gzip
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from medialive_operator.cloud.client import MediaLive
from medialive_operator.cloud.credentials import AccessKey
from medialive_operator.cloud.errors import Transient
from medialive_operator.cloud.network import LARGEST_ANSWER, Bounded, TooLarge, base_url, is_loopback, open_network
from medialive_operator.contract.operations import Operation
from tests.clocks import SteppedClock


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://live.example.com",
        "https://live.example.com/",
        "http://127.0.0.1:8080",
        "http://localhost:1",
        "http://[::1]:2",
    ],
)
def test_https_and_this_machine_are_allowed(endpoint: str) -> None:
    """Any https URL, and plain http to loopback addresses."""
    assert base_url(endpoint, "endpoint") == endpoint.rstrip("/")


@pytest.mark.parametrize(
    ("endpoint", "why"),
    [
        ("http://live.example.com", "plain HTTP"),
        ("http://10.0.0.1", "plain HTTP"),
        ("http://localhost.example.com", "plain HTTP"),
        ("http://127.0.0.1.example.com", "plain HTTP"),
        ("ftp://live.example.com", "must be a URL like"),
        ("live.example.com", "must be a URL like"),
        ("https://", "must be a URL like"),
        ("https://live.example.com:99999", "must be a URL like"),
        ("https://live.example\n.com", "must be a URL like"),
        ("https://user:planted@[live", "no user, password"),
        ("https://user:planted@live.example.com", "no user, password"),
        ("https://live.example.com?x=1", "no user, password"),
    ],
)
def test_other_endpoints_are_refused(endpoint: str, why: str) -> None:
    """Whatever could give credentials away is refused, saying why and never quoting a password."""
    with pytest.raises(ValueError, match=why) as refused:
        base_url(endpoint, "endpoint")

    assert "planted" not in str(refused.value)


def test_loopback_is_known_by_address_alone() -> None:
    """No name is looked up to find out."""
    assert is_loopback("127.8.9.1")
    assert not is_loopback("example.com")


@pytest.mark.anyio
@pytest.mark.parametrize("packed", [False, True])
async def test_answer_beyond_the_bound_is_an_error(packed: bool) -> None:
    """An answer of more than 16 MiB is not read to its end, also when it is small while packed."""
    content = b"x" * (LARGEST_ANSWER + 1)
    headers = {"Content-Encoding": "gzip"} if packed else {}
    response = httpx.Response(
        200, headers=headers, stream=httpx.ByteStream(gzip.compress(content) if packed else content)
    )
    network = Bounded(httpx.MockTransport(lambda _: response))

    with pytest.raises(TooLarge, match="16 MiB"):
        await network.handle_async_request(httpx.Request("GET", "https://live.example.com"))


@pytest.mark.anyio
async def test_packed_answer_is_unpacked() -> None:
    """A compressed answer is read although none was asked for; its headers no longer say that it is packed."""
    response = httpx.Response(
        200, headers={"Content-Encoding": "gzip", "X-Request-Id": "a"}, stream=httpx.ByteStream(gzip.compress(b"{}"))
    )
    network = Bounded(httpx.MockTransport(lambda _: response))

    read = await network.handle_async_request(httpx.Request("GET", "https://live.example.com"))

    assert (read.content, read.headers["x-request-id"], "content-encoding" in read.headers) == (b"{}", "a", False)


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that notes the first line it is sent, and hangs up."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                heard.append(connection.recv(200).split(b"\r\n")[0])

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", heard
        if not heard:
            socket.create_connection(server.getsockname()[:2]).close()
        thread.join(5)


@pytest.mark.anyio
async def test_proxy_of_the_environment_is_used(
    proxy: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user behind a proxy reaches the service through it."""
    url, heard = proxy
    monkeypatch.setenv("HTTPS_PROXY", url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    network = open_network("https://live.example.com")

    with pytest.raises(httpx.TransportError):
        await network.handle_async_request(httpx.Request("GET", "https://live.example.com/"))
    await network.aclose()

    assert heard == [b"CONNECT live.example.com:443 HTTP/1.1"]


@pytest.mark.anyio
async def test_proxy_is_never_used_for_this_machine(
    proxy: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is sent to loopback in clear does not leave through a proxy."""
    url, heard = proxy
    monkeypatch.setenv("HTTP_PROXY", url)
    monkeypatch.setenv("ALL_PROXY", url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    network = open_network("http://localhost:9")

    with pytest.raises(httpx.ConnectError):
        await network.handle_async_request(httpx.Request("GET", "http://localhost:9/"))
    await network.aclose()

    assert heard == []


def test_proxy_of_a_kind_that_is_not_spoken_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A SOCKS proxy is refused with what to do, not with a missing package."""
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1080")

    with pytest.raises(ValueError, match="neither http nor https"):
        open_network("https://live.example.com")


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[str]:
    """An HTTPS server on this machine whose certificate nobody vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
                secured.recv(1)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://localhost:{server.getsockname()[1]}"
        thread.join(5)


def self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + certificate.public_bytes(pem))
    return path


@pytest.mark.anyio
async def test_certificate_that_nobody_vouches_for_is_refused(untrusted: str, clock: SteppedClock) -> None:
    """TLS is verified on this machine as well; the error says that it is the certificate, and nothing was sent."""
    credentials = AccessKey("AK", SecretStr("SK"))
    async with MediaLive(endpoint=untrusted, project_id="p1", credentials=credentials, clock=clock) as cloud:
        with pytest.raises(Transient, match="certificate verify failed") as failed:
            await cloud.call(Operation.LIST_OTT_CHANNEL_INFO)

    assert not failed.value.may_have_taken_effect
