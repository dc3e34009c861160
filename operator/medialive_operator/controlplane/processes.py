"""Programs as child processes that never outlive us.

Used by the control plane only. It must not know what the programs are.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from medialive_operator.controlplane import guard

_TAIL_LENGTH = 4_000


class Process:
    """One running program; its standard output and error go to `<folder>/<name>.log` (appended)."""

    def __init__(self, name: str, command: Sequence[str], folder: Path) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._log_begin = self.log.stat().st_size if self.log.exists() else 0
        # A session of its own: Ctrl-C in a terminal must reach us only, who then stop in order.
        with self.log.open("ab") as log:
            self._guard = subprocess.Popen(  # noqa: S603 -- the command is made by the control plane, no shell
                [sys.executable, "-I", "-S", guard.__file__, *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=folder,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Process id of the guard, which is also the id of the process group of guard and program."""
        return self._guard.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; 128 + the signal's number when a signal ended it."""
        return self._guard.poll()

    def written(self) -> str:
        """The end of what the program has logged since this start."""
        return self.logged()[-_TAIL_LENGTH:]

    def logged(self) -> str:
        """All that the program has logged since this start."""
        with self.log.open("rb") as log:
            log.seek(self._log_begin)
            return log.read().decode(errors="replace")

    def terminate(self) -> int:
        """Ask the program to end (SIGTERM) and wait until it has; its exit code."""
        self._guard.terminate()
        code = self._guard.wait()
        self.stop()
        return code

    def stop(self) -> None:
        """Kill the program and wait until it is gone. Nothing to do when it has ended already."""
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait()
