"""A flow's creation, replacement and deletion survive a crash (SIGKILL) and a lost answer at any of their calls.

The service makes the ids of flows, so a creation cannot be repeated: at the end there is one flow for one object,
no twin and no orphan. The clocks of operator and cloud run fast, since a lost creation is only made again once two
lists, half a minute apart, have not shown it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.builders import flow, listener
from tests.cluster.flow_tenants import (
    ADD,
    CHANGE,
    CREATE,
    DELETE,
    DETAIL,
    LIST,
    REMOVE,
    SOURCE,
    START,
    STOP,
    FlowTenant,
    flow_tenant,
)
from tests.cluster.tenants import Stage

pytestmark = pytest.mark.cluster

TIME_SCALE = 20

HANGS: dict[str, Any] = {"delay": 6000, "drop": "before", "times": None}
LOST: dict[str, Any] = {"drop": "after"}


@dataclass(frozen=True)
class Moment:
    """Faults that hold the operator up, the calls that were made until then, and those left for the next one."""

    faults: dict[str, dict[str, Any]]
    made: list[str]
    left: list[str]
    # How often the call that hangs last has been made when the moment has come.
    hangs: tuple[str, int] = field(default=("", 0))

    def hold(self, tenant: FlowTenant) -> None:
        """Set the faults."""
        for operation, fault in self.faults.items():
            tenant.fault(operation, **fault)

    def until_here(self, tenant: FlowTenant) -> None:
        """Wait until the operator hangs."""
        tenant.scene.until(f"{tenant.name} has made {self.made}", lambda: tenant.writes() == self.made)
        operation, times = self.hangs
        if operation:
            tenant.until_called(operation, times)


CREATIONS = {
    "the flow is not made": Moment({CREATE: HANGS}, [CREATE], [CREATE, ADD, START]),
    "the flow is made": Moment({CREATE: LOST, LIST: {**HANGS, "skip": 1}}, [CREATE], [ADD, START], (LIST, 2)),
    "the outputs are not made": Moment({ADD: HANGS}, [CREATE, ADD], [ADD, START]),
    "the outputs are made": Moment({ADD: LOST, START: HANGS}, [CREATE, ADD, START], [START]),
    "it is not started": Moment({START: HANGS}, [CREATE, ADD, START], [START]),
    "it is started": Moment({START: LOST, DETAIL: {**HANGS, "skip": 1}}, [CREATE, ADD, START], [], (DETAIL, 2)),
}
DELETIONS = {
    "it is not stopped": Moment({STOP: HANGS}, [STOP], [STOP, DELETE]),
    "it is not deleted": Moment({DELETE: HANGS}, [STOP, DELETE], [DELETE]),
    "it is stopped and not deleted": Moment({STOP: LOST, DELETE: HANGS}, [STOP, DELETE], [DELETE]),
    "it is deleted": Moment({DELETE: {**LOST, "times": None}}, [STOP, DELETE], []),
}
REPLACEMENTS = {
    "the new one is not made": Moment({CREATE: HANGS}, [CREATE], [CREATE, ADD, START, STOP, DELETE]),
    "the new one has no outputs": Moment({ADD: HANGS}, [CREATE, ADD], [ADD, START, STOP, DELETE]),
    "the new one is not started": Moment({START: HANGS}, [CREATE, ADD, START], [START, STOP, DELETE]),
    "the old one is not stopped": Moment({STOP: HANGS}, [CREATE, ADD, START, STOP], [STOP, DELETE]),
    "the old one is not deleted": Moment({DELETE: HANGS}, [CREATE, ADD, START, STOP, DELETE], [DELETE]),
}


@pytest.fixture
def tenant(stage: Stage) -> Iterator[FlowTenant]:
    """A customer of the shared cloud, of the test's own."""
    tenant = flow_tenant(stage)
    yield tenant
    tenant.leave()


Crowd = dict[str, FlowTenant]


@pytest.fixture
def crowd(stage: Stage) -> Iterator[Callable[[Iterable[str]], Crowd]]:
    """Makes customers that go through the same at the same time, one for each label."""
    made: list[FlowTenant] = []

    def make(labels: Iterable[str]) -> Crowd:
        found = {label: flow_tenant(stage) for label in labels}
        made.extend(found.values())
        return found

    yield make
    for tenant in made:
        tenant.leave()


def crash(stage: Stage) -> None:
    """Kill the operator, and start another one in a cloud that answers again."""
    stage.scene.operator.stop()
    stage.scene.cloud.admin("DELETE", "/faults")
    stage.start()


def each_has_one(crowd: Crowd, statuses: tuple[str, ...] = ("ACTIVE",)) -> None:
    """Each customer has one flow, which its object knows, with its one output."""
    for tenant in crowd.values():
        tenant.until_ready()
        found = tenant.only_flow()
        assert [output["name"] for output in found["outputs"]] == ["out"]
        assert found["flow"]["status"] in statuses


def test_killed_amid_a_creation(stage: Stage, crowd: Callable[[Iterable[str]], Crowd]) -> None:
    """Killed at any call of a creation, with effect or without: one flow at the end, and nothing made twice."""
    customers = crowd(CREATIONS)
    for label, moment in CREATIONS.items():
        moment.hold(customers[label])
        customers[label].apply()
    for label, moment in CREATIONS.items():
        moment.until_here(customers[label])

    crash(stage)

    each_has_one(customers)
    assert {label: tenant.writes() for label, tenant in customers.items()} == {
        label: [*moment.made, *moment.left] for label, moment in CREATIONS.items()
    }


@dataclass(frozen=True)
class Loss:
    """The call whose answer is lost, how, and whether it took effect. `later` goes wrong after it."""

    call: str
    fault: dict[str, Any]
    took_effect: bool
    later: dict[str, dict[str, Any]] = field(default_factory=dict)


LOSSES = {
    **{f"{call}, no answer, no effect": Loss(call, {"drop": "before"}, False) for call in (CREATE, ADD, START)},
    **{f"{call}, no answer": Loss(call, LOST, True) for call in (CREATE, ADD, START)},
    "a gateway's error": Loss(CREATE, {"status": 502, "body": "<html>Bad gateway</html>", "effect": True}, True),
    "a gateway's error, no effect": Loss(CREATE, {"status": 502, "body": "<html>Bad gateway</html>"}, False),
    "an answer that cannot be read": Loss(CREATE, {"status": 200, "body": '{"flow": ', "effect": True}, True),
    "an answer without an id": Loss(CREATE, {"status": 200, "body": "{}", "effect": True}, True),
    "an answer that is a refusal": Loss(CREATE, {"status": 429, "code": "APIGW.0308"}, False),
    "and a list that lags behind": Loss(CREATE, LOST, True, {LIST: {"skip": 1, "stale": True}}),
    "and a list with holes": Loss(CREATE, LOST, True, {LIST: {"skip": 1, "torn": True}}),
    "and no list": Loss(CREATE, LOST, True, {LIST: {"skip": 1, "status": 503, "times": 2}}),
}


def test_lost_answers_amid_a_creation(stage: Stage, crowd: Callable[[Iterable[str]], Crowd]) -> None:
    """The answer to any call of a creation is lost, before its effect or after: only what had none is done again."""
    customers = crowd(LOSSES)
    for label, loss in LOSSES.items():
        for call, fault in {loss.call: loss.fault, **loss.later}.items():
            customers[label].fault(call, **fault)
        customers[label].apply()

    each_has_one(customers)
    for label, loss in LOSSES.items():
        made = sorted([CREATE, ADD, START, *([] if loss.took_effect else [loss.call])])
        assert (label, sorted(customers[label].writes())) == (label, made)


CHANGES: dict[str, dict[str, Any]] = {
    SOURCE: {"sources": [listener("main", description="Camera 1")]},
    CHANGE: {"outputs": [listener("out", description="To the channel")]},
    ADD: {"outputs": [listener("out"), listener("more")]},
    REMOVE: {"outputs": []},
    STOP: {"desiredState": "Stopped"},
}


def test_lost_answers_amid_a_change(stage: Stage, crowd: Callable[[Iterable[str]], Crowd]) -> None:
    """The answer to a change is lost after its effect: the change is seen to be there, and not made again."""
    customers = crowd(CHANGES)
    for tenant in customers.values():
        tenant.apply()
    each_has_one(customers)
    stage.scene.forget_calls()

    for call, spec in CHANGES.items():
        customers[call].fault(call, **LOST)
        customers[call].patch(**spec)

    for call, tenant in customers.items():
        tenant.until_ready()
        assert (call, tenant.writes()) == (call, [call])


def test_lost_answers_amid_a_replacement(stage: Stage, crowd: Callable[[Iterable[str]], Crowd]) -> None:
    """The answer to any call of a replacement is lost after its effect: nothing is made twice, nothing is left."""
    calls = (CREATE, ADD, START, STOP, DELETE)
    customers = crowd(calls)
    for tenant in customers.values():
        tenant.apply(recreatePolicy="Recreate")
    each_has_one(customers)
    old = {call: tenant.only_flow()["flow_id"] for call, tenant in customers.items()}
    stage.scene.forget_calls()

    for call, tenant in customers.items():
        tenant.fault(call, **LOST)
        tenant.patch(sources=[listener("other")])

    for call, tenant in customers.items():
        tenant.scene.until("the old flow goes", lambda: old[call] not in tenant.flows())  # noqa: B023
    each_has_one(customers)
    assert {call: tenant.writes() for call, tenant in customers.items()} == {call: list(calls) for call in calls}


def test_a_flow_that_somebody_deleted(stage: Stage, tenant: FlowTenant) -> None:
    """Once it is surely gone it is made again, beside a flow of the same name that is not ours and is not touched."""
    tenant.apply()
    old = tenant.until_ready()["flowId"]
    stage.scene.forget_calls()

    tenant.foreign("f1")
    tenant.scene.cloud.admin("DELETE", tenant.flow_place(old))

    tenant.scene.until("another flow", lambda: tenant.scene.status(tenant.name).get("flowId", old) != old)
    new = tenant.until_ready()["flowId"]
    assert set(tenant.flows()) == {"f1", new}
    assert tenant.writes() == [CREATE, ADD, START]
    assert tenant.flows()["f1"]["flow"]["status"] == "STANDBY"
    assert "Disappeared" in {event["reason"] for event in tenant.scene.events()}


def test_a_refused_start_is_no_refused_change(stage: Stage, tenant: FlowTenant) -> None:
    """That the service refused to start a flow in its present state is no reason to stop it for a change later."""
    tenant.fault(START, status=400, code="LIVE.103011022", message="wrong state")
    tenant.apply()
    tenant.until_ready()
    stage.scene.forget_calls()

    tenant.patch(outputs=[listener("out", description="To the channel")])

    tenant.until_ready()
    assert tenant.writes() == [CHANGE]


def test_a_lost_creation_is_not_repeated_at_once(stage: Stage, tenant: FlowTenant) -> None:
    """A creation without effect is made again only after two lists that come well after each other."""
    tenant.fault(CREATE, drop="before")
    tenant.apply()

    tenant.until_ready()

    first, second = (call["at"] for call in tenant.calls(CREATE))
    lists = [call["at"] for call in tenant.calls(LIST) if first < call["at"] < second]
    # Half a minute when they leave; the way to the cloud takes seconds of its fast clock.
    assert lists[-1] - lists[0] >= 20
    tenant.only_flow()


def test_twins_that_appear_meanwhile(stage: Stage, tenant: FlowTenant) -> None:
    """Two flows of the name appear while an answer is lost: Conflict, nothing is written, until the user says which."""
    tenant.fault(CREATE, drop="before")
    tenant.fault(LIST, skip=1, delay=60, times=1)
    tenant.apply()
    tenant.until_called(LIST, 2)
    tenant.foreign("f1")
    tenant.foreign("f2")

    message = tenant.until_says("Stalled", "Conflict")["message"]
    assert "f1, f2" in message
    assert "spec.flowId" in message
    assert tenant.writes() == [CREATE]
    assert set(tenant.flows()) == {"f1", "f2"}

    tenant.patch(flowId="f2")
    tenant.until_ready()
    assert tenant.scene.status(tenant.name)["flowId"] == "f2"
    assert tenant.writes() == [CREATE, ADD, START]
    assert tenant.flows()["f1"]["flow"]["status"] == "STANDBY"


def test_killed_amid_a_deletion(stage: Stage, crowd: Callable[[Iterable[str]], Crowd]) -> None:
    """Killed at any call of a deletion: object and flow go, and nothing is stopped or deleted twice."""
    customers = crowd(DELETIONS)
    for tenant in customers.values():
        tenant.apply()
    each_has_one(customers)
    stage.scene.forget_calls()
    for label, moment in DELETIONS.items():
        moment.hold(customers[label])
        customers[label].scene.delete(customers[label].name, wait=False)
    for label, moment in DELETIONS.items():
        moment.until_here(customers[label])

    crash(stage)

    for tenant in customers.values():
        tenant.until_gone()
        assert tenant.flows() == {}
    assert {label: tenant.writes() for label, tenant in customers.items()} == {
        label: [*moment.made, *moment.left] for label, moment in DELETIONS.items()
    }


def test_killed_amid_a_replacement(stage: Stage, crowd: Callable[[Iterable[str]], Crowd]) -> None:
    """Killed at any call of a replacement: one new flow at the end, and the old one is gone."""
    customers = crowd(REPLACEMENTS)
    for tenant in customers.values():
        tenant.apply(recreatePolicy="Recreate")
    each_has_one(customers)
    old = {label: tenant.only_flow()["flow_id"] for label, tenant in customers.items()}
    stage.scene.forget_calls()
    for label, moment in REPLACEMENTS.items():
        moment.hold(customers[label])
        customers[label].patch(sources=[listener("other")])
    for label, moment in REPLACEMENTS.items():
        moment.until_here(customers[label])
        assert old[label] in customers[label].flows()

    crash(stage)

    for label, tenant in customers.items():
        tenant.scene.until("the old flow goes", lambda: old[label] not in tenant.flows())  # noqa: B023
    each_has_one(customers)
    assert {label: tenant.writes() for label, tenant in customers.items()} == {
        label: [*moment.made, *moment.left] for label, moment in REPLACEMENTS.items()
    }


def test_deleted_while_its_creation_is_unsure(stage: Stage, tenant: FlowTenant) -> None:
    """An object that is deleted after a lost creation goes once its flow is found and deleted: no orphan."""
    tenant.fault(CREATE, **LOST)
    tenant.fault(LIST, skip=1, delay=60, times=1)
    tenant.apply()
    tenant.until_called(LIST, 2)

    tenant.delete()

    tenant.until_gone()
    assert tenant.flows() == {}
    assert tenant.writes() == [CREATE, DELETE]


def test_deleted_amid_a_replacement(stage: Stage, crowd: Callable[[Iterable[str]], Crowd]) -> None:
    """An object that is deleted while its flow is being replaced takes both flows with it."""
    then_hangs = {CREATE: DETAIL, ADD: START, STOP: DELETE}
    customers = crowd(then_hangs)
    for tenant in customers.values():
        tenant.apply(recreatePolicy="Recreate")
    each_has_one(customers)
    stage.scene.forget_calls()
    for call, tenant in customers.items():
        tenant.fault(call, **LOST)
        tenant.fault(
            DETAIL if call == CREATE else START if call == ADD else DELETE, **{**HANGS, "delay": 60, "times": 1}
        )
        tenant.patch(sources=[listener("other")])
    for call, tenant in customers.items():
        tenant.until_called(call)
        tenant.delete()

    for tenant in customers.values():
        tenant.until_gone()
        assert tenant.flows() == {}
        assert tenant.writes().count(CREATE) == 1


def test_two_objects_of_one_flow(stage: Stage, tenant: FlowTenant) -> None:
    """Two objects that name one flow: the older one owns it, the younger one does nothing, also when it goes."""
    tenant.apply()
    flow_id = tenant.until_ready()["flowId"]
    stage.scene.forget_calls()
    by_name, by_id = (f"{tenant.name}-{how}" for how in ("name", "id"))
    credentials = {"credentialsRef": {"name": tenant.secret}}
    tenant.scene.apply(
        flow(by_name, name=tenant.name, **credentials),
        flow(by_id, flowId=flow_id, **credentials),
    )

    for name in (by_name, by_id):
        assert tenant.name in tenant.scene.until_says(name, "Stalled", "Conflict")["message"]
        tenant.scene.delete(name)

    tenant.only_flow()
    assert tenant.writes() == []
