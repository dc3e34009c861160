"""Taking the steps of a plan, one call at a time, each written down before the next.

Called by the passes over all kinds. A disruptive call is preceded by a look at the object itself, so that a watch that
went blind never cuts a channel. Decides nothing: the plan has decided.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext

import structlog

from medialive_operator.clock import Clock
from medialive_operator.cloud.budget import Priority
from medialive_operator.cloud.errors import CloudError
from medialive_operator.contract.error_codes import ErrorClass
from medialive_operator.contract.operations import Operation
from medialive_operator.contract.sections import Disruption
from medialive_operator.controller import outcomes
from medialive_operator.controller.account import Account
from medialive_operator.controller.saving import Saving
from medialive_operator.controller.subjects import Subject
from medialive_operator.metrics import INTERRUPTIONS
from medialive_operator.planning.merging import JsonObject
from medialive_operator.planning.steps import Cause, Plan, Step
from medialive_operator.resources.events import EventReason

log = structlog.get_logger(__name__)

Touch = Callable[[], None]
Journaling = Callable[[Step, JsonObject], None]

# A wait for the budget that is shorter is not worth a write to the object.
_LONG_WAIT = 5.0

# What a call does: while it is being made, and when it has been.
_DOING: Mapping[Operation, tuple[str, str]] = {
    Operation.CREATE_OTT_CHANNEL_INFO: ("Creating the channel", "The channel was created."),
    Operation.DELETE_OTT_CHANNEL_INFO: ("Deleting the channel", "The channel was deleted."),
    Operation.MODIFY_OTT_CHANNEL_INFO_END_POINTS: ("Changing the endpoints", "The endpoints were changed."),
    Operation.MODIFY_OTT_CHANNEL_INFO_INPUT: ("Changing the input", "The input was changed."),
    Operation.MODIFY_OTT_CHANNEL_INFO_RECORD_SETTINGS: ("Changing the recording", "The recording was changed."),
    Operation.MODIFY_OTT_CHANNEL_INFO_GENERAL: ("Changing the name", "The name was changed."),
    Operation.MODIFY_OTT_CHANNEL_INFO_STATS: (
        "Starting or stopping the channel",
        "The channel was started or stopped.",
    ),
    Operation.MODIFY_OTT_CHANNEL_INFO_ENCODER_SETTINGS: (
        "Changing the encoder settings",
        "The encoder settings were changed.",
    ),
    Operation.CREATE_FLOWS: ("Creating the flow", "The flow was created."),
    Operation.DELETE_FLOW: ("Deleting the flow", "The flow was deleted."),
    Operation.MODIFY_FLOW_START: ("Starting the flow", "The flow was started."),
    Operation.MODIFY_FLOW_STOP: ("Stopping the flow", "The flow was stopped."),
    Operation.MODIFY_FLOW_SOURCES: ("Changing a source", "A source was changed."),
    Operation.CREATE_FLOW_OUTPUT: ("Adding outputs", "Outputs were added."),
    Operation.MODIFY_FLOW_OUTPUT: ("Changing an output", "An output was changed."),
    Operation.DELETE_FLOW_OUTPUT: ("Removing an output", "An output was removed."),
}

_PRIORITIES: Mapping[Cause, Priority] = {
    Cause.CREATE: Priority.CREATE,
    Cause.SPEC: Priority.USER_CHANGE,
    Cause.SECRET: Priority.USER_CHANGE,
    Cause.DRIFT: Priority.DRIFT,
    Cause.RESTART: Priority.USER_CHANGE,
    Cause.RESUME: Priority.USER_CHANGE,
    Cause.DELETE: Priority.STOP,
}


_EVENTS: Mapping[Operation, EventReason] = {
    Operation.CREATE_OTT_CHANNEL_INFO: EventReason.CREATED,
    Operation.CREATE_FLOWS: EventReason.CREATED,
    Operation.DELETE_OTT_CHANNEL_INFO: EventReason.DELETED,
    Operation.DELETE_FLOW: EventReason.DELETED,
    Operation.MODIFY_FLOW_START: EventReason.STARTED,
    Operation.MODIFY_FLOW_STOP: EventReason.STOPPED,
}


class Acting:
    """Takes steps for one object at a time. Raises CloudError, Superseded, Gone and Stale."""

    def __init__(self, saving: Saving, clock: Clock) -> None:
        self._saving = saving
        self._clock = clock

    async def carry_out(
        self, subject: Subject, account: Account, plan: Plan, touch: Touch, journal: Journaling
    ) -> None:
        """Take all steps. When one fails the plan says which ones are taken all the same; then its error is raised.

        `journal(step, answer)` writes a success down in the working copy of the status, which is saved before the next
        call; `touch()` is called when a call has been made, whatever came of it. Where a channel is taken off air for
        several calls, that begins only when the budget has room for all of them.
        """
        interrupts = bool(plan.steps) and plan.steps[0].cause is Cause.RESTART
        if interrupts:
            await self._say_if_waiting(subject, account, Priority.USER_CHANGE)
        async with account.budget.sequence(len(plan.steps)) if interrupts else nullcontext():
            await self._carry_out(subject, account, plan, touch, journal)

    async def _carry_out(
        self, subject: Subject, account: Account, plan: Plan, touch: Touch, journal: Journaling
    ) -> None:
        steps, failure, done = list(plan.steps), None, 0
        while steps:
            step = steps.pop(0)
            try:
                answer = await self.take(subject, account, step, touch, steps)
            except CloudError as error:
                failure = failure or error
                refused = error.error_class is ErrorClass.INVALID
                if refused:
                    subject.status.attempted(step, accepted=False)
                still = plan.after_failure(step, refused=refused)
                steps = [each for each in steps if each in still]
            else:
                done += 1
                journal(step, answer)
                if step.awaits and str(answer.get("status", "")).upper() != step.awaits:
                    return  # it takes effect later; what comes then is planned then
            if steps:
                subject.status.apply(outcomes.working(plan, done), self._clock.time())
                await self._saving.status(subject)
                subject.turn.idle()
        if failure is not None:
            raise failure

    async def take(
        self, subject: Subject, account: Account, step: Step, touch: Touch, later: Sequence[Step] = ()
    ) -> JsonObject:
        """Make the one call of a step, when its turn has come and if it is still wanted; the service's answer.

        `later` are the steps that are to follow it.
        """
        subject.doing, _ = _DOING[step.operation]
        priority = priority_of(step, later)
        await self._say_if_waiting(subject, account, priority)
        sent = False

        async def starting() -> None:
            nonlocal sent
            if step.disruption is not Disruption.NONE:
                await self._saving.confirm(subject)
            subject.turn.commit()
            sent = True

        try:
            answer = await account.cloud.at(priority).call(
                step.operation, query=step.query or None, body=step.body or None, starting=starting
            )
        finally:
            if sent:
                touch()
        await self._tell(subject, step)
        return answer

    async def _say_if_waiting(self, subject: Subject, account: Account, priority: Priority) -> None:
        wait = account.budget.expected_wait(priority)
        if wait < _LONG_WAIT:
            return
        message = (
            f"{subject.doing} waits for its turn: the account's calls of this minute are used up "
            f"(about {wait:.0f} s, {sum(account.budget.waiting.values()) + 1} calls waiting)."
        )
        subject.status.waits(message, self._clock.time())
        await self._saving.status(subject)

    async def _tell(self, subject: Subject, step: Step) -> None:
        """One log line and one event for each write, with what changed; never a value of a secret."""
        changes = [str(change) for change in step.changes]
        log.info("written", object=str(subject.key), call=str(step.operation), cause=str(step.cause), changes=changes)
        if step.disruption in (Disruption.RESTART, Disruption.STOP):
            INTERRUPTIONS.inc()
        if step.disruption is Disruption.RESTART:
            subject.status.interrupted(self._clock.time())
        reason = _event(step)
        if reason is not None:
            await self._saving.tell(subject, reason, _sentence(step, changes))


def priority_of(step: Step, later: Sequence[Step] = ()) -> Priority:
    """How urgent a step is, given those that follow it.

    What takes a channel off air because somebody wants it so goes first, and so does everything that stands between a
    channel and its return on air: nobody else's calls may make an interruption longer.
    """
    if step.disruption is Disruption.STOP and step.cause is not Cause.DRIFT:
        return Priority.STOP
    if step.disruption is Disruption.NONE and any(each.always for each in (step, *later)):
        return Priority.STOP
    return _PRIORITIES[step.cause]


def _event(step: Step) -> EventReason | None:
    if step.cause is Cause.RESTART:
        return EventReason.RESTARTING if step.disruption is Disruption.RESTART else None
    if step.cause is Cause.DRIFT:
        return EventReason.DRIFT_CORRECTED
    if step.operation is Operation.MODIFY_OTT_CHANNEL_INFO_STATS:
        return EventReason.STARTED if step.body.get("state") == "ON" else EventReason.STOPPED
    return _EVENTS.get(step.operation, EventReason.UPDATED)


def _sentence(step: Step, changes: list[str]) -> str:
    _, done = _DOING[step.operation]
    if step.operation is Operation.MODIFY_OTT_CHANNEL_INFO_STATS:
        done = f"The channel was {'started' if step.body.get('state') == 'ON' else 'stopped'}."
    told = "; ".join(changes)
    effect = " It restarts (about 30 s)." if step.disruption is Disruption.RESTART else ""
    return f"{done}{' ' + told + '.' if told else ''}{effect}"
