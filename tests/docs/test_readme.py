"""The README tells the truth: its commands work as they stand, and its tables say what the product says."""

import dataclasses
import itertools
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from medialive_operator.cli.rehearsal import Simulator
from medialive_operator.contract.operations import OPERATIONS
from medialive_operator.controlplane.assets import Assets
from medialive_operator.controlplane.plane import ControlPlane
from medialive_operator.metrics import REGISTRY
from medialive_operator.resources.conditions import MEANINGS
from medialive_operator.resources.live_effects import live_effects
from medialive_operator.resources.ott_channels import OTT_CHANNEL
from medialive_operator.resources.stream_connect_flows import STREAM_CONNECT_FLOW
from tests.docs.pages import README, ROOT, Block, blocks, table
from tests.docs.stories import IN_BACKGROUND, NOT_RUN, Story, run, shows

INSTALLING = ROOT / "docs" / "installing.md"
OPERATING = ROOT / "docs" / "operations.md"
PAGES = (README, INSTALLING, OPERATING)
DEMO = "make demo ARGS=--once"


@pytest.fixture(scope="module")
def stage(
    control_plane_assets: Assets, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ControlPlane, Simulator]]:
    """A cluster of its own, because the pages install and uninstall for the whole cluster; and a cloud."""
    folder = tmp_path_factory.mktemp("pages")
    with ControlPlane.start(folder, control_plane_assets) as plane:
        simulator = Simulator(folder)
        yield plane, simulator
        simulator.stop()


@pytest.fixture
def story(stage: tuple[ControlPlane, Simulator], control_plane_assets: Assets, tmp_path: Path) -> Iterator[Story]:
    """A reader who begins a page."""
    story = Story(tmp_path, *stage, control_plane_assets.kubectl)
    yield story
    story.end()


@pytest.mark.cluster
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_works_as_it_stands(story: Story, page: Path) -> None:
    """A reader who follows the page from top to bottom succeeds, and sees what the page prints."""
    told = [block for block in blocks(page) if block.language in ("sh", "text") and block.text != DEMO]
    played = 0
    for block, after in itertools.zip_longest(told, told[1:]):
        if block.language != "sh" or block.mark.startswith(NOT_RUN):
            continue
        said = story.play(block)
        played += 1
        if after is not None and after.language == "text":
            assert shows(said, after.text), f"line {after.line} prints something else than:\n{said}\n{story.log()}"

    assert played >= 4


@pytest.mark.cluster
def test_the_first_trial_prints_what_the_readme_shows() -> None:
    """The demo is what `make demo` runs, ends well, and its output is the one in the README."""
    trial, printed = itertools.islice(_from_the_demo(), 2)
    # Nothing is installed or built again within a test: `-o` takes that part of the Makefile for done.
    command = f"make -o controlplane demo ARGS=--once VENV={sys.prefix}"

    said = run(dataclasses.replace(trial, text=command), os.environ)

    assert shows(said, printed.text), said


def test_output_that_differs_is_noticed() -> None:
    """The comparison overlooks spaces, ages and what is left out, and nothing else."""
    said = "NAME    READY   AGE\nnews    True    12s\nlog: a b c\nend"

    assert shows(said, "NAME READY AGE\nnews True 3s\n[…]\nend")
    assert not shows(said, "NAME READY AGE\nnews False 3s")
    assert not shows(said, "end\n[…]\nNAME")


def test_only_what_sets_up_the_repository_is_not_run() -> None:
    """A command can be kept from the tests only when it installs or tests this repository."""
    marked = {
        command.partition("#")[0].strip()
        for page in (*PAGES, ROOT / "CONTRIBUTING.md")
        for block in blocks(page)
        if block.mark.startswith(NOT_RUN)
        for command in block.text.splitlines()
    }

    assert all(re.match(r"make (install|test|lint|generate|bench|lock)\b|\.ci/run$", command) for command in marked)
    assert {block.mark for page in PAGES for block in blocks(page)} <= {
        "",
        IN_BACKGROUND,
        *(block.mark for block in blocks(README) if block.mark.startswith(f"{NOT_RUN}: ")),
    }


def test_the_trial_is_on_the_first_screen() -> None:
    """The page stays short, and a newcomer finds the first command without scrolling."""
    assert 150 <= len(README.read_text().splitlines()) <= 220
    assert next(_from_the_demo()).line <= 30


def test_the_table_of_fields_says_what_the_planner_does() -> None:
    """Each part of the spec is listed with the call that carries it and what that does on air."""
    effects = live_effects(OTT_CHANNEL)
    told = {}
    for fields, call, effect in table(README, "OttChannel"):
        fixed = effect.startswith("refused")
        for field in re.findall(r"`([^`]+)`", fields):
            told[field] = "cannot be changed" if fixed else f"{effect}; {call}"

    assert told == {field: effect for field, effect in effects.items() if field != "region"}


def test_the_table_of_a_flows_fields_says_what_the_planner_does() -> None:
    """Each part of a flow's spec is listed with its calls and what they do on air; `[]` is one more or less."""
    told = {}
    for fields, calls, effect in table(README, "StreamConnectFlow"):
        for field in re.findall(r"`([^`]+)`", fields):
            told[field] = effect if calls == "none" else f"{effect}; {calls}"
    effects = live_effects(STREAM_CONNECT_FLOW)

    assert told == {
        field: effect.rpartition("one more or less: ")[2]
        for field, effect in effects.items()
        if field not in ("region", "flowId")
    }


def test_the_table_of_conditions_is_the_operators() -> None:
    """Every condition that the operator can set is there, in its own words."""
    told = {kind.strip("`"): meaning for kind, meaning in table(README, "Conditions, events, metrics")}
    source = "".join(file.read_text() for file in (ROOT / "operator/medialive_operator/controller").rglob("*.py"))
    used = {kind: MEANINGS[kind] for kind in MEANINGS if f"ConditionType.{kind.name}" in source}

    assert told == {str(kind): meaning for kind, meaning in used.items()}


def test_named_metrics_exist() -> None:
    """A metric that the README tells to watch is one that the operator exposes."""
    named = set(re.findall(r"`(medialive_[a-z_]+)`", README.read_text()))
    exposed = {sample for metric in REGISTRY.collect() for sample in (metric.name, f"{metric.name}_total")}

    assert named
    assert named <= exposed


def test_the_policy_allows_one_action_for_each_call() -> None:
    """The IAM policy is valid JSON, and has as many actions as the API has operations."""
    (policy,) = (json.loads(block.text) for block in blocks(README) if block.language == "json")
    actions = policy["Statement"][0]["Action"]

    assert len(set(actions)) == len(actions) == len(OPERATIONS)
    assert all(action.startswith("live:ott:") for action in actions)


def _from_the_demo() -> Iterator[Block]:
    """The blocks of the README from the first command on."""
    return itertools.dropwhile(lambda block: block.text != DEMO, iter(blocks(README)))
