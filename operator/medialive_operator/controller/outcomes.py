"""What a reconcile pass found, as one value: the only source of conditions, phase and the time of the next look.

The pass makes an `Outcome`; `controller.status` writes it. Nothing else sets a condition.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from pydantic import ValidationError

from medialive_operator.cloud.errors import CloudError
from medialive_operator.contract.error_codes import ErrorClass
from medialive_operator.contract.operations import OPERATIONS
from medialive_operator.controller.queueing import After, Requeue, Retry
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
_STALLED: Mapping[ErrorClass, Reason] = {
    ErrorClass.SUSPENDED: Reason.ACCOUNT_SUSPENDED,
    ErrorClass.INVALID: Reason.INVALID_SPEC,
    ErrorClass.UNSUPPORTED: Reason.UNSUPPORTED_CHANGE,
    ErrorClass.EXISTS: Reason.CONFLICT,
}
# What to do about it, where it is not tried again within seconds.
_ADVICE: Mapping[ErrorClass, str] = {
    ErrorClass.DENIED: "Check the credentials and the projectId in the Secret, and the account's permissions.",
    ErrorClass.SUSPENDED: "Put the account in order; it is tried again by itself.",
    ErrorClass.INVALID: "Change the spec accordingly.",
    ErrorClass.UNSUPPORTED: "Check region and endpoint, in the object and in the Secret.",
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
class Shown:
    """What the cloud shows: of a channel or a flow, the state in the cloud's words; None when there is none."""

    what: Literal["channel", "flow"]
    state: str | None

    @property
    def is_running(self) -> bool:
        """Whether it says that it is on air."""
        return self.state in ("ON", "ACTIVE")

    @property
    def is_known(self) -> bool:
        """Whether the state is one of those that are documented."""
        return self.state in ("ON", "OFF", "ACTIVE", "STANDBY", None)

    @property
    def phase(self) -> str:
        """The state in our words, or as it is."""
        if self.state is None:
            return "Missing"
        return ("Running" if self.is_running else "Stopped") if self.is_known else self.state


@dataclass(frozen=True)
class Outcome:
    """The result of a pass. None leaves what earlier passes found, but for what is present only while it is true."""

    phase: str
    ready: Verdict | None = None
    synced: Verdict | None = None
    credentials: Verdict | None = None
    references: Verdict | None = None
    reconciling: Verdict | None = None
    stalled: Verdict | None = None
    signal: Verdict | None = None
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


def paused(*, deleting: bool) -> Outcome:
    """The user asked for no cloud calls at all."""
    message = "Paused by annotation: no calls are made. Remove medialive.huaweicloud.com/paused to go on."
    synced = Verdict("Unknown", Reason.PAUSED, message)
    if deleting:
        return Outcome("Deleting", Verdict("Unknown", Reason.DELETING, f"The deletion waits. {message}"), synced)
    return Outcome("Paused", Verdict("Unknown", Reason.CHANGE_PENDING, message), synced)


def in_use(users: str) -> Outcome:
    """The deletion waits for objects that use it."""
    message = f"The deletion waits: {users} takes its stream from this flow. Delete that, or give it another source."
    return Outcome("Deleting", Verdict("False", Reason.IN_USE, message))


def explained(error: ValidationError) -> str:
    """What is wrong with a spec, by path, without the values: a value may be a secret in the wrong place."""
    told = "; ".join(f"spec.{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:5])
    return f"The stored object does not fit this version of the operator: {told}. Apply it again as the CRD asks."


def credentials_problem(reason: Reason, message: str, *, deleting: bool) -> Outcome:
    """The Secret with the credentials is missing, incomplete, or belongs to another project."""
    # Unknown: a channel that is on air stays so, whatever becomes of its credentials.
    return Outcome(
        phase="Deleting" if deleting else "Pending",
        ready=Verdict("False", Reason.DELETING, message) if deleting else Verdict("Unknown", Reason.FAILED, message),
        synced=Verdict("Unknown", Reason.UPDATE_IN_PROGRESS, "Nothing is known without credentials."),
        credentials=Verdict("False", reason, message),
        requeue=SLOWLY,
    )


def conflict(message: str) -> Outcome:
    """Somebody else's channel: it is neither changed nor deleted."""
    return Outcome(
        phase="Conflict",
        ready=Verdict("False", Reason.FAILED, message),
        synced=Verdict("Unknown", Reason.DRIFT_IGNORED, "Not compared: it is not this object's."),
        stalled=Verdict("True", Reason.CONFLICT, message),
        requeue=Retry(30, 300),
    )


def working(plan: Plan, number: int) -> Outcome:
    """In the middle of several steps: `number` of them are done."""
    message = f"{number} of {len(plan.steps)} calls are done."
    return Outcome(
        phase="Updating",
        ready=Verdict("False", Reason.CHANGE_PENDING, message),
        synced=Verdict("False", Reason.PARTIAL_UPDATE, message),
        reconciling=Verdict("True", Reason.WORKING, message),
    )


def creating(what: str) -> Outcome:
    """The intent is written down, the call is next."""
    message = f"The {what} is being created."
    return Outcome(
        phase="Creating",
        ready=Verdict("False", Reason.CREATING, message),
        synced=Verdict("False", Reason.UPDATE_IN_PROGRESS, message),
        credentials=CREDENTIALS_VALID,
        reconciling=Verdict("True", Reason.WORKING, message),
    )


def not_created(plan: Plan) -> Outcome:
    """The channel cannot be created as the spec stands."""
    told = _told(plan)
    return Outcome(
        phase="Pending",
        ready=Verdict("False", Reason.CREATING, told),
        synced=Verdict("False", Reason.UPDATE_IN_PROGRESS, told),
        credentials=CREDENTIALS_VALID,
        reconciling=Verdict("True", Reason.WORKING, told),
        plan=plan,
        requeue=SLOWLY,
    )


def waiting_for_cloud(phase: str, reason: Reason, message: str, requeue: Requeue) -> Outcome:
    """The cloud has to show something first."""
    return Outcome(
        phase=phase,
        ready=Verdict("False", reason, message),
        synced=Verdict("False", Reason.UPDATE_IN_PROGRESS, message),
        reconciling=Verdict("True", Reason.WAITING_FOR_CLOUD, message),
        requeue=requeue,
    )


def deletion_held(plan: Plan) -> Outcome:
    """The policy keeps the channel while it is on air."""
    told = _told(plan)
    return Outcome("Deleting", Verdict("False", Reason.DELETING, told), plan=plan)


def wrong_account(made_in: str, found: str, *, deleting: bool) -> Outcome:
    """The credentials belong to another project or endpoint than the one in which it was created."""
    message = (
        f"It was created in {made_in}, and the credentials are for {found}. Give back credentials for the "
        "former; nothing is done in the latter."
    )
    return credentials_problem(Reason.PROJECT_MISMATCH, message, deleting=deleting)


def references(missing: Iterable[str], reason: Reason = Reason.NOT_FOUND) -> Verdict:
    """Whether everything that the spec refers to is there."""
    told = " ".join(sorted(set(missing)))
    return Verdict("False", reason, told) if told else REFERENCES_RESOLVED


def cloud_refused(error: CloudError, *, doing: str, phase: str, waiting: Reason = Reason.WAITING_FOR_CLOUD) -> Outcome:
    """A call failed; what that means for the object follows from the error's class."""
    advice = _ADVICE.get(error.error_class)
    message = f"{doing}: {error}" if advice is None else f"{doing}: {str(error).rstrip('.')}. {advice}"
    pending = Verdict("False", Reason.UPDATE_IN_PROGRESS, message)
    requeue = RETRIES[error.error_class]
    stalled = _STALLED.get(error.error_class)
    if stalled is not None:
        # That a look was refused says nothing about the channel, but neither can it be vouched for any more.
        failed = Verdict("Unknown" if _only_looked(error) else "False", Reason.FAILED, message)
        return Outcome(phase, failed, pending, stalled=Verdict("True", stalled, message), requeue=requeue)
    if error.error_class is ErrorClass.DENIED:
        reason = Reason.REJECTED if error.status == HTTPStatus.UNAUTHORIZED else Reason.FORBIDDEN
        unknown = Verdict("Unknown", Reason.FAILED, message)
        return Outcome(phase, unknown, pending, credentials=Verdict("False", reason, message), requeue=requeue)
    if error.error_class is ErrorClass.THROTTLED:
        waiting = Reason.RATE_LIMITED
    # Ready stays as it was: that a call did not get through says nothing about the channel.
    return Outcome(phase, None, pending, reconciling=Verdict("True", waiting, message), requeue=requeue)


def _only_looked(error: CloudError) -> bool:
    return error.operation is not None and OPERATIONS[error.operation].repeatable


def as_planned(plan: Plan, cloud: Shown, *, wanted_running: bool, observe_only: bool) -> Outcome:
    """Everything that may be done is done; what is held is told."""
    phase = cloud.phase
    if observe_only:
        return _only_observed(plan, cloud)
    ready = _as_wanted(plan, cloud, wanted_running=wanted_running)
    if not plan.held and not plan.steps:
        return Outcome(phase, ready, Verdict("True", Reason.IN_SYNC, "The cloud has what the spec says."))
    return _held(plan, phase, ready)


def _only_observed(plan: Plan, cloud: Shown) -> Outcome:
    ready = Verdict("True", Reason.OBSERVED, f"The {cloud.what} is {cloud.phase.lower()}.")
    if cloud.state is None:
        ready = Verdict("False", Reason.OBSERVED, f"There is no such {cloud.what} in the cloud.")
    differs = _told(plan)
    synced = Verdict(
        "False" if differs else "True", Reason.OBSERVE_ONLY, differs or "The cloud has what the spec says."
    )
    return Outcome(cloud.phase, ready, synced, plan=plan)


def _as_wanted(plan: Plan, cloud: Shown, *, wanted_running: bool) -> Verdict:
    if not cloud.is_known:
        return Verdict("Unknown", Reason.UNKNOWN_STATE, f"The cloud shows the {cloud.what} {cloud.state}.")
    if cloud.is_running != wanted_running:
        return Verdict(
            "False", Reason.CHANGE_PENDING, _told(plan) or f"The cloud shows the {cloud.what} {cloud.state}."
        )
    if wanted_running:
        return Verdict("True", Reason.RUNNING, f"The {cloud.what} is on air.")
    return Verdict("True", Reason.STOPPED, f"The {cloud.what} is stopped, as wanted.")


def _held(plan: Plan, phase: str, ready: Verdict) -> Outcome:
    told = _told(plan)
    holds = {held.hold for held in plan.held}
    if Hold.UNSUPPORTED in holds:
        stalled = Verdict("True", Reason.UNSUPPORTED_CHANGE, told)
        synced = Verdict("False", Reason.DRIFT_DETECTED, told)
        return Outcome(phase, ready, synced, stalled=stalled, plan=plan, requeue=SLOWLY)
    if plan.steps:
        told = "The service took the change and does not show it yet."
        later = Verdict("True", Reason.WAITING_FOR_CLOUD, told)
        pending = Verdict("False", Reason.UPDATE_IN_PROGRESS, told)
        return Outcome(phase, ready, pending, reconciling=later, plan=plan, requeue=SOON)
    if Hold.IN_TRANSITION in holds:
        later = Verdict("True", Reason.WAITING_FOR_CLOUD, told)
        pending = Verdict("False", Reason.UPDATE_IN_PROGRESS, told)
        return Outcome(phase, ready, pending, reconciling=later, plan=plan, requeue=After(5.0))
    if Hold.REFUSED in holds or Hold.NOT_TAKEN in holds:
        return Outcome(phase, ready, Verdict("False", Reason.PARTIAL_UPDATE, told), plan=plan, requeue=SLOWLY)
    if Hold.SECRET_MISSING in holds:
        return Outcome(phase, ready, Verdict("False", Reason.PARTIAL_UPDATE, told), plan=plan, requeue=SLOWLY)
    return Outcome(phase, ready, Verdict("False", Reason.DRIFT_DETECTED, told), plan=plan)


def _told(plan: Plan) -> str:
    return " ".join(_sentence(held) for held in plan.held)


def _sentence(held: Held) -> str:
    changes = "; ".join(
        f"{change.path}: the cloud has {change.before}, the spec says {change.after}" for change in held.changes
    )
    return f"{held.message} ({changes})" if changes and held.hold is not Hold.UNSUPPORTED else held.message
