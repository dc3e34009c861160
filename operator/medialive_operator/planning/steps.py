"""What the planner says: an ordered tuple of steps, each one API call, and what it would not do.

Read by `controller`, which takes the steps, and by status and command line, which show them.
A plan is a value: it is compared, hashed and printed, never changed.
"""

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum

from medialive_operator.contract.operations import Operation
from medialive_operator.contract.sections import Disruption, Section
from medialive_operator.planning.merging import Change, JsonObject


class Cause(StrEnum):
    """Why a step is there."""

    CREATE = "Create"
    SPEC = "SpecChanged"
    SECRET = "SecretChanged"
    DRIFT = "Drift"
    RESTART = "RestartAroundChanges"
    DELETE = "Delete"


class Hold(StrEnum):
    """Why something that differs is left as it is."""

    DRIFT = "DriftReported"
    OBSERVE_ONLY = "ObserveOnly"
    SECRET_MISSING = "SecretMissing"
    SECRET_UNCOMPARED = "SecretNotComparable"
    SECRET_UNMANAGED = "SecretNotInSpec"
    UNSUPPORTED = "UnsupportedChange"
    ON_AIR = "HeldWhileOnAir"


@dataclass(frozen=True)
class Step:
    """One call. `body` is the JSON to send, its secrets still wrapped; `always` steps are taken even after a failure."""

    operation: Operation
    section: Section | None
    cause: Cause
    disruption: Disruption
    changes: tuple[Change, ...] = ()
    body: JsonObject = field(default_factory=dict, repr=False)
    always: bool = False


@dataclass(frozen=True)
class Held:
    """A difference that is reported and not written, with what the user can do about it."""

    section: Section | None
    hold: Hold
    message: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Everything to do, in order; nothing to do is an empty plan. `settled` are sections that are as wanted already."""

    steps: tuple[Step, ...] = ()
    held: tuple[Held, ...] = ()
    settled: frozenset[Section] = frozenset()

    @property
    def interruptions(self) -> int:
        """How often taking the steps takes a running channel off the air."""
        return sum(step.disruption in (Disruption.RESTART, Disruption.STOP) for step in self.steps)

    @property
    def hash(self) -> str:
        """Stands for this very plan; the same differences give the same hash."""
        told = [
            [[step.operation, step.cause, [str(change) for change in step.changes]] for step in self.steps],
            [[held.section, held.hold, [str(change) for change in held.changes]] for held in self.held],
        ]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]
