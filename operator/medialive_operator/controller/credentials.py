"""Which credentials an object uses: its own Secret, then its namespace's, then the operator's. Pure.

Called by `controller.accounts` with the Secrets it read. Credentials and endpoint come from the same place: an
endpoint named by a namespace's Secret never receives the operator's credentials.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretBytes, SecretStr

from medialive_operator.cloud.credentials import AccessKey, Credentials, Password
from medialive_operator.resources.conditions import Reason

NAMESPACE_SECRET = "medialive-credentials"  # noqa: S105 -- a name, no secret
_REGION = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class CredentialsProblem(Exception):
    """The credentials cannot be used; `reason` is the condition's, the message says which Secret and what to do."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Login:
    """Everything needed to talk to one account. `project_id` is None when it has to be looked up by region.

    `where` is the Secret, for messages.
    """

    where: str
    endpoint: str
    iam_endpoint: str | None
    project_id: str | None
    region: str | None
    credentials: Credentials


@dataclass(frozen=True)
class SecretSource:
    """A Secret that holds credentials: where it is, for messages, and its values."""

    where: str
    values: Mapping[str, SecretBytes]

    def text(self, key: str) -> str | None:
        """The value as stripped text, None when absent or empty; raises CredentialsProblem when it is no text."""
        raw = self.values.get(key)
        try:
            text = raw.get_secret_value().decode().strip() if raw is not None else ""
        except UnicodeDecodeError:
            raise CredentialsProblem(Reason.KEY_MISSING, f"Secret {self.where}: key {key} is not UTF-8 text.") from None
        return text or None

    def secret(self, key: str) -> SecretStr | None:
        """The same, wrapped."""
        text = self.text(key)
        return SecretStr(text) if text else None


def login(source: SecretSource, spec_region: str | None, default_region: str | None) -> Login:
    """What the Secret says, completed by the object's region and the operator's default region.

    Raises CredentialsProblem with KeyMissing, naming the keys.
    """
    credentials = _credentials(source)
    region = spec_region or source.text("region") or default_region
    if region is not None and not _REGION.fullmatch(region):
        raise CredentialsProblem(
            Reason.KEY_MISSING, f"Secret {source.where}: region is not a region's name, such as ap-southeast-3."
        )
    endpoint = source.text("endpoint") or (region and f"https://live.{region}.myhuaweicloud.com")
    if not endpoint:
        raise CredentialsProblem(
            Reason.KEY_MISSING, f"Set spec.region, or the key region or endpoint in Secret {source.where}."
        )
    iam = source.text("iamEndpoint")
    if iam is None and source.text("endpoint") is None and region:
        iam = f"https://iam.{region}.myhuaweicloud.com"
    found = Login(source.where, endpoint, iam, source.text("projectId"), region, credentials)
    _complete(found)
    return found


def unusable(found: Login, error: ValueError) -> CredentialsProblem:
    """What the client says of an endpoint, a project or keys that it cannot use, in the words of the Secret."""
    told = str(error).replace("iam_endpoint", "iamEndpoint").replace("project_id", "projectId")
    return CredentialsProblem(Reason.KEY_MISSING, f"Secret {found.where} cannot be used: {told} Correct the key.")


def _credentials(source: SecretSource) -> Credentials:
    access_key, secret_key = source.text("accessKey"), source.secret("secretKey")
    if access_key and secret_key:
        return AccessKey(access_key, secret_key, source.secret("securityToken"))
    username, password, domain = source.text("username"), source.secret("password"), source.text("domainName")
    if username and password and domain:
        return Password(username, password, domain)
    missing = _missing(source, ("accessKey", "secretKey"), ("username", "password", "domainName"))
    raise CredentialsProblem(
        Reason.KEY_MISSING,
        f"Secret {source.where} lacks {missing}. It needs accessKey and secretKey, or username, password and "
        "domainName.",
    )


def _missing(source: SecretSource, *ways: tuple[str, ...]) -> str:
    """The keys that are missing for the way to sign in that is nearest to complete."""
    lacking = [[key for key in way if not source.text(key)] for way in ways]
    started = [lack for lack, way in zip(lacking, ways, strict=True) if len(lack) < len(way)]
    nearest = min(started or lacking[:1], key=len)
    return ", ".join(nearest)


def _complete(found: Login) -> None:
    """A custom endpoint says nothing about where its IAM is, and the project is needed in every call."""
    if found.iam_endpoint is None and isinstance(found.credentials, Password):
        raise CredentialsProblem(
            Reason.KEY_MISSING, f"Secret {found.where}: endpoint with username and password needs iamEndpoint."
        )
    if found.project_id is None and (found.iam_endpoint is None or found.region is None):
        raise CredentialsProblem(
            Reason.KEY_MISSING,
            f"Secret {found.where}: set projectId (it can only be looked up with region and iamEndpoint).",
        )
