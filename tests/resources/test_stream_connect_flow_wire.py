"""From a manifest to the request: the spec by the API's names is what the contract takes, but for references."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from medialive_operator import samples
from medialive_operator.resources.stream_connect_flows import StreamConnectFlowSpec
from tests.resources.flow_manifests import CALLER, FULL, LISTENER, PULLED, PUSHED, Spec, flow
from tests.resources.schemas import contract_schema, flow_requests, paths

SAMPLES = sorted((Path(samples.__file__).parent).glob("stream-connect-flow-*.yaml"))


def _samples() -> Iterator[tuple[str, Spec]]:
    for path in SAMPLES:
        for each in yaml.safe_load_all(path.read_text()):
            if each["kind"] == "StreamConnectFlow":
                yield path.stem, each["spec"]


SPECS: dict[str, Spec] = {
    "smallest": flow(LISTENER, PULLED),
    "caller": flow(CALLER, PUSHED),
    "full": FULL,
    **dict(_samples()),
}


def _requests(spec: Spec) -> tuple[Any, Any]:
    """The bodies of the creation and of the addition of outputs that the spec stands for."""
    written = StreamConnectFlowSpec.model_validate(spec).model_dump(mode="json", by_alias=False, exclude_none=True)
    created = {
        "name": written.get("name", "studio-a"),
        "region": written.get("flow_region", "ap-southeast-3"),
        "sources": _opened(written["sources"]),
    }
    return created, _opened(written.get("outputs", []))


def _opened(value: Any) -> Any:
    """References as what they stand for, with the one kind of key there is."""
    if isinstance(value, list):
        return [_opened(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "passphrase_secret_ref" in value:
        kept = {name: member for name, member in value.items() if name != "passphrase_secret_ref"}
        return {**kept, "key_type": "srt-password", "passphrase": "a-long-passphrase"}
    return {name: _opened(member) for name, member in value.items()}


@pytest.mark.parametrize("name", SPECS)
def test_a_spec_stands_for_requests_that_the_contract_takes(name: str) -> None:
    """Sources and outputs have only fields that the contract knows, within its limits."""
    created, outputs = _requests(SPECS[name])

    jsonschema.Draft202012Validator(contract_schema("CreateFlowsRequestBody")).validate(created)
    for output in outputs:
        jsonschema.Draft202012Validator(contract_schema("AddFlowOutputsRequest")).validate(output)
    assert paths({**created, "outputs": outputs}) <= set(flow_requests())


def test_the_full_spec_stands_for_requests_with_every_field() -> None:
    """What the spec can say reaches the wire, under the API's name."""
    created, outputs = _requests(FULL)

    assert set(flow_requests()) - paths({**created, "outputs": outputs}) == {"sources.health_status"}
