"""From manifests to plans: the samples of the documentation, and what becomes of their Secrets."""

from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from medialive_operator.contract.sections import SECTIONS, Section
from medialive_operator.planning.channels import DesiredChannel, Journal, plan_channel
from medialive_operator.planning.desired import (
    FlowUse,
    Resolved,
    SecretUse,
    channel_key,
    desired_channel,
    flow_uses,
    secret_places,
    secret_uses,
    secrets_of,
    with_digests,
)
from medialive_operator.planning.steps import Hold, Plan
from medialive_operator.resources.ott_channels import OttChannelSpec
from tests.planning.cloud_model import CloudModel, Habits
from tests.planning.following import CORRECT, REPORT, created
from tests.planning.wishes import digest

SAMPLES = sorted(
    (each for each in resources.files("medialive_operator.samples").iterdir() if each.name.startswith("ott-channel-")),
    key=lambda each: each.name,
)
SPEC: dict[str, Any] = {
    "domain": "in.example.com",
    "appName": "live",
    "input": {
        "inputProtocol": "SRT_PULL",
        "sources": [
            {"url": "srt://a", "passphraseSecretRef": {"name": "srt", "key": "one"}, "bitrateFor3u8": True},
            {"url": "srt://b", "passphraseSecretRef": {"name": "srt", "key": "two"}},
        ],
    },
    "encoderSettings": [{"templateId": "tpl-1"}],
    "recordSettings": {"rollingbufferDuration": 0},
}
VALUES = {"one": "planted-secret-1", "two": "planted-secret-2"}


def spec_of(**changed: Any) -> OttChannelSpec:
    """The spec above with some members changed."""
    return OttChannelSpec.model_validate({**SPEC, **changed})


def wish(spec: OttChannelSpec, values: Mapping[str, str] = VALUES) -> DesiredChannel:
    """What the spec says, with every key of every Secret that `values` has, and an address for each output."""
    uses = secret_uses(spec)
    readable = {use: SecretStr(values[use.key]) for use in uses if use.key in values}
    missing: dict[SecretUse | FlowUse, str] = {
        use: f"Secret {use.name} has no key {use.key}." for use in uses if use.key not in values
    }
    addresses = {use: f"srt://{use.name}:9000" for use in flow_uses(spec)}
    made = desired_channel(spec, "news-1", Resolved(readable, addresses, missing))
    found = {section: secrets_of(block) for section, block in made.blocks.items()}
    return with_digests(made, {section: digest(secret) for section, secret in found.items() if secret is not None})


def sources(*references: tuple[str, str], urls: str = "ab") -> dict[str, Any]:
    """An input whose sources refer to these keys of these Secrets."""
    made = [
        {"url": f"srt://{url}", "passphraseSecretRef": {"name": name, "key": key}}
        for url, (name, key) in zip(urls, references, strict=True)
    ]
    return {"inputProtocol": "SRT_PULL", "sources": made}


def sample(path: Traversable) -> tuple[OttChannelSpec, dict[str, str]]:
    """The channel of a sample file, and the values of its Secrets."""
    documents = list(yaml.safe_load_all(path.read_text()))
    values = {key: text for each in documents if each["kind"] == "Secret" for key, text in each["stringData"].items()}
    [channel] = [each for each in documents if each["kind"] == "OttChannel"]
    return OttChannelSpec.model_validate(channel["spec"]), values


@pytest.mark.parametrize("secrets", ["echoed", "masked", "absent"])
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_are_created_once(path: Traversable, secrets: Any) -> None:
    """Each sample is a body the contract accepts, and what is made of it needs nothing more."""
    spec, values = sample(path)
    wanted = wish(spec, values)
    habits = Habits(secrets=secrets, empties=True, reordered=True, lower_case=True, extras=True)
    follower = created(wanted, CloudModel(habits))
    assert follower.cloud.writes == 1
    assert follower.plan(wanted, CORRECT) == Plan(settled=frozenset(SECTIONS))


def test_all_protocols_have_a_sample() -> None:
    """The samples together show every way in."""
    shown = {wish(*sample(path)).blocks[Section.INPUT]["input"]["input_protocol"] for path in SAMPLES}
    assert shown == {"FLV_PULL", "HLS_PULL", "RTMP_PUSH", "SRT_PULL", "SRT_PUSH"}


def test_the_spec_becomes_wire_json() -> None:
    """Names are those of the API, references become wrapped values, and what is not said stays out."""
    made = wish(spec_of(mode="ONLY_OS", originRegion="ap-1", name="News"))
    assert made.key == {"domain": "in.example.com", "app_name": "live", "id": "news-1"}
    assert made.fixed == {"mode": "ONLY_OS", "region": "ap-1"}
    assert made.running
    assert made.blocks[Section.GENERAL] == {"name": "News"}
    assert made.blocks[Section.ENDPOINTS] == {}
    first, second = made.blocks[Section.INPUT]["input"]["sources"]
    assert first == {"url": "srt://a", "passphrase": SecretStr("planted-secret-1"), "bitrate_for3u8": True}
    assert second["passphrase"].get_secret_value() == "planted-secret-2"


def test_the_name_of_the_object_is_the_id() -> None:
    """Unless the spec has another one."""
    assert channel_key(spec_of(), "news-1")["id"] == "news-1"
    assert channel_key(spec_of(channelId="other"), "news-1")["id"] == "other"


def test_secret_uses_are_told_once() -> None:
    """A key that several sources refer to is read once."""
    spec = spec_of(input=sources(("srt", "one"), ("srt", "one")))
    assert secret_uses(spec) == (SecretUse(Section.INPUT, "srt", "one"),)


def test_every_missing_secret_is_told() -> None:
    """Whoever mends one does not have to find out about the next one afterwards; the section is held meanwhile."""
    made = wish(spec_of(), {})
    assert made.unreadable == {Section.INPUT: "Secret srt has no key one. Secret srt has no key two."}
    plan = plan_channel(made, None, Journal(), REPORT)
    assert [held.hold for held in plan.held] == [Hold.SECRET_MISSING]


FOLLOWING = {"inputProtocol": "SRT_PULL", "sources": [{"flowRef": {"name": "studio", "output": "to-ott"}}]}


@pytest.mark.parametrize("reason", ["The flow does not exist.", None])
def test_a_flow_whose_address_is_unknown_is_waited_for(reason: str | None) -> None:
    """A source that follows a flow is not sent as it stands in the spec, whether one knows why or not."""
    use = FlowUse("studio", "to-ott")
    spec = spec_of(input=FOLLOWING)
    assert flow_uses(spec) == (use,)
    made = desired_channel(spec, "news-1", Resolved(missing={use: reason} if reason else {}))
    told = reason or "The address of output to-ott of StreamConnectFlow studio was not read yet."
    assert made.unreadable == {Section.INPUT: told}
    assert plan_channel(made, None, Journal(), REPORT).steps == ()


def test_a_source_follows_the_address_of_a_flow() -> None:
    """Once it is known it is the source's url; another address is a change of the source."""
    use, spec = FlowUse("studio", "to-ott"), spec_of(input=FOLLOWING)
    first, moved = (desired_channel(spec, "news-1", Resolved(addresses={use: url})) for url in ("srt://1", "srt://2"))
    assert first.blocks[Section.INPUT]["input"]["sources"] == [{"url": "srt://1"}]
    plan = created(first, CloudModel()).plan(moved)
    assert [str(change) for change in plan.steps[0].changes] == ["input.sources[srt://2].url: srt://1 -> srt://2"]


def test_a_secret_that_nobody_read_is_not_sent() -> None:
    """A reference that was forgotten holds its section too: nothing is sent without it."""
    made = desired_channel(spec_of(), "news-1", Resolved())
    assert made.unreadable == {
        Section.INPUT: "Key one of Secret srt was not read yet. Key two of Secret srt was not read yet."
    }


def test_digests_are_of_values_and_places() -> None:
    """The same secrets elsewhere are other secrets; a new address, or another Secret of the same value, is not."""
    base = digests(spec_of(input=sources(("srt", "one"), ("srt", "two"))))
    assert digests(spec_of(input=sources(("srt", "two"), ("srt", "one")))) != base
    assert digests(spec_of(input=sources(("srt", "one"), ("srt", "two"), urls="xy"))) == base
    assert digests(spec_of(input=sources(("other", "one"), ("srt", "two")))) == base


def digests(spec: OttChannelSpec) -> Mapping[Section, str]:
    """The digests of what the spec says."""
    return wish(spec).digests


def test_places_tell_when_a_digest_is_out_of_date() -> None:
    """Another key, another Secret or another order of references changes the text, though no Secret has changed."""
    base = secret_places(spec_of(input=sources(("srt", "one"), ("srt", "two"))))
    assert list(base) == [Section.INPUT]
    assert secret_places(spec_of(input=sources(("srt", "two"), ("srt", "one")))) != base
    assert secret_places(spec_of(input=sources(("srt", "one"), ("srt", "one")))) != base
    assert secret_places(spec_of(input=sources(("other", "one"), ("srt", "two")))) != base
    assert secret_places(spec_of(input=sources(("srt", "one"), ("srt", "two"), urls="xy"), name="Other")) == base


def test_the_order_of_packages_does_not_change_a_digest() -> None:
    """Packages are told apart by their URLs, headers by their names."""

    def package(url: str, *headers: str) -> dict[str, Any]:
        made = [{"key": name, "valueSecretRef": {"name": "drm", "key": name}} for name in headers]
        drm = {"resourceId": "r", "systemIds": ["FairPlay"], "url": "https://k", "spekeVersion": "1.0"}
        return {
            "url": url,
            "segmentDurationSeconds": 4,
            "encryption": {**drm, "requestMode": "direct_http", "httpHeaders": made},
        }

    values = {"A": "planted-secret-1", "B": "planted-secret-2"}
    one = spec_of(input={**SPEC["input"], "sources": [{"url": "srt://a"}]},
                  endpoints=[{"hlsPackage": [package("x", "A", "B"), package("y", "A")]}])  # fmt: skip
    two = spec_of(input={**SPEC["input"], "sources": [{"url": "srt://a"}]},
                  endpoints=[{"hlsPackage": [package("y", "A"), package("x", "B", "A")]}])  # fmt: skip
    assert wish(one, values).digests == wish(two, values).digests
    assert list(wish(one, values).digests) == [Section.ENDPOINTS]
    assert secret_places(one) == secret_places(two)


def test_a_rotated_secret_is_written() -> None:
    """Another value in the Secret changes the input, in one write."""
    spec = spec_of()
    follower = created(wish(spec), CloudModel())
    plan = follower.follow(wish(spec, {**VALUES, "two": "planted-secret-3"}))
    assert [(step.section, str(step.cause)) for step in plan.steps] == [(Section.INPUT, "SecretChanged")]
    stored = (follower.cloud.channel or {})["input"]["sources"][1]["passphrase"]
    assert stored == "planted-secret-3"


def test_a_spec_for_observing_may_say_little() -> None:
    """Without an input there is nothing to compare, and nothing differs."""
    follower = created(wish(spec_of()), CloudModel())
    spec = OttChannelSpec.model_validate(
        {"domain": "in.example.com", "appName": "live", "managementPolicy": "Observe", "desiredState": "Running"}
    )
    plan = plan_channel(wish(spec), follower.cloud.read(), Journal(), REPORT)
    assert plan == Plan(settled=frozenset(SECTIONS))
