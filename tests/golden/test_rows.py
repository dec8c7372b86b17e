"""docs/situations.md names every situation, and every row has one or says why not."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "situations.md"
FOLDERS = {folder.name for folder in HERE.iterdir() if (folder / "live.json").is_file()}
ROWS = re.findall(r"^\| (?!row )(.+?) \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")


def named() -> set[str]:
    return set(NAME.findall(" ".join(cell for _, cell in ROWS))) | {"adopt", "downgrade", "nothing-to-do"}


def test_every_situation_has_its_row() -> None:
    assert FOLDERS - named() == set()


def test_every_row_names_situations_or_says_why_there_is_none() -> None:
    assert len(ROWS) >= 50
    uncovered = [row for row, cell in ROWS if not set(NAME.findall(cell)) & FOLDERS and cell not in FOLDERS]
    explained = [row for row, cell in ROWS if cell.startswith("none: ")]
    assert uncovered == explained
    assert len(explained) <= 4, "rows covered / rows: all but the three or four that no plan can show"
