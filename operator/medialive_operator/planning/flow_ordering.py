"""The order of the steps of a flow's plan: as few interruptions as can be, start last, stop first.

Called by `planning.flows`. Pure.
"""

from collections.abc import Sequence
from dataclasses import replace

from medialive_operator.contract.flow_units import ACTIVE, STANDBY
from medialive_operator.contract.operations import Operation
from medialive_operator.contract.sections import Disruption
from medialive_operator.planning.channels import Attempt
from medialive_operator.planning.flow_facts import Facts
from medialive_operator.planning.flow_links import together
from medialive_operator.planning.flow_values import STATE
from medialive_operator.planning.steps import Cause, Held, Hold, Step

# Outputs are removed before others are added: there may be ten at most.
_RANKS = (
    Operation.MODIFY_FLOW_SOURCES,
    Operation.DELETE_FLOW_OUTPUT,
    Operation.MODIFY_FLOW_OUTPUT,
    Operation.CREATE_FLOW_OUTPUT,
)
_STOP_REFUSED = "The service refused this before; it is not tried again at the price of stopping the flow."
_OTHERS_FIRST = "The service refused this before; it is tried again when no other source is to be changed."
_NOT_STOPPED = "Changing this needs a stop of the flow, and one of unknown status is not stopped."


def start_step(flow_id: str, cause: Cause) -> Step:
    """The call that starts the flow."""
    query = {"flow_id": flow_id}
    return Step(Operation.MODIFY_FLOW_START, STATE, cause, Disruption.NONE, query=query, awaits=ACTIVE)


def stop_step(flow_id: str, cause: Cause, disruption: Disruption = Disruption.STOP) -> Step:
    """The call that stops the flow."""
    return Step(Operation.MODIFY_FLOW_STOP, STATE, cause, disruption, query={"flow_id": flow_id}, awaits=STANDBY)


def in_order(facts: Facts, changes: Sequence[Step], state: Step | None) -> tuple[tuple[Step, ...], tuple[Held, ...]]:
    """The steps in the order in which they interrupt least, and what has to wait.

    Stopped before the changes and started after them. A flow that stays on air is stopped once around several sources,
    and around anything on a service that refuses to change a started flow; a single source, and outputs, are changed
    while it runs.
    """
    now, waiting = _in_turn(facts, changes)
    flow_id, first = facts.observed.flow_id, [state] if state is not None else []
    if facts.stops:
        return (*first, *_undisturbed(_joined(facts, now))), waiting
    if not facts.observed.on_air:
        return (*_undisturbed(_joined(facts, now)), *first), waiting
    if not _needs_a_stop(facts, now):
        return tuple(_joined(facts, now)), waiting
    if not facts.observed.lasting:
        return (), (*waiting, *_held(now, Hold.UNKNOWN_STATUS, _NOT_STOPPED))
    # Each output by a call of its own: one that is refused must not cost the others a stop of their own.
    stop = stop_step(flow_id, Cause.RESTART, Disruption.RESTART)
    start = replace(start_step(flow_id, Cause.RESTART), always=True)
    return (stop, *_undisturbed(_ranked(now)), start), waiting


def _needs_a_stop(facts: Facts, changes: Sequence[Step]) -> bool:
    several = sum(step.disruption is Disruption.RESTART for step in changes) > 1
    return several or (facts.policy.stop_for_edits and bool(changes))


def _in_turn(facts: Facts, changes: Sequence[Step]) -> tuple[Sequence[Step], tuple[Held, ...]]:
    """The changes to be made now, and those that have to wait.

    What was refused is tried again, but not at the price of an interruption that may be for nothing: while the flow
    runs nothing of it where that needs a stop, and else one source at a time, when no other one is to be changed.
    """
    again = [step for step in changes if step.section in _refused(facts, changes)]
    fresh = [step for step in changes if step not in again]
    if not again or not facts.observed.on_air or facts.stops:
        return changes, ()
    if facts.policy.stop_for_edits:
        return fresh, _held(again, Hold.REFUSED, _STOP_REFUSED)
    sources = [step for step in again if step.operation is Operation.MODIFY_FLOW_SOURCES]
    outputs = [step for step in again if step.operation is not Operation.MODIFY_FLOW_SOURCES]
    alone = not any(step.operation is Operation.MODIFY_FLOW_SOURCES for step in fresh)
    tried, later = (sources[:1], sources[1:]) if alone else ([], sources)
    return [*fresh, *tried, *outputs], _held(later, Hold.REFUSED, _OTHERS_FIRST)


def _refused(facts: Facts, changes: Sequence[Step]) -> set[str | None]:
    """Units of which the service refused a step before, as it would be taken now."""
    attempts = facts.journal.attempts
    return {
        step.section for step in changes if attempts.get(str(step.section)) == Attempt(step.fingerprint, accepted=False)
    }


def _joined(facts: Facts, changes: Sequence[Step]) -> list[Step]:
    """In order. All additions are one call, but each that was refused before has its own, so that it harms no other."""
    refused = _refused(facts, changes)
    additions = [step for step in changes if step.operation is Operation.CREATE_FLOW_OUTPUT]
    others = [step for step in changes if step.operation is not Operation.CREATE_FLOW_OUTPUT]
    alone = [step for step in additions if step.section in refused]
    return [*_ranked(others), *together([step for step in additions if step not in alone]), *alone]


def _ranked(changes: Sequence[Step]) -> list[Step]:
    return sorted(changes, key=lambda step: _RANKS.index(step.operation))


def _undisturbed(changes: Sequence[Step]) -> list[Step]:
    """The same while the flow is stopped: they interrupt nothing."""
    return [replace(step, disruption=Disruption.NONE) for step in changes]


def _held(steps: Sequence[Step], hold: Hold, message: str) -> tuple[Held, ...]:
    return tuple(Held(step.section, hold, message, step.changes) for step in steps)
