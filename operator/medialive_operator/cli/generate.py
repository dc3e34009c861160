"""`medialive generate`: writes the files that are made from the models, or says which of them are out of date.

For contributors and CI. It must not write anything else.
"""

from pathlib import Path
from typing import Annotated

import typer

from medialive_operator.cli.reference import render_operator_reference
from medialive_operator.resources.crds import render_crds
from medialive_operator.resources.reference import render_reference


def generate(
    into: Annotated[Path, typer.Option(help="Root of the repository.", file_okay=False, exists=True)] = Path(),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 and name the files that are out of date.")
    ] = False,
) -> None:
    """Make crds/ and docs/reference/ (for contributors)."""
    stale = {path: text for path, text in rendered().items() if _stored(into / path) != text}
    for path, text in stale.items():
        if not check:
            (into / path).parent.mkdir(parents=True, exist_ok=True)
            (into / path).write_text(text, encoding="utf-8")
        typer.echo(f"{path} is out of date: run `medialive generate`" if check else f"wrote {path}", err=check)
    if check and stale:
        raise typer.Exit(1)


def rendered() -> dict[str, str]:
    """Path in the repository -> content, of every file that is made."""
    crds = {f"crds/{name}": text for name, text in render_crds().items()}
    pages = {**render_reference(), **render_operator_reference()}
    return {**crds, **{f"docs/reference/{name}": text for name, text in pages.items()}}


def _stored(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
