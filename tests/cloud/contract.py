"""The OpenAPI document as the tests see it: schemas, and data that fits them."""

import functools
from collections.abc import Callable
from importlib import resources
from typing import Any

import yaml
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

Schema = dict[str, Any]
Data = st.SearchStrategy[Any]

_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)


@functools.cache
def document() -> dict[str, Any]:
    text = resources.files("medialive_operator.contract").joinpath("media-live.openapi.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def schema(name: str) -> Schema:
    found: Schema = document()["components"]["schemas"][name]
    return found


def validate(data: object, name: str) -> None:
    """Raises jsonschema.ValidationError when the data does not fit the schema."""
    wanted = {"$ref": f"#/components/schemas/{name}", "components": document()["components"]}
    Draft202012Validator(wanted).validate(data)


def fitting(name: str) -> Data:
    """JSON that fits a schema of the contract."""
    return _data(schema(name))


def _data(wanted: Schema) -> Data:
    if "$ref" in wanted:
        return st.deferred(lambda: fitting(wanted["$ref"].rpartition("/")[2]))
    if "allOf" in wanted:
        return _data(wanted["allOf"][0])
    if "enum" in wanted:
        return st.sampled_from(wanted["enum"])
    kinds = wanted["type"] if isinstance(wanted["type"], list) else [wanted["type"]]
    return st.one_of([_KINDS[kind](wanted) for kind in kinds])


def _array(wanted: Schema) -> Data:
    return st.lists(_data(wanted["items"]), min_size=wanted.get("minItems", 0), max_size=2)


def _integer(wanted: Schema) -> Data:
    return st.integers(wanted.get("minimum", -(2**31)), wanted.get("maximum", 2**31))


def _object(wanted: Schema) -> Data:
    if "properties" not in wanted:
        return st.dictionaries(_TEXT, _TEXT | st.integers() | st.none(), max_size=2)
    required = set(wanted.get("required", ()))
    members = {name: _data(member) for name, member in wanted["properties"].items()}
    return st.fixed_dictionaries(
        {name: member for name, member in members.items() if name in required},
        optional={name: member for name, member in members.items() if name not in required},
    )


def _string(wanted: Schema) -> Data:
    if "pattern" in wanted:
        return st.from_regex(wanted["pattern"], fullmatch=True).filter(
            lambda text: len(text) <= wanted.get("maxLength", 255)
        )
    least = wanted.get("minLength", 0)
    return st.text(
        st.characters(codec="utf-8", exclude_categories=["Cs"]),
        min_size=least,
        max_size=min(wanted.get("maxLength", 255), least + 8),
    )


_KINDS: dict[str, Callable[[Schema], Data]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "boolean": lambda _: st.booleans(),
    "null": lambda _: st.none(),
}
