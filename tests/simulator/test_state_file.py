"""What the simulator holds outlives it."""

import os
from pathlib import Path

import pytest

from medialive_operator.contract.operations import Operation
from medialive_operator.simulator.app import Simulator
from medialive_operator.simulator.options import Options
from tests.clocks import SteppedClock
from tests.simulator.callers import KEY, Caller, channel, flow

pytestmark = pytest.mark.anyio


async def test_state_outlives_a_restart(tmp_path: Path, clock: SteppedClock) -> None:
    """Channels, flows, counters and tokens are there after a restart, and new ids do not repeat old ones."""
    file = tmp_path / "state.json"
    before = await _caller(file, clock).signed_in()
    await before.ok(Operation.CREATE_OTT_CHANNEL_INFO, body=channel(state="ON"))
    await before.call(Operation.MODIFY_OTT_CHANNEL_INFO_STATS, body={**KEY, "state": "OFF"})
    flow_id = (await before.ok(Operation.CREATE_FLOWS, body=flow()))["flow"]["flow_id"]
    state = await before.admin("GET", "/state")
    after = _caller(file, clock)
    after.token = before.token

    assert await after.admin("GET", "/state") == state
    assert (await after.ok(Operation.CREATE_FLOWS, body=flow()))["flow"]["flow_id"] != flow_id
    await before.close()
    await after.close()


async def test_state_file_is_private(tmp_path: Path, clock: SteppedClock) -> None:
    """Only its owner can read the file, and no half-written one is left."""
    caller = await _caller(tmp_path / "state.json", clock).signed_in()
    await caller.ok(Operation.CREATE_FLOWS, body=flow())
    await caller.close()

    assert os.listdir(tmp_path) == ["state.json"]
    assert os.stat(tmp_path / "state.json").st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "[]", '{"version": 99}', '{"version": 1}'])
def test_other_files_are_refused(tmp_path: Path, content: str) -> None:
    """A file that is no state is named, and not overwritten."""
    file = tmp_path / "precious.json"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(ValueError, match=r"precious\.json is not a state file"):
        _caller(file, SteppedClock())
    assert file.read_text(encoding="utf-8") == content


def _caller(file: Path, clock: SteppedClock) -> Caller:
    return Caller(Simulator(Options(), clock, state_file=file))
