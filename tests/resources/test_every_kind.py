"""What holds for the schema of every kind: nothing without a bound or a description, nothing open."""

from collections.abc import Mapping
from typing import Any

import pytest

from medialive_operator.resources.crds import KINDS, crd_of, render_crds
from medialive_operator.resources.kinds import Kind
from tests.resources.schemas import spec_schema, status_schema

pytestmark = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)

Schema = Mapping[str, Any]


@pytest.mark.parametrize("part", ["spec", "status"])
def test_nothing_is_without_a_bound_or_a_description(kind: Kind, part: str) -> None:
    """Every text, list and map has a largest size, every number a format, every field a description."""
    fields = spec_schema(kind) if part == "spec" else status_schema(kind)

    unbounded = {path: schema for path, schema in fields.items() if not _bounded(schema)}
    undescribed = {path for path, schema in fields.items() if not schema.get("description", "").endswith(".")}

    assert unbounded == {}
    assert undescribed == set()


def test_nothing_is_preserved_unknown(kind: Kind) -> None:
    """Strict validation can name every misspelt field, because no part of the schema is open."""
    assert "x-kubernetes-preserve-unknown-fields" not in str(crd_of(kind))


def test_all_kinds_are_of_one_family(kind: Kind) -> None:
    """Group, version and categories are the same, and names are told apart."""
    names = [each for other in KINDS for each in (other.plural, other.singular, *other.short_names)]

    assert kind.api_version == "medialive.huaweicloud.com/v1alpha1"
    assert kind.categories == ("huawei", "medialive")
    assert len(names) == len(set(names))


def test_the_file_of_a_crd_is_written_out(kind: Kind) -> None:
    """What stands in two places is there twice: no anchors for readers to look up."""
    text = render_crds()[f"{kind.group}_{kind.plural}.yaml"]

    assert "&id0" not in text
    assert "*id0" not in text


def _bounded(schema: Schema) -> bool:
    match schema["type"]:
        case "string":
            return "maxLength" in schema or "enum" in schema or schema.get("format") == "date-time"
        case "array":
            return "maxItems" in schema and _bounded(schema["items"])
        case "integer":
            return "enum" in schema or schema.get("format") in ("int32", "int64")
        case "object" if "additionalProperties" in schema:
            return "maxProperties" in schema and _bounded(schema["additionalProperties"])
        case _:
            return True
