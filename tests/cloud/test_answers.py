"""What becomes of an answer: the two error shapes, IAM's, and what is no answer of the service at all."""

from typing import Any

import httpx
import pytest

from medialive_operator.cloud.answers import Reader
from medialive_operator.cloud.errors import (
    OF_CLASS,
    CloudError,
    Denied,
    Exists,
    Invalid,
    NotFound,
    Suspended,
    Throttled,
    Transient,
    Unsupported,
)
from medialive_operator.contract.error_codes import ERROR_CODES, ErrorClass
from medialive_operator.contract.operations import Operation

READER = Reader(Operation.DELETE_OTT_CHANNEL_INFO, "delete_ott_channel_info", ("planted-secret",), 1_800_000_000.0)


def failure(status: int, **answer: Any) -> CloudError:
    with pytest.raises(CloudError) as failed:
        READER.read(httpx.Response(status, **answer))
    return failed.value


@pytest.mark.parametrize("status", [200, 201])
def test_success_is_the_json_object(status: int) -> None:
    """Either success code yields the object as it is."""
    body = {"result_code": "LIVE.100000000", "result_msg": "SUCCESS", "id": "ch1"}

    assert READER.read(httpx.Response(status, json=body)) == body


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (400, {"result_code": "LIVE.103011019", "result_msg": "gone"}, NotFound, "LIVE.103011019"),
        (404, {"error_code": "LIVE.103011019", "error_msg": "gone"}, NotFound, "LIVE.103011019"),
        (404, {"error_code": "APIGW.0101", "error_msg": "no such API"}, Unsupported, "APIGW.0101"),
        (400, {"result_code": "LIVE.103011018", "result_msg": "exists"}, Exists, "LIVE.103011018"),
        (400, {"result_code": "LIVE.100011001", "result_msg": "bad"}, Invalid, "LIVE.100011001"),
        (429, {"error_code": "APIGW.0308", "error_msg": "slow"}, Throttled, "APIGW.0308"),
        (500, {"result_code": "LIVE.100011007", "result_msg": "slow"}, Throttled, "LIVE.100011007"),
        (401, {"error_code": "APIGW.0301", "error_msg": "signature"}, Denied, "APIGW.0301"),
        (401, {"error_code": "LIVE.100011014", "error_msg": "arrears"}, Suspended, "LIVE.100011014"),
        (401, {"error": {"code": 401, "message": "wrong password", "title": "Unauthorized"}}, Denied, None),
        (503, {"message": "no code"}, Transient, None),
        (200, {"result_code": "LIVE.103011018", "result_msg": "exists"}, Exists, "LIVE.103011018"),
        (200, {"error_code": "LIVE.100011001", "error_msg": "bad"}, Invalid, "LIVE.100011001"),
    ],
)
def test_failure_is_classified_by_its_code(
    status: int, body: dict[str, Any], kind: type[CloudError], code: str | None
) -> None:
    """The code decides in either shape, under any status, a success's included."""
    error = failure(status, json=body)

    assert type(error) is kind
    assert (error.status, error.code, error.operation) == (status, code, Operation.DELETE_OTT_CHANNEL_INFO)


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, b""),
        (200, b"<html><body>Sign in to the Wi-Fi</body></html>"),
        (200, b"[1, 2]"),
        (200, b'"text"'),
        (200, b"null"),
        (200, b'{"total": NaN}'),
        (200, b'{"cut off'),
        (200, b"\xff\xfe\x00"),
        (200, b"[" * 100_000),
        (200, b'{"a":' * 70 + b"1" + b"}" * 70),
        (204, b""),
        (302, b""),
        (502, b"<html>Bad Gateway</html>"),
    ],
)
def test_what_is_not_json_of_the_service_is_transient(status: int, content: bytes) -> None:
    """HTML, nothing, half of something, or nesting beyond reason: no answer, whatever the status."""
    assert type(failure(status, content=content)) is Transient


def test_404_without_a_code_is_no_absence() -> None:
    """A proxy's 404 page never says that a channel is gone."""
    assert type(failure(404, content=b"<html>Not Found</html>")) is Unsupported


@pytest.mark.parametrize(
    ("status", "body", "uncertain"),
    [
        (400, {"result_code": "LIVE.103011021"}, False),
        (429, {"error_code": "APIGW.0308"}, False),
        (500, {"result_code": "LIVE.100011007"}, False),
        (500, {"result_code": "LIVE.100011005"}, True),
        (504, {"error_code": "APIGW.0201"}, True),
    ],
)
def test_refusal_has_no_effect_and_a_breakdown_may(status: int, body: dict[str, Any], uncertain: bool) -> None:
    """What the service refused did not happen; where it broke down nobody knows."""
    assert failure(status, json=body).may_have_taken_effect is uncertain


def test_accepted_but_unreadable_may_have_taken_effect() -> None:
    """A success that cannot be read is still one, perhaps."""
    assert failure(200, content=b"").may_have_taken_effect


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("1e12", 3600.0),
        ("Fri, 15 Jan 2027 08:01:00 GMT", 60.0),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0.0),
        ("nan", None),
        ("soon", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_in_either_form(header: str | None, seconds: float | None) -> None:
    """Numbers and dates are understood, bounded to an hour; anything else is as if it were not there."""
    headers = {} if header is None else {"Retry-After": header}

    assert failure(429, json={}, headers=headers).retry_after == seconds


def test_request_id_comes_from_wherever_it_is() -> None:
    """The header, IAM's trace id, or the body."""
    assert failure(500, headers={"X-Request-Id": "a1"}).request_id == "a1"
    assert failure(500, headers={"X-IAM-Trace-Id": "b2"}).request_id == "b2"
    assert failure(500, json={"error_code": "APIGW.0601", "request_id": "c3"}).request_id == "c3"


def test_text_says_what_happened_without_secrets() -> None:
    """Operation, status, code and the service's words, on one line, cut and redacted."""
    told = (
        'bad passphrase planted-secret\n in srt://198.51.100.10?passphrase=other-secret&mode=x "token": "third"'
        + "!" * 500
    )
    error = failure(400, json={"result_code": "LIVE.100011001", "result_msg": told})

    text = str(error)
    assert text.startswith(
        "delete_ott_channel_info: 400 LIVE.100011001: bad passphrase (secret) in srt://198.51.100.10"
    )
    assert not any(secret in text for secret in ("planted-secret", "other-secret", "third", "\n"))
    assert len(text) < 360


def test_code_that_is_no_code_is_not_repeated() -> None:
    """What stands where a code should be is only taken over when it looks like one."""
    error = failure(404, json={"error_code": "planted-secret " * 20, "error_msg": ""})

    assert error.code is None
    assert type(error) is Unsupported
    assert "planted-secret" not in f"{error!r}{error.failure!r}"


def test_there_is_one_error_for_each_class() -> None:
    """Every class of the table has its exception, and the tree in the docstring is the tree there is."""
    assert {kind.error_class for kind in CloudError.__subclasses__()} == set(ErrorClass) == set(ERROR_CODES.values())
    assert set(OF_CLASS.values()) == set(CloudError.__subclasses__())
