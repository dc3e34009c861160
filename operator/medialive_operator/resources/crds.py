"""From the models to CustomResourceDefinitions: pydantic's JSON schema as a structural schema of Kubernetes.

Called by `medialive generate`. The output depends on the models alone, so that a stale file can be told by comparing.
"""

from collections.abc import Mapping
from typing import Any

import yaml
from pydantic import BaseModel

from medialive_operator.resources.fields import VALIDATIONS
from medialive_operator.resources.kinds import Column, Kind
from medialive_operator.resources.ott_channels import OTT_CHANNEL
from medialive_operator.resources.stream_connect_flows import STREAM_CONNECT_FLOW

KINDS = (OTT_CHANNEL, STREAM_CONNECT_FLOW)

Schema = dict[str, Any]

_HEADER = "# Made by `medialive generate` from operator/medialive_operator/resources. Do not edit.\n"
# What pydantic says and a structural schema does not know, or says otherwise.
_DROPPED = frozenset({"title", "default", "additionalProperties", "$ref", "anyOf", "const", "$defs", "examples"})


def render_crds() -> dict[str, str]:
    """File name -> content, for each kind."""
    return {f"{kind.group}_{kind.plural}.yaml": _HEADER + _yaml(crd_of(kind)) for kind in KINDS}


def crd_of(kind: Kind) -> Schema:
    """The CustomResourceDefinition of a kind, as the API server takes it."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": kind.crd_name},
        "spec": {
            "group": kind.group,
            "names": {
                "kind": kind.kind,
                "listKind": f"{kind.kind}List",
                "plural": kind.plural,
                "singular": kind.singular,
                "shortNames": list(kind.short_names),
                "categories": list(kind.categories),
            },
            "scope": "Namespaced",
            "versions": [_version(kind)],
        },
    }


def structural(model: type[BaseModel]) -> Schema:
    """The structural schema of a model: references inlined, nothing that only pydantic understands."""
    told = model.model_json_schema(by_alias=True)
    return _structural(told, told.get("$defs", {}))


def _version(kind: Kind) -> Schema:
    return {
        "name": kind.version,
        "served": True,
        "storage": True,
        "additionalPrinterColumns": [_column(column) for column in kind.columns],
        "schema": {"openAPIV3Schema": _root(kind)},
        "subresources": {"status": {}},
    }


def _root(kind: Kind) -> Schema:
    root: Schema = {
        "description": kind.description,
        "type": "object",
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string", "description": f"{kind.api_version}."},
            "kind": {"type": "string", "description": f"{kind.kind}."},
            "metadata": {"type": "object"},
            "spec": structural(kind.spec),
            "status": structural(kind.status),
        },
    }
    if kind.rules:
        root[VALIDATIONS] = [rule.as_json() for rule in kind.rules]
    return root


def _column(column: Column) -> Schema:
    shown: Schema = {"name": column.name, "type": column.type, "jsonPath": column.path}
    if column.description:
        shown["description"] = column.description
    if column.wide:
        shown["priority"] = 1
    return shown


def _structural(said: Mapping[str, Any], definitions: Mapping[str, Any]) -> Schema:
    """One schema, resolved. What stands beside a reference (a description, a default) goes before what it refers to."""
    schema = {**_resolved(said, definitions), **{name: value for name, value in said.items() if name not in _DROPPED}}
    if "description" in schema:
        schema["description"] = " ".join(schema["description"].split())
    if said.get("default") is not None:
        schema["default"] = said["default"]
    if "const" in said:
        schema["enum"] = [said["const"]]
    if isinstance(said.get("additionalProperties"), Mapping):
        schema["additionalProperties"] = _structural(said["additionalProperties"], definitions)
    if "properties" in said:
        schema["properties"] = {name: _structural(each, definitions) for name, each in said["properties"].items()}
    if "items" in said:
        schema["items"] = _structural(said["items"], definitions)
    return _in_order(schema)


def _resolved(said: Mapping[str, Any], definitions: Mapping[str, Any]) -> Schema:
    """The schema behind a reference, or behind `X | None`: null and absent are one to Kubernetes."""
    if "$ref" in said:
        return _structural(definitions[said["$ref"].rsplit("/", 1)[-1]], definitions)
    given = [each for each in said.get("anyOf", []) if each.get("type") != "null"]
    if len(given) > 1:
        raise ValueError(f"a structural schema has one type for a field, not a choice of {len(given)}: {said}")
    return _structural(given[0], definitions) if given else {}


def _in_order(schema: Schema) -> Schema:
    """Words about the field first, its members last."""
    first = [name for name in ("description", "type", "format", "default") if name in schema]
    last = [name for name in ("required", "properties", "items", "additionalProperties") if name in schema]
    between = sorted(name for name in schema if name not in first and name not in last)
    return {name: schema[name] for name in (*first, *between, *last)}


class _Plain(yaml.SafeDumper):
    """Writes out what stands in two places twice: a reader should not have to look for an anchor."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _yaml(document: Schema) -> str:
    return yaml.dump(document, Dumper=_Plain, sort_keys=False, width=120, allow_unicode=True)
