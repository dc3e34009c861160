"""What a reconcile pass found, as one value: the only source of conditions, phase and the time of the next look.

The pass makes an `Outcome`; `controller.status` writes it. Nothing else sets a condition.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from medialive_operator.cloud.errors import CloudError
from medialive_operator.contract.error_codes import ErrorClass
from medialive_operator.controller.queue import After, Requeue, Retry
from medialive_operator.planning.steps import Held, Hold, Plan
from medialive_operator.resources.conditions import Reason

# How soon to try again, by what the cloud said. No class is for ever: a change of the spec, a Secret or a reference
# is acted on at once, whatever the delay.
RETRIES: Mapping[ErrorClass, Retry] = {
    ErrorClass.THROTTLED: Retry(5, 60),
    ErrorClass.TRANSIENT: Retry(1, 120),
    ErrorClass.NOT_FOUND: Retry(1, 60),
    ErrorClass.EXISTS: Retry(1, 60),
    ErrorClass.DENIED: Retry(30, 600),
    ErrorClass.SUSPENDED: Retry(60, 900),
    ErrorClass.INVALID: Retry(20, 600),
    ErrorClass.UNSUPPORTED: Retry(60, 900),
}
SLOWLY = Retry(30, 600)
SOON = Retry(1, 60)


@dataclass(frozen=True)
class Verdict:
    """One condition: status, reason from the closed list, and a message that says what to do."""

    status: Literal["True", "False", "Unknown"]
    reason: Reason
    message: str = ""


@dataclass(frozen=True)
class Outcome:
    """The result of a pass. None for credentials and references leaves what earlier passes found."""

    phase: str
    ready: Verdict
    synced: Verdict | None = None
    credentials: Verdict | None = None
    references: Verdict | None = None
    reconciling: Verdict | None = None
    stalled: Verdict | None = None
    plan: Plan | None = None
    requeue: Requeue = None


CREDENTIALS_VALID = Verdict("True", Reason.VALID, "The service accepts the credentials.")
REFERENCES_RESOLVED = Verdict("True", Reason.RESOLVED, "Everything the spec refers to was found.")


def invalid_spec(message: str) -> Outcome:
    """The stored object does not fit the schema of this version of the operator."""
    return Outcome(
        phase="Failed",
        ready=Verdict("False", Reason.FAILED, message),
        stalled=Verdict("True", Reason.INVALID_SPEC, message),
        requeue=SLOWLY,
    )


def paused(phase: str, *, deleting: bool) -> Outcome:
    """The user asked for no cloud calls at all."""
    message = "Paused by annotation: no calls are made. Remove medialive.huaweicloud.com/paused to go on."
    if deleting:
        message = f"Deletion waits. {message}"
    return Outcome(
        phase="Paused" if not deleting else "Deleting",
        ready=Verdict("Unknown", Reason.DELETING if deleting else Reason.CHANGE_PENDING, message),
        synced=Verdict("Unknown", Reason.PAUSED, message),
    )


def credentials_problem(reason: Reason, message: str, *, deleting: bool) -> Outcome:
    """The Secret with the credentials is missing, incomplete, or belongs to another project."""
    return Outcome(
        phase="Deleting" if deleting else "Pending",
        ready=Verdict("False", Reason.DELETING if deleting else Reason.FAILED, message),
        synced=Verdict("Unknown", Reason.UPDATE_IN_PROGRESS, "Nothing is known without credentials."),
        credentials=Verdict("False", reason, message),
        requeue=SLOWLY,
    )


def conflict(message: str) -> Outcome:
    """Somebody else's channel: it is neither changed nor deleted."""
    return Outcome(
        phase="Conflict",
        ready=Verdict("False", Reason.FAILED, message),
        synced=Verdict("Unknown", Reason.OBSERVE_ONLY, message),
        stalled=Verdict("True", Reason.CONFLICT, message),
        requeue=Retry(30, 300),
    )


def cloud_refused(error: CloudError, *, doing: str, phase: str, busy: Reason) -> Outcome:
    """A call failed; what that means for the object follows from the error's class."""
    message = f"{doing}: {error}"
    requeue = RETRIES[error.error_class]
    failed = Verdict("False", Reason.FAILED, message)
    waiting = Verdict("False", busy, message)
    match error.error_class:
        case ErrorClass.DENIED:
            reason = Reason.REJECTED if error.status == 401 else Reason.FORBIDDEN  # noqa: PLR2004
            hint = f"{message} Check the keys of the Secret and the account's permissions."
            refused = Verdict("False", reason, hint)
            return Outcome(phase, failed, _progress(message), credentials=refused, requeue=requeue)
        case ErrorClass.SUSPENDED:
            stalled = Verdict("True", Reason.ACCOUNT_SUSPENDED, message)
        case ErrorClass.INVALID:
            stalled = Verdict("True", Reason.INVALID_SPEC, message)
        case ErrorClass.UNSUPPORTED:
            stalled = Verdict("True", Reason.UNSUPPORTED_CHANGE, message)
        case ErrorClass.THROTTLED:
            limited = Verdict("True", Reason.RATE_LIMITED, message)
            return Outcome(phase, waiting, _progress(message), reconciling=limited, requeue=requeue)
        case _:
            later = Verdict("True", Reason.WAITING_FOR_CLOUD, message)
            return Outcome(phase, waiting, _progress(message), reconciling=later, requeue=requeue)
    return Outcome(phase, failed, _progress(message), stalled=stalled, requeue=requeue)


def _progress(message: str) -> Verdict:
    return Verdict("False", Reason.UPDATE_IN_PROGRESS, message)


def as_planned(plan: Plan, *, running: bool, wanted_running: bool, observe_only: bool) -> Outcome:
    """Everything that may be done is done; what is held is told."""
    on_air = Verdict("True", Reason.RUNNING, "The channel is on air.")
    off_air = Verdict("True", Reason.STOPPED, "The channel is stopped, as wanted.")
    phase = "Running" if running else "Stopped"
    if observe_only:
        synced = Verdict("Unknown" if plan.held else "True", Reason.OBSERVE_ONLY, _told(plan) or "As wanted.")
        return Outcome(phase, Verdict("True", Reason.OBSERVED, f"The channel is {phase.lower()}."), synced, plan=plan)
    ready = on_air if running else off_air
    if running != wanted_running:
        ready = Verdict("False", Reason.CHANGE_PENDING, _told(plan))
    if not plan.held:
        return Outcome(phase, ready, Verdict("True", Reason.IN_SYNC, "The cloud has what the spec says."))
    return _held(plan, phase, ready)


def _held(plan: Plan, phase: str, ready: Verdict) -> Outcome:
    told = _told(plan)
    holds = {held.hold for held in plan.held}
    if Hold.UNSUPPORTED in holds:
        stalled = Verdict("True", Reason.UNSUPPORTED_CHANGE, told)
        synced = Verdict("False", Reason.DRIFT_DETECTED, told)
        return Outcome(phase, ready, synced, stalled=stalled, plan=plan, requeue=SLOWLY)
    if Hold.SECRET_MISSING in holds:
        return Outcome(phase, ready, Verdict("False", Reason.PARTIAL_UPDATE, told), plan=plan, requeue=SLOWLY)
    return Outcome(phase, ready, Verdict("False", Reason.DRIFT_DETECTED, told), plan=plan)


def _told(plan: Plan) -> str:
    return " ".join(_sentence(held) for held in plan.held)


def _sentence(held: Held) -> str:
    changes = "; ".join(map(str, held.changes))
    return f"{held.message} ({changes})" if changes and held.hold is not Hold.UNSUPPORTED else held.message


def recheck(outcome: Outcome, seconds: float) -> Outcome:
    """The same, looked at again after this many seconds at the latest."""
    from dataclasses import replace  # noqa: PLC0415

    return replace(outcome, requeue=outcome.requeue or After(seconds))
