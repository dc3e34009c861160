"""Where the control plane's programs are: found, or built once.

Used by the demo, the tests and `python -m medialive_operator.controlplane`. It starts nothing but `go build` and
`PROGRAM --version`.
"""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from medialive_operator.controlplane.building import find_go
from medialive_operator.controlplane.programs import (
    ETCD,
    KUBE_APISERVER,
    KUBE_CONTROLLER_MANAGER,
    KUBECTL,
    PROGRAMS,
    Program,
)


@dataclass(frozen=True)
class Assets:
    """The four programs. They always come from one place: mixed versions do not work together."""

    etcd: Path
    kube_apiserver: Path
    kube_controller_manager: Path
    kubectl: Path


def find(log: Callable[[str], None], environment: Mapping[str, str] = os.environ) -> Assets | None:
    """The programs in KUBEBUILDER_ASSETS, else on PATH, else in the cache folder; None when no place has all of them.

    `log` hears why an explicit KUBEBUILDER_ASSETS is not used.
    """
    explicit = environment.get("KUBEBUILDER_ASSETS")
    if explicit:
        found = _look_in(explicit)
        if isinstance(found, Assets):
            return found
        log(f"KUBEBUILDER_ASSETS={explicit} is not used: {found}")
    found = _look_in(environment.get("PATH", ""))
    if isinstance(found, Assets):
        return found
    cache = cache_folder(environment)
    built = all(_built(cache, program).exists() for program in PROGRAMS)
    return _assets(lambda program: _built(cache, program)) if built else None


def find_or_build(log: Callable[[str], None], environment: Mapping[str, str] = os.environ) -> Assets:
    """Like `find`, and when they are nowhere, build what the cache folder lacks (minutes, once a version).

    A second process waits for the first. `log` hears the progress, a line at a time. Raises CannotBuildError.
    """
    found = find(log, environment)
    if found is not None:
        return found
    go = find_go(environment)
    cache = cache_folder(environment)
    with _locked(cache, log):
        for program in PROGRAMS:
            if not _built(cache, program).exists():
                go.build(program, _built(cache, program), log)
    return _assets(lambda program: _built(cache, program))


def cache_folder(environment: Mapping[str, str]) -> Path:
    """`medialive-operator/controlplane` in XDG_CACHE_HOME or ~/.cache."""
    root = Path(environment.get("XDG_CACHE_HOME", ""))
    # The XDG specification: a path that is not absolute is to be ignored.
    if not root.is_absolute():
        root = Path(environment.get("HOME") or Path.home()) / ".cache"
    return root / "medialive-operator" / "controlplane"


def _built(cache: Path, program: Program) -> Path:
    return cache / program.build_key / program.name


def _assets(where: Callable[[Program], Path]) -> Assets:
    return Assets(where(ETCD), where(KUBE_APISERVER), where(KUBE_CONTROLLER_MANAGER), where(KUBECTL))


def _look_in(folders: str) -> Assets | str:
    """All the programs of one release in these folders (as in PATH), or what is wrong with them."""
    paths = {program: shutil.which(program.name, path=folders) for program in PROGRAMS}
    missing = [program.name for program, path in paths.items() if path is None]
    if missing:
        return f"it has no {', no '.join(missing)}"
    found = _assets(lambda program: Path(paths[program] or ""))
    server, controllers = _release(found.kube_apiserver), _release(found.kube_controller_manager)
    if server != controllers:
        return f"kube-apiserver is of {server} but kube-controller-manager of {controllers}"
    return found


def _release(program: Path) -> str:
    """Major and minor version, such as `v1.37`; the whole answer when there is no such thing in it."""
    answer = subprocess.run(  # noqa: S603 -- the program that was found
        [program, "--version"], capture_output=True, text=True, check=False
    ).stdout.strip()
    version = re.search(r"v\d+\.\d+", answer)
    return version[0] if version else repr(answer)


@contextlib.contextmanager
def _locked(cache: Path, log: Callable[[str], None]) -> Iterator[None]:
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log("another process is building the control plane; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
