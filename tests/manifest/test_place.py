from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vmapps.core.exporting.result import Piece
from vmapps.errors import Error
from vmapps.manifest import place as module
from vmapps.manifest.place import files_of, place
from vmapps.manifest.source import MAX_BYTES, read

FILES = {"vmapps.yaml": "one\n", "manifests/a/b.yaml": "two\n"}


def there(folder: Path) -> dict[str, str]:
    return {file.relative_to(folder).as_posix(): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_files_are_written_once(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "project"
    placed = place(FILES, folder, force=False)
    assert there(folder) == FILES
    assert (placed.written, placed.unchanged) == (("manifests/a/b.yaml", "vmapps.yaml"), ())
    placed = place(FILES, folder, force=False)
    assert (placed.written, placed.unchanged) == ((), ("manifests/a/b.yaml", "vmapps.yaml"))
    assert sorted(one.name for one in folder.iterdir()) == ["manifests", "vmapps.yaml"]


def test_what_differs_stops_everything_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "vmapps.yaml").write_text("mine\n")
    with pytest.raises(Error, match=r"vmapps\.yaml would be written over; nothing was written"):
        place(FILES, tmp_path, force=False)
    assert there(tmp_path) == {"vmapps.yaml": "mine\n"}
    place(FILES, tmp_path, force=True)
    assert there(tmp_path) == FILES


def test_a_link_that_leads_nowhere_is_somebodys_too(tmp_path: Path) -> None:
    (tmp_path / "vmapps.yaml").symlink_to(tmp_path / "gone")
    with pytest.raises(Error, match="would be written over"):
        place(FILES, tmp_path, force=False)


def test_a_failure_on_the_way_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "manifests").write_text("a file where a folder has to be\n")
    with pytest.raises(Error, match="cannot be written"):
        place(FILES, tmp_path, force=False)
    assert list(there(tmp_path)) == ["manifests"]


def gallery(name: str, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": "vmapps/v1", "kind": "Gallery", "metadata": {"name": name}, "spec": spec}


def test_a_file_that_is_too_large_becomes_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 400)
    pieces = [Piece("p/nginx.yaml", gallery(f"g{at}", description="x" * 60)) for at in range(4)]
    files = files_of([*pieces, Piece("p/other.yaml", gallery("o"))])
    assert list(files) == [
        "manifests/p/nginx.yaml",
        "manifests/p/nginx.2.yaml",
        "manifests/p/nginx.3.yaml",
        "manifests/p/nginx.4.yaml",
        "manifests/p/other.yaml",
    ]
    names = [tree.value["metadata"]["name"] for text in files.values() for tree in read(text.encode(), "a")[0]]
    assert names == ["g0", "g1", "g2", "g3", "o"]
    assert MAX_BYTES > 400
