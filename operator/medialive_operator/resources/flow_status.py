"""What the operator reports about a flow besides what it reports about any object.

Part of `stream_connect_flows`; the limits are as wide as those in `status_parts`.
"""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from medialive_operator.resources.fields import SET, Int64, StatusPart
from medialive_operator.resources.status_parts import Address, Blocks, Line, ObjectStatus, Restarts

_FlowIds = Annotated[list[Line], Field(max_length=1024, json_schema_extra=SET)]


class ObservedLink(StatusPart):
    """An SRT link of the flow as the cloud has it."""

    name: Line | None = None
    """Name of it."""
    protocol: Line | None = None
    """srt-listener or srt-caller, in the cloud's words."""
    address: Address | None = None
    """srt-listener: where others connect to, made by the service. srt-caller: where the service connects to."""
    port: Int64 | None = None
    """Port of it."""
    url: Address | None = None
    """Address and port in one: `srt://address:port`."""
    health: Line | None = None
    """CONNECTED or DISCONNECTED, in the cloud's words."""


class ObservedOutput(ObservedLink):
    """An output of the flow as the cloud has it."""

    output_status: Line | None = None
    """ENABLED or DISABLED, in the cloud's words."""


class FlowCreateIntent(StatusPart):
    """That a creation was begun, written before it: the service makes the id, so that after a crash only this tells the
    new flow from others of its name."""

    started_at: datetime
    """When the creation was begun."""
    name: Line
    """Name of the flow that was to be created."""
    flow_region: Line
    """Region it was to run in."""
    preexisting: _FlowIds | None = None
    """Ids of the flows of this name that existed before: none of them is ours."""
    sections: Blocks | None = None
    """What it was to be created with, by section, secrets left out."""


class FlowStatistics(StatusPart):
    """Figures about the flow."""

    restarts: Restarts | None = None
    """Interruptions that the operator caused."""


class StreamConnectFlowStatus(ObjectStatus):
    """What the operator reports about a flow. Its sections are `source/<name>`, `output/<name>` and `state`."""

    flow_id: Line | None = None
    """Id of the flow, made by the service. It stays that of the present flow while a new one is made to replace it."""
    flow_status: Line | None = None
    """State of the flow in the cloud's words: ACTIVE, STANDBY, or one that the operator does not know."""
    name: Line | None = None
    """Name of the flow in the cloud."""
    flow_region: Line | None = None
    """Region in which the flow runs."""
    sources: Annotated[list[ObservedLink], Field(max_length=128)] | None = None
    """Its sources. For srt-listener: where to push to."""
    outputs: Annotated[list[ObservedOutput], Field(max_length=128)] | None = None
    """Its outputs. For srt-listener: where to pull from."""
    source_count: Int64 | None = None
    """How many sources it has."""
    output_count: Int64 | None = None
    """How many outputs it has."""
    connected: Line | None = None
    """How many of its sources and enabled outputs are connected, such as 3/4."""
    last_deep_sync: datetime | None = None
    """When its sources and outputs were last read in full."""
    create: FlowCreateIntent | None = None
    """That its creation was begun."""
    retiring: _FlowIds | None = None
    """Ids of flows that the present one has replaced, and that are still to be deleted."""
    statistics: FlowStatistics | None = None
    """Figures about the flow."""
