"""Which flow is ours after a creation whose answer was lost."""

import pytest

from medialive_operator.planning.flow_identity import (
    Absent,
    Ambiguous,
    Found,
    Identity,
    Intent,
    ListedFlow,
    Wait,
    identify,
    same_name,
)

INTENT = Intent("studio-a", "ap-southeast-3", frozenset(["older"]))


def flow(flow_id: str, name: str = "studio-a", region: str = "ap-southeast-3") -> ListedFlow:
    """A flow as the list shows it."""
    return ListedFlow(flow_id, name, region)


@pytest.mark.parametrize(
    ("listed", "lists_without", "identity"),
    [
        ([flow("older"), flow("new"), flow("other", "studio-b")], 0, Found("new")),
        ([flow("older"), flow("claimed")], 1, Wait()),
        ([flow("older"), flow("claimed")], 2, Absent()),
        ([], 0, Wait()),
        ([flow("b"), flow("a")], 0, Ambiguous(("a", "b"))),
        ([flow("a"), flow("b", region="cn-north-4")], 0, Found("a")),
        ([flow("a", region=""), flow("b", region="x")], 5, Ambiguous(("a", "b"))),
        ([flow("a"), flow("a")], 0, Found("a")),
    ],
)
def test_identify(listed: list[ListedFlow], lists_without: int, identity: Identity) -> None:
    """A new flow of the name that nobody else claims is ours; several are told apart by region or not at all."""
    assert identify(INTENT, listed, {"claimed"}, lists_without=lists_without) == identity


def test_same_name() -> None:
    """What an intent has to remember: every flow that has the name already."""
    assert same_name("studio-a", [flow("a"), flow("b", "studio-b"), flow("c")]) == {"a", "c"}
