"""Pages that are written by a tool are what the tool writes today."""

from __future__ import annotations

import re
from pathlib import Path

from document_manifests import PAGE, page

REPOSITORY = Path(__file__).resolve().parents[2]


def test_the_manifest_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run 'make docs'"


def test_every_link_between_pages_leads_somewhere() -> None:
    pages = [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]
    links = [
        (page, link) for page in pages for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    ]
    assert links
    assert not [f"{page.name}: {link}" for page, link in links if not (page.parent / link).exists()]


def test_every_decision_has_a_number_of_its_own_and_says_it() -> None:
    pages = sorted((REPOSITORY / "docs" / "decisions").glob("*.md"))
    assert len({page.name[:4] for page in pages}) == len(pages)
    said = [page.read_text(encoding="utf-8").partition(". ")[0] for page in pages]
    assert said == [f"# {int(page.name[:4])}" for page in pages]
