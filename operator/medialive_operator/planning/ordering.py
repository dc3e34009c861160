"""The order of the steps of a plan: one interruption for a change set, and on air last.

Called by `planning.channels`. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from medialive_operator.contract.sections import SECTIONS, Disruption, Section
from medialive_operator.planning.merging import Change
from medialive_operator.planning.steps import Cause, Step


def in_order(writes: Sequence[Step], state: Step | None, key: Mapping[str, str], *, on_air: bool) -> tuple[Step, ...]:
    """The writes and the start or stop in the order in which they interrupt least.

    Off before the writes and on after them; a channel that stays on air is taken off once around several restarting
    writes, while a single one is better alone: it restarts the channel by itself.
    """
    if not on_air:
        return (*_undisturbed(writes), *([state] if state else []))
    if state is not None:
        return (state, *_undisturbed(writes))
    if sum(step.disruption is Disruption.RESTART for step in writes) <= 1:
        return tuple(writes)
    off = state_step(key, "OFF", Cause.RESTART, Disruption.RESTART)
    on = replace(state_step(key, "ON", Cause.RESTART, Disruption.NONE), always=True)
    return (off, *_undisturbed(writes), on)


def state_step(
    key: Mapping[str, str], state: str, cause: Cause, disruption: Disruption, changes: tuple[Change, ...] = ()
) -> Step:
    """The call that starts (`ON`) or stops (`OFF`) the channel."""
    operation = SECTIONS[Section.STATE].operation
    return Step(operation, Section.STATE, cause, disruption, changes, {**key, "state": state})


def _undisturbed(writes: Sequence[Step]) -> list[Step]:
    """The same writes while the channel is off the air: they interrupt nothing."""
    return [replace(step, disruption=Disruption.NONE) for step in writes]
