"""`vmapps release`, the command, on real files; the package store is a set."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cli.world import Said
from manifest.projects import APPLICATION, PROJECT, version, write
from vmapps.cli import wiring
from vmapps.cli.main import run
from vmapps.core.declaration import Package
from vmapps.errors import Conflicted

ASSIGNMENTS = """\
---
apiVersion: vmapps/v1
kind: VMAssignment
metadata: {name: web}
spec:
  targets: [{virtualMachine: rg-web/web}]
  applications: [{application: platform/nginx, version: 1.26.2}]
---
apiVersion: vmapps/v1
kind: VMAssignment
metadata: {name: api}
spec:
  targets: [{virtualMachine: rg-web/api}]
  applications: [{application: platform/nginx, version: 1.26.x}]
---
apiVersion: vmapps/v1
kind: VMAssignment
metadata: {name: follows}
spec:
  targets: [{virtualMachine: rg-web/f}]
  applications: [{application: platform/nginx, followLatest: true}]
"""
PACKAGE = "packages/nginx-1.26.3.tar.gz"


@dataclass
class Store:
    """What is stored, and what was asked."""

    blobs: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    failure: BaseException | None = None

    def present(self, several: Sequence[str]) -> frozenset[str]:
        self.asked.append("present")
        return frozenset(self.blobs.intersection(several))

    def upload(self, package: Package) -> None:
        if self.failure is not None:
            raise self.failure
        assert package.path is not None
        assert package.size == Path(package.path).stat().st_size
        self.asked.append(f"upload {package.shown}")
        self.blobs.add(package.sha256)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    """A project in the working directory, and its store."""
    found = Store()
    old = version("{package: packages/nginx-1.26.2.tar.gz}", "1.26.2")
    files = {"packages/nginx-1.26.2.tar.gz": "old", PACKAGE: "new"}
    write(tmp_path, {"vmapps.yaml": PROJECT + APPLICATION + old + ASSIGNMENTS, **files})

    @contextmanager
    def opened(*_: Any) -> Iterator[Store]:
        yield found

    monkeypatch.setattr(wiring, "store", opened)
    return found


def release(
    capsys: pytest.CaptureFixture[str], *more: str, number: str = "1.26.3", application: str = "platform/nginx"
) -> Said:
    code = run(["release", application, number, "--package", PACKAGE, *more])
    out, err = capsys.readouterr()
    return Said(code, out, err)


def test_it_uploads_declares_and_sets(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = release(capsys, "--set", "web", "--set", "VMAssignment/web", application="Platform/NGINX")
    assert said.code == 0
    assert store.asked == ["present", "upload nginx-1.26.3.tar.gz"]
    text = (tmp_path / "vmapps.yaml").read_text()
    assert "version: 1.26.3}" in text
    assert text.count("metadata: {name: 1.26.3}") == 1
    assert said.out.startswith("Released platform/nginx 1.26.3.\nuploaded nginx-1.26.3.tar.gz (3 bytes, sha256 ")
    assert said.out.count("edited vmapps.yaml:") == 2
    again = release(capsys, "--set", "web", "--format", "json")
    assert json.loads(again.out)["changed"] is False
    assert store.asked[2:] == ["present"]
    assert (tmp_path / "vmapps.yaml").read_text() == text


def test_a_choice_that_means_the_version_stays_a_choice(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = release(capsys, "--set", "api")
    assert "VMAssignment/api asks for 1.26.x, which means 1.26.3 now" in said.out
    assert "version: 1.26.x}" in (tmp_path / "vmapps.yaml").read_text()


def test_a_choice_that_means_another_becomes_the_version(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = release(capsys, "--set", "api", number="1.25.0")
    assert "no longer chooses, but asks for one version of platform/nginx: 1.26.x -> 1.25.0" in said.out
    assert "version: 1.25.0}" in (tmp_path / "vmapps.yaml").read_text()


@pytest.mark.parametrize(
    ("more", "names", "code", "said"),
    [
        ((), {"number": "1.26"}, 64, "'1.26' is not a version such as 1.26.3"),
        (
            (),
            {"application": "platform/ngin"},
            64,
            "no application 'platform/ngin' is declared; there is platform/nginx",
        ),
        (("--set", "wob"), {}, 64, "there is no assignment 'wob'"),
        (("--set", "follows"), {}, 1, "VMAssignment/follows follows the latest version, which Azure chooses"),
        ((), {"number": "1.26.2"}, 1, "another content (package); release it as 1.26.3"),
        (("--remove", "x", "--var", "nope=1"), {}, 1, "the project declares no variable 'nope'"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_done(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: Any, names: Any, code: int, said: str
) -> None:
    before = (tmp_path / "vmapps.yaml").read_bytes()
    ended = release(capsys, *more, **names)
    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err
    assert store.asked == []
    assert (tmp_path / "vmapps.yaml").read_bytes() == before


def test_an_upload_that_fails_undoes_the_edits(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (tmp_path / "vmapps.yaml").read_bytes()
    for failure, code in ((Conflicted("no", scope="x"), 1), (KeyboardInterrupt(), 130)):
        store.failure = failure
        ended = release(capsys, "--set", "web")
        assert ended.code == code
        assert "The package is not in the store: the edits were undone." in ended.err
        assert (tmp_path / "vmapps.yaml").read_bytes() == before


def test_a_package_under_an_old_name_is_told_why_not(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release(capsys)
    (tmp_path / PACKAGE).write_text("built again")
    ended = release(capsys, number="1.26.4")
    assert ended.code == 1
    assert ended.err.startswith("hint: each release needs a package of its own name")
    assert "[sha256-mismatch]" in ended.err


def test_new_warnings_are_said_old_ones_are_not(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert release(capsys, "--install", "sh other.sh").err.count("[package-not-named]") == 1
    assert release(capsys).err == ""
    write(tmp_path, {"packages/nginx-1.26.5.tar.gz": "newer"})
    code = run(["release", "platform/nginx", "1.26.5", "--package", "packages/nginx-1.26.5.tar.gz", "-q"])
    assert (code, capsys.readouterr().err) == (0, "")


def test_without_a_store_it_is_not_valid(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (tmp_path / "vmapps.yaml").read_text()
    bare = "\n".join(line for line in text.splitlines() if "packageStore" not in line) + "\n"
    link = "{mediaLink: https://contoso.blob.core.windows.net/apps/nginx.tar.gz}"
    bare = bare.replace("{package: packages/nginx-1.26.2.tar.gz}", link)
    (tmp_path / "vmapps.yaml").write_text(bare)
    ended = release(capsys)
    assert ended.code == 1
    assert "[no-package-store]" in ended.err
    assert (tmp_path / "vmapps.yaml").read_text() == bare
