"""The OpenAPI contract at work: which operation a request is for, and whether the request fits it.

Used by the app, and by the reading of channels (which fields exist). openapi-core does the checking, so that the
simulator and the client cannot share a mistake. It must not know accounts or resources.
"""

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from openapi_core.templating.media_types.exceptions import MediaTypeFinderError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from medialive_operator.contract.operations import Operation
from medialive_operator.simulator.messages import JsonObject, Message
from medialive_operator.simulator.refusals import INVALID, MEDIA_TYPE, Family, Refusal

_PATH = re.compile(r"/v1/(?P<project_id>[^/]+)(?P<rest>/.*)")
_FORBIDDEN = "x-forbidden-values"


@dataclass(frozen=True)
class Route:
    """An operation in a project."""

    operation: Operation
    project_id: str

    @property
    def family(self) -> Family:
        """Which operations it shares limits and error shapes with."""
        if "_ces_" in self.operation:
            return Family.CLOUD_EYE
        return Family.STREAM_CONNECT if "flow" in self.operation or "output" in self.operation else Family.OTT


class Contract:
    """The document, read once."""

    def __init__(self, document: JsonObject) -> None:
        self._schemas: Mapping[str, JsonObject] = document["components"]["schemas"]
        self._operations = dict(_operations(document["paths"]))
        self._checker = OpenAPI.from_dict(document)

    def route(self, message: Message) -> Route | None:
        """The operation that serves this method and path; None when there is none."""
        match = _PATH.fullmatch(message.path)
        operation = match and self._operations.get((message.method, match["rest"]))
        return Route(operation, match["project_id"]) if match and operation else None

    def check(self, message: Message) -> None:
        """Raises Refusal when query or body do not fit the operation."""
        try:
            self._checker.validate_request(_CheckedRequest(message))
        except MediaTypeFinderError as error:
            raise Refusal(MEDIA_TYPE, "the media type is not supported; send application/json") from error
        except OpenAPIError as error:
            raise _refusal(error) from error

    def properties(self, schema: str) -> Mapping[str, JsonObject]:
        """Fields of a schema, by name."""
        fields: Mapping[str, JsonObject] = self._schemas[schema].get("properties", {})
        return fields


class _CheckedRequest:
    """A message as openapi-core wants to see it."""

    def __init__(self, message: Message) -> None:
        self.host_url = "http://media-live"
        self.path = message.path
        self.method = message.method.lower()
        self.content_type = message.headers.get("content-type", "").lower()
        self.body = message.body or None
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(message.query), header=Headers(dict(message.headers))
        )


@lru_cache(maxsize=2)
def contract(unknown_fields: str = "ignore") -> Contract:
    """The contract; with `refuse`, a body must not have fields that the contract does not know."""
    document = yaml.load(_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    document["servers"] = [{"url": "/"}]
    # Who may call is checked by the authentication, which knows the accounts.
    document.pop("security", None)
    for schema in document["components"]["schemas"].values():
        _tighten(schema, closed=unknown_fields == "refuse")
    return Contract(document)


def _text() -> str:
    return files("medialive_operator.contract").joinpath("media-live.openapi.yaml").read_text(encoding="utf-8")


def _operations(paths: Mapping[str, JsonObject]) -> Iterable[tuple[tuple[str, str], Operation]]:
    """Method and path below the project -> operation. The harvest calls are not in the public documents: not served."""
    known = set(Operation)
    for path, methods in paths.items():
        for method, operation in methods.items():
            if operation["operationId"] in known:
                yield (method.upper(), path.removeprefix("/v1/{project_id}")), Operation(operation["operationId"])


def _tighten(schema: JsonObject, *, closed: bool) -> None:
    """Say in JSON Schema what the document says in words."""
    if closed and "properties" in schema:
        schema.setdefault("additionalProperties", False)
    for field in schema.get("properties", {}).values():
        if _FORBIDDEN in field:
            field["not"] = {"enum": copy.copy(field[_FORBIDDEN])}


def _refusal(error: OpenAPIError) -> Refusal:
    """Says which field breaks which rule, and never what was sent: it can be a secret."""
    parameter = getattr(error, "name", None)
    failures = getattr(error.__cause__, "schema_errors", ())
    if parameter is not None:
        return Refusal(INVALID, f"invalid parameter {parameter}{_rules(failures)}")
    if not failures:
        return Refusal(INVALID, "the body is missing or is not JSON")
    return Refusal(INVALID, f"invalid body: {'; '.join(_named(failure) for failure in list(failures)[:3])}")


def _rules(failures: Iterable[Any]) -> str:
    named = [f"{failure.validator} {failure.validator_value}" for failure in failures]
    return f": {', '.join(named)}" if named else ""


def _named(failure: Any) -> str:
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in failure.absolute_path)
    where = where.removeprefix(".") or "body"
    if failure.validator == "required":
        missing = [name for name in failure.validator_value if name not in failure.instance]
        return f"{where}: {', '.join(missing)} is required"
    if failure.validator == "additionalProperties":
        unknown = sorted(set(failure.instance) - set(failure.schema.get("properties", {})))
        return f"{where}: {', '.join(unknown)} is not a field"
    return f"{where}: {failure.validator} {failure.validator_value}"
