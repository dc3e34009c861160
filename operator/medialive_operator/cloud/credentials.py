"""The two ways to sign in, as values. Made by callers of `cloud.client`; a repr never shows a secret.

Sources: behaviour notes 2.1 (token) and 2.2 (access keys).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr


@dataclass(frozen=True)
class AccessKey:
    """An AK/SK pair; `security_token` comes with temporary keys only."""

    access_key: str
    secret_key: SecretStr
    security_token: SecretStr | None = None

    def secrets(self) -> tuple[str, ...]:
        """What must be in no text that anybody sees."""
        token = self.security_token.get_secret_value() if self.security_token else ""
        return (self.access_key, self.secret_key.get_secret_value(), token)

    def headers(self) -> Mapping[str, str]:
        """What of it travels in headers, by name for messages."""
        token = self.security_token.get_secret_value() if self.security_token else "-"
        return {"access key": self.access_key, "security token": token}


@dataclass(frozen=True)
class Password:
    """An IAM user of the account `domain_name`; exchanged for a token."""

    username: str
    password: SecretStr
    domain_name: str

    def secrets(self) -> tuple[str, ...]:
        """What must be in no text that anybody sees."""
        return (self.password.get_secret_value(),)

    def headers(self) -> Mapping[str, str]:
        """Nothing of it travels in headers."""
        return {}


Credentials = AccessKey | Password


def check(credentials: Credentials) -> None:
    """Raises ValueError, without the value, when something cannot travel in a header."""
    for name, value in credentials.headers().items():
        if not value or not value.isascii() or not value.isprintable() or " " in value:
            raise ValueError(f"The {name} is empty or has spaces, line ends or characters outside ASCII.")
