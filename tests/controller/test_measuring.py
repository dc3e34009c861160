"""What a scrape says of the objects: counts that are true at that moment, and no series of an object that is gone."""

from datetime import UTC, datetime
from typing import Any

from medialive_operator.cluster.objects import Key
from medialive_operator.controller.measuring import Measuring
from medialive_operator.metrics import REGISTRY
from tests.clocks import SteppedClock

Objects = list[tuple[Key, dict[str, Any]]]


def channel(name: str, state: str = "ON", **conditions: tuple[str, str, float]) -> tuple[Key, dict[str, Any]]:
    """A channel's object; each condition is (status, reason, time of its last transition)."""
    status = {"phase": "Running", "channel": {"state": state}, "conditions": _conditions(conditions)}
    return Key("ottchannels", "studio", name), {"status": status}


def flow(name: str, *outputs: dict[str, str]) -> tuple[Key, dict[str, Any]]:
    """A running flow's object with one connected source."""
    sources = [{"name": "main", "health": "CONNECTED"}]
    status = {"flowStatus": "ACTIVE", "phase": "Running", "sources": sources, "outputs": list(outputs)}
    return Key("streamconnectflows", "studio", name), {"status": status}


def _conditions(conditions: dict[str, tuple[str, str, float]]) -> list[dict[str, str]]:
    return [
        {
            "type": kind,
            "status": status,
            "reason": reason,
            "lastTransitionTime": datetime.fromtimestamp(since, UTC).isoformat(),
        }
        for kind, (status, reason, since) in conditions.items()
    ]


def measured(objects: Objects, clock: SteppedClock, name: str) -> dict[tuple[str, ...], float]:
    """The samples of a metric after a scrape: label values, sorted by the labels' names → value."""
    Measuring(objects, [], clock).measure()
    samples = [sample for metric in REGISTRY.collect() for sample in metric.samples if sample.name == name]
    return {tuple(value for _, value in sorted(each.labels.items())): each.value for each in samples}


def test_objects_are_counted_by_condition_and_status() -> None:
    """Each status of each condition of a kind has its number; an object without a status counts for none."""
    clock = SteppedClock()
    ready, waiting = ("True", "Running", 0.0), ("False", "Creating", 0.0)
    objects = [channel("a", Ready=ready), channel("b", Ready=ready), channel("c", Ready=waiting)]
    new = (Key("ottchannels", "studio", "new"), dict[str, Any]())

    found = measured([*objects, new], clock, "medialive_objects_condition")

    assert found == {("Ready", "ottchannels", "True"): 2, ("Ready", "ottchannels", "False"): 1}
    assert measured([*objects, new], clock, "medialive_objects")["ottchannels", "New"] == 1


def test_what_is_on_air_is_counted_by_what_the_cloud_says() -> None:
    """A channel that is ON and a flow that is ACTIVE run; a kind without any has a zero and not a gap."""
    clock = SteppedClock()

    assert measured([channel("a"), channel("b", state="OFF"), flow("f")], clock, "medialive_objects_running") == {
        ("ottchannels",): 1,
        ("streamconnectflows",): 1,
    }
    assert measured([], clock, "medialive_objects_running") == {("ottchannels",): 0, ("streamconnectflows",): 0}


def test_the_oldest_drift_gives_the_age() -> None:
    """Two drifted channels, the older one for a minute: the age is a minute, and 0 once both are as they should be."""
    then = 1_800_000_000.0
    clock = SteppedClock(then + 60)
    drifted = [
        channel("old", Synced=("False", "DriftDetected", then)),
        channel("new", Synced=("False", "DriftDetected", then + 50)),
        channel("other", Synced=("False", "PartialUpdate", then - 500)),
    ]

    assert measured(drifted, clock, "medialive_objects_drifted")["ottchannels",] == 2
    assert measured(drifted, clock, "medialive_drift_seconds")["ottchannels",] == 60
    assert measured([], clock, "medialive_drift_seconds")["ottchannels",] == 0


def test_links_of_a_flow_that_is_gone_are_gone() -> None:
    """Known links of enabled outputs have a series; what is not known, not enabled or not there any more has none."""
    clock = SteppedClock()
    lost = {"name": "lost", "health": "DISCONNECTED"}
    off = {"name": "off", "health": "DISCONNECTED", "outputStatus": "DISABLED"}
    unread = {"name": "unread"}

    there = measured([flow("a", lost, off, unread)], clock, "medialive_flow_link_connected")

    assert there == {("source/main", "a", "studio"): 1, ("output/lost", "a", "studio"): 0}
    assert measured([], clock, "medialive_flow_link_connected") == {}


def test_the_time_on_air_is_told_object_by_object() -> None:
    """What runs as wanted says for how long; what does not run has no series."""
    clock = SteppedClock(start=1_000.0)
    objects = [channel("a", Ready=("True", "Running", 400.0)), channel("b", Ready=("False", "Creating", 400.0))]

    found = measured(objects, clock, "medialive_object_running_seconds")

    assert found == {("ottchannels", "a", "studio"): 600.0}
