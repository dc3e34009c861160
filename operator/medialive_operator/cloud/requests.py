"""From arguments to an HTTP request. Called by the client for each call; the one place where secrets are opened."""

import json
from collections.abc import Iterator
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from medialive_operator.cloud.calls import Body, Query

# Compressed answers could unpack to any size.
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Content-Type": "application/json",
    "User-Agent": "medialive-operator",
}


def request_for(method: str, url: str, *, query: Query | None = None, body: Body | None = None) -> httpx.Request:
    """The request, not signed yet. Members of the query that are None are left out."""
    said = {name: value for name, value in (query or {}).items() if value is not None}
    encoded = "&".join(f"{quote(name, safe='~')}={quote(_text(value), safe='~')}" for name, value in said.items())
    content = None if body is None else json.dumps(body, default=_opened, allow_nan=False).encode()
    return httpx.Request(method, f"{url}?{encoded}" if encoded else url, headers=_HEADERS, content=content)


def secrets_in(body: object) -> tuple[str, ...]:
    """The values of all SecretStr leaves."""
    return tuple(_leaves(body))


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, dict):
        for member in value.values():
            yield from _leaves(member)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _leaves(member)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _opened(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON.")
