"""What the operator reports about an OTT channel besides what it reports about any object.

Part of `ott_channels`; the limits are as wide as those in `status_parts`.
"""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from medialive_operator.resources.fields import Int64, StatusPart
from medialive_operator.resources.status_parts import Address, Blocks, Line, ObjectStatus, Restarts


class ObservedSource(StatusPart):
    """An input of the channel as the cloud has it."""

    url: Address | None = None
    """Where the service pulls from, or where to push to."""
    bitrate: Int64 | None = None
    """Bitrate in bit/s."""
    width: Int64 | None = None
    """Picture width in pixels."""
    height: Int64 | None = None
    """Picture height in pixels."""


class ObservedChannel(StatusPart):
    """The channel as the cloud has it."""

    domain: Line | None = None
    """Ingest domain."""
    app_name: Line | None = None
    """Application name."""
    id: Line | None = None
    """Channel id."""
    name: Line | None = None
    """Display name."""
    state: Line | None = None
    """ON or OFF, in the cloud's words."""
    mode: Line | None = None
    """ADD_CDN or ONLY_OS."""
    input_protocol: Line | None = None
    """How the stream comes in."""
    sources: Annotated[list[ObservedSource], Field(max_length=128)] | None = None
    """Its inputs, primary ones first. For push protocols: where to push to."""
    playback_urls: Annotated[list[Address], Field(max_length=1024)] | None = None
    """Where it can be played."""


class ChannelKey(StatusPart):
    """The identity of a channel in the cloud."""

    domain: Line
    """Ingest domain."""
    app_name: Line
    """Application name."""
    id: Line
    """Channel id."""


class CreateIntent(StatusPart):
    """That a creation was begun, written before it: after a crash it tells whose channel it is."""

    started_at: datetime
    """When the creation was begun."""
    key: ChannelKey
    """What was to be created."""
    sections: Blocks | None = None
    """What it was to be created with, by section, secrets left out."""


class Window(StatusPart):
    """A span of time."""

    start: datetime
    """From."""
    end: datetime
    """To."""


class Scte35Event(StatusPart):
    """One SCTE-35 signal."""

    type: Line
    """splice_insert or time_signal."""
    event_id: Annotated[int, Field(json_schema_extra={"format": "int64"})]
    """Id of the event."""
    time: datetime
    """When it is to be executed."""
    duration: Annotated[int, Field(json_schema_extra={"format": "int64"})]
    """Length in seconds; -1 when the signal does not say."""
    segmentation: Line
    """Kind of segment; `-` for splice_insert."""


class SettledSignals(StatusPart):
    """The part of the count that does not change any more."""

    until: datetime
    """Signals before are counted for good."""
    by_type: Annotated[dict[str, Int64], Field(max_length=32)] | None = None
    """How many of each type."""


class Scte35Statistics(StatusPart):
    """SCTE-35 signals of the input. Written when the figures change."""

    window: Window | None = None
    """The time they were counted over, up to the last change of a figure."""
    total: Int64 | None = None
    """How many."""
    by_type: Annotated[dict[str, Int64], Field(max_length=32)] | None = None
    """How many of each type."""
    last_events: Annotated[list[Scte35Event], Field(max_length=10)] | None = None
    """The last ones, latest first."""
    settled: SettledSignals | None = None
    """The part of the count that does not change any more."""
    message: Line | None = None
    """What has to be said about the figures, such as a gap."""


class Statistics(StatusPart):
    """Figures about the channel."""

    restarts: Restarts | None = None
    """Interruptions that the operator caused."""
    scte35: Scte35Statistics | None = None
    """SCTE-35 signals of the input."""


class Pipeline(StatusPart):
    """A transcoding pipeline of the channel, as Cloud Eye knows it."""

    id: Line
    """Id of the dimension `pipeline`."""
    name: Line | None = None
    """Name of it."""


class Monitoring(StatusPart):
    """Where Cloud Eye keeps the channel's metrics: what a query of them has to name."""

    namespace: Line | None = None
    """Namespace of the metrics."""
    dimension: Line | None = None
    """Dimension of a channel."""
    instance: Line | None = None
    """The channel's id in that dimension."""
    pipelines: Annotated[list[Pipeline], Field(max_length=64)] | None = None
    """Its pipelines, instances of the dimension `pipeline`."""
    dimensions: Annotated[list[Line], Field(max_length=64)] | None = None
    """All dimensions that Cloud Eye has for the service, known to us or not."""


class OttChannelStatus(ObjectStatus):
    """What the operator reports about a channel. Its sections are those of `contract.sections`."""

    channel: ObservedChannel | None = None
    """The channel as the cloud has it."""
    create: CreateIntent | None = None
    """That its creation was begun."""
    statistics: Statistics | None = None
    """Figures about the channel."""
    monitoring: Monitoring | None = None
    """Where Cloud Eye keeps its metrics."""
