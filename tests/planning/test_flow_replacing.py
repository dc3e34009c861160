"""A new flow takes the place of one that no call can change."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from medialive_operator.contract.operations import Operation
from medialive_operator.planning.flow_desired import observed_flow
from medialive_operator.planning.flow_journal import FlowJournal
from medialive_operator.planning.flow_replacing import plan_replacement
from medialive_operator.planning.flow_values import FlowPolicy, ObservedFlow
from medialive_operator.planning.merging import UNREADABLE
from medialive_operator.planning.steps import Hold
from tests.planning.flow_following import FlowFollower, made
from tests.planning.flow_model import has
from tests.planning.flow_wishes import desired, wishes

RECREATE = FlowPolicy(recreate=True)
SOURCE: dict[str, Any] = {"name": "studio", "protocol": "srt-listener"}
OUTPUT: dict[str, Any] = {"name": "one", "protocol": "srt-listener"}
OLD = desired({"studio": SOURCE}, {"one": OUTPUT})
NEW = replace(OLD, name="studio-b")


def test_the_new_flow_runs_before_the_old_one_goes() -> None:
    """Created, given its outputs and started; only then the old one is stopped and deleted."""
    before = made(OLD)
    old, after = before.flow, FlowFollower(before.cloud)
    calls = []
    while old.flow_id in after.cloud.flows:
        plan = after.replacement(NEW, old, RECREATE)
        assert plan.replaces
        for step in plan.steps:
            calls.append(step.operation)
            after.take(step, NEW)
    assert calls == [
        Operation.CREATE_FLOWS,
        Operation.CREATE_FLOW_OUTPUT,
        Operation.MODIFY_FLOW_START,
        Operation.MODIFY_FLOW_STOP,
        Operation.DELETE_FLOW,
    ]
    assert (after.flow.name, after.flow.status, set(after.flow.outputs)) == ("studio-b", "ACTIVE", {"one"})


def test_the_creation_says_why() -> None:
    """What no call changes is told with the step that makes the new flow."""
    before = made(OLD)
    old = observed_flow(before.cloud.entry(before.flow), before.cloud.detail(before.flow))
    [step] = plan_replacement(NEW, old, None, FlowJournal(), RECREATE).steps
    assert [str(change) for change in step.changes] == ["name: studio-a -> studio-b"]


def test_where_there_is_no_room_for_two_the_old_one_goes_first() -> None:
    """It is deleted when a new one may be asked for; not when that cannot be made anyway."""
    old = ObservedFlow("f-1", "ACTIVE", "studio-a", "ap-southeast-3", sources={"studio": SOURCE})
    policy = replace(RECREATE, delete_first=True)
    plan = plan_replacement(NEW, old, None, FlowJournal(), policy)
    assert [step.operation for step in plan.steps] == [Operation.MODIFY_FLOW_STOP, Operation.DELETE_FLOW]
    hidden = {**SOURCE, "decryption": {"key_type": "srt-password", "passphrase": UNREADABLE}}
    unusable = replace(NEW, sources={"studio": hidden}, unreadable={"source/studio": "no Secret"})
    held = plan_replacement(unusable, old, None, FlowJournal(), policy)
    assert (held.steps, [each.hold for each in held.held]) == ((), [Hold.SECRET_MISSING])


def test_the_old_flow_stays_while_the_new_one_lacks_something() -> None:
    """An output that cannot be made keeps the old flow, which may still serve it."""
    before = made(OLD)
    after = FlowFollower(before.cloud)
    hidden = {**OUTPUT, "encryption": {"key_type": "srt-password", "passphrase": UNREADABLE}}
    wanted = replace(NEW, outputs={"one": hidden}, unreadable={"output/one": "no Secret"})
    for _ in range(3):
        plan = after.replacement(wanted, before.flow, RECREATE)
        for step in plan.steps:
            after.take(step, wanted)
    assert plan.steps == ()
    assert before.flow.status == "ACTIVE"


def test_a_new_flow_that_does_not_fit_any_more_goes_itself() -> None:
    """The spec changes while the old flow is being replaced: the old one stays until the right one is there."""
    before = made(OLD)
    after = FlowFollower(before.cloud)
    after.take(after.replacement(NEW, before.flow, RECREATE).steps[0], NEW)
    plan = after.replacement(replace(NEW, name="studio-c"), before.flow, RECREATE)
    assert [step.query for step in plan.steps] == [{"flow_id": after.flow_id}]
    assert plan.steps[0].operation is Operation.DELETE_FLOW


@settings(deadline=None, max_examples=50)
@given(wishes(1), wishes(1), st.data())
def test_a_replacement_survives_a_crash_anywhere(old: Any, new: Any, data: st.DataObject) -> None:
    """Whichever step is the last before a crash, one flow is left at the end, as wanted, and it was never cut."""
    [wanted] = new
    before = made(old[0])
    gone, after = before.flow, FlowFollower(before.cloud)
    while gone.flow_id in after.cloud.flows:
        steps = after.replacement(wanted, gone, RECREATE).steps
        assert steps
        for step in steps[: data.draw(st.integers(1, len(steps)))]:
            after.take(step, wanted)
    [flow] = after.cloud.flows.values()
    assert (flow.flow_id, flow.status, flow.interruptions) == (after.flow_id, wanted.status, 0)
    assert has(flow, wanted.sources, flow.sources) == has(flow, wanted.outputs, flow.outputs) == []
