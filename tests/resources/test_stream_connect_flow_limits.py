"""What a real API server says to malformed StreamConnectFlows: wrong types, unknown fields, limits."""

from typing import Any

import pytest

from tests.resources.api import Objects
from tests.resources.flow_manifests import CALLER, LISTENER, PULLED, PUSHED, Spec, flow

pytestmark = pytest.mark.cluster


def _outputs(count: int) -> list[Spec]:
    return [{**PULLED, "name": f"to-{number}"} for number in range(count)]


def _cidrs(count: int) -> list[str]:
    return [f"203.0.113.{number}/32" for number in range(count)]


def _source(base: Spec = CALLER, **members: Any) -> Spec:
    return flow({**base, **members})


def _output(base: Spec = PUSHED, **members: Any) -> Spec:
    return flow(LISTENER, {**base, **members})


_REF = {"name": "a", "key": "b"}

MALFORMED: dict[str, tuple[Spec, str]] = {
    "11 outputs": (flow(LISTENER, *_outputs(11)), "spec.outputs: Too many: 11: must have at most 10 items"),
    "21 CIDRs of a source": (
        _source(LISTENER, cidrWhitelist=_cidrs(21)), "sources[0].cidrWhitelist: Too many: 21: must have at most 20"),
    "21 CIDRs of an output": (
        _output(PULLED, cidrWhitelist=_cidrs(21)), "outputs[0].cidrWhitelist: Too many: 21: must have at most 20"),
    "two outputs of one name": (flow(LISTENER, PULLED, PULLED), 'spec.outputs[1]: Duplicate value: {"name":"to-ott"}'),
    "two sources of one name": (
        {"sources": [LISTENER, LISTENER]}, 'spec.sources[1]: Duplicate value: {"name":"encoder"}'),
    "a CIDR twice": (_source(LISTENER, cidrWhitelist=["192.0.2.0/24"] * 2), "cidrWhitelist[1]: Duplicate value"),
    "a port of the system": (_source(port=1023), "should be greater than or equal to 1024"),
    "a port that is none": (_output(port=65536), "should be less than or equal to 65535"),
    "a port as text": (_source(port="9000"), "must be of type integer"),
    "a latency that is too long": (_source(minLatency=15001), "should be less than or equal to 15000"),
    "a latency below zero": (_source(minLatency=-1), "should be greater than or equal to 0"),
    "a latency that is too short for an output": (_output(minLatency=9), "should be greater than or equal to 10"),
    "a passphrase in clear": (
        _source(decryption={"passphrase": "not-in-a-spec", "passphraseSecretRef": _REF}),
        'unknown field "spec.sources[0].decryption.passphrase"'),
    "encryption without a passphrase": (
        _output(encryption={"algorithm": "aes128"}), "spec.outputs[0].encryption.passphraseSecretRef: Required value"),
    "a cipher that is none": (
        _output(encryption={"algorithm": "AES-128", "passphraseSecretRef": _REF}),
        'supported values: "aes128", "aes192", "aes256"'),
    "a protocol in other words": (
        _source(protocol="SRT_LISTENER"), 'supported values: "srt-listener", "srt-caller"'),
    "the state of an output in other words": (_output(outputStatus="on"), 'supported values: "ENABLED", "DISABLED"'),
    "the state in the API's words": (
        flow(desiredState="ACTIVE"), 'Unsupported value: "ACTIVE": supported values: "Running", "Stopped"'),
    "the API's name of an address": (
        _source(sourceListenerAddress="198.51.100.1"), 'unknown field "spec.sources[0].sourceListenerAddress"'),
    "a name that the console would not take": (flow(name="1st"), "should match '^[A-Za-z][A-Za-z0-9_-]{0,63}$'"),
    "a name of an output with a dot": (_output(name="to.ott"), "should match '^[A-Za-z][A-Za-z0-9_-]{0,63}$'"),
    "an output without a protocol": (flow(LISTENER, {"name": "a"}), "spec.outputs[0].protocol: Required value"),
    "a place to publish to without a name": (flow(publishTo={}), "spec.publishTo.configMapName: Required value"),
}  # fmt: skip


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_specs_are_refused_by_name_of_the_field(flows: Objects, case: str) -> None:
    """Wrong types, ranges, lengths, names and duplicates are refused, and the refusal says what is wrong."""
    spec, says = MALFORMED[case]

    assert says in flows.refusal(spec)


def test_as_much_as_there_may_be_is_taken(flows: Objects) -> None:
    """Ten sources and ten outputs with twenty CIDRs each are stored: the limits are not off by one."""
    sources = [{**LISTENER, "name": f"in-{number}", "cidrWhitelist": _cidrs(20)} for number in range(10)]
    outputs = [{**each, "cidrWhitelist": _cidrs(20)} for each in _outputs(10)]

    stored = flows.create(flows.manifest({"sources": sources, "outputs": outputs}))

    assert len(stored["spec"]["sources"]) == len(stored["spec"]["outputs"]) == 10
