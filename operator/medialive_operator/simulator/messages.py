"""A request as it arrived, and an answer before it is sent: plain values between HTTP and the service's rules.

Used by every part of the simulator. The repr of a request shows neither headers nor body: both carry secrets.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Message:
    """A request. `raw_path` is still percent-encoded; header names are lower-case."""

    method: str
    raw_path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def path(self) -> str:
        """The path, decoded."""
        return unquote(self.raw_path)


@dataclass(frozen=True)
class Answer:
    """A status and a JSON body, or a `raw` body in place of it."""

    status: int
    body: JsonObject = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    raw: str | None = field(default=None, repr=False)

    @property
    def code(self) -> str | None:
        """The service's code, in either of the two shapes."""
        return self.body.get("result_code") or self.body.get("error_code")


async def message_of(request: Request) -> Message:
    """Read a request to its end."""
    raw_path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return Message(
        method=request.method,
        raw_path=raw_path.partition(b"?")[0].decode("ascii"),
        query=tuple(parse_qsl(request.url.query, keep_blank_values=True)),
        headers={_text(name).lower(): _text(value).strip() for name, value in request.scope["headers"]},
        body=await request.body(),
    )


def _text(raw: bytes) -> str:
    """Header bytes: what clients sign is UTF-8, what others send is Latin-1."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
