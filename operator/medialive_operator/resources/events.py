"""Events: the closed list of what the operator tells in `kubectl describe` and `kubectl events`.

An event is a thing that happened at one moment; a state that lasts is a condition. Read by `cluster`, which posts
them, and by the reference pages. Facts as data.
"""

from enum import StrEnum
from typing import Literal


class EventReason(StrEnum):
    """What happened, as one word for machines."""

    CREATED = "Created"
    ADOPTED = "Adopted"
    UPDATED = "Updated"
    STARTED = "Started"
    STOPPED = "Stopped"
    DELETED = "Deleted"
    RESTARTING = "Restarting"
    RELEASED = "Released"
    PAUSED = "Paused"
    DRIFT_CORRECTED = "DriftCorrected"
    RECOVERED = "Recovered"
    REPLACED = "Replaced"
    SIGNAL_RESTORED = "SignalRestored"

    DETACHED = "Detached"
    DISAPPEARED = "Disappeared"
    DRIFT_DETECTED = "DriftDetected"
    CHANGE_HELD = "ChangeHeld"
    CONFLICT = "Conflict"
    CREDENTIALS_REFUSED = "CredentialsRefused"
    REFERENCE_MISSING = "ReferenceMissing"
    INVALID_SPEC = "InvalidSpec"
    UPDATE_FAILED = "UpdateFailed"
    SIGNAL_LOST = "SignalLost"

    @property
    def severity(self) -> Literal["Normal", "Warning"]:
        """The event's type in Kubernetes' words: Warning is for what a person should look at."""
        return "Normal" if self in _NORMAL else "Warning"


_NORMAL = frozenset(
    {
        EventReason.CREATED, EventReason.ADOPTED, EventReason.UPDATED, EventReason.STARTED, EventReason.STOPPED,
        EventReason.DELETED, EventReason.RESTARTING, EventReason.RELEASED, EventReason.PAUSED,
        EventReason.DRIFT_CORRECTED, EventReason.RECOVERED, EventReason.REPLACED, EventReason.SIGNAL_RESTORED,
    }
)  # fmt: skip

# What each word says; the reference page of the events is made of this.
EVENT_REASONS = {
    EventReason.CREATED: "The channel or flow was created in the cloud.",
    EventReason.ADOPTED: "One that existed in the cloud before is managed from now on.",
    EventReason.UPDATED: "A change was written to the cloud.",
    EventReason.STARTED: "It was put on air.",
    EventReason.STOPPED: "It was taken off the air.",
    EventReason.DELETED: "It is gone from the cloud.",
    EventReason.RESTARTING: "A change interrupts it while it is on air (about 30 seconds).",
    EventReason.RELEASED: "The object is gone and, by its deletionPolicy, the cloud keeps what it has.",
    EventReason.PAUSED: "By annotation no calls are made any more.",
    EventReason.DRIFT_CORRECTED: "A change made outside this object was taken back.",
    EventReason.RECOVERED: "What had failed works again.",
    EventReason.REPLACED: "A new flow took the place of the old one, which is deleted; the addresses are new ones.",
    EventReason.SIGNAL_RESTORED: "A source or an output of the flow is connected again.",
    EventReason.DETACHED: "The finalizer was given up by annotation; the cloud may still have it.",
    EventReason.DISAPPEARED: "It was deleted in the cloud by somebody else.",
    EventReason.DRIFT_DETECTED: "The cloud was changed outside this object, and is left so.",
    EventReason.CHANGE_HELD: "A change is not written; the plan in the status says which and why.",
    EventReason.CONFLICT: "It belongs to another object or to nobody we know; nothing is written.",
    EventReason.CREDENTIALS_REFUSED: "The credentials are missing, incomplete or refused.",
    EventReason.REFERENCE_MISSING: "Something the spec refers to does not exist.",
    EventReason.INVALID_SPEC: "The service does not accept the spec.",
    EventReason.UPDATE_FAILED: "The cloud refused a change.",
    EventReason.SIGNAL_LOST: "A source or an output of the flow is not connected any more.",
}
