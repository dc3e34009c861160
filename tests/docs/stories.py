"""A page as a story: its commands run in order, as a reader would run them, on a cluster with the simulator as cloud.

What a reader brings along (programs, a cluster, an account) comes from the environment; commands are run as they are.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from medialive_operator.cli.rehearsal import Kubectl, Simulator
from medialive_operator.controlplane.plane import ControlPlane
from medialive_operator.controlplane.processes import Process
from tests.docs.pages import ROOT, Block

IN_BACKGROUND = "run in the background"
NOT_RUN = "not run"
_PATIENCE = 120  # seconds for one block
_ELISION = "[…]"
_SIGNS_IN = re.compile(r"-n (\S+) create secret generic medialive-credentials")


class Story:
    """A reader with a shell in the repository, a cluster and an account."""

    def __init__(self, folder: Path, plane: ControlPlane, simulator: Simulator, kubectl: Path) -> None:
        self._folder = folder
        self._kubectl = Kubectl(kubectl, plane.kubeconfig)
        self._simulator = simulator
        account = simulator.account
        self._own = {
            "PATH": f"{kubectl.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(folder),
            "KUBECONFIG": str(plane.kubeconfig),
            "KUBECACHEDIR": str(folder / "kubectl-cache"),
            "HUAWEICLOUD_ACCESS_KEY": account.access_key,
            "HUAWEICLOUD_SECRET_KEY": account.secret_key.get_secret_value(),
            "HUAWEICLOUD_PROJECT_ID": account.project_id,
            "MEDIALIVE_PORT": "0",
            "MEDIALIVE_BIND_ADDRESS": "127.0.0.1",
            "MEDIALIVE_SWEEP_INTERVAL": "1",
        }
        self._background: list[Process] = []

    def play(self, block: Block) -> str:
        """Run a block; what it printed. Fails when one of its commands does."""
        if block.mark == IN_BACKGROUND:
            self._start(block)
            return ""
        said = run(block, {**os.environ, **self._own})
        for namespace in _SIGNS_IN.findall(block.text):
            self._lead_to_simulator(namespace)
        return said

    def end(self) -> None:
        """Stop what was started in the background."""
        for process in self._background:
            process.stop()

    def log(self) -> str:
        """What the programs in the background have logged."""
        return "\n".join(process.written() for process in self._background)

    def _start(self, block: Block) -> None:
        settings = [f"{name}={value}" for name, value in self._own.items()]
        command = ["env", *settings, "bash", "-c", f"exec {block.text.strip()}"]
        self._background.append(Process(f"background-{len(self._background)}", command, self._folder))

    def _lead_to_simulator(self, namespace: str) -> None:
        """The account is the simulator's: say where it is. The Secret is the reader's in all other respects."""
        account = self._simulator.account
        where = {"stringData": {"endpoint": account.url, "iamEndpoint": account.iam_url}}
        name = ("secret", "medialive-credentials", "--namespace", namespace)
        self._kubectl("patch", *name, "--type=merge", "--patch", json.dumps(where))


def run(block: Block, environment: Mapping[str, str]) -> str:
    """Run a block in a shell, in the root of the repository; its output, and what it complained about."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.text],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    assert done.returncode == 0, f"the block at line {block.line} fails:\n{block.text}\n{done.stdout}"
    return done.stdout


def shows(said: str, printed: str) -> bool:
    """Whether the output is what a page prints, but for spaces, ages, and what the page leaves out by […]."""
    at = 0
    for piece in printed.split(_ELISION):
        found = _plain(said).find(_plain(piece), at)
        if found < 0:
            return False
        at = found + len(_plain(piece))
    return True


def _plain(text: str) -> str:
    return re.sub(r"\b\d+[smh]\b", "AGE", " ".join(text.split()))
