"""The wire models against the contract's schemas."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from medialive_operator.cloud import flow_models, models, monitoring_models
from medialive_operator.cloud.channel_endpoints import HttpHeader
from medialive_operator.cloud.channel_inputs import Source
from medialive_operator.cloud.errors import Transient
from medialive_operator.cloud.requests import request_for
from medialive_operator.cloud.wire import Wire
from medialive_operator.contract.operations import OPERATIONS, Operation
from tests.cloud.contract import document, fitting, schema, validate

# Where the contract has one shape under several names.
ALIASES: Mapping[str, type[Wire]] = {
    "CreateOttChannelInfoResponse": models.ChannelResult,
    "DeleteOttChannelInfoResponse": models.ChannelResult,
    "ModifyOttChannelInfoEndPointsResponse": models.ChannelResult,
    "ModifyOttChannelInfoInputResponse": models.ChannelResult,
    "ModifyOttChannelInfoRecordSettingsResponse": models.ChannelResult,
    "ModifyOttChannelInfoGeneralResponse": models.ChannelResult,
    "ModifyOttChannelInfoStatsResponse": models.ChannelResult,
    "ModifyOttChannelInfoEncoderSettingsResponse": models.ChannelResult,
    "DeleteFlowResponse": flow_models.FlowStatus,
    "ModifyFlowStartResponse": flow_models.FlowStatus,
    "ModifyFlowStopResponse": flow_models.FlowStatus,
    "ShowFlowDetailResponse": flow_models.Flow,
    "ShowOutputInfoResponse": flow_models.FlowOutputDetail,
    "ModifyFlowOutputResponse": flow_models.FlowOutputDetail,
}


def operations() -> dict[str, dict[str, Any]]:
    found = [operation for path in document()["paths"].values() for operation in path.values()]
    known = {str(operation) for operation in OPERATIONS}
    return {operation["operationId"]: operation for operation in found if operation["operationId"] in known}


def content(of: Mapping[str, Any]) -> str:
    """The schema's name, of a list its members'."""
    body = of["content"]["application/json"]["schema"]
    name: str = body.get("$ref", body.get("items", {}).get("$ref")).rpartition("/")[2]
    return name


def model(name: str) -> type[Wire]:
    if name in ALIASES:
        return ALIASES[name]
    found: type[Wire] = next(
        getattr(module, name) for module in (models, flow_models, monitoring_models) if hasattr(module, name)
    )
    return found


REQUESTS = sorted({content(found["requestBody"]) for found in operations().values() if "requestBody" in found})
ANSWERS = sorted(
    {content(answer) for found in operations().values() for code, answer in found["responses"].items() if code < "300"}
)
few = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


def opened(value: Any) -> Any:
    """The JSON as it is sent."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return {name: opened(member) for name, member in value.items()}
    return [opened(member) for member in value] if isinstance(value, list) else value


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(member) for name, member in value.items() if member is not None}
    return [without_nulls(member) for member in value] if isinstance(value, list) else value


def test_every_request_and_answer_has_a_model() -> None:
    """All bodies of the 23 operations are known, none twice under one name."""
    assert len(operations()) == 23
    assert len(REQUESTS) == 13
    assert len(ANSWERS) == 23
    assert all(model(name) for name in [*REQUESTS, *ANSWERS])


@pytest.mark.parametrize("name", REQUESTS)
def test_request_round_trips(name: str) -> None:
    """Whatever fits the contract's schema fits the model, and is sent as it came, less its nulls."""

    @few
    @given(fitting(name))
    def check(body: dict[str, Any]) -> None:
        sent = opened(model(name).model_validate(body).wire())
        assert without_nulls(sent) == without_nulls(body)
        validate(sent, name)

    check()


@pytest.mark.parametrize("name", ANSWERS)
def test_answer_round_trips(name: str) -> None:
    """Whatever fits the contract's schema is read without loss."""

    @few
    @given(fitting(name))
    def check(body: dict[str, Any]) -> None:
        read = model(name).parse(body, Operation.LIST_FLOWS)
        told = opened(read.model_dump(by_alias=True, exclude_unset=True))
        assert told == body
        validate(told, name)

    check()


@pytest.mark.parametrize("name", ANSWERS)
def test_answer_may_lack_or_null_anything(name: str) -> None:
    """Every field of an answer may be missing or null, and unknown ones are passed over."""
    fields = schema(name)["properties"]

    assert model(name).parse({}, Operation.LIST_FLOWS)
    assert model(name).parse(dict.fromkeys(fields), Operation.LIST_FLOWS)
    assert model(name).parse({"something_new": {"a": 1}}, Operation.LIST_FLOWS)


@few
@given(fitting("CreateOttChannelInfoReq"), st.data())
def test_deep_members_may_be_unknown_when_reading(body: dict[str, Any], data: st.DataObject) -> None:
    """A field that the service added deep inside an answer hurts nothing."""
    body["input"]["something_new"] = data.draw(st.integers())

    channel = models.Channel.parse(body, Operation.LIST_OTT_CHANNEL_INFO)

    assert channel.input is not None


def test_channel_answer_covers_every_field_of_a_channel() -> None:
    """The model of a listed channel has the fields of the contract's OttChannel, no more and no fewer."""
    assert set(models.Channel.model_fields) == set(schema("OttChannel")["properties"])


@pytest.mark.parametrize("name", [*REQUESTS, *ANSWERS])
def test_model_has_no_invented_field(name: str) -> None:
    """What a model can send or tell stands in at least one of the contract's shapes for it."""
    shapes = [other for other in [*REQUESTS, *ANSWERS] if model(other) is model(name)]
    known = {field for shape in shapes for field in schema(shape)["properties"]}

    assert {field.alias or own for own, field in model(name).model_fields.items()} <= known


@pytest.mark.parametrize("name", REQUESTS)
def test_request_needs_what_the_contract_needs(name: str) -> None:
    """A request without one of its required fields cannot be made; anything else may be left out."""
    needed = {own for own, field in model(name).model_fields.items() if field.is_required()}

    assert needed == set(schema(name).get("required", ()))


def test_misspelt_field_is_refused_when_writing() -> None:
    """A name that the contract does not know cannot be set."""
    with pytest.raises(ValidationError, match="pasphrase"):
        Source(url="srt://198.51.100.10:9000", pasphrase="x")  # type: ignore[call-arg]


def test_answer_that_does_not_fit_is_an_error_without_its_values() -> None:
    """A wrong type deep in an answer is told by its place, and nothing of the answer is quoted."""
    answer = {"channels": [{"input": {"sources": [{"passphrase": ["planted-secret"]}]}}]}

    with pytest.raises(Transient, match=r"channels\.0\.input\.sources\.0\.passphrase") as failed:
        models.ListOttChannelInfoResponse.parse(answer, Operation.LIST_OTT_CHANNEL_INFO)

    assert "planted-secret" not in str(failed.value)
    assert failed.value.__context__ is None


def test_secrets_are_opened_only_when_sent() -> None:
    """A model and its JSON hide a secret; the bytes of the request have it."""
    header = HttpHeader(key="Authorization", value=SecretStr("planted-secret"))

    assert "planted-secret" not in f"{header!r}{header}{header.wire()!r}"
    assert b"planted-secret" in request_for("PUT", "https://live.example.com", body=header.wire()).content
