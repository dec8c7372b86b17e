"""The version that an assignment asks for: where it is written, and who else reads it there."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifest.projects import APPLICATION, PROJECT, version, write
from vmapps.errors import Error
from vmapps.manifest.edit_files import Sheets
from vmapps.manifest.edit_versions import Wish, ask
from vmapps.manifest.load import load

MEDIA = "{mediaLink: https://contoso.blob.core.windows.net/apps/nginx.tar.gz}"
VARIABLES = "  variables:\n    v: 1.26.1   # of today\n    minor: 26\n"


def assignment(number: str, name: str = "web", more: str = "") -> str:
    return f"""\
---
apiVersion: vmapps/v1
kind: VMAssignment
metadata: {{name: {name}}}
spec:
  targets: [{{virtualMachine: rg-web/{name}}}]
  applications:
    - application: platform/nginx   # the web server
      version: {number}
{more}"""


def project(folder: Path, *documents: str) -> Path:
    several = "".join(version(MEDIA, name) for name in ("1.26.1", "1.26.2"))
    return write(folder, {"vmapps.yaml": PROJECT + VARIABLES + APPLICATION + several + "".join(documents)})


def asked(folder: Path, *wishes: Wish, **given: str) -> list[str]:
    """What was edited; it was written, and is still valid."""
    sheets = Sheets.of(folder, given)
    ask(sheets, wishes or (Wish("web", 0, "1.26.2"),), given)
    sheets.write()
    load(folder, given)
    return [str(edit) for edit in sheets.edits]


def line_of(folder: Path, text: str) -> int:
    return next(at for at, line in enumerate((folder / "vmapps.yaml").read_text().splitlines(), 1) if text in line)


def test_an_exact_version(tmp_path: Path) -> None:
    project(tmp_path, assignment("1.26.1"))
    line = line_of(tmp_path, "      version:")
    before = (tmp_path / "vmapps.yaml").read_text()
    said = [f"vmapps.yaml:{line}: VMAssignment/web asks for platform/nginx: 1.26.1 -> 1.26.2"]
    assert asked(tmp_path) == said
    assert (tmp_path / "vmapps.yaml").read_text() == before.replace("      version: 1.26.1", "      version: 1.26.2")
    assert asked(tmp_path) == []


@pytest.mark.parametrize("choice", ["latest", "1.26.x", "1.x"])
def test_a_choice_becomes_one_version_and_that_is_said(choice: str, tmp_path: Path) -> None:
    project(tmp_path, assignment(choice))
    (said,) = asked(tmp_path)
    assert said.endswith(f"no longer chooses, but asks for one version of platform/nginx: {choice} -> 1.26.2")


def test_a_variable_is_changed_where_it_is_declared(tmp_path: Path) -> None:
    project(tmp_path, assignment("${v}"))
    line = line_of(tmp_path, "    v: 1.26.1")
    assert asked(tmp_path) == [f"vmapps.yaml:{line}: variable v: 1.26.1 -> 1.26.2"]
    assert "    v: 1.26.2   # of today\n" in (tmp_path / "vmapps.yaml").read_text()
    assert "version: ${v}" in (tmp_path / "vmapps.yaml").read_text()
    assert asked(tmp_path) == []


def test_a_variable_that_others_use_is_refused_with_their_places(tmp_path: Path) -> None:
    project(tmp_path, assignment("${v}"), assignment("${v}", "api"), assignment("'${v}'", "db"))
    before = (tmp_path / "vmapps.yaml").read_text()
    uses = [at for at, line in enumerate(before.splitlines(), 1) if "${v}" in line]
    with pytest.raises(Error) as refused:
        asked(tmp_path, Wish("api", 0, "1.26.2"))
    places = f"vmapps.yaml:{uses[0]}:16, vmapps.yaml:{uses[2]}:16"
    assert f"vmapps.yaml:{uses[1]}:16: the variable 'v' is also used at {places}" in str(refused.value)
    assert (tmp_path / "vmapps.yaml").read_text() == before
    wishes = [Wish(name, 0, "1.26.2") for name in ("web", "api", "db")]
    assert len(asked(tmp_path, *wishes)) == 1, "where all uses agree, it is changed once"


@pytest.mark.parametrize(
    ("number", "given", "said"),
    [
        ("${v}", {"v": "1.26.2"}, "the version is the variable 'v', which --var sets: no file can say it"),
        ("'1.${minor}.1'", {}, "the version '1.${minor}.1' is put together; write it out first"),
        ("*v", {}, ""),
    ],
)
def test_what_no_edit_can_say_is_refused(number: str, given: dict[str, str], said: str, tmp_path: Path) -> None:
    if number == "*v":
        number, said = "&v 1.26.1", "cannot be changed alone"
        more = "      tags: {was: *v}\n"
        project(tmp_path, assignment(number, more=more))
    else:
        project(tmp_path, assignment(number))
    with pytest.raises(Error) as refused:
        asked(tmp_path, **given)
    assert said in str(refused.value)
    assert str(refused.value).startswith(f"vmapps.yaml:{line_of(tmp_path, f'      version: {number}')}:")


def test_a_version_that_only_azure_has_is_asked_for_live(tmp_path: Path) -> None:
    project(tmp_path, assignment("1.26.1", more="      order: 1\n"))
    said = asked(tmp_path, Wish("web", 0, "1.9.0", live=True))
    assert said[1].endswith("no document declares platform/nginx 1.9.0: from: live")
    text = (tmp_path / "vmapps.yaml").read_text()
    assert "      version: 1.9.0\n      from: live\n      order: 1\n" in text
    assert asked(tmp_path, Wish("web", 0, "1.9.0", live=True)) == []


def test_from_declared_becomes_live(tmp_path: Path) -> None:
    project(tmp_path, assignment("1.26.1", more="      from: declared\n"))
    asked(tmp_path, Wish("web", 0, "1.9.0", live=True))
    assert "      version: 1.9.0\n      from: live\n" in (tmp_path / "vmapps.yaml").read_text()


def test_where_live_cannot_be_added_it_is_refused(tmp_path: Path) -> None:
    project(tmp_path, assignment("1.26.1").replace("    - application", "    - &one\n      application"))
    text = (tmp_path / "vmapps.yaml").read_text()
    (tmp_path / "vmapps.yaml").write_text(text + "    - *one\n")
    sheets = Sheets.of(tmp_path, {})
    with pytest.raises(Error, match="cannot be changed alone"):
        ask(sheets, (Wish("web", 0, "1.26.1", live=True),), {})
