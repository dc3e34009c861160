"""The values of Secrets that an object refers to, with a plain reason for each that cannot be had.

Called while gathering what is wanted. Values leave it only wrapped.
"""

from collections.abc import Iterable

from pydantic import SecretStr

from medialive_operator.cluster.watched_secrets import SecretName, Secrets, SecretUnreadable
from medialive_operator.controller.accounts import Accounts
from medialive_operator.controller.subjects import Subject


class SecretKeys:
    """Reads keys of Secrets for one object at a time; the object hears when one of them changes."""

    def __init__(self, secrets: Secrets, accounts: Accounts) -> None:
        self._secrets = secrets
        self._accounts = accounts

    async def value(self, subject: Subject, secret: str, key: str) -> tuple[SecretStr, str]:
        """The text under a key, and the version of the Secret. Raises SecretUnreadable with what to do."""
        name = SecretName(subject.key.namespace, secret)
        found = await self._secrets.read(subject.key, name)
        if found is None:
            raise SecretUnreadable(f"Secret {name} does not exist. Create it with the key {key}.")
        if key not in found.values:
            raise SecretUnreadable(f"Secret {name} has no key {key}. Add it, or name another key in the spec.")
        try:
            text = found.values[key].get_secret_value().decode()
        except UnicodeDecodeError:
            raise SecretUnreadable(f"Secret {name}: key {key} is not UTF-8 text.") from None
        return SecretStr(text), found.version

    def keep(self, subject: Subject, secrets: Iterable[str]) -> None:
        """The object refers to these Secrets, and to those of its credentials, and to no others any more."""
        namespace = subject.key.namespace
        names = {SecretName(namespace, secret) for secret in secrets}
        self._secrets.keep(subject.key, {*names, *self._accounts.candidates(namespace, subject.raw_spec)})
