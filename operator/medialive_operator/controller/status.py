"""The status of an object as a working copy: what earlier passes recorded, and what this one writes.

Called by the reconcile pass only. It turns an `Outcome` into conditions and keeps the parts of the journal that all
kinds have; what a kind records beside them is in `channels.status`. Knows no cloud call and no Kubernetes call.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from medialive_operator.controller.digests import Digest
from medialive_operator.controller.outcomes import Outcome, Verdict
from medialive_operator.planning.merging import Change, JsonObject
from medialive_operator.planning.steps import Plan, Step
from medialive_operator.resources.conditions import Condition, ConditionType, Reason, with_condition, without
from medialive_operator.resources.events import EventReason

_SHOWN_CHANGES = 20
_NOTHING_KNOWN = Verdict("Unknown", Reason.CHANGE_PENDING, "The cloud has not answered yet.")

# What is worth an event when a condition comes to say it: (type, reason) → event.
_TOLD: Mapping[tuple[str, str], EventReason] = {
    ("CredentialsReady", Reason.SECRET_NOT_FOUND): EventReason.CREDENTIALS_REFUSED,
    ("CredentialsReady", Reason.KEY_MISSING): EventReason.CREDENTIALS_REFUSED,
    ("CredentialsReady", Reason.REJECTED): EventReason.CREDENTIALS_REFUSED,
    ("CredentialsReady", Reason.FORBIDDEN): EventReason.CREDENTIALS_REFUSED,
    ("CredentialsReady", Reason.PROJECT_MISMATCH): EventReason.CREDENTIALS_REFUSED,
    ("ReferencesResolved", Reason.NOT_FOUND): EventReason.REFERENCE_MISSING,
    ("Synced", Reason.DRIFT_DETECTED): EventReason.DRIFT_DETECTED,
    ("Synced", Reason.PAUSED): EventReason.PAUSED,
    ("Stalled", Reason.CONFLICT): EventReason.CONFLICT,
    ("Stalled", Reason.INVALID_SPEC): EventReason.INVALID_SPEC,
    ("Stalled", Reason.UNSUPPORTED_CHANGE): EventReason.CHANGE_HELD,
    ("Stalled", Reason.ACCOUNT_SUSPENDED): EventReason.UPDATE_FAILED,
}


_TYPES, _REASONS = frozenset(ConditionType), frozenset(Reason)


class Status:
    """A working copy of one object's status, as JSON. Nothing is written until the pass saves `as_json()`.

    A unit is a part of the cloud resource that is written as a whole: a section of a channel, say.
    """

    # Members that say when something was looked at; they are stored only together with something else.
    volatile: ClassVar[frozenset[str]] = frozenset({"lastSyncTime"})

    def __init__(self, obj: JsonObject) -> None:
        self._before: JsonObject = obj.get("status") or {}
        self.generation: int = obj["metadata"].get("generation", 0)
        self.content: JsonObject = copy.deepcopy(self._before)
        self._conditions = _known_conditions(self._before)

    @property
    def phase(self) -> str | None:
        """How it was after the last pass."""
        return self.content.get("phase")

    @property
    def created(self) -> JsonObject | None:
        """The intent to create, once there is one."""
        return self.content.get("create")

    @property
    def owned(self) -> bool:
        """Whether what is in the cloud is ours: we recorded the intent to make it, or were told to adopt it."""
        return self.created is not None or bool(self.content.get("adopted"))

    @property
    def applied_once(self) -> bool:
        """Whether the cloud has shown it as ours before, so that its absence means somebody deleted it."""
        return bool(self.content.get("lastApplied"))

    @property
    def endpoint(self) -> tuple[str, str] | None:
        """Endpoint and project in which it was made."""
        at = self.content.get("endpointRef")
        return (at["endpoint"], at["projectId"]) if at else None

    @property
    def home(self) -> str:
        """The account in which it lives, for people."""
        return "no account yet" if self.endpoint is None else "project {1} at {0}".format(*self.endpoint)

    @property
    def handled_request(self) -> str | None:
        """The reconcile-requested-at that was answered last."""
        return self.content.get("lastHandledReconcileAt")

    def seconds_since_creation(self, now: float) -> float:
        """How long ago the creation was begun; infinite without an intent."""
        started = (self.created or {}).get("startedAt")
        return now - datetime.fromisoformat(started).timestamp() if started else float("inf")

    def applied(self) -> dict[str, JsonObject]:
        """Unit → block that was applied last, secrets redacted."""
        return {unit: json.loads(block) for unit, block in self.content.get("lastApplied", {}).items()}

    def digests(self) -> dict[str, Digest]:
        """Unit → digest of its secrets, as earlier passes made them."""
        entries = self.content.get("secretHashes", [])
        return {entry["path"]: Digest(entry["hash"], entry.get("secretVersion", "")) for entry in entries}

    def record(self, unit: str, block: JsonObject) -> None:
        """Journal: the cloud has this unit as wanted now."""
        self.content.setdefault("lastApplied", {})[unit] = canonical(block)

    def forget(self, unit: str) -> None:
        """Journal: the unit does not exist any more."""
        self.content.get("lastApplied", {}).pop(unit, None)
        self.record_digest(unit, None)
        self.settled(unit)

    def record_digest(self, unit: str, digest: Digest | None) -> None:
        """Journal: by what the unit's secrets are compared; None when it has none."""
        entries = {entry["path"]: entry for entry in self.content.get("secretHashes", [])}
        entries.pop(unit, None)
        if digest is not None:
            entries[unit] = {"path": unit, "hash": digest.hash, "secretVersion": digest.version}
        self.set("secretHashes", [entries[path] for path in sorted(entries)])

    def attempted(self, step: Step, *, accepted: bool) -> None:
        """Journal: what the service said to a write of a unit."""
        for part in step.each:
            if part.section is not None and part.fingerprint:
                self.remember_attempt(str(part.section), part.fingerprint, accepted=accepted)

    def remember_attempt(self, unit: str, fingerprint: str, *, accepted: bool) -> None:
        """Journal: what the service said to something that was tried."""
        made = {"section": unit, "fingerprint": fingerprint, "accepted": accepted}
        attempts = sorted([*self._attempts_without(unit), made], key=lambda entry: str(entry["section"]))
        self.set("attempts", attempts)

    def was_refused(self, unit: str) -> bool:
        """Whether the service refused this when it was tried last."""
        return any(made["section"] == unit and not made["accepted"] for made in self.content.get("attempts", []))

    def settled(self, unit: str) -> None:
        """Journal: the cloud shows the unit as wanted; how it was written last does not matter any more."""
        self.set("attempts", self._attempts_without(unit))

    def forget_intent(self) -> None:
        """The creation was refused, and nothing was made: the next one may be made anywhere."""
        for name in ("create", "secretHashes", "endpointRef"):
            self.content.pop(name, None)

    def at(self, endpoint: str, project_id: str) -> None:
        """Remember in which account it lives: it is never looked for in another one."""
        self.content["endpointRef"] = {"endpoint": endpoint, "projectId": project_id}

    def interrupted(self, now: float) -> None:
        """Count a restart that we caused."""
        statistics = self.content.setdefault("statistics", {})
        count = statistics.get("restarts", {}).get("count", 0)
        statistics["restarts"] = {"count": count + 1, "last": stamp(now)}

    def handled(self, request: str) -> None:
        """Answer a reconcile-requested-at annotation; what was refused, or had no effect, is tried once more."""
        self.content["lastHandledReconcileAt"] = request
        self.set("attempts", None)

    def set(self, name: str, value: Any) -> None:
        """Set a member; nothing is left of it when there is nothing to say."""
        if value in (None, [], {}):
            self.content.pop(name, None)
        else:
            self.content[name] = value

    def apply(self, outcome: Outcome, now: float) -> None:
        """Write the outcome down: phase, conditions, plan."""
        self.content["observedGeneration"] = self.generation
        self.content["phase"] = outcome.phase
        self.set("plan", _plan(outcome.plan))
        lasting = {
            ConditionType.READY: outcome.ready,
            ConditionType.SYNCED: outcome.synced,
            ConditionType.CREDENTIALS_READY: outcome.credentials,
            ConditionType.REFERENCES_RESOLVED: outcome.references,
            ConditionType.SIGNAL_HEALTHY: outcome.signal,
        }
        for kind, verdict in lasting.items():
            if verdict is not None:
                self._condition(kind, verdict, now)
        if all(each.type is not ConditionType.READY for each in self._conditions):
            self._condition(ConditionType.READY, _NOTHING_KNOWN, now)
        # Present only while true, as kstatus wants them.
        self._passing(ConditionType.RECONCILING, outcome.reconciling, now)
        self._passing(ConditionType.STALLED, outcome.stalled, now)

    @property
    def stalled(self) -> bool:
        """Whether the last pass could not go on by itself."""
        return any(each.type is ConditionType.STALLED for each in self._conditions)

    def waits(self, message: str, now: float) -> None:
        """The pass is about to wait for the account's budget: say so, and leave the rest as it is."""
        self._condition(ConditionType.RECONCILING, Verdict("True", Reason.RATE_LIMITED, message), now)

    def as_json(self, now: float) -> JsonObject:
        """The status to store; as it was when nothing but the time of a look has changed."""
        told = [each.model_dump(mode="json", by_alias=True, exclude_none=True) for each in self._conditions]
        self.set("conditions", told)
        if self._lasting(self.content) == self._lasting(self._before):
            return self._before
        self.content["lastSyncTime"] = stamp(now)
        return self.content

    def _lasting(self, content: JsonObject) -> JsonObject:
        return {name: value for name, value in content.items() if name not in self.volatile}

    def _passing(self, kind: ConditionType, verdict: Verdict | None, now: float) -> None:
        if verdict is not None:
            self._condition(kind, verdict, now)
        else:
            self._conditions = without(self._conditions, kind)

    def _condition(self, kind: ConditionType, verdict: Verdict, now: float) -> None:
        made = Condition(
            type=kind,
            status=verdict.status,
            reason=verdict.reason,
            message=verdict.message[:1024],
            observed_generation=self.generation,
            last_transition_time=datetime.fromtimestamp(now, UTC).replace(microsecond=0),
        )
        self._conditions = with_condition(self._conditions, made, made.last_transition_time)

    def _attempts_without(self, unit: str) -> list[JsonObject]:
        return [made for made in self.content.get("attempts", []) if made["section"] != unit]


def canonical(block: JsonObject) -> str:
    """The one text of a block."""
    return json.dumps(block, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def stamp(now: float) -> str:
    """A time as Kubernetes writes it."""
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _known_conditions(status: JsonObject) -> list[Condition]:
    """The stored conditions; those in words of another version of the operator are dropped and made anew."""
    found = status.get("conditions") or []
    return [Condition.model_validate(each) for each in found if each["type"] in _TYPES and each["reason"] in _REASONS]


def _plan(plan: Plan | None) -> JsonObject | None:
    """What is left to do and why it is not done; None when nothing is."""
    if plan is None or not (plan.held or plan.steps):
        return None
    held = [
        {
            "call": "none",
            "section": str(held.section or "channel"),
            "disruption": str(held.hold),
            "changes": _changes(held.changes),
        }
        for held in plan.held
    ]
    return {"hash": plan.hash, "reason": str(plan.held[0].hold) if plan.held else "Pending", "steps": held}


def _changes(changes: tuple[Change, ...]) -> list[JsonObject]:
    return [{"path": change.path, "from": change.before, "to": change.after} for change in changes[:_SHOWN_CHANGES]]


def transitions(before: JsonObject, after: JsonObject) -> Iterator[tuple[EventReason, str]]:
    """What is worth an event between two states of an object: conditions that began to say something else."""
    earlier = _reasons(before)
    for condition in (after.get("status") or {}).get("conditions") or []:
        said = (condition["type"], condition["reason"])
        if said in _TOLD and said not in earlier:
            yield _TOLD[said], condition["message"]
    if any(kind == "Stalled" for kind, _ in earlier) and all(kind != "Stalled" for kind, _ in _reasons(after)):
        yield EventReason.RECOVERED, "What kept it from going on is gone."


def _reasons(obj: JsonObject) -> set[tuple[str, str]]:
    return {(each["type"], each["reason"]) for each in (obj.get("status") or {}).get("conditions") or []}
