"""Fields by path: of a schema, of a document, and of the contract's requests."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml
from pydantic import BaseModel

from medialive_operator.resources.crds import crd_of, structural
from medialive_operator.resources.fields import VALIDATIONS
from medialive_operator.resources.kinds import Kind

Schema = Mapping[str, Any]


def spec_schema(kind: Kind) -> dict[str, Schema]:
    """Path of a field, such as `input.sources.url` -> its schema."""
    return dict(_fields(structural(kind.spec)))


def status_schema(kind: Kind) -> dict[str, Schema]:
    """The same of the status."""
    return dict(_fields(structural(kind.status)))


def spec_by_wire_names(kind: Kind) -> dict[str, Schema]:
    """The fields of the spec by the API's names, which are the names of the models' attributes."""
    return dict(zip(_attributes(kind.spec), spec_schema(kind).values(), strict=True))


def limit(schema: Schema, word: str) -> Any:
    """The bound of a field, or of the items of a list of plain values; enumerations without order."""
    said = schema.get(word, schema.get("items", {}).get(word) if word == "enum" else None)
    if word in ("minLength", "maxLength") and "enum" in schema:
        return None
    return sorted(said) if word == "enum" and said else said


def messages(kind: Kind) -> list[str]:
    """What the rules of a kind say."""
    return list(_messages(crd_of(kind)))


def create_request() -> dict[str, Schema]:
    """The fields of the contract's requests."""
    return dict(_fields(create_request_schema()))


def create_request_schema() -> Schema:
    """The contract's schema of a create request, references inlined."""
    return contract_schema("CreateOttChannelInfoReq")


def contract_schema(name: str) -> Schema:
    """A schema of the contract, references inlined."""
    schemas = _contract()["components"]["schemas"]
    resolved: Schema = _resolved(schemas[name], schemas)
    return resolved


def flow_requests() -> dict[str, Schema]:
    """The fields of all that can be sent about a flow: of its creation, and of its outputs, as `outputs`."""
    outputs = {"outputs": {"type": "array", "maxItems": 10, "items": contract_schema("AddFlowOutputsRequest")}}
    return dict(_fields({"properties": {**contract_schema("CreateFlowsRequestBody")["properties"], **outputs}}))


def create_example() -> dict[str, Any]:
    """The contract's example of a create request."""
    post = _contract()["paths"]["/v1/{project_id}/ott/channels"]["post"]
    example: dict[str, Any] = post["requestBody"]["content"]["application/json"]["examples"]["flv_pull"]["value"]
    return example


def paths(document: Any, prefix: str = "") -> set[str]:
    """The paths of all members of a document, lists passed through."""
    if isinstance(document, list):
        return set().union(*(paths(item, prefix) for item in document))
    if not isinstance(document, Mapping):
        return set()
    return set().union(*({f"{prefix}{name}"} | paths(value, f"{prefix}{name}.") for name, value in document.items()))


def _fields(schema: Schema, prefix: str = "") -> Iterator[tuple[str, Schema]]:
    for name, member in schema.get("properties", {}).items():
        yield f"{prefix}{name}", member
        yield from _fields(member.get("items", member), f"{prefix}{name}.")


def _messages(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for name, value in node.items():
            if name == VALIDATIONS:
                yield from (rule["message"] for rule in value)
            else:
                yield from _messages(value)
    elif isinstance(node, list):
        for item in node:
            yield from _messages(item)


def _attributes(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, info in model.model_fields.items():
        yield f"{prefix}{name}"
        for nested in _models(info.annotation):
            yield from _attributes(nested, f"{prefix}{name}.")


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models(argument)


@cache
def _contract() -> dict[str, Any]:
    text = resources.files("medialive_operator.contract").joinpath("media-live.openapi.yaml").read_text("utf-8")
    contract: dict[str, Any] = yaml.safe_load(text)
    return contract


def _resolved(schema: Any, schemas: Mapping[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_resolved(each, schemas) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    target = schemas[schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else {}
    return {name: _resolved(value, schemas) for name, value in {**target, **schema}.items() if name != "$ref"}
