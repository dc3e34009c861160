"""How a list of conditions is kept."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from medialive_operator.resources.conditions import (
    MEANINGS,
    REASONS,
    Condition,
    ConditionType,
    Reason,
    with_condition,
    without,
)
from medialive_operator.resources.ott_channels import OttChannelStatus

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


def _condition(kind: ConditionType, status: str, reason: Reason, message: str = "") -> Condition:
    return Condition.model_validate(
        {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": NOW}
    )


READY = _condition(ConditionType.READY, "True", Reason.RUNNING)
SYNCED = _condition(ConditionType.SYNCED, "True", Reason.IN_SYNC)


def test_every_type_and_reason_is_explained_once() -> None:
    """The list that the reference page is made of leaves none out, and gives each reason to one type."""
    given = [reason for reasons in REASONS.values() for reason in reasons]

    assert set(REASONS) == set(MEANINGS) == set(ConditionType)
    assert sorted(given) == sorted(Reason)


def test_the_transition_time_moves_when_the_status_flips() -> None:
    """True to False is a transition, at the time it was made."""
    failed = _condition(ConditionType.READY, "False", Reason.FAILED)

    [kept] = with_condition([READY], failed, LATER)

    assert (kept.status, kept.last_transition_time) == ("False", LATER)


def test_the_transition_time_stays_when_only_words_change() -> None:
    """Another reason and message with the same status are no transition."""
    stopped = _condition(ConditionType.READY, "True", Reason.STOPPED, "Off the air, as wanted.")

    [kept] = with_condition([READY], stopped, LATER)

    assert (kept.reason, kept.message, kept.last_transition_time) == (Reason.STOPPED, "Off the air, as wanted.", NOW)


def test_a_condition_that_says_the_same_leaves_the_list_as_it_is() -> None:
    """Nothing to write when nothing changed."""
    again = READY.model_copy(update={"last_transition_time": LATER})

    assert with_condition([READY, SYNCED], again, LATER) == [READY, SYNCED]


def test_the_list_has_one_of_each_type_in_order() -> None:
    """A condition takes the place of the one of its type, and the order does not depend on who came first."""
    assert with_condition(with_condition([], SYNCED, NOW), READY, NOW) == [READY, SYNCED]


def test_without_drops_the_one_of_a_type_only() -> None:
    """What is true no more is not there any more; the others stay."""
    assert without([READY, SYNCED], ConditionType.READY) == [SYNCED]
    assert without([SYNCED], ConditionType.READY) == [SYNCED]


def test_words_from_outside_the_closed_list_cannot_be_made() -> None:
    """A reason that the list does not have is a mistake of ours."""
    with pytest.raises(ValidationError, match="reason"):
        Condition.model_validate({**READY.model_dump(), "reason": "Whatever"})


def test_messages_have_a_largest_length() -> None:
    """Kubernetes allows long messages; ours fit a terminal."""
    with pytest.raises(ValidationError, match="1024"):
        _condition(ConditionType.READY, "True", Reason.RUNNING, "m" * 1025)


def test_conditions_in_words_of_another_version_are_dropped_on_reading() -> None:
    """A status that a newer operator wrote does not keep an older one from working."""
    ready = READY.model_dump(mode="json", by_alias=True)
    newer = [{**ready, "type": "Sparkling"}, {**ready, "reason": "Levitating"}]

    read = OttChannelStatus.model_validate({"conditions": [*newer, {**ready, "type": "Synced"}], "mood": "good"})

    assert [condition.type for condition in read.conditions or []] == [ConditionType.SYNCED]


def test_a_condition_is_written_in_the_spelling_of_kubernetes() -> None:
    """Times are RFC 3339 in UTC, names are camelCase."""
    written = _condition(ConditionType.READY, "True", Reason.RUNNING).model_dump(
        mode="json", by_alias=True, exclude_none=True
    )

    assert written == {
        "type": "Ready",
        "status": "True",
        "reason": "Running",
        "message": "",
        "lastTransitionTime": "2026-01-02T03:04:05Z",
    }
