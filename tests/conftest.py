"""Fixtures shared by all tests."""

import pytest
from hypothesis import settings

from tests.clocks import SteppedClock
from tests.planes import control_plane, control_plane_assets, crds, kubectl, namespace

# Every run plays some examples of each property; `make test ARGS=--hypothesis-profile=soak` plays many.
settings.register_profile("brief", max_examples=40)
settings.register_profile("soak", max_examples=2000)
settings.load_profile("brief")

__all__ = ["control_plane", "control_plane_assets", "crds", "kubectl", "namespace"]


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio: kopf and the Kubernetes client know nothing else."""
    return "asyncio"


@pytest.fixture
def clock() -> SteppedClock:
    """A clock that moves only when the test moves it."""
    return SteppedClock()
