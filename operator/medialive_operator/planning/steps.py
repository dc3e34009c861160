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
from medialive_operator.planning.comparing import Json, JsonObject
from medialive_operator.planning.merging import Change


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
    IN_TRANSITION = "InTransition"
    UNKNOWN_STATUS = "UnknownStatus"


@dataclass(frozen=True)
class Step:
    """One call. `query` and `body` are the JSON to send, secrets still wrapped.

    `section` is what it writes: a section of a channel, a unit of a flow; None for the whole. `parts` are the steps
    that this one call takes together, for the calls that write several units; then `section` only says what they are.
    `always` steps are taken even after a failure: they put on air again what was taken off. Whatever the service says
    to an `optional` one, the others make sense without it, a start included. `fingerprint` stands for
    what a write of a section is to change; the journal keeps it with the service's answer (`Attempt`). `awaits` is the
    status that the service shows when the call has taken effect; steps behind it make no sense before.
    """

    operation: Operation
    section: str | None
    cause: Cause
    disruption: Disruption
    changes: tuple[Change, ...] = ()
    body: Json = field(default_factory=dict, repr=False, hash=False)
    always: bool = False
    fingerprint: str = ""
    query: JsonObject = field(default_factory=dict, hash=False)
    parts: tuple["Step", ...] = ()
    optional: bool = False
    awaits: str = ""

    @property
    def each(self) -> tuple["Step", ...]:
        """The parts, each with a section and a fingerprint of its own; the step itself when it has none."""
        return self.parts or (self,)


@dataclass(frozen=True)
class Held:
    """A difference that is reported and not written, with what the user can do about it."""

    section: str | None
    hold: Hold
    message: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Everything to do, in order; nothing to do is an empty plan. `settled` are sections that are as wanted already.

    `reads` are parts that have to be read before anything can be said: there is nothing else in such a plan.
    `replaces`: the steps belong to making a new resource and deleting the present one.
    """

    steps: tuple[Step, ...] = ()
    held: tuple[Held, ...] = ()
    settled: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    replaces: bool = False

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
        stopped before, nor when it is unknown whether the service can be reached, nor what failed itself: an output is
        not created where the one of its name could not be deleted.
        """
        later = self.steps[self.steps.index(failed) + 1 :]
        if not refused or failed.section in (None, Section.STATE):
            return tuple(step for step in later if step.always)
        others = [step for step in later if not _sections(step) & _sections(failed)]
        return tuple(
            step for step in others if step.always or failed.optional or step.section not in (None, Section.STATE)
        )


def fingerprint(changes: tuple[Change, ...], digest: str | None) -> str:
    """Stands for what a write of a section is to change, secrets by their digest."""
    return _digest([digest, *map(str, changes)])


def _sections(step: Step) -> set[str | None]:
    return {part.section for part in step.each}


def _digest(told: object) -> str:
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]
