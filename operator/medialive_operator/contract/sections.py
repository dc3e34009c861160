"""Which call carries which field of a channel, and what a change of it does to a running channel.

Facts as data: the planner, the reference pages and the CRD rules read them from here. No logic.
Sources: behaviour notes 6.1 and 6.2 (docs/contract/behaviour.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from medialive_operator.contract.operations import Operation


class Disruption(StrEnum):
    """What writing a field does to a channel on air."""

    NONE = "None"
    RESTART = "Restart"  # about 30 s without stream, the encoder is disconnected (user guide live_25_0056)
    STOP = "Stop"  # off air until it is started again
    OUTPUT = "OutputOnly"  # the receiver of one output of a flow is disconnected; the rest of it goes on
    RECREATE = "Recreate"  # only a new object in the cloud can have it
    IMMUTABLE = "Immutable"  # no call carries it


class Section(StrEnum):
    """A part of a channel that one PUT replaces as a whole."""

    INPUT = "input"
    ENCODER_SETTINGS = "encoder_settings"
    RECORD_SETTINGS = "record_settings"
    ENDPOINTS = "endpoints"
    GENERAL = "general"
    STATE = "state"


@dataclass(frozen=True)
class SectionFacts:
    """The call that writes a section, and the top-level fields of the channel it replaces."""

    operation: Operation
    fields: tuple[str, ...]
    disruption: Disruption


# In the order in which several of them are written; the state is always last.
# `general` only carries the display name. That it restarts a channel is not verified; the notes say
# "each PUT may cause its own restart", so it counts as one.
SECTIONS: Mapping[Section, SectionFacts] = {
    Section.INPUT: SectionFacts(
        Operation.MODIFY_OTT_CHANNEL_INFO_INPUT, ("input", "encoder_settings_expand"), Disruption.RESTART
    ),
    Section.ENCODER_SETTINGS: SectionFacts(
        Operation.MODIFY_OTT_CHANNEL_INFO_ENCODER_SETTINGS, ("encoder_settings",), Disruption.RESTART
    ),
    Section.RECORD_SETTINGS: SectionFacts(
        Operation.MODIFY_OTT_CHANNEL_INFO_RECORD_SETTINGS, ("record_settings",), Disruption.RESTART
    ),
    Section.ENDPOINTS: SectionFacts(Operation.MODIFY_OTT_CHANNEL_INFO_END_POINTS, ("endpoints",), Disruption.RESTART),
    Section.GENERAL: SectionFacts(Operation.MODIFY_OTT_CHANNEL_INFO_GENERAL, ("name",), Disruption.RESTART),
    Section.STATE: SectionFacts(Operation.MODIFY_OTT_CHANNEL_INFO_STATS, ("state",), Disruption.STOP),
}

# No call carries these after creation (notes 6.1). Dotted paths in wire names.
IMMUTABLE_FIELDS = ("domain", "app_name", "id", "mode", "region", "input.input_protocol")

# Lists whose items have a name of their own: they are matched by this member, wherever they stand.
LIST_KEYS: Mapping[str, str] = {
    "sources": "url",
    "secondary_sources": "url",
    "encoder_settings": "template_id",
    "hls_package": "url",
    "dash_package": "url",
    "mss_package": "url",
    "http_headers": "key",
    "audio_selectors": "name",
    "audio_descriptions": "name",
}

# Those of them whose order a user may mean: a backup stands in for the primary source at its place, and players see
# the outputs in the order of the templates. That a reading keeps the order is not documented, so that only a change
# of the order in the spec counts, never the order of a reading.
ORDERED = frozenset({"sources", "secondary_sources", "encoder_settings"})

# Lists to which the service adds items of its own: the addresses to push to (notes 6.2 and 12.16).
ADDED_BY_SERVICE = frozenset({"sources", "secondary_sources"})

# Those of them that a push channel always has: whoever takes them out of the spec takes back what he said of them, and
# the encoders go on pushing to the same addresses.
KEPT_BY_SERVICE = frozenset({"sources"})

# Objects of which one member alone may be set: what the user does not set is not carried over.
ALTERNATIVES = frozenset({"selector_settings"})

# Lists of plain values in which order has no meaning.
SETS = frozenset({"system_ids", "ad_triggers", "ad_marker", "cidr_whitelist"})

# Enumerations are compared without regard to case: samples and schemas disagree (notes 4).
ENUMERATIONS = frozenset(
    {
        "state", "mode", "input_protocol", "input_preference", "scte35_source", "ad_triggers", "ad_marker", "level",
        "system_ids", "request_mode", "stream_order", "language_code_control", "language_selection_policy",
        "protocol", "output_status", "algorithm", "key_type",
    }
)  # fmt: skip

# What the contract documents as the default: a reading that leaves the field out says the same.
DEFAULTS: Mapping[str, object] = {
    "mode": "ADD_CDN",
    "input_loss_threshold_msec": 2000,
    "input_preference": "EQUAL",
    "max_bandwidth_limit": 0,
    "ip_port_mode": False,
    "enable_snapshot": False,
    "bitrate_for3u8": False,
    "level": "content",
    "enable_access": False,
    "allow_all_ip_access": False,
    "manifest_name": "index",
    "language_code_control": "FOLLOW_INPUT",
    "gop_duration_seconds": 0,
    "rollingbuffer_duration": 0,
    "playlist_window_seconds": 0,
}

# Shown by a reading, never to be sent: reserved fields (None: whatever they say), and the 0 that stands for an unset
# number whose range begins above it (notes 6.2 for delay_segment; the bounds of the contract for the others).
NEVER_SENT: Mapping[str, frozenset[object] | None] = {
    "encryption_method": None,
    "key_rotation_interval_seconds": None,
    "delay_segment": frozenset({0}),
    "pbkeylen": frozenset({0}),
    "bitrate": frozenset({0}),
    "suggested_presentation_delay": frozenset({0}),
    "minimum_update_period": frozenset({0}),
    "min_buffer_time": frozenset({0}),
}

# Values that are secrets wherever they stand: a leaf name, and the name of the object around it if that matters.
SECRET_LEAVES = frozenset({"passphrase"})
SECRET_HEADER_PARENTS = frozenset({"http_headers", "cdn_identifier_header"})
