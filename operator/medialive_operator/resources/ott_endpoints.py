"""What an OTT channel puts out: packages for players, their encryption and access.

Part of `ott_channels`. Names, limits and rules are those of the contract (`EndpointItem` and below); where the
contract bounds no list or text, the bound is the one of the service's API definition of February 2025, and for the
number of groups and packages, which nothing bounds, one that no sample comes near.
"""

from typing import Annotated, Literal

from pydantic import Field

from medialive_operator.resources.fields import (
    SET,
    Bandwidth,
    Int32,
    Rule,
    SecretKeyRef,
    SpecPart,
    Url,
    keyed_by,
    rules,
)

_OneToTwoMinutes = Annotated[int, Field(ge=1, le=120, json_schema_extra={"format": "int32"})]
_Argument = Annotated[str, Field(max_length=20)]
_Domain = Annotated[
    str,
    Field(max_length=255, pattern=r"^([a-zA-Z0-9]([a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])?\.){2,}[a-zA-Z]{2,16}$"),
]


class HttpHeader(SpecPart):
    """A header whose value is kept in a Secret: it may be a credential."""

    key: Annotated[str, Field(min_length=1, max_length=128)]
    """Name of the header."""
    value_secret_ref: SecretKeyRef
    """Value of the header, in a Secret of the same namespace."""


class Encryption(SpecPart):
    """Digital rights management by SPEKE."""

    model_config = rules(
        Rule(
            rule="self.requestMode != 'functiongraph_proxy' || has(self.urn)",
            message="requestMode functiongraph_proxy needs urn, the URN of the function",
            source="contract Encryption.urn",
            reason="FieldValueRequired",
        ),
        Rule(
            rule="self.requestMode == 'direct_http' || !has(self.httpHeaders)",
            message="httpHeaders are for requestMode direct_http only: remove them, or set requestMode to direct_http",
            source="contract Encryption.http_headers",
            reason="FieldValueForbidden",
        ),
    )
    level: Literal["content", "profile"] | None = None
    """content (the service's default): one key for the channel. profile: one key for each bitrate."""
    resource_id: Annotated[str, Field(min_length=1, max_length=128)]
    """Content id, made by you, that the key server knows."""
    url: Annotated[str, Field(min_length=1, max_length=2048)]
    """Address of the key server."""
    speke_version: Literal["1.0"]
    """Version of SPEKE. Quote it: YAML reads 1.0 as a number."""
    request_mode: Literal["direct_http", "functiongraph_proxy"]
    """How the key server is reached: directly, or through a function of FunctionGraph."""
    http_headers: Annotated[list[HttpHeader], Field(max_length=5, json_schema_extra=keyed_by("key"))] | None = None
    """Headers by which the service identifies itself to the key server, at most 5. direct_http only."""
    urn: Annotated[str, Field(min_length=1, max_length=512)] | None = None
    """URN of the function. Required with functiongraph_proxy."""


class HlsEncryption(Encryption):
    """Encryption of HLS: SAMPLE-AES with FairPlay."""

    system_ids: Annotated[list[Literal["FairPlay"]], Field(min_length=1, max_length=3, json_schema_extra=SET)]
    """DRM systems of HLS."""


class DashEncryption(Encryption):
    """Encryption of DASH: Common Encryption with Widevine, PlayReady or both."""

    system_ids: Annotated[
        list[Literal["Widevine", "PlayReady"]], Field(min_length=1, max_length=3, json_schema_extra=SET)
    ]
    """DRM systems of DASH."""


class MssEncryption(Encryption):
    """Encryption of Smooth Streaming: Common Encryption with PlayReady."""

    system_ids: Annotated[list[Literal["PlayReady"]], Field(min_length=1, max_length=3, json_schema_extra=SET)]
    """DRM systems of Smooth Streaming."""


class StreamSelection(SpecPart):
    """A range of bitrates that players can ask for."""

    model_config = rules(
        Rule(
            rule="!has(self.minBandwidth) || !has(self.maxBandwidth) || self.minBandwidth <= self.maxBandwidth",
            message="minBandwidth must not be above maxBandwidth",
            source="contract StreamSelectionItem",
        )
    )
    key: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    """Argument of the playback URL that asks for it."""
    max_bandwidth: Bandwidth | None = None
    """Highest bitrate in bit/s."""
    min_bandwidth: Bandwidth | None = None
    """Lowest bitrate in bit/s."""


class ManifestSelection(SpecPart):
    """What the manifest lists, and in which order."""

    model_config = rules(
        Rule(
            rule="!has(self.minVideoBandwidth) || !has(self.maxVideoBandwidth) || "
            "self.minVideoBandwidth < self.maxVideoBandwidth",
            message="minVideoBandwidth must be below maxVideoBandwidth",
            source="contract ManifestSelection",
        )
    )
    stream_order: Literal["ORIGINAL", "VIDEO_BITRATE_ASCENDING", "VIDEO_BITRATE_DESCENDING"] | None = None
    """Order of the streams; ORIGINAL is the order of the templates."""
    min_video_bandwidth: Int32 | None = None
    """Lowest video bitrate in bit/s."""
    max_video_bandwidth: Int32 | None = None
    """Highest video bitrate in bit/s."""


class RecordArgs(SpecPart):
    """Arguments of the playback URL for catch-up."""

    start_time: _Argument | None = None
    """Argument that carries the start."""
    end_time: _Argument | None = None
    """Argument that carries the end."""
    format: _Argument | None = None
    """Format of the times, such as `timestamp`."""
    unit: _Argument | None = None
    """Unit of the times, such as `second`."""


class TimeshiftArgs(SpecPart):
    """Arguments of the playback URL for time shift."""

    back_time: _Argument | None = None
    """Argument that carries how far to go back."""
    unit: _Argument | None = None
    """Unit of it, such as `second`."""


class LiveArgs(SpecPart):
    """Arguments of the playback URL for live playback."""

    delay: _Argument | None = None
    """Argument that carries the delay."""
    unit: _Argument | None = None
    """Unit of it, such as `second`."""


class RequestArgs(SpecPart):
    """Names of the arguments that playback URLs may carry."""

    record: Annotated[list[RecordArgs], Field(max_length=12)] | None = None
    """For catch-up."""
    timeshift: Annotated[list[TimeshiftArgs], Field(max_length=12)] | None = None
    """For time shift."""
    live: Annotated[list[LiveArgs], Field(max_length=20)] | None = None
    """For live playback."""


class Package(SpecPart):
    """One output of a channel."""

    url: Url | None = None
    """Playback address, made by you: domain and path, such as `play.example.com/live/news.m3u8`. No other channel may
    use it. Required unless `mode` is ONLY_OS."""
    slave_url: Annotated[str, Field(max_length=1024)] | None = None
    """Playback address in the standby region."""
    segment_duration_seconds: Annotated[int, Field(ge=1, le=10, json_schema_extra={"format": "int32"})]
    """Length of a segment in seconds; not shorter than the input's GOP, best a multiple of it. A change of it disturbs
    catch-up of what is already recorded."""
    playlist_window_seconds: Annotated[int, Field(ge=0, le=86400, json_schema_extra={"format": "int32"})] | None = None
    """Length of the live window in seconds. The service serves at least three segments, whatever this says."""
    manifest_name: Annotated[str, Field(max_length=128, pattern=r"^[A-Za-z0-9._-]{0,128}$")] | None = None
    """Name of the index file, without `/`. The service's default is `index`."""
    manifest_selection: ManifestSelection | None = None
    """What the manifest lists, and in which order."""
    stream_selection: Annotated[list[StreamSelection], Field(max_length=24)] | None = None
    """Ranges of bitrates that players can ask for. Unset: no filter."""
    request_args: RequestArgs | None = None
    """Names of the arguments that playback URLs may carry."""
    enable_access: bool | None = None
    """Whether this output may be pulled straight from the origin. ONLY_OS only. The service's default is false."""
    allow_all_ip_access: bool | None = None
    """true: any address may pull from the origin, and `ipWhitelist` is ignored. false (the service's default): only
    those of `ipWhitelist`."""
    ip_whitelist: Annotated[str, Field(max_length=2048)] | None = None
    """Addresses that may pull from the origin. ONLY_OS only."""
    cdn_identifier_header: HttpHeader | None = None
    """Header by which the origin recognises your CDN."""
    origin_domain_master: _Domain | None = None
    """Origin domain in the region of the channel."""
    origin_domain_slave: _Domain | None = None
    """Origin domain in the standby region."""


class HlsPackage(Package):
    """An HLS output."""

    hls_version: Annotated[str, Field(max_length=10)] | None = None
    """Version of HLS, such as `v3`."""
    encryption: HlsEncryption | None = None
    """Digital rights management."""
    ad_marker: Annotated[list[Literal["ENHANCED_SCTE35"]], Field(max_length=10, json_schema_extra=SET)] | None = None
    """How ads are marked."""


class DashPackage(Package):
    """A DASH output."""

    encryption: DashEncryption | None = None
    """Digital rights management."""
    ad_marker: Literal["xml+bin"] | None = None
    """How ads are marked."""
    suggested_presentation_delay: _OneToTwoMinutes | None = None
    """Delay that players are advised to keep, in seconds."""
    minimum_update_period: _OneToTwoMinutes | None = None
    """Shortest time between two updates of the manifest, in seconds."""
    min_buffer_time: _OneToTwoMinutes | None = None
    """Shortest buffer of players, in seconds."""


class MssPackage(Package):
    """A Smooth Streaming output."""

    encryption: MssEncryption | None = None
    """Digital rights management."""
    delay_segment: Annotated[int, Field(ge=1, le=10, json_schema_extra={"format": "int32"})] | None = None
    """Playback delay in seconds."""


class Endpoint(SpecPart):
    """A group of outputs. One group is what the service's own samples use."""

    hls_package: Annotated[list[HlsPackage], Field(max_length=8)] | None = None
    """HLS outputs."""
    dash_package: Annotated[list[DashPackage], Field(max_length=8)] | None = None
    """DASH outputs."""
    mss_package: Annotated[list[MssPackage], Field(max_length=8)] | None = None
    """Smooth Streaming outputs."""
