"""From an HTTP answer to JSON or a CloudError: both of the service's error shapes, IAM's, and what is neither.

Called by the client and the token source. The answer has been read completely, within bounds (`cloud.network`).
Sources: behaviour notes 4 and 5.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpx

from medialive_operator.cloud.calls import JsonObject
from medialive_operator.cloud.errors import OF_CLASS, CloudError, Failure, Transient
from medialive_operator.cloud.redacting import redact
from medialive_operator.contract.error_codes import SUCCESS, ErrorClass, classify
from medialive_operator.contract.operations import Operation

_CODE = re.compile(r"[\w.\-]{0,64}", re.ASCII)
_DEEPEST = 64
_LONGEST_WAIT = 3600.0
_SERVER_ERRORS = 500
_SUCCESSES = (HTTPStatus.OK, HTTPStatus.CREATED)
# result_* comes from the channel operations, error_* from everything else and the gateway; the SDK knows the others.
_SHAPES = (
    ("result_code", "result_msg"),
    ("error_code", "error_msg"),
    ("errorCode", "errorMsg"),
    ("code", "message"),
)


@dataclass(frozen=True)
class Reader:
    """Reads the answers to one kind of call. `secrets` are kept out of errors; `now` is unix seconds."""

    operation: Operation | None
    what: str
    secrets: Sequence[str]
    now: float

    def read(self, response: httpx.Response) -> JsonObject:
        """The answer's JSON object; raises CloudError when the call failed or the answer cannot be understood."""
        body = _parsed(response.content)
        if response.status_code not in _SUCCESSES:
            raise self._refused(response, _fault(body, _SHAPES))
        fault = _fault(body, _SHAPES[:2])
        if fault is not None and fault.code not in ("", SUCCESS):
            raise self._refused(response, fault)
        if not isinstance(body, dict):
            raise self._garbled(response)
        return body

    def _refused(self, response: httpx.Response, fault: "_Fault | None") -> CloudError:
        status, code = response.status_code, fault.code if fault else None
        error_class = classify(status, code)
        text = fault.text if fault else _described(response)
        uncertain = error_class is ErrorClass.TRANSIENT and (status in _SUCCESSES or status >= _SERVER_ERRORS)
        failure = self._failure(response, fault)
        told = f"{self.what}: {status}{f' {code}' if code else ''}: {self.redacted(text)}"
        return OF_CLASS[error_class](told, replace(failure, may_have_taken_effect=uncertain))

    def _garbled(self, response: httpx.Response) -> CloudError:
        """Accepted, but nobody can tell what came of it."""
        failure = replace(self._failure(response, None), may_have_taken_effect=True)
        told = f"{self.what}: {response.status_code}: {_described(response)}"
        return Transient(told, failure)

    def malformed(self, problem: str) -> CloudError:
        """The answer is JSON, but not what the contract says; `problem` must hold nothing of its values."""
        return Transient(f"{self.what}: {problem}", Failure(self.operation, may_have_taken_effect=True))

    def redacted(self, text: str) -> str:
        """What the service said, fit to be shown."""
        return redact(text, self.secrets) or "no explanation"

    def _failure(self, response: httpx.Response, fault: "_Fault | None") -> Failure:
        request_id = response.headers.get("x-request-id") or response.headers.get("x-iam-trace-id")
        return Failure(
            operation=self.operation,
            status=response.status_code,
            code=(fault.code or None) if fault else None,
            request_id=redact(request_id or (fault.request_id if fault else ""), self.secrets) or None,
            retry_after=self._retry_after(response.headers.get("retry-after")),
        )

    def _retry_after(self, header: str | None) -> float | None:
        """Seconds, from either form of the header."""
        if header is None:
            return None
        try:
            seconds = float(header)
        except ValueError:
            try:
                seconds = parsedate_to_datetime(header).timestamp() - self.now
            except (ValueError, OverflowError):
                return None
        return min(max(seconds, 0.0), _LONGEST_WAIT) if seconds == seconds else None  # noqa: PLR0124 -- not a number


@dataclass(frozen=True)
class _Fault:
    """What the body says went wrong. `code` is "" when the shape is the service's and its code is empty."""

    code: str | None
    text: str
    request_id: str = ""


def code_of(response: httpx.Response) -> str | None:
    """The service's code in the answer, if there is one."""
    fault = _fault(_parsed(response.content), _SHAPES)
    return fault.code if fault else None


def _parsed(content: bytes) -> Any:
    """The JSON, or None when it is none, or so deep that reading it is dangerous."""
    try:
        parsed = json.loads(content, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return parsed if _is_shallow(parsed) else None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _is_shallow(parsed: object) -> bool:
    level: list[object] = [parsed]
    for _ in range(_DEEPEST):
        level = list(_members(level))
        if not level:
            return True
    return False


def _members(level: Iterable[object]) -> Iterator[object]:
    """The containers inside these containers."""
    for outer in level:
        inner = outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ()
        yield from (member for member in inner if isinstance(member, dict | list))


def _fault(body: object, shapes: Iterable[tuple[str, str]]) -> _Fault | None:
    if not isinstance(body, dict):
        return None
    if isinstance(body.get("error"), dict):
        return _iam_fault(body["error"])
    for key, text in shapes:
        code = body.get(key) or ""
        if key in body and isinstance(code, str) and _CODE.fullmatch(code):
            return _Fault(code, str(body.get(text) or ""), str(body.get("request_id") or ""))
    return None


def _iam_fault(error: dict[str, Any]) -> _Fault:
    """IAM's own shape: its code repeats the HTTP status, so it says nothing more."""
    title, message = str(error.get("title") or ""), str(error.get("message") or "")
    return _Fault(None, f"{title}: {message}" if title and message else title or message)


def _described(response: httpx.Response) -> str:
    """What came instead of an answer, without quoting it."""
    if response.is_redirect:
        return "a redirect, which is not followed; check the endpoint"
    if not response.content:
        return "an empty answer"
    kind = response.headers.get("content-type", "").partition(";")[0].strip()
    return f"the answer is not the service's JSON (content type {redact(kind, ()) or 'not given'})"
