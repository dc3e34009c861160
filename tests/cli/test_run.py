"""`medialive run`: what it is told by flags and variables, and how it says that something is wrong with them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from medialive_operator.cli.main import app
from medialive_operator.cli.rehearsal import wait_until
from medialive_operator.cli.run import read_settings
from medialive_operator.controlplane.processes import Process


def _refused(*arguments: str, **variables: str) -> str:
    done = CliRunner().invoke(app, ["run", *arguments], env=variables)
    assert done.exit_code == 2, done.output
    return done.output


def _kubeconfig_to_nowhere(folder: Path) -> Path:
    """A kubeconfig whose API server does not answer."""
    path = folder / "kubeconfig"
    named = {
        "clusters": [{"name": "none", "cluster": {"server": "http://127.0.0.1:1"}}],
        "contexts": [{"name": "none", "context": {"cluster": "none", "user": "none"}}],
        "users": [{"name": "none", "user": {}}],
    }
    path.write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Config", "current-context": "none", **named}))
    return path


def _starting(folder: Path, *command: str) -> dict[str, Any]:
    """What the operator says when it starts."""
    fixed = ["--kubeconfig", str(_kubeconfig_to_nowhere(folder)), "--port", "0", "--bind-address", "127.0.0.1"]
    process = Process("operator", [*command, *fixed], folder)
    try:
        line = wait_until("it starts", lambda: _first_line(process), process)
    finally:
        process.stop()
    said: dict[str, Any] = json.loads(line)
    return said


def _first_line(process: Process) -> str | None:
    return next((line for line in process.logged().splitlines(keepends=True) if line.endswith("\n")), None)


def test_namespaces_come_by_repeated_flags_and_by_commas(tmp_path: Path) -> None:
    """Both ways of naming several namespaces can be mixed."""
    said = _starting(
        tmp_path, sys.executable, "-m", "medialive_operator", "run", "--namespace", "a,b", "--namespace", "c"
    )

    assert said["namespaces"] == ["a", "b", "c"]


def test_a_variable_stands_for_its_flag(tmp_path: Path) -> None:
    """The variable names several namespaces with commas."""
    command = [sys.executable, "-m", "medialive_operator", "run"]

    said = _starting(tmp_path, "env", "MEDIALIVE_NAMESPACES=a, b", *command)

    assert said["namespaces"] == ["a", "b"]


@pytest.mark.parametrize(("written", "seconds"), [("90", 90), ("90s", 90), ("1.5m", 90), ("1h", 3600)])
def test_intervals_have_units(written: str, seconds: float) -> None:
    """An interval is a number with s, m or h; seconds without."""
    assert read_settings({"sweep_interval": written}).sweep_interval == seconds


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--log-level", "loud"], "--log-level (or MEDIALIVE_LOG_LEVEL) is 'loud': "),
        (["--sweep-interval", "5x"], "--sweep-interval (or MEDIALIVE_SWEEP_INTERVAL) is '5x': "),
        (["--port", "70000"], "--port (or MEDIALIVE_PORT) is 70000: "),
        (["--credentials-secret", "keys"], "credentials_secret must be namespace/name, not 'keys'"),
    ],
)
def test_a_wrong_value_is_named_with_its_flag(arguments: list[str], told: str) -> None:
    """A value that cannot be used ends the start, and the message has flag, variable and value."""
    assert told in _refused(*arguments)


def test_a_wrong_variable_is_named() -> None:
    """The same is said of a value that came by a variable."""
    assert "MEDIALIVE_CALLS_PER_MINUTE" in _refused(MEDIALIVE_CALLS_PER_MINUTE="1")


@pytest.mark.parametrize("content", [None, "{", "a: 1"])
def test_a_kubeconfig_that_cannot_be_used_is_told(tmp_path: Path, content: str | None) -> None:
    """A missing, broken or empty kubeconfig is a sentence, not a traceback."""
    path = tmp_path / "kubeconfig"
    if content is not None:
        path.write_text(content)

    # In a process of its own: it sets up the logs of the whole process.
    command = [sys.executable, "-m", "medialive_operator", "run", "--kubeconfig", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "no way to reach a cluster" in done.stderr
    assert str(path) in done.stderr
    assert "Traceback" not in done.stderr
