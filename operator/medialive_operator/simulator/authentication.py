"""Who calls, and may they: tokens and AK/SK signatures, checked for real.

Called by the app for every call, and by IAM. Raises refusals; knows nothing of channels and flows.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from medialive_operator.clock import Clock
from medialive_operator.simulator import signatures, tokens
from medialive_operator.simulator.accounts import Account
from medialive_operator.simulator.messages import Message
from medialive_operator.simulator.options import Options
from medialive_operator.simulator.refusals import NOT_AUTHENTICATED, PROJECT_CHECK_FAILED, SIGN_IN_AGAIN, Refusal


@dataclass(frozen=True)
class Caller:
    """An account, and the project its token is for; None when the credential is for all of the account's projects."""

    account: Account
    project_id: str | None


class Authentication:
    """The gateway's check of credentials."""

    def __init__(self, accounts: Sequence[Account], options: Options, clock: Clock) -> None:
        self._accounts = accounts
        self._options = options
        self._clock = clock

    def caller(self, message: Message) -> Caller:
        """Who sent this. Raises Refusal when that cannot be told."""
        if "x-auth-token" in message.headers:
            return self._by_token(message.headers["x-auth-token"])
        if "authorization" in message.headers:
            return self._by_signature(message)
        raise self._unknown("neither X-Auth-Token nor Authorization found")

    def owner(self, message: Message, project_id: str) -> Account:
        """The account that sent this and has the project. Raises Refusal when it may not work in it."""
        caller = self.caller(message)
        named = message.headers.get("x-project-id", project_id)
        owns = any(project.id == project_id for project in caller.account.projects)
        if not owns or named != project_id or caller.project_id not in (None, project_id):
            raise Refusal(PROJECT_CHECK_FAILED, "the project id does not belong to the credentials")
        return caller.account

    def _by_token(self, token: str) -> Caller:
        try:
            account, statement = tokens.opened(token, "token", self._accounts, self._clock.time())
        except tokens.BadTokenError as bad:
            if bad.expired:
                raise Refusal(SIGN_IN_AGAIN, "The token must be updated.") from None
            raise self._unknown(str(bad)) from None
        if statement.project_id is None:
            raise self._unknown("the token is not project scoped")
        return Caller(account, statement.project_id)

    def _by_signature(self, message: Message) -> Caller:
        try:
            claim = signatures.claim_of(message.headers["authorization"])
            account, secret_key = self._keys(message, claim.access_key)
            self._check_date(signatures.signed_at(message.headers))
            signatures.check(message, claim, secret_key)
        except signatures.BadSignatureError as bad:
            raise self._unknown(str(bad)) from None
        return Caller(account, None)

    def _keys(self, message: Message, access_key: str) -> tuple[Account, str]:
        security_token = message.headers.get("x-security-token")
        if security_token is not None:
            return self._temporary_keys(security_token, access_key)
        for account in self._accounts:
            if hmac.compare_digest(account.access_key.encode(), access_key.encode()):
                return account, account.secret_key.get_secret_value()
        raise signatures.BadSignatureError("the access key does not exist")

    def _temporary_keys(self, security_token: str, access_key: str) -> tuple[Account, str]:
        try:
            account, _ = tokens.opened(security_token, "security_token", self._accounts, self._clock.time())
        except tokens.BadTokenError as bad:
            raise signatures.BadSignatureError(f"security token: {bad}") from None
        key = tokens.temporary_key(security_token, account)
        if key.access_key != access_key:
            raise signatures.BadSignatureError("the security token belongs to another access key")
        return account, key.secret_key.get_secret_value()

    def _check_date(self, signed_at: float) -> None:
        allowed = self._options.clock_skew
        if allowed is not None and abs(signed_at - self._clock.time()) > allowed:
            raise signatures.BadSignatureError(f"X-Sdk-Date is off by more than {allowed:.0f} s")

    def _unknown(self, why: str) -> Refusal:
        if self._options.auth_errors == "service":
            return Refusal("LIVE.100011002", f"Authentication failed: {why}")
        return Refusal(NOT_AUTHENTICATED, f"Incorrect IAM authentication information: {why}")
