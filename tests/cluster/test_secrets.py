"""Secrets that were planted everywhere come out nowhere: not in logs, events, objects or metrics.

The operator runs at its most talkative, and the cloud echoes secrets in its refusals.
"""

import base64
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import httpx
import pytest

from tests.builders import channel, secret
from tests.cluster.scenes import Manifest
from tests.cluster.tenants import Stage, Tenant

pytestmark = pytest.mark.cluster

TIME_SCALE = 20
ARGUMENTS = ("--log-level", "debug")

CREATE = "create_ott_channel_info"
DELETE = "delete_ott_channel_info"
LIST = "list_ott_channel_info"
INPUT = "modify_ott_channel_info_input"
RECORD = "modify_ott_channel_info_record_settings"
STATE = "modify_ott_channel_info_stats"

FIRST, SECOND = "Planted-passphrase-1", "Planted-passphrase-2"
KEYSERVER, CDN = "Bearer Planted-key-server", "Planted-cdn-header"
# Tokens and temporary keys of the simulated IAM begin so.
TOKEN = "SIMeyJ"


def full(name: str) -> dict[str, Any]:
    """A spec with a secret at every place that takes one."""
    source = {"bitrate": 6000000, "pbkeylen": 16, "passphraseSecretRef": {"name": name, "key": "passphrase"}}
    encryption = {
        "resourceId": name,
        "systemIds": ["FairPlay"],
        "url": "https://keys.example.com",
        "spekeVersion": "1.0",
        "requestMode": "direct_http",
        "httpHeaders": [{"key": "Authorization", "valueSecretRef": {"name": name, "key": "keyserver"}}],
    }
    package = {
        "url": f"play.example.com/live/{name}/index.m3u8",
        "segmentDurationSeconds": 4,
        "encryption": encryption,
        "cdnIdentifierHeader": {"key": "X-Cdn", "valueSecretRef": {"name": name, "key": "cdn"}},
    }
    return {
        "input": {
            "inputProtocol": "SRT_PULL",
            "sources": [{"url": "srt://198.51.100.20:9000", **source}],
            "secondarySources": [{"url": "srt://198.51.100.21:9000", **source}],
        },
        "endpoints": [{"hlsPackage": [package]}],
    }


def planted(tenant: Tenant, passphrase: str = FIRST) -> Manifest:
    """The Secret that the spec refers to."""
    return secret(f"planted-{tenant.name}", passphrase=passphrase, keyserver=KEYSERVER, cdn=CDN)


def applied(tenant: Tenant, credentials: Manifest) -> None:
    """Apply the object with everything."""
    tenant.scene.apply(planted(tenant), credentials, tenant.channel(**full(f"planted-{tenant.name}")))


def outputs(stage: Stage) -> Iterator[tuple[str, str]]:
    """Everything that anybody can see of the operator, by name."""
    yield "log", stage.scene.operator.log()
    yield "events", json.dumps(stage.scene.events())
    yield "objects", stage.scene("get", "och", "-o", "json", "--show-managed-fields")
    yield "description", stage.scene("describe", "och")
    for path in ("/metrics", "/healthz", "/readyz"):
        yield path, stage.scene.operator.get(path).text


def leaks(stage: Stage, tenant: Tenant, *others: str) -> list[str]:
    """Where a secret shows, in clear or in base64 as Secrets hold it."""
    account = tenant.account
    keys = (account.access_key, account.secret_key.get_secret_value(), account.password.get_secret_value())
    values = [FIRST, SECOND, KEYSERVER, CDN, TOKEN, *keys, *others]
    return [found for name, text in outputs(stage) for value in values for found in _shown(value, name, text)]


def _shown(value: str, name: str, text: str) -> Iterator[str]:
    for form in (value, base64.b64encode(value.encode()).decode()):
        if (at := text.find(form)) >= 0:
            yield f"{value} in {name}: {text[max(0, at - 200) : at + 100]}"


def test_the_search_finds_what_is_there(stage: Stage, tenant: Tenant) -> None:
    """Control: a value that an object does hold is found."""
    tenant.scene.apply(channel("open", name="Planted-in-clear", credentialsRef={"name": "none"}))

    assert [each for each in leaks(stage, tenant, "Planted-in-clear") if "in objects" in each]
    tenant.scene.delete("open")


def test_the_life_of_a_channel(stage: Stage, tenant: Tenant) -> None:
    """Secrets reach the cloud and nothing else, through creation, change, rotation and deletion."""
    applied(tenant, tenant.credentials())
    tenant.until_ready()
    there = json.dumps(tenant.only_channel())
    assert all(value in there for value in (FIRST, KEYSERVER, CDN))
    tenant.patch(name="Late news", recordSettings={"rollingbufferDuration": 60})
    tenant.until_ready()
    stage.scene.apply(planted(tenant, SECOND))
    tenant.scene.until("the new passphrase is there", lambda: SECOND in json.dumps(tenant.only_channel()))
    tenant.until_ready()

    assert leaks(stage, tenant) == []
    tenant.delete()
    tenant.until_gone()
    assert leaks(stage, tenant) == []


def test_a_rotation_is_one_put(stage: Stage, tenant: Tenant) -> None:
    """A new passphrase in the Secret is written by one PUT of the input; the status has another digest, no value."""
    applied(tenant, tenant.credentials())
    before = tenant.until_ready()["secretHashes"]
    stage.scene.forget_calls()

    stage.scene.apply(planted(tenant, SECOND))

    tenant.scene.until("the journal has it", lambda: _hashes(tenant) != before)
    after = tenant.until_ready()["secretHashes"]
    assert tenant.writes() == [INPUT]
    assert tenant.only_channel()["interruptions"] == 1
    sources = tenant.only_channel()["channel"]["input"]
    assert {each["passphrase"] for each in (*sources["sources"], *sources["secondary_sources"])} == {SECOND}
    assert _by_path(after)["input"] != _by_path(before)["input"]
    assert _by_path(after)["endpoints"] == _by_path(before)["endpoints"]
    assert leaks(stage, tenant) == []


def _by_path(hashes: Iterable[Manifest]) -> dict[str, str]:
    return {each["path"]: each["hash"] for each in hashes}


def test_a_secret_that_is_touched_and_not_changed(stage: Stage, tenant: Tenant) -> None:
    """Another version of the Secret with the same values writes nothing."""
    applied(tenant, tenant.credentials())
    tenant.until_ready()
    stage.scene.forget_calls()
    before = _hashes(tenant)

    stage.scene("label", "secret", f"planted-{tenant.name}", "touched=yes")

    tenant.scene.until("the new version is seen", lambda: _hashes(tenant) != before)
    assert _by_path(_hashes(tenant)) == _by_path(before)
    assert tenant.until_ready()
    assert tenant.writes() == []


def _hashes(tenant: Tenant) -> list[Manifest]:
    hashes: list[Manifest] = tenant.scene.status(tenant.name)["secretHashes"]
    return hashes


def test_a_token_by_password(stage: Stage, tenant: Tenant) -> None:
    """User, password and the token they are exchanged for come out nowhere, not even when both are refused."""
    user = {"username": "operator", "domainName": tenant.account.domain_name, "accessKey": None, "secretKey": None}
    applied(tenant, tenant.credentials(**user, password=tenant.account.password.get_secret_value()))
    tenant.until_ready()
    tenant.fault(LIST, times=2, status=401, code="APIGW.0307", message="token must be updated")
    tenant.look("with-an-old-token")
    tenant.scene.until("it is answered", lambda: tenant.scene.status(tenant.name).get("lastHandledReconcileAt"))
    stage.scene.apply(tenant.credentials(**user, password="Planted-wrong-password"))
    tenant.until_says("CredentialsReady", "Rejected")

    assert leaks(stage, tenant, "Planted-wrong-password") == []


def test_temporary_keys(stage: Stage, tenant: Tenant) -> None:
    """Access key, secret key and security token of a temporary credential come out nowhere."""
    keys = _temporary_keys(tenant)
    applied(
        tenant,
        tenant.credentials(accessKey=keys["access"], secretKey=keys["secret"], securityToken=keys["securitytoken"]),
    )

    tenant.until_ready()

    assert leaks(stage, tenant, keys["access"], keys["secret"], keys["securitytoken"]) == []


def _temporary_keys(tenant: Tenant) -> dict[str, str]:
    iam, account = tenant.scene.cloud.account.iam_url, tenant.account
    user = {
        "name": account.username,
        "password": account.password.get_secret_value(),
        "domain": {"name": account.domain_name},
    }
    identity = {"methods": ["password"], "password": {"user": user}}
    body = {"auth": {"identity": identity, "scope": {"project": {"id": tenant.project_id}}}}
    token = httpx.post(f"{iam}/v3/auth/tokens", json=body, trust_env=False).headers["X-Subject-Token"]
    asked = {"auth": {"identity": {"methods": ["token"], "token": {"id": token}}}}
    answer = httpx.post(f"{iam}/v3.0/OS-CREDENTIAL/securitytokens", json=asked, trust_env=False)
    credential: dict[str, str] = answer.json()["credential"]
    return credential


# What a call sends besides the signature.
SENT = {CREATE: f"passphrase {FIRST} and headers {KEYSERVER} {CDN}", INPUT: f"passphrase {SECOND}"}


def refused(echo: str) -> Manifest:
    return {"status": 400, "code": "LIVE.100011001", "message": echo}


def bad_gateway(echo: str) -> Manifest:
    return {"status": 502, "body": f"<html>{echo}</html>", "content_type": f"text/{echo.split()[1]}"}


def failed(echo: str) -> Manifest:
    return {"status": 200, "body": json.dumps({"result_code": "LIVE.100011005", "result_msg": echo})}


def test_refusals_that_echo_secrets(stage: Stage, tenant: Tenant) -> None:
    """What the cloud or a proxy says is cleaned of every secret of the call before anybody sees it."""
    keys = f"signed by {tenant.account.access_key} with {tenant.account.secret_key.get_secret_value()}"
    for operation, sent in SENT.items():
        for answer in (refused, bad_gateway, failed):
            tenant.fault(operation, **answer(f"{sent} {keys}"))
    for operation in (RECORD, STATE, DELETE, LIST):
        tenant.fault(operation, **bad_gateway(f"no {tenant.account.access_key} {keys}"))
    applied(tenant, tenant.credentials())
    tenant.until_says("Stalled", "InvalidSpec")
    tenant.until_ready()
    stage.scene.apply(planted(tenant, SECOND))
    tenant.patch(name="Late news", recordSettings={"rollingbufferDuration": 60})
    tenant.until_ready()
    tenant.patch(desiredState="Stopped")
    tenant.until_ready()
    tenant.delete()
    tenant.until_gone()

    assert leaks(stage, tenant) == []


def test_wrong_credentials(stage: Stage, tenant: Tenant) -> None:
    """Keys that the cloud refuses come out nowhere either, also where they stand under the wrong name."""
    applied(tenant, tenant.credentials(secretKey="Planted-wrong-secret-key"))
    tenant.until_says("CredentialsReady", "Rejected")
    stage.scene.apply(tenant.credentials(endpoint="https://me:Planted-in-endpoint@live.example.com"))
    tenant.until_says("CredentialsReady", "KeyMissing")

    assert leaks(stage, tenant, "Planted-wrong-secret-key", "Planted-in-endpoint") == []


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_shows_no_values(form: str) -> None:
    """An exception that we or a library log shows the lines of the code, never the values of its variables."""
    program = f"""
import logging, structlog
from medialive_operator.cli.run import configure_logs
from medialive_operator.settings import Settings

configure_logs(Settings(log_format="{form}", log_level="debug"))

def fails(log, planted):
    try:
        return 1 / len(planted[:0])
    except ZeroDivisionError:
        log.exception("failed")

for log in (structlog.get_logger(), logging.getLogger("kopf")):
    fails(log, bytes(reversed(b"terces-detnalP")).decode())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stderr.count("division by zero") == 2
    assert done.stderr.count("in fails") == 2
    assert "Planted-secret" not in done.stdout + done.stderr
