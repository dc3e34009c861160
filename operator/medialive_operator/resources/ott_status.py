"""What the operator reports about an OTT channel: the status part of the kind, and its journal.

Part of `ott_channels`. Written by `controller.status` only. Limits are wide: a status that does not fit would keep the
operator from going on. Nothing here ticks, and nothing is secret.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from medialive_operator.resources.conditions import Condition, ConditionType, Reason
from medialive_operator.resources.fields import Int64, StatusPart, keyed_by

_Line = Annotated[str, Field(max_length=1024)]
_Address = Annotated[str, Field(max_length=4096)]
# The journal of a section is at most as large as the section, and an object as a whole stays below etcd's 1.5 MiB.
_Block = Annotated[str, Field(max_length=524288)]
_Blocks = Annotated[dict[str, _Block], Field(max_length=16)]
_WORDS = {*ConditionType, *Reason}


def _known(conditions: Any) -> Any:
    """Conditions in words of another version of the operator are dropped: they are made anew."""
    if not isinstance(conditions, Iterable):
        return conditions
    return [
        each for each in conditions if not isinstance(each, Mapping) or {each.get("type"), each.get("reason")} <= _WORDS
    ]


class ObservedSource(StatusPart):
    """An input of the channel as the cloud has it."""

    url: _Address | None = None
    """Where the service pulls from, or where to push to."""
    bitrate: Int64 | None = None
    """Bitrate in bit/s."""
    width: Int64 | None = None
    """Picture width in pixels."""
    height: Int64 | None = None
    """Picture height in pixels."""


class ObservedChannel(StatusPart):
    """The channel as the cloud has it."""

    domain: _Line | None = None
    """Ingest domain."""
    app_name: _Line | None = None
    """Application name."""
    id: _Line | None = None
    """Channel id."""
    name: _Line | None = None
    """Display name."""
    state: _Line | None = None
    """ON or OFF, in the cloud's words."""
    mode: _Line | None = None
    """ADD_CDN or ONLY_OS."""
    input_protocol: _Line | None = None
    """How the stream comes in."""
    sources: Annotated[list[ObservedSource], Field(max_length=128)] | None = None
    """Its inputs, primary ones first. For push protocols: where to push to."""
    playback_urls: Annotated[list[_Address], Field(max_length=1024)] | None = None
    """Where it can be played."""


class ChannelKey(StatusPart):
    """The identity of a channel in the cloud."""

    domain: _Line
    """Ingest domain."""
    app_name: _Line
    """Application name."""
    id: _Line
    """Channel id."""


class CreateIntent(StatusPart):
    """That a creation was begun, written before it: after a crash it tells whose channel it is."""

    started_at: datetime
    """When the creation was begun."""
    key: ChannelKey
    """What was to be created."""
    sections: _Blocks | None = None
    """What it was to be created with, by section, secrets left out."""


class EndpointRef(StatusPart):
    """The account in which the channel lives."""

    endpoint: _Address
    """Address of the service."""
    project_id: _Line
    """Id of the project."""


class SecretHash(StatusPart):
    """Stands for secrets that were written, so that a change of them is noticed."""

    path: _Line
    """Section whose secrets these are."""
    hash: _Line
    """Slow salted hash of them."""
    secret_version: _Line | None = None
    """Versions of the Secrets that it was made from."""


class Attempt(StatusPart):
    """The last write of a section that is not settled yet."""

    section: _Line
    """Part of the channel."""
    fingerprint: _Line
    """Stands for what the write was to change."""
    accepted: bool
    """Whether the service took it."""


class Change(StatusPart):
    """One difference."""

    path: _Line
    """Field, in the spelling of the spec."""
    before: Annotated[str, Field(max_length=1024, alias="from")]
    """What the cloud has."""
    after: Annotated[str, Field(max_length=1024, alias="to")]
    """What is wanted."""


class PlanStep(StatusPart):
    """One call that is pending, or was not made."""

    call: _Line
    """Operation of the API; none when nothing is to be called."""
    section: _Line | None = None
    """Part of the channel."""
    disruption: _Line | None = None
    """What it does to a channel on air, or why it is held."""
    changes: Annotated[list[Change], Field(max_length=100)] | None = None
    """What it changes."""


class Plan(StatusPart):
    """What is left to do, and why it is not done."""

    hash: _Line
    """Stands for this very plan."""
    reason: _Line | None = None
    """Why it is not carried out."""
    steps: Annotated[list[PlanStep], Field(max_length=64)] | None = None
    """The calls, in order."""


class Restarts(StatusPart):
    """Interruptions that the operator caused."""

    count: Int64
    """How many."""
    last: datetime | None = None
    """When the last one was."""


class Window(StatusPart):
    """A span of time."""

    start: datetime
    """From."""
    end: datetime
    """To."""


class Scte35Statistics(StatusPart):
    """SCTE-35 signals of the input."""

    window: Window | None = None
    """The time they were counted over."""
    total: Int64 | None = None
    """How many."""
    by_type: Annotated[dict[str, Int64], Field(max_length=32)] | None = None
    """How many of each type."""
    last_event: datetime | None = None
    """When the last one was."""


class Statistics(StatusPart):
    """Figures about the channel."""

    restarts: Restarts | None = None
    """Interruptions that the operator caused."""
    scte35: Scte35Statistics | None = None
    """SCTE-35 signals of the input."""


class Pipeline(StatusPart):
    """A transcoding pipeline of the channel, as Cloud Eye knows it."""

    id: _Line
    """Id of the dimension `pipeline`."""
    name: _Line | None = None
    """Name of it."""


class Monitoring(StatusPart):
    """Where Cloud Eye keeps the channel's metrics."""

    dimension: _Line | None = None
    """Id of the dimension `medialive_mpc`."""
    pipelines: Annotated[list[Pipeline], Field(max_length=64)] | None = None
    """Its pipelines."""


class OttChannelStatus(StatusPart):
    """What the operator reports about a channel."""

    observed_generation: Int64 | None = None
    """The generation of the spec that the status speaks of."""
    phase: _Line | None = None
    """How it is, for people. Machines read `conditions`."""
    conditions: (
        Annotated[list[Condition], BeforeValidator(_known), Field(max_length=16, json_schema_extra=keyed_by("type"))]
        | None
    ) = None
    """How it is, for machines: Ready, Synced, SignalHealthy, CredentialsReady, ReferencesResolved; Reconciling and
    Stalled while they are true."""
    channel: ObservedChannel | None = None
    """The channel as the cloud has it."""
    plan: Plan | None = None
    """What is left to do, and why it is not done."""
    statistics: Statistics | None = None
    """Figures about the channel."""
    monitoring: Monitoring | None = None
    """Where Cloud Eye keeps its metrics."""
    adopted: bool | None = None
    """Whether the channel existed before this object."""
    create: CreateIntent | None = None
    """That its creation was begun."""
    endpoint_ref: EndpointRef | None = None
    """The account in which it lives."""
    last_applied: _Blocks | None = None
    """What was applied last, by section, secrets left out."""
    secret_hashes: Annotated[list[SecretHash], Field(max_length=16, json_schema_extra=keyed_by("path"))] | None = None
    """Stand for the secrets that were applied last."""
    attempts: Annotated[list[Attempt], Field(max_length=16, json_schema_extra=keyed_by("section"))] | None = None
    """Writes that the cloud refused, or took and does not show: they are not repeated without need."""
    last_handled_reconcile_at: _Line | None = None
    """The value of the annotation `medialive.huaweicloud.com/reconcile-requested-at` that was answered last."""
    last_sync_time: datetime | None = None
    """When the operator last acted, or saw a change."""
