"""Every rule of the StreamConnectFlow CRD, asked of a real API server: one object it takes, one it refuses, its words.

A passphrase that is too short is not among them: it is in a Secret, which the API server does not look into.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from medialive_operator.resources.stream_connect_flows import STREAM_CONNECT_FLOW
from tests.resources.api import Objects, merged
from tests.resources.flow_manifests import CALLER, LISTENER, PULLED, PUSHED, Spec, flow
from tests.resources.schemas import messages

pytestmark = pytest.mark.cluster


@dataclass(frozen=True)
class Rule:
    """A rule by the beginning of its message, with a spec it refuses and one it accepts."""

    says: str
    refused: Spec
    accepted: Spec

    def __str__(self) -> str:
        return self.says[:50]


def _source(base: Spec, **members: Any) -> Spec:
    return flow(merged(base, members))


def _output(base: Spec, **members: Any) -> Spec:
    return flow(LISTENER, merged(base, members))


_PORT = "the service keeps ports 2077 and 2088 for itself: choose another one"
_HOST = "an address is an IP address or a host name, without srt:// before it and without a port behind it"
_CIDR = "an entry of cidrWhitelist is a CIDR, such as 192.0.2.0/24; a single address is 198.51.100.7/32"
_NO_STREAM_ID = "streamId is what an srt-caller presents when it connects: remove it"
_NO_WHITELIST = "cidrWhitelist says who may connect to an srt-listener, and nobody connects to an srt-caller: remove it"
_WHERE_FROM = "an srt-caller source needs address and port: where the service pulls from"
_WHERE_TO = "an srt-caller output needs destination and port: where the service pushes to"
_MADE_SOURCE = (
    "the service makes the address of an srt-listener source: remove address and port, and read where to push"
)
_MADE_OUTPUT = "the service makes the address of an srt-listener output: remove destination, and read where to pull"
_SOURCES = "sources needs at least one entry, unless managementPolicy is Observe"
_ONE_FLOW = "flowId names one flow, and recreatePolicy Recreate may replace it by another"
_ID = "0123456789abcdef"
_ANY = ["0.0.0.0/0"]

RULES = (
    Rule(_SOURCES, {}, {"managementPolicy": "Observe"}),
    Rule(_SOURCES, {"sources": []}, {"sources": [], "managementPolicy": "Observe", "flowId": _ID}),
    Rule(_ONE_FLOW, flow(flowId=_ID, recreatePolicy="Recreate"), flow(flowId=_ID, recreatePolicy="Never")),
    Rule(_ONE_FLOW, flow(flowId=_ID, recreatePolicy="Recreate"), flow(recreatePolicy="Recreate")),
    Rule(_WHERE_FROM, _source(CALLER, address=None), _source(CALLER)),
    Rule(_WHERE_FROM, _source(CALLER, port=None), _source(CALLER)),
    Rule(_WHERE_TO, _output(PUSHED, destination=None), _output(PUSHED)),
    Rule(_WHERE_TO, _output(PUSHED, port=None), _output(PUSHED)),
    Rule(_MADE_SOURCE, _source(LISTENER, address="198.51.100.1"), _source(LISTENER)),
    Rule(_MADE_SOURCE, _source(LISTENER, port=9000), _source(LISTENER)),
    Rule(_MADE_OUTPUT, _output(PULLED, destination="198.51.100.1"), _output(PULLED, port=9000)),
    Rule(_NO_STREAM_ID, _source(LISTENER, streamId="a"), _source(CALLER, streamId="a")),
    Rule(_NO_STREAM_ID, _output(PULLED, streamId="a"), _output(PUSHED, streamId="a")),
    Rule(_NO_WHITELIST, _source(CALLER, cidrWhitelist=_ANY), _source(LISTENER, cidrWhitelist=_ANY)),
    Rule(_NO_WHITELIST, _output(PUSHED, cidrWhitelist=_ANY), _output(PULLED, cidrWhitelist=_ANY)),
    Rule(_PORT, _source(CALLER, port=2077), _source(CALLER, port=2078)),
    Rule(_PORT, _source(CALLER, port=2088), _source(CALLER, port=2087)),
    Rule(_PORT, _output(PUSHED, port=2077), _output(PUSHED, port=2076)),
    Rule(_PORT, _output(PULLED, port=2088), _output(PULLED, port=2089)),
    Rule(_HOST, _source(CALLER, address="srt://198.51.100.1"), _source(CALLER, address="198.51.100.1")),
    Rule(_HOST, _source(CALLER, address="198.51.100.1:9000"), _source(CALLER, address="2001:db8::1")),
    Rule(_HOST, _output(PUSHED, destination="srt.example.com:9000"), _output(PUSHED, destination="srt.example.com")),
    Rule(_HOST, _output(PUSHED, destination="-a"), _output(PUSHED, destination="a")),
    Rule(_CIDR, _source(LISTENER, cidrWhitelist=["192.0.2.7"]), _source(LISTENER, cidrWhitelist=["192.0.2.7/32"])),
    Rule(_CIDR, _output(PULLED, cidrWhitelist=["192.0.2.0/33"]), _output(PULLED, cidrWhitelist=["2001:db8::/32"])),
)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_rule_takes_what_fits_and_refuses_what_does_not(flows: Objects, rule: Rule) -> None:
    """The API server takes the accepted object, refuses the other one, and says why in the rule's words."""
    flows.create(flows.manifest(rule.accepted))

    assert rule.says in flows.refusal(rule.refused)


@pytest.mark.parametrize("name", ["1st-floor", "studio.a", "a" * 65])
def test_a_name_that_no_flow_can_have_needs_another_one_in_the_spec(flows: Objects, name: str) -> None:
    """The object's name is the flow's by default; where it cannot be, spec.name or flowId is asked for."""
    says = (
        "the object's name is the flow's name, which starts with a letter and has at most 64 letters, digits, - and _"
    )

    assert f"{says}: set spec.name" in flows.refusal(flow(), name)
    stored = flows.create(flows.manifest(flow(name="Studio_A"), name))
    flows.change(stored, {**stored["spec"], "name": None, "flowId": _ID})


def test_a_flow_id_can_be_corrected_until_the_flow_is_there(flows: Objects) -> None:
    """What points nowhere may point elsewhere; once the flow is there, it may only be named or left out."""
    stored = flows.create(flows.manifest(flow(flowId="wrong")))
    corrected = flows.change(stored, {**stored["spec"], "flowId": "right"})
    found = flows.report(corrected, {"flowId": "right"})

    refusal = flows.refusal_to_change(found, {**found["spec"], "flowId": "other"})
    unnamed = flows.change(found, {**found["spec"], "flowId": None})
    refusal_to_name = flows.refusal_to_change(unnamed, {**unnamed["spec"], "flowId": "other"})
    named = flows.change(unnamed, {**unnamed["spec"], "flowId": "right"})

    says = "flowId cannot point to another flow: this object has one, see status.flowId. Create a new StreamConnectFlow"
    assert says in refusal
    assert says in refusal_to_name
    assert named["spec"]["flowId"] == "right"


def test_a_flow_id_that_is_not_the_reported_one_keeps_nothing_else_from_being_written(flows: Objects) -> None:
    """Whatever the status says, an object whose flowId is left as it is can be changed and reported on."""
    stored = flows.create(flows.manifest(flow(flowId="a")))
    strange = flows.report(stored, {"flowId": "b"})

    changed = flows.change(strange, {**strange["spec"], "desiredState": "Stopped"})

    flows.report(changed, {"flowId": "b", "phase": "Stopped"})


def test_a_flow_that_exists_stays_in_its_region(flows: Objects) -> None:
    """The region can be corrected until the flow exists, and not any more then."""
    stored = flows.create(flows.manifest(flow(region="ap-southeast-33")))
    corrected = flows.change(stored, {**stored["spec"], "region": "ap-southeast-3"})
    made = flows.report(corrected, {"endpointRef": {"endpoint": "https://live.example.com", "projectId": "0"}})

    refusal = flows.refusal_to_change(made, {**made["spec"], "region": "ap-southeast-1"})

    assert "region cannot be changed once the flow exists: it would be left behind. Create a new Stream" in refusal


UNSUPPORTED: dict[str, Spec] = {
    "another name": {"name": "other"},
    "another region of the flow": {"flowRegion": "ap-southeast-1"},
    "a source more": {"sources": [LISTENER, CALLER]},
    "a source of another name": {"sources": [{**LISTENER, "name": "spare"}]},
    "a source of another protocol": {"sources": [{**CALLER, "name": "encoder"}]},
    "an output of another name": {"outputs": [{**PULLED, "name": "to-others"}]},
    "an output of another protocol": {"outputs": [{**PUSHED, "name": "to-ott"}]},
}


@pytest.mark.parametrize("case", UNSUPPORTED)
def test_what_no_call_changes_can_be_stored(flows: Objects, case: str) -> None:
    """A change that only a new flow or output can have is the planner's to judge: the object takes it."""
    stored = flows.create(flows.manifest(flow(LISTENER, PULLED)))
    made = flows.report(stored, {"flowId": _ID, "name": stored["metadata"]["name"]})

    changed = flows.change(made, {**made["spec"], **UNSUPPORTED[case]})

    assert changed["metadata"]["generation"] == 2


def test_every_rule_of_the_crd_is_asked_above() -> None:
    """No rule is in the CRD without a refused and an accepted object in this module."""
    asked = {rule.says for rule in RULES}
    elsewhere = {"the object's name is the flow's name", "flowId cannot point to", "region cannot be changed once"}

    unasked = [text for text in messages(STREAM_CONNECT_FLOW) if not any(says in text for says in asked | elsewhere)]

    assert unasked == []
