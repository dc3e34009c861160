"""Whoever finds a reason on an object finds a section about it."""

import ast
from collections.abc import Iterator

from medialive_operator.resources.conditions import REASONS, ConditionType, Reason
from tests.docs.pages import ROOT, headings

RUNBOOKS = ROOT / "docs" / "runbooks.md"
CONTROLLER = ROOT / "operator" / "medialive_operator" / "controller"


def test_every_reason_that_is_given_has_a_section() -> None:
    """No reason in the controller's code is missing in the runbooks."""
    given = {Reason[name] for name in _names_of("Reason")}

    assert len(given) > 20
    assert sorted(given - set(headings(RUNBOOKS))) == []


def test_no_section_is_about_something_else() -> None:
    """Each heading is a condition or a reason, and a reason stands below a condition that it goes with."""
    condition = None
    for heading in headings(RUNBOOKS)[1:]:
        if heading in list(ConditionType):
            condition = ConditionType(heading)
            continue
        assert condition is not None, heading
        assert heading in REASONS[condition]


def _names_of(enumeration: str) -> Iterator[str]:
    """The members of an enumeration that the controller's code names."""
    for file in CONTROLLER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == enumeration:
                yield node.attr
