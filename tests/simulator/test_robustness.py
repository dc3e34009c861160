"""Whatever is sent, the simulator answers as a service does: with a success or a refusal, never with its own fault."""

from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medialive_operator.contract.operations import Operation
from tests.simulator.callers import KEY, channel, hls, simulated

FULL = channel(
    encoder_settings=[{"template_id": "t"}],
    encoder_settings_expand={"audio_descriptions": [{"name": "a", "audio_selector_name": "s"}]},
    input={
        "input_protocol": "RTMP_PUSH",
        "sources": [{"bitrate": 1}],
        "secondary_sources": [{"bitrate": 1}],
        "failover_conditions": {"input_preference": "EQUAL"},
        "audio_selectors": [{"name": "s", "selector_settings": {"audio_pid_selection": {"pid": 1}}}],
    },
    endpoints=[{"hls_package": [hls(request_args={"record": [{"unit": "s"}]})], "dash_package": [hls("d")]}],
)
ODD: st.SearchStrategy[Any] = st.sampled_from([None, True, 0, -1, "", "x", [], {}, [None], [{}], {"id": None}])


@st.composite
def mutilated(draw: st.DrawFn, value: Any = FULL) -> Any:
    """The full channel with one member, at any depth, replaced by something odd or left out."""
    if not isinstance(value, dict | list) or not value or draw(st.integers(0, 3)) == 0:
        return draw(ODD)
    place = draw(st.sampled_from(sorted(value) if isinstance(value, dict) else list(range(len(value)))))
    changed = draw(mutilated(value[place]))
    if isinstance(value, list):
        return [changed if position == place else item for position, item in enumerate(value)]
    return {name: changed if name == place else item for name, item in value.items()}


@pytest.mark.parametrize("optional", ["filled", "null"])
@settings(max_examples=20, deadline=None)
@given(body=mutilated())
def test_odd_channels_are_refused_or_shown(optional: str, body: Any) -> None:
    """An odd create request is refused, or made and listed; the same fields in the PUTs are refused or taken."""

    async def send() -> None:
        async with simulated(optional_fields=optional, cross_field_rules="ignore", throttle_scope="none") as caller:
            created = await caller.call(Operation.CREATE_OTT_CHANNEL_INFO, body=body)
            assert created.status_code in (201, 400)
            await caller.ok(Operation.LIST_OTT_CHANNEL_INFO)
            await caller.admin("DELETE", "/state")
            await caller.ok(Operation.CREATE_OTT_CHANNEL_INFO, body=FULL)
            for operation in (one for one in Operation if one.startswith("modify_ott_channel_info")):
                sent = {**body, **KEY} if isinstance(body, dict) else body
                assert (await caller.call(operation, body=sent)).status_code in (200, 400)
            await caller.ok(Operation.LIST_OTT_CHANNEL_INFO)

    anyio.run(send)
