"""Checks AK/SK signatures, SDK-HMAC-SHA256, as the gateway does. Written from the behaviour notes, 2.2.

Called by the authentication only. Knows no accounts; it is given the secret key to check with.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from medialive_operator.simulator.messages import Message

ALGORITHM = "SDK-HMAC-SHA256"
_UNSIGNED = "UNSIGNED-PAYLOAD"
_MUST_SIGN = frozenset({"host", "x-sdk-date"})


class BadSignatureError(Exception):
    """The signature cannot be right; the text says why and holds no secret."""


@dataclass(frozen=True)
class Claim:
    """What an Authorization header claims."""

    access_key: str
    signed_headers: tuple[str, ...]
    signature: str


def claim_of(authorization: str) -> Claim:
    """Parse `SDK-HMAC-SHA256 Access=<AK>, SignedHeaders=<a;b>, Signature=<hex>`. Raises BadSignatureError."""
    algorithm, _, rest = authorization.partition(" ")
    if algorithm != ALGORITHM:
        raise BadSignatureError(f"the algorithm must be {ALGORITHM}")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if not {"Access", "SignedHeaders", "Signature"} <= parts.keys():
        raise BadSignatureError("Authorization needs Access, SignedHeaders and Signature")
    return Claim(parts["Access"], tuple(parts["SignedHeaders"].split(";")), parts["Signature"])


def check(message: Message, claim: Claim, secret_key: str) -> None:
    """Raises BadSignatureError unless the message was signed with this key."""
    missing = _MUST_SIGN - set(claim.signed_headers)
    if missing:
        raise BadSignatureError(f"not signed: {', '.join(sorted(missing))}")
    absent = [name for name in claim.signed_headers if name not in message.headers]
    if absent:
        raise BadSignatureError(f"signed but not sent: {', '.join(absent)}")
    to_sign = "\n".join((ALGORITHM, message.headers["x-sdk-date"], _digest(_canonical(message, claim).encode())))
    expected = hmac.new(secret_key.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, claim.signature):
        raise BadSignatureError("verify aksk signature fail")


def signed_at(headers: Mapping[str, str]) -> float:
    """Unix seconds of `X-Sdk-Date`. Raises BadSignatureError when it is missing or malformed."""
    try:
        moment = datetime.strptime(headers["x-sdk-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except (KeyError, ValueError):
        raise BadSignatureError("X-Sdk-Date must be YYYYMMDDTHHMMSSZ") from None
    return moment.timestamp()


def _canonical(message: Message, claim: Claim) -> str:
    return "\n".join(
        (
            message.method,
            _canonical_path(message.raw_path),
            "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(message.query)),
            "".join(f"{name}:{message.headers[name]}\n" for name in claim.signed_headers),
            ";".join(claim.signed_headers),
            _payload_digest(message),
        )
    )


def _canonical_path(raw_path: str) -> str:
    """Each segment encoded, and a slash at the end that the request itself does not have."""
    path = "/".join(_encoded(segment) for segment in unquote(raw_path).split("/"))
    return path if path.endswith("/") else f"{path}/"


def _payload_digest(message: Message) -> str:
    declared = message.headers.get("x-sdk-content-sha256")
    actual = _digest(message.body)
    if not message.body or declared is None:
        return actual
    if declared not in (_UNSIGNED, actual):
        raise BadSignatureError("X-Sdk-Content-Sha256 is not the hash of the body")
    return declared


def _encoded(text: str) -> str:
    return quote(text, safe="~")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
