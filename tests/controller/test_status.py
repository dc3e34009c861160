"""The status as it is stored: conditions that keep their time, a journal that survives, and no write without news."""

from typing import Any

import pytest

from medialive_operator.controller.digests import Digest
from medialive_operator.controller.outcomes import Outcome, Verdict
from medialive_operator.controller.status import Status, transitions
from medialive_operator.resources.conditions import Reason
from medialive_operator.resources.events import EventReason

Json = dict[str, Any]
NOON = 1_800_000_000.0
READY = Verdict("True", Reason.RUNNING, "On air.")
SYNCED = Verdict("True", Reason.IN_SYNC)
GOOD = Outcome("Running", READY, SYNCED)


def obj(status: Json | None = None, generation: int = 1) -> Json:
    return {"metadata": {"name": "news", "generation": generation}, "spec": {}, "status": status or {}}


def stored(*found: Outcome, status: Json | None = None, at: float = NOON) -> Json:
    """The status after passes with these outcomes, a minute apart, each from what the one before stored."""
    for number, outcome in enumerate(found):
        copy = Status(obj(status))
        copy.apply(outcome, at + 60 * number)
        status = copy.as_json(at + 60 * number)
    return status or {}


def condition(status: Json, kind: str) -> Json:
    return next((each for each in status["conditions"] if each["type"] == kind), {})


def test_a_pass_that_finds_the_same_stores_the_same() -> None:
    """Nothing ticks: a second pass with the same outcome stores the very same status."""
    assert stored(GOOD, GOOD) == stored(GOOD)


def test_the_transition_time_moves_when_the_status_flips() -> None:
    """A new reason or message keeps lastTransitionTime; another status moves it."""
    degraded = Outcome("Running", Verdict("True", Reason.STOPPED, "Other words."), SYNCED)
    failed = Outcome("Failed", Verdict("False", Reason.FAILED), SYNCED)
    first = condition(stored(GOOD), "Ready")["lastTransitionTime"]

    assert condition(stored(GOOD, degraded), "Ready")["lastTransitionTime"] == first
    assert condition(stored(GOOD, degraded), "Ready")["message"] == "Other words."
    assert condition(stored(GOOD, failed), "Ready")["lastTransitionTime"] > first


def test_what_an_outcome_does_not_speak_of_stays() -> None:
    """Ready is left as it was by an outcome without a verdict on it; lastSyncTime says when something changed."""
    trouble = Outcome("Running", None, Verdict("False", Reason.UPDATE_IN_PROGRESS, "No answer."))
    before, after = stored(GOOD), stored(GOOD, trouble)

    assert condition(after, "Ready") == condition(before, "Ready")
    assert after["lastSyncTime"] > before["lastSyncTime"]


PASSING = {
    "Reconciling": Outcome("Updating", READY, SYNCED, reconciling=Verdict("True", Reason.WORKING)),
    "Stalled": Outcome("Updating", READY, SYNCED, stalled=Verdict("True", Reason.CONFLICT)),
}


@pytest.mark.parametrize("kind", PASSING)
def test_passing_conditions_are_there_only_while_true(kind: str) -> None:
    """As kstatus wants it, Reconciling and Stalled are gone as soon as an outcome does not say them."""
    assert condition(stored(PASSING[kind]), kind)["status"] == "True"
    assert condition(stored(PASSING[kind], GOOD), kind) == {}


def test_ready_is_always_there() -> None:
    """An object whose first pass found out nothing has Ready Unknown, for tools that wait for it."""
    assert condition(stored(Outcome("Pending")), "Ready")["status"] == "Unknown"


def test_conditions_say_which_generation_they_speak_of() -> None:
    """observedGeneration stands in the status and in each condition that was said anew."""
    copy = Status(obj(stored(GOOD), generation=7))
    copy.apply(GOOD, NOON)
    status = copy.as_json(NOON)

    assert {status["observedGeneration"], *(each["observedGeneration"] for each in status["conditions"])} == {7}


def test_long_messages_are_cut() -> None:
    """No message is longer than the 1,024 characters that the CRD takes."""
    long = Outcome("Failed", Verdict("False", Reason.FAILED, "x" * 5000), SYNCED)

    assert len(condition(stored(long), "Ready")["message"]) == 1024


def test_words_of_another_version_are_dropped() -> None:
    """A condition that this version does not know does not break the pass; it is made anew."""
    strange = {**condition(stored(GOOD), "Ready"), "reason": "SaidByALaterVersion"}

    assert condition(stored(GOOD, status={"conditions": [strange]}), "Ready")["reason"] == "Running"


def test_the_journal_is_what_was_recorded() -> None:
    """Blocks and digests come back as they were recorded, by a copy made from what was stored."""
    copy = Status(obj())
    copy.record("input", {"b": 1, "a": [2]})
    copy.record_digest("input", Digest("hash", "7"))
    copy.at("https://live.example.com", "p1")

    again = Status(obj(copy.as_json(NOON)))
    assert again.applied() == {"input": {"a": [2], "b": 1}}
    assert again.digests() == {"input": Digest("hash", "7")}
    assert again.endpoint == ("https://live.example.com", "p1")
    assert again.applied_once


def test_a_forgotten_intent_leaves_nothing_owned() -> None:
    """After a creation that was refused outright nothing in the cloud is ours."""
    copy = Status(
        obj({"create": {"startedAt": "2027-01-15T08:00:00Z"}, "secretHashes": [{"path": "input", "hash": "h"}]})
    )
    assert copy.owned
    assert copy.seconds_since_creation(NOON + 60) == 60

    copy.forget_intent()

    assert not copy.owned
    assert copy.digests() == {}
    assert copy.seconds_since_creation(NOON) == float("inf")


def test_a_copy_does_not_write_into_what_was_stored() -> None:
    """The object in the store stays as it was until a write of ours was answered."""
    status = stored(GOOD)
    original = obj(status)
    copy = Status(original)
    copy.interrupted(NOON)
    copy.record("input", {})

    assert original == obj(stored(GOOD))


STALLED = Outcome("Failed", Verdict("False", Reason.FAILED), SYNCED, stalled=Verdict("True", Reason.CONFLICT, "Whose?"))


@pytest.mark.parametrize(
    ("before", "after", "events"),
    [
        (GOOD, STALLED, [(EventReason.CONFLICT, "Whose?")]),
        (STALLED, STALLED, []),
        (STALLED, GOOD, [(EventReason.RECOVERED, "What kept it from going on is gone.")]),
        (GOOD, GOOD, []),
    ],
)
def test_events_are_told_once(before: Outcome, after: Outcome, events: list[tuple[EventReason, str]]) -> None:
    """An event says that a condition began to say something, or that what stalled is over; not that it still does."""
    earlier, later = stored(before), stored(before, after)

    assert list(transitions(obj(earlier), obj(later))) == events
