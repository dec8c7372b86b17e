"""docs/situations.md names every situation and no other, and every row of the facts has one or says why not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "situations.md").read_text(encoding="utf-8")
FOLDERS = {folder.name for folder in HERE.iterdir() if (folder / "live.json").is_file()}
NONE = "none: "

Row = tuple[str, str]


def rows(text: str) -> list[Row]:
    return re.findall(r"^\| (?!row )(.+?) \| (.+) \|$", text, re.MULTILINE)


def is_none(cell: str) -> bool:
    return cell.startswith(NONE)


SECTIONS = {title: rows(text) for title, text in re.findall(r"^## (.+)\n((?:(?!^## ).*\n)*)", PAGE, re.MULTILINE)}
NAMED = [name for found in SECTIONS.values() for _, cell in found if not is_none(cell) for name in cell.split(", ")]


def test_every_situation_has_its_row() -> None:
    assert FOLDERS - set(NAMED) == set()


def test_every_situation_that_is_named_exists() -> None:
    assert set(NAMED) - FOLDERS == set()


def test_no_row_stands_twice() -> None:
    for title, found in SECTIONS.items():
        assert len({row for row, _ in found}) == len(found), title


@pytest.mark.parametrize(
    ("title", "covered", "all_rows"),
    [
        ("What Azure lets change (immutability)", 12, 12),
        ("What a changed entry sets off (goal state)", 10, 10),
        ("What the agent plans", 14, 15),
        ("What a write replaces", 8, 11),
        ("Deletion", 7, 11),
        ("Regions of a version", 5, 5),
        ("Scale sets", 10, 11),
        ("Beside the facts", 1, 1),
    ],
)
def test_rows_covered_of_all_rows(title: str, covered: int, all_rows: int) -> None:
    found = SECTIONS[title]
    assert (sum(not is_none(cell) for _, cell in found), len(found)) == (covered, all_rows)


def test_every_section_is_counted() -> None:
    assert len(SECTIONS) == 8
