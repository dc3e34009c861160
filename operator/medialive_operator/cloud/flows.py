"""The StreamConnect operations, typed: eleven calls. Reached as `MediaLive.flows`; every method raises CloudError.

Creating a flow is not idempotent, and its name need not be unique.
"""

from collections.abc import AsyncIterator, Sequence

from medialive_operator.cloud.calls import Caller
from medialive_operator.cloud.errors import Failure, Transient
from medialive_operator.cloud.flow_models import (
    AddFlowOutputsRequest,
    CreateFlowOutputResponse,
    CreateFlowsRequestBody,
    CreateFlowsResponse,
    DeleteFlowOutputResponse,
    Flow,
    FlowOutputDetail,
    FlowSource,
    FlowStatus,
    FlowSummary,
    ListFlowsResponse,
    ModifyFlowSourcesRequestBody,
    ModifyFlowSourcesResponse,
    UpdateFlowOutputRequestBody,
)
from medialive_operator.contract.operations import Operation


class Flows:
    """Calls about flows, at the priority of the view they came from."""

    def __init__(self, cloud: Caller) -> None:
        self.cloud = cloud

    async def create(self, flow: CreateFlowsRequestBody) -> Flow:
        """Create a flow; the answer holds its id."""
        operation = Operation.CREATE_FLOWS
        answer = CreateFlowsResponse.parse(await self.cloud.call(operation, body=flow.wire()), operation)
        if answer.flow is None:
            raise Transient(f"{operation}: the answer has no flow.", Failure(operation, may_have_taken_effect=True))
        return answer.flow

    async def list(self, *, page_size: int = 100) -> AsyncIterator[FlowSummary]:
        """All flows, page by page (1 to 100 a page). One that comes twice is told once."""
        told: set[str | None] = set()
        offset = 0
        while True:
            answer = await self.cloud.call(Operation.LIST_FLOWS, query={"limit": page_size, "offset": offset})
            page = ListFlowsResponse.parse(answer, Operation.LIST_FLOWS)
            flows = {flow.flow_id: flow for flow in page.flows or ()}
            news = [flow for flow_id, flow in flows.items() if flow_id not in told]
            told.update(flows)
            for flow in news:
                yield flow
            offset += len(page.flows or ())
            if not news or (page.total is not None and offset >= page.total):
                return

    async def detail(self, flow_id: str, *, data_display: bool = False) -> Flow:
        """A flow with its sources. `data_display` asks for secrets in clear, as far as is known."""
        query = {"flow_id": flow_id, "data_display": data_display or None}
        return Flow.parse(await self.cloud.call(Operation.SHOW_FLOW_DETAIL, query=query), Operation.SHOW_FLOW_DETAIL)

    async def delete(self, flow_id: str) -> FlowStatus:
        """Delete a flow; stop it first."""
        return await self._address(Operation.DELETE_FLOW, flow_id)

    async def start(self, flow_id: str) -> FlowStatus:
        """Let a flow run."""
        return await self._address(Operation.MODIFY_FLOW_START, flow_id)

    async def stop(self, flow_id: str) -> FlowStatus:
        """Let a flow run no more."""
        return await self._address(Operation.MODIFY_FLOW_STOP, flow_id)

    async def change_source(self, flow_id: str, source_name: str, source: FlowSource) -> ModifyFlowSourcesResponse:
        """Replace the source that has this name."""
        operation = Operation.MODIFY_FLOW_SOURCES
        body = ModifyFlowSourcesRequestBody(source=source).wire()
        query = {"flow_id": flow_id, "source_name": source_name}
        return ModifyFlowSourcesResponse.parse(await self.cloud.call(operation, query=query, body=body), operation)

    async def add_outputs(self, flow_id: str, outputs: Sequence[AddFlowOutputsRequest]) -> CreateFlowOutputResponse:
        """Add outputs; a flow has at most ten."""
        operation = Operation.CREATE_FLOW_OUTPUT
        body = [output.wire() for output in outputs]
        answer = await self.cloud.call(operation, query={"flow_id": flow_id}, body=body)
        return CreateFlowOutputResponse.parse(answer, operation)

    async def change_output(
        self, flow_id: str, output_name: str, change: UpdateFlowOutputRequestBody
    ) -> FlowOutputDetail:
        """Change an output; its name and protocol stay."""
        operation = Operation.MODIFY_FLOW_OUTPUT
        query = {"flow_id": flow_id, "output_name": output_name}
        return FlowOutputDetail.parse(await self.cloud.call(operation, query=query, body=change.wire()), operation)

    async def show_output(self, flow_id: str, output_name: str, *, data_display: bool = False) -> FlowOutputDetail:
        """An output in full. `data_display` asks for secrets in clear, as far as is known."""
        operation = Operation.SHOW_OUTPUT_INFO
        query = {"flow_id": flow_id, "output_name": output_name, "data_display": data_display or None}
        return FlowOutputDetail.parse(await self.cloud.call(operation, query=query), operation)

    async def delete_output(self, flow_id: str, output_name: str) -> DeleteFlowOutputResponse:
        """Delete an output."""
        operation = Operation.DELETE_FLOW_OUTPUT
        query = {"flow_id": flow_id, "output_name": output_name}
        return DeleteFlowOutputResponse.parse(await self.cloud.call(operation, query=query), operation)

    async def _address(self, operation: Operation, flow_id: str) -> FlowStatus:
        return FlowStatus.parse(await self.cloud.call(operation, query={"flow_id": flow_id}), operation)
