"""Mistakes that need bytes, sizes, links or permissions: what a YAML file in `bad/` cannot hold."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from manifest.projects import APPLICATION, PROJECT, diagnostics, said, version, write
from vmapps.errors import Invalid
from vmapps.manifest import packages, source
from vmapps.manifest.load import load
from vmapps.manifest.project import find_project

LOCAL = version("{package: nginx.tar.gz}")

BYTES = {
    "latin 1": (
        b"apiVersion: vmapps/v1\nkind: Gallery # f\xfcr alle\n",
        "vmapps.yaml:2:1: error: this file is not UTF-8 text (save it as UTF-8) [not-utf-8]",
    ),
    "a NUL": (
        b"apiVersion: vmapps/v1\nkind: \x00\n",
        "vmapps.yaml:2:7: error: the character U+0000 is not allowed in YAML (remove it) [control-character]",
    ),
    "UTF-16": (
        "kind: Gallery\n".encode("utf-16"),
        "vmapps.yaml:1:1: error: this file is not UTF-8 text (save it as UTF-8) [not-utf-8]",
    ),
    "a second BOM": (
        "\ufeffkind: \ufeff\n".encode(),
        "vmapps.yaml:1:7: error: the character U+FEFF is not allowed in YAML (remove it) [control-character]",
    ),
    "nothing": (
        b"",
        "vmapps.yaml:1:1: error: this file holds no Project document (add 'kind: Project') [no-project]",
    ),
    "only comments and separators": (
        b"# nothing\n---\n---\n# here\n",
        "vmapps.yaml:1:1: error: this file holds no Project document (add 'kind: Project') [no-project]",
    ),
}


@pytest.mark.parametrize("name", BYTES)
def test_bytes_that_are_no_manifest(name: str, tmp_path: Path) -> None:
    content, expected = BYTES[name]
    assert said(write(tmp_path, {"vmapps.yaml": content})) == [expected]


def test_a_file_may_have_a_bom_and_windows_line_ends(tmp_path: Path) -> None:
    text = "\ufeff" + (PROJECT + APPLICATION).replace("\n", "\r\n")
    assert [str(one.source[0]) for one in load(write(tmp_path, {"vmapps.yaml": text})).resources] == [
        "vmapps.yaml:11:1",
        "vmapps.yaml:16:1",
    ]


def test_a_manifest_over_a_mebibyte_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, {"vmapps.yaml": PROJECT + "#" * source.MAX_BYTES})
    assert [one.code for one in diagnostics(tmp_path)] == ["file-too-large"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    write(tmp_path, {"vmapps.yaml": PROJECT + "  manifests: ['*.yml']\n", "a.yml": APPLICATION})
    (tmp_path / "a.yml").chmod(0)
    assert [one.code for one in diagnostics(tmp_path)] == ["unreadable-file"]


def test_no_project(tmp_path: Path) -> None:
    assert [one.code for one in diagnostics(tmp_path)] == ["no-project"]
    assert [one.code for one in diagnostics(tmp_path / "nowhere")] == ["no-project"]


def test_a_project_is_found_from_below(tmp_path: Path) -> None:
    write(tmp_path, {"vmapps.yaml": PROJECT, "a/b/c.txt": ""})
    assert find_project(tmp_path / "a" / "b") == tmp_path
    assert load(tmp_path / "vmapps.yaml") == load(tmp_path)


def test_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"vmapps.yaml": PROJECT + APPLICATION + LOCAL, "nginx.tar.gz": "x" * 11}
    write(tmp_path, files)
    monkeypatch.setattr(packages, "DOUBTFUL", 10)
    assert [one.code for one in diagnostics(tmp_path)] == ["doubtful-size"]
    monkeypatch.setitem(packages.LIMITS, "package", 10)
    assert said(tmp_path) == [
        "vmapps.yaml:26:21: error: 'nginx.tar.gz' has 11 bytes, Azure takes 10 (make it smaller) [file-over-limit]"
    ]


def test_the_real_limits_are_measured_without_reading(tmp_path: Path) -> None:
    write(tmp_path, {"vmapps.yaml": PROJECT + APPLICATION + LOCAL})
    with (tmp_path / "nginx.tar.gz").open("wb") as sparse:
        sparse.truncate(2 * 1024**3 + 1)
    assert [one.code for one in diagnostics(tmp_path)] == ["file-over-limit"]


def test_a_file_is_hashed_in_chunks(tmp_path: Path) -> None:
    import hashlib

    content = os.urandom(2 * packages.CHUNK + 7)
    write(tmp_path, {"file": content})
    assert packages.digest_of(tmp_path / "file") == (hashlib.sha256(content).hexdigest(), len(content))


def test_an_absent_file_needs_its_sha256(tmp_path: Path) -> None:
    digest = "ab" * 32
    write(tmp_path, {"vmapps.yaml": PROJECT + APPLICATION + version(f"{{package: nginx.tar.gz, sha256: {digest}}}")})
    (package,) = load(tmp_path).packages
    assert (package.sha256, package.path, package.size) == (digest, None, 0)


def test_links_may_stay_inside_and_not_lead_out(tmp_path: Path) -> None:
    project = write(tmp_path / "project", {"vmapps.yaml": PROJECT + APPLICATION + LOCAL, "real": "package"})
    write(tmp_path, {"secret": "secret"})
    (project / "nginx.tar.gz").symlink_to("real")
    assert load(project).packages[0].shown == "real"
    (project / "nginx.tar.gz").unlink()
    (project / "nginx.tar.gz").symlink_to("../secret")
    assert [one.code for one in diagnostics(project)] == ["outside-root"]
    (project / "nginx.tar.gz").unlink()
    (project / "nginx.tar.gz").symlink_to("nginx.tar.gz")
    assert [one.code for one in diagnostics(project)] == ["unreadable-file"]


def test_manifests_may_be_links_inside_and_not_lead_out(tmp_path: Path) -> None:
    project = write(tmp_path / "project", {"vmapps.yaml": PROJECT + "  manifests: ['*.yml']\n", "real": APPLICATION})
    write(tmp_path, {"other": APPLICATION})
    (project / "a.yml").symlink_to("real")
    (project / "b.yml").symlink_to("real")
    assert len(load(project).resources) == 2
    (project / "c.yml").symlink_to("../other")
    (project / "d.yml").symlink_to("d.yml")
    assert [one.code for one in diagnostics(project)] == ["outside-root", "unreadable-file"]


def test_links_in_circles_are_not_walked(tmp_path: Path) -> None:
    write(tmp_path, {"vmapps.yaml": PROJECT + "  manifests: ['**/*.yml']\n", "a/b.yml": APPLICATION, ".git/c.yml": "["})
    for name in ("one", "two", "a/three"):
        (tmp_path / name).symlink_to(tmp_path, target_is_directory=True)
    assert len(load(tmp_path).resources) == 2


PATTERNS = {
    "m/*.yml": 1,
    "m/a.yml": 1,
    "./m/../m/a.yml": 1,
    "**/*.yml": 2,
    "m/**/*.yml": 2,
    "m/[ab].yml": 1,
    ".hidden/*.yml": 1,
    "m/**x/*.yml": 0,
    "m/none.yml": 0,
    "m": 0,
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_patterns_match(pattern: str, tmp_path: Path) -> None:
    gallery = "apiVersion: vmapps/v1\nkind: Gallery\nmetadata: {name: g%d}\nspec: {}\n"
    names = ("m/a.yml", "m/n/b.yml", ".hidden/c.yml")
    files = {name: gallery % at for at, name in enumerate(names)}
    write(tmp_path, {"vmapps.yaml": PROJECT + f"  manifests: ['{pattern}']\n", **files})
    if PATTERNS[pattern]:
        assert len(load(tmp_path).resources) == PATTERNS[pattern]
    else:
        assert [one.code for one in diagnostics(tmp_path)] == ["no-files"]


def test_long_texts_do_not_take_long(tmp_path: Path) -> None:
    text = "x" * 900_000 + "!"
    for field in ("location", "resourceGroup", "subscription"):
        write(tmp_path, {"vmapps.yaml": PROJECT + APPLICATION.replace("spec: {}", f"spec: {{{field}: {text}}}")})
        assert [one.code for one in diagnostics(tmp_path)] == ["bad-value"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    write(tmp_path, {"vmapps.yaml": PROJECT + "  manifests: ['*.yml']\n"})
    os.mkfifo(tmp_path / "a.yml")
    assert [one.code for one in diagnostics(tmp_path)] == ["unreadable-file"]


def test_files_may_climb_to_the_root(tmp_path: Path) -> None:
    project = PROJECT.replace("root: .", "root: ../..") + "  manifests: ['../../shared/**/*.yaml']\n"
    write(
        tmp_path,
        {"envs/dev/vmapps.yaml": project, "shared/a/b.yaml": APPLICATION + LOCAL, "shared/a/nginx.tar.gz": "package"},
    )
    loaded = load(tmp_path / "envs" / "dev")
    assert str(loaded.resources[0].source[0]) == "../../shared/a/b.yaml:2:1"
    assert loaded.packages[0].shown == "../../shared/a/nginx.tar.gz"


def test_the_root_is_the_repository_by_default(tmp_path: Path) -> None:
    project = PROJECT.replace("  root: .\n", "") + "  manifests: ['../../shared/*.yaml']\n"
    files = {"envs/dev/vmapps.yaml": project, "shared/b.yaml": APPLICATION}
    write(tmp_path, files)
    assert [one.code for one in diagnostics(tmp_path / "envs" / "dev")] == ["outside-root"]
    (tmp_path / ".git").mkdir()
    assert len(load(tmp_path / "envs" / "dev").resources) == 2


def test_one_content_in_two_places_is_one_package(tmp_path: Path) -> None:
    documents = version("{package: a.tar.gz}") + version("{package: b.tar.gz}", "1.26.3")
    write(tmp_path, {"vmapps.yaml": PROJECT + APPLICATION + documents, "a.tar.gz": "same", "b.tar.gz": "same"})
    (package,) = load(tmp_path).packages
    assert (package.shown, len(package.source)) == ("a.tar.gz", 2)


def test_every_problem_of_every_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "vmapps.yaml": PROJECT + "  manifests: ['*.yml', 'none/*']\n  typo: 1\n",
            "a.yml": "kind: [",
            "b.yml": APPLICATION.replace("Linux", "linux"),
        },
    )
    assert [one.code for one in diagnostics(tmp_path)] == ["yaml-syntax", "unknown-value", "no-files", "unknown-field"]


def test_invalid_says_everything_in_its_text(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="there is no project here"):
        load(tmp_path)
