"""How urgent the steps of a plan are when calls are scarce."""

import pytest

from medialive_operator.cloud.budget import Priority
from medialive_operator.contract.sections import Section
from medialive_operator.controller.acting import priority_of
from medialive_operator.planning.channels import (
    DesiredChannel,
    Journal,
    Policy,
    journal_of,
    plan_channel,
    plan_deletion,
)
from medialive_operator.planning.comparing import JsonObject
from medialive_operator.planning.steps import Plan

KEY = {"domain": "push.example.com", "app_name": "live", "id": "news"}


def desired(*, running: bool = True, **members: str) -> DesiredChannel:
    blocks: dict[Section, JsonObject] = {
        Section.GENERAL: {"name": members.get("name", "News")},
        Section.ENCODER_SETTINGS: {"encoder_settings": [{"template_id": members.get("template", "a")}]},
    }
    return DesiredChannel(KEY, running, blocks)


def planned(wanted: DesiredChannel, state: str = "ON") -> Plan:
    """From the plain channel, in this state, to what is wanted."""
    observed = {**KEY, "state": state, "name": "News", "encoder_settings": [{"template_id": "a"}]}
    return plan_channel(wanted, observed, journal_of(desired()), Policy())


def priorities(plan: Plan) -> list[Priority]:
    return [priority_of(step, plan.steps[number + 1 :]) for number, step in enumerate(plan.steps)]


USER, STOP = Priority.USER_CHANGE, Priority.STOP


def test_an_interruption_waits_for_nobody_once_it_has_begun() -> None:
    """The stop of a restart waits for its turn; the writes and the start after it go before all other calls."""
    assert priorities(planned(desired(name="Late news", template="b"))) == [USER, STOP, STOP, STOP]


def test_a_channel_that_was_left_off_air_goes_first() -> None:
    """After a crash amid a restart, what is left to do goes before all other calls."""
    assert priorities(planned(desired(name="Late news"), "OFF")) == [STOP, STOP]


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (planned(desired(name="Late news")), [USER]),
        (planned(desired(running=False)), [STOP]),
        (plan_channel(desired(), None, Journal(), Policy()), [Priority.CREATE]),
        (plan_deletion(KEY, {**KEY, "state": "ON"}, only_when_stopped=False), [STOP, STOP]),
    ],
    ids=["one section", "stopping", "creation", "deletion"],
)
def test_each_cause_has_its_priority(plan: Plan, expected: list[Priority]) -> None:
    """Stops and deletions before changes, and changes before creations."""
    assert priorities(plan) == expected
