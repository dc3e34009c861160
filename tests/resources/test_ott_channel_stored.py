"""What a real API server keeps of an OttChannel: everything that was written, and the defaults the design names."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from medialive_operator import samples
from medialive_operator.resources.fields import camel
from medialive_operator.resources.ott_channels import OTT_CHANNEL, OttChannelSpec, OttChannelStatus
from tests.planes import Kubectl
from tests.resources.api import Objects
from tests.resources.manifests import FULL, Spec, smallest
from tests.resources.schemas import create_example, paths, spec_schema, status_schema

pytestmark = pytest.mark.cluster

SAMPLES = sorted((Path(samples.__file__).parent).glob("ott-channel-*.yaml"))

DEFAULTS = {
    "desiredState": "Running",
    "managementPolicy": "Manage",
    "adoptionPolicy": "Never",
    "deletionPolicy": "Delete",
    "driftPolicy": "Report",
}

_CHANGE = {"path": "input.sources[0].url", "from": "srt://a", "to": "srt://b"}
_TIME = "2026-01-02T03:04:05Z"
FULL_STATUS: Spec = {
    "observedGeneration": 3,
    "phase": "Running",
    "conditions": [
        {
            "type": "Ready",
            "status": "True",
            "observedGeneration": 3,
            "lastTransitionTime": _TIME,
            "reason": "Running",
            "message": "The channel is on air.",
        }
    ],
    "channel": {
        "domain": "push.example.com",
        "appName": "live",
        "id": "news-1",
        "name": "News 1",
        "state": "ON",
        "mode": "ADD_CDN",
        "inputProtocol": "SRT_PULL",
        "sources": [{"url": "srt://198.51.100.20:9000", "bitrate": 4000000, "width": 1920, "height": 1080}],
        "playbackUrls": ["play.example.com/live/news-1/index.m3u8"],
    },
    "plan": {
        "hash": "0123456789abcdef",
        "reason": "DriftReported",
        "steps": [
            {"call": "modify_ott_channel_info_input", "section": "input", "disruption": "Restart", "changes": [_CHANGE]}
        ],
    },
    "statistics": {
        "restarts": {"count": 2, "last": _TIME},
        "scte35": {
            "window": {"start": _TIME, "end": _TIME},
            "total": 3,
            "byType": {"splice_insert": 3},
            "lastEvents": [{"type": "splice_insert", "eventId": 7, "time": _TIME, "duration": -1, "segmentation": "-"}],
            "settled": {"until": _TIME, "byType": {"splice_insert": 2}},
            "message": "Signals before 2026-01-02T03:00:00Z may be missing.",
        },
    },
    "monitoring": {
        "namespace": "SYS.LIVE",
        "dimension": "medialive_mpc",
        "instance": "news-1",
        "pipelines": [{"id": "p-0", "name": "Pipeline 0"}],
        "dimensions": ["medialive_mpc", "pipeline"],
    },
    "adopted": False,
    "create": {
        "startedAt": _TIME,
        "key": {"domain": "push.example.com", "appName": "live", "id": "news-1"},
        "sections": {"general": '{"name":"News 1"}'},
    },
    "endpointRef": {"endpoint": "https://live.ap-southeast-3.myhuaweicloud.com", "projectId": "0"},
    "lastApplied": {"general": '{"name":"News 1"}'},
    "secretHashes": [{"path": "input", "hash": "00ff", "secretVersion": "a/1"}],
    "attempts": [{"section": "input", "fingerprint": "00ff", "accepted": True}],
    "lastHandledReconcileAt": "once more",
    "lastSyncTime": _TIME,
}


@pytest.mark.parametrize("protocol", FULL)
def test_everything_that_is_written_is_kept(channels: Objects, protocol: str) -> None:
    """A spec with every field its protocol knows comes back as it was sent: nothing pruned, nothing added."""
    stored = channels.create(channels.manifest(FULL[protocol]))

    assert stored["spec"] == FULL[protocol]


def test_the_full_specs_use_every_field() -> None:
    """What the test above says, it says of every field there is."""
    used = set().union(*map(paths, FULL.values()))

    assert set(spec_schema(OTT_CHANNEL)) - used == set()


def test_only_the_named_defaults_are_filled_in(channels: Objects) -> None:
    """Of what was left out only the policies and the state are filled in: the service's defaults stay its own."""
    stored = channels.create(channels.manifest(smallest()))

    assert stored["spec"] == {**smallest(), **DEFAULTS}


def test_the_contract_s_example_of_a_creation_is_taken_and_sent_as_it_is(channels: Objects) -> None:
    """The contract's create request, in the spelling of Kubernetes, is stored whole and leads to the same request."""
    example = create_example()
    spec = _camelled({name: value for name, value in example.items() if name not in ("id", "state")})
    stored = channels.create(channels.manifest({**spec, "channelId": example["id"], "desiredState": "Stopped"}))

    read = OttChannelSpec.model_validate(stored["spec"])
    wire = read.model_dump(mode="json", by_alias=False, exclude_none=True)

    assert {name: wire[name] for name in example if name not in ("id", "state")} == {
        name: value for name, value in example.items() if name not in ("id", "state")
    }


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_applied_as_it_is(kubectl: Kubectl, api: object, namespace: str, sample: Path) -> None:
    """`kubectl apply` of a sample succeeds, a second time without a change, and keeps all it says."""
    channel = next(each for each in yaml.safe_load_all(sample.read_text()) if each["kind"] == "OttChannel")

    kubectl("apply", "--namespace", namespace, "--filename", str(sample))
    again = kubectl("apply", "--namespace", namespace, "--filename", str(sample))
    stored = yaml.safe_load(kubectl("get", "och", "--namespace", namespace, channel["metadata"]["name"], "-oyaml"))

    assert f"ottchannel.medialive.huaweicloud.com/{channel['metadata']['name']} unchanged" in again.splitlines()
    assert paths(channel["spec"]) <= paths(stored["spec"])


def test_there_is_a_sample_for_each_protocol() -> None:
    """One sample for each of the input protocols."""
    shown = {
        each["spec"]["input"]["inputProtocol"]
        for sample in SAMPLES
        for each in yaml.safe_load_all(sample.read_text())
        if each["kind"] == "OttChannel"
    }

    assert shown == {"FLV_PULL", "RTMP_PUSH", "HLS_PULL", "SRT_PULL", "SRT_PUSH"}


def test_everything_that_is_reported_is_kept(channels: Objects) -> None:
    """A status with every field is stored whole, and the model reads and writes it without loss."""
    stored = channels.create(channels.manifest(smallest()))

    reported = channels.report(stored, FULL_STATUS)
    read = OttChannelStatus.model_validate(reported["status"])

    assert reported["status"] == FULL_STATUS
    assert read.model_dump(mode="json", by_alias=True, exclude_none=True) == FULL_STATUS
    assert set(status_schema(OTT_CHANNEL)) - paths(FULL_STATUS) == set()


def test_columns_show_the_channel_at_a_glance(channels: Objects, kubectl: Kubectl, namespace: str) -> None:
    """`kubectl get och` shows state, input and conditions; `-o wide` adds id, region, restarts and address."""
    stored = channels.create(channels.manifest({**smallest(), "region": "ap-southeast-3"}, "news-1"))
    channels.report(stored, FULL_STATUS)

    short = kubectl("get", "och", "--namespace", namespace).splitlines()
    wide = kubectl("get", "huawei", "--namespace", namespace, "--output", "wide").splitlines()

    columns = ["NAME", "STATE", "INPUT", "READY", "REASON", "SYNCED"]
    assert short[0].split() == [*columns, "AGE"]
    assert short[1].split()[:5] == ["news-1", "ON", "SRT_PULL", "True", "Running"]
    assert wide[0].split() == [*columns, "ID", "REGION", "RESTARTS", "URL", "AGE"]
    assert wide[1].split()[5:9] == ["news-1", "ap-southeast-3", "2", "play.example.com/live/news-1/index.m3u8"]


def _camelled(value: Any) -> Any:
    if isinstance(value, dict):
        return {camel(name): _camelled(member) for name, member in value.items()}
    return [_camelled(item) for item in value] if isinstance(value, list) else value
