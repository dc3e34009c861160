"""The closed list of event reasons."""

from medialive_operator.resources.events import EVENT_REASONS, EventReason


def test_every_reason_is_explained() -> None:
    """The list that the reference page is made of leaves none out."""
    assert set(EVENT_REASONS) == set(EventReason)


def test_failures_and_refusals_are_warnings() -> None:
    """Whatever a person should look at is a Warning, whatever went as wanted is Normal."""
    warnings = {reason.value for reason in EventReason if reason.severity == "Warning"}

    assert {reason.value for reason in EventReason if reason.value.endswith(("Failed", "Held", "Refused"))} <= warnings
    assert not warnings & {"Created", "Adopted", "Updated", "Started", "Stopped", "Deleted", "Recovered"}
