"""What the planner says: an ordered tuple of steps, each one API call, and what it would not do.

Read by `controller`, which takes the steps, and by status and command line, which show them.
A plan is a value: it is compared, hashed and printed, never changed. Neither way shows a secret.
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
    SECRET = "SecretChanged"  # noqa: S105 -- a word, no secret
    DRIFT = "Drift"
    RESTART = "RestartAroundChanges"
    RESUME = "Resume"  # on air again: a restart of ours was cut short, or somebody stopped what should run
    DELETE = "Delete"


class Hold(StrEnum):
    """Why something that differs is left as it is."""

    DRIFT = "DriftReported"
    OBSERVE_ONLY = "ObserveOnly"
    SECRET_MISSING = "SecretMissing"  # noqa: S105 -- a word, no secret
    SECRET_UNCOMPARED = "SecretNotComparable"  # noqa: S105 -- a word, no secret
    SECRET_UNMANAGED = "SecretNotInSpec"  # noqa: S105 -- a word, no secret
    UNSUPPORTED = "UnsupportedChange"
    ON_AIR = "HeldWhileOnAir"
    NOT_TAKEN = "AcceptedAndNotShown"
    REFUSED = "RefusedBefore"


@dataclass(frozen=True)
class Step:
    """One call. `body` is the JSON to send, its secrets still wrapped.

    `always` steps are taken even after a failure: they put on air again what was taken off. `fingerprint` stands for
    what a write of a section is to change; the journal keeps it with the service's answer (`Attempt`).
    """

    operation: Operation
    section: Section | None
    cause: Cause
    disruption: Disruption
    changes: tuple[Change, ...] = ()
    body: JsonObject = field(default_factory=dict, repr=False, hash=False)
    always: bool = False
    fingerprint: str = ""


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
        return _digest(told)

    def after_failure(self, failed: Step, *, refused: bool) -> tuple[Step, ...]:
        """What is still to be taken, in order, when `failed` has not succeeded.

        Always the steps that put a channel back on air. When the service `refused` one section for what it says, the
        other sections are written all the same: they do not depend on it, the channel is off air for them already, and
        leaving them for later would cost another interruption. Nothing is written when the channel could not be
        stopped before, nor when it is unknown whether the service can be reached.
        """
        later = self.steps[self.steps.index(failed) + 1 :]
        goes_on = refused and failed.section not in (None, Section.STATE)
        return tuple(step for step in later if step.always or (goes_on and step.section not in (None, Section.STATE)))


def fingerprint(changes: tuple[Change, ...], digest: str | None) -> str:
    """Stands for what a write of a section is to change, secrets by their digest."""
    return _digest([digest, *map(str, changes)])


def _digest(told: object) -> str:
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]
