"""Pages that are written by a tool are what the tool writes today."""

from __future__ import annotations

import re
from pathlib import Path

from document_manifests import PAGE, page

REPOSITORY = Path(__file__).resolve().parents[2]


def test_the_manifest_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run 'make docs'"


def test_every_link_between_pages_leads_somewhere() -> None:
    broken = []
    for document in [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            if not (document.parent / link).exists():
                broken.append(f"{document.name}: {link}")
    assert not broken
