"""The simulated IAM: tokens, project look-up, temporary keys.

Called by the app for the paths below /v3. Knows accounts and nothing of Media Live.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from medialive_operator.clock import Clock
from medialive_operator.simulator.accounts import Account, Project
from medialive_operator.simulator.authentication import Authentication
from medialive_operator.simulator.messages import Answer, JsonObject, Message
from medialive_operator.simulator.options import Options
from medialive_operator.simulator.tokens import Statement, sealed, temporary_key

CREATE_TOKEN = "create_token"  # noqa: S105 - the name of an operation
LIST_PROJECTS = "list_projects"
CREATE_TEMPORARY_KEY = "create_temporary_key"


class IamRefusalError(Exception):
    """IAM says no, in its own shape."""

    def __init__(self, status: int, title: str, text: str) -> None:
        super().__init__(text)
        self.answer = Answer(status, {"error": {"code": status, "title": title, "message": text}})


class Identity:
    """IAM's operations by method and path."""

    def __init__(self, accounts: Sequence[Account], auth: Authentication, options: Options, clock: Clock) -> None:
        self._accounts = accounts
        self._authentication = auth
        self._options = options
        self._clock = clock
        self._routes: Mapping[tuple[str, str], tuple[str, Callable[[Message], Answer]]] = {
            ("POST", "/v3/auth/tokens"): (CREATE_TOKEN, self.create_token),
            ("GET", "/v3/projects"): (LIST_PROJECTS, self.list_projects),
            ("POST", "/v3.0/OS-CREDENTIAL/securitytokens"): (CREATE_TEMPORARY_KEY, self.create_temporary_key),
        }

    def route(self, message: Message) -> tuple[str, Callable[[Message], Answer]] | None:
        """Name and function of the operation, or None."""
        return self._routes.get((message.method, message.path))

    def create_token(self, message: Message) -> Answer:
        """A token for a user with a password. The token itself is in X-Subject-Token."""
        sent = _auth_of(message)
        account = self._signed_in(sent)
        project = self._scope(sent, account)
        statement = self._statement("token", account, project)
        body = {
            "methods": ["password"],
            "issued_at": _stamp(statement.issued_at),
            "expires_at": _stamp(statement.expires_at),
            "user": {"id": account.user_id, "name": account.username, "domain": _domain(account)},
            "roles": [],
            "catalog": [],
        }
        if project is not None:
            body["project"] = {"id": project.id, "name": project.name, "domain": _domain(account)}
        return Answer(201, {"token": body}, {"X-Subject-Token": sealed(statement, account)})

    def list_projects(self, message: Message) -> Answer:
        """The caller's projects, all or of one name. For a token or a signature."""
        account = self._authentication.caller(message).account
        name = dict(message.query).get("name")
        found = [_listed(project, account) for project in account.projects if name in (None, project.name)]
        return Answer(200, {"projects": found, "links": {"self": None, "next": None, "previous": None}})

    def create_temporary_key(self, message: Message) -> Answer:
        """Access key, secret key and security token of limited life, for a token."""
        sent = _auth_of(message)
        given = _member(sent, "identity", "token", "id") or message.headers.get("x-auth-token", "")
        holder = Message(message.method, message.raw_path, headers={"x-auth-token": str(given)})
        account = self._authentication.caller(holder).account
        seconds = _member(sent, "identity", "token", "duration_seconds")
        statement = self._statement("security_token", account, None, seconds)
        key = temporary_key(sealed(statement, account), account)
        credential = {
            "access": key.access_key,
            "secret": key.secret_key.get_secret_value(),
            "securitytoken": key.security_token.get_secret_value(),
            "expires_at": _stamp(statement.expires_at),
        }
        return Answer(201, {"credential": credential})

    def _signed_in(self, sent: JsonObject) -> Account:
        methods = _member(sent, "identity", "methods")
        if methods != ["password"]:
            raise IamRefusalError(400, "Bad Request", 'auth.identity.methods must be ["password"]')
        user = _member(sent, "identity", "password", "user") or {}
        for account in self._accounts:
            claimed = (_member(user, "domain", "name"), user.get("name"), user.get("password"))
            if claimed == (account.domain_name, account.username, account.password.get_secret_value()):
                return account
        raise IamRefusalError(401, "Unauthorized", "The username or password is wrong.")

    def _scope(self, sent: JsonObject, account: Account) -> Project | None:
        wanted = _member(sent, "scope", "project")
        if wanted is None:
            return None
        for project in account.projects:
            if wanted.get("id") == project.id or (wanted.get("id") is None and wanted.get("name") == project.name):
                return project
        raise IamRefusalError(401, "Unauthorized", "The project of the scope does not exist in this account.")

    def _statement(
        self, kind: str, account: Account, project: Project | None, seconds: float | None = None
    ) -> Statement:
        now = self._clock.time()
        expires = now + (seconds or self._options.token_seconds)
        return Statement(kind, account.domain_name, project.id if project else None, now, expires)


def _auth_of(message: Message) -> JsonObject:
    try:
        auth: JsonObject = json.loads(message.body)["auth"]
    except (ValueError, KeyError, TypeError):
        raise IamRefusalError(400, "Bad Request", "the body must be JSON with auth.identity") from None
    return auth


def _member(value: Any, *path: str) -> Any:
    """What is at the end of a path of members; None when it breaks off."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _domain(account: Account) -> JsonObject:
    return {"id": account.domain_id, "name": account.domain_name}


def _listed(project: Project, account: Account) -> JsonObject:
    return {
        "id": project.id,
        "name": project.name,
        "domain_id": account.domain_id,
        "parent_id": account.domain_id,
        "is_domain": False,
        "enabled": True,
        "description": "",
        "links": {},
    }


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
