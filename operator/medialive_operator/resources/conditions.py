"""Conditions: the closed vocabulary by which an object tells how it is, and how a list of them is kept.

Written by `controller.status`, read by people, kubectl, Argo CD and kstatus. The words follow metav1.Condition of
Kubernetes and kstatus: `Reconciling` and `Stalled` are present only while they are true. Pure.
"""

from collections.abc import Iterable, Mapping
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
    """Why a condition is as it is. A closed list; `REASONS` says which type a reason goes with, and what it means."""

    RUNNING = "Running"
    STOPPED = "Stopped"
    OBSERVED = "Observed"
    CREATING = "Creating"
    DELETING = "Deleting"
    CHANGE_PENDING = "ChangePending"
    FAILED = "Failed"
    UNKNOWN_STATE = "UnknownState"
    IN_USE = "InUse"
    IN_SYNC = "InSync"
    DRIFT_DETECTED = "DriftDetected"
    DRIFT_IGNORED = "DriftIgnored"
    UPDATE_IN_PROGRESS = "UpdateInProgress"
    PARTIAL_UPDATE = "PartialUpdate"
    PAUSED = "Paused"
    OBSERVE_ONLY = "ObserveOnly"
    INPUT_LOST = "InputLost"
    CONNECTED = "Connected"
    OUTPUT_LOST = "OutputLost"
    NOT_MONITORED = "NotMonitored"
    VALID = "Valid"
    SECRET_NOT_FOUND = "SecretNotFound"  # noqa: S105 -- a word, no secret
    KEY_MISSING = "KeyMissing"
    REJECTED = "Rejected"
    FORBIDDEN = "Forbidden"
    PROJECT_MISMATCH = "ProjectMismatch"
    RESOLVED = "Resolved"
    NOT_FOUND = "NotFound"
    NOT_READY = "NotReady"
    WORKING = "Working"
    RATE_LIMITED = "RateLimited"
    WAITING_FOR_CLOUD = "WaitingForCloud"
    WAITING_FOR_TASK = "WaitingForTask"
    INVALID_SPEC = "InvalidSpec"
    CONFLICT = "Conflict"
    ACCOUNT_SUSPENDED = "AccountSuspended"
    UNSUPPORTED_CHANGE = "UnsupportedChange"


MEANINGS: Mapping[ConditionType, str] = {
    ConditionType.READY: "The cloud does what is wanted: it runs, or is stopped.",
    ConditionType.SYNCED: "The cloud has what the spec says.",
    ConditionType.SIGNAL_HEALTHY: "A stream comes in, and goes out where it should.",
    ConditionType.CREDENTIALS_READY: "The credentials were found, and the service takes them.",
    ConditionType.REFERENCES_RESOLVED: "Everything the spec points to was found.",
    ConditionType.RECONCILING: "The operator is at work or waits for something. Present only while it is true.",
    ConditionType.STALLED: "The operator cannot go on by itself. Present only while it is true.",
}

REASONS: Mapping[ConditionType, Mapping[Reason, str]] = {
    ConditionType.READY: {
        Reason.RUNNING: "It is on air.",
        Reason.STOPPED: "It is off the air, as wanted.",
        Reason.OBSERVED: "It exists, and managementPolicy Observe only looks at it.",
        Reason.CREATING: "It is being created.",
        Reason.DELETING: "It is being deleted.",
        Reason.CHANGE_PENDING: "A change is still to be made.",
        Reason.FAILED: "The cloud refused something; the message says what and why.",
        Reason.UNKNOWN_STATE: "The cloud shows a state that the operator does not know; it is in the status as it is.",
        Reason.IN_USE: "It is to be deleted, and waits because another object uses it.",
    },
    ConditionType.SYNCED: {
        Reason.IN_SYNC: "Nothing differs.",
        Reason.DRIFT_DETECTED: "The cloud was changed outside this object, and taking that back would interrupt it.",
        Reason.DRIFT_IGNORED: "The cloud was changed outside this object, and that is left so on purpose.",
        Reason.UPDATE_IN_PROGRESS: "Changes are being written, or will be as soon as that is possible.",
        Reason.PARTIAL_UPDATE: "Some changes are written, others cannot be.",
        Reason.PAUSED: "By annotation no calls are made.",
        Reason.OBSERVE_ONLY: "Nothing is written to the cloud.",
    },
    ConditionType.SIGNAL_HEALTHY: {
        Reason.INPUT_LOST: "No stream comes in.",
        Reason.CONNECTED: "All sources of the flow are connected, and all outputs that are enabled.",
        Reason.OUTPUT_LOST: "A stream comes in, and an output that is enabled is not connected.",
        Reason.NOT_MONITORED: "Nothing is known about the stream.",
    },
    ConditionType.CREDENTIALS_READY: {
        Reason.VALID: "The service takes the credentials.",
        Reason.SECRET_NOT_FOUND: "The Secret with the credentials does not exist.",
        Reason.KEY_MISSING: "The Secret lacks a key, or a key cannot be read.",
        Reason.REJECTED: "The service does not know these credentials.",
        Reason.FORBIDDEN: "The credentials are good, and lack a permission.",
        Reason.PROJECT_MISMATCH: "The credentials belong to another project than the one this object lives in.",
    },
    ConditionType.REFERENCES_RESOLVED: {
        Reason.RESOLVED: "Everything was found.",
        Reason.NOT_FOUND: "A Secret, a key of it or an object does not exist.",
        Reason.NOT_READY: "What is referred to exists, and is not ready yet.",
    },
    ConditionType.RECONCILING: {
        Reason.WORKING: "Calls are being made.",
        Reason.RATE_LIMITED: "The account's calls a minute are used up; it goes on by itself.",
        Reason.WAITING_FOR_CLOUD: "The cloud does not answer as it should; it is tried again.",
        Reason.WAITING_FOR_TASK: "Something in the cloud has to end first.",
    },
    ConditionType.STALLED: {
        Reason.INVALID_SPEC: "The service does not take the spec.",
        Reason.CONFLICT: "The identity or a playback URL belongs to somebody else.",
        Reason.ACCOUNT_SUSPENDED: "The account is frozen, in arrears or deleted.",
        Reason.UNSUPPORTED_CHANGE: "No call of the API makes this change.",
    },
}

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
