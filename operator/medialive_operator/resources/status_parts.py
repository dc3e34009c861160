"""What the operator reports about an object of any kind: how it is, what is left to do, and the journal.

The kinds' statuses are built on `ObjectStatus`. Written by `controller.status` only. Limits are wide: a status that
does not fit would keep the operator from going on. Nothing here ticks, and nothing is secret.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from medialive_operator.resources.conditions import Condition, ConditionType, Reason
from medialive_operator.resources.fields import Int64, StatusPart, keyed_by

Line = Annotated[str, Field(max_length=1024)]
Address = Annotated[str, Field(max_length=4096)]
# The journal of a section is at most as large as the section, and an object as a whole stays below etcd's 1.5 MiB.
_Block = Annotated[str, Field(max_length=524288)]
Blocks = Annotated[dict[str, _Block], Field(max_length=64)]
_WORDS = {*ConditionType, *Reason}


def _known(conditions: Any) -> Any:
    """Conditions in words of another version of the operator are dropped: they are made anew."""
    if not isinstance(conditions, Iterable):
        return conditions
    return [
        each for each in conditions if not isinstance(each, Mapping) or {each.get("type"), each.get("reason")} <= _WORDS
    ]


class EndpointRef(StatusPart):
    """The account in which it lives."""

    endpoint: Address
    """Address of the service."""
    project_id: Line
    """Id of the project."""


class SecretHash(StatusPart):
    """Stands for secrets that were written, so that a change of them is noticed."""

    path: Line
    """Section whose secrets these are."""
    hash: Line
    """Slow salted hash of them."""
    secret_version: Line | None = None
    """Versions of the Secrets that it was made from."""


class Attempt(StatusPart):
    """The last write of a section that is not settled yet."""

    section: Line
    """What was written."""
    fingerprint: Line
    """Stands for what the write was to change."""
    accepted: bool
    """Whether the service took it."""


class Change(StatusPart):
    """One difference."""

    path: Line
    """Field, in the spelling of the spec."""
    before: Annotated[str, Field(max_length=1024, alias="from")]
    """What the cloud has."""
    after: Annotated[str, Field(max_length=1024, alias="to")]
    """What is wanted."""


class PlanStep(StatusPart):
    """One call that is pending, or was not made."""

    call: Line
    """Operation of the API; none when nothing is to be called."""
    section: Line | None = None
    """What it writes."""
    disruption: Line | None = None
    """What it does to a stream on air, or why it is held."""
    changes: Annotated[list[Change], Field(max_length=100)] | None = None
    """What it changes."""


class Plan(StatusPart):
    """What is left to do, and why it is not done."""

    hash: Line
    """Stands for this very plan."""
    reason: Line | None = None
    """Why it is not carried out."""
    steps: Annotated[list[PlanStep], Field(max_length=64)] | None = None
    """The calls, in order."""


class Restarts(StatusPart):
    """Interruptions that the operator caused."""

    count: Int64
    """How many."""
    last: datetime | None = None
    """When the last one was."""


class ObjectStatus(StatusPart):
    """What all kinds report. A section is a part of the cloud resource that one call writes."""

    observed_generation: Int64 | None = None
    """The generation of the spec that the status speaks of."""
    phase: Line | None = None
    """How it is, for people. Machines read `conditions`."""
    conditions: (
        Annotated[list[Condition], BeforeValidator(_known), Field(max_length=16, json_schema_extra=keyed_by("type"))]
        | None
    ) = None
    """How it is, for machines: Ready, Synced, SignalHealthy, CredentialsReady, ReferencesResolved; Reconciling and
    Stalled while they are true."""
    plan: Plan | None = None
    """What is left to do, and why it is not done."""
    adopted: bool | None = None
    """Whether what is in the cloud existed before this object."""
    endpoint_ref: EndpointRef | None = None
    """The account in which it lives."""
    last_applied: Blocks | None = None
    """What was applied last, by section, secrets left out."""
    secret_hashes: Annotated[list[SecretHash], Field(max_length=64, json_schema_extra=keyed_by("path"))] | None = None
    """Stand for the secrets that were applied last."""
    attempts: Annotated[list[Attempt], Field(max_length=64, json_schema_extra=keyed_by("section"))] | None = None
    """Writes that the cloud refused, or took and does not show: they are not repeated without need."""
    last_handled_reconcile_at: Line | None = None
    """The value of the annotation `medialive.huaweicloud.com/reconcile-requested-at` that was answered last."""
    last_sync_time: datetime | None = None
    """When the operator last acted, or saw a change."""
