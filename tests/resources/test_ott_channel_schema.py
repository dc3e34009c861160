"""The OttChannel schema beside the contract: every field, every limit."""

import pytest

from medialive_operator.resources.ott_channels import OTT_CHANNEL
from tests.resources.schemas import create_request, limit, spec_by_wire_names

_RESERVED = "reserved by the service, not configurable"
_MADE_BY_SERVICE = "made by the service; the planner carries it over"
_UNDOCUMENTED = "content undocumented; the planner carries over what the cloud has"
LEFT_OUT = {
    "endpoints.hls_package.id": _MADE_BY_SERVICE,
    "endpoints.dash_package.id": _MADE_BY_SERVICE,
    "endpoints.mss_package.id": _MADE_BY_SERVICE,
    "endpoints.hls_package.ads": _UNDOCUMENTED,
    "endpoints.dash_package.ads": _UNDOCUMENTED,
    "endpoints.hls_package.ext_args": _UNDOCUMENTED,
    "endpoints.dash_package.ext_args": _UNDOCUMENTED,
    "endpoints.mss_package.ext_args": _UNDOCUMENTED,
    "endpoints.hls_package.encryption.encryption_method": _RESERVED,
    "endpoints.dash_package.encryption.encryption_method": _RESERVED,
    "endpoints.mss_package.encryption.encryption_method": _RESERVED,
    "endpoints.hls_package.encryption.key_rotation_interval_seconds": _RESERVED,
    "endpoints.dash_package.encryption.key_rotation_interval_seconds": _RESERVED,
    "endpoints.mss_package.encryption.key_rotation_interval_seconds": _RESERVED,
}

# Under another name, because the API's would mislead, or because the value is a secret.
RENAMED_TOP = {"id": "channel_id", "state": "desired_state", "region": "origin_region"}
RENAMED_LEAF = {"passphrase": "passphrase_secret_ref", "value": "value_secret_ref"}

# Ours: what the API does not have.
OURS = {
    "credentials_ref",
    "region",
    "statistics",
    "management_policy",
    "adoption_policy",
    "deletion_policy",
    "drift_policy",
    "flow_ref",
}

_GOP = "encoder_settings_expand.video_descriptions.gop_duration_seconds"
# Where we are stricter than the contract's schema on purpose: (path, word) -> why.
STRICTER = {
    ("input.sources.bitrate", "minimum"): "the documented range excludes 0",
    ("input.secondary_sources.bitrate", "minimum"): "the documented range excludes 0",
    ("endpoints.hls_package.encryption.system_ids", "enum"): "the contract names the systems of each packaging",
    ("endpoints.dash_package.encryption.system_ids", "enum"): "the contract names the systems of each packaging",
    ("endpoints.mss_package.encryption.system_ids", "enum"): "the contract names the systems of each packaging",
    (_GOP, "minimum"): "an enumeration instead: the service takes 7 and 9 for 0",
    (_GOP, "maximum"): "an enumeration instead: the service takes 7 and 9 for 0",
}
_WORDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern", "enum")


def _spec_path(wire: str) -> str:
    top, dot, rest = wire.partition(".")
    path = wire if dot else RENAMED_TOP.get(top, top)
    head, dot, leaf = path.rpartition(".")
    return f"{head}{dot}{RENAMED_LEAF.get(leaf, leaf)}" if rest else path


def test_every_field_of_the_create_request_is_in_the_spec_or_left_out_for_a_reason() -> None:
    """No wire field is forgotten, and none is both left out and there."""
    spec = spec_by_wire_names(OTT_CHANNEL)

    missing = {wire for wire in create_request() if _spec_path(wire) not in spec}

    assert missing == set(LEFT_OUT)


def test_every_field_of_the_spec_is_a_wire_field_or_one_of_ours() -> None:
    """Nothing is in the spec that neither the API nor the design knows."""
    known = {_spec_path(wire) for wire in create_request()}

    unknown = {
        path
        for path in spec_by_wire_names(OTT_CHANNEL)
        if path not in known and not OURS & set(path.split(".")) and not path.endswith(("_ref.name", "_ref.key"))
    }

    assert unknown == set()


@pytest.mark.parametrize("word", _WORDS)
def test_limits_are_those_of_the_contract(word: str) -> None:
    """Where the contract bounds a field, the schema has the same bound, or a stricter one that is listed."""
    spec = spec_by_wire_names(OTT_CHANNEL)
    referred = tuple(f".{leaf}" for leaf in RENAMED_LEAF)
    differing = {
        (wire, word)
        for wire, said in create_request().items()
        if wire not in LEFT_OUT and not wire.endswith(referred) and wire != "state" and limit(said, word) is not None
        if limit(said, word) != limit(spec[_spec_path(wire)], word)
    }
    excused = {each for each in STRICTER if each[1] == word}

    assert differing == excused


def test_no_secret_can_be_written_into_a_spec() -> None:
    """The contract's secret fields exist in the spec as references only."""
    secret = {wire for wire, said in create_request().items() if said.get("format") == "password"}

    assert secret
    assert all(_spec_path(wire).endswith("_secret_ref") for wire in secret)
