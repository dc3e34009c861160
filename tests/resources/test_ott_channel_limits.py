"""What a real API server says to malformed OttChannels: wrong types, unknown fields, limits."""

from typing import Any

import pytest

from tests.resources.api import Objects, merged
from tests.resources.manifests import encryption, smallest, with_package

pytestmark = pytest.mark.cluster

Json = dict[str, Any]

_ONE = {"url": "srt://198.51.100.20:9000", "bitrate": 1}
_GOP = {"encoderSettingsExpand": {"videoDescriptions": {"gopDurationSeconds": 7}}}


def _source(**members: Any) -> Json:
    return {"input": {"sources": [{**_ONE, **members}]}}


def _input(**members: Any) -> Json:
    return {"input": members}


def _recorded(seconds: Any) -> Json:
    return {"recordSettings": {"rollingbufferDuration": seconds}}


def _language(code: str) -> Json:
    return _input(
        audioSelectors=[{"name": "a", "selectorSettings": {"audioLanguageSelection": {"languageCode": code}}}]
    )


MALFORMED: dict[str, tuple[Json, str]] = {
    "an unknown field": ({"state": "ON"}, 'unknown field "spec.state"'),
    "a misspelt field": (_input(sourcez=[]), 'unknown field "spec.input.sourcez"'),
    "a misspelt field far below": (
        with_package(segmentDuration=4), 'unknown field "spec.endpoints[0].hlsPackage[0].segmentDuration"'),
    "the state as YAML reads ON": ({"desiredState": True}, "spec.desiredState: Invalid value"),
    "the state in the API's words": (
        {"desiredState": "ON"}, 'spec.desiredState: Unsupported value: "ON": supported values: "Running", "Stopped"'),
    "a text for a number": (_recorded("1h"), "must be of type integer"),
    "a number for a text": (
        with_package(encryption=encryption("FairPlay", spekeVersion=1.0)), "must be of type string"),
    "a text that is too long": ({"name": "n" * 256}, "spec.name: Too long: may not be more than 255"),
    "a text that is too short": ({"channelId": "a"}, "spec.channelId: Invalid value"),
    "a list that is too long": (_input(sources=[_ONE] * 13), "spec.input.sources: Too many: 13: must have at most 12"),
    "a number above the range": (_recorded(1209601), "should be less than or equal to 1209600"),
    "a number below the range": (with_package(segmentDurationSeconds=0), "should be greater than or equal to 1"),
    "a number between": (_source(pbkeylen=20), "should be a multiple of 8"),
    "a value that the service ignores": (_GOP, "Unsupported value: 7"),
    "DRM of another packaging": (with_package(encryption=encryption("Widevine")), 'supported values: "FairPlay"'),
    "capitals": (_language("EN"), "should match '^[a-z]{2,3}$'"),
    "a name twice": (
        _input(audioSelectors=[{"name": "a"}, {"name": "a"}]),
        'spec.input.audioSelectors[1]: Duplicate value: {"name":"a"}'),
    "a value twice": (_input(adTriggers=["Splice insert"] * 2), "spec.input.adTriggers[1]: Duplicate value"),
    "a secret in clear": (_source(passphrase="not-in-a-spec"), 'unknown field "spec.input.sources[0].passphrase"'),
    "nothing where something is needed": ({"domain": None}, "spec.domain: Required value"),
}  # fmt: skip


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_specs_are_refused_by_name_of_the_field(channels: Objects, case: str) -> None:
    """Wrong types, ranges, lengths, names and duplicates are refused, and the refusal says what is wrong."""
    patch, says = MALFORMED[case]

    assert says in channels.refusal(merged(smallest(), patch))
