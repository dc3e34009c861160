"""Takes secrets out of what the call log keeps. Used by the app only."""

from collections.abc import Mapping
from typing import Any

MASK = "***"
_SECRET_LEAVES = frozenset({"passphrase", "password", "secret", "securitytoken"})
_HEADER_PARENTS = frozenset({"http_headers", "cdn_identifier_header"})


def redacted(value: Any, parent: str = "") -> Any:
    """A copy with passphrases, passwords, tokens and header values masked. `parent` is the member it stands in."""
    if isinstance(value, Mapping):
        return {name: MASK if _is_secret(name, parent) else redacted(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [redacted(item, parent) for item in value]
    return value


def _is_secret(name: str, parent: str) -> bool:
    if parent == "token" and name == "id":
        return True
    return name in _SECRET_LEAVES or (name == "value" and parent in _HEADER_PARENTS)
