"""What a real API server keeps of a StreamConnectFlow: everything that was written, and the defaults we name."""

from pathlib import Path

import pytest
import yaml

from medialive_operator import samples
from medialive_operator.resources.stream_connect_flows import (
    STREAM_CONNECT_FLOW,
    StreamConnectFlowSpec,
    StreamConnectFlowStatus,
)
from tests.planes import Kubectl
from tests.resources.api import Objects
from tests.resources.flow_manifests import FULL, LISTENER, PULLED, Spec, flow
from tests.resources.schemas import paths, spec_schema, status_schema

pytestmark = pytest.mark.cluster

SAMPLES = sorted((Path(samples.__file__).parent).glob("stream-connect-flow-*.yaml"))

DEFAULTS = {
    "desiredState": "Running",
    "managementPolicy": "Manage",
    "adoptionPolicy": "Never",
    "deletionPolicy": "Delete",
    "driftPolicy": "Report",
    "recreatePolicy": "Never",
}

_TIME = "2026-01-02T03:04:05Z"
_CHANGE = {"path": "outputs[to-ott].port", "from": "9000", "to": "9100"}
_SECTION = {"output/to-ott": '{"name":"to-ott","protocol":"srt-listener"}', "state": '{"state":"Running"}'}
_LINK = {"address": "203.0.113.10", "port": 9000, "url": "srt://203.0.113.10:9000", "health": "CONNECTED"}
FULL_STATUS: Spec = {
    "observedGeneration": 3,
    "phase": "Running",
    "conditions": [
        {
            "type": "SignalHealthy",
            "status": "False",
            "observedGeneration": 3,
            "lastTransitionTime": _TIME,
            "reason": "OutputLost",
            "message": "Output to-partner is not connected.",
        }
    ],
    "flowId": "0123456789abcdef0123456789abcdef",
    "flowStatus": "ACTIVE",
    "name": "studio-a",
    "flowRegion": "ap-southeast-3",
    "sources": [{"name": "encoder", "protocol": "srt-listener", **_LINK}],
    "outputs": [{"name": "to-ott", "protocol": "srt-listener", **_LINK, "outputStatus": "ENABLED"}],
    "sourceCount": 1,
    "outputCount": 3,
    "connected": "3/4",
    "lastDeepSync": _TIME,
    "plan": {
        "hash": "0123456789abcdef",
        "reason": "DriftReported",
        "steps": [
            {"call": "modify_flow_output", "section": "output/to-ott", "disruption": "Restart", "changes": [_CHANGE]}
        ],
    },
    "statistics": {"restarts": {"count": 2, "last": _TIME}},
    "adopted": False,
    "create": {
        "startedAt": _TIME,
        "name": "studio-a",
        "flowRegion": "ap-southeast-3",
        "preexisting": ["fedcba9876543210"],
        "sections": _SECTION,
    },
    "retiring": ["00112233445566778899aabbccddeeff"],
    "endpointRef": {"endpoint": "https://live.ap-southeast-3.myhuaweicloud.com", "projectId": "0"},
    "lastApplied": _SECTION,
    "secretHashes": [{"path": "output/to-ott", "hash": "00ff", "secretVersion": "a/1"}],
    "attempts": [{"section": "output/to-ott", "fingerprint": "00ff", "accepted": True}],
    "lastHandledReconcileAt": "once more",
    "lastSyncTime": _TIME,
}


def test_everything_that_is_written_is_kept(flows: Objects) -> None:
    """A spec with every field comes back as it was sent: nothing pruned, nothing added."""
    stored = flows.create(flows.manifest(FULL))

    assert stored["spec"] == FULL
    assert set(spec_schema(STREAM_CONNECT_FLOW)) - paths(FULL) == set()


def test_a_stored_spec_is_read_without_loss(flows: Objects) -> None:
    """The model reads what the API server gives, and writes the same."""
    stored = flows.create(flows.manifest(FULL))

    read = StreamConnectFlowSpec.model_validate(stored["spec"])

    assert read.model_dump(mode="json", by_alias=True, exclude_none=True) == FULL


def test_only_the_named_defaults_are_filled_in(flows: Objects) -> None:
    """Of what was left out only the policies and the state are filled in: the service's defaults stay its own."""
    stored = flows.create(flows.manifest(flow(LISTENER, PULLED)))

    assert stored["spec"] == {**flow(LISTENER, PULLED), **DEFAULTS}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_applied_as_it_is(kubectl: Kubectl, api: object, namespace: str, sample: Path) -> None:
    """`kubectl apply` of a sample succeeds, a second time without a change, and keeps all it says."""
    shown = next(each for each in yaml.safe_load_all(sample.read_text()) if each["kind"] == "StreamConnectFlow")
    name = shown["metadata"]["name"]

    kubectl("apply", "--namespace", namespace, "--filename", str(sample))
    again = kubectl("apply", "--namespace", namespace, "--filename", str(sample))
    stored = yaml.safe_load(kubectl("get", "scf", "--namespace", namespace, name, "-oyaml"))

    assert f"streamconnectflow.medialive.huaweicloud.com/{name} unchanged" in again.splitlines()
    assert paths(shown["spec"]) <= paths(stored["spec"])


def test_the_samples_show_both_ways_and_encryption() -> None:
    """A source of each protocol, an output of each protocol, and both of them encrypted somewhere."""
    shown = [
        each["spec"]
        for sample in SAMPLES
        for each in yaml.safe_load_all(sample.read_text())
        if each["kind"] == "StreamConnectFlow"
    ]
    sources = [source for spec in shown for source in spec["sources"]]
    outputs = [output for spec in shown for output in spec["outputs"]]

    assert {each["protocol"] for each in sources} == {each["protocol"] for each in outputs}
    assert {each["protocol"] for each in sources} == {"srt-listener", "srt-caller"}
    assert any("decryption" in each for each in sources)
    assert any("encryption" in each for each in outputs)


def test_everything_that_is_reported_is_kept(flows: Objects) -> None:
    """A status with every field is stored whole, and the model reads and writes it without loss."""
    stored = flows.create(flows.manifest(flow()))

    reported = flows.report(stored, FULL_STATUS)
    read = StreamConnectFlowStatus.model_validate(reported["status"])

    assert reported["status"] == FULL_STATUS
    assert read.model_dump(mode="json", by_alias=True, exclude_none=True) == FULL_STATUS
    assert set(status_schema(STREAM_CONNECT_FLOW)) - paths(FULL_STATUS) == set()


def test_a_state_that_nobody_knows_is_kept_as_it_is(flows: Objects) -> None:
    """The cloud's words are stored and read whatever they are, and so is a flow about which little is known."""
    stored = flows.create(flows.manifest(flow()))
    odd = {"flowStatus": "STARTING", "sources": [{"health": "SO_SO"}], "outputs": [{"name": "a"}, {"name": "a"}]}

    reported = flows.report(stored, odd)

    assert StreamConnectFlowStatus.model_validate(reported["status"]).flow_status == "STARTING"
    assert reported["status"] == odd


def test_columns_show_the_flow_at_a_glance(flows: Objects, kubectl: Kubectl, namespace: str) -> None:
    """`kubectl get scf` shows state, counts and conditions; `-o wide` adds id, region and address."""
    conditions = [{**FULL_STATUS["conditions"][0], "type": kind, "status": "True"} for kind in ("Ready", "Synced")]
    stored = flows.create(flows.manifest(flow(), "studio-a"))
    flows.report(stored, {**FULL_STATUS, "conditions": conditions})

    short = kubectl("get", "scf", "--namespace", namespace).splitlines()
    wide = kubectl("get", "scf", "--namespace", namespace, "--output", "wide").splitlines()
    family = kubectl("get", "huawei", "--namespace", namespace, "--output", "name").splitlines()

    columns = ["NAME", "STATE", "SOURCES", "OUTPUTS", "CONNECTED", "READY", "REASON", "SYNCED"]
    values = ["studio-a", "ACTIVE", "1", "3", "3/4", "True", "OutputLost", "True"]
    place = [FULL_STATUS["flowId"], "ap-southeast-3", "srt://203.0.113.10:9000"]
    assert short[0].split() == [*columns, "AGE"]
    assert short[1].split()[:8] == values
    assert wide[0].split() == [*columns, "ID", "REGION", "ADDRESS", "AGE"]
    assert wide[1].split()[:11] == [*values, *place]
    assert family == ["streamconnectflow.medialive.huaweicloud.com/studio-a"]
