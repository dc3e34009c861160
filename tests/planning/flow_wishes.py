"""What users may want of a flow, for property tests: wire blocks with secrets, drawn from small pools."""

import hashlib
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from pydantic import SecretStr

from medialive_operator.planning.desired import secrets_of
from medialive_operator.planning.flow_values import DesiredFlow, FlowPolicy
from tests.planning.flow_model import FlowHabits

JsonObject = dict[str, Any]

SECRETS = ("planted-secret-1", "planted-secret-2", "planted-secret-3")
SOURCES = ("studio", "backup")
OUTPUTS = ("to-ott", "to_archive", "third")
CIDRS = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.7/32")

_secrets = st.sampled_from(SECRETS).map(SecretStr)
_whitelists = st.lists(st.sampled_from(CIDRS), max_size=3, unique=True)
_ports = st.sampled_from([9000, 9001])


def desired(
    sources: Mapping[str, JsonObject], outputs: Mapping[str, JsonObject], *, running: bool = True, **others: Any
) -> DesiredFlow:
    """A wish for these links, with the digests of their secrets."""
    wish = DesiredFlow("studio-a", "ap-southeast-3", running, dict(sources), dict(outputs), **others)
    return wish.with_digests(digests(wish))


def digests(wish: DesiredFlow) -> dict[str, str]:
    """Unit → digest of its secret, good enough for a test."""
    found = {unit: secrets_of(block) for unit, block in wish.blocks.items()}
    return {
        unit: hashlib.sha256(secret.get_secret_value().encode()).hexdigest()[:12]
        for unit, secret in found.items()
        if secret is not None
    }


def encryption(secret: st.SearchStrategy[SecretStr] = _secrets) -> st.SearchStrategy[JsonObject]:
    """How a link is encrypted."""
    return st.fixed_dictionaries({"key_type": st.just("srt-password"), "passphrase": secret})


def _source(name: str, protocol: str) -> st.SearchStrategy[JsonObject]:
    required: dict[str, Any] = {"name": st.just(name), "protocol": st.just(protocol)}
    optional: dict[str, Any] = {
        "min_latency": st.sampled_from([200, 2000]),
        "description": st.sampled_from(["Studio", "Main"]),
        "decryption": encryption(),
    }
    if protocol == "srt-caller":
        required |= {"source_listener_address": st.sampled_from(["198.51.100.1", "198.51.100.2"])}
        required |= {"source_listener_port": _ports}
        optional |= {"stream_id": st.just("stream")}
    else:
        optional |= {"cidr_whitelist": _whitelists}
    return st.fixed_dictionaries(required, optional=optional)


def _output(name: str) -> st.SearchStrategy[JsonObject]:
    common: dict[str, Any] = {
        "min_latency": st.sampled_from([500, 2000]),
        "description": st.sampled_from(["Words", "Other words"]),
        "encryption": encryption(),
        "output_status": st.sampled_from(["ENABLED", "DISABLED"]),
    }
    listener = st.fixed_dictionaries(
        {"name": st.just(name), "protocol": st.just("srt-listener")},
        optional={**common, "cidr_whitelist": _whitelists, "port": _ports},
    )
    caller = st.fixed_dictionaries(
        {
            "name": st.just(name),
            "protocol": st.just("srt-caller"),
            "destination": st.sampled_from(["198.51.100.7", "host.example.com"]),
            "port": _ports,
        },
        optional={**common, "stream_id": st.just("stream")},
    )
    return st.one_of(listener, caller)


@st.composite
def wishes(draw: st.DrawFn, count: int) -> list[DesiredFlow]:
    """Several versions of one spec that fit one flow: the same sources with the same protocols."""
    names = draw(st.lists(st.sampled_from(SOURCES), min_size=1, max_size=2, unique=True))
    protocols = {name: draw(st.sampled_from(["srt-listener", "srt-caller"])) for name in names}
    made = []
    for _ in range(count):
        sources = {name: draw(_source(name, protocols[name])) for name in names}
        chosen = draw(st.lists(st.sampled_from(OUTPUTS), max_size=3, unique=True))
        outputs = {name: draw(_output(name)) for name in chosen}
        made.append(desired(sources, outputs, running=draw(st.booleans())))
    return made


habits = st.builds(
    FlowHabits,
    secrets=st.sampled_from(["echoed", "masked", "absent"]),
    empties=st.booleans(),
    reordered=st.booleans(),
    lower_case=st.booleans(),
    extras=st.booleans(),
    put=st.sampled_from(["full", "partial"]),
)
policies = st.builds(FlowPolicy, may_write=st.just(True), correct_on_air=st.booleans(), stop_for_edits=st.booleans())
