"""What is known of a flow when its plan is made: wanted, observed, and allowed.

Made by the passes over flows and by `planning.flow_desired`, read by the planner. A unit is a part of a flow that is
written by a call of its own: `source/<name>`, `output/<name>`, `state`. Values only, no decisions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from medialive_operator.contract.flow_units import ACTIVE, STANDBY, STOPPING, TRANSITIONS, LinkKind
from medialive_operator.planning.comparing import JsonObject

# The unit that starts and stops.
STATE: Final = "state"
# Stands in `Plan.reads` for the flow's own reading: its sources in full, its outputs by name.
DETAIL: Final = "detail"

# What of a flow the user may leave unsaid, and then it is not compared.
ALL_STATED: Final = frozenset({"name", "region", "outputs"})


def unit_of(kind: LinkKind, name: str) -> str:
    """The unit of a source or an output."""
    return f"{kind}/{name}"


def link_of(unit: str) -> tuple[LinkKind, str]:
    """Kind and name of the source or output that the unit stands for."""
    kind, _, name = unit.partition("/")
    return LinkKind(kind), name


@dataclass(frozen=True)
class DesiredFlow:
    """What the user wants, in wire JSON. Secrets are `SecretStr` leaves, unreadable ones `UNREADABLE`.

    `name` and `region` are what a creation takes. `sources`, `outputs`: name → block, the name in the block too.
    `digests`: unit → digest of its secrets. `unreadable`: unit → which secret cannot be used, and why. `stated`: which
    of name, region and outputs the user said something about; the others are not compared.
    """

    name: str
    region: str
    running: bool
    sources: Mapping[str, JsonObject] = field(repr=False)
    outputs: Mapping[str, JsonObject] = field(repr=False)
    digests: Mapping[str, str] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    stated: frozenset[str] = ALL_STATED

    @property
    def status(self) -> str:
        """The status in the service's words."""
        return ACTIVE if self.running else STANDBY

    @property
    def blocks(self) -> dict[str, JsonObject]:
        """Unit → block, sources first."""
        return {
            unit_of(kind, name): block
            for kind, links in ((LinkKind.SOURCE, self.sources), (LinkKind.OUTPUT, self.outputs))
            for name, block in links.items()
        }

    def with_digests(self, digests: Mapping[str, str]) -> "DesiredFlow":
        """The same with the digests of its secrets, by which they are compared."""
        return replace(self, digests=dict(digests))


@dataclass(frozen=True)
class ObservedFlow:
    """A flow as the cloud shows it. A reading may echo secrets: it is not shown.

    `sources`, `outputs`: name → block as it was read last; None for a block that is not known, or in place of all when
    not even the names are. `status` is the service's word as it is.
    """

    flow_id: str
    status: str
    name: str = ""
    region: str = ""
    sources: Mapping[str, JsonObject | None] | None = field(default=None, repr=False)
    outputs: Mapping[str, JsonObject | None] | None = field(default=None, repr=False)

    @property
    def on_air(self) -> bool:
        """Whether it may carry streams: every flow but one that says it does not."""
        return self._status != STANDBY

    @property
    def lasting(self) -> bool:
        """Whether the status is one of the two that are documented."""
        return self._status in (ACTIVE, STANDBY)

    @property
    def in_transition(self) -> bool:
        """Whether the service is at work on it by all appearances."""
        return self._status in TRANSITIONS

    @property
    def is_stopping(self) -> bool:
        """Whether it is on its way to where nothing runs any more."""
        return self._status in STOPPING

    def shows(self, status: str) -> bool:
        """Whether it has this status."""
        return self._status == status

    @property
    def _status(self) -> str:
        return self.status.upper()


@dataclass(frozen=True)
class FlowPolicy:
    """What the user allows, and what was learnt of the service.

    `correct_on_air`: drift may be corrected at the price of an interruption. `recreate`: a flow may be replaced by a
    new one. `stop_for_edits`: the service refused a change of a started flow. `delete_first`: the service refused a
    second flow (its name, the quota).
    """

    may_write: bool = True
    correct_on_air: bool = False
    recreate: bool = False
    stop_for_edits: bool = False
    delete_first: bool = False
