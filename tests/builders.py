"""Manifests for tests: the smallest that are accepted, with what matters to the test changed."""

from typing import Any

Manifest = dict[str, Any]


def channel(object_name: str = "news", /, **spec: Any) -> Manifest:
    """A running SRT_PULL channel with one HLS output; members of the spec may be replaced."""
    base: Manifest = {
        "domain": "srt.example.com",
        "appName": "live",
        "name": "News",
        "input": {"inputProtocol": "SRT_PULL", "sources": [{"url": "srt://198.51.100.20:9000", "bitrate": 6000000}]},
        "recordSettings": {"rollingbufferDuration": 0},
        "endpoints": [hls(f"play.example.com/live/{object_name}/index.m3u8")],
    }
    return {
        "apiVersion": "medialive.huaweicloud.com/v1alpha1",
        "kind": "OttChannel",
        "metadata": {"name": object_name},
        "spec": {**base, **spec},
    }


def hls(url: str, seconds: int = 4) -> Manifest:
    """A group of endpoints with one HLS package."""
    return {"hlsPackage": [{"url": url, "segmentDurationSeconds": seconds}]}


def flow(object_name: str = "studio", /, **spec: Any) -> Manifest:
    """A running flow with one listener source and one listener output; members of the spec may be replaced."""
    base: Manifest = {
        "sources": [{"name": "main", "protocol": "srt-listener"}],
        "outputs": [listener("out")],
    }
    return {
        "apiVersion": "medialive.huaweicloud.com/v1alpha1",
        "kind": "StreamConnectFlow",
        "metadata": {"name": object_name},
        "spec": {**base, **spec},
    }


def listener(name: str, **members: Any) -> Manifest:
    """A source or output that waits for others to connect."""
    return {"name": name, "protocol": "srt-listener", **members}


def caller(name: str, port: int = 9000, **members: Any) -> Manifest:
    """An output that the service pushes."""
    return {"name": name, "protocol": "srt-caller", "destination": "203.0.113.7", "port": port, **members}


def secret(name: str, **values: str) -> Manifest:
    """A Secret with these values."""
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": values}
