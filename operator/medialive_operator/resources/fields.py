"""What all fields of the kinds are made of: the bases of the models, limited types, and rules.

Used by the modules that describe what users write and what the operator reports. A model's attributes carry the
API's snake_case names, its aliases are what Kubernetes shows. The docstring under an attribute is its description in
the CRD. No logic about any kind.
"""

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

VALIDATIONS = "x-kubernetes-validations"
_INT32_MAX = 2**31 - 1


def camel(name: str) -> str:
    """The Kubernetes name of an API name: `rollingbuffer_duration` -> `rollingbufferDuration`.

    Unlike pydantic's `to_camel` it leaves letters after a digit alone (`bitrateFor3u8`).
    """
    first, *others = name.split("_")
    return first + "".join(other[:1].upper() + other[1:] for other in others)


class SpecPart(BaseModel):
    """What a user writes. Unknown members are refused, never dropped: a misspelt setting must not be lost."""

    model_config = ConfigDict(
        alias_generator=camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )


class StatusPart(BaseModel):
    """What the operator reports. Members of another version of the operator are ignored."""

    model_config = ConfigDict(
        alias_generator=camel,
        populate_by_name=True,
        extra="ignore",
        use_attribute_docstrings=True,
    )


@dataclass(frozen=True)
class Rule:
    """A CEL rule the API server holds an object to; the message says what to do.

    `source` is where the contract says so; it is for readers of the code and stays out of the CRD.
    """

    rule: str
    message: str
    source: str
    # Not FieldValueDuplicate: with it the API server leaves the message out.
    reason: Literal["FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired"] = "FieldValueInvalid"
    fieldPath: str | None = None  # noqa: N815 -- the name in Kubernetes

    def as_json(self) -> JsonDict:
        """The rule as the CRD has it."""
        return {name: value for name, value in asdict(self).items() if value is not None and name != "source"}


def rules(*held: Rule) -> ConfigDict:
    """The part of a model's configuration that puts rules on it."""
    return ConfigDict(json_schema_extra={VALIDATIONS: [rule.as_json() for rule in held]})


def extended(*held: Rule, **extensions: Any) -> dict[str, Any]:
    """The schema extensions of one field: `extended(Rule(...), list_type="set")`."""
    named: dict[str, Any] = {f"x-kubernetes-{name.replace('_', '-')}": value for name, value in extensions.items()}
    return {**named, VALIDATIONS: [rule.as_json() for rule in held]} if held else named


def keyed_by(member: str) -> dict[str, Any]:
    """The extensions of a list whose items are told apart by one member."""
    return extended(list_type="map", list_map_keys=[member])


# A list of plain values in which order has no meaning.
SET = extended(list_type="set")

Int32 = Annotated[int, Field(ge=0, le=_INT32_MAX, json_schema_extra={"format": "int32"})]
Int64 = Annotated[int, Field(ge=0, json_schema_extra={"format": "int64"})]
Bandwidth = Annotated[int, Field(ge=0, le=104857600, json_schema_extra={"format": "int32"})]
Text = Annotated[str, Field(max_length=255)]
Named = Annotated[str, Field(min_length=1, max_length=255)]
Token = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[A-Za-z0-9_-]+$")]
Url = Annotated[str, Field(min_length=1, max_length=1024)]
RegionName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
LanguageCode = Annotated[str, Field(min_length=2, max_length=3, pattern=r"^[a-z]{2,3}$")]
ObjectName = Annotated[
    str,
    Field(min_length=1, max_length=253, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"),
]

# What the kinds let a user decide, in the same words.
DesiredState = Literal["Running", "Stopped"]
ManagementPolicy = Literal["Manage", "Observe"]
AdoptionPolicy = Literal["Never", "IfExists"]
DeletionPolicy = Literal["Delete", "DeleteWhenStopped", "Retain"]
DriftPolicy = Literal["Report", "Correct"]


# A reference is one thing: whoever applies it, applies all of it.
ATOMIC = ConfigDict(json_schema_extra={"x-kubernetes-map-type": "atomic"})


class SecretRef(SpecPart):
    """A Secret in the namespace of the object."""

    model_config = ATOMIC

    name: ObjectName
    """Name of the Secret."""


class SecretKeyRef(SpecPart):
    """One value of a Secret in the namespace of the object."""

    model_config = ATOMIC

    name: ObjectName
    """Name of the Secret."""
    key: Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[-._a-zA-Z0-9]+$")]
    """Key in the Secret's data."""
