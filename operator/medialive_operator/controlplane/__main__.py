"""`python -m medialive_operator.controlplane`: a control plane for as long as somebody wants it.

Used by the Makefile (`--can-build`, `--build-only`) and by people who want to try something with kubectl.
"""

import signal
import tempfile
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from medialive_operator.controlplane.assets import Assets, find, find_or_build
from medialive_operator.controlplane.building import CannotBuildError, find_go
from medialive_operator.controlplane.plane import ControlPlane, ControlPlaneError


def main(
    build_only: Annotated[
        bool, typer.Option("--build-only", help="Find the programs, or build them; start nothing.")
    ] = False,
    can_build: Annotated[
        bool, typer.Option("--can-build", help="Only say whether the programs, or a Go to build them with, are there.")
    ] = False,
) -> None:
    """Run etcd, kube-apiserver and kube-controller-manager on loopback until Ctrl-C."""
    try:
        if can_build:
            if find(_say) is None:
                find_go()
            return
        assets = find_or_build(_say)
        if not build_only:
            _run_until_interrupted(assets)
    except (CannotBuildError, ControlPlaneError) as error:
        _say(str(error))
        raise typer.Exit(1) from None


def _run_until_interrupted(assets: Assets) -> None:
    # SIGTERM ends it as Ctrl-C does: the folder with its keys is removed.
    signal.signal(signal.SIGTERM, _interrupt)
    with (
        tempfile.TemporaryDirectory(prefix="medialive-controlplane-") as folder,
        ControlPlane.start(Path(folder), assets) as plane,
    ):
        _say(f"Kubernetes API at {plane.url}, until Ctrl-C. To reach it:\n")
        typer.echo(f"  export KUBECONFIG={plane.kubeconfig}\n  {assets.kubectl} get namespaces")
        try:
            signal.pause()
        except KeyboardInterrupt:
            _say("\nstopped")


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _say(line: str) -> None:
    typer.echo(line, err=True)


if __name__ == "__main__":
    typer.run(main)
