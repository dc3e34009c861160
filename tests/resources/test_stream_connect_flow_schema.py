"""The StreamConnectFlow schema beside the contract: every field, every limit."""

import pytest

from medialive_operator.resources.ott_inputs import FlowRef
from medialive_operator.resources.stream_connect_flows import STREAM_CONNECT_FLOW
from tests.resources.schemas import Schema, contract_schema, flow_requests, limit, spec_by_wire_names

_MADE_BY_SERVICE = "made by the service, shown in the status"
_ONE_KIND = "srt-password is the only one that works: it is always sent"
LEFT_OUT = {
    "sources.health_status": _MADE_BY_SERVICE,
    "sources.decryption.key_type": _ONE_KIND,
    "outputs.encryption.key_type": _ONE_KIND,
}

# Under another name, because the API's would mislead, or because the value is a secret.
RENAMED = {
    "region": "flow_region",
    "sources.decryption.passphrase": "sources.decryption.passphrase_secret_ref",
    "outputs.encryption.passphrase": "outputs.encryption.passphrase_secret_ref",
}

# Ours: what the API does not have.
OURS = {
    "credentials_ref",
    "region",
    "flow_id",
    "desired_state",
    "publish_to",
    "management_policy",
    "adoption_policy",
    "deletion_policy",
    "drift_policy",
    "recreate_policy",
}

# Where we are stricter than the contract's schema on purpose: (path, word) -> why.
STRICTER = {
    ("name", "pattern"): "the console's rule: what it cannot show as a name is refused before it is made",
    ("sources", "maxItems"): "unverified how many there may be; as many as outputs",
    ("sources.source_listener_address", "minLength"): "an empty one is none",
    ("sources.cidr_whitelist", "maxItems"): "the console allows 20",
}
_WORDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern", "enum")


def _spec() -> dict[str, Schema]:
    return spec_by_wire_names(STREAM_CONNECT_FLOW)


def _spec_path(wire: str) -> str:
    return RENAMED.get(wire, wire)


def test_every_field_that_can_be_sent_is_in_the_spec_or_left_out_for_a_reason() -> None:
    """No wire field is forgotten, and none is both left out and there."""
    spec = _spec()

    missing = {wire for wire in flow_requests() if _spec_path(wire) not in spec}

    assert missing == set(LEFT_OUT)


def test_every_field_of_the_spec_is_a_wire_field_or_one_of_ours() -> None:
    """Nothing is in the spec that neither the API nor the design knows."""
    known = {_spec_path(wire) for wire in flow_requests()}

    unknown = {
        path
        for path in _spec()
        if path not in known and path.split(".")[0] not in OURS and not path.endswith(("_ref.name", "_ref.key"))
    }

    assert unknown == set()


@pytest.mark.parametrize("word", _WORDS)
def test_limits_are_those_of_the_contract(word: str) -> None:
    """A field has the contract's bound, or a stricter one that is listed; where the contract has none, so do we."""
    spec = _spec()
    differing = {
        (wire, word)
        for wire, said in flow_requests().items()
        if wire not in LEFT_OUT and not wire.endswith(".passphrase")
        if limit(said, word) != limit(spec[_spec_path(wire)], word)
    }

    assert differing == {each for each in STRICTER if each[1] == word}


def test_what_the_contract_forbids_as_a_port_is_ruled_out() -> None:
    """The ports that the contract names are those in the rule."""
    forbidden = flow_requests()["sources.source_listener_port"]["x-forbidden-values"]
    [rule] = _spec()["sources.source_listener_port"]["x-kubernetes-validations"]

    assert rule["rule"] == " && ".join(f"self != {port}" for port in forbidden)


@pytest.mark.parametrize("request_", ["UpdateFlowOutputRequestBody", "FlowsOutput"])
def test_an_output_can_be_written_and_compared_whole(request_: str) -> None:
    """What a change of an output takes and a reading of it shows are fields of the spec, or made by the service."""
    outputs = {path.removeprefix("outputs.") for path in _spec() if path.startswith("outputs.")}
    made = {"listener_address", "health_status", "type"}

    assert set(contract_schema(request_)["properties"]) - outputs <= made


def test_no_secret_can_be_written_into_a_spec() -> None:
    """The contract's secret fields exist in the spec as references only."""
    secret = {wire for wire, said in flow_requests().items() if said.get("format") == "password"}

    assert len(secret) == 2
    assert all(_spec_path(wire).endswith("_secret_ref") for wire in secret)


def test_a_channel_can_refer_to_every_output() -> None:
    """The name of an output fits the channel's flowRef, and the other way round."""
    referred = FlowRef.model_json_schema()["properties"]["output"]
    named = _spec()["outputs.name"]

    assert {word: referred.get(word) for word in _WORDS} == {word: named.get(word) for word in _WORDS}
