"""Digests of secrets: how a secret that cannot be read back is compared.

Called by the reconcile pass; the digests go into the status. Slow and salted, so that a status that leaks does not
give a short passphrase away. Must never log or keep a value.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

# About 50 ms and 16 MiB a digest: it is made only when the Secret's version moves.
_COST, _BLOCK, _PARALLEL, _LENGTH = 2**14, 8, 1, 16


@dataclass(frozen=True)
class Digest:
    """The digest of a section's secrets, and the version of the Secrets it was made from."""

    hash: str
    version: str


def version_of(parts: Iterable[str]) -> str:
    """One short text for the versions of several Secrets, whatever their order."""
    return hashlib.sha256("\n".join(sorted(set(parts))).encode()).hexdigest()[:32]


async def digest(uid: str, unit: str, secret: SecretStr, version: str, known: Mapping[str, Digest]) -> Digest:
    """The digest of `secret`, taken from `known` when the Secrets have not moved since it was made."""
    before = known.get(unit)
    if before is not None and before.version == version:
        return before
    made = await asyncio.to_thread(_scrypt, secret, f"{uid}/{unit}".encode())
    return Digest(made, version)


def _scrypt(secret: SecretStr, salt: bytes) -> str:
    text = secret.get_secret_value().encode()
    return hashlib.scrypt(text, salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL, dklen=_LENGTH).hex()
