"""Wire models of a channel's outputs. Source: contract, EndpointItem and what it contains."""

from pydantic import SecretStr

from medialive_operator.cloud.calls import JsonObject
from medialive_operator.cloud.wire import Wire


class HttpHeader(Wire):
    """A header with which somebody proves who he is."""

    key: str | None = None
    value: SecretStr | None = None


class Encryption(Wire):
    """DRM by SPEKE."""

    key_rotation_interval_seconds: int | None = None
    encryption_method: str | None = None
    level: str | None = None
    resource_id: str | None = None
    system_ids: list[str] | None = None
    url: str | None = None
    speke_version: str | None = None
    request_mode: str | None = None
    http_headers: list[HttpHeader] | None = None
    urn: str | None = None


class StreamSelection(Wire):
    """A bitrate filter in bit/s (StreamSelectionItem)."""

    key: str | None = None
    max_bandwidth: int | None = None
    min_bandwidth: int | None = None


class ManifestSelection(Wire):
    """Order of the streams in the manifest, and a filter in bit/s."""

    stream_order: str | None = None
    min_video_bandwidth: int | None = None
    max_video_bandwidth: int | None = None


class RecordRequestArgs(Wire):
    """Names of the arguments for catch-up."""

    start_time: str | None = None
    end_time: str | None = None
    format: str | None = None
    unit: str | None = None


class TimeshiftRequestArgs(Wire):
    """Names of the arguments for timeshift."""

    back_time: str | None = None
    unit: str | None = None


class LiveRequestArgs(Wire):
    """Names of the arguments for delayed live."""

    delay: str | None = None
    unit: str | None = None


class PackageRequestArgs(Wire):
    """Names of the playback arguments."""

    record: list[RecordRequestArgs] | None = None
    timeshift: list[TimeshiftRequestArgs] | None = None
    live: list[LiveRequestArgs] | None = None


class Package(Wire):
    """What all kinds of output have in common. Segments and windows are in seconds; `id` is made by the service."""

    id: str | None = None
    url: str | None = None
    stream_selection: list[StreamSelection] | None = None
    segment_duration_seconds: int | None = None
    playlist_window_seconds: int | None = None
    encryption: Encryption | None = None
    ext_args: JsonObject | None = None
    request_args: PackageRequestArgs | None = None
    enable_access: bool | None = None
    allow_all_ip_access: bool | None = None
    ip_whitelist: str | None = None
    cdn_identifier_header: HttpHeader | None = None
    origin_domain_master: str | None = None
    origin_domain_slave: str | None = None
    manifest_name: str | None = None
    slave_url: str | None = None
    manifest_selection: ManifestSelection | None = None


class HlsPackage(Package):
    """An HLS output (HlsPackageItem)."""

    hls_version: str | None = None
    ads: JsonObject | None = None
    ad_marker: list[str] | None = None


class DashPackage(Package):
    """A DASH output (DashPackageItem). Times are in seconds."""

    ads: JsonObject | None = None
    ad_marker: str | None = None
    suggested_presentation_delay: int | None = None
    minimum_update_period: int | None = None
    min_buffer_time: int | None = None


class MssPackage(Package):
    """A Smooth Streaming output (MssPackageItem). A delay of 0 is read when none is set, and must not be sent."""

    delay_segment: int | None = None


class Endpoint(Wire):
    """A group of outputs (EndpointItem); one group holds all, as far as is known."""

    hls_package: list[HlsPackage] | None = None
    dash_package: list[DashPackage] | None = None
    mss_package: list[MssPackage] | None = None
