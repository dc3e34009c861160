"""How a Secret becomes a login: which keys win, what is completed, what the user is told of mistakes."""

import pytest
from pydantic import SecretBytes

from medialive_operator.cloud.credentials import AccessKey, Password
from medialive_operator.controller.credentials import CredentialsProblem, Login, SecretSource, login, unusable
from medialive_operator.resources.conditions import Reason

KEYS = {"accessKey": "AK", "secretKey": "Planted-SK", "projectId": "p1"}
USER = {"username": "u", "password": "Planted-PW", "domainName": "d", "projectId": "p1"}
REGION = {"region": "ap-southeast-3"}


def found(values: dict[str, str], spec_region: str | None = None, default_region: str | None = None) -> Login:
    secret = {name: SecretBytes(value.encode()) for name, value in values.items()}
    return login(SecretSource("studio/cloud", secret), spec_region, default_region)


def problem(values: dict[str, str]) -> str:
    with pytest.raises(CredentialsProblem) as raised:
        found(values)
    assert raised.value.reason is Reason.KEY_MISSING
    assert "studio/cloud" in str(raised.value)
    return str(raised.value)


def test_a_region_gives_the_official_endpoints() -> None:
    """With a region and no endpoint both Media Live and IAM are those of the region."""
    made = found({**KEYS, **REGION})

    assert made.endpoint == "https://live.ap-southeast-3.myhuaweicloud.com"
    assert made.iam_endpoint == "https://iam.ap-southeast-3.myhuaweicloud.com"
    assert made.project_id == "p1"


@pytest.mark.parametrize(
    ("of_spec", "of_secret", "default", "taken"),
    [("cn-1", "cn-2", "cn-3", "cn-1"), (None, "cn-2", "cn-3", "cn-2"), (None, None, "cn-3", "cn-3")],
)
def test_the_nearest_region_wins(of_spec: str | None, of_secret: str | None, default: str, taken: str) -> None:
    """The object's region comes before the Secret's, and that before the operator's."""
    values = {**KEYS, **({"region": of_secret} if of_secret else {})}

    assert found(values, of_spec, default).region == taken


def test_an_endpoint_of_ones_own_never_meets_the_official_iam() -> None:
    """Credentials for a private endpoint are not sent to the public IAM because of a region."""
    made = found({**KEYS, **REGION, "endpoint": "https://live.example.com"})

    assert made.endpoint == "https://live.example.com"
    assert made.iam_endpoint is None


def test_an_access_key_comes_before_a_password() -> None:
    """A Secret with both ways to sign in uses the access key, which no token expires."""
    assert isinstance(found({**USER, **KEYS, **REGION}).credentials, AccessKey)
    assert isinstance(found({**USER, **REGION}).credentials, Password)


def test_a_temporary_key_keeps_its_token() -> None:
    """securityToken goes with the access key."""
    credentials = found({**KEYS, **REGION, "securityToken": "Planted-token"}).credentials

    assert isinstance(credentials, AccessKey)
    assert credentials.security_token is not None
    assert credentials.security_token.get_secret_value() == "Planted-token"


def test_line_ends_around_values_do_not_matter() -> None:
    """A value that was written with `echo` has a line end, which is not part of it."""
    credentials = found({**KEYS, **REGION, "secretKey": "Planted-SK\n"}).credentials

    assert isinstance(credentials, AccessKey)
    assert credentials.secret_key.get_secret_value() == "Planted-SK"


def test_the_project_may_be_looked_up() -> None:
    """Without projectId, region and IAM say which project it is."""
    assert found({**KEYS, **REGION, "projectId": ""}).project_id is None


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "lacks accessKey, secretKey. It needs accessKey and secretKey, or username, password and domainName"),
        ({"accessKey": "AK"}, "lacks secretKey."),
        ({"username": "u", "password": "Planted-PW"}, "lacks domainName."),
        (KEYS, "Set spec.region, or the key region or endpoint in Secret studio/cloud"),
        ({**KEYS, "region": "no region!"}, "region is not a region's name, such as ap-southeast-3"),
        ({**USER, "endpoint": "https://live.example.com"}, "needs iamEndpoint"),
        ({**KEYS, "projectId": "", "endpoint": "https://live.example.com"}, "set projectId"),
    ],
)
def test_what_is_missing_is_told(values: dict[str, str], told: str) -> None:
    """The message names the Secret and the key, and never shows a value."""
    said = problem(values)

    assert told in said
    assert "Planted" not in said


def test_bytes_that_are_no_text_are_told() -> None:
    """A value that is not UTF-8 is named by its key."""
    values = {"accessKey": SecretBytes(b"AK"), "secretKey": SecretBytes(b"\xff\xfe")}

    with pytest.raises(CredentialsProblem, match="Secret studio/cloud: key secretKey is not UTF-8 text"):
        login(SecretSource("studio/cloud", values), None, None)


def test_what_the_client_refuses_is_told_in_the_words_of_the_secret() -> None:
    """The client's names of its arguments become the keys of the Secret."""
    told = unusable(found({**KEYS, **REGION}), ValueError("iam_endpoint must be a URL."))

    assert str(told) == "Secret studio/cloud cannot be used: iamEndpoint must be a URL. Correct the key."


def test_no_login_shows_a_secret() -> None:
    """The repr of a login, as it stands in a traceback, holds no secret."""
    assert "Planted" not in repr(found({**KEYS, **REGION, "securityToken": "Planted-token"}))
    assert "Planted" not in repr(found({**USER, **REGION}))
