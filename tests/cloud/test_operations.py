"""The table of operations against the OpenAPI document."""

import pytest

from medialive_operator.contract.operations import OPERATIONS, Operation, Sends
from tests.cloud.contract import document

DOCUMENTED = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, methods in document()["paths"].items()
    for method, operation in methods.items()
}


def test_table_has_all_operations_but_harvest() -> None:
    """Everything in the document is in the table, except what is left out on purpose."""
    assert {str(operation) for operation in OPERATIONS} == {
        name for name, (_, path, _) in DOCUMENTED.items() if "harvest" not in path
    }


@pytest.mark.parametrize("operation", Operation)
def test_operation_is_called_as_documented(operation: Operation) -> None:
    """Method, path, and where arguments go are those of the document."""
    method, path, documented = DOCUMENTED[str(operation)]
    parameters = [each for each in documented.get("parameters", ()) if each.get("in") == "query"]
    sends = {
        (True, False): Sends.QUERY,
        (False, True): Sends.BODY,
        (True, True): Sends.BOTH,
    }[bool(parameters), "requestBody" in documented]
    facts = OPERATIONS[operation]

    assert (facts.method, facts.path, facts.sends) == (method, path, sends)


@pytest.mark.parametrize("operation", Operation)
def test_only_what_changes_nothing_may_be_repeated(operation: Operation) -> None:
    """Reads may be repeated, and the two POSTs that only read; nothing else."""
    reads = {Operation.SHOW_CHANNEL_STATISTIC, Operation.LIST_CES_INSTANCE}

    assert OPERATIONS[operation].repeatable == (OPERATIONS[operation].method == "GET" or operation in reads)
