"""Runs one program, and ends it when whoever started this guard has ended, even by SIGKILL.

`processes.py` starts this file as a program of its own: `guard.py PROGRAM ARGUMENT...`. Standard input is a pipe whose
other end only the starter holds; the kernel closes it whatever way the starter ends. A parent-death signal would not
do: it fires when the starting *thread* ends, and exists on Linux only. SIGTERM is handed on to the program.
It must import nothing but the standard library, and must not write to standard output, which is the program's log.
"""

import os
import signal
import subprocess
import sys
import threading


def main() -> int:
    """Wait for the program; the exit code is the program's, or 128 + the signal that ended it."""
    with subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL) as program:  # noqa: S603 -- its one job
        signal.signal(signal.SIGTERM, lambda *_: program.terminate())
        threading.Thread(target=_kill_when_starter_is_gone, args=(program,), daemon=True).start()
        code = program.wait()
    return code if code >= 0 else 128 - code


def _kill_when_starter_is_gone(program: subprocess.Popen[bytes]) -> None:
    os.read(sys.stdin.fileno(), 1)
    program.kill()


if __name__ == "__main__":
    sys.exit(main())
