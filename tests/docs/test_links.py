"""Links between the pages lead somewhere."""

from pathlib import Path

import pytest

from tests.docs.pages import ROOT, anchors, links, pages


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    """A link within the repository names a file that is there and, if any, one of its headings."""
    broken = [
        link.target
        for link in links(page)
        if not link.file.exists() or (link.anchor and link.anchor not in anchors(link.file))
    ]

    assert broken == []


def test_every_page_can_be_reached() -> None:
    """From the README a reader comes to each page by links."""
    reached, found = {ROOT / "README.md"}, [ROOT / "README.md"]
    while found:
        for link in links(found.pop()):
            if link.file.suffix == ".md" and link.file not in reached:
                reached.add(link.file)
                found.append(link.file)

    assert [str(page.relative_to(ROOT)) for page in pages() if page not in reached] == []


def test_a_broken_link_is_noticed(tmp_path: Path) -> None:
    """Links are taken from the text, not from code, and anchors are compared as GitHub makes them."""
    page = tmp_path / "page.md"
    page.write_text("# A `b`: c?\n[ok](#a-b-c) [bad](#d) [away](https://example.com)\n```\n[no](x.md)\n```\n")

    assert [(link.target, link.anchor in anchors(page)) for link in links(page)] == [("#a-b-c", True), ("#d", False)]
