"""What users may want of a channel, for property tests: wire blocks with secrets, drawn from small pools.

The pools are small on purpose: two wishes that are drawn one after the other share much, as two versions of a spec do.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from pydantic import SecretStr

from medialive_operator.contract.sections import Section
from medialive_operator.planning.channels import DesiredChannel, Journal, Policy
from medialive_operator.planning.desired import secrets_of
from tests.planning.cloud_model import Habits

JsonObject = dict[str, Any]

KEY = {"domain": "in.example.com", "app_name": "live", "id": "news-1"}
PROTOCOLS = ("SRT_PULL", "HLS_PULL", "SRT_PUSH", "RTMP_PUSH")
SECRETS = ("planted-secret-1", "planted-secret-2", "planted-secret-3")

secrets = st.sampled_from(SECRETS).map(SecretStr)


def _with(
    required: Mapping[str, st.SearchStrategy[Any]], **optional: st.SearchStrategy[Any]
) -> st.SearchStrategy[JsonObject]:
    return st.fixed_dictionaries(dict(required), optional=optional)


def _unique(pool: tuple[str, ...], least: int, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(pool), min_size=least, max_size=most, unique=True)


def _named(member: str, names: list[str], **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.tuples(*(_with({member: st.just(name)}, **optional) for name in names)).map(list)


def _pull_sources(least: int, most: int, protocol: str) -> st.SearchStrategy[list[Any]]:
    extra: dict[str, st.SearchStrategy[Any]] = {"bitrate": st.sampled_from([4_000_000, 8_000_000])}
    if protocol == "SRT_PULL":
        extra |= {"latency": st.sampled_from([200, 2000]), "passphrase": secrets, "stream_id": st.just("stream")}
    else:
        extra |= {"backup_urls": _unique(("http://x/1", "http://x/2"), 0, 2)}
    pool = tuple(f"{protocol.split('_', maxsplit=1)[0].lower()}://192.0.2.{n}:9000" for n in range(4))
    return _unique(pool, least, most).flatmap(lambda urls: _named("url", urls, **extra))


def _push_sources(protocol: str) -> st.SearchStrategy[list[Any]]:
    extra: dict[str, st.SearchStrategy[Any]] = {"bitrate": st.sampled_from([4_000_000, 8_000_000])}
    if protocol == "SRT_PUSH":
        extra |= {"passphrase": secrets, "pbkeylen": st.sampled_from([16, 32])}
    return st.lists(_with({}, **extra), max_size=2)


_selection = st.one_of(
    st.just({"audio_pid_selection": {"pid": 0}}),
    st.just({"audio_language_selection": {"language_code": "eng"}}),
)


def _inputs(protocol: str) -> st.SearchStrategy[JsonObject]:
    pull = protocol.endswith("_PULL")
    required: dict[str, st.SearchStrategy[Any]] = {"input_protocol": st.just(protocol)}
    optional: dict[str, st.SearchStrategy[Any]] = {
        "failover_conditions": _with(
            {},
            input_loss_threshold_msec=st.sampled_from([1000, 2000]),
            input_preference=st.sampled_from(["PRIMARY", "EQUAL"]),
        ),
        "ad_triggers": _unique(("Splice insert", "Provider advertisement"), 0, 2),
        "audio_selectors": _unique(("main", "other"), 0, 2).flatmap(
            lambda names: _named("name", names, selector_settings=_selection)
        ),
    }
    if pull:
        required["sources"] = _pull_sources(1, 3, protocol)
        optional["secondary_sources"] = _pull_sources(1, 2, protocol)
    else:
        optional["sources"] = _push_sources(protocol)
    return _with(required, **optional)


_headers = _unique(("Authorization", "X-Tenant"), 1, 2).flatmap(
    lambda keys: st.tuples(*(_with({"key": st.just(key), "value": secrets}) for key in keys)).map(list)
)
_encryptions = _with(
    {
        "resource_id": st.sampled_from(["news", "sports"]),
        "system_ids": st.permutations(["Widevine", "PlayReady"]),
        "url": st.just("https://keys.example.com"),
        "speke_version": st.just("1.0"),
        "request_mode": st.just("direct_http"),
    },
    level=st.sampled_from(["content", "profile"]),
    http_headers=_headers,
)


def _packages(kind: str, **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    pool = tuple(f"play.example.com/{kind}/{name}" for name in "abc")
    extra = {
        "playlist_window_seconds": st.sampled_from([12, 40]),
        "manifest_name": st.sampled_from(["index", "main"]),
        "encryption": _encryptions,
        **optional,
    }

    def package(url: str) -> st.SearchStrategy[Any]:
        return _with({"url": st.just(url), "segment_duration_seconds": st.sampled_from([2, 4])}, **extra)

    return _unique(pool, 1, 2).flatmap(lambda urls: st.tuples(*map(package, urls)).map(list))


_groups = _with(
    {"hls_package": _packages("hls", hls_version=st.sampled_from(["v3", "v4"]))},
    dash_package=_packages("dash", min_buffer_time=st.just(10)),
    mss_package=_packages("mss", delay_segment=st.sampled_from([1, 3])),
)


def blocks(protocol: str) -> st.SearchStrategy[dict[Section, JsonObject]]:
    """Everything but the key and the state that one version of a spec may say."""
    templates = st.sampled_from(["tpl-1", "tpl-2", "tpl-3"])
    made = st.fixed_dictionaries(
        {"input": _inputs(protocol), "record_settings": _with({"rollingbuffer_duration": st.sampled_from([0, 3600])})},
        optional={
            "encoder_settings": st.lists(templates, unique=True, max_size=3).map(
                lambda names: [{"template_id": name} for name in names]
            ),
            "encoder_settings_expand": _with({}, video_descriptions=_with({"gop_duration_seconds": st.just(2)})),
            "endpoints": _groups.map(lambda group: [group]),
            "name": st.sampled_from(["News", "Sports"]),
        },
    )
    return made.map(by_section)


def by_section(members: JsonObject) -> dict[Section, JsonObject]:
    """Members of a channel -> the section each belongs to."""
    homes = {
        "input": Section.INPUT,
        "encoder_settings_expand": Section.INPUT,
        "encoder_settings": Section.ENCODER_SETTINGS,
        "record_settings": Section.RECORD_SETTINGS,
        "endpoints": Section.ENDPOINTS,
        "name": Section.GENERAL,
    }
    made: dict[Section, JsonObject] = {section: {} for section in dict.fromkeys(homes.values())}
    for name, value in members.items():
        made[homes[name]][name] = value
    return made


def desired(made: Mapping[Section, JsonObject], *, running: bool = True) -> DesiredChannel:
    """A wish with the digests of its secrets."""
    digests = {section: digest(secret) for section, block in made.items() if (secret := secrets_of(block)) is not None}
    return DesiredChannel(KEY, running, made, digests=digests)


def digest(secret: SecretStr) -> str:
    """Stands in for the slow salted hash, which has nothing to do with planning."""
    return hashlib.sha256(secret.get_secret_value().encode()).hexdigest()


def switched(channel: DesiredChannel, *, running: bool) -> DesiredChannel:
    """The same, started or stopped."""
    return replace(channel, running=running)


habits = st.builds(
    Habits,
    secrets=st.sampled_from(["echoed", "masked", "absent"]),
    empties=st.booleans(),
    reordered=st.booleans(),
    lower_case=st.booleans(),
    regrouped=st.booleans(),
    extras=st.booleans(),
)
policies = st.builds(Policy, correct_on_air=st.booleans())
NOTHING_KNOWN = Journal()
