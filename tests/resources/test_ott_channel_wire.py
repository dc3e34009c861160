"""From a manifest to the request: what the spec leads to is what the contract takes."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import SecretStr

from medialive_operator import samples
from medialive_operator.planning.channels import Journal, Policy, plan_channel
from medialive_operator.planning.desired import Resolved, desired_channel, flow_uses, secret_uses
from medialive_operator.resources.ott_channels import OttChannelSpec
from tests.resources.manifests import FULL_HLS_PULL, FULL_SRT_PULL, FULL_SRT_PUSH, Spec, smallest
from tests.resources.schemas import create_request, create_request_schema, paths

SAMPLES = sorted((Path(samples.__file__).parent).glob("ott-channel-*.yaml"))
PROTOCOLS = ("FLV_PULL", "RTMP_PUSH", "HLS_PULL", "SRT_PULL", "SRT_PUSH")


def _sample(path: Path) -> Spec:
    channel = next(each for each in yaml.safe_load_all(path.read_text()) if each["kind"] == "OttChannel")
    spec: Spec = channel["spec"]
    return spec


SPECS: dict[str, Spec] = {
    **{f"smallest {protocol}": smallest(protocol) for protocol in PROTOCOLS},
    **{path.stem: _sample(path) for path in SAMPLES},
    "full SRT_PULL": FULL_SRT_PULL,
    "full HLS_PULL": FULL_HLS_PULL,
    "full SRT_PUSH": FULL_SRT_PUSH,
}


def _request(spec: Spec) -> Any:
    """The body of the creation that the spec leads to, its secrets opened, with addresses of the flows it follows."""
    read = OttChannelSpec.model_validate(spec)
    secrets = {use: SecretStr("a-long-passphrase") for use in secret_uses(read)}
    found = Resolved(secrets, dict.fromkeys(flow_uses(read), "srt://203.0.113.10:9000"))
    [step] = plan_channel(desired_channel(read, "news-1", found), None, Journal(), Policy()).steps
    return _opened(step.body)


def _opened(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _opened(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_opened(item) for item in value]
    return value.get_secret_value() if isinstance(value, SecretStr) else value


@pytest.mark.parametrize("name", SPECS)
def test_a_spec_leads_to_a_request_that_the_contract_takes(name: str) -> None:
    """The create request has only fields that the contract knows, within its limits."""
    request = _request(SPECS[name])

    jsonschema.Draft202012Validator(create_request_schema()).validate(request)
    assert paths(request) <= set(create_request())


def test_full_specs_lead_to_requests_with_every_field() -> None:
    """What the spec can say reaches the wire, under the API's name."""
    sent = set().union(*(paths(_request(spec)) for spec in SPECS.values()))
    left_out = ("id", "ads", "ext_args", "encryption_method", "key_rotation_interval_seconds")

    assert {path for path in set(create_request()) - sent if not (path.count(".") and path.endswith(left_out))} == set()
