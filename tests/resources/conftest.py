"""A real API server with our CRDs, to ask what it accepts."""

from collections.abc import Iterator

import pytest
from kubernetes.client import ApiClient
from kubernetes.config import new_client_from_config

from medialive_operator.controlplane.plane import ControlPlane
from medialive_operator.resources.ott_channels import OTT_CHANNEL
from medialive_operator.resources.stream_connect_flows import STREAM_CONNECT_FLOW
from tests.resources.api import Objects


@pytest.fixture(scope="session")
def api(control_plane: ControlPlane, crds: None) -> Iterator[ApiClient]:
    """An administrator's client of an API server that serves our kinds."""
    with new_client_from_config(config_file=str(control_plane.kubeconfig)) as client:  # type: ignore[no-untyped-call]
        yield client


@pytest.fixture
def channels(api: ApiClient, namespace: str) -> Objects:
    """OttChannels in a namespace of this test alone."""
    return Objects(api, namespace, OTT_CHANNEL)


@pytest.fixture
def flows(api: ApiClient, namespace: str) -> Objects:
    """StreamConnectFlows in a namespace of this test alone."""
    return Objects(api, namespace, STREAM_CONNECT_FLOW)
