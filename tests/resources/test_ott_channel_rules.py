"""Every rule of the OttChannel CRD, asked of a real API server: one object it takes, one it refuses, and its words."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from medialive_operator.contract.sections import IMMUTABLE_FIELDS
from medialive_operator.resources.ott_channels import OTT_CHANNEL
from tests.resources.api import Objects, merged
from tests.resources.manifests import encryption, smallest, with_package
from tests.resources.schemas import messages

pytestmark = pytest.mark.cluster

Json = dict[str, Any]


@dataclass(frozen=True)
class Rule:
    """A rule by the beginning of its message; `refused` and `accepted` are merge patches of the spec `base`."""

    says: str
    refused: Json
    accepted: Json
    base: Json = field(default_factory=smallest)

    def __str__(self) -> str:
        return f"{self.says[:50]} {self.base.get('input', {}).get('inputProtocol', '')}"


def _input(**members: Any) -> Json:
    return {"input": members}


def _sources(*sources: Json, **members: Any) -> Json:
    return {"input": {"sources": list(sources), **members}}


_URL = "srt://198.51.100.20:9000"
_FLV = smallest("FLV_PULL")
_RTMP = smallest("RTMP_PUSH")
_SRT_PUSH = smallest("SRT_PUSH")
_ONE = {"url": _URL, "bitrate": 1}
_FLV_ONE = {"url": "http://198.51.100.10/a.flv", "bitrate": 1}
_REF = {"name": "a", "key": "b"}
_FLOW = {"name": "studio-a", "output": "to-ott"}
_PUSH_ADDRESS = "the service makes the address of a push input: remove url, flowRef and backupUrls; read the address"
_PULL_ADDRESS = "a pull protocol needs exactly one of url and flowRef in each source"
_WHITELIST = "ipWhitelist is a list of CIDRs separated by commas, such as 192.0.2.0/24,198.51.100.7/32"
_SELECTOR = "set exactly one of audioLanguageSelection, audioPidSelection and audioHlsSelection"
_NAMED_SELECTOR = "audioSelectorName must be the name of an entry of input.audioSelectors"
_URL_NEEDED = "each package needs url, the playback address, unless mode is ONLY_OS"
_ORIGIN_ACCESS = "enableAccess and ipWhitelist of a package are for mode ONLY_OS only: remove them"
_URL_ONCE = "a playback url may be used once: give each package its own"
_BITRATE = "without a template in encoderSettings each source needs bitrate, in bit/s"
_INTERVAL = "interval is between 1m and 24h, such as 5m or 1h30m"
_HEADERS = [{"key": "Authorization", "valueSecretRef": _REF}]


def _package(url: str | None, **members: Any) -> Json:
    return {"segmentDurationSeconds": 4, **({"url": url} if url else {}), **members}


def _endpoints(**packages: list[Json]) -> Json:
    return {"endpoints": [packages]}


def _selectors(**settings: Json) -> Json:
    return _input(audioSelectors=[{"name": "a", "selectorSettings": settings}])


def _described(selector: str) -> Json:
    return {
        "input": {"audioSelectors": [{"name": "english"}]},
        "encoderSettingsExpand": {"audioDescriptions": [{"name": "a", "audioSelectorName": selector}]},
    }


def _encrypted(**members: Any) -> Json:
    return with_package(encryption=encryption("FairPlay", **members))


def _interval(text: str) -> Json:
    return {"statistics": {"scte35": {"enabled": True, "interval": text}}}


RULES = (
    Rule("input is required, unless managementPolicy is Observe",
         {"input": None}, {"input": None, "managementPolicy": "Observe"}),
    Rule("recordSettings is required, unless managementPolicy is Observe; rollingbufferDuration: 0 records nothing",
         {"recordSettings": None}, {"recordSettings": None, "managementPolicy": "Observe"}),
    Rule("a pull protocol needs at least one entry in sources", _sources(), _sources(_ONE)),
    Rule("a pull protocol needs at least one entry in sources", _input(sources=None), {}, _FLV),
    Rule(_PULL_ADDRESS, _sources({"bitrate": 1}), _sources(_ONE)),
    Rule(_PULL_ADDRESS, _sources({**_ONE, "flowRef": _FLOW}), _sources({"bitrate": 1, "flowRef": _FLOW})),
    Rule(_PULL_ADDRESS, _sources(_ONE, secondarySources=[{"bitrate": 1}]), _sources(_ONE, secondarySources=[_ONE])),
    Rule(_PUSH_ADDRESS, _sources({"url": "rtmp://a", "bitrate": 1}), _sources({"bitrate": 1}), _RTMP),
    Rule(_PUSH_ADDRESS, _sources({"bitrate": 1, "backupUrls": [_URL]}), _sources({"bitrate": 1}), _SRT_PUSH),
    Rule(_PUSH_ADDRESS, _sources({"bitrate": 1}, secondarySources=[_ONE]),
         _sources({"bitrate": 1}, secondarySources=[{"bitrate": 1}]), _SRT_PUSH),
    Rule("flowRef follows an SRT listener, which only SRT_PULL can pull from: use url instead",
         _sources({"bitrate": 1, "flowRef": _FLOW}), _sources(_FLV_ONE), _FLV),
    Rule("passphraseSecretRef and pbkeylen are for SRT_PULL and SRT_PUSH only: remove them",
         _sources({**_FLV_ONE, "passphraseSecretRef": _REF}), _sources(_FLV_ONE), _FLV),
    Rule("passphraseSecretRef and pbkeylen are for SRT_PULL and SRT_PUSH only: remove them",
         _sources({"bitrate": 1, "pbkeylen": 16}), _sources({"bitrate": 1}), _RTMP),
    Rule("streamId and latency are for SRT_PULL only: remove them",
         _sources({"bitrate": 1, "latency": 200}), _sources({"bitrate": 1}), _SRT_PUSH),
    Rule("streamId and latency are for SRT_PULL only: remove them",
         _sources({**_FLV_ONE, "streamId": "a"}), _sources(_FLV_ONE), _FLV),
    Rule("RTMP_PUSH has no backup sources: remove secondarySources",
         _sources({"bitrate": 1}, secondarySources=[{"bitrate": 1}]), _sources({"bitrate": 1}), _RTMP),
    Rule("secondarySources must have as many entries as sources: each backup stands in for one primary",
         _sources(_ONE, secondarySources=[_ONE, _ONE]), _sources(_ONE, _ONE, secondarySources=[_ONE, _ONE])),
    Rule("remove maxBandwidthLimit: only HLS_PULL has it", _input(maxBandwidthLimit=1), {}, _FLV),
    Rule("remove scte35Source: only HLS_PULL has it", _input(scte35Source="SEGMENTS"), {}, _SRT_PUSH),
    Rule("remove ipPortMode and ipWhitelist: only SRT_PUSH has them", _input(ipPortMode=True), {}),
    Rule("remove ipPortMode and ipWhitelist: only SRT_PUSH has them", _input(ipWhitelist="192.0.2.0/24"), {}, _RTMP),
    Rule(_WHITELIST, _input(ipWhitelist="192.0.2.0/33"), _input(ipWhitelist="192.0.2.0/24, 2001:db8::1"), _SRT_PUSH),
    Rule(_WHITELIST, _input(ipWhitelist="192.0.2.0/24;192.0.3.0/24"), _input(ipWhitelist="192.0.2.7"), _SRT_PUSH),
    Rule(_SELECTOR, _selectors(), _selectors(audioPidSelection={"pid": 0})),
    Rule(_SELECTOR, _selectors(audioPidSelection={"pid": 0}, audioLanguageSelection={"languageCode": "en"}),
         _selectors(audioLanguageSelection={"languageCode": "en"})),
    Rule(_NAMED_SELECTOR, _described("spanish"), _described("english")),
    Rule("originRegion is for mode ONLY_OS only: remove it, or set mode to ONLY_OS",
         {"originRegion": "ap-southeast-3"}, {"originRegion": "ap-southeast-3", "mode": "ONLY_OS"}),
    Rule(_URL_NEEDED, _endpoints(mssPackage=[_package(None)]),
         {"mode": "ONLY_OS", **_endpoints(mssPackage=[_package(None)])}),
    Rule(_ORIGIN_ACCESS, _endpoints(dashPackage=[_package("a", enableAccess=True)]),
         {"mode": "ONLY_OS", **_endpoints(dashPackage=[_package("a", enableAccess=True)])}),
    Rule(_ORIGIN_ACCESS, _endpoints(hlsPackage=[_package("a", ipWhitelist="192.0.2.1")]),
         {"mode": "ONLY_OS", **_endpoints(hlsPackage=[_package("a", ipWhitelist="192.0.2.1")])}),
    Rule(_URL_ONCE, _endpoints(hlsPackage=[_package("a"), _package("a")]),
         _endpoints(hlsPackage=[_package("a"), _package("b")])),
    Rule(_URL_ONCE, _endpoints(hlsPackage=[_package("a")], mssPackage=[_package("a")]),
         _endpoints(hlsPackage=[_package("a")], mssPackage=[_package("b")])),
    Rule(_URL_ONCE, {"endpoints": [{"hlsPackage": [_package("a")]}, {"dashPackage": [_package("a")]}]},
         {"endpoints": [{"hlsPackage": [_package("a")]}, {"dashPackage": [_package("b")]}]}),
    Rule("a template may be used once", {"encoderSettings": [{"templateId": "a"}, {"templateId": "a"}]},
         {"encoderSettings": [{"templateId": "a"}, {"templateId": "b"}]}),
    Rule(_BITRATE, _sources({"url": _URL}), {**_sources({"url": _URL}), "encoderSettings": [{"templateId": "a"}]}),
    Rule(_BITRATE, {**_sources({}), "encoderSettings": []}, _sources({"bitrate": 1}), _RTMP),
    Rule("requestMode functiongraph_proxy needs urn, the URN of the function",
         _encrypted(requestMode="functiongraph_proxy"), _encrypted(requestMode="functiongraph_proxy", urn="urn:a")),
    Rule("httpHeaders are for requestMode direct_http only: remove them, or set requestMode to direct_http",
         _encrypted(requestMode="functiongraph_proxy", urn="urn:a", httpHeaders=_HEADERS),
         _encrypted(httpHeaders=_HEADERS)),
    Rule("minBandwidth must not be above maxBandwidth",
         with_package(streamSelection=[{"minBandwidth": 2, "maxBandwidth": 1}]),
         with_package(streamSelection=[{"minBandwidth": 2, "maxBandwidth": 2}])),
    Rule("minVideoBandwidth must be below maxVideoBandwidth",
         with_package(manifestSelection={"minVideoBandwidth": 2, "maxVideoBandwidth": 2}),
         with_package(manifestSelection={"minVideoBandwidth": 1, "maxVideoBandwidth": 2})),
    Rule(_INTERVAL, _interval("30s"), _interval("1m")),
    Rule(_INTERVAL, _interval(""), _interval("1h30m")),
    Rule(_INTERVAL, _interval("25h"), _interval("24h")),
)  # fmt: skip


@dataclass(frozen=True)
class Fixed:
    """A member that cannot be changed: from one value to another, to unset, or from unset."""

    says: str
    before: Json
    after: Json
    harmless: Json
    base: Json = field(default_factory=smallest)

    def __str__(self) -> str:
        return f"{self.says[:20]} {self.before} to {self.after}"


_REMEDY = "Create a new OttChannel"
_ID = "channelId (unset: the object's name) cannot be changed: it is part of the channel's identity in the cloud. "
_OS = {"mode": "ONLY_OS", "originRegion": "ap-southeast-1"}
_OTHER = {"name": "Another name"}
FIXED = (
    Fixed("domain cannot be changed", {"domain": "a.example.com"}, {"domain": "b.example.com"}, _OTHER),
    Fixed("appName cannot be changed", {"appName": "live"}, {"appName": "ott"}, _OTHER),
    Fixed(_ID, {"channelId": "ab"}, {"channelId": "cd"}, _OTHER),
    Fixed(_ID, {"channelId": "ab"}, {"channelId": None}, _OTHER),
    Fixed(_ID, {}, {"channelId": "ab"}, _OTHER),
    Fixed("mode cannot be changed (unset is ADD_CDN)", {"mode": "ADD_CDN"}, {"mode": "ONLY_OS"}, {"mode": None}),
    Fixed("mode cannot be changed (unset is ADD_CDN)", {"mode": "ONLY_OS"}, {"mode": None}, _OTHER),
    Fixed("mode cannot be changed (unset is ADD_CDN)", {}, {"mode": "ONLY_OS"}, {"mode": "ADD_CDN"}),
    Fixed("originRegion cannot be changed", _OS, {"originRegion": "ap-southeast-3"}, _OTHER),
    Fixed("originRegion cannot be changed", _OS, {"originRegion": None}, _OTHER),
    Fixed("originRegion cannot be changed", {"mode": "ONLY_OS"}, _OS, _OTHER),
    Fixed("inputProtocol cannot be changed", {}, {"input": smallest("HLS_PULL")["input"]}, _sources(_ONE, _ONE)),
)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_rule_takes_what_fits_and_refuses_what_does_not(channels: Objects, rule: Rule) -> None:
    """The API server takes the accepted object, refuses the other one, and says why in the rule's words."""
    channels.create(channels.manifest(merged(rule.base, rule.accepted)))

    assert rule.says in channels.refusal(merged(rule.base, rule.refused))


@pytest.mark.parametrize("fixed", FIXED, ids=str)
def test_what_cannot_be_changed_is_refused_with_what_to_do(channels: Objects, fixed: Fixed) -> None:
    """A change of a fixed member is refused with the remedy; another change of the same object is taken."""
    stored = channels.create(channels.manifest(merged(fixed.base, fixed.before)))

    refusal = channels.refusal_to_change(stored, merged(stored["spec"], fixed.after))
    changed = channels.change(stored, merged(stored["spec"], fixed.harmless))

    assert fixed.says in refusal
    assert _REMEDY in refusal
    assert changed["metadata"]["generation"] == 2


def test_the_object_s_name_may_be_written_out_as_channel_id(channels: Objects) -> None:
    """Setting channelId to what it was by default changes nothing, and is taken."""
    stored = channels.create(channels.manifest(smallest(), "news-1"))

    named = channels.change(stored, {**stored["spec"], "channelId": "news-1"})
    unnamed = channels.change(named, stored["spec"])

    assert "channelId" not in unnamed["spec"]


def test_a_name_of_one_character_is_no_channel_id(channels: Objects) -> None:
    """An object named `a` needs a channelId; with one it is taken."""
    says = "the object's name is the channel id, which needs 2 characters: set spec.channelId"

    assert says in channels.refusal(smallest(), "a")
    channels.create(channels.manifest({**smallest(), "channelId": "aa"}, "a"))


def test_a_channel_that_exists_stays_in_its_region(channels: Objects) -> None:
    """The region can be corrected until the channel exists, and not any more then."""
    stored = channels.create(channels.manifest({**smallest(), "region": "ap-southeast-33"}))
    corrected = channels.change(stored, {**stored["spec"], "region": "ap-southeast-3"})
    made = channels.report(
        corrected, {"endpointRef": {"endpoint": "https://live.ap-southeast-3.example.com", "projectId": "0"}}
    )

    refusal = channels.refusal_to_change(made, {**made["spec"], "region": "ap-southeast-1"})

    assert "region cannot be changed once the channel exists: it would be left behind. " + _REMEDY in refusal
    channels.change(made, {**made["spec"], "name": "News"})


def test_every_rule_of_the_crd_is_asked_above() -> None:
    """No rule is in the CRD without a refused and an accepted object in this module."""
    asked = {rule.says for rule in RULES} | {fixed.says for fixed in FIXED}
    elsewhere = {"the object's name is the channel id", "region cannot be changed once"}

    unasked = [text for text in messages(OTT_CHANNEL) if not any(says in text for says in asked | elsewhere)]

    assert unasked == []


def test_every_immutable_field_of_the_contract_is_asked_above() -> None:
    """What no call can change is exactly what the CRD fixes."""
    renamed = {"id": "channelId", "region": "originRegion", "app_name": "appName"}
    fixed = {renamed.get(path, path) for path in IMMUTABLE_FIELDS} - {"input.input_protocol"} | {"inputProtocol"}

    assert {rule.says.split()[0] for rule in FIXED} == fixed
