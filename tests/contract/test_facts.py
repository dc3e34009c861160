"""The tables of facts say what the OpenAPI document says."""

from pathlib import Path
from typing import Any

import pytest
import yaml

import medialive_operator.contract
from medialive_operator.contract.error_codes import ERROR_CODES
from medialive_operator.contract.operations import OPERATIONS, Operation, Sends
from medialive_operator.simulator.refusals import STATUSES


@pytest.fixture(scope="module")
def document() -> Any:
    """The OpenAPI document."""
    text = (Path(medialive_operator.contract.__path__[0]) / "media-live.openapi.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


def test_operations_are_those_of_the_document(document: Any) -> None:
    """Each operation has the document's method and path; the document has no other but the harvest ones."""
    documented = {
        operation["operationId"]: (method.upper(), path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if "harvest" not in path
    }

    assert {one.value: (facts.method, facts.path) for one, facts in OPERATIONS.items()} == documented


def test_arguments_go_where_the_document_says(document: Any) -> None:
    """An operation sends a query, a body or both, as the document has parameters and a body for it."""
    for operation, facts in OPERATIONS.items():
        described = document["paths"][facts.path][facts.method.lower()]
        queried = any(parameter.get("in") == "query" for parameter in described.get("parameters", []))
        sends = {(True, True): Sends.BOTH, (True, False): Sends.QUERY, (False, True): Sends.BODY}

        if operation is Operation.LIST_CES_INSTANCE:
            continue  # its page goes into the body
        assert facts.sends is sends[queried, "requestBody" in described], operation


def test_refusals_have_known_codes() -> None:
    """Whatever code the simulator answers with has a class, so that a client knows what to do."""
    assert set(STATUSES) <= set(ERROR_CODES)
