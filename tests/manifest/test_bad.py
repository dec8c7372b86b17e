"""Every mistake of `bad/`, with exactly the lines that people get to read."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from vmapps.errors import Invalid
from vmapps.manifest.load import load

BAD = Path(__file__).parent / "bad"
MISTAKES = sorted(path for path in BAD.iterdir() if path.is_dir() or path.suffix == ".yaml")
TODAY = date(2026, 1, 1)


def project_of(mistake: Path, folder: Path) -> Path:
    """A copy of the mistake as a project of its own, outside any repository."""
    if mistake.is_dir():
        return Path(shutil.copytree(mistake, folder / "project"))
    shutil.copy(mistake, folder / "vmapps.yaml")
    return folder


def lines_of(folder: Path) -> tuple[str, bool]:
    """What is said about a project, and whether it loaded."""
    try:
        diagnostics, is_loaded = load(folder, today=TODAY).warnings, True
    except Invalid as problem:
        diagnostics, is_loaded = problem.diagnostics, False
    return "".join(f"{diagnostic}\n" for diagnostic in diagnostics), is_loaded


def expected_of(mistake: Path) -> Path:
    return mistake.with_name(f"{mistake.stem}.expected.txt")


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda path: path.stem)
def test_a_mistake_is_said_as_expected(mistake: Path, tmp_path: Path) -> None:
    said, is_loaded = lines_of(project_of(mistake, tmp_path))
    assert said == expected_of(mistake).read_text(encoding="utf-8")
    assert is_loaded == mistake.stem.startswith("warn-")


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda path: path.stem)
def test_the_first_line_says_the_mistake(mistake: Path) -> None:
    file = mistake / "vmapps.yaml" if mistake.is_dir() else mistake
    assert file.read_text(encoding="utf-8").startswith("# ")


def test_every_expectation_has_its_mistake() -> None:
    assert {expected_of(mistake).name for mistake in MISTAKES} == {path.name for path in BAD.glob("*.expected.txt")}


def test_no_secret_is_ever_said() -> None:
    assert not [path for path in BAD.glob("*.expected.txt") if "canary" in path.read_text(encoding="utf-8")]
