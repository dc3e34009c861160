"""Faults that are injected into the service: other answers, delays, lost answers, lists that are wrong.

Set by the admin port, taken by the app, at most one a call. It must not know what an operation does.
"""

from itertools import count
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from medialive_operator.contract.operations import Operation
from medialive_operator.simulator.identity import CREATE_TEMPORARY_KEY, CREATE_TOKEN, LIST_PROJECTS
from medialive_operator.simulator.messages import JsonObject

ALL = "*"
IAM = "iam"
_IAM_OPERATIONS = (CREATE_TOKEN, LIST_PROJECTS, CREATE_TEMPORARY_KEY)
_TARGETS = frozenset({ALL, IAM, *_IAM_OPERATIONS, *Operation})
_DEEDS = ("status", "code", "body", "delay", "drop", "stale", "torn")


class Fault(BaseModel):
    """What goes wrong, where, and how often. `*` is every operation of Media Live, `iam` every one of IAM."""

    model_config = ConfigDict(extra="forbid")

    operation: str = ALL
    project_id: str | None = Field(None, description="Only calls in this project.")
    times: int | None = Field(1, ge=1, description="How many calls it hits; null: all, until it is deleted.")
    skip: int = Field(0, ge=0, description="How many calls it lets pass before.")
    status: int | None = Field(None, ge=200, le=599, description="HTTP status of the answer in place of the real one.")
    code: str | None = Field(None, description="LIVE.* or APIGW.* code of that answer.")
    message: str | None = None
    body: str | None = Field(None, description="The body of that answer as it is: HTML, nothing, broken JSON.")
    content_type: str | None = None
    retry_after: str | float | None = Field(None, description="Retry-After of that answer.")
    effect: bool = Field(False, description="The call takes effect before its answer is replaced.")
    delay: float = Field(0, ge=0, description="Seconds of the simulator's clock before anything else.")
    drop: Literal["before", "after"] | None = Field(None, description="No answer; before or after the effect.")
    stale: bool = Field(False, description="Lists show what was there before the last write.")
    torn: bool = Field(False, description="Pages of lists miss records.")

    @field_validator("operation")
    @classmethod
    def _known(cls, operation: str) -> str:
        if operation not in _TARGETS:
            raise ValueError(f"there is no operation {operation!r}; use an operationId, iam or *")
        return operation

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not any(getattr(self, deed) not in (None, False, 0) for deed in _DEEDS):
            raise ValueError(f"the fault does nothing: set one of {', '.join(_DEEDS)}")
        return self

    @property
    def replaces_answer(self) -> bool:
        """Whether the real answer is not sent."""
        return not (self.status is None and self.code is None and self.body is None)

    def matches(self, operation: str, project_id: str | None) -> bool:
        """Whether a call is one of those it is for."""
        if self.project_id not in (None, project_id):
            return False
        wildcard = IAM if operation in _IAM_OPERATIONS else ALL
        return self.operation in (operation, wildcard)


class Faults:
    """Those that are set, in the order in which they were."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._set: dict[str, Fault] = {}

    def add(self, fault: Fault) -> str:
        """Set a fault; its id."""
        identity = f"fault-{next(self._numbers)}"
        self._set[identity] = fault.model_copy()
        return identity

    def take(self, operation: str, project_id: str | None) -> Fault | None:
        """The fault that hits this call, counted; the first that is set and due."""
        for identity, fault in list(self._set.items()):
            if not fault.matches(operation, project_id):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
                if not fault.times:
                    del self._set[identity]
            return fault
        return None

    def shown(self) -> list[JsonObject]:
        """All that are set, with what is left of skip and times."""
        return [{"id": identity, **fault.model_dump(exclude_none=True)} for identity, fault in self._set.items()]

    def remove(self, identity: str) -> None:
        """Take one back. Raises KeyError when it is not set."""
        del self._set[identity]

    def clear(self) -> None:
        """Take all back."""
        self._set.clear()
