"""Files are replaced whole, as long as they are what was read."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from manifest.projects import APPLICATION, PROJECT, write
from vmapps.errors import Error
from vmapps.manifest.edit_files import Sheets, replace_file

FILES: dict[str, str | bytes] = {
    "vmapps.yaml": PROJECT + "  manifests: ['*.yml']\n",
    "a.yml": APPLICATION,
    "b.yml": "# only this\n",
}


def sheets(folder: Path) -> Sheets:
    return Sheets.of(write(folder, FILES), {})


def test_every_document_is_known_by_its_file_and_number(tmp_path: Path) -> None:
    found = sheets(tmp_path)
    told = [(one.file.name, one.page, one.tree.value["kind"]) for one in found.leaves]
    assert told == [("a.yml", 0, "Gallery"), ("a.yml", 1, "GalleryApplication"), ("vmapps.yaml", 0, "Project")]


def test_a_file_is_replaced_with_its_mode_and_nothing_is_left_beside(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_bytes(b"old")
    file.chmod(0o640)
    replace_file(file, b"old", b"new", "a.yml")
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"new", 0o640)
    replace_file(tmp_path / "new.yml", None, b"new", "new.yml")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.yml", "new.yml"]
    assert not (tmp_path / "new.yml").stat().st_mode & 0o111


@pytest.mark.parametrize("old", [b"other", None])
def test_a_file_that_is_not_as_it_was_is_left(old: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_bytes(b"theirs")
    with pytest.raises(Error, match=r"a\.yml changed meanwhile, and was not overwritten"):
        replace_file(file, old, b"new", "a.yml")
    assert file.read_bytes() == b"theirs"


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(Error, match=r"x/a\.yml cannot be written: No such file"):
        replace_file(tmp_path / "x" / "a.yml", None, b"new", "x/a.yml")


def test_when_one_file_cannot_be_written_none_is(tmp_path: Path) -> None:
    found = sheets(tmp_path)
    one, other = (tmp_path / name for name in ("a.yml", "vmapps.yaml"))
    found.after.update({one: b"# 1\n", tmp_path / "new.yml": b"# 2\n", other: b"# 3\n"})
    other.write_bytes(b"# theirs\n")
    with pytest.raises(Error, match=r"vmapps\.yaml changed meanwhile"):
        found.write()
    assert one.read_text() == APPLICATION
    assert not (tmp_path / "new.yml").exists()
    assert other.read_bytes() == b"# theirs\n"


def test_what_is_undone_is_only_our_own(tmp_path: Path) -> None:
    found = sheets(tmp_path)
    one, new = tmp_path / "a.yml", tmp_path / "new.yml"
    found.after.update({one: b"# 1\n", new: b"# 2\n"})
    found.write()
    assert (one.read_bytes(), new.read_bytes()) == (b"# 1\n", b"# 2\n")
    new.write_bytes(b"# theirs\n")
    found.undo()
    assert (one.read_text(), new.read_bytes()) == (APPLICATION, b"# theirs\n")


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text(str(FILES["vmapps.yaml"]))
    inside = write(tmp_path / "in", {name: text for name, text in FILES.items() if name != "vmapps.yaml"})
    (inside / "vmapps.yaml").symlink_to(outside)
    with pytest.raises(Error, match="is a link to a file outside the project"):
        Sheets.of(inside, {})


def test_where_there_is_no_project_nothing_is_edited(tmp_path: Path) -> None:
    with pytest.raises(Error, match="there is no project here"):
        Sheets.of(tmp_path, {})
