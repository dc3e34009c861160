"""Accounts: one client, budget and inventory for all objects that use the same endpoint, project and credentials.

Called by the reconcile pass, which asks for the account of an object and lets go of it when the object is gone.
Reads Secrets through `cluster.watched_secrets`; never writes to Kubernetes.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict

import structlog
from pydantic import SecretStr

from medialive_operator.clock import Clock
from medialive_operator.cloud.budget import Budget
from medialive_operator.cloud.calls import Call
from medialive_operator.cloud.client import MediaLive, find_project_id
from medialive_operator.cluster.objects import Key
from medialive_operator.cluster.watched_secrets import SecretName, Secrets, SecretUnreadable
from medialive_operator.controller.account import Account, Place
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
        self._uses: dict[Key, Account] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def __iter__(self) -> Iterator[Account]:
        return iter(list(self._accounts.values()))

    def held(self, key: Key) -> Account | None:
        """The account the object used last."""
        return self._uses.get(key)

    async def of(self, key: Key, spec: JsonObject) -> Account:
        """The account of this object, held until `release`.

        Raises CredentialsProblem when the Secret is not as it must be, CloudError when the project cannot be looked up.
        """
        account = await self._account(await self._login(key, spec))
        before = self._uses.get(key)
        if before is not account:
            self.release(key)
            self._uses[key] = account
            account.objects.add(key)
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
        """The object is gone, or uses another account: whatever only it used is closed."""
        account = self._uses.pop(key, None)
        if account is None:
            return
        account.forget(key)
        if not account.objects:
            self._accounts = {ident: other for ident, other in self._accounts.items() if other is not account}
            task = asyncio.create_task(account.close(), name=f"close {account.name}")
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

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
        place = Place(found.endpoint, project, found.region)
        budget = self._budgets.setdefault(place[:2], Budget(self._clock, self._settings.calls_per_minute))
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
        return Account(name, place, cloud, self._clock, self._settings.sweep_interval, self._changed)


def _short(endpoint: str, project: str) -> str:
    """A short name of an account for metrics and logs; tells nothing."""
    return hashlib.sha256(f"{endpoint}/{project}".encode()).hexdigest()[:8]


def _fingerprint(found: Login, project: str) -> str:
    """Stands for endpoint, project and credentials, without holding any of the secrets."""

    def plain(value: object) -> object:
        return value.get_secret_value() if isinstance(value, SecretStr) else value

    told = [found.endpoint, found.iam_endpoint, project, *map(plain, asdict(found.credentials).values())]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
