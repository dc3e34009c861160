"""A new flow takes the place of one that no call can change."""

from dataclasses import replace
from typing import Any

from medialive_operator.contract.operations import Operation
from medialive_operator.planning.flow_values import FlowPolicy, ObservedFlow
from medialive_operator.planning.flows import plan_flow_deletion, plan_flow_replacement
from medialive_operator.planning.merging import UNREADABLE
from medialive_operator.planning.steps import Hold
from tests.planning.flow_following import FlowFollower, made
from tests.planning.flow_wishes import desired

RECREATE = FlowPolicy(recreate=True)
FIRST = FlowPolicy(recreate=True, delete_first=True)
SOURCE: dict[str, Any] = {"name": "studio", "protocol": "srt-listener"}
OUTPUT: dict[str, Any] = {"name": "one", "protocol": "srt-listener"}
WAS = desired({"studio": SOURCE}, {"one": OUTPUT})
WANTED = replace(WAS, name="studio-b")
OLD = ObservedFlow("f-1", "ACTIVE", "studio-a", "ap-southeast-3", sources={"studio": SOURCE})


def test_the_creation_says_why() -> None:
    """What no call changes is told with the step that makes the new flow."""
    plan = plan_flow_replacement(WANTED, OLD, RECREATE)
    [step] = plan.steps
    assert plan.replaces
    assert step.operation is Operation.CREATE_FLOWS
    assert [str(change) for change in step.changes] == ["name: studio-a -> studio-b"]


def test_the_new_flow_runs_before_the_old_one_goes() -> None:
    """The new one is filled and started as any flow, and nothing of that touches the old one."""
    before = made(WAS)
    old, after = before.flow, FlowFollower(before.cloud)
    after.take(plan_flow_replacement(WANTED, OLD, RECREATE).steps[0], WANTED)
    after.follow(WANTED, RECREATE)
    assert after.plan(WANTED, RECREATE).steps == ()
    assert (old.status, old.interruptions) == ("ACTIVE", 0)
    for step in plan_flow_deletion(ObservedFlow(old.flow_id, "ACTIVE"), only_when_stopped=False).steps:
        after.take(step, WANTED)
    [flow] = after.cloud.flows.values()
    assert (flow.name, flow.status, set(flow.outputs)) == ("studio-b", "ACTIVE", {"one"})


def test_where_there_is_no_room_for_two_the_old_one_goes_first() -> None:
    """It is stopped and deleted when a new one may be asked for."""
    plan = plan_flow_replacement(WANTED, OLD, FIRST)
    assert [step.operation for step in plan.steps] == [Operation.MODIFY_FLOW_STOP, Operation.DELETE_FLOW]
    assert {step.query["flow_id"] for step in plan.steps} == {"f-1"}


def test_the_old_flow_stays_when_the_new_one_cannot_be_made() -> None:
    """A source whose Secret cannot be read keeps the old flow, whichever goes first."""
    hidden = {**SOURCE, "decryption": {"key_type": "srt-password", "passphrase": UNREADABLE}}
    unusable = replace(WANTED, sources={"studio": hidden}, unreadable={"source/studio": "no Secret"})
    for policy in (RECREATE, FIRST):
        plan = plan_flow_replacement(unusable, OLD, policy)
        assert (plan.steps, [held.hold for held in plan.held]) == ((), [Hold.SECRET_MISSING])
