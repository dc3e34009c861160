"""Wire models of StreamConnect flows. Source: contract, tag StreamConnect."""

from pydantic import SecretStr

from medialive_operator.cloud.wire import Wire


class FlowEncryption(Wire):
    """SRT encryption of a source or an output (FlowSourceDecryption)."""

    algorithm: str | None = None
    key_type: str | None = None
    passphrase: SecretStr | None = None


class FlowSource(Wire):
    """An input. Address and port: where the service pulls from (srt-caller), or what it made (srt-listener)."""

    source_listener_address: str | None = None
    source_listener_port: int | None = None
    stream_id: str | None = None
    min_latency: int | None = None  # ms
    cidr_whitelist: list[str] | None = None
    description: str | None = None
    protocol: str | None = None
    name: str | None = None
    decryption: FlowEncryption | None = None
    health_status: str | None = None


class CreateFlowsRequestBody(Wire):
    """A flow to create."""

    name: str
    region: str
    sources: list[FlowSource]


class ModifyFlowSourcesRequestBody(Wire):
    """A source anew."""

    source: FlowSource


class UpdateFlowOutputRequestBody(Wire):
    """What can be changed of an output. Latency in ms."""

    cidr_whitelist: list[str] | None = None
    destination: str | None = None
    encryption: FlowEncryption | None = None
    output_status: str | None = None
    port: int | None = None
    stream_id: str | None = None
    description: str | None = None
    min_latency: int | None = None


class AddFlowOutputsRequest(UpdateFlowOutputRequestBody):
    """An output to add."""

    name: str
    protocol: str


class FlowOutput(Wire):
    """An output as the flow's detail shows it: no more than this."""

    name: str | None = None
    type: str | None = None


class FlowOutputDetail(UpdateFlowOutputRequestBody):
    """An output in full (FlowsOutput, ShowOutputInfoResponse, ModifyFlowOutputResponse)."""

    name: str | None = None
    listener_address: str | None = None
    protocol: str | None = None
    health_status: str | None = None
    type: str | None = None


class Flow(Wire):
    """A flow (FlowDetailRespBody, ShowFlowDetailResponse). Known states are ACTIVE and STANDBY; others may come."""

    name: str | None = None
    region: str | None = None
    sources: list[FlowSource] | None = None
    status: str | None = None
    flow_id: str | None = None
    outputs: list[FlowOutput] | None = None


class CreateFlowsResponse(Wire):
    """The flow that was created, in an envelope that no other answer has."""

    flow: Flow | None = None


class FlowSummary(Wire):
    """A flow as the list shows it (ListFlowRespItem)."""

    name: str | None = None
    region: str | None = None
    flow_id: str | None = None
    status: str | None = None
    description: str | None = None
    protocol: str | None = None


class ListFlowsResponse(Wire):
    """A page of flows."""

    total: int | None = None
    flows: list[FlowSummary] | None = None


class FlowStatus(Wire):
    """What a start, stop or deletion answers (ModifyFlowStartResponse and its likes)."""

    status: str | None = None
    flow_id: str | None = None


class ModifyFlowSourcesResponse(Wire):
    """The source after its change."""

    flow_id: str | None = None
    source: FlowSource | None = None


class CreateFlowOutputResponse(Wire):
    """The outputs that were added."""

    flow_id: str | None = None
    outputs: list[FlowOutputDetail] | None = None


class DeleteFlowOutputResponse(Wire):
    """The output that was deleted."""

    flow_id: str | None = None
    output_name: str | None = None
