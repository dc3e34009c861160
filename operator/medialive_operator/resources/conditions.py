"""Conditions: the closed vocabulary by which an object tells how it is, and how a list of them is kept.

Written by `controller.status`, read by people, kubectl, Argo CD and kstatus. The words follow metav1.Condition of
Kubernetes and kstatus: `Reconciling` and `Stalled` are present only while they are true. Pure.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from medialive_operator.resources.fields import StatusPart


class ConditionType(StrEnum):
    """What a condition speaks of."""

    READY = "Ready"
    SYNCED = "Synced"
    SIGNAL_HEALTHY = "SignalHealthy"
    CREDENTIALS_READY = "CredentialsReady"
    REFERENCES_RESOLVED = "ReferencesResolved"
    RECONCILING = "Reconciling"
    STALLED = "Stalled"


class Reason(StrEnum):
    """Why a condition is as it is. A closed list; a reason belongs to the type above it."""

    # Ready: does the cloud do what is wanted?
    RUNNING = "Running"
    STOPPED = "Stopped"
    OBSERVED = "Observed"
    CREATING = "Creating"
    STARTING = "Starting"
    STOPPING = "Stopping"
    DELETING = "Deleting"
    CHANGE_PENDING = "ChangePending"
    DEGRADED = "Degraded"
    FAILED = "Failed"
    # Synced: does the cloud have what the spec says?
    IN_SYNC = "InSync"
    DRIFT_DETECTED = "DriftDetected"
    DRIFT_IGNORED = "DriftIgnored"
    UPDATE_IN_PROGRESS = "UpdateInProgress"
    PARTIAL_UPDATE = "PartialUpdate"
    AWAITING_APPROVAL = "AwaitingApproval"
    OUTSIDE_CHANGE_WINDOW = "OutsideChangeWindow"
    PAUSED = "Paused"
    OBSERVE_ONLY = "ObserveOnly"
    # SignalHealthy: does a stream come in?
    INPUT_PRESENT = "InputPresent"
    INPUT_LOST = "InputLost"
    ON_BACKUP_INPUT = "OnBackupInput"
    ENCODER_MISMATCH = "EncoderMismatch"
    NOT_MONITORED = "NotMonitored"
    # CredentialsReady: do the credentials work?
    VALID = "Valid"
    SECRET_NOT_FOUND = "SecretNotFound"  # noqa: S105 -- a word, no secret
    KEY_MISSING = "KeyMissing"
    REJECTED = "Rejected"
    FORBIDDEN = "Forbidden"
    PROJECT_MISMATCH = "ProjectMismatch"
    # ReferencesResolved: is everything there that the spec points to?
    RESOLVED = "Resolved"
    NOT_FOUND = "NotFound"
    NOT_READY = "NotReady"
    INVALID = "Invalid"
    # Reconciling: what is being waited for
    WORKING = "Working"
    RATE_LIMITED = "RateLimited"
    WAITING_FOR_CLOUD = "WaitingForCloud"
    WAITING_FOR_TASK = "WaitingForTask"
    # Stalled: what a person has to look at
    INVALID_SPEC = "InvalidSpec"
    CONFLICT = "Conflict"
    QUOTA_EXCEEDED = "QuotaExceeded"
    PERMISSION_DENIED = "PermissionDenied"
    ACCOUNT_SUSPENDED = "AccountSuspended"
    UNSUPPORTED_CHANGE = "UnsupportedChange"


# The schema in the CRD names no values: an operator of another version may have other words.
_WORD = WithJsonSchema({"type": "string", "maxLength": 64, "pattern": "^[A-Za-z]+$"})


class Condition(StatusPart):
    """One observation about the object, as metav1.Condition of Kubernetes has it."""

    type: Annotated[ConditionType, _WORD]
    """What the condition speaks of."""
    status: Literal["True", "False", "Unknown"]
    """Whether it is so."""
    observed_generation: Annotated[int, Field(ge=0, json_schema_extra={"format": "int64"})] | None = None
    """The generation of the spec that the condition speaks of."""
    last_transition_time: datetime
    """When `status` last became what it is."""
    reason: Annotated[Reason, _WORD]
    """Why, as one word for machines, from a closed list."""
    message: Annotated[str, Field(max_length=1024)]
    """Why, for people, and what to do. Never a secret."""


def with_condition(conditions: Iterable[Condition], made: Condition, now: datetime) -> list[Condition]:
    """The conditions with `made` in the place of the one of its type, sorted by type.

    The transition time moves to `now` only when the status flips, and a condition that says the same stays as it is.
    """
    others = {condition.type: condition for condition in conditions}
    before = others.get(made.type)
    since = before.last_transition_time if before is not None and before.status == made.status else now
    others[made.type] = made.model_copy(update={"last_transition_time": since})
    return [others[kind] for kind in sorted(others)]


def without(conditions: Iterable[Condition], kind: ConditionType) -> list[Condition]:
    """The conditions but the one of this type."""
    return [condition for condition in conditions if condition.type != kind]
