"""A real API server with our CRDs, to ask what it accepts."""

from collections.abc import Iterator

import pytest
from kubernetes.client import ApiClient
from kubernetes.config import new_client_from_config

from medialive_operator.controlplane.plane import ControlPlane
from tests.resources.api import Channels


@pytest.fixture(scope="session")
def api(control_plane: ControlPlane, crds: None) -> Iterator[ApiClient]:
    """An administrator's client of an API server that serves our kinds."""
    with new_client_from_config(config_file=str(control_plane.kubeconfig)) as client:  # type: ignore[no-untyped-call]
        yield client


@pytest.fixture
def channels(api: ApiClient, namespace: str) -> Channels:
    """OttChannels in a namespace of this test alone."""
    return Channels(api, namespace)
