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
