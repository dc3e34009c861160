"""On real ports: dropped connections, and what the command prints."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from medialive_operator.cli.main import app
from medialive_operator.contract.operations import Operation
from medialive_operator.simulator.options import Options
from tests.simulator.callers import channel
from tests.simulator.running import Running, running

COMMAND = [sys.executable, "-c", "from medialive_operator.cli.main import app; app()", "simulate"]


@pytest.mark.parametrize(("drop", "made"), [("before", 0), ("after", 1)])
def test_connections_are_dropped(drop: str, made: int) -> None:
    """The caller's connection ends without a byte, and the next call works."""
    with running(Options()) as simulator:
        headers = {"X-Auth-Token": _token(simulator)}
        path = f"{simulator.url}/v1/{simulator.said['projectId']}/ott/channels"
        simulator.admin("POST", "/faults", {"operation": Operation.CREATE_OTT_CHANNEL_INFO, "drop": drop})
        with httpx.Client(headers=headers) as caller:
            with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
                caller.post(path, json=channel())

            assert caller.get(path).json()["total"] == made


def test_command_announces_itself(tmp_path: Path) -> None:
    """One line of JSON says where it listens and whom it knows; SIGTERM ends it with success; its state is kept."""
    command = [*COMMAND, "--profile", "strict", "--accounts", "3", "--state-file", str(tmp_path / "state.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        said = json.loads(process.stdout.readline())
        simulator = Running(said)
        headers = {"X-Auth-Token": _token(simulator)}
        made = httpx.post(f"{said['url']}/v1/{said['projectId']}/ott/channels", json=channel(), headers=headers)
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=20)

    assert made.status_code == 201
    assert (process.returncode, rest, errors) == (0, "", "")
    assert set(said) >= {
        "url", "iamUrl", "adminUrl", "projectId", "accessKey", "secretKey", "username", "password", "domainName",
    }  # fmt: skip
    assert said["url"].startswith("http://127.0.0.1:")
    assert len(said["accounts"]) == 6
    assert "news-1" in (tmp_path / "state.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("flags", [["--profile", "odd"], ["--set", "color=red"]])
def test_command_refuses_what_it_does_not_know(flags: list[str]) -> None:
    """A wrong flag ends the command with its own status and says which."""
    result = CliRunner().invoke(app, ["simulate", *flags])

    assert result.exit_code == 2
    assert flags[1].partition("=")[0] in result.stderr


def test_command_says_that_a_port_is_taken() -> None:
    """A port that somebody else has ends the command with its own status and the reason."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = CliRunner().invoke(app, ["simulate", "--port", str(taken.getsockname()[1])])

    assert result.exit_code == 2
    assert "in use" in result.stderr


def test_command_lists_the_options() -> None:
    """All options are listed with their defaults."""
    result = CliRunner().invoke(app, ["simulate", "--list-options"])

    assert result.exit_code == 0
    assert all(f"{name}=" in result.stdout for name in Options.model_fields)


def _token(simulator: Running) -> str:
    said = simulator.said
    user = {"name": said["username"], "password": said["password"], "domain": {"name": said["domainName"]}}
    identity = {"methods": ["password"], "password": {"user": user}}
    scope = {"project": {"id": said["projectId"]}}
    answer = httpx.post(f"{said['iamUrl']}/v3/auth/tokens", json={"auth": {"identity": identity, "scope": scope}})
    assert answer.status_code == 201
    return answer.headers["X-Subject-Token"]
