"""The status of an OttChannel as a working copy: what earlier passes recorded, and what this one writes.

Called by the reconcile pass only. It turns an `Outcome` into conditions, the journal into planning's terms and back,
and a reading of the cloud into what people see. Knows no cloud call and no Kubernetes call.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from medialive_operator.contract.sections import Section
from medialive_operator.controller.digests import Digest
from medialive_operator.controller.outcomes import Outcome, Verdict
from medialive_operator.planning.channels import Attempt, DesiredChannel, Journal, journal_of
from medialive_operator.planning.merging import Change, JsonObject
from medialive_operator.planning.steps import Plan, Step
from medialive_operator.resources.conditions import Condition, ConditionType, Reason, with_condition, without
from medialive_operator.resources.events import EventReason
from medialive_operator.resources.ott_channels import OttChannelStatus

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


class ChannelStatus:
    """A working copy of one object's status. Nothing is written until the pass saves `as_json()`."""

    def __init__(self, obj: JsonObject) -> None:
        self._before: JsonObject = obj.get("status") or {}
        self.generation: int = obj["metadata"].get("generation", 0)
        self.model = OttChannelStatus.model_validate(self._before)

    @property
    def owned(self) -> bool:
        """Whether the channel in the cloud is ours: we recorded the intent to make it, or were told to adopt it."""
        return self.model.create is not None or bool(self.model.adopted)

    @property
    def applied_once(self) -> bool:
        """Whether the cloud has shown our channel before, so that its absence means somebody deleted it."""
        return bool(self.model.last_applied)

    @property
    def home(self) -> str:
        """The account in which the channel lives, for people."""
        at = self.model.endpoint_ref
        return "no account yet" if at is None else f"project {at.project_id} at {at.endpoint}"

    def journal(self) -> Journal:
        """What was applied last; after a crash right after the creation, what the creation was meant to apply."""
        blocks = self.model.last_applied or {}
        digests = {Section(entry.path): entry.hash for entry in self.model.secret_hashes or []}
        if not blocks and self.model.create is not None:
            blocks = self.model.create.sections or {}
        applied = {Section(name): json.loads(block) for name, block in blocks.items()}
        attempts = {
            Section(made.section): Attempt(made.fingerprint, made.accepted) for made in self.model.attempts or []
        }
        return Journal(applied, digests, attempts)

    def digests(self) -> dict[Section, Digest]:
        """The digests made by earlier passes."""
        return {
            Section(entry.path): Digest(entry.hash, entry.secret_version or "")
            for entry in self.model.secret_hashes or []
        }

    def record(self, section: Section, desired: DesiredChannel, digests: Mapping[Section, Digest]) -> None:
        """Journal: the section is in the cloud as wanted now."""
        block = journal_of(desired).applied[section]
        self.model.last_applied = {**(self.model.last_applied or {}), str(section): _canonical(block)}
        if section in desired.unreadable:
            return
        known = {Section(entry.path): entry for entry in self.model.secret_hashes or []}
        known.pop(section, None)
        entries = [entry.model_dump(by_alias=True) for entry in known.values()]
        if section in digests:
            entries.append(_entry(section, digests[section]))
        self._set_hashes(entries)

    def attempted(self, step: Step, *, accepted: bool) -> None:
        """Journal: what the service said to a write of a section."""
        if step.section is None or not step.fingerprint:
            return
        others = self._attempts_without(step.section)
        made = {"section": str(step.section), "fingerprint": step.fingerprint, "accepted": accepted}
        self._set("attempts", sorted([*others, made], key=lambda entry: str(entry["section"])))

    def intend(self, desired: DesiredChannel, digests: Mapping[Section, Digest], now: float) -> None:
        """Record that the channel is about to be created, and with what: written before the POST."""
        started = self.model.create.started_at if self.model.create is not None else _stamp(now)
        sections = {str(section): _canonical(block) for section, block in journal_of(desired).applied.items()}
        key = desired.key
        self._set(
            "create",
            {
                "startedAt": started,
                "key": {"domain": key["domain"], "appName": key["app_name"], "id": key["id"]},
                "sections": sections,
            },
        )
        self._set_hashes([_entry(section, digest) for section, digest in digests.items()])

    def forget_intent(self) -> None:
        """The creation was refused, and nothing was made."""
        self.model.create = None
        self.model.secret_hashes = None

    def adopt(self, desired: DesiredChannel) -> None:
        """An existing channel becomes ours as it is: what differs now is drift, not a change to be written."""
        self.model.adopted = True
        blocks = journal_of(desired).applied
        self.model.last_applied = {str(section): _canonical(block) for section, block in blocks.items()}

    def settle(self, plan: Plan, desired: DesiredChannel, digests: Mapping[Section, Digest]) -> None:
        """Journal every section that the cloud has as wanted already."""
        for section in plan.settled:
            self.record(section, desired, digests)
            self._set("attempts", self._attempts_without(section) or None)

    def at(self, endpoint: str, project_id: str) -> None:
        """Remember in which account the channel lives: it is never looked for in another one."""
        self._set("endpointRef", {"endpoint": endpoint, "projectId": project_id})

    def show(self, observed: JsonObject | None) -> None:
        """What the cloud says, for people. Never a secret."""
        self._set("channel", None if observed is None else _facts(observed))

    def interrupted(self, now: float) -> None:
        """Count a restart that we caused."""
        statistics = self._part("statistics")
        restarts = statistics.get("restarts") or {}
        self._set(
            "statistics", {**statistics, "restarts": {"count": restarts.get("count", 0) + 1, "last": _stamp(now)}}
        )

    def handled(self, request: str | None) -> None:
        """Answer a reconcile-requested-at annotation."""
        if request:
            self.model.last_handled_reconcile_at = request

    def apply(self, outcome: Outcome, now: float) -> None:
        """Write the outcome down: phase, conditions, plan."""
        self.model.observed_generation = self.generation
        self.model.phase = outcome.phase
        self._set("plan", _plan(outcome.plan))
        verdicts = {
            ConditionType.READY: outcome.ready,
            ConditionType.SYNCED: outcome.synced,
            ConditionType.CREDENTIALS_READY: outcome.credentials,
            ConditionType.REFERENCES_RESOLVED: outcome.references,
        }
        for kind, verdict in verdicts.items():
            if verdict is not None:
                self._condition(kind, verdict, now)
        if self.condition(ConditionType.READY) is None:
            self._condition(ConditionType.READY, _NOTHING_KNOWN, now)
        # Present only while true, as kstatus wants them.
        for kind, passing in (
            (ConditionType.RECONCILING, outcome.reconciling),
            (ConditionType.STALLED, outcome.stalled),
        ):
            if passing is not None:
                self._condition(kind, passing, now)
            else:
                self.model.conditions = without(self.model.conditions or [], kind)

    def waits(self, message: str, now: float) -> None:
        """The pass is about to wait for the account's budget: say so, and leave the rest as it is."""
        self._condition(ConditionType.RECONCILING, Verdict("True", Reason.RATE_LIMITED, message), now)

    def condition(self, kind: ConditionType) -> Condition | None:
        """The condition of this type, if there is one."""
        return next((c for c in self.model.conditions or [] if c.type == kind), None)

    def as_json(self, now: float) -> JsonObject:
        """The status to store. `lastSyncTime` moves only when something else did."""
        status: JsonObject = self.model.model_dump(mode="json", by_alias=True, exclude_none=True)
        before = {name: value for name, value in self._before.items() if name != "lastSyncTime"}
        after = {name: value for name, value in status.items() if name != "lastSyncTime"}
        if before != after:
            status["lastSyncTime"] = _stamp(now)
        return status

    def _condition(self, kind: ConditionType, verdict: Verdict, now: float) -> None:
        made = Condition(
            type=kind,
            status=verdict.status,
            reason=verdict.reason,
            message=verdict.message[:1024],
            observed_generation=self.generation,
            last_transition_time=datetime.fromtimestamp(now, UTC).replace(microsecond=0),
        )
        self.model.conditions = with_condition(self.model.conditions or [], made, made.last_transition_time)

    def _part(self, name: str) -> JsonObject:
        dumped: JsonObject = self.model.model_dump(mode="json", by_alias=True, exclude_none=True)
        part: JsonObject = dumped.get(name) or {}
        return part

    def _attempts_without(self, section: Section) -> list[JsonObject]:
        return [made.model_dump(by_alias=True) for made in self.model.attempts or [] if made.section != section]

    def _set(self, name: str, value: Any) -> None:
        dumped = self.model.model_dump(mode="json", by_alias=True, exclude_none=True)
        self.model = OttChannelStatus.model_validate({**dumped, name: value})

    def _set_hashes(self, entries: list[JsonObject]) -> None:
        self._set("secretHashes", sorted(entries, key=lambda entry: str(entry["path"])) or None)


def _entry(section: Section, digest: Digest) -> JsonObject:
    return {"path": str(section), "hash": digest.hash, "secretVersion": digest.version}


def _canonical(block: JsonObject) -> str:
    return json.dumps(block, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _stamp(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _facts(observed: JsonObject) -> JsonObject:
    inputs = observed.get("input") or {}
    sources = [
        {name: source[name] for name in ("url", "bitrate", "width", "height") if source.get(name) is not None}
        for source in [*(inputs.get("sources") or []), *(inputs.get("secondary_sources") or [])]
    ]
    facts = {
        "domain": observed.get("domain"),
        "appName": observed.get("app_name"),
        "id": observed.get("id"),
        "name": observed.get("name"),
        "state": observed.get("state"),
        "mode": observed.get("mode"),
        "inputProtocol": inputs.get("input_protocol"),
        "sources": sources,
        "playbackUrls": playback_urls(observed),
    }
    return {name: value for name, value in facts.items() if value not in (None, [])}


def playback_urls(channel: Mapping[str, Any]) -> list[str]:
    """Every playback URL of a channel in wire JSON."""
    return [
        package["url"]
        for group in channel.get("endpoints") or []
        for kind in ("hls_package", "dash_package", "mss_package")
        for package in group.get(kind) or []
        if package.get("url")
    ]


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
