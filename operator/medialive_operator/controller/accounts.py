"""Accounts: one client, budget and inventory for all objects that use the same endpoint, project and credentials.

Called by the reconcile pass, which asks for the account of an object and lets go of it when the object is gone.
Reads Secrets by name through `cluster.secrets`; never writes to Kubernetes.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field

import structlog
from pydantic import SecretStr

from medialive_operator.clock import Clock
from medialive_operator.cloud.budget import Budget
from medialive_operator.cloud.client import MediaLive, find_project_id
from medialive_operator.cloud.inventory import ChannelSource, Inventory
from medialive_operator.cloud.models import ChannelKey
from medialive_operator.cluster.objects import Key
from medialive_operator.cluster.secrets import Secrets, SecretValue
from medialive_operator.controller.credentials import (
    NAMESPACE_SECRET,
    CredentialsProblem,
    Login,
    SecretSource,
    login,
)
from medialive_operator.planning.merging import JsonObject
from medialive_operator.resources.conditions import Reason
from medialive_operator.settings import Settings

log = structlog.get_logger(__name__)


@dataclass
class Account:
    """One account of the cloud, and who uses it. `users`: channel → objects that look at it."""

    endpoint: str
    project_id: str
    cloud: MediaLive
    budget: Budget
    inventory: Inventory[ChannelKey, JsonObject]
    users: dict[ChannelKey, set[Key]] = field(default_factory=dict)
    sweeps: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """A short name for metrics and logs; tells nothing."""
        return hashlib.sha256(f"{self.endpoint}/{self.project_id}".encode()).hexdigest()[:8]

    def is_at(self, endpoint: str, project_id: str) -> bool:
        """Whether this is the account that a channel was created in."""
        return (self.endpoint, self.project_id) == (endpoint, project_id)


@dataclass(frozen=True)
class _Use:
    """What an object holds on to: its account and its channel there."""

    account: Account
    channel: ChannelKey


class Accounts:
    """All accounts in use. Budgets are kept per project: new credentials do not get a second one."""

    def __init__(self, secrets: Secrets, settings: Settings, clock: Clock, changed: Callable[[Key], None]) -> None:
        self._secrets = secrets
        self._settings = settings
        self._clock = clock
        self._changed = changed
        self._accounts: dict[str, Account] = {}
        self._budgets: dict[tuple[str, str], Budget] = {}
        self._projects: dict[str, str] = {}
        self._uses: dict[Key, _Use] = {}

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._accounts.values())

    async def of(self, key: Key, spec: JsonObject, channel: ChannelKey) -> Account:
        """The account of this object, held until `release`. Raises CredentialsProblem or CloudError (project look-up)."""
        found = login_of = await self._login(key.namespace, spec)
        account = await self._account(login_of)
        del found
        self._hold(key, _Use(account, channel))
        return account

    def secrets_used(self, namespace: str, spec: JsonObject) -> set[tuple[str, str]]:
        """The Secrets whose change may give this object other credentials."""
        return {(ns, name) for ns, name, _ in self._candidates(namespace, spec)}

    def release(self, key: Key) -> None:
        """The object is gone: whatever only it used is closed."""
        use = self._uses.pop(key, None)
        if use is not None:
            self._let_go(key, use)

    async def close(self) -> None:
        """Close every client."""
        for account in list(self._accounts.values()):
            await _close(account)
        self._accounts.clear()

    def _candidates(self, namespace: str, spec: JsonObject) -> list[tuple[str, str, bool]]:
        """Where to look, in order: (namespace, name, whether a missing Secret is the end of the search)."""
        named = (spec.get("credentialsRef") or {}).get("name")
        if named:
            return [(namespace, named, True)]
        places = [(namespace, NAMESPACE_SECRET, False)]
        if self._settings.credentials_secret:
            ns, _, name = self._settings.credentials_secret.partition("/")
            places.append((ns, name, True))
        return places

    async def _login(self, namespace: str, spec: JsonObject) -> Login:
        looked: list[str] = []
        for place, name, _ in self._candidates(namespace, spec):
            value = await self._value(place, name)
            looked.append(f"{place}/{name}")
            if value is not None:
                source = SecretSource(f"{place}/{name}", value.values)
                return login(source, spec.get("region"), self._settings.region)
        raise CredentialsProblem(
            Reason.SECRET_NOT_FOUND,
            f"No credentials: Secret {' or '.join(looked)} does not exist. Create it with accessKey and secretKey "
            "(or username, password and domainName) and projectId; it is noticed at once.",
        )

    async def _value(self, namespace: str, name: str) -> SecretValue | None:
        """The Secret, or what it was while the namespace goes: its Secrets may be deleted before its channels."""
        return await self._secrets.read(namespace, name)

    async def _account(self, found: Login) -> Account:
        project = found.project_id or await self._project(found)
        ident = _fingerprint(found, project)
        account = self._accounts.get(ident)
        if account is None:
            account = self._accounts[ident] = self._open(found, project)
        return account

    async def _project(self, found: Login) -> str:
        ident = _fingerprint(found, "")
        if ident not in self._projects:
            assert found.iam_endpoint is not None
            assert found.region is not None
            self._projects[ident] = await find_project_id(found.iam_endpoint, found.region, found.credentials)
        return self._projects[ident]

    def _open(self, found: Login, project: str) -> Account:
        budget = self._budgets.setdefault(
            (found.endpoint, project), Budget(self._clock, self._settings.calls_per_minute)
        )
        try:
            cloud = MediaLive(
                endpoint=found.endpoint,
                project_id=project,
                credentials=found.credentials,
                iam_endpoint=found.iam_endpoint,
                budget=budget,
                clock=self._clock,
            )
        except ValueError as error:
            raise CredentialsProblem(Reason.KEY_MISSING, f"The endpoint cannot be used: {error}") from None
        users: dict[ChannelKey, set[Key]] = {}

        def changed(channel: ChannelKey) -> None:
            for key in users.get(channel, ()):
                self._changed(key)

        interval = self._settings.sweep_interval
        inventory = Inventory(ChannelSource(cloud.channels), self._clock, changed, interval)
        account = Account(found.endpoint, project, cloud, budget, inventory, users)
        account.sweeps = asyncio.create_task(inventory.run(), name=f"sweeps {account.name}")
        return account

    def _hold(self, key: Key, use: _Use) -> None:
        before = self._uses.get(key)
        if before is not None and before.account is use.account and before.channel == use.channel:
            return
        self._uses[key] = use
        use.account.users.setdefault(use.channel, set()).add(key)
        use.account.inventory.watch(use.channel)
        if before is not None:
            self._let_go(key, before)

    def _let_go(self, key: Key, use: _Use) -> None:
        account = use.account
        keys = account.users.get(use.channel, set())
        keys.discard(key)
        if not keys:
            account.users.pop(use.channel, None)
            account.inventory.unwatch(use.channel)
        if not account.users:
            self._accounts = {ident: other for ident, other in self._accounts.items() if other is not account}
            task = asyncio.create_task(_close(account))
            task.add_done_callback(lambda done: done.exception())


async def _close(account: Account) -> None:
    if account.sweeps is not None:
        account.sweeps.cancel()
        with suppress(asyncio.CancelledError):
            await account.sweeps
    await account.cloud.aclose()


def _fingerprint(found: Login, project: str) -> str:
    """Stands for endpoint, project and credentials, without holding any of the secrets."""

    def plain(value: object) -> object:
        return value.get_secret_value() if isinstance(value, SecretStr) else value

    told = [found.endpoint, found.iam_endpoint, project, *map(plain, asdict(found.credentials).values())]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
