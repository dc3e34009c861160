"""Specs for the tests: the smallest that is accepted, and a few that together use every field."""

from typing import Any

Spec = dict[str, Any]

_SOURCES: dict[str, list[Spec]] = {
    "FLV_PULL": [{"url": "http://198.51.100.10/live/a.flv", "bitrate": 4000000}],
    "HLS_PULL": [{"url": "https://origin.example.net/a.m3u8", "bitrate": 4000000}],
    "SRT_PULL": [{"url": "srt://198.51.100.20:9000", "bitrate": 4000000}],
}


def smallest(protocol: str = "SRT_PULL") -> Spec:
    """Nothing but what is required."""
    taken: Spec = {"inputProtocol": protocol}
    if protocol in _SOURCES:
        taken["sources"] = _SOURCES[protocol]
    return {
        "domain": "push.example.com",
        "appName": "live",
        "input": taken,
        "recordSettings": {"rollingbufferDuration": 0},
    }


def with_package(kind: str = "hlsPackage", **members: Any) -> Spec:
    """The smallest spec with one output, whose members can be given."""
    package = {"url": "play.example.com/live/a/index", "segmentDurationSeconds": 4, **members}
    return {**smallest(), "endpoints": [{kind: [package]}]}


def encryption(system: str, **members: Any) -> Spec:
    """Encryption of an output."""
    return {
        "resourceId": "a",
        "systemIds": [system],
        "url": "https://keys.example.com",
        "spekeVersion": "1.0",
        "requestMode": "direct_http",
        **members,
    }


_REF = {"name": "a-secret", "key": "a-key"}
_ARGUMENTS = {
    "record": [{"startTime": "begin", "endTime": "end", "format": "timestamp", "unit": "second"}],
    "timeshift": [{"backTime": "delay", "unit": "second"}],
    "live": [{"delay": "delay", "unit": "second"}],
}


def _output(path: str) -> Spec:
    """Everything that outputs of all kinds have, for a channel in mode ONLY_OS."""
    return {
        "url": f"play.example.com/{path}",
        "slaveUrl": f"slave.example.com/{path}",
        "segmentDurationSeconds": 4,
        "playlistWindowSeconds": 60,
        "manifestName": "index",
        "manifestSelection": {
            "streamOrder": "VIDEO_BITRATE_ASCENDING",
            "minVideoBandwidth": 100000,
            "maxVideoBandwidth": 8000000,
        },
        "streamSelection": [{"key": "low", "minBandwidth": 0, "maxBandwidth": 2000000}],
        "requestArgs": _ARGUMENTS,
        "enableAccess": True,
        "allowAllIpAccess": False,
        "ipWhitelist": "198.51.100.0/24",
        "cdnIdentifierHeader": {"key": "X-Cdn", "valueSecretRef": _REF},
        "originDomainMaster": "master.origin.example.com",
        "originDomainSlave": "slave.origin.example.com",
    }


def _outputs(**reached: Any) -> list[Spec]:
    """An output of each kind with all its members; `reached` says how the key server is reached."""
    return [
        {
            "hlsPackage": [
                {
                    **_output("a.m3u8"),
                    "hlsVersion": "v3",
                    "adMarker": ["ENHANCED_SCTE35"],
                    "encryption": encryption("FairPlay", level="profile", **reached),
                }
            ],
            "dashPackage": [
                {
                    **_output("a.mpd"),
                    "adMarker": "xml+bin",
                    "suggestedPresentationDelay": 120,
                    "minimumUpdatePeriod": 1,
                    "minBufferTime": 8,
                    "encryption": encryption("Widevine", level="content", **reached),
                }
            ],
            "mssPackage": [
                {
                    **_output("a/manifest"),
                    "delaySegment": 10,
                    "encryption": encryption("PlayReady", level="content", **reached),
                }
            ],
        }
    ]


_PULLED = {
    "url": "srt://198.51.100.20:9000",
    "bitrate": 4000000,
    "width": 1920,
    "height": 1080,
    "bitrateFor3u8": True,
    "passphraseSecretRef": _REF,
    "pbkeylen": 24,
    "backupUrls": ["srt://198.51.100.21:9000"],
    "streamId": "a",
    "latency": 2000,
}
_FOLLOWED = {"flowRef": {"name": "studio-a", "output": "to-ott"}, "latency": 200}

FULL_SRT_PULL: Spec = {
    "credentialsRef": {"name": "huawei-cloud"},
    "region": "ap-southeast-3",
    "domain": "push.example.com",
    "appName": "live",
    "channelId": "news-1",
    "name": "News 1",
    "desiredState": "Stopped",
    "mode": "ONLY_OS",
    "originRegion": "ap-southeast-3",
    "input": {
        "inputProtocol": "SRT_PULL",
        "sources": [{**_PULLED, "enableSnapshot": True}, _FOLLOWED],
        "secondarySources": [_PULLED, _FOLLOWED],
        "failoverConditions": {"inputLossThresholdMsec": 4000, "inputPreference": "PRIMARY"},
        "adTriggers": ["Splice insert", "Distributor placement opportunity"],
        "audioSelectors": [
            {
                "name": "by-language",
                "selectorSettings": {
                    "audioLanguageSelection": {"languageCode": "eng", "languageSelectionPolicy": "STRICT"}
                },
            },
            {"name": "by-pid", "selectorSettings": {"audioPidSelection": {"pid": 0}}},
            {
                "name": "by-rendition",
                "selectorSettings": {"audioHlsSelection": {"name": "English", "groupId": "audio"}},
            },
        ],
    },
    "encoderSettings": [{"templateId": "tpl-1080"}, {"templateId": "tpl-720"}],
    "encoderSettingsExpand": {
        "audioDescriptions": [
            {
                "name": "english",
                "audioSelectorName": "by-language",
                "languageCodeControl": "USE_CONFIGURED",
                "languageCode": "eng",
                "streamName": "English",
            }
        ],
        "videoDescriptions": {"gopDurationSeconds": 10},
    },
    "recordSettings": {"rollingbufferDuration": 1209600},
    "endpoints": _outputs(httpHeaders=[{"key": "Authorization", "valueSecretRef": _REF}]),
    "statistics": {"scte35": {"enabled": True, "interval": "5m"}},
    "managementPolicy": "Manage",
    "adoptionPolicy": "IfExists",
    "deletionPolicy": "Retain",
    "driftPolicy": "Correct",
}

FULL_HLS_PULL: Spec = {
    **FULL_SRT_PULL,
    "input": {
        "inputProtocol": "HLS_PULL",
        "sources": [{"url": "https://origin.example.net/a.m3u8"}],
        "maxBandwidthLimit": 8000000,
        "scte35Source": "SEGMENTS",
        "audioSelectors": FULL_SRT_PULL["input"]["audioSelectors"],
    },
    "endpoints": _outputs(
        requestMode="functiongraph_proxy", urn="urn:fss:ap-southeast-3:0:function:default:speke:latest"
    ),
}

FULL_SRT_PUSH: Spec = {
    **FULL_SRT_PULL,
    "input": {
        "inputProtocol": "SRT_PUSH",
        "sources": [{"bitrate": 4000000, "passphraseSecretRef": _REF, "pbkeylen": 16}],
        "ipPortMode": True,
        "ipWhitelist": "192.168.0.1/16, 192.168.1.1/16,2001:db8::/32",
        "audioSelectors": FULL_SRT_PULL["input"]["audioSelectors"],
    },
}

# No protocol knows all fields; these together use every one of them.
FULL = {"SRT_PULL": FULL_SRT_PULL, "HLS_PULL": FULL_HLS_PULL, "SRT_PUSH": FULL_SRT_PUSH}
