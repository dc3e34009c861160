"""What the service refuses about a channel besides its shape: rules between fields, quotas, uniqueness. Pure.

Called by channels before it writes. Each rule is documented (behaviour notes 6; field texts of the contract).
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from medialive_operator.simulator.messages import JsonObject
from medialive_operator.simulator.options import Options
from medialive_operator.simulator.refusals import EXISTS, Refusal, invalid
from medialive_operator.simulator.store import ChannelRecord

PACKAGES = ("hls_package", "dash_package", "mss_package")
_DRM_SYSTEMS = {
    "hls_package": {"FairPlay"},
    "dash_package": {"Widevine", "PlayReady"},
    "mss_package": {"PlayReady"},
}
_PUSHES = {"RTMP_PUSH", "SRT_PUSH"}


def packages(channel: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Each package of a channel with the name of its list."""
    for group in channel.get("endpoints") or []:
        for kind in PACKAGES:
            for package in group.get(kind) or []:
                yield kind, package


def check_fields(channel: JsonObject, options: Options) -> None:
    """Raises Refusal when fields of the channel do not fit each other."""
    if options.cross_field_rules == "ignore":
        return
    broken = [*_broken_inputs(channel["input"]), *_broken_audio(channel)]
    for kind, package in packages(channel):
        broken += _broken_package(kind, package)
    if broken:
        raise invalid("; ".join(broken[:3]))


def check_urls(channel: JsonObject, others: Iterable[ChannelRecord]) -> None:
    """Raises Refusal when a playback URL is used twice, here or by any channel of any project."""
    urls = Counter(_address(package["url"]) for _, package in packages(channel) if "url" in package)
    used = {_address(package["url"]) for other in others for _, package in packages(other.wire) if "url" in package}
    for url, count in urls.items():
        if count > 1 or url in used:
            raise invalid(f"output url {url} is exist")


def check_new(channel: JsonObject, project: Iterable[ChannelRecord], options: Options) -> None:
    """Raises Refusal when a channel of the project is in the way of a new one."""
    for other in project:
        same_key = all(other.wire[part] == channel[part] for part in ("domain", "app_name", "id"))
        if same_key or (options.channel_id_scope == "project" and other.wire["id"] == channel["id"]):
            raise Refusal(EXISTS, "The resource already exists")
        if options.mixed_push_domains == "refuse":
            _check_domain(channel, other.wire)


def check_quota(owned: int, options: Options) -> None:
    """Raises Refusal when an account has all the channels it may have."""
    if owned >= options.channel_quota:
        raise Refusal(options.quota_code, f"the account has {owned} channels, the most it may have")


def _check_domain(channel: JsonObject, other: JsonObject) -> None:
    protocols = {channel["input"]["input_protocol"], other["input"]["input_protocol"]}
    if channel["domain"] == other["domain"] and protocols == _PUSHES:
        raise invalid(f"domain {channel['domain']} cannot host RTMP_PUSH and SRT_PUSH channels together")


def _address(url: str) -> str:
    return url.partition("://")[2] or url


def _broken_inputs(entry: JsonObject) -> Iterator[str]:
    sources, backups = entry.get("sources") or [], entry.get("secondary_sources") or []
    if entry["input_protocol"] not in _PUSHES:
        if not sources or not all(source.get("url") for source in sources):
            yield f"input.sources: {entry['input_protocol']} needs sources with a url"
        if backups and len(backups) != len(sources):
            yield "input.secondary_sources: there must be as many as sources"
    if "scte35_source" in entry and entry["input_protocol"] != "HLS_PULL":
        yield "input.scte35_source: only HLS_PULL has one"


def _broken_audio(channel: JsonObject) -> Iterator[str]:
    expand = channel.get("encoder_settings_expand") or {}
    for where, items in (
        ("input.audio_selectors", channel["input"].get("audio_selectors")),
        ("encoder_settings_expand.audio_descriptions", expand.get("audio_descriptions")),
    ):
        names = [item["name"] for item in items or []]
        if len(set(names)) < len(names):
            yield f"{where}: names must be unique"


def _broken_package(kind: str, package: JsonObject) -> Iterator[str]:
    encryption = package.get("encryption")
    if encryption:
        yield from _broken_encryption(f"{kind}.encryption", encryption, _DRM_SYSTEMS[kind])
    selection = package.get("manifest_selection") or {}
    low, high = selection.get("min_video_bandwidth"), selection.get("max_video_bandwidth")
    if low is not None and high is not None and low >= high:
        yield f"{kind}.manifest_selection: min_video_bandwidth must be below max_video_bandwidth"


def _broken_encryption(where: str, encryption: JsonObject, systems: set[str]) -> Iterator[str]:
    if not set(encryption["system_ids"]) <= systems:
        yield f"{where}.system_ids: only {', '.join(sorted(systems))}"
    if encryption["request_mode"] == "functiongraph_proxy" and "urn" not in encryption:
        yield f"{where}.urn: needed with functiongraph_proxy"
    if encryption["request_mode"] != "direct_http" and encryption.get("http_headers"):
        yield f"{where}.http_headers: only with direct_http"
