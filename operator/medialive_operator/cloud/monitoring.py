"""The Cloud Eye operations, typed: two calls. Reached as `MediaLive.monitoring`; every method raises CloudError.

They tell which dimensions and instances there are. Metric values come from another service.
"""

from collections.abc import Sequence

from medialive_operator.cloud.calls import Caller
from medialive_operator.cloud.monitoring_models import (
    DimensionQuery,
    ListCesDimsInfoResponse,
    ListCesInstanceRequestBody,
    ListCesInstanceResponse,
)
from medialive_operator.contract.operations import Operation

_NAMESPACE = "SYS.LIVE"


class Monitoring:
    """Calls about what Cloud Eye watches, at the priority of the view they came from."""

    def __init__(self, cloud: Caller) -> None:
        self.cloud = cloud

    async def dimensions(self) -> ListCesDimsInfoResponse:
        """The dimensions that metrics of Media Live have."""
        operation = Operation.LIST_CES_DIMS_INFO
        answer = await self.cloud.call(operation, query={"namespace": _NAMESPACE})
        return ListCesDimsInfoResponse.parse(answer, operation)

    async def instances(
        self, query: Sequence[DimensionQuery], *, start: int | None = None, limit: int | None = None
    ) -> ListCesInstanceResponse:
        """The instances of the last dimension of the query; the ones before it say of what, by id."""
        operation = Operation.LIST_CES_INSTANCE
        body = ListCesInstanceRequestBody(namespace=_NAMESPACE, query=[*query], start=start, limit=limit)
        return ListCesInstanceResponse.parse(await self.cloud.call(operation, body=body.wire()), operation)
