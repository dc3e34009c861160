"""The reference pages: kinds, conditions and events, made from the same models as the CRDs.

Called by `medialive generate`. A kind's page has the five columns that readers of other operators know (field, type,
required or default, validation, description) and one of our own: what a change does to something on air
(`live_effects`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from medialive_operator.resources.conditions import MEANINGS, REASONS
from medialive_operator.resources.crds import KINDS, structural
from medialive_operator.resources.events import EVENT_REASONS
from medialive_operator.resources.fields import VALIDATIONS
from medialive_operator.resources.kinds import Kind
from medialive_operator.resources.live_effects import live_effects

Schema = Mapping[str, Any]

_HEADER = "<!-- Made by `medialive generate` from operator/medialive_operator/resources. Do not edit. -->"
_ON_AIR = {
    "OttChannel": "to a channel on air, and the API call that carries it; several changes that restart share one "
    "interruption.",
    "StreamConnectFlow": "to a running flow, and the API call that carries it. The service does not document what "
    "interrupts: what may do so counts as if it did.",
}
_NO_CALL = "none: read by the operator"


@dataclass(frozen=True)
class Row:
    """A field of a kind."""

    path: str
    schema: Schema
    required: bool


def render_reference() -> dict[str, str]:
    """File name -> content: a page for each kind, one for conditions, one for events."""
    pages = {f"{kind.plural}.md": page_of(kind) for kind in KINDS}
    return {**pages, "conditions.md": _conditions(), "events.md": _events()}


def page_of(kind: Kind) -> str:
    """The page of one kind."""
    spec, status = structural(kind.spec), structural(kind.status)
    effects = live_effects(kind)
    parts = [
        _HEADER,
        f"# {kind.kind}",
        f"`{kind.api_version}`, namespaced, short name `{', '.join(kind.short_names)}`. {kind.description}",
        f"Units stand in the descriptions. *Live effect* is what a change of the field does {_ON_AIR[kind.kind]}",
        "## spec",
        table(
            ("Field", "Type", "Required or default", "Validation", "Description", "Live effect"),
            ((*_cells(row), _effect(row.path, effects)) for row in _rows(spec)),
        ),
        "## Rules",
        "The API server refuses an object that breaks one of these.",
        table(("Where", "Rule"), _rules(kind, spec)),
        "## status",
        table(("Field", "Type", "Description"), ((*_cells(row)[:2], _cells(row)[4]) for row in _rows(status))),
    ]
    return "\n\n".join(parts) + "\n"


def _conditions() -> str:
    parts = [_HEADER, "# Conditions", "What an object says about itself in `status.conditions`, and why."]
    for kind, reasons in REASONS.items():
        rows = ((f"`{reason}`", meaning) for reason, meaning in reasons.items())
        parts += [f"## {kind}", MEANINGS[kind], table(("Reason", "Meaning"), rows)]
    return "\n\n".join(parts) + "\n"


def _events() -> str:
    rows = ((f"`{reason}`", reason.severity, meaning) for reason, meaning in EVENT_REASONS.items())
    told = "What the operator tells in `kubectl describe` and `kubectl events`: things that happened at one moment."
    return "\n\n".join([_HEADER, "# Events", told, table(("Reason", "Type", "Meaning"), rows)]) + "\n"


def _effect(path: str, effects: Mapping[str, str]) -> str:
    if path in effects:
        return effects[path]
    plain = path.replace("[]", "")
    while plain:
        if plain in effects:
            return effects[plain]
        plain = plain.rpartition(".")[0]
    return _NO_CALL


def _rows(schema: Schema, prefix: str = "") -> Iterator[Row]:
    """Every field below a schema, parents first."""
    for name, member in schema.get("properties", {}).items():
        path = f"{prefix}{name}"
        items = member.get("items", {})
        path += "[]" if "properties" in items else ""
        yield Row(path, member, name in schema.get("required", ()))
        yield from _rows(items or member, f"{path}.")


def _cells(row: Row) -> tuple[str, str, str, str, str]:
    schema = row.schema
    default = schema.get("default")
    need = "required" if row.required else f"`{_scalar(default)}`" if default is not None else "optional"
    return f"`{row.path}`", _type(schema), need, _limits(schema), schema.get("description", "")


def _type(schema: Schema) -> str:
    if schema["type"] == "array":
        return f"{_list(schema)} of {_type(schema['items'])}"
    if "additionalProperties" in schema:
        return f"map of {_type(schema['additionalProperties'])}"
    return str(schema.get("format") if schema.get("format") == "date-time" else schema["type"])


def _list(schema: Schema) -> str:
    match schema.get("x-kubernetes-list-type"):
        case "map":
            return f"list by {schema['x-kubernetes-list-map-keys'][0]}"
        case "set":
            return "set"
        case _:
            return "list"


def _limits(schema: Schema) -> str:
    """The limits of a field, or of the items of a list, in words."""
    said = [
        _range(schema, "minimum", "maximum", ""),
        _range(schema, "minLength", "maxLength", "characters"),
        _range(schema, "minItems", "maxItems", "entries"),
        f"multiple of {schema['multipleOf']}" if "multipleOf" in schema else "",
        "one of " + ", ".join(f"`{_scalar(each)}`" for each in schema["enum"]) if "enum" in schema else "",
        f"`{schema['pattern']}`" if "pattern" in schema else "",
        _limits(schema["items"]) if schema.get("type") == "array" and "properties" not in schema["items"] else "",
    ]
    return "; ".join(each for each in said if each)


def _range(schema: Schema, least: str, most: str, unit: str) -> str:
    low, high = schema.get(least), schema.get(most)
    if low is None and high is None:
        return ""
    if high is None:
        return f"at least {low} {unit}".strip()
    return f"{low if low is not None else 0} to {high} {unit}".strip()


def _rules(kind: Kind, spec: Schema) -> Iterator[tuple[str, str]]:
    for rule in kind.rules:
        yield "the object", rule.message
    yield from _rules_below(spec, "spec")


def _rules_below(schema: Schema, path: str) -> Iterator[tuple[str, str]]:
    for rule in schema.get(VALIDATIONS, ()):
        yield f"`{path}`", rule["message"]
    for name, member in schema.get("properties", {}).items():
        yield from _rules_below(member, f"{path}.{name}")
    if "items" in schema:
        yield from _rules_below(schema["items"], f"{path}[]")


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _scalar(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
