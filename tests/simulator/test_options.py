"""Profiles and single options."""

from pathlib import Path

import pytest

from medialive_operator.simulator.options import PROFILES, Options, options_of


@pytest.mark.parametrize("profile", PROFILES)
def test_profiles_are_made_of_options(profile: str) -> None:
    """Each profile consists of options that exist, with values they can have, and differs from the others."""
    made = options_of(profile)

    assert made.model_dump(include=set(PROFILES[profile])) == dict(PROFILES[profile])
    assert [name for name in PROFILES if options_of(name) == made] == [profile]


def test_single_options_override_a_profile() -> None:
    """Options are set by text, with numbers, switches and none understood, over those of the profile."""
    made = options_of("strict", ["not_found_status=400", "noop_put_restarts=false", "clock_skew=none"])

    assert (made.not_found_status, made.noop_put_restarts, made.clock_skew) == (400, False, None)
    assert made.unknown_fields == "refuse"


@pytest.mark.parametrize("settings", [["color=red"], ["not_found_status=500"], ["delete_running"]])
def test_wrong_options_are_named(settings: list[str]) -> None:
    """An option that does not exist, or a value it cannot have, is refused and named."""
    with pytest.raises(ValueError, match=settings[0].partition("=")[0]):
        options_of("default", settings)


def test_unknown_profile_is_named() -> None:
    """An unknown profile is refused with the ones there are."""
    with pytest.raises(ValueError, match=r"'odd'.*default, strict"):
        options_of("odd")


def test_every_option_is_described() -> None:
    """Each option says what it does: the list that the command prints is made from it."""
    assert all(field.description for field in Options.model_fields.values())


@pytest.mark.parametrize("option", Options.model_fields)
def test_every_option_is_tested(option: str) -> None:
    """Each option is set by a test of what it does."""
    tests = [file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_*.py")]

    assert any(f"({option}=" in text or f" {option}=" in text for text in tests)
