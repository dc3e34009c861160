"""A running simulator, and the official SDK's client for it."""

from collections.abc import Iterator
from typing import Any

import pytest

from medialive_operator.simulator.options import Options
from tests.contract.sdk import CREDENTIALS, client
from tests.simulator.running import Running, running


@pytest.fixture(scope="module")
def simulator() -> Iterator[Running]:
    """One simulator for the tests of a module; without a throttle, they are many calls."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("NO_PROXY", "127.0.0.1")
        with running(Options(throttle_scope="none")) as started:
            yield started


@pytest.fixture(params=CREDENTIALS)
def live(request: pytest.FixtureRequest, simulator: Running) -> Iterator[Any]:
    """The SDK's client with each kind of credentials; the simulator is empty and has been called by nobody."""
    made = client(simulator, request.param)
    simulator.admin("DELETE", "/state")
    simulator.admin("DELETE", "/calls")
    yield made
    made.close()
