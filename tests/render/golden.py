"""Texts kept as files: `GOLDEN=rewrite` writes them anew, then the difference is read in the review."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def check(case: str, file: str, text: str) -> None:
    """The text is what the file says."""
    path = FOLDER / case / file
    if os.environ.get("GOLDEN") == "rewrite":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == text, f"{path} differs; GOLDEN=rewrite if that is meant"
