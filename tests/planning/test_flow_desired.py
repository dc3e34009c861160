"""From spec and readings to the terms of the planner."""

import pytest
from pydantic import SecretStr

from medialive_operator.planning.flow_desired import (
    FlowSecretUse,
    desired_flow,
    flow_name,
    flow_secret_uses,
)
from medialive_operator.planning.merging import UNREADABLE
from medialive_operator.resources.stream_connect_flows import StreamConnectFlowSpec

SPEC = StreamConnectFlowSpec.model_validate(
    {
        "sources": [
            {
                "name": "studio",
                "protocol": "srt-caller",
                "address": "198.51.100.1",
                "port": 9000,
                "decryption": {"algorithm": "aes256", "passphraseSecretRef": {"name": "srt", "key": "in"}},
            }
        ],
        "outputs": [
            {"name": "one", "protocol": "srt-listener", "cidrWhitelist": ["192.0.2.0/24"]},
            {
                "name": "two",
                "protocol": "srt-listener",
                "encryption": {"passphraseSecretRef": {"name": "srt", "key": "out"}},
            },
        ],
    }
)
IN, OUT = FlowSecretUse("source/studio", "srt", "in"), FlowSecretUse("output/two", "srt", "out")


def test_the_wire_has_the_words_of_the_api() -> None:
    """Address and port go by their names in the API, a reference becomes the passphrase, with the one key type."""
    secret = SecretStr("planted-secret-1")
    wanted = desired_flow(SPEC, "studio-a", "ap-southeast-3", {IN: secret, OUT: secret}, {})
    assert wanted.sources == {
        "studio": {
            "name": "studio",
            "protocol": "srt-caller",
            "source_listener_address": "198.51.100.1",
            "source_listener_port": 9000,
            "decryption": {"algorithm": "aes256", "key_type": "srt-password", "passphrase": secret},
        }
    }
    assert wanted.outputs == {
        "one": {"name": "one", "protocol": "srt-listener", "cidr_whitelist": ["192.0.2.0/24"]},
        "two": {
            "name": "two",
            "protocol": "srt-listener",
            "encryption": {"key_type": "srt-password", "passphrase": secret},
        },
    }
    assert (wanted.name, wanted.region, wanted.running, wanted.unreadable) == ("studio-a", "ap-southeast-3", True, {})
    assert flow_secret_uses(SPEC) == (IN, OUT)


def test_only_what_the_user_says_is_compared() -> None:
    """Name and region are compared when the spec has them, outputs when it has the list, even an empty one."""
    assert desired_flow(SPEC, "studio-a", "ap-southeast-3", {}, {}).stated == {"outputs"}
    said = SPEC.model_copy(update={"name": "main", "flow_region": "cn-north-4", "outputs": []})
    wanted = desired_flow(said, "studio-a", "ap-southeast-3", {}, {})
    assert wanted.stated == {"name", "region", "outputs"}
    assert (wanted.name, wanted.region, flow_name(said, "studio-a")) == ("main", "cn-north-4", "main")
    assert desired_flow(SPEC.model_copy(update={"outputs": None}), "a", "r", {}, {}).stated == frozenset()


@pytest.mark.parametrize("length", [0, 9, 80])
def test_a_passphrase_that_the_service_would_refuse_is_not_sent(length: int) -> None:
    """Its length is told as a rule, its value never; the link counts as unreadable."""
    wanted = desired_flow(SPEC, "a", "r", {IN: SecretStr("x" * 10), OUT: SecretStr("s" * length)}, {})
    assert wanted.outputs["two"]["encryption"]["passphrase"] is UNREADABLE
    [(unit, why)] = wanted.unreadable.items()
    assert unit == "output/two"
    assert "10 to 79 characters" in why
    assert "ss" not in why.replace("passphrase", "")


def test_what_is_missing_is_said() -> None:
    """A Secret that could not be read makes its link unreadable, with the reason."""
    wanted = desired_flow(SPEC, "a", "r", {OUT: SecretStr("x" * 79)}, {IN: "Secret srt does not exist."})
    assert wanted.unreadable == {"source/studio": "Secret srt does not exist."}
    assert wanted.sources["studio"]["decryption"]["passphrase"] is UNREADABLE
