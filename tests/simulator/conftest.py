"""A caller of a simulator with the default options."""

from collections.abc import AsyncIterator

import pytest

from tests.simulator.callers import Caller, simulated


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    """Signed in, in an empty project."""
    async with simulated() as made:
        yield made
