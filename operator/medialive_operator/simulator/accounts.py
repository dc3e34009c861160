"""Who has an account with the simulated service. Values only; read by IAM, the authentication and the command.

The credentials are made from the account's number, so that a restarted simulator still knows its callers.
They open nothing but this simulator.
"""

import hashlib
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, SecretStr

REGIONS = ("ap-southeast-3", "ap-southeast-1")


class Project(BaseModel):
    """A project is an account's share of one region and is named after it."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str


class Account(BaseModel):
    """A customer: one user with a password and one access key, and a project in each region."""

    model_config = ConfigDict(frozen=True)

    domain_name: str
    username: str
    password: SecretStr
    access_key: str
    secret_key: SecretStr
    projects: tuple[Project, ...]

    @property
    def domain_id(self) -> str:
        """Id of the account."""
        return _digest("domain", self.domain_name)[:32]

    @property
    def user_id(self) -> str:
        """Id of the account's user."""
        return _digest("user", self.domain_name)[:32]


def numbered_accounts(count: int, regions: Sequence[str] = REGIONS) -> tuple[Account, ...]:
    """`count` accounts, each with a project in every region."""
    return tuple(_account(number, regions) for number in range(1, count + 1))


def _account(number: int, regions: Sequence[str]) -> Account:
    domain = f"studio-{number}"
    return Account(
        domain_name=domain,
        username="operator",
        password=SecretStr(f"SIMPW{_digest('password', domain)[:20]}"),
        access_key=f"SIMAK{number:015d}",
        secret_key=SecretStr(f"SIMSK{_digest('secret', domain)[:35]}"),
        projects=tuple(Project(id=_digest("project", domain, region)[:32], name=region) for region in regions),
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("/".join(("medialive-simulator", *parts)).encode()).hexdigest()
