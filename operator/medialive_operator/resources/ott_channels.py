"""The kind OttChannel: a live channel of Media Live as users write it.

`OttChannelSpec` has every field of the contract's create request, in Python by the API's names; `docs/decisions` tells
which ones are left out and why. `OttChannelStatus` is what the operator reports, `OTT_CHANNEL` what Kubernetes needs
to know of the kind. Read by `planning` and `controller`; no logic.
"""

from typing import Annotated, Literal

from pydantic import Field

from medialive_operator.resources.fields import (
    AdoptionPolicy,
    DeletionPolicy,
    DesiredState,
    DriftPolicy,
    LanguageCode,
    ManagementPolicy,
    Named,
    RegionName,
    Rule,
    SecretRef,
    SpecPart,
    Text,
    Token,
    extended,
    keyed_by,
    rules,
)
from medialive_operator.resources.kinds import Column, Kind, stays_in_its_region
from medialive_operator.resources.ott_endpoints import Endpoint
from medialive_operator.resources.ott_inputs import Input
from medialive_operator.resources.ott_status import OttChannelStatus

__all__ = ["OTT_CHANNEL", "OttChannelSpec", "OttChannelStatus"]

_REMEDY = "Create a new OttChannel with it, then delete this one."


def _fixed(name: str) -> Rule:
    return Rule(
        rule="self == oldSelf",
        message=f"{name} cannot be changed: it is part of the channel's identity in the cloud. {_REMEDY}",
        source="behaviour notes 6.1",
        reason="FieldValueForbidden",
    )


class EncoderSetting(SpecPart):
    """A transcoding template that makes one or several outputs."""

    template_id: Named
    """Id of the transcoding template."""


class AudioDescription(SpecPart):
    """An audio output."""

    name: Token
    """Name of the output."""
    audio_selector_name: Named
    """Name of the audio selector in `input.audioSelectors` that feeds it."""
    language_code_control: Literal["FOLLOW_INPUT", "USE_CONFIGURED"] | None = None
    """FOLLOW_INPUT (the service's default): the language of the input, if known. USE_CONFIGURED: always
    `languageCode`."""
    language_code: LanguageCode | None = None
    """Language shown to players: two or three lower-case letters."""
    stream_name: Text | None = None
    """Name shown to players."""


class VideoDescriptions(SpecPart):
    """Video output."""

    gop_duration_seconds: Literal[0, 1, 2, 3, 4, 5, 6, 8, 10] | None = None
    """Length of a group of pictures in seconds; 0 (the service's default) follows the input. The service takes other
    values, 7 and 9 among them, for 0."""


class EncoderSettingsExpand(SpecPart):
    """Further settings of the outputs."""

    audio_descriptions: (
        Annotated[list[AudioDescription], Field(max_length=8, json_schema_extra=keyed_by("name"))] | None
    ) = None
    """Audio outputs, each with a name of its own."""
    video_descriptions: VideoDescriptions | None = None
    """Video output."""


class RecordSettings(SpecPart):
    """Recording for catch-up and time shift."""

    rollingbuffer_duration: Annotated[int, Field(ge=0, le=1209600, json_schema_extra={"format": "int32"})]
    """How much is kept, in seconds: up to 14 days. 0: nothing is recorded."""


class Scte35Reading(SpecPart):
    """Whether SCTE-35 signals are counted."""

    enabled: bool = False
    """Read the signals of the input into `status.statistics.scte35`. Each reading costs a call of the account's 80 a
    minute."""
    interval: Annotated[
        str,
        Field(
            max_length=16,
            pattern=r"^([0-9]+h)?([0-9]+m)?([0-9]+s)?$",
            json_schema_extra=extended(
                Rule(
                    rule="self != '' && duration(self) >= duration('1m') && duration(self) <= duration('24h')",
                    message="interval is between 1m and 24h, such as 5m or 1h30m",
                    source="the budget of 80 calls a minute, behaviour notes 3",
                )
            ),
        ),
    ] = "5m"
    """How often, such as `5m`: 1m to 24h."""


class StatisticsSettings(SpecPart):
    """Which figures are read."""

    scte35: Scte35Reading | None = None
    """SCTE-35 signals of the input."""


_PACKAGES = ("hlsPackage", "dashPackage", "mssPackage")


def _of_all_packages(condition: str) -> str:
    """CEL: the condition holds for each package `p` of the spec."""
    each = " && ".join(f"(!has(e.{kind}) || e.{kind}.all(p, {condition}))" for kind in _PACKAGES)
    return f"!has(self.endpoints) || self.endpoints.all(e, {each})"


def _urls(group: str) -> str:
    """CEL: the playback URLs of a group of outputs."""
    return " + ".join(
        f"(has({group}.{kind}) ? {group}.{kind}.filter(p, has(p.url)).map(p, p.url) : [])" for kind in _PACKAGES
    )


_MODE = "(has({0}.mode) ? {0}.mode : 'ADD_CDN')"
_ONLY_OS = "has(self.mode) && self.mode == 'ONLY_OS'"
_HAS_TEMPLATES = "has(self.encoderSettings) && size(self.encoderSettings) > 0"
_BITRATES = " && ".join(
    f"(!has(self.input.{name}) || self.input.{name}.all(s, has(s.bitrate)))" for name in ("sources", "secondarySources")
)
_SELECTORS = "has(self.input) && has(self.input.audioSelectors)"

_SPEC_RULES = (
    Rule(
        rule="self.managementPolicy == 'Observe' || has(self.input)",
        message="input is required, unless managementPolicy is Observe",
        source="contract CreateOttChannelInfoReq",
        reason="FieldValueRequired",
    ),
    Rule(
        rule="self.managementPolicy == 'Observe' || has(self.recordSettings)",
        message="recordSettings is required, unless managementPolicy is Observe; "
        "rollingbufferDuration: 0 records nothing",
        source="contract CreateOttChannelInfoReq",
        reason="FieldValueRequired",
    ),
    Rule(
        rule=f"{_MODE.format('self')} == {_MODE.format('oldSelf')}",
        message=f"mode cannot be changed (unset is ADD_CDN): no API call does it. {_REMEDY}",
        source="contract CreateOttChannelInfoReq.mode; behaviour notes 6.1",
        reason="FieldValueForbidden",
        fieldPath=".mode",
    ),
    Rule(
        rule="has(self.originRegion) == has(oldSelf.originRegion) && "
        "(!has(self.originRegion) || self.originRegion == oldSelf.originRegion)",
        message=f"originRegion cannot be changed: no API call does it. {_REMEDY}",
        source="contract CreateOttChannelInfoReq.region; behaviour notes 6.1",
        reason="FieldValueForbidden",
        fieldPath=".originRegion",
    ),
    Rule(
        rule=f"!has(self.originRegion) || ({_ONLY_OS})",
        message="originRegion is for mode ONLY_OS only: remove it, or set mode to ONLY_OS",
        source="contract CreateOttChannelInfoReq.region",
        reason="FieldValueForbidden",
        fieldPath=".originRegion",
    ),
    Rule(
        rule=f"({_ONLY_OS}) || ({_of_all_packages('has(p.url)')})",
        message="each package needs url, the playback address, unless mode is ONLY_OS",
        source="contract HlsPackageItem.url: required but for ONLY_OS, which has origin domains",
        reason="FieldValueRequired",
        fieldPath=".endpoints",
    ),
    Rule(
        rule=f"({_ONLY_OS}) || ({_of_all_packages('!has(p.enableAccess) && !has(p.ipWhitelist)')})",
        message="enableAccess and ipWhitelist of a package are for mode ONLY_OS only: remove them",
        source="contract HlsPackageItem.enable_access, ip_whitelist",
        reason="FieldValueForbidden",
        fieldPath=".endpoints",
    ),
    Rule(
        rule=f"({_HAS_TEMPLATES}) || !has(self.input) || ({_BITRATES})",
        message="without a template in encoderSettings each source needs bitrate, in bit/s",
        source="contract SourcesInfo.bitrate",
        reason="FieldValueRequired",
        fieldPath=".input",
    ),
    Rule(
        rule="!has(self.encoderSettingsExpand) || !has(self.encoderSettingsExpand.audioDescriptions) || "
        "self.encoderSettingsExpand.audioDescriptions.all(d, "
        f"{_SELECTORS} && self.input.audioSelectors.exists(s, s.name == d.audioSelectorName))",
        message="audioSelectorName must be the name of an entry of input.audioSelectors",
        source="contract EncoderSettingsExpandAudioDescriptions.audio_selector_name",
        fieldPath=".encoderSettingsExpand",
    ),
)

_TEMPLATES_DIFFER = Rule(
    rule="self.all(one, self.exists_one(other, other.templateId == one.templateId))",
    message="a template may be used once: the templates of a channel need distinct bitrates",
    source="contract CreateOttChannelInfoReq.encoder_settings; behaviour notes 6",
)
_URLS_DIFFER = Rule(
    rule=f"self.all(e, ({_urls('e')}).all(u, self.map(g, size(({_urls('g')}).filter(v, v == u))).sum() == 1))",
    message="a playback url may be used once: give each package its own",
    source="contract HlsPackageItem.url; behaviour notes 6.2",
)


class OttChannelSpec(SpecPart):
    """What is wanted of a channel."""

    model_config = rules(*_SPEC_RULES)

    credentials_ref: SecretRef | None = None
    """Secret with the account's credentials, in the same namespace. Unset: the Secret `medialive-credentials` of the
    namespace, then the operator's own."""
    region: RegionName | None = None
    """Region whose endpoint is called, such as `ap-southeast-3`. Unset: the one of the Secret, then the operator's.
    Cannot be changed once the channel exists."""
    domain: Annotated[str, Field(min_length=1, max_length=255, json_schema_extra=extended(_fixed("domain")))]
    """Ingest domain, first part of the channel's identity. It must exist. Cannot be changed."""
    app_name: Annotated[str, Field(min_length=1, max_length=255, json_schema_extra=extended(_fixed("appName")))]
    """Application name, second part of the channel's identity; `live` for most accounts. Cannot be changed."""
    channel_id: Annotated[str, Field(min_length=2, max_length=255)] | None = None
    """Id of the channel, third part of its identity. Unset: the name of the object. Letters, digits and hyphens;
    underscores disturb transcoding and snapshots. Cannot be changed."""
    name: Named | None = None
    """Name shown in the console; several channels may share one."""
    desired_state: DesiredState = "Running"
    """Running: the channel pulls or takes its input, transcodes and records. Stopped: it is only configured."""
    mode: Literal["ADD_CDN", "ONLY_OS"] | None = None
    """ADD_CDN (the service's default): origin and CDN in one. ONLY_OS: an origin for a CDN of your own. Cannot be
    changed."""
    origin_region: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """Region of the origin, the `region` of the API. ONLY_OS only. Cannot be changed."""
    input: Input | None = None
    """What the channel takes in. Required unless `managementPolicy` is Observe."""
    encoder_settings: (
        Annotated[list[EncoderSetting], Field(max_length=12, json_schema_extra=extended(_TEMPLATES_DIFFER))] | None
    ) = None
    """Transcoding templates. They need distinct video bitrates and equal GOP and frame rate settings."""
    encoder_settings_expand: EncoderSettingsExpand | None = None
    """Further settings of the outputs."""
    record_settings: RecordSettings | None = None
    """Recording for catch-up and time shift. Required unless `managementPolicy` is Observe."""
    endpoints: Annotated[list[Endpoint], Field(max_length=4, json_schema_extra=extended(_URLS_DIFFER))] | None = None
    """Outputs for players, in groups; one group is usual."""
    statistics: StatisticsSettings | None = None
    """Which figures are read into the status."""
    management_policy: ManagementPolicy = "Manage"
    """Manage: the cloud follows the spec. Observe: nothing is ever written, differences are reported."""
    adoption_policy: AdoptionPolicy = "Never"
    """What happens when a channel of this identity exists already. Never: it is left alone, and the object is stalled.
    IfExists: it is managed from now on; differences count as drift."""
    deletion_policy: DeletionPolicy = "Delete"
    """What the deletion of the object does to the channel. Delete: stop and delete it. DeleteWhenStopped: wait while it
    is on air. Retain: leave it as it is."""
    drift_policy: DriftPolicy = "Report"
    """What happens to changes made outside, if taking them back would restart a channel on air. Report: they are
    reported. Correct: they are taken back. Changes that interrupt nothing are always taken back."""


_ID = "(has({0}.spec.channelId) ? {0}.spec.channelId : {0}.metadata.name)"

OTT_CHANNEL = Kind(
    kind="OttChannel",
    plural="ottchannels",
    singular="ottchannel",
    short_names=("och",),
    spec=OttChannelSpec,
    status=OttChannelStatus,
    description="A live channel of Huawei Cloud Media Live: it takes a stream in, transcodes, records and packages it.",
    columns=(
        Column("State", ".status.channel.state", description="ON or OFF, as the cloud says"),
        Column("Input", ".spec.input.inputProtocol", description="How the stream comes in"),
        Column("Ready", '.status.conditions[?(@.type=="Ready")].status', description="The cloud does what is wanted"),
        Column("Reason", '.status.conditions[?(@.type=="Ready")].reason', description="Why it is ready, or is not"),
        Column("Synced", '.status.conditions[?(@.type=="Synced")].status', description="The cloud has the spec"),
        Column("ID", ".status.channel.id", description="Id of the channel", wide=True),
        Column("Region", ".spec.region", description="Region whose endpoint is called", wide=True),
        Column(
            "Restarts", ".status.statistics.restarts.count", "integer", "Interruptions the operator caused", wide=True
        ),
        Column("URL", ".status.channel.playbackUrls[0]", description="Where it can be played", wide=True),
        Column("Age", ".metadata.creationTimestamp", "date", "Time since the object was made"),
    ),
    rules=(
        Rule(
            rule="has(self.spec.channelId) || size(self.metadata.name) >= 2",
            message="the object's name is the channel id, which needs 2 characters: set spec.channelId",
            source="contract CreateOttChannelInfoReq.id",
            fieldPath=".spec",
        ),
        Rule(
            rule=f"{_ID.format('self')} == {_ID.format('oldSelf')}",
            message="channelId (unset: the object's name) cannot be changed: it is part of the channel's identity in "
            f"the cloud. {_REMEDY}",
            source="behaviour notes 6.1",
            reason="FieldValueForbidden",
            fieldPath=".spec",
        ),
        stays_in_its_region("channel", _REMEDY),
    ),
)
