"""Fixtures shared by all tests."""

import pytest

from tests.clocks import SteppedClock
from tests.planes import control_plane, control_plane_assets, crds, kubectl, namespace

__all__ = ["control_plane", "control_plane_assets", "crds", "kubectl", "namespace"]


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio: kopf and the Kubernetes client know nothing else."""
    return "asyncio"


@pytest.fixture
def clock() -> SteppedClock:
    """A clock that moves only when the test moves it."""
    return SteppedClock()
