"""The planner's decisions about flows, case by case: what is written, what is held and why, and in which order."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from medialive_operator.contract.operations import Operation
from medialive_operator.contract.sections import Disruption
from medialive_operator.planning.flow_journal import FlowJournal, taken
from medialive_operator.planning.flow_values import DETAIL, DesiredFlow, FlowPolicy, ObservedFlow
from medialive_operator.planning.flows import plan_flow, plan_flow_deletion
from medialive_operator.planning.merging import UNREADABLE
from medialive_operator.planning.steps import Cause, Hold, Plan, Step
from tests.planning.flow_following import CORRECT, OBSERVE, REPORT, FlowFollower, made
from tests.planning.flow_model import FlowHabits, FlowModel
from tests.planning.flow_wishes import desired

STUDIO: dict[str, Any] = {
    "name": "studio",
    "protocol": "srt-caller",
    "source_listener_address": "198.51.100.1",
    "source_listener_port": 9000,
}
BACKUP: dict[str, Any] = {"name": "backup", "protocol": "srt-listener"}
ONE: dict[str, Any] = {"name": "one", "protocol": "srt-listener"}
TWO: dict[str, Any] = {"name": "two", "protocol": "srt-caller", "destination": "198.51.100.7", "port": 9000}
SECRET = {"key_type": "srt-password", "passphrase": SecretStr("planted-secret-1")}
STOPS = FlowPolicy(stop_for_edits=True)


def wish(*links: dict[str, Any], running: bool = True, sources: tuple[dict[str, Any], ...] = (STUDIO,)) -> DesiredFlow:
    """A flow with these outputs."""
    by_name = [{link["name"]: link for link in kind} for kind in (sources, links)]
    return desired(*by_name, running=running)


def told(plan: Plan) -> list[str]:
    """A plan in short: `what unit disruption`."""
    return [f"{_VERBS[step.operation]} {step.section} {step.disruption}" for step in plan.steps]


_VERBS = {
    Operation.MODIFY_FLOW_START: "start",
    Operation.MODIFY_FLOW_STOP: "stop",
    Operation.MODIFY_FLOW_SOURCES: "change",
    Operation.MODIFY_FLOW_OUTPUT: "change",
    Operation.CREATE_FLOW_OUTPUT: "add",
    Operation.DELETE_FLOW_OUTPUT: "remove",
    Operation.CREATE_FLOWS: "create",
    Operation.DELETE_FLOW: "delete",
}


def holds(plan: Plan) -> dict[str | None, Hold]:
    """What is held, and why."""
    return {held.section: held.hold for held in plan.held}


def test_a_flow_is_created_with_its_sources() -> None:
    """One call with name, region and sources; outputs and the start need the id that it answers."""
    [step] = plan_flow(wish(ONE), None, FlowJournal(), REPORT).steps
    assert step.operation is Operation.CREATE_FLOWS
    assert step.body == {"name": "studio-a", "region": "ap-southeast-3", "sources": [STUDIO]}


def test_several_outputs_are_added_in_one_call() -> None:
    """The body is a bare list, the flow is named in the query, and the start comes last."""
    follower = FlowFollower(FlowModel())
    follower.take(follower.plan(wish(ONE, TWO)).steps[0], wish(ONE, TWO))
    add, start = follower.plan(wish(ONE, TWO)).steps
    assert (add.query, add.body) == ({"flow_id": follower.flow_id}, [ONE, TWO])
    assert [part.section for part in add.each] == ["output/one", "output/two"]
    assert (start.operation, start.query) == (Operation.MODIFY_FLOW_START, {"flow_id": follower.flow_id})


CHANGED = [
    pytest.param(wish({**ONE, "min_latency": 500}, TWO), ["change output/one OutputOnly"], id="an output"),
    pytest.param(wish(ONE), ["remove output/two OutputOnly"], id="an output less"),
    pytest.param(wish(ONE, TWO, {**TWO, "name": "three"}), ["add output/three None"], id="an output more"),
    pytest.param(
        wish({**TWO, "name": "one"}, TWO),
        ["remove output/one OutputOnly", "add output/one None"],
        id="an output of another protocol",
    ),
    pytest.param(
        wish(ONE, {**TWO, "name": "new"}), ["remove output/two OutputOnly", "add output/new None"], id="another name"
    ),
    pytest.param(
        wish(ONE, TWO, sources=({**STUDIO, "source_listener_port": 9001},)), ["change source/studio Restart"],
        id="a source",
    ),
    pytest.param(wish(ONE, TWO, running=False), ["stop state Stop"], id="the state"),
    pytest.param(
        wish({**ONE, "min_latency": 500}, running=False),
        ["stop state Stop", "remove output/two None", "change output/one None"],
        id="state and outputs",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "steps"), CHANGED)
def test_changes_of_a_started_flow(wanted: DesiredFlow, steps: list[str]) -> None:
    """Each change is one call of its own, and interrupts no more than it must."""
    follower = made(wish(ONE, TWO))
    assert told(follower.plan(wanted)) == steps
    follower.follow(wanted)
    assert follower.plan(wanted).steps == ()


def test_several_sources_share_one_stop() -> None:
    """Two interruptions become one."""
    before = wish(ONE, sources=(STUDIO, BACKUP))
    after = wish(ONE, sources=({**STUDIO, "stream_id": "x"}, {**BACKUP, "min_latency": 500}))
    plan = made(before).plan(after)
    assert told(plan) == [
        "stop state Restart",
        "change source/studio None",
        "change source/backup None",
        "start state None",
    ]
    assert plan.interruptions == 1


def test_a_service_that_refuses_edits_is_stopped_around_them() -> None:
    """One stop for everything, each output by a call of its own, and the start whatever happens."""
    follower = made(wish(ONE), FlowModel(FlowHabits(edits_when_active=False)))
    plan = follower.plan(wish({**ONE, "min_latency": 500}, TWO, {**TWO, "name": "three"}), STOPS)
    assert told(plan) == [
        "stop state Restart",
        "change output/one None",
        "add output/two None",
        "add output/three None",
        "start state None",
    ]
    assert plan.steps[-1].always


def test_a_change_that_was_refused_is_not_worth_another_stop() -> None:
    """Where a change needs a stop, what the service refused before is only reported."""
    follower = made(wish(ONE))
    wanted = wish({**ONE, "min_latency": 500})
    follower.refuse(follower.plan(wanted).steps[0])
    assert told(follower.plan(wanted)) == ["change output/one OutputOnly"]
    assert holds(follower.plan(wanted, STOPS)) == {"output/one": Hold.REFUSED}


def test_one_refused_output_harms_no_other() -> None:
    """When a call for several outputs is refused, each is tried alone, and the flow is started all the same."""
    follower = FlowFollower(FlowModel())
    wanted = wish(ONE, TWO)
    follower.take(follower.plan(wanted).steps[0], wanted)
    plan = follower.plan(wanted)
    follower.refuse(plan.steps[0])
    assert told(Plan(plan.after_failure(plan.steps[0], refused=True))) == ["start state None"]
    assert told(follower.plan(wanted)) == ["add output/one None", "add output/two None", "start state None"]


def test_an_output_is_not_added_where_the_old_one_could_not_be_removed() -> None:
    """An output of another protocol is deleted first; when that is refused the rest goes on without it."""
    follower = made(wish(ONE))
    plan = follower.plan(wish({**TWO, "name": "one"}))
    assert plan.after_failure(plan.steps[0], refused=True) == ()


def test_drift_of_a_started_flow() -> None:
    """What interrupts is reported, what does not is corrected; an output of somebody else's is left alone."""
    follower = made(wish(ONE, TWO))
    cloud, flow = follower.cloud, follower.flow
    cloud.change_source(flow, "studio", {**STUDIO, "source_listener_port": 9001})
    cloud.change_output(flow, "two", {"destination": "198.51.100.8", "port": 9000})
    cloud.remove_output(flow, "one")
    cloud.add_output(flow, {**TWO, "name": "foreign"})
    plan = follower.plan(wish(ONE, {**TWO, "port": 9000}))
    assert told(plan) == ["add output/one None"]
    assert holds(plan) == dict.fromkeys(["source/studio", "output/two", "output/foreign"], Hold.DRIFT)
    assert told(follower.plan(wish(ONE, TWO), CORRECT)) == [
        "change source/studio Restart",
        "remove output/foreign OutputOnly",
        "change output/two OutputOnly",
        "add output/one None",
    ]


def test_outputs_of_which_the_spec_says_nothing_are_nobodys_business() -> None:
    """Without `outputs` in the spec, those that others made are not even reported; those of ours go."""
    follower = made(wish(ONE))
    follower.cloud.add_output(follower.flow, {**TWO, "name": "foreign"})
    plan = follower.plan(replace(wish(), stated=frozenset()), CORRECT)
    assert (told(plan), plan.held) == (["remove output/one OutputOnly"], ())


def test_a_disabled_output_interrupts_nobody() -> None:
    """Nothing is received from it, so its drift is corrected."""
    off = {**TWO, "output_status": "DISABLED"}
    follower = made(wish(off))
    sent = {"destination": "198.51.100.8", "port": 9000, "output_status": "DISABLED"}
    follower.cloud.change_output(follower.flow, "two", sent)
    assert told(follower.plan(wish(off))) == ["change output/two None"]


def test_a_listener_keeps_the_port_that_it_was_given() -> None:
    """The service's choice is sent back with a change, and a port that the user gives up is kept."""
    follower = made(wish(ONE))
    port = follower.flow.outputs["one"]["port"]
    [step] = follower.plan(wish({**ONE, "description": "Words"})).steps
    assert step.body == {"description": "Words", "port": port, "min_latency": 2000, "output_status": "ENABLED"}
    follower.follow(wish({**ONE, "port": 7000}))
    assert follower.plan(wish(ONE)).steps == ()


def test_a_source_is_sent_whole_without_what_the_service_made() -> None:
    """The body is one source; a listener's address is not sent back."""
    follower = made(wish(ONE, sources=(BACKUP,)))
    [step] = follower.plan(wish(ONE, sources=({**BACKUP, "min_latency": 500},))).steps
    assert step.query == {"flow_id": follower.flow_id, "source_name": "backup"}
    assert step.body == {"source": {**BACKUP, "min_latency": 500}}


@pytest.mark.parametrize("put", ["full", "partial"])
def test_what_is_taken_away(put: Any) -> None:
    """A list is emptied and a number reset in so many words; what can only be left out may stay, and that is told."""
    rich = {**ONE, "cidr_whitelist": ["192.0.2.0/24"], "min_latency": 500, "description": "Words"}
    follower = made(wish(rich), FlowModel(FlowHabits(put=put)))
    [step] = follower.plan(wish(ONE)).steps
    assert (step.body["cidr_whitelist"], step.body["min_latency"]) == ([], 2000)
    assert "description" not in step.body
    follower.follow(wish(ONE))
    assert holds(follower.plan(wish(ONE))) == ({} if put == "full" else {"output/one": Hold.NOT_TAKEN})
    assert follower.plan(wish(ONE)).steps == ()


def test_a_default_that_is_not_stated_any_more_is_no_change() -> None:
    """Whoever removes from the spec what is the default anyway changes nothing."""
    follower = made(wish({**ONE, "min_latency": 2000, "output_status": "ENABLED"}))
    assert follower.plan(wish(ONE)).steps == ()


def test_a_rotated_passphrase_is_one_call_for_each_link() -> None:
    """Source and output are written once each, and nothing else is."""
    follower = made(wish({**ONE, "encryption": SECRET}, TWO, sources=({**STUDIO, "decryption": SECRET},)))
    other = {**SECRET, "passphrase": SecretStr("planted-secret-2")}
    wanted = wish({**ONE, "encryption": other}, TWO, sources=({**STUDIO, "decryption": other},))
    plan = follower.plan(wanted)
    assert told(plan) == ["change source/studio Restart", "change output/one OutputOnly"]
    assert {step.cause for step in plan.steps} == {"SecretChanged"}
    follower.follow(wanted)
    assert follower.plan(wanted).steps == ()


@pytest.mark.parametrize("secrets", ["echoed", "masked", "absent"])
def test_a_secret_of_somebody_elses_is_not_lost(secrets: Any) -> None:
    """A link that was encrypted in the console is not written without its passphrase, even if that does not show."""
    follower = made(wish(ONE), FlowModel(FlowHabits(secrets=secrets)))
    key = {"key_type": "srt-password", "passphrase": "planted-secret-9"}
    follower.cloud.change_output(follower.flow, "one", {"encryption": key})
    plan = follower.plan(wish({**ONE, "description": "Words"}))
    assert plan.steps == ()
    assert holds(plan) == {"output/one": Hold.SECRET_UNMANAGED}


def test_an_unreadable_secret_holds_its_link_alone() -> None:
    """The others are written; a flow whose source cannot be written is not started for the first time."""
    hidden = {**SECRET, "passphrase": UNREADABLE}
    follower = made(wish(ONE, TWO))
    wanted = replace(wish({**ONE, "encryption": hidden}, {**TWO, "port": 9001}), unreadable={"output/one": "no Secret"})
    plan = follower.plan(wanted)
    assert (told(plan), holds(plan)) == (["change output/two OutputOnly"], {"output/one": Hold.SECRET_MISSING})
    stopped = made(wish(ONE, running=False))
    source = wish(ONE, sources=({**STUDIO, "source_listener_port": 9001, "decryption": hidden},))
    plan = stopped.plan(replace(source, unreadable={"source/studio": "no Secret"}))
    assert plan.steps == ()
    assert holds(plan) == dict.fromkeys(["source/studio", "state"], Hold.SECRET_MISSING)


MISFITS = [
    pytest.param(replace(wish(ONE), name="other"), "name: studio-a -> other", id="another name"),
    pytest.param(replace(wish(ONE), region="cn-north-4"), "flowRegion: ap-southeast-3 -> cn-north-4", id="moved"),
    pytest.param(wish(ONE, sources=(STUDIO, BACKUP)), "sources[backup]: (absent) -> (present)", id="a source more"),
    pytest.param(
        wish(ONE, sources=(BACKUP,)),
        "sources[backup]: (absent) -> (present); sources[studio]: (present) -> (removed)",
        id="another source",
    ),
    pytest.param(
        wish(ONE, sources=({**BACKUP, "name": "studio"},)),
        "sources[studio].protocol: srt-caller -> srt-listener",
        id="another protocol",
    ),
]


@pytest.mark.parametrize("looks", [True, False])
@pytest.mark.parametrize(("wanted", "changes"), MISFITS)
def test_what_no_call_changes(wanted: DesiredFlow, changes: str, looks: bool) -> None:
    """It is refused with the remedy, or a reason to replace the flow if the user allows that."""
    follower = made(wish(ONE))
    follower.looks = looks
    plan = follower.plan(wanted)
    assert plan.steps == ()
    [held] = plan.held
    assert held.hold is Hold.UNSUPPORTED
    assert changes in held.message
    assert "recreatePolicy" in held.message
    assert follower.plan(wanted, FlowPolicy(recreate=True)) == Plan(replaces=True)


def test_what_is_not_stated_is_not_compared() -> None:
    """A flow that was taken over by its id keeps the name that it has."""
    follower = made(wish(ONE))
    follower.flow.name, follower.flow.region = "older", "elsewhere"
    assert follower.plan(replace(wish(ONE), stated=frozenset(["outputs"]))).held == ()


@pytest.mark.parametrize("status", ["STARTING", "stopping", "UPDATING"])
def test_a_flow_in_transition_is_waited_for(status: str) -> None:
    """Nothing is done while the service is at work on it."""
    follower = made(wish(ONE))
    follower.flow.status = status
    plan = follower.plan(wish(TWO, running=False))
    assert (plan.steps, holds(plan)) == ((), {"state": Hold.IN_TRANSITION})


def test_an_unknown_status_is_shown_and_left_alone() -> None:
    """The state is not touched and the word is told; links are still changed, unless that needs a stop."""
    follower = made(wish(ONE))
    follower.flow.status = "DEGRADED"
    wanted = wish({**ONE, "min_latency": 500}, running=False)
    plan = follower.plan(wanted)
    assert told(plan) == ["change output/one OutputOnly"]
    assert holds(plan) == {"state": Hold.UNKNOWN_STATUS}
    assert "'DEGRADED'" in plan.held[0].message
    assert follower.plan(wanted, STOPS).steps == ()


def test_who_started_or_stopped_it() -> None:
    """What was stopped by others is started again; what was started by others is reported."""
    follower = made(wish(ONE))
    follower.cloud.stop(follower.flow)
    [start] = follower.plan(wish(ONE)).steps
    assert (start.cause, start.always) == ("Resume", True)
    stopped = made(wish(ONE, running=False))
    stopped.flow.status = "ACTIVE"
    assert holds(stopped.plan(wish(ONE, running=False))) == {"state": Hold.DRIFT}
    assert told(stopped.plan(wish(ONE, running=False), CORRECT)) == ["stop state Stop"]


def test_only_what_is_needed_is_read() -> None:
    """Nothing for a spec that did not change, flow and the changed output for one that did, none for a removal."""
    follower = made(wish(ONE, TWO))
    follower.looks = False
    listed = ObservedFlow(str(follower.flow_id), "ACTIVE", "studio-a", "ap-southeast-3")
    changed = wish({**ONE, "min_latency": 500}, TWO)
    assert plan_flow(wish(ONE, TWO), listed, follower.journal, REPORT).reads == frozenset()
    assert plan_flow(changed, listed, follower.journal, REPORT) == Plan(reads=frozenset([DETAIL]))
    detailed = replace(listed, sources={"studio": STUDIO}, outputs={"one": None, "two": None})
    assert plan_flow(changed, detailed, follower.journal, REPORT) == Plan(reads=frozenset(["output/one"]))
    assert told(plan_flow(wish(ONE), detailed, follower.journal, REPORT)) == ["remove output/two OutputOnly"]
    assert told(plan_flow(wish(ONE, TWO, running=False), listed, follower.journal, REPORT)) == ["stop state Stop"]


def test_observing_tells_what_a_manager_would_do() -> None:
    """Every unit of a call for several is told by its name; a missing flow is only reported."""
    follower = made(wish())
    plan = follower.plan(wish(ONE, TWO), OBSERVE)
    assert plan.steps == ()
    assert holds(plan) == dict.fromkeys(["output/one", "output/two"], Hold.OBSERVE_ONLY)
    assert holds(plan_flow(wish(ONE), None, FlowJournal(), OBSERVE)) == {None: Hold.OBSERVE_ONLY}


@pytest.mark.parametrize(
    ("status", "only_when_stopped", "steps", "held"),
    [
        ("STANDBY", True, ["delete None None"], {}),
        ("ACTIVE", False, ["stop state Stop", "delete None None"], {}),
        ("ACTIVE", True, [], {"state": Hold.ON_AIR}),
        ("ERROR", False, ["stop state Stop", "delete None None"], {}),
        ("STOPPING", False, [], {"state": Hold.IN_TRANSITION}),
    ],
)
def test_deletion(status: str, only_when_stopped: bool, steps: list[str], held: dict[str | None, Hold]) -> None:
    """A flow is stopped before it is deleted, and one that runs is kept if that is the policy."""
    plan = plan_flow_deletion(ObservedFlow("f-1", status), only_when_stopped=only_when_stopped)
    assert (told(plan), holds(plan)) == (steps, held)
    assert all(step.query == {"flow_id": "f-1"} for step in plan.steps)


def test_what_a_step_leaves_in_the_journal() -> None:
    """A creation the sources, a removal nothing, a stop for changes no word, a stop by the user the status."""
    wanted = wish(ONE)
    creation = plan_flow(wanted, None, FlowJournal(), REPORT).steps[0]
    assert taken(creation, wanted, FlowJournal()) == {"source/studio": STUDIO}
    follower = made(wanted)
    [removal] = follower.plan(wish()).steps
    assert taken(removal, wish(), follower.journal) == {"output/one": None}
    [stop] = follower.plan(wish(ONE, running=False)).steps
    assert taken(stop, wanted, follower.journal) == {"state": {"status": "STANDBY"}}
    around = replace(stop, cause=Cause.RESTART)
    assert taken(around, wanted, follower.journal) == {}


def test_what_was_removed_or_given_up_is_forgotten() -> None:
    """An output that is neither wanted nor there is settled, also when only an attempt at it is remembered."""
    follower = made(wish(ONE))
    follower.follow(wish())
    follower.refuse(Step(Operation.CREATE_FLOW_OUTPUT, "output/two", Cause.SPEC, Disruption.NONE, fingerprint="x"))
    assert {"output/one", "output/two"} & follower.plan(wish()).settled == {"output/two"}
    assert follower.attempts == {}
