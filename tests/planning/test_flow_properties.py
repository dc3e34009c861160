"""Properties of the planner of flows, whatever users want and whatever the cloud shows."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from medialive_operator.contract.operations import Operation
from medialive_operator.planning.flow_journal import FlowJournal
from medialive_operator.planning.flow_values import DesiredFlow, FlowPolicy
from medialive_operator.planning.flows import plan_flow
from medialive_operator.planning.merging import UNREADABLE
from medialive_operator.planning.steps import Hold, Plan
from tests.planning.cloud_model import leaves, opened
from tests.planning.flow_following import CORRECT, OBSERVE, REPORT, FlowFollower, made
from tests.planning.flow_model import Flow, FlowHabits, FlowModel, has
from tests.planning.flow_wishes import SECRETS, habits, policies, wishes

thorough = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@st.composite
def disturbed(draw: st.DrawFn, versions: int = 1) -> tuple[FlowFollower, list[DesiredFlow]]:
    """A flow that was made by the first version of a spec and then changed in the console, and further versions."""
    first, foreign, *others = draw(wishes(2 + versions))
    follower = made(first, FlowModel(draw(habits)))
    disturb(follower, foreign, draw(st.sets(st.sampled_from(sorted([*foreign.blocks, "state"])))))
    follower.flow.interruptions = 0
    follower.flow.cut.clear()
    follower.looks = draw(st.booleans())
    return follower, [first, *others]


def disturb(follower: FlowFollower, foreign: DesiredFlow, units: set[str]) -> None:
    """Somebody changes these units in the console to what `foreign` says, and removes outputs that it does not have."""
    cloud, flow = follower.cloud, follower.flow
    for unit in units:
        kind, _, name = unit.partition("/")
        if kind == "state":
            flow.status = foreign.status
        elif kind == "source":
            cloud.change_source(flow, name, opened(dict(foreign.sources[name])))
        else:
            if name in flow.outputs:
                cloud.remove_output(flow, name)
            cloud.add_output(flow, opened(dict(foreign.outputs[name])))
    if "state" in units:
        for name in set(flow.outputs) - set(foreign.outputs):
            cloud.remove_output(flow, name)


def missed(flow: Flow, wanted: DesiredFlow) -> list[str]:
    """Where the cloud does not have what is wanted; foreign outputs do not count."""
    outputs = {name: block for name, block in flow.outputs.items() if name in wanted.outputs}
    gaps = [] if flow.status == wanted.status else ["status"]
    return [*gaps, *has(flow, wanted.sources, flow.sources), *has(flow, wanted.outputs, outputs)]


def written(plan: Plan, *, by_spec: bool = False) -> set[str | None]:
    """The units that a plan writes; only those that the user has changed."""
    parts = [part for step in plan.steps for part in step.each if part.section != "state"]
    return {part.section for part in parts if not by_spec or any(change.by_spec for change in part.changes)}


def units(wanted: DesiredFlow) -> frozenset[str]:
    """Everything that can be settled."""
    return frozenset([*wanted.blocks, "state"])


@thorough
@given(habits, wishes(1), st.booleans())
def test_nothing_is_planned_for_a_converged_flow(habit: FlowHabits, versions: list[DesiredFlow], edits: bool) -> None:
    """A flow that was made as wanted needs nothing, however the service shows it, and nothing has to be read."""
    [wanted] = versions
    follower = made(wanted, FlowModel(habit))
    assert missed(follower.flow, wanted) == []
    for policy in (REPORT, CORRECT, FlowPolicy(stop_for_edits=edits)):
        assert follower.plan(wanted, policy) == Plan(settled=units(wanted))
    follower.looks, follower.reads = False, 0
    assert follower.plan(wanted) == Plan(settled=frozenset(["state"]))
    assert follower.reads == 0


@thorough
@given(habits, wishes(1))
def test_a_flow_is_made_with_few_calls(habit: FlowHabits, versions: list[DesiredFlow]) -> None:
    """One call for the flow, one for all its outputs, one to start it."""
    [wanted] = versions
    follower = FlowFollower(FlowModel(habit))
    follower.follow(wanted)
    expected = [Operation.CREATE_FLOWS]
    expected += [Operation.CREATE_FLOW_OUTPUT] if wanted.outputs else []
    expected += [Operation.MODIFY_FLOW_START] if wanted.running else []
    assert follower.cloud.writes == expected


@thorough
@given(disturbed(versions=1))
def test_one_pass_converges(case: tuple[FlowFollower, list[DesiredFlow]]) -> None:
    """Whatever spec and cloud say, one pass makes the cloud as wanted, if drift may be corrected."""
    follower, [_, wanted] = case
    follower.looks = True
    plan, *_ = follower.follow(wanted, CORRECT, passes=1)
    after = follower.plan(wanted, CORRECT)
    holds = {held.hold for held in (*plan.held, *after.held)}
    event(str(sorted(holds)))
    if not holds:
        assert after == Plan(settled=after.settled)
        assert units(wanted) <= after.settled
        assert missed(follower.flow, _as_far_as_known(wanted, follower.flow, written(plan))) == []
    elif follower.cloud.habits.put == "full":
        assert holds == {Hold.SECRET_UNMANAGED}
    else:
        assert holds <= {Hold.SECRET_UNMANAGED, Hold.NOT_TAKEN}


def _as_far_as_known(wanted: DesiredFlow, flow: Flow, written: set[str | None]) -> DesiredFlow:
    """The same with the secrets of the cloud where nothing was written: what others put there nobody can know."""

    def known(kind: str, member: str, links: Any, there: Any) -> Any:
        return {
            name: block
            if f"{kind}/{name}" in written or member not in block
            else {**block, member: there.get(name, {}).get(member)}
            for name, block in links.items()
        }

    sources = known("source", "decryption", wanted.sources, flow.sources)
    outputs = known("output", "encryption", wanted.outputs, flow.outputs)
    return replace(wanted, sources=sources, outputs=outputs)


@thorough
@given(disturbed(versions=1), policies, st.data())
def test_one_interruption_a_plan(
    case: tuple[FlowFollower, list[DesiredFlow]], policy: FlowPolicy, data: st.DataObject
) -> None:
    """No plan interrupts a flow twice, whatever is known of what was applied before; and it says so beforehand."""
    follower, [_, wanted] = case
    for unit in data.draw(st.sets(st.sampled_from(sorted(units(wanted))))):
        follower.applied.pop(unit, None)
        follower.digests.pop(unit, None)
    plan, *_ = follower.follow(wanted, policy, passes=1)
    assert follower.flow.interruptions == plan.interruptions <= 1
    assert all(times == 1 for times in follower.flow.cut.values())


@thorough
@given(disturbed(versions=0), st.booleans())
def test_drift_alone_never_interrupts(case: tuple[FlowFollower, list[DesiredFlow]], stop_for_edits: bool) -> None:
    """A spec that did not change cuts nobody, unless the policy is to correct drift."""
    follower, [wanted] = case
    policy = FlowPolicy(stop_for_edits=stop_for_edits)
    before = follower.flow.status
    follower.follow(wanted, policy)
    assert follower.flow.interruptions == 0
    assert not follower.flow.cut
    assert follower.flow.status == ("ACTIVE" if wanted.running else before)
    assert follower.plan(wanted, policy).steps == ()


@thorough
@given(disturbed(versions=1), policies)
def test_a_second_pass_has_nothing_to_do(case: tuple[FlowFollower, list[DesiredFlow]], policy: FlowPolicy) -> None:
    """What a pass leaves undone it left on purpose: the next one does not write either, however much it reads."""
    follower, [_, wanted] = case
    follower.follow(wanted, policy, passes=1)
    assert follower.plan(wanted, policy).steps == ()
    follower.looks = False
    assert follower.plan(wanted, policy).steps == ()


@thorough
@given(disturbed(versions=1))
def test_a_service_that_refuses_edits_gets_stop_and_start(case: tuple[FlowFollower, list[DesiredFlow]]) -> None:
    """Where a started flow cannot be changed, nothing is refused once that is known, and there is one interruption."""
    follower, [_, wanted] = case
    follower.cloud.habits = FlowHabits(edits_when_active=False)
    follower.looks = True
    plan, *_ = follower.follow(wanted, FlowPolicy(correct_on_air=True, stop_for_edits=True), passes=1)
    assert follower.flow.interruptions == plan.interruptions <= 1
    assert plan.held or missed(follower.flow, _as_far_as_known(wanted, follower.flow, written(plan))) == []


@thorough
@given(disturbed(versions=1), policies, st.data())
def test_links_with_unknown_secrets_are_not_written(
    case: tuple[FlowFollower, list[DesiredFlow]], policy: FlowPolicy, data: st.DataObject
) -> None:
    """What has an unreadable secret is neither changed nor added; what is written carries wanted secrets only."""
    follower, [_, seen] = case
    follower.looks = True
    encrypted = sorted(unit for unit, block in seen.blocks.items() if {"decryption", "encryption"} & set(block))
    assume(encrypted)
    hidden = data.draw(st.sets(st.sampled_from(encrypted), min_size=1))
    wanted = _hiding(seen, hidden)
    plan = follower.plan(wanted, policy)
    creation = plan_flow(wanted, None, FlowJournal(), policy)
    assert not hidden & written(plan)
    assert hidden <= {held.section for held in plan.held}
    assert not hidden & plan.settled
    assert bool(creation.steps) == (not any(unit.startswith("source/") for unit in hidden))
    known = {value.get_secret_value() for _, value in leaves(wanted.blocks) if isinstance(value, SecretStr)}
    for step in plan.steps:
        sent = [value for _, value in leaves(step.body) if isinstance(value, SecretStr) or str(value) in SECRETS]
        assert all(isinstance(value, SecretStr) and value.get_secret_value() in known for value in sent)


def _hiding(wish: DesiredFlow, hidden: set[str]) -> DesiredFlow:
    def block(unit: str, value: Any) -> Any:
        return _without_secrets(value) if unit in hidden else value

    return DesiredFlow(
        wish.name,
        wish.region,
        wish.running,
        {name: block(f"source/{name}", value) for name, value in wish.sources.items()},
        {name: block(f"output/{name}", value) for name, value in wish.outputs.items()},
        digests={unit: digest for unit, digest in wish.digests.items() if unit not in hidden},
        unreadable=dict.fromkeys(hidden, "no Secret"),
    )


def _without_secrets(block: Any) -> Any:
    if isinstance(block, SecretStr):
        return UNREADABLE
    return {name: _without_secrets(value) for name, value in block.items()} if isinstance(block, dict) else block


@thorough
@given(disturbed(versions=1), policies, st.data())
def test_a_crash_costs_no_further_interruption(
    case: tuple[FlowFollower, list[DesiredFlow]], policy: FlowPolicy, data: st.DataObject
) -> None:
    """After a crash between any two steps the next passes end as the first would have, with one interruption in all."""
    follower, [_, wanted] = case
    follower.looks = True
    plan = follower.plan(wanted, policy)
    done = data.draw(st.integers(0, len(plan.steps)))
    for step in plan.steps[:done]:
        follower.take(step, wanted)
    follower.follow(wanted, policy)
    assert follower.flow.interruptions <= plan.interruptions
    again = follower.plan(wanted, policy)
    assert again.steps == ()
    expected = {held.section for held in plan.held}
    left = {held.section for held in again.held if held.hold is not Hold.NOT_TAKEN}
    # Somebody else's flow that should not run at all may stay stopped when the crash came behind the stop.
    assert left in (expected, expected - {"state"} if not wanted.running else expected)
    assert follower.flow.status == wanted.status or again.held


@thorough
@given(disturbed(versions=1), policies, st.data())
def test_a_crash_before_the_journal_costs_no_further_interruption(
    case: tuple[FlowFollower, list[DesiredFlow]], policy: FlowPolicy, data: st.DataObject
) -> None:
    """The same when the last call was made and not written down, but for secrets, which nobody can read back."""
    follower, [_, wanted] = case
    follower.looks = True
    plan = follower.plan(wanted, policy)
    assume(plan.steps)
    done = data.draw(st.integers(1, len(plan.steps)))
    for step in plan.steps[: done - 1]:
        follower.take(step, wanted)
    last = plan.steps[done - 1]
    follower.take(last, wanted, journaled=False)
    follower.follow(wanted, policy)
    twice = any(isinstance(value, SecretStr) for _, value in leaves(last.body))
    again = twice or follower.cloud.habits.put == "partial"
    assert follower.flow.interruptions <= plan.interruptions + again
    assert follower.plan(wanted, policy).steps == ()


@thorough
@given(habits, wishes(1), st.data())
def test_a_creation_that_crashes_goes_on(habit: FlowHabits, versions: list[DesiredFlow], data: st.DataObject) -> None:
    """Whichever answer is lost while a flow is made, the same flow ends as wanted, without an interruption."""
    [wanted] = versions
    follower = FlowFollower(FlowModel(habit))
    lost = data.draw(st.sampled_from([Operation.CREATE_FLOWS, *Operation]))
    for _ in range(4):
        for step in follower.plan(wanted).steps:
            # The creation's intent, written down before the call, knows the sources; and the flow is found by it.
            follower.take(step, wanted, journaled=step.operation is Operation.CREATE_FLOWS)
            if step.operation is lost:
                break
    follower.follow(wanted)
    assert list(follower.cloud.flows) == [follower.flow_id]
    assert missed(follower.flow, wanted) == []
    assert follower.flow.interruptions == 0
    assert follower.plan(wanted) == Plan(settled=units(wanted))


@thorough
@given(disturbed(versions=1), policies, st.data())
def test_a_failure_leaves_no_flow_stopped(
    case: tuple[FlowFollower, list[DesiredFlow]], policy: FlowPolicy, data: st.DataObject
) -> None:
    """Whichever step fails, a flow that should run does so after it, or after the next pass at the latest."""
    follower, [_, wanted] = case
    before = follower.flow.status
    plan = follower.plan(wanted, policy)
    assume(plan.steps)
    failed = data.draw(st.sampled_from(plan.steps))
    taken = plan.steps[: plan.steps.index(failed)]
    for step in (*taken, *plan.after_failure(failed, refused=data.draw(st.booleans()))):
        follower.take(step, wanted)
    assert follower.flow.interruptions <= 1
    if before == "ACTIVE" and wanted.running and not failed.always:
        assert follower.flow.status == "ACTIVE"
    follower.follow(wanted, policy)
    if before == "ACTIVE" and wanted.running:
        assert follower.flow.status == "ACTIVE"


@thorough
@given(disturbed(versions=1), policies, st.data())
def test_refusals_interrupt_once(
    case: tuple[FlowFollower, list[DesiredFlow]], policy: FlowPolicy, data: st.DataObject
) -> None:
    """A started flow is stopped once for links that the service refuses, and everything else is done all the same."""
    follower, [_, wish] = case
    wanted = DesiredFlow(wish.name, wish.region, True, wish.sources, wish.outputs, digests=wish.digests)
    follower.looks = True
    follower.flow.status = "ACTIVE"
    refused = data.draw(st.sets(st.sampled_from(sorted(wanted.blocks)), min_size=1))
    for _ in range(4):
        _attempt(follower, wanted, policy, refused)
        assert follower.flow.status == "ACTIVE"
        assert follower.flow.interruptions <= 1
    left = follower.plan(wanted, policy)
    assert {part.section for step in left.steps for part in step.each} <= refused


def _attempt(follower: FlowFollower, wanted: DesiredFlow, policy: FlowPolicy, refused: set[str]) -> None:
    """One pass in which the service refuses some links for what they say."""
    plan = follower.plan(wanted, policy)
    steps = list(plan.steps)
    while steps:
        step = steps.pop(0)
        if any(part.section in refused for part in step.each):
            follower.refuse(step)
            still = plan.after_failure(step, refused=True)
            steps = [each for each in steps if each in still]
        else:
            follower.take(step, wanted)


@thorough
@given(disturbed(versions=1), st.booleans())
def test_observe_writes_nothing(case: tuple[FlowFollower, list[DesiredFlow]], correct: bool) -> None:
    """With management policy Observe there is never a step, and what a manager would write is told."""
    follower, [_, wanted] = case
    follower.looks = True
    journal = follower.journal
    plan = follower.plan(wanted, FlowPolicy(may_write=False, correct_on_air=correct))
    follower.applied, follower.digests = dict(journal.applied), dict(journal.digests)
    managed = follower.plan(wanted, CORRECT)
    assert plan.steps == plan_flow(wanted, None, FlowJournal(), OBSERVE).steps == ()
    told = {held.section for held in plan.held}
    assert {part.section for step in managed.steps for part in step.each if part.changes} <= told


@thorough
@given(disturbed(versions=1), policies)
def test_no_secret_shows(case: tuple[FlowFollower, list[DesiredFlow]], policy: FlowPolicy) -> None:
    """A plan, what it is hashed from and the journal say no secret, be it the user's or one that the service echoes."""
    follower, [_, wanted] = case
    plan = follower.plan(wanted, policy)
    told = [repr(plan), str(plan), plan.hash, repr(follower.journal), repr(wanted), str(hash(plan))]
    told += [str(change) + repr(change) for step in plan.steps for change in step.changes]
    told += [held.message for held in plan.held] + [str(change) for held in plan.held for change in held.changes]
    assert not [text for text in told for secret in SECRETS if secret in text]


@thorough
@given(disturbed(versions=1), policies)
def test_planning_is_deterministic(case: tuple[FlowFollower, list[DesiredFlow]], policy: FlowPolicy) -> None:
    """The same question gets the same answer; reading less never leaves out what the user has changed."""
    follower, [_, wanted] = case
    journal = follower.journal
    plans = []
    for looks in (True, False):
        follower.looks = looks
        follower.applied, follower.digests = dict(journal.applied), dict(journal.digests)
        follower.attempts = dict(journal.attempts)
        plans.append(follower.plan(wanted, policy))
    again, lazy = plans
    turned = {unit: json.loads(json.dumps(block)) for unit, block in reversed(list(journal.applied.items()))}
    follower.looks, follower.applied, follower.digests = True, turned, dict(journal.digests)
    assert follower.plan(wanted, policy) == again
    assert written(again, by_spec=True) <= written(lazy)
