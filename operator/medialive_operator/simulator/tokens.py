"""Tokens and temporary keys of the simulated IAM: signed statements, so that nothing has to be remembered.

Used by IAM, which issues them, and by the authentication, which checks them. A restarted simulator still knows the
ones it issued; another password or secret key of the account ends them.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pydantic import SecretStr

from medialive_operator.simulator.accounts import Account


class BadTokenError(Exception):
    """Not a token of this IAM. `expired` tells one that was."""

    def __init__(self, text: str, *, expired: bool = False) -> None:
        super().__init__(text)
        self.expired = expired


@dataclass(frozen=True)
class Statement:
    """What a token says. Times are unix seconds; without a project id it is not project scoped."""

    kind: str
    domain_name: str
    project_id: str | None
    issued_at: float
    expires_at: float


@dataclass(frozen=True)
class TemporaryKey:
    """Access key, secret key and security token that belong together."""

    access_key: str
    secret_key: SecretStr
    security_token: SecretStr


def sealed(statement: Statement, account: Account) -> str:
    """The statement as a token of `account`."""
    payload = base64.urlsafe_b64encode(json.dumps(asdict(statement)).encode()).decode().rstrip("=")
    return f"SIM{payload}.{_seal(payload, account)}"


def opened(token: str, kind: str, accounts: Sequence[Account], now: float) -> tuple[Account, Statement]:
    """Who the token speaks of, and what it says. Raises BadTokenError."""
    payload, _, seal = token.removeprefix("SIM").partition(".")
    statement = _statement(payload)
    for account in accounts:
        if account.domain_name == statement.domain_name and hmac.compare_digest(_seal(payload, account), seal):
            break
    else:
        raise BadTokenError("decrypt token fail")
    if statement.kind != kind:
        raise BadTokenError("decrypt token fail")
    if now >= statement.expires_at:
        raise BadTokenError("token expired", expired=True)
    return account, statement


def temporary_key(security_token: str, account: Account) -> TemporaryKey:
    """The keys that belong to a security token of `account`."""
    digest = hmac.new(
        account.secret_key.get_secret_value().encode(), security_token.encode(), hashlib.sha256
    ).hexdigest()
    return TemporaryKey(f"SIMTK{digest[:15].upper()}", SecretStr(f"SIMTS{digest[15:50]}"), SecretStr(security_token))


def _statement(payload: str) -> Statement:
    try:
        return Statement(**json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))
    except (ValueError, TypeError):
        raise BadTokenError("decrypt token fail") from None


def _seal(payload: str, account: Account) -> str:
    key = account.password.get_secret_value() + account.secret_key.get_secret_value()
    return hmac.new(key.encode(), payload.encode(), hashlib.sha256).hexdigest()
