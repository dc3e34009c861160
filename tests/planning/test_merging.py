"""Three-way comparison, case by case: what differs, and what a write would carry."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr

from medialive_operator.planning.merging import ABSENT, UNREADABLE, merge

SECRET = SecretStr("planted-secret-1")


@dataclass(frozen=True)
class Case:
    """Last applied, desired and observed value of one member, and what comes of it.

    `changes`: `path: before -> after`, with a `*` in front when the user made it.
    """

    claim: str
    name: str
    last: Any
    desired: Any
    observed: Any
    value: Any
    changes: list[str] = field(default_factory=list)


def pull(*sources: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"input_protocol": "SRT_PULL", "sources": list(sources), **more}


def hls(*packages: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return [{"hls_package": list(packages), **more}]


A, B, C = ({"url": f"srt://{name}"} for name in "abc")
PA, PB, PC = ({"url": f"play/{name}", "segment_duration_seconds": 4} for name in "abc")
MADE_A, MADE_B = {**PA, "id": "p1", "hls_version": "v3"}, {**PB, "id": "p2"}
DRM = {"resource_id": "news", "system_ids": ["FairPlay"], "url": "https://k", "request_mode": "direct_http"}
SHOWN_DRM = {**DRM, "level": "content", "encryption_method": "SAMPLE-AES", "key_rotation_interval_seconds": 0}

SAYING_THE_SAME = [
    Case("a default need not be shown", "name_", ABSENT, {"level": "content"}, {"level": None}, {"level": "content"}),
    Case("an empty text is nothing", "x", ABSENT, {"ip_whitelist": ""}, {}, {"ip_whitelist": ""}),
    Case("case of enumerations", "state", "ON", "ON", "on", "ON"),
    Case("numbers as text", "record_settings", ABSENT, {"rollingbuffer_duration": 3600},
         {"rollingbuffer_duration": "3600"}, {"rollingbuffer_duration": 3600}),
    Case("a text that reads as a number", "x", ABSENT, {"speke_version": "1.0"}, {"speke_version": 1.0},
         {"speke_version": "1.0"}),
    Case("truth as text", "x", ABSENT, {"ip_port_mode": True}, {"ip_port_mode": "true"}, {"ip_port_mode": True}),
    Case("order of a set", "ad_triggers", ABSENT, ["a", "b"], ["B", "A"], ["a", "b"]),
    Case("order of named items", "endpoints", ABSENT, hls(PA, PB), hls(MADE_B, MADE_A), hls(MADE_A, MADE_B)),
    Case("order of sources as read", "input", pull(A, B), pull(A, B), pull(B, A), pull(A, B)),
    Case("grouping of packages", "endpoints", ABSENT, hls(PA, dash_package=[PB]),
         [{"hls_package": [MADE_A]}, {"dash_package": [MADE_B]}], hls(MADE_A, dash_package=[MADE_B])),
    Case("grouping the other way", "endpoints", ABSENT, [*hls(PA), *hls(PB)], hls(MADE_A, MADE_B),
         [*hls(MADE_A), *hls(MADE_B)]),
    Case("what nobody set", "input", ABSENT, pull(A), pull({**A, "bitrate": 5}, ip_port_mode=False),
         pull({**A, "bitrate": 5}, ip_port_mode=False)),
    Case("the address to push to", "input", {"sources": [{"bitrate": 5}]}, {"sources": [{"bitrate": 5}]},
         {"sources": [{"bitrate": 5, "url": "rtmp://made/1"}]}, {"sources": [{"bitrate": 5, "url": "rtmp://made/1"}]}),
    Case("further addresses to push to", "input", {"sources": [{"bitrate": 5}]}, {"sources": [{"bitrate": 5}]},
         {"sources": [{"bitrate": 5, "url": "srt://made/1"}, {"url": "srt://made/2"}]},
         {"sources": [{"bitrate": 5, "url": "srt://made/1"}, {"url": "srt://made/2"}]}),
]  # fmt: skip

NEVER_SENT = [
    Case("nulls, empties and reserved fields", "endpoints", ABSENT, hls({**PA, "encryption": DRM}),
         hls({**MADE_A, "encryption": SHOWN_DRM, "slave_url": "", "request_args": {"live": None}, "bitrate": 0}),
         hls({**MADE_A, "encryption": {**DRM, "level": "content"}})),
    Case("the zero of an unset delay", "x", ABSENT, {"url": "u"}, {"url": "u", "delay_segment": 0}, {"url": "u"}),
    Case("the zero of an unset key length", "input", ABSENT, pull(A), pull({**A, "pbkeylen": 0}), pull(A)),
]  # fmt: skip

CARRIED = [
    Case("members that the contract does not know", "input", ABSENT, pull(A), pull({**A, "new": {"x": 1}}),
         pull({**A, "new": {"x": 1}})),
    Case("a block that the spec does not name", "encoder_settings_expand", ABSENT, ABSENT,
         {"video_descriptions": {"gop_duration_seconds": 2}}, {"video_descriptions": {"gop_duration_seconds": 2}}),
    Case("what a block of the user's was replaced by", "x", {"a": {"level": "profile"}}, {},
         {"a": {"level": "content"}}, {"a": {"level": "content"}}),
    Case("a default that the user had stated", "x", {"level": "content"}, {}, {"level": "content"},
         {"level": "content"}),
    Case("backups of which nothing of the user's is left", "input", {"secondary_sources": [{"bitrate": 5}]}, {},
         {"secondary_sources": [{"url": "srt://made/2", "bitrate": 0}]},
         {"secondary_sources": [{"url": "srt://made/2"}]}),
    Case("what somebody set where the user set nothing any more", "x", {"hls_version": "v3"}, {},
         {"hls_version": "v4"}, {"hls_version": "v4"}),
]  # fmt: skip

DIFFERENT = [
    Case("a value that the user changed", "x", {"gop": 1}, {"gop": 2}, {"gop": 1}, {"gop": 2}, ["*x.gop: 1 -> 2"]),
    Case("a value that the cloud changed", "x", {"gop": 1}, {"gop": 1}, {"gop": 2}, {"gop": 1}, ["x.gop: 2 -> 1"]),
    Case("a value that the user took away", "x", {"gop": 1}, {}, {"gop": 1}, {}, ["*x.gop: 1 -> (unset)"]),
    Case("a default that the user states", "x", {}, {"level": "content"}, {"level": "profile"}, {"level": "content"},
         ["*x.level: profile -> content"]),
    Case("true is not one", "x", {"a": True}, {"a": True}, {"a": 1}, {"a": True}, ["x.a: 1 -> true"]),
    Case("a name taken away", "name", "News", ABSENT, "News", ABSENT, ["*name: News -> (unset)"]),
    Case("a list taken away though it changed meanwhile", "encoder_settings", [{"template_id": "a"}], ABSENT,
         [{"template_id": "b"}], ABSENT, ["*encoderSettings: (set) -> (unset)"]),
    Case("a list of plain values taken away", "x", {"backup_urls": ["u"]}, {}, {"backup_urls": ["v"]}, {},
         ["*x.backupUrls: (set) -> (unset)"]),
    Case("a list that the user states for the first time", "endpoints", ABSENT, hls(PA), hls(MADE_A, MADE_B),
         hls(MADE_A), ["*endpoints[0].hlsPackage[play/b]: (present) -> (removed)"]),
    Case("a wish for none", "x", {}, {"backup_urls": []}, {"backup_urls": ["u"]}, {"backup_urls": []},
         ['*x.backupUrls: ["u"] -> []']),
    Case("encryption taken away with what the service made of it", "endpoints", hls({**PA, "encryption": DRM}),
         hls(PA), hls({**PA, "encryption": {**SHOWN_DRM, "url": "https://other"}}), hls(PA),
         ["*endpoints[0].hlsPackage[play/a].encryption: (set) -> (unset)"]),
    Case("a package more", "endpoints", hls(PA), hls(PA, PB), hls(MADE_A), hls(MADE_A, PB),
         ['*endpoints[0].hlsPackage[play/b]: (absent) -> {"url": "play/b", "segment_duration_seconds": 4}']),
    Case("a package less", "endpoints", hls(PA, PB), hls(PA), hls(MADE_A, MADE_B), hls(MADE_A),
         ["*endpoints[0].hlsPackage[play/b]: (present) -> (removed)"]),
    Case("a package that somebody added", "endpoints", hls(PA), hls(PA), hls(MADE_A, MADE_B), hls(MADE_A),
         ["endpoints[0].hlsPackage[play/b]: (present) -> (removed)"]),
    Case("a package with another URL keeps its id", "endpoints", hls(PA), hls(PC), hls(MADE_A), hls({**MADE_A, **PC}),
         ["*endpoints[0].hlsPackage[play/c].url: play/a -> play/c"]),
    Case("of several packages with other URLs none gets the id of another", "endpoints", hls(PA, PB),
         hls(PC, {**PC, "url": "play/d"}), hls(MADE_A, MADE_B), hls(PC, {**PC, "url": "play/d"}),
         ['*endpoints[0].hlsPackage[play/c]: (absent) -> {"url": "play/c", "segment_duration_seconds": 4}',
          '*endpoints[0].hlsPackage[play/d]: (absent) -> {"url": "play/d", "segment_duration_seconds": 4}',
          "*endpoints[0].hlsPackage[play/a]: (present) -> (removed)",
          "*endpoints[0].hlsPackage[play/b]: (present) -> (removed)"]),
    Case("sources in another order by the user", "input", pull(A, B), pull(B, A), pull(A, B), pull(B, A),
         ["*input.sources: (order) -> (another order)"]),
    Case("a source with another address", "input", pull(A, B), pull(A, C), pull({**A, "bitrate": 5}, B),
         pull({**A, "bitrate": 5}, C), ["*input.sources[srt://c].url: srt://b -> srt://c"]),
    Case("one of several addresses to push to is given up", "input", {"sources": [{"bitrate": 5}, {"bitrate": 6}]},
         {"sources": [{"bitrate": 5}]},
         {"sources": [{"bitrate": 5, "url": "srt://made/1"}, {"bitrate": 6, "url": "srt://made/2"}]},
         {"sources": [{"bitrate": 5, "url": "srt://made/1"}]},
         ["*input.sources[srt://made/2]: (present) -> (removed)"]),
    Case("what the user said of an address to push to", "input", {"sources": [{"bitrate": 5}]}, {},
         {"sources": [{"bitrate": 5, "url": "rtmp://made/1"}]}, {"sources": [{"url": "rtmp://made/1"}]},
         ["*input.sources[0].bitrate: 5 -> (unset)"]),
    Case("the same by a wish for none", "input", {"sources": [{"bitrate": 5}]}, {"sources": []},
         {"sources": [{"bitrate": 5, "url": "rtmp://made/1"}]}, {"sources": [{"url": "rtmp://made/1"}]},
         ["*input.sources[0].bitrate: 5 -> (unset)"]),
    Case("backups of a push channel", "input", {"secondary_sources": [{"bitrate": 5}]}, {},
         {"secondary_sources": [{"bitrate": 5, "url": "srt://made/2"}]}, {},
         ["*input.secondarySources: (set) -> (unset)"]),
    Case("another alternative", "x", {"selector_settings": {"audio_pid_selection": {"pid": 1}}},
         {"selector_settings": {"audio_language_selection": {"language_code": "eng"}}},
         {"selector_settings": {"audio_pid_selection": {"pid": 2}}},
         {"selector_settings": {"audio_language_selection": {"language_code": "eng"}}},
         ["*x.selectorSettings.audioLanguageSelection.languageCode: (unset) -> eng",
          "*x.selectorSettings.audioPidSelection: (set) -> (unset)"]),
    Case("a passphrase for the first time", "input", pull(A), pull({**A, "passphrase": SECRET}), pull(A),
         pull({**A, "passphrase": SECRET}),
         ["*input.sources[srt://a].passphraseSecretRef: (unset) -> (secret)"]),
    Case("a passphrase taken away, echoed", "input", pull({**A, "passphrase": "(secret)"}), pull(A),
         pull({**A, "passphrase": "planted-secret-1"}), pull(A),
         ["*input.sources[srt://a].passphraseSecretRef: (secret) -> (unset)"]),
    Case("a passphrase taken away, never shown", "input", pull({**A, "passphrase": "(secret)"}), pull(A), pull(A),
         pull(A), ["*input.sources[srt://a].passphraseSecretRef: (secret) -> (unset)"]),
]  # fmt: skip


@pytest.mark.parametrize("case", [*SAYING_THE_SAME, *NEVER_SENT, *CARRIED, *DIFFERENT], ids=lambda case: case.claim)
def test_merging(case: Case) -> None:
    """The table above: what differs is found, by whom, and the block to write is whole."""
    merged = merge(case.name, case.last, case.desired, case.observed)
    assert [("*" if change.by_spec else "") + str(change) for change in merged.changes] == case.changes
    assert merged.value == case.value


@pytest.mark.parametrize("case", DIFFERENT, ids=lambda case: case.claim)
def test_without_a_record_nothing_is_by_the_user(case: Case) -> None:
    """When what was applied last is not known, a difference is never taken for a wish of the user's."""
    merged = merge(case.name, ABSENT, case.desired, case.observed, recorded=False)
    assert not any(change.by_spec for change in merged.changes)


@pytest.mark.parametrize(
    ("observed", "unconfirmed", "unmanaged"),
    [
        ("planted-secret-1", False, True),
        ("planted-secret-2", True, True),
        ("******", True, True),
        ("", True, False),
        (None, True, False),
    ],
)
def test_secrets_as_read(observed: Any, unconfirmed: bool, unmanaged: bool) -> None:
    """An echo in clear confirms a secret, nothing else does; one that the spec does not give is noticed if it shows."""
    wanted = pull({**A, "passphrase": SECRET})
    told = pull({**A, "passphrase": "(secret)"})
    path = "input.sources[srt://a].passphraseSecretRef"
    reading = pull({**A, "passphrase": observed})
    assert merge("input", told, wanted, reading).unconfirmed_secrets == ((path,) if unconfirmed else ())
    assert merge("input", pull(A), pull(A), reading).unmanaged_secrets == ((path,) if unmanaged else ())


@pytest.mark.parametrize("shown", [{"key": "Authorization"}, {"key": "Authorization", "value": "******"}])
def test_a_header_that_is_not_in_the_spec_has_a_value(shown: dict[str, Any]) -> None:
    """A header of somebody else's cannot be sent back, also when the service keeps its value to itself."""
    merged = merge("endpoints", ABSENT, hls(PA), hls({**PA, "encryption": {**DRM, "http_headers": [shown]}}))
    path = "endpoints[0].hlsPackage[play/a].encryption.httpHeaders[Authorization].valueSecretRef"
    assert merged.unmanaged_secrets == (path,)
    assert "planted" not in str(merged.value)


def test_what_could_not_be_read_is_no_difference() -> None:
    """An unreadable value is compared with nothing and stays unreadable in the block, which then cannot be sent."""
    merged = merge("input", ABSENT, pull({"url": UNREADABLE}), pull(A))
    assert merged.changes == ()
    assert merged.value["sources"][0]["url"] is UNREADABLE


def test_what_is_told_is_short() -> None:
    """Long addresses and values are cut, in paths as well: a status has limits."""
    long = {"url": "play/" + "x" * 1000, "segment_duration_seconds": 4}
    [change] = merge("endpoints", hls(), hls(long), ABSENT).changes[:1]
    assert len(change.path) < 200
    assert len(change.after) <= 120
