"""Addresses that the service makes: where encoders push to. Pure.

Used by channels after a create and after each PUT of inputs or templates, and by flows for their listeners.
All addresses are of the ranges reserved for documentation: nothing listens there.
"""

import hashlib

from medialive_operator.simulator.messages import JsonObject
from medialive_operator.simulator.options import Options
from medialive_operator.simulator.store import ChannelKey

_FIRST_PORT = 20_000
_PORTS = 40_000


def with_push_urls(channel: JsonObject, options: Options) -> JsonObject:
    """The channel with the URLs of its push sources; what the caller sent there is overwritten."""
    entry = channel["input"]
    made = {"RTMP_PUSH": _rtmp_url, "SRT_PUSH": _srt_url}.get(entry["input_protocol"])
    if made is None:
        return channel
    key = ChannelKey(channel["domain"], channel["app_name"], channel["id"])
    suffix = _templates_suffix(channel) if options.push_urls_follow_templates else ""
    sources = [
        {**source, "url": made(key, f"{_stream(source, position)}{suffix}")}
        for position, source in enumerate(entry.get("sources") or [{}])
    ]
    backups = [
        {**source, "url": made(key, f"{_stream(source, position)}_backup{suffix}")}
        for position, source in enumerate(entry.get("secondary_sources") or [])
    ]
    return {**channel, "input": {**entry, "sources": sources} | ({"secondary_sources": backups} if backups else {})}


def listener_address(number: int) -> tuple[str, int]:
    """Host and port of an SRT listener of a flow, by the number of its creation."""
    return f"203.0.113.{number % 250 + 1}", _FIRST_PORT + number % _PORTS


def _rtmp_url(key: ChannelKey, stream: str) -> str:
    return f"rtmp://{key.domain}/{key.app_name}/{key.id}{stream}?request_source=ott&channel_id={key.id}"


def _srt_url(key: ChannelKey, stream: str) -> str:
    return f"srt://{key.domain}:9001?streamid=#!::h={key.domain},r={key.app_name}/{key.id}{stream},m=publish"


def _stream(source: JsonObject, position: int) -> str:
    bitrate = f"_{source['bitrate']}" if source.get("bitrate") else ""
    return f"{bitrate}_{position}" if position else bitrate


def _templates_suffix(channel: JsonObject) -> str:
    names = ",".join(str(template.get("template_id")) for template in channel.get("encoder_settings") or [])
    return f"_{hashlib.sha256(names.encode()).hexdigest()[:6]}"
