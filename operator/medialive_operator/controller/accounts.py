"""Accounts: one client, budget and inventory for all objects that use the same endpoint, project and credentials.

Called by the reconcile pass, which asks for the account of an object and lets go of it when the object is gone.
Reads Secrets through `cluster.watched_secrets`; never writes to Kubernetes.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field

import structlog
from pydantic import SecretStr

from medialive_operator.clock import Clock
from medialive_operator.cloud.budget import Budget
from medialive_operator.cloud.calls import Call
from medialive_operator.cloud.client import MediaLive, find_project_id
from medialive_operator.cloud.inventory import ChannelSource, Inventory
from medialive_operator.cloud.models import ChannelKey
from medialive_operator.cloud.pacing import Share
from medialive_operator.cluster.objects import Key
from medialive_operator.cluster.watched_secrets import SecretName, Secrets, SecretUnreadable
from medialive_operator.controller.credentials import (
    NAMESPACE_SECRET,
    CredentialsProblem,
    Login,
    SecretSource,
    login,
    unusable,
)
from medialive_operator.planning.merging import JsonObject
from medialive_operator.resources.conditions import Reason
from medialive_operator.settings import Settings

log = structlog.get_logger(__name__)

# Parts of an account's calls that statistics and Cloud Eye may use at most.
_STATISTICS_SHARE = 0.1


@dataclass(eq=False)
class Account:
    """One account of the cloud, and who uses it. `users`: channel → objects that look at it."""

    name: str
    endpoint: str
    project_id: str
    cloud: MediaLive
    budget: Budget
    inventory: Inventory[ChannelKey, JsonObject]
    statistics: Share
    users: dict[ChannelKey, set[Key]] = field(default_factory=dict)
    sweeps: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """Where it is, for people."""
        return f"project {self.project_id} at {self.endpoint}"

    async def close(self) -> None:
        """End the sweeps and the connection."""
        if self.sweeps is not None:
            self.sweeps.cancel()
            with suppress(asyncio.CancelledError):
                await self.sweeps
        await self.cloud.aclose()


@dataclass(frozen=True)
class _Use:
    """What an object holds on to: its account and its channel there."""

    account: Account
    channel: ChannelKey


class Accounts:
    """All accounts in use. Budgets are kept per project: new credentials do not get a second one."""

    def __init__(
        self,
        secrets: Secrets,
        settings: Settings,
        clock: Clock,
        changed: Callable[[Key], None],
        called: Callable[[str, Call], None],
    ) -> None:
        self._secrets = secrets
        self._settings = settings
        self._clock = clock
        self._changed = changed
        self._called = called
        self._accounts: dict[str, Account] = {}
        self._budgets: dict[tuple[str, str], Budget] = {}
        self._projects: dict[str, str] = {}
        self._uses: dict[Key, _Use] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def __iter__(self) -> Iterator[Account]:
        return iter(list(self._accounts.values()))

    def held(self, key: Key) -> Account | None:
        """The account the object used last."""
        use = self._uses.get(key)
        return use.account if use is not None else None

    async def of(self, key: Key, spec: JsonObject, channel: ChannelKey) -> Account:
        """The account of this object, held until `release`.

        Raises CredentialsProblem when the Secret is not as it must be, CloudError when the project cannot be looked up.
        """
        account = await self._account(await self._login(key, spec))
        self._hold(key, _Use(account, channel))
        return account

    def candidates(self, namespace: str, spec: JsonObject) -> list[SecretName]:
        """The Secrets that may hold the object's credentials, in the order in which they are looked for."""
        named = (spec.get("credentialsRef") or {}).get("name")
        if named:
            return [SecretName(namespace, named)]
        places = [SecretName(namespace, NAMESPACE_SECRET)]
        if self._settings.credentials_secret:
            places.append(SecretName(*self._settings.credentials_secret.split("/")))
        return places

    def release(self, key: Key) -> None:
        """The object is gone: whatever only it used is closed."""
        use = self._uses.pop(key, None)
        if use is not None:
            self._let_go(key, use)

    async def close(self) -> None:
        """Close every client."""
        for account in self:
            await account.close()
        if self._closing:
            await asyncio.wait(self._closing)
        self._accounts.clear()

    async def _login(self, key: Key, spec: JsonObject) -> Login:
        places = self.candidates(key.namespace, spec)
        for place in places:
            try:
                value = await self._secrets.read(key, place)
            except SecretUnreadable as problem:
                raise CredentialsProblem(Reason.FORBIDDEN, str(problem)) from None
            if value is not None:
                return login(SecretSource(str(place), value.values), spec.get("region"), self._settings.region)
        raise CredentialsProblem(
            Reason.SECRET_NOT_FOUND,
            f"No credentials: Secret {' or '.join(map(str, places))} does not exist. Create it with accessKey and "
            "secretKey (or username, password and domainName) and projectId; it is noticed at once.",
        )

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
            try:
                self._projects[ident] = await find_project_id(
                    found.iam_endpoint, found.region, found.credentials, clock=self._clock
                )
            except ValueError as error:
                raise unusable(found, error) from None
        return self._projects[ident]

    def _open(self, found: Login, project: str) -> Account:
        name = _short(found.endpoint, project)
        place = (found.endpoint, project)
        budget = self._budgets.setdefault(place, Budget(self._clock, self._settings.calls_per_minute))
        try:
            cloud = MediaLive(
                endpoint=found.endpoint,
                project_id=project,
                credentials=found.credentials,
                iam_endpoint=found.iam_endpoint,
                budget=budget,
                clock=self._clock,
                observers=(lambda call: self._called(name, call),),
            )
        except ValueError as error:
            raise unusable(found, error) from None
        users: dict[ChannelKey, set[Key]] = {}

        def changed(channel: ChannelKey) -> None:
            for key in users.get(channel, ()):
                self._changed(key)

        inventory = Inventory(ChannelSource(cloud.channels), self._clock, changed, self._settings.sweep_interval)
        statistics = Share(budget, _STATISTICS_SHARE, self._clock)
        account = Account(name, found.endpoint, project, cloud, budget, inventory, statistics, users)
        account.sweeps = asyncio.create_task(inventory.run(), name=f"sweeps {name}")
        return account

    def _hold(self, key: Key, use: _Use) -> None:
        before = self._uses.get(key)
        if before == use:
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
            task = asyncio.create_task(account.close(), name=f"close {account.name}")
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)


def _short(endpoint: str, project: str) -> str:
    """A short name of an account for metrics and logs; tells nothing."""
    return hashlib.sha256(f"{endpoint}/{project}".encode()).hexdigest()[:8]


def _fingerprint(found: Login, project: str) -> str:
    """Stands for endpoint, project and credentials, without holding any of the secrets."""

    def plain(value: object) -> object:
        return value.get_secret_value() if isinstance(value, SecretStr) else value

    told = [found.endpoint, found.iam_endpoint, project, *map(plain, asdict(found.credentials).values())]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
