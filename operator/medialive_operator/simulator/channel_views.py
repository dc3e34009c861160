"""How the service shows a channel: defaults filled in, nulls, secrets as the options say. Pure.

Used by lists of channels. What is stored stays as it is (behaviour notes 6.2, "Defaults appear on read").
"""

from collections.abc import Callable, Mapping
from typing import Any

from medialive_operator.simulator.channel_rules import packages
from medialive_operator.simulator.contract import Contract
from medialive_operator.simulator.messages import JsonObject
from medialive_operator.simulator.options import Options

MASKED = "**********"  # as long as the shortest passphrase


def shown_channel(wire: JsonObject, options: Options, contract: Contract) -> JsonObject:
    """The channel as a query answers it."""
    views: Mapping[str, Callable[[], JsonObject]] = {
        "filled": lambda: _filled(_copied(wire)),
        "null": lambda: with_nulls(wire, "OttChannel", contract),
        "missing": lambda: _copied(wire),
    }
    shown: JsonObject = with_passphrases(views[options.optional_fields](), options.passphrase_on_read)
    return shown


def with_passphrases(value: Any, how: str) -> Any:
    """A copy with each passphrase in clear (`echo`), masked, or left out (`omit`)."""
    if isinstance(value, list):
        return [with_passphrases(item, how) for item in value]
    if not isinstance(value, dict):
        return value
    shown = {name: with_passphrases(item, how) for name, item in value.items()}
    if shown.get("passphrase") is not None and how != "echo":
        del shown["passphrase"]
        if how == "mask":
            shown["passphrase"] = MASKED
    return shown


def with_nulls(value: Any, schema: str, contract: Contract) -> JsonObject:
    """A copy with an explicit null for each field of the contract that is unset, at every depth."""
    shown: JsonObject = {}
    for name, field in contract.properties(schema).items():
        inner = _schema_name(field)
        content = value.get(name)
        if inner is None or content is None:
            shown[name] = content
        elif isinstance(content, list):
            shown[name] = [with_nulls(item, inner, contract) for item in content]
        else:
            shown[name] = with_nulls(content, inner, contract)
    return shown


def _schema_name(field: JsonObject) -> str | None:
    reference = field.get("$ref") or field.get("items", {}).get("$ref")
    return reference.rpartition("/")[2] if reference else None


def _filled(channel: JsonObject) -> JsonObject:
    channel.setdefault("name", "")
    channel.setdefault("mode", "ADD_CDN")
    channel.setdefault("encoder_settings", [])
    channel.setdefault("endpoints", [])
    _fill_input(channel["input"])
    expand = channel.get("encoder_settings_expand") or {}
    for audio in expand.get("audio_descriptions") or []:
        audio.setdefault("language_code_control", "FOLLOW_INPUT")
    for kind, package in packages(channel):
        _fill_package(kind, package)
    return channel


def _fill_input(entry: JsonObject) -> None:
    entry.setdefault("secondary_sources", [])
    entry.setdefault("max_bandwidth_limit", 0)
    entry.setdefault("ip_port_mode", False)
    conditions = entry.setdefault("failover_conditions", {})
    conditions.setdefault("input_loss_threshold_msec", 2000)
    conditions.setdefault("input_preference", "EQUAL")
    for source in entry.get("sources") or []:
        source.setdefault("enable_snapshot", False)
        _fill_source(source)
    for source in entry["secondary_sources"] or []:
        _fill_source(source)


def _fill_source(source: JsonObject) -> None:
    source.setdefault("bitrate_for3u8", False)
    for size in ("bitrate", "width", "height"):
        source.setdefault(size, 0)


def _fill_package(kind: str, package: JsonObject) -> None:
    for name in ("enable_access", "allow_all_ip_access"):
        package.setdefault(name, False)
    package.setdefault("manifest_name", "index")
    package.setdefault("playlist_window_seconds", 0)
    if kind == "hls_package":
        package.setdefault("hls_version", "v3")
    if kind == "mss_package":
        package.setdefault("delay_segment", 0)  # cannot be sent, and is what an unset delay reads as
    arguments = package.get("request_args")
    if arguments is not None:
        for name in ("record", "timeshift", "live"):
            arguments.setdefault(name, None)
    encryption = package.get("encryption")
    if encryption is not None:
        encryption.setdefault("level", "content")
        encryption.setdefault("encryption_method", "SAMPLE-AES")
        encryption.setdefault("key_rotation_interval_seconds", 0)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(item) for name, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value
