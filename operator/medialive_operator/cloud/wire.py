"""What all wire models have in common. They spell the API's names; the contract says what the fields mean.

Tolerant when reading: every field of an answer may be missing or null, unknown ones are ignored, enumerations are
plain text. Strict when writing: a request's own fields are required as in the contract, and a name that the contract
does not know is refused when a model is constructed. Bounds are left to the service: it returns values that it would
not accept. Secrets are SecretStr and are opened only when a request is sent.
"""

from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from medialive_operator.cloud.calls import JsonObject
from medialive_operator.cloud.errors import Failure, Transient
from medialive_operator.contract.operations import Operation


class Wire(BaseModel):
    """A JSON object of the API."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, coerce_numbers_to_str=True, validate_by_name=True
    )

    @classmethod
    def parse(cls, answer: object, operation: Operation) -> Self:
        """Read an answer; raises Transient, without its values, when it cannot be what the contract says."""
        try:
            return cls.model_validate(answer, extra="ignore")
        except ValidationError as error:
            places = "; ".join(".".join(map(str, problem["loc"])) for problem in error.errors(include_input=False))
            told = f"{operation}: the answer does not fit the contract at {places[:200]}."
        raise Transient(told, Failure(operation, status=200, may_have_taken_effect=True))

    def wire(self) -> JsonObject:
        """The JSON to send: what was set and is not null, its secrets still wrapped."""
        return self.model_dump(by_alias=True, exclude_unset=True, exclude_none=True)
