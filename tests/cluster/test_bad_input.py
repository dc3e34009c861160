"""What users get wrong: refused by `kubectl apply`, or told in a condition with the reason and what to do.

Nothing is half made of it, and mending the cause is enough: the object is not touched.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.builders import channel, hls, secret
from tests.cluster.scenes import Manifest
from tests.cluster.tenants import Crowd, Stage, Tenant, condition_of
from tests.planes import Kubectl

pytestmark = pytest.mark.cluster

TIME_SCALE = 20

CREATE = "create_ott_channel_info"
INPUT = "modify_ott_channel_info_input"
URL = "srt://198.51.100.20:9000"
PHRASE = {"name": "srt", "key": "passphrase"}


def srt(**reference: str) -> Manifest:
    """An input whose passphrase is in a Secret."""
    source = {"url": URL, "bitrate": 6000000, "passphraseSecretRef": {**PHRASE, **reference}, "pbkeylen": 16}
    return {"inputProtocol": "SRT_PULL", "sources": [source]}


REFUSED_AT_APPLY: dict[str, tuple[Manifest, str]] = {
    "wrong type": (channel(name=5), "spec.name in body must be of type string"),
    "a word that YAML reads as a boolean": (
        channel(desiredState=True),
        "spec.desiredState in body must be of type str",
    ),
    "a state in the API's words": (channel(desiredState="ON"), 'Unsupported value: "ON": supported values: "Running"'),
    "the API's own field": (channel(state="ON"), 'unknown field "spec.state"'),
    "misspelt field": (channel(recordSetings={}), 'unknown field "spec.recordSetings"'),
    "too long": (channel(channelId="x" * 300), "spec.channelId: Too long: may not be more than"),
    "out of range": (
        channel(recordSettings={"rollingbufferDuration": -1}),
        "spec.recordSettings.rollingbufferDuration in body should be greater than or equal to 0",
    ),
    "secret in clear": (
        channel(input={"inputProtocol": "SRT_PULL", "sources": [{"url": URL, "bitrate": 1, "passphrase": "x" * 12}]}),
        'unknown field "spec.input.sources[0].passphrase"',
    ),
    "neither of two that exclude each other": (
        channel(input={"inputProtocol": "SRT_PULL", "sources": [{"bitrate": 1}]}),
        "a pull protocol needs exactly one of url and flowRef in each source",
    ),
}


@pytest.mark.parametrize("mistake", REFUSED_AT_APPLY)
def test_refused_at_apply(kubectl: Kubectl, crds: None, mistake: str) -> None:
    """What can be known from the object alone does not get into the cluster, and kubectl says what is wrong with it."""
    manifest, told = REFUSED_AT_APPLY[mistake]

    said = kubectl.refused("apply", "--namespace", "default", "--filename", "-", stdin=json.dumps(manifest))

    assert told in said


def test_an_immutable_field_is_refused_at_apply(kubectl: Kubectl, crds: None, namespace: str) -> None:
    """A change of what no call of the API changes is refused, with what to do instead."""
    kubectl.apply(channel(), namespace=namespace)

    for changed in ({"domain": "a.example.com"}, {"appName": "a"}, {"channelId": "a"}, {"mode": "ONLY_OS"}):
        manifest = json.dumps(channel(**changed))
        said = kubectl.refused("apply", "--namespace", namespace, "--filename", "-", stdin=manifest)
        assert "cannot be changed" in said
        assert "Create a new OttChannel with it, then delete this one" in said


@dataclass(frozen=True)
class Mistake:
    """Credentials that cannot work, made from those that would, and what the user is told."""

    reason: str
    told: tuple[str, ...]
    values: Callable[[Tenant], Manifest | None]


def _with(**other: str | None) -> Callable[[Tenant], Manifest]:
    return lambda tenant: tenant.credentials(**other)


def _user(**other: str | None) -> Callable[[Tenant], Manifest]:
    def values(tenant: Tenant) -> Manifest:
        user = {
            "username": tenant.account.username,
            "password": tenant.account.password.get_secret_value(),
            "domainName": tenant.account.domain_name,
        }
        return tenant.credentials(accessKey=None, secretKey=None, **{**user, **other})

    return values


def _binary(tenant: Tenant) -> Manifest:
    credentials = tenant.credentials(secretKey=None)
    return {**credentials, "data": {"secretKey": base64.b64encode(b"\xff\xfe\x00").decode()}}


_CHECK = "Check the credentials and the projectId in the Secret"
MISTAKES: dict[str, Mistake] = {
    "no Secret": Mistake(
        "SecretNotFound", ("{secret} does not exist. Create it with accessKey and secretKey",), lambda _: None
    ),
    "empty Secret": Mistake(
        "KeyMissing",
        (
            "{secret} lacks accessKey, secretKey.",
            "It needs accessKey and secretKey, or username, password and domainName.",
        ),
        lambda tenant: secret(tenant.secret),
    ),
    "misspelt key": Mistake("KeyMissing", ("{secret} lacks secretKey.",), _with(secretKey=None, secretkey="x" * 40)),
    "blank value": Mistake("KeyMissing", ("{secret} lacks secretKey.",), _with(secretKey=" \n")),
    "bytes that are no text": Mistake("KeyMissing", ("{secret}: key secretKey is not UTF-8 text",), _binary),
    "accessKey with a line end": Mistake(
        "KeyMissing",
        ("{secret} cannot be used", "access key is empty or has spaces, line ends"),
        _with(accessKey="A\nB"),
    ),
    "password alone": Mistake("KeyMissing", ("{secret} lacks domainName.",), _user(domainName=None)),
    "password without IAM": Mistake(
        "KeyMissing", ("{secret}: endpoint with", "needs iamEndpoint"), _user(iamEndpoint=None)
    ),
    "no project": Mistake("KeyMissing", ("{secret}: set projectId",), _with(projectId=None)),
    "projectId that is none": Mistake(
        "KeyMissing", ("projectId must be letters and digits",), _with(projectId="a/../b")
    ),
    "region that is none": Mistake(
        "KeyMissing", ("{secret}: region is not a region's name",), _with(region="Bangkok!")
    ),
    "endpoint without scheme": Mistake(
        "KeyMissing",
        ("{secret} cannot be used: endpoint must be a URL like https://host",),
        _with(endpoint="live.example.com"),
    ),
    "plain HTTP to elsewhere": Mistake(
        "KeyMissing",
        ("'http://live.example.com' is plain HTTP", "Use https"),
        _with(endpoint="http://live.example.com"),
    ),
    "password in the endpoint": Mistake(
        "KeyMissing", ("endpoint must have no user, password",), _with(endpoint="https://me:hush@live.example.com")
    ),
    "IAM without scheme, asked for the project": Mistake(
        "KeyMissing",
        ("{secret} cannot be used: iamEndpoint must be a URL like https://host",),
        _with(projectId=None, region="ap-southeast-3", iamEndpoint="iam.example.com"),
    ),
    "wrong secretKey": Mistake("Rejected", ("401", _CHECK), _with(secretKey="x" * 40)),
    "unknown accessKey": Mistake("Rejected", ("401", _CHECK), _with(accessKey="UNKNOWNKEY")),
    "another account's project": Mistake(
        "Rejected", ("the project id does not belong to the credentials", _CHECK), _with(projectId="0" * 32)
    ),
    "wrong password": Mistake("Rejected", ("Sign-in at IAM: 401", _CHECK), _user(password="x" * 20)),
}


def _told(obj: Manifest, kind: str) -> str:
    return str(condition_of(obj, kind).get("message", ""))


def test_credentials_that_cannot_work(stage: Stage) -> None:
    """Each mistake is told in CredentialsReady with what to do; nothing is made; a mended Secret heals it."""
    crowd = stage.crowd(MISTAKES)
    made = [(label, mistake.values(crowd[label])) for label, mistake in MISTAKES.items()]
    stage.scene.apply(*(manifest for _, manifest in made if manifest is not None))
    stage.scene.apply(*(crowd[label].channel() for label in MISTAKES))

    objects = crowd.until("it is told", lambda obj: condition_of(obj, "CredentialsReady"))

    assert {label: condition_of(obj, "CredentialsReady")["reason"] for label, obj in objects.items()} == {
        label: mistake.reason for label, mistake in MISTAKES.items()
    }
    for label, mistake in MISTAKES.items():
        for text in mistake.told:
            where = f"Secret {stage.scene.namespace}/{crowd[label].secret}"
            assert text.format(secret=where) in _told(objects[label], "CredentialsReady")
            assert text.format(secret=where) in _told(objects[label], "Ready")
    assert "hush" not in json.dumps(objects)
    assert_nothing_was_made(crowd, objects)

    stage.scene.apply(*(crowd[label].credentials(region="ap-southeast-3") for label in MISTAKES))
    objects = crowd.until_ready()
    assert {condition_of(obj, "CredentialsReady")["status"] for obj in objects.values()} == {"True"}
    assert {obj["metadata"]["generation"] for obj in objects.values()} == {1}
    crowd.leave()


def assert_nothing_was_made(crowd: Crowd, objects: dict[str, Manifest]) -> None:
    """No call that changes anything, and no finalizer that would keep the object."""
    assert crowd.writes() == {label: [] for label in objects}
    assert [label for label, obj in objects.items() if "finalizers" in obj["metadata"]] == []
    assert {condition_of(obj, "Ready")["status"] for obj in objects.values()} <= {"False", "Unknown"}


def test_an_account_that_cannot_be_reached(stage: Stage, tenant: Tenant) -> None:
    """An endpoint where nobody listens is told as such, and tried again until the Secret is mended."""
    stage.scene.apply(tenant.credentials(endpoint="http://127.0.0.1:1"), tenant.channel())

    waits = tenant.until_says("Reconciling", "WaitingForCloud")
    assert "no connection to 127.0.0.1" in waits["message"]

    stage.scene.apply(tenant.credentials())
    tenant.until_ready()


def test_credentials_that_break_while_the_channel_is_on_air(stage: Stage) -> None:
    """A Secret that is deleted or spoilt leaves the channel on air; mended, everything is as before."""
    crowd = stage.crowd(["deleted", "spoilt"])
    crowd.ready()
    stage.scene("delete", "secret", crowd["deleted"].secret)
    stage.scene.apply(crowd["spoilt"].credentials(secretKey="x" * 40))

    crowd["deleted"].until_says("CredentialsReady", "SecretNotFound")
    crowd["spoilt"].until_says("CredentialsReady", "Rejected")
    assert {condition_of(obj, "Ready")["status"] for obj in crowd.objects().values()} == {"Unknown"}

    stage.scene.apply(crowd["deleted"].credentials(), crowd["spoilt"].credentials())
    crowd.until_ready()
    assert crowd.writes() == {"deleted": [], "spoilt": []}
    assert crowd.count("interruptions") == {"deleted": [0], "spoilt": [0]}
    crowd.leave()


def test_credentials_of_another_project_do_not_move_the_channel(stage: Stage, tenant: Tenant) -> None:
    """When the Secret begins to name another project, the channel is neither made there nor lost here."""
    tenant.ready()
    other = tenant.account.projects[1].id
    stage.scene.apply(tenant.credentials(projectId=other))

    told = tenant.until_says("CredentialsReady", "ProjectMismatch")
    assert f"was created in project {tenant.project_id}" in told["message"]
    assert "Give back credentials for the former" in told["message"]

    stage.scene.apply(tenant.credentials())
    tenant.until_ready()
    assert tenant.writes() == []
    assert stage.scene.cloud.calls(CREATE) == []


REFERENCES: dict[str, tuple[str, Manifest | None]] = {
    "no Secret": ("does not exist. Create it with the key passphrase.", None),
    "wrong key": (
        "has no key passphrase. Add it, or name another key in the spec.",
        {"stringData": {"phrase": "x" * 12}},
    ),
    "bytes that are no text": ("key passphrase is not UTF-8 text", {"data": {"passphrase": "//4A"}}),
}


def test_references_that_lead_nowhere(stage: Stage) -> None:
    """A passphrase that cannot be read is told in ReferencesResolved; nothing is made until the Secret is mended."""
    crowd = stage.crowd(REFERENCES)
    for label, (_, values) in REFERENCES.items():
        name = f"srt-{crowd[label].name}"
        if values is not None:
            stage.scene.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, **values})
        stage.scene.apply(crowd[label].credentials(), crowd[label].channel(input=srt(name=name)))

    objects = crowd.until("it is told", lambda obj: condition_of(obj, "ReferencesResolved"))
    for label, (text, _) in REFERENCES.items():
        assert f"Secret {stage.scene.namespace}/srt-{crowd[label].name}" in _told(objects[label], "ReferencesResolved")
        assert text in _told(objects[label], "ReferencesResolved")
        assert text in _told(objects[label], "Ready")
    assert {condition_of(obj, "ReferencesResolved")["reason"] for obj in objects.values()} == {"NotFound"}
    assert_nothing_was_made(crowd, objects)

    stage.scene.apply(*(secret(f"srt-{crowd[label].name}", passphrase="long-enough") for label in REFERENCES))
    objects = crowd.until_ready()
    assert crowd.writes() == {label: [CREATE] for label in REFERENCES}
    assert {condition_of(obj, "ReferencesResolved")["status"] for obj in objects.values()} == {"True"}
    crowd.leave()


def test_a_passphrase_that_goes_while_the_channel_is_on_air(stage: Stage, tenant: Tenant) -> None:
    """Without its Secret the input is not written, not even for another change in it; the channel stays on air."""
    name = f"srt-{tenant.name}"
    stage.scene.apply(secret(name, passphrase="long-enough"))
    tenant.ready(input=srt(name=name))
    stage.scene("delete", "secret", name)

    told = tenant.until_says("ReferencesResolved", "NotFound")
    assert "Create it with the key passphrase" in told["message"]
    tenant.patch(input={"sources": [{**srt(name=name)["sources"][0], "latency": 3000}]})
    tenant.scene.until("the change is seen", lambda: tenant.scene.status(tenant.name)["observedGeneration"] == 2)
    assert tenant.condition("Ready")["status"] == "True"
    assert tenant.condition("Synced")["reason"] == "PartialUpdate"
    assert tenant.writes() == []

    stage.scene.apply(secret(name, passphrase="long-enough"))
    tenant.until_ready()
    assert tenant.writes() == [INPUT]


def test_a_passphrase_that_the_service_refuses(stage: Stage, tenant: Tenant) -> None:
    """What the service says about a value is told without the value, and a better value is taken at once."""
    name = f"srt-{tenant.name}"
    stage.scene.apply(secret(name, passphrase="shrt!"))
    tenant.apply(input=srt(name=name))

    stalled = tenant.until_says("Stalled", "InvalidSpec")
    assert stalled["message"].startswith("Creating the channel: ")
    assert "passphrase" in stalled["message"]
    assert "shrt!" not in json.dumps(tenant.scene.get(tenant.name))
    assert tenant.in_cloud() == []

    stage.scene.apply(secret(name, passphrase="long-enough"))
    tenant.until_ready()


FOREIGN: dict[str, Any] = {
    "name": "Somebody's",
    "state": "ON",
    "input": {"input_protocol": "SRT_PULL", "sources": [{"url": URL, "bitrate": 6000000}]},
    "record_settings": {"rollingbuffer_duration": 0},
}


def _foreign(tenant: Tenant, path: str) -> Manifest:
    package = {"url": f"play.example.com/live/{path}", "segment_duration_seconds": 4}
    return {**FOREIGN, "endpoints": [{"hls_package": [package]}]}


def test_somebody_elses_channel_with_this_id(stage: Stage, tenant: Tenant) -> None:
    """A foreign channel is told and left alone; when it goes, the object makes its own."""
    stage.scene.cloud.admin("PUT", tenant.place(), _foreign(tenant, f"{tenant.name}/other.m3u8"))
    tenant.apply()

    stalled = tenant.until_says("Stalled", "Conflict")
    assert f"Channel srt.example.com/live/{tenant.name} exists already" in stalled["message"]
    assert "Set spec.adoptionPolicy to IfExists to manage it, or choose another" in stalled["message"]
    assert tenant.writes() == []

    stage.scene.cloud.admin("DELETE", tenant.place())
    tenant.until_ready()
    assert tenant.writes() == [CREATE]


def test_a_playback_url_that_a_foreign_channel_has(stage: Stage, tenant: Tenant) -> None:
    """A URL that a channel nobody here knows uses is told in the service's words; freed, the channel is made."""
    stage.scene.cloud.admin("PUT", tenant.place("other"), _foreign(tenant, f"{tenant.name}/index.m3u8"))
    tenant.apply()

    stalled = tenant.until_says("Stalled", "InvalidSpec")
    assert f"play.example.com/live/{tenant.name}/index.m3u8 is exist" in stalled["message"]
    assert [each["channel"]["id"] for each in tenant.in_cloud()] == ["other"]

    stage.scene.cloud.admin("DELETE", tenant.place("other"))
    tenant.until_ready()
    assert tenant.only_channel()["starts"] == 1


def test_a_change_to_a_playback_url_that_a_foreign_channel_has(stage: Stage, tenant: Tenant) -> None:
    """A change that the service refuses leaves the channel on air as it was; corrected, it is made."""
    tenant.ready()
    stage.scene.cloud.admin("PUT", tenant.place("other"), _foreign(tenant, f"{tenant.name}/late.m3u8"))
    tenant.patch(endpoints=[hls(f"play.example.com/live/{tenant.name}/late.m3u8")])

    tenant.until_says("Stalled", "InvalidSpec")
    ours = next(each for each in tenant.in_cloud() if each["channel"]["id"] == tenant.name)
    assert (ours["channel"]["state"], ours["interruptions"]) == ("ON", 0)

    tenant.patch(endpoints=[hls(f"play.example.com/live/{tenant.name}/early.m3u8")])
    status = tenant.until_ready()
    assert "Stalled" not in {each["type"] for each in status["conditions"]}
