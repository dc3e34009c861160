"""Counting SCTE-35 signals: exact, whatever is read twice, late or after a restart."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from medialive_operator.controller.channels.signals import _figures, _restored
from medialive_operator.planning.counting import LONGEST_WINDOW, OVERLAP, Count, Signal, counted, doubt, spelt, window

START = 1_800_000_000


def _signal(number: int, time: int, kind: str = "splice_insert") -> Signal:
    return Signal(kind, number, time, -1, "-")


# A signal's time, and how much later it becomes visible.
_history = st.lists(
    st.tuples(st.integers(0, 5_000), st.integers(0, OVERLAP - 1), st.sampled_from(["splice_insert", "time_signal"])),
    max_size=40,
)


@settings(deadline=None)
@given(_history, st.lists(st.integers(1, 2_000), min_size=1, max_size=12), st.booleans())
def test_every_signal_is_counted_once(history: list[tuple[int, int, str]], pauses: list[int], restarts: bool) -> None:
    """Readings at any times, with signals that are late and a restart after each reading, count each signal once."""
    signals = [(_signal(n, START + at, kind), START + at + late) for n, (at, late, kind) in enumerate(history)]
    count, now = Count(START, START, START), START
    for pause in [*pauses, 8_000]:
        now += pause
        due = window(count, now)
        assert due is not None
        start, end = due
        count = counted(count, [s for s, visible in signals if visible <= now and start <= s.time < end], end)
        if restarts:
            stored = json.loads(json.dumps(_figures(count, "")))
            count = _restored(stored) or count

    assert count.total == len(history)


def test_a_reading_that_is_repeated_adds_nothing() -> None:
    """The same page read twice counts once."""
    read = [_signal(1, START + 10), _signal(2, START + 20)]

    once = counted(Count(START, START, START), read, START + 100)
    twice = counted(once, [*read, *read], START + 101)

    assert once.total == twice.total == 2


def test_a_long_gap_is_caught_up_in_bounded_windows() -> None:
    """After an outage the next window is no longer than a day, and counting goes on from its end."""
    now = START + 3 * LONGEST_WINDOW
    count = Count(START, START, START)

    assert window(count, now) == (START, START + LONGEST_WINDOW)
    then = counted(count, [], START + LONGEST_WINDOW)
    assert window(then, now) == (START + LONGEST_WINDOW - OVERLAP, START + 2 * LONGEST_WINDOW - OVERLAP)


def test_a_clock_that_was_set_back_loses_nothing() -> None:
    """While the clock is behind the last reading nothing is read, so nothing that was counted is lost."""
    count = counted(Count(START, START, START), [_signal(1, START + 50)], START + 100)

    assert window(count, START + 98) is None
    assert window(count, START + 99) == (START, START + 100)


def test_a_gap_that_may_have_cost_signals_is_told() -> None:
    """When nothing was read for more than a week the figures say so."""
    assert doubt(Count(START, START, START), START + 86_400) == ""
    assert "for 8 days" in doubt(Count(START, START, START), START + 8 * 86_400)


def test_both_spellings_of_a_kind_are_one() -> None:
    """The API's `Splice Insert` and `splice_insert` are counted together."""
    assert spelt("Splice Insert") == spelt("splice_insert")
