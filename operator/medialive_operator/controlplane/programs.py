"""Which programs the control plane is made of, and from which pinned Go modules they are built.

Used by `assets.py` (where they are found) and `building.py` (how they are built). The versions stand in the `go.mod`
files below `go/` and nowhere else: raising one there is all it takes to get another build.
"""

import hashlib
import platform
import re
from dataclasses import dataclass
from pathlib import Path

_MODULES = Path(__file__).parent / "go"
BUILD_FLAGS = ("-trimpath", "-buildvcs=false", "-mod=readonly")


@dataclass(frozen=True)
class Program:
    """One program: its file name, the folder of its Go module, the Go module whose version is its own, its package."""

    name: str
    folder: Path
    module: str
    package: str

    @property
    def version(self) -> str:
        """Version pinned in go.mod, such as `v1.37.2`. Raises ValueError when go.mod does not require the module."""
        pinned = re.search(rf"^\s*{re.escape(self.module)} (v\S+)", self._go_mod(), re.MULTILINE)
        if pinned is None:
            raise ValueError(f"{self.folder / 'go.mod'} does not require {self.module}")
        return pinned[1]

    @property
    def go_version(self) -> tuple[int, ...]:
        """The oldest Go that builds it, such as (1, 26, 0). Raises ValueError when go.mod does not say."""
        line = re.search(r"^go ([\d.]+)$", self._go_mod(), re.MULTILINE)
        if line is None:
            raise ValueError(f"{self.folder / 'go.mod'} has no `go` line")
        return tuple(int(part) for part in line[1].split("."))

    @property
    def build_key(self) -> str:
        """Folder name in the cache: another version, dependency, flag or platform gives another one."""
        recipe = hashlib.sha256(" ".join(self.build_flags).encode())
        recipe.update(self._go_mod().encode())
        system = f"{platform.system()}-{platform.machine()}".lower()
        return f"{self.folder.name}-{self.version}-{system}-{recipe.hexdigest()[:8]}"

    @property
    def build_flags(self) -> tuple[str, ...]:
        """Arguments of `go build`; Kubernetes' programs learn their version from the linker."""
        return (*BUILD_FLAGS, "-ldflags", f"-s -w -X k8s.io/component-base/version.gitVersion={self.version}")

    def _go_mod(self) -> str:
        return (self.folder / "go.mod").read_text()


def _kubernetes(name: str) -> Program:
    return Program(name, _MODULES / "kubernetes", "k8s.io/kubernetes", f"k8s.io/kubernetes/cmd/{name}")


ETCD = Program("etcd", _MODULES / "etcd", "go.etcd.io/etcd/server/v3", "go.etcd.io/etcd/server/v3")
KUBE_APISERVER = _kubernetes("kube-apiserver")
KUBE_CONTROLLER_MANAGER = _kubernetes("kube-controller-manager")
KUBECTL = _kubernetes("kubectl")
PROGRAMS = (ETCD, KUBE_APISERVER, KUBE_CONTROLLER_MANAGER, KUBECTL)
