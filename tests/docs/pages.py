"""Markdown as the tests of the documentation see it: code blocks with their marks, tables, headings and links."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block. `mark` is the HTML comment right above it."""

    language: str
    text: str
    mark: str
    line: int


@dataclass(frozen=True)
class Link:
    """A link of a page to another file of the repository, or to a heading."""

    page: Path
    target: str

    @property
    def file(self) -> Path:
        """The file it points to."""
        name = self.target.partition("#")[0]
        return (self.page.parent / name).resolve() if name else self.page

    @property
    def anchor(self) -> str:
        """The heading it points to, as GitHub spells it; empty for the page itself."""
        return self.target.partition("#")[2]


def pages() -> list[Path]:
    """Every page that a reader may be sent to."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found: list[Block] = []
    lines = iter(enumerate(page.read_text(encoding="utf-8").splitlines(), start=1))
    mark = ""
    for number, line in lines:
        text = line.strip()
        if text.startswith("```"):
            inside = itertools.takewhile(lambda each: each[1].strip() != "```", lines)
            found.append(Block(text[3:], "\n".join(each for _, each in inside), mark, number))
            mark = ""
        elif text:
            mark = text[4:-3].strip() if text.startswith("<!--") else ""
    return found


def links(page: Path) -> Iterator[Link]:
    """Links that stay in the repository."""
    for target in _LINK.findall(re.sub(r"`[^`]*`", "", _without_code(page))):
        if not target.startswith(("http://", "https://", "mailto:")):
            yield Link(page, target)


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of the headings of a page."""
    return {_slug(heading) for heading in headings(page)}


def headings(page: Path) -> list[str]:
    """The text of each heading."""
    return [line.lstrip("#").strip() for line in _without_code(page).splitlines() if re.match(r"#+ ", line)]


def table(page: Path, heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, without its head."""
    lines = page.read_text(encoding="utf-8").splitlines()
    below = lines[next(at for at, line in enumerate(lines) if line.lstrip("#").strip() == heading) + 1 :]
    start = next(at for at, line in enumerate(below) if line.startswith("|"))
    rows = []
    for line in below[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def _without_code(page: Path) -> str:
    return re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def _slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
