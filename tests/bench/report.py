"""Shows chapters: as tables on a terminal, and as a page of the documentation."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.figures import Chapter, Figure

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"

_HEAD = """# Performance

What the operator costs and how fast it is. Everything is real (kube-apiserver, etcd, the operator's process) but the
cloud, which is the simulator. The service's limit of 80 calls a minute is in force where many objects are created at
once and where flows are left alone; elsewhere it is lifted on both sides, so that it is not what is measured.

- Made by: `{command}`
- Machine: {machine}; load average {load}
- Date: {date}
"""
# Of a chapter that was measured apart from the others.
_MADE_BY = " Made by `{command}` on {date}, load average {load}."
_MARK = "## "
_HOLDS = {True: "yes", False: "**no**", None: ""}


@dataclass(frozen=True)
class Circumstances:
    """Where and how it was measured. load: what else the machine had to do, for readers of times."""

    machine: str
    load: str
    command: str
    date: str


def show(console: Console, chapter: Chapter) -> None:
    """Print a chapter as a table."""
    table = Table("What", "Measured", "Bar", title=chapter.title, title_justify="left", caption=chapter.how)
    table.caption_justify = "left"
    for figure in chapter.figures:
        table.add_row(figure.what, figure.measured, _coloured(figure))
    console.print(table, "")


def write(chapters: Sequence[Chapter], circumstances: Circumstances, *, whole: bool) -> None:
    """Write the page anew; or, where not the whole was measured, these chapters into the page that there is."""
    head = _HEAD.format(**vars(circumstances))
    if whole:
        PAGE.write_text("\n".join([head, *map(_section, chapters)]), encoding="utf-8")
        return
    head, *sections = PAGE.read_text(encoding="utf-8").split(f"\n{_MARK}")
    page = {section.partition("\n")[0]: f"{_MARK}{section}".rstrip("\n") + "\n" for section in sections}
    for chapter in chapters:
        page[chapter.title] = _section(chapter, _MADE_BY.format(**vars(circumstances)))
    PAGE.write_text("\n".join([head, *page.values()]), encoding="utf-8")


def _section(chapter: Chapter, origin: str = "") -> str:
    lines = [f"{_MARK}{chapter.title}", "", chapter.how + origin, ""]
    lines += ["| what | measured | bar | holds |", "|---|---|---|---|"]
    for figure in chapter.figures:
        lines.append(f"| {figure.what} | {figure.measured} | {figure.bar} | {_HOLDS[figure.holds]} |")
    return "\n".join([*lines, ""])


def _coloured(figure: Figure) -> str:
    if figure.holds is None:
        return figure.bar
    return f"[green]{figure.bar}[/green]" if figure.holds else f"[red]{figure.bar}[/red]"
