"""What an OTT channel takes in: protocol, sources, failover, ad signals, audio selectors.

Part of `ott_channels`. Names, limits and rules are those of the contract (`InputStreamInfo` and below); where the
contract bounds no list or text, the bound is the one of the service's API definition of February 2025.
"""

from typing import Annotated, Literal

from pydantic import Field

from medialive_operator.resources.fields import (
    ATOMIC,
    SET,
    Int32,
    LanguageCode,
    Named,
    ObjectName,
    Rule,
    SecretKeyRef,
    SpecPart,
    Token,
    Url,
    extended,
    keyed_by,
    rules,
)
from medialive_operator.resources.flow_links import OutputName

InputProtocol = Literal["FLV_PULL", "RTMP_PUSH", "HLS_PULL", "SRT_PULL", "SRT_PUSH"]
AdTrigger = Literal[
    "Splice insert",
    "Provider advertisement",
    "Distributor advertisement",
    "Provider placement opportunity",
    "Distributor placement opportunity",
]

_PROTOCOL_IS_FIXED = Rule(
    rule="self == oldSelf",
    message="inputProtocol cannot be changed: no API call does it. Create a new OttChannel with another channelId, "
    "then delete this one.",
    source="behaviour notes 6.1",
    reason="FieldValueForbidden",
)


class FlowRef(SpecPart):
    """An output of a StreamConnectFlow in the namespace of the object."""

    model_config = ATOMIC

    name: ObjectName
    """Name of the StreamConnectFlow."""
    output: OutputName
    """Name of one of its outputs; an srt-listener, whose address the channel pulls from."""


class SecondarySource(SpecPart):
    """A backup source. It stands in for the primary source at the same place of its list."""

    url: Url | None = None
    """Where the service pulls from. Required for the pull protocols, unless `flowRef` is set. Not for the push
    protocols: there the service makes the address, and `status.channel.sources` shows it."""
    flow_ref: FlowRef | None = None
    """Follow an output of a StreamConnectFlow instead of a fixed `url`. SRT_PULL only."""
    bitrate: Annotated[int, Field(ge=1, le=104857600, json_schema_extra={"format": "int32"})] | None = None
    """Bitrate in bit/s. Required when the channel has no transcoding template."""
    width: Annotated[int, Field(ge=0, le=4096, json_schema_extra={"format": "int32"})] | None = None
    """Picture width in pixels."""
    height: Annotated[int, Field(ge=0, le=2160, json_schema_extra={"format": "int32"})] | None = None
    """Picture height in pixels."""
    bitrate_for3u8: bool | None = None
    """Show `bitrate` in playlists instead of the measured one. The service's default is false."""
    passphrase_secret_ref: SecretKeyRef | None = None
    """Passphrase of the SRT encryption, 10 to 79 characters, in a Secret of the same namespace. SRT protocols only."""
    pbkeylen: Annotated[int, Field(ge=16, le=32, multiple_of=8, json_schema_extra={"format": "int32"})] | None = None
    """Length of the SRT encryption key in bytes: 16, 24 or 32. SRT protocols only."""
    backup_urls: Annotated[list[Url], Field(max_length=12)] | None = None
    """Further addresses to pull from, in this order, when `url` fails. Pull protocols only."""
    stream_id: Annotated[str, Field(max_length=512)] | None = None
    """SRT stream id that the service presents. SRT_PULL only."""
    latency: Int32 | None = None
    """SRT latency in milliseconds (the contract gives no unit; this is SRT's). SRT_PULL only."""


class Source(SecondarySource):
    """A primary source."""

    enable_snapshot: bool | None = None
    """Take snapshots from this stream."""


class FailoverConditions(SpecPart):
    """When to switch between the primary and the backup sources."""

    input_loss_threshold_msec: Annotated[int, Field(ge=0, le=3600000, json_schema_extra={"format": "int32"})] | None = (
        None
    )
    """How long the input must be lost before the switch, in milliseconds. The service's default is 2000."""
    input_preference: Literal["PRIMARY", "EQUAL"] | None = None
    """PRIMARY: go back to the primary source when it recovers. EQUAL (the service's default): stay."""


class AudioLanguageSelection(SpecPart):
    """Pick an audio track by language."""

    language_code: LanguageCode
    """Two or three lower-case letters."""
    language_selection_policy: Literal["LOOSE", "STRICT"] | None = None
    """LOOSE: the track with the lowest PID when the language is missing. STRICT: silence."""


class AudioPidSelection(SpecPart):
    """Pick an audio track by its packet identifier."""

    pid: Annotated[int, Field(ge=0, le=8191, json_schema_extra={"format": "int32"})]
    """PID of the track, 13 bits."""


class AudioHlsSelection(SpecPart):
    """Pick an audio track by its HLS rendition."""

    name: Named
    """NAME of the rendition."""
    group_id: Named
    """GROUP-ID of the rendition."""


class AudioSelectorSettings(SpecPart):
    """How a track is picked: exactly one of the members."""

    model_config = rules(
        Rule(
            rule="[has(self.audioLanguageSelection), has(self.audioPidSelection), has(self.audioHlsSelection)]"
            ".exists_one(given, given)",
            message="set exactly one of audioLanguageSelection, audioPidSelection and audioHlsSelection",
            source="contract AudioSelectorSettings",
        )
    )
    audio_language_selection: AudioLanguageSelection | None = None
    """By language."""
    audio_pid_selection: AudioPidSelection | None = None
    """By PID."""
    audio_hls_selection: AudioHlsSelection | None = None
    """By HLS rendition."""


class AudioSelector(SpecPart):
    """A rule that picks one audio track of the input."""

    name: Token
    """Name of the selector, by which `encoderSettingsExpand.audioDescriptions` refers to it."""
    selector_settings: AudioSelectorSettings | None = None
    """How the track is picked."""


def _of_all_sources(condition: str) -> str:
    """CEL: the condition holds for each source `s`, primary or backup."""
    return " && ".join(f"(!has(self.{name}) || self.{name}.all(s, {condition}))" for name in _SOURCE_LISTS)


_SOURCE_LISTS = ("sources", "secondarySources")
_PULL = "self.inputProtocol.endsWith('_PULL')"
_SRT = "self.inputProtocol.startsWith('SRT_')"


def _only(protocol: str, *members: str) -> Rule:
    """Members of the input that only one protocol knows."""
    absent = " && ".join(f"!has(self.{member})" for member in members)
    it = "it" if len(members) == 1 else "them"
    return Rule(
        rule=f"self.inputProtocol == '{protocol}' || ({absent})",
        message=f"remove {' and '.join(members)}: only {protocol} has {it}",
        source="contract InputStreamInfo",
        reason="FieldValueForbidden",
    )


class Input(SpecPart):
    """What the channel takes in."""

    model_config = rules(
        Rule(
            rule=f"!{_PULL} || (has(self.sources) && size(self.sources) > 0)",
            message="a pull protocol needs at least one entry in sources: add one with url, "
            "or with flowRef for SRT_PULL",
            source="contract InputStreamInfo.sources: mandatory for the *_PULL protocols",
            reason="FieldValueRequired",
        ),
        Rule(
            rule=f"!{_PULL} || ({_of_all_sources('has(s.url) != has(s.flowRef)')})",
            message="a pull protocol needs exactly one of url and flowRef in each source",
            source="contract SourcesInfo.url",
        ),
        Rule(
            rule=f"{_PULL} || ({_of_all_sources('!has(s.url) && !has(s.flowRef) && !has(s.backupUrls)')})",
            message="the service makes the address of a push input: remove url, flowRef and backupUrls; "
            "read the address to push to from status.channel.sources",
            source="contract SourcesInfo.url; behaviour notes 6.2: a url set by the user never converges",
            reason="FieldValueForbidden",
        ),
        Rule(
            rule=f"self.inputProtocol == 'SRT_PULL' || ({_of_all_sources('!has(s.flowRef)')})",
            message="flowRef follows an SRT listener, which only SRT_PULL can pull from: use url instead",
            source="contract FlowsOutput.protocol",
            reason="FieldValueForbidden",
        ),
        Rule(
            rule=f"{_SRT} || ({_of_all_sources('!has(s.passphraseSecretRef) && !has(s.pbkeylen)')})",
            message="passphraseSecretRef and pbkeylen are for SRT_PULL and SRT_PUSH only: remove them",
            source="contract SourcesInfo.passphrase",
            reason="FieldValueForbidden",
        ),
        Rule(
            rule=f"self.inputProtocol == 'SRT_PULL' || ({_of_all_sources('!has(s.streamId) && !has(s.latency)')})",
            message="streamId and latency are for SRT_PULL only: remove them",
            source="contract SourcesInfo.stream_id, latency",
            reason="FieldValueForbidden",
        ),
        Rule(
            rule="self.inputProtocol != 'RTMP_PUSH' || !has(self.secondarySources)",
            message="RTMP_PUSH has no backup sources: remove secondarySources",
            source="contract InputStreamInfo.secondary_sources",
            reason="FieldValueForbidden",
        ),
        Rule(
            rule="!has(self.secondarySources) || size(self.secondarySources) == 0 || "
            "size(self.secondarySources) == (has(self.sources) ? size(self.sources) : 0)",
            message="secondarySources must have as many entries as sources: each backup stands in for one primary",
            source="contract InputStreamInfo.secondary_sources",
        ),
        _only("HLS_PULL", "maxBandwidthLimit"),
        _only("HLS_PULL", "scte35Source"),
        _only("SRT_PUSH", "ipPortMode", "ipWhitelist"),
    )
    input_protocol: Annotated[InputProtocol, Field(json_schema_extra=extended(_PROTOCOL_IS_FIXED))]
    """How the stream comes in: the service pulls it, or an encoder pushes it. Cannot be changed."""
    sources: Annotated[list[Source], Field(max_length=12)] | None = None
    """Primary sources. Required for the pull protocols."""
    secondary_sources: Annotated[list[SecondarySource], Field(max_length=12)] | None = None
    """Backup sources: as many as primary ones, with equal codecs and resolutions. Not for RTMP_PUSH."""
    failover_conditions: FailoverConditions | None = None
    """When to switch between primary and backup sources."""
    max_bandwidth_limit: Int32 | None = None
    """Upper bound in bit/s for the variant that is picked by its BANDWIDTH attribute; 0 or unset: the highest one.
    HLS_PULL only."""
    ip_port_mode: bool | None = None
    """Set to true when the encoder pushes straight to the origin and cannot send a stream id. SRT_PUSH only."""
    ip_whitelist: (
        Annotated[
            str,
            Field(
                max_length=256,
                json_schema_extra=extended(
                    Rule(
                        rule="self == '' || self.split(',').all(part, isCIDR(part.trim()) || isIP(part.trim()))",
                        message="ipWhitelist is a list of CIDRs separated by commas, such as "
                        "192.0.2.0/24,198.51.100.7/32",
                        source="contract InputStreamInfo.ip_whitelist",
                    )
                ),
            ),
        ]
        | None
    ) = None
    """Who may push: CIDRs separated by commas. SRT_PUSH only."""
    scte35_source: Literal["SEGMENTS"] | None = None
    """Where SCTE-35 signals are taken from. HLS_PULL only."""
    ad_triggers: Annotated[list[AdTrigger], Field(max_length=5, json_schema_extra=SET)] | None = None
    """SCTE-35 signals that start an ad."""
    audio_selectors: Annotated[list[AudioSelector], Field(max_length=8, json_schema_extra=keyed_by("name"))] | None = (
        None
    )
    """Audio tracks to pick, at most 8, each with a name of its own."""
