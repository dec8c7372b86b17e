"""A version document more: a copy of the newest one, or a new one."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from manifest.projects import APPLICATION, PROJECT, version, write
from vmapps.core.declaration import Declarations
from vmapps.errors import Error
from vmapps.manifest.edit_files import Sheets
from vmapps.manifest.edit_release import File, New, declare
from vmapps.manifest.edit_versions import Wish, ask
from vmapps.manifest.load import load

MEDIA = "{mediaLink: https://contoso.blob.core.windows.net/apps/nginx.tar.gz}"
HEAD = PROJECT + "  manifests: ['m/**/*.yaml']\n"
SHA = hashlib.sha256(b"new").hexdigest()
ASSIGNMENT = """\
---
apiVersion: vmapps/v1
kind: VMAssignment
metadata: {name: web}
spec:
  targets: [{virtualMachine: rg-web/web}]
  applications: [{application: platform/nginx, version: 1.26.2}]
"""


def sourced(source: str, name: str = "1.26.2", more: str = "") -> str:
    """A version whose source may have several lines."""
    return version("SOURCE", name, more).replace(" SOURCE", source if source.startswith("\n") else f" {source}")


def project(folder: Path, *documents: str, **files: str) -> Path:
    packages = {"packages/new.tar.gz": "new", "packages/old.tar.gz": "old", "conf/new.conf": "conf"}
    named = {f"m/{name}.yaml": text for name, text in files.items()}
    return write(folder, {"vmapps.yaml": HEAD, "m/all.yaml": "".join((APPLICATION, *documents)), **packages, **named})


def new(folder: Path, number: str = "1.26.3", **more: Any) -> New:
    return New("platform/nginx", number, File.of(folder / "packages" / "new.tar.gz"), **more)


def released(folder: Path, what: New | None = None) -> tuple[list[str], Declarations]:
    """What was edited, and the project after it; said again it is nothing."""
    what = what or new(folder)
    sheets = Sheets.of(folder, {})
    declare(sheets, what)
    sheets.write()
    again = Sheets.of(folder, {})
    declare(again, what)
    assert (again.after, again.edits) == ({}, [])
    return [str(edit) for edit in sheets.edits], load(folder)


def text(folder: Path, name: str = "all") -> str:
    return (folder / "m" / f"{name}.yaml").read_text()


def test_a_copy_of_the_newest_stands_behind_it(tmp_path: Path) -> None:
    old = hashlib.sha256(b"old").hexdigest()
    source = f"\n    # by the build\n    package: ../packages/old.tar.gz   # 42\n    sha256: {old}"
    newest = sourced(source, "1.26.2", "replicaCount: 2")
    older = version("{package: ../packages/old.tar.gz}", "1.9.0")
    project(tmp_path, newest, older, ASSIGNMENT)
    said, declared = released(tmp_path)
    copy = newest.replace("1.26.2", "1.26.3").replace("old.tar.gz", "new.tar.gz")
    copy = copy.replace(old, SHA)
    assert text(tmp_path) == APPLICATION + newest + copy + older + ASSIGNMENT
    line = (APPLICATION + newest).count("\n") + 2
    assert said == [f"m/all.yaml:{line}: GalleryApplicationVersion/platform/nginx/1.26.3: copied from 1.26.2"]
    assert SHA in {one.sha256 for one in declared.packages}


@pytest.mark.parametrize(
    ("row", "source", "after"),
    [
        ("a link", MEDIA, f"{{package: ../packages/new.tar.gz, sha256: {SHA}}}"),
        ("no sha256", "{package: ../packages/old.tar.gz}", f"{{package: ../packages/new.tar.gz, sha256: {SHA}}}"),
        (
            "a configuration that stays",
            "\n    defaultConfiguration: ../conf/new.conf\n    package: ../packages/old.tar.gz",
            f"\n    defaultConfiguration: ../conf/new.conf\n    package: ../packages/new.tar.gz\n    sha256: {SHA}",
        ),
    ],
)
def test_the_source_is_the_package(row: str, source: str, after: str, tmp_path: Path) -> None:
    project(tmp_path, sourced(source))
    released(tmp_path)
    assert text(tmp_path).endswith(sourced(after, "1.26.3"))


def test_what_was_decided_about_one_version_is_not_copied(tmp_path: Path) -> None:
    about = "protect: true\nexcludeFromLatest: true   # it was bad\nendOfLifeDate: 2099-01-01\nstate: present\n"
    project(tmp_path, version(MEDIA, "1.26.2", f"{about}replicaCount: 2"))
    released(tmp_path)
    source = f"{{package: ../packages/new.tar.gz, sha256: {SHA}}}"
    assert text(tmp_path).endswith(version(source, "1.26.3", "replicaCount: 2"))


@pytest.mark.parametrize(
    ("row", "source", "after"),
    [
        ("none before", "{package: ../packages/old.tar.gz}", ""),
        ("another", "{package: ../packages/old.tar.gz, defaultConfiguration: ../packages/old.tar.gz}", ""),
        ("a link", MEDIA[:-1] + ", defaultConfigurationLink: https://contoso.blob.core.windows.net/apps/c}", ""),
    ],
)
def test_a_configuration_is_named_too(row: str, source: str, after: str, tmp_path: Path) -> None:
    project(tmp_path, version(source, "1.26.2"))
    conf = File.of(tmp_path / "conf" / "new.conf")
    released(tmp_path, new(tmp_path, configuration=conf))
    copy = text(tmp_path).rpartition("---")[2]
    assert "defaultConfiguration: ../conf/new.conf" in copy
    assert "defaultConfigurationLink" not in copy


def test_commands_that_are_given_are_not_copied_and_hold_no_variables(tmp_path: Path) -> None:
    project(tmp_path, version(MEDIA, "1.26.2"))
    scripts = {"install": "sh nginx.tar.gz ${HOME} $${x", "update": "true"}
    released(tmp_path, new(tmp_path, scripts=scripts))
    line = (
        "  manageActions: {update: \"true\", install: 'sh nginx.tar.gz $${HOME} $$${x', remove: rm -r /opt/nginx}\n"
    ).replace("'", '"')
    assert line in text(tmp_path)
    body: Any = load(tmp_path).resources[-1].body
    assert body["properties"]["publishingProfile"]["manageActions"]["install"] == scripts["install"]


DEFAULTS = """\
---
apiVersion: vmapps/v1
kind: Gallery
metadata: {name: platform}
spec: {}
---
apiVersion: vmapps/v1
kind: GalleryApplication
metadata: {name: nginx}
spec:
  gallery: platform
  supportedOSType: Linux
  versionDefaults:
    manageActions: {install: sh nginx, remove: rm nginx}
    settings: {packageFileName: nginx, configFileName: c}
"""
BARE = """\
---
apiVersion: vmapps/v1
kind: GalleryApplicationVersion
metadata: {name: 1.26.2}
spec:
  application: platform/nginx
  source:
    package: ../packages/old.tar.gz
"""


@pytest.mark.parametrize("flow", [False, True])
def test_commands_beside_the_application_s_defaults(flow: bool, tmp_path: Path) -> None:
    one_line = "spec: {application: platform/nginx, source: {package: ../packages/old.tar.gz}}\n"
    bare = BARE[: BARE.index("spec:")] + one_line if flow else BARE
    project(tmp_path)
    write(tmp_path, {"m/all.yaml": DEFAULTS + bare})
    released(tmp_path, new(tmp_path, scripts={"remove": "rm all"}))
    block = "  manageActions:\n    install: sh nginx\n    remove: rm all\n"
    assert ("manageActions: {install: sh nginx, remove: rm all}" if flow else block) in text(tmp_path)


def test_the_first_version_says_no_more_than_it_has_to(tmp_path: Path) -> None:
    project(tmp_path, ASSIGNMENT.replace("version: 1.26.2", "state: absent"))
    write(tmp_path, {"m/all.yaml": DEFAULTS + ASSIGNMENT.replace("version: 1.26.2", "state: absent")})
    conf = File.of(tmp_path / "conf" / "new.conf")
    said, declared = released(tmp_path, new(tmp_path, configuration=conf, scripts={"update": "sh up"}))
    assert said == ["m/all.yaml:17: GalleryApplicationVersion/platform/nginx/1.26.3: the application's first version"]
    assert f"""\
---
apiVersion: vmapps/v1
kind: GalleryApplicationVersion
metadata: {{name: 1.26.3}}
spec:
  application: platform/nginx
  source:
    package: ../packages/new.tar.gz
    sha256: {SHA}
    defaultConfiguration: ../conf/new.conf
  manageActions:
    install: sh nginx
    remove: rm nginx
    update: sh up
---
""" in text(tmp_path)
    assert len(declared.packages) == 2


HEADED = "# yaml-language-server: $schema=x\n" + version(MEDIA, "1.26.2")[4:]


@pytest.mark.parametrize(
    ("row", "name", "file"),
    [
        ("a file of its own", "nginx/1.26.2", "nginx/1.26.3"),
        ("its name in the name", "nginx-v1.26.2-final", "nginx-v1.26.3-final"),
        ("a name without a number", "nginx", "nginx"),
    ],
)
def test_where_the_newest_has_a_file_of_its_own_so_has_the_new_one(
    row: str, name: str, file: str, tmp_path: Path
) -> None:
    project(tmp_path, **{name: HEADED})
    if name == file:
        released(tmp_path)
        assert text(tmp_path, name).startswith(HEADED + "---\n")
        return
    said, _ = released(tmp_path, new(tmp_path))
    assert said == [f"m/{file}.yaml:1: GalleryApplicationVersion/platform/nginx/1.26.3: new file, copied from 1.26.2"]
    up = "../" * file.count("/")
    source = f"{{package: {up}../packages/new.tar.gz, sha256: {SHA}}}"
    assert text(tmp_path, file) == HEADED.replace("1.26.2", "1.26.3").replace(MEDIA, source)
    assert text(tmp_path, name) == HEADED


def test_a_file_that_is_there_or_that_no_pattern_finds_is_not_made(tmp_path: Path) -> None:
    project(tmp_path, **{"nginx-1.26.2": HEADED})
    (tmp_path / "m" / "nginx-1.26.3.yaml").write_text("# mine\n")
    released(tmp_path)
    assert text(tmp_path, "nginx-1.26.3") == "# mine\n"
    assert text(tmp_path, "nginx-1.26.2").startswith(HEADED + "---\n")
    (tmp_path / "vmapps.yaml").write_text(HEAD.replace("'m/**/*.yaml'", "m/all.yaml, m/nginx-1.26.2.yaml"))
    write(tmp_path, {"m/nginx-1.26.2.yaml": HEADED})
    released(tmp_path)
    assert text(tmp_path, "nginx-1.26.2").startswith(HEADED + "---\n")


def test_edits_further_down_keep_their_lines(tmp_path: Path) -> None:
    project(tmp_path, version(MEDIA, "1.26.2"), ASSIGNMENT)
    sheets = Sheets.of(tmp_path, {})
    ask(sheets, (Wish("web", 0, "1.26.3"),), {})
    declare(sheets, new(tmp_path))
    sheets.write()
    lines = text(tmp_path).splitlines()
    for edit, word in zip(sheets.edits, ("apiVersion", "version: 1.26.3}"), strict=True):
        assert word in lines[edit.line - 1]
    load(tmp_path)


@pytest.mark.parametrize(
    ("row", "declared", "said"),
    [
        ("another package", version("{package: ../packages/old.tar.gz}", "1.26.3"), "another content (package)"),
        ("a link", version(MEDIA, "1.26.3"), "another content (package)"),
        ("gone, and promised", version(f"{{package: x, sha256: {'0' * 64}}}", "1.26.3"), "another content (package)"),
        ("absent", version(MEDIA, "1.26.3", "state: absent"), "is declared absent"),
    ],
)
def test_another_content_under_this_number_is_refused_with_the_next(
    row: str, declared: str, said: str, tmp_path: Path
) -> None:
    project(tmp_path, declared, version(MEDIA, "1.26.7"))
    with pytest.raises(Error) as refused:
        released(tmp_path)
    assert said in str(refused.value)
    assert str(refused.value).endswith("release it as 1.26.8")


def test_the_same_content_is_the_same_release_whatever_its_name(tmp_path: Path) -> None:
    same = version(
        f"{{package: ../packages/elsewhere.tar.gz, sha256: {SHA}, defaultConfiguration: ../conf/new.conf}}", "1.26.3"
    )
    project(tmp_path, same)
    conf = File.of(tmp_path / "conf" / "new.conf")
    scripts = {"install": "sh nginx.tar.gz"}
    assert released(tmp_path, new(tmp_path, configuration=conf, scripts=scripts))[0] == []
    other = replace(
        new(tmp_path), configuration=File.of(tmp_path / "packages" / "old.tar.gz"), scripts={"install": "x"}
    )
    with pytest.raises(Error, match=r"another content \(configuration, install command\)"):
        released(tmp_path, other)


def test_what_cannot_be_released_is_said(tmp_path: Path) -> None:
    folder = project(tmp_path / "in", version(MEDIA, "1.26.2"))
    outside = write(tmp_path, {"packages/new.tar.gz": "new"})
    with pytest.raises(Error, match="is outside the project: a manifest can name only what is below"):
        released(folder, new(outside))
    with pytest.raises(Error, match="cannot be read: No such file"):
        File.of(tmp_path / "nothing")
    script = (
        version(MEDIA, "1.26.2").replace("{install: sh nginx.tar.gz, ", "{").rstrip("\n") + "\n  installFile: ../i.sh\n"
    )
    write(folder, {"i.sh": "sh nginx.tar.gz\n", "m/all.yaml": APPLICATION + script})
    with pytest.raises(Error, match="the newest version has an installFile"):
        released(folder, new(folder, scripts={"install": "x"}))
    assert released(folder)[1].resources[-1].address.name[-1] == "1.26.3"


def test_a_document_that_cannot_be_copied_is_said_with_its_place(tmp_path: Path) -> None:
    anchored = version("{package: &p ../packages/old.tar.gz, defaultConfiguration: *p}", "1.26.2")
    project(tmp_path, anchored)
    with pytest.raises(Error, match=r"m/all.yaml:\d+:\d+: it cannot be changed alone.*edit it by hand"):
        released(tmp_path)
