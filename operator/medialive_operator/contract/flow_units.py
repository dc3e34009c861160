"""What the calls about sources, outputs and the state of a flow carry, member by member.

Facts as data: read by the planner. What a change of a member does to a running flow is in `flow_sections`. No logic.
Sources: behaviour notes 10 and 12.8 (docs/contract/behaviour.md), schemas FlowSource, AddFlowOutputsRequest and
UpdateFlowOutputRequestBody of the OpenAPI document; a test holds the members to them.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class LinkKind(StrEnum):
    """What a flow consists of: one call writes one link."""

    SOURCE = "source"
    OUTPUT = "output"


# The statuses that are documented; any other is possible.
ACTIVE: Final = "ACTIVE"
STANDBY: Final = "STANDBY"

# Not documented for this service: what the like API of another one says between two lasting statuses.
TRANSITIONS = frozenset({"CREATING", "STARTING", "UPDATING", "STOPPING", "DELETING"})
# Of these, the ones in which it makes no sense to ask for a stop.
STOPPING = frozenset({"STOPPING", "DELETING"})

# What a link consists of, in the words of the API. Everything else that a reading shows (listener_address,
# health_status, type) is made by the service and says nothing about what was asked for.
MEMBERS: Mapping[LinkKind, tuple[str, ...]] = {
    LinkKind.SOURCE: (
        "name", "protocol", "source_listener_address", "source_listener_port", "stream_id", "min_latency",
        "cidr_whitelist", "description", "decryption",
    ),
    LinkKind.OUTPUT: (
        "name", "protocol", "destination", "port", "stream_id", "min_latency", "cidr_whitelist", "description",
        "encryption", "output_status",
    ),
}  # fmt: skip

# No call changes these, or only by making the link anew.
FIXED_MEMBERS = frozenset({"name", "protocol"})

# Of a listener the service makes these itself: they are neither asked for nor sent back.
MADE_FOR_LISTENERS: Mapping[LinkKind, frozenset[str]] = {
    LinkKind.SOURCE: frozenset({"source_listener_address", "source_listener_port"}),
    LinkKind.OUTPUT: frozenset({"destination"}),
}
# Of a listener the service chooses these when nobody else does; what was chosen is sent back, so that it stays.
CHOSEN_FOR_LISTENERS: Mapping[LinkKind, frozenset[str]] = {
    LinkKind.SOURCE: frozenset(),
    LinkKind.OUTPUT: frozenset({"port"}),
}

# What a reading that leaves a member out says (notes 10). That an output is enabled unless it says so is inferred.
DEFAULTS: Mapping[LinkKind, Mapping[str, object]] = {
    LinkKind.SOURCE: {},
    LinkKind.OUTPUT: {"min_latency": 2000, "output_status": "ENABLED"},
}

# What is sent for a member that the user took away. Whether a PUT replaces a link or merges into it is not known (notes
# 12.8): what is only left out may stay.
EMPTIED: Mapping[LinkKind, Mapping[str, object]] = {
    LinkKind.SOURCE: {"cidr_whitelist": []},
    LinkKind.OUTPUT: {**DEFAULTS[LinkKind.OUTPUT], "cidr_whitelist": []},
}
# Taken away by leaving them out, for want of a value that says so. The service never fills them in by itself: when they
# still show, the write had no effect.
NEVER_FILLED = frozenset({"description", "stream_id", "decryption", "encryption"})

# The member that holds how a link is encrypted, and the only way there is.
ENCRYPTION: Mapping[LinkKind, str] = {LinkKind.SOURCE: "decryption", LinkKind.OUTPUT: "encryption"}
KEY_TYPE: Final = "srt-password"

# Numbers whose range begins above 0: a 0 that a reading shows stands for an unset one.
NEVER_ZERO: Mapping[LinkKind, frozenset[str]] = {
    LinkKind.SOURCE: frozenset({"source_listener_port"}),
    LinkKind.OUTPUT: frozenset({"port", "min_latency"}),
}

# Characters of a passphrase, least and most.
PASSPHRASE_LENGTH = (10, 79)
