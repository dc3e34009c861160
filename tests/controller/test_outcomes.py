"""What a pass found, as conditions: each class of the cloud's errors, and plans with something left to do."""

import pytest

from medialive_operator.cloud.errors import OF_CLASS, CloudError, Failure
from medialive_operator.contract.error_codes import ErrorClass
from medialive_operator.contract.operations import Operation
from medialive_operator.contract.sections import Section
from medialive_operator.controller import outcomes
from medialive_operator.controller.outcomes import RETRIES, Outcome, Shown
from medialive_operator.planning.merging import Change
from medialive_operator.planning.steps import Held, Hold, Plan
from medialive_operator.resources.conditions import REASONS, ConditionType

READ, WRITE = Operation.LIST_OTT_CHANNEL_INFO, Operation.MODIFY_OTT_CHANNEL_INFO_INPUT


def error(error_class: ErrorClass, operation: Operation, status: int = 400) -> CloudError:
    return OF_CLASS[error_class]("the service said no", Failure(operation, status=status))


def refused(error_class: ErrorClass, operation: Operation = WRITE, status: int = 400) -> Outcome:
    return outcomes.cloud_refused(error(error_class, operation, status), doing="Changing the input", phase="Running")


def held(hold: Hold) -> Plan:
    return Plan(held=(Held(Section.INPUT, hold, "What to do.", (Change("input.latency", "1", "2"),)),))


def told(outcome: Outcome) -> dict[str, str]:
    """The conditions as `status/reason`; those that are left as they were are missing."""
    verdicts = {
        ConditionType.READY: outcome.ready,
        ConditionType.SYNCED: outcome.synced,
        ConditionType.CREDENTIALS_READY: outcome.credentials,
        ConditionType.REFERENCES_RESOLVED: outcome.references,
        ConditionType.RECONCILING: outcome.reconciling,
        ConditionType.STALLED: outcome.stalled,
    }
    for kind, verdict in verdicts.items():
        assert verdict is None or verdict.reason in REASONS[kind]
    return {str(kind): f"{each.status}/{each.reason}" for kind, each in verdicts.items() if each is not None}


SYNCING = {"Synced": "False/UpdateInProgress"}
CLASSES = {
    ErrorClass.TRANSIENT: {**SYNCING, "Reconciling": "True/WaitingForCloud"},
    ErrorClass.NOT_FOUND: {**SYNCING, "Reconciling": "True/WaitingForCloud"},
    ErrorClass.THROTTLED: {**SYNCING, "Reconciling": "True/RateLimited"},
    ErrorClass.DENIED: {**SYNCING, "Ready": "Unknown/Failed", "CredentialsReady": "False/Forbidden"},
    ErrorClass.SUSPENDED: {**SYNCING, "Ready": "False/Failed", "Stalled": "True/AccountSuspended"},
    ErrorClass.INVALID: {**SYNCING, "Ready": "False/Failed", "Stalled": "True/InvalidSpec"},
    ErrorClass.UNSUPPORTED: {**SYNCING, "Ready": "False/Failed", "Stalled": "True/UnsupportedChange"},
    ErrorClass.EXISTS: {**SYNCING, "Ready": "False/Failed", "Stalled": "True/Conflict"},
}


@pytest.mark.parametrize("error_class", list(ErrorClass))
def test_each_class_of_error_has_its_conditions(error_class: ErrorClass) -> None:
    """What passes by itself leaves Ready alone; what does not is Stalled, or speaks of the credentials."""
    outcome = refused(error_class)

    assert told(outcome) == CLASSES[error_class]
    assert outcome.synced is not None
    assert outcome.synced.message.startswith("Changing the input: the service said no")
    assert outcome.phase == "Running"


@pytest.mark.parametrize("error_class", list(ErrorClass))
def test_every_failure_is_tried_again(error_class: ErrorClass) -> None:
    """No class is for ever, and none is tried again in a busy loop."""
    requeue = refused(error_class).requeue

    assert requeue == RETRIES[error_class]
    assert RETRIES[error_class].delay(0) > 0
    assert RETRIES[error_class].cap <= 900


@pytest.mark.parametrize("error_class", list(ErrorClass))
def test_a_failed_look_never_says_that_the_channel_failed(error_class: ErrorClass) -> None:
    """Ready is left alone or becomes Unknown when only a read was refused."""
    ready = refused(error_class, READ).ready

    assert ready is None or ready.status == "Unknown"


@pytest.mark.parametrize(("status", "reason"), [(401, "False/Rejected"), (403, "False/Forbidden")])
def test_credentials_and_permissions_are_told_apart(status: int, reason: str) -> None:
    """401 is about the keys, 403 about what they may do; both say where to look."""
    outcome = refused(ErrorClass.DENIED, status=status)

    assert told(outcome)["CredentialsReady"] == reason
    assert outcome.credentials is not None
    assert "Check the credentials and the projectId in the Secret" in outcome.credentials.message


ON_AIR, OFF_AIR = Shown("channel", "ON"), Shown("channel", "OFF")


def planned(plan: Plan, cloud: Shown = ON_AIR, *, running: bool = True, observe: bool = False) -> dict[str, str]:
    return told(outcomes.as_planned(plan, cloud, wanted_running=running, observe_only=observe))


def test_nothing_left_to_do_is_ready_and_synced() -> None:
    """An empty plan says Running or Stopped as wanted, InSync, and nothing else."""
    assert planned(Plan()) == {"Ready": "True/Running", "Synced": "True/InSync"}
    assert planned(Plan(), OFF_AIR, running=False) == {"Ready": "True/Stopped", "Synced": "True/InSync"}


def test_a_channel_in_the_wrong_state_is_not_ready() -> None:
    """Off air though it should run is a change that is still pending."""
    assert planned(Plan(), OFF_AIR)["Ready"] == "False/ChangePending"


def test_a_state_nobody_knows_is_unknown() -> None:
    """A state that is not documented is shown as it is, and is neither good nor bad."""
    assert planned(Plan(), Shown("channel", "MELTING"))["Ready"] == "Unknown/UnknownState"


@pytest.mark.parametrize(
    ("hold", "synced"),
    [
        (Hold.DRIFT, "False/DriftDetected"),
        (Hold.SECRET_MISSING, "False/PartialUpdate"),
        (Hold.UNSUPPORTED, "False/DriftDetected"),
        (Hold.REFUSED, "False/PartialUpdate"),
        (Hold.NOT_TAKEN, "False/PartialUpdate"),
    ],
)
def test_what_is_held_leaves_a_running_channel_ready(hold: Hold, synced: str) -> None:
    """A difference that is not written is told in Synced with what to do; the channel is on air all the same."""
    outcome = outcomes.as_planned(held(hold), ON_AIR, wanted_running=True, observe_only=False)

    assert told(outcome)["Ready"] == "True/Running"
    assert told(outcome)["Synced"] == synced
    assert outcome.synced is not None
    assert outcome.synced.message.startswith("What to do.")
    assert outcome.plan is not None


def test_an_observer_only_reports() -> None:
    """With managementPolicy Observe a difference makes nothing unready, and a missing channel does."""
    assert planned(held(Hold.OBSERVE_ONLY), observe=True) == {"Ready": "True/Observed", "Synced": "False/ObserveOnly"}
    assert planned(Plan(), Shown("channel", None), observe=True)["Ready"] == "False/Observed"


def test_missing_references_are_told_once_and_in_order() -> None:
    """Several missing Secrets make one message, the same every time."""
    verdict = outcomes.references(["b is missing.", "a is missing.", "b is missing."])

    assert (verdict.status, verdict.message) == ("False", "a is missing. b is missing.")
    assert outcomes.references([]).status == "True"


def test_trouble_with_credentials_says_nothing_about_the_channel() -> None:
    """Ready is Unknown: a channel on air stays there whatever becomes of the Secret."""
    problem = outcomes.wrong_account("project a at x", "project b at x", deleting=False)

    assert told(problem)["Ready"] == "Unknown/Failed"
    assert told(problem)["CredentialsReady"] == "False/ProjectMismatch"
