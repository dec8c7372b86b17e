"""Every code is in the table, every code of the table is shown by a test."""

from __future__ import annotations

import re
from pathlib import Path

import vmapps.kinds
import vmapps.manifest
from vmapps.manifest.codes import CODES

BAD = Path(__file__).parent / "bad"
ELSEWHERE = {"not-utf-8", "file-too-large", "file-over-limit", "doubtful-size"}
"""What test_files shows, since no file of `bad/` can."""

SAID = re.compile(r'(?:error|warning)\(\s*"([a-z0-9-]+)"|code = "([a-z0-9-]+)"')


def test_every_code_is_shown() -> None:
    shown = set()
    for path in BAD.glob("*.expected.txt"):
        shown |= {line.rpartition("[")[2].rstrip("]") for line in path.read_text(encoding="utf-8").splitlines()}
    assert shown | ELSEWHERE == set(CODES)


def test_every_code_of_the_rooms_is_in_the_table() -> None:
    folders = [Path(next(iter(room.__path__))) for room in (vmapps.kinds, vmapps.manifest)]
    sources = [path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py")]
    assert {one or other for text in sources for one, other in SAID.findall(text)} == set(CODES)


def test_every_meaning_is_a_sentence() -> None:
    assert all(meaning.endswith(".") and len(meaning) <= 100 for meaning in CODES.values())
