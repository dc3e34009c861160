"""What a call can fail with. One subclass for each class of the contract's error table.

CloudError
├── NotFound      the resource does not exist
├── Exists        somebody has this id already
├── Throttled     too many calls
├── Transient     may work the next time; also when there was no answer at all
├── Denied        credentials or permissions
├── Suspended     the account must be put in order first
├── Invalid       the request must be changed
└── Unsupported   not offered at this endpoint

Raised by everything in `cloud`; handled by the reconcile pass, which decides by `error_class`. The text is safe to
show: what the service said is redacted and cut before it gets here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from medialive_operator.contract.error_codes import ErrorClass
from medialive_operator.contract.operations import Operation


@dataclass(frozen=True)
class Failure:
    """What is known about a call that failed.

    `status` is None when there was no answer; `code` is None when the answer has none; `retry_after` is in seconds.
    `may_have_taken_effect`: the service may have done what was asked, although nobody heard so.
    """

    operation: Operation | None = None
    status: int | None = None
    code: str | None = None
    request_id: str | None = None
    retry_after: float | None = None
    may_have_taken_effect: bool = False


class CloudError(Exception):
    """A call to Media Live or IAM failed. `str()` of it says what happened and is safe to show."""

    error_class: ClassVar[ErrorClass] = ErrorClass.TRANSIENT

    def __init__(self, message: str, failure: Failure | None = None) -> None:
        super().__init__(message)
        self.failure = failure or Failure()

    @property
    def operation(self) -> Operation | None:
        """The operation, None for a call to IAM."""
        return self.failure.operation

    @property
    def status(self) -> int | None:
        """The HTTP status, None without an answer."""
        return self.failure.status

    @property
    def code(self) -> str | None:
        """The service's own code, such as LIVE.103011019."""
        return self.failure.code

    @property
    def request_id(self) -> str | None:
        """What to tell the service's support."""
        return self.failure.request_id

    @property
    def retry_after(self) -> float | None:
        """Seconds that the service asked to wait."""
        return self.failure.retry_after

    @property
    def may_have_taken_effect(self) -> bool:
        """Whether the service may have done what was asked."""
        return self.failure.may_have_taken_effect


class NotFound(CloudError):
    """The resource does not exist."""

    error_class = ErrorClass.NOT_FOUND


class Exists(CloudError):
    """Somebody has this id already."""

    error_class = ErrorClass.EXISTS


class Throttled(CloudError):
    """Too many calls."""

    error_class = ErrorClass.THROTTLED


class Transient(CloudError):
    """May work the next time."""

    error_class = ErrorClass.TRANSIENT


class Denied(CloudError):
    """Credentials or permissions."""

    error_class = ErrorClass.DENIED


class Suspended(CloudError):
    """The account must be put in order first."""

    error_class = ErrorClass.SUSPENDED


class Invalid(CloudError):
    """The request must be changed."""

    error_class = ErrorClass.INVALID


class Unsupported(CloudError):
    """Not offered at this endpoint."""

    error_class = ErrorClass.UNSUPPORTED


OF_CLASS: Mapping[ErrorClass, type[CloudError]] = {
    error.error_class: error
    for error in (NotFound, Exists, Throttled, Transient, Denied, Suspended, Invalid, Unsupported)
}
