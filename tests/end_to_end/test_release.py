"""`vmapps release`: a built package becomes a declared version, and Azure hears nothing of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from end_to_end.azure_side import Arm, machine_id
from end_to_end.command import Ended, Vmapps
from end_to_end.projects import Document, Project, application, assignment, gallery, packaged, version
from end_to_end.proxy import Proxy, proxy_to
from end_to_end.test_packages import stored

VERSION = """\
# yaml-language-server: $schema=../../schemas/manifest.json
apiVersion: vmapps/v1
kind: GalleryApplicationVersion
metadata: {name: 1.0.0}   # the number
spec:
  application: platform/agent
  source:
    package: ../packages/agent-1.0.0.sh   # built elsewhere
  manageActions:
    install: |
      sh agent.sh
      echo "$${HOME}" done
    update:   sh agent.sh
    remove: sh agent.sh --remove
  settings: {packageFileName: agent.sh}
"""
FILE = "versions/agent-1.0.0.yaml"
NEW = "versions/agent-1.1.0.yaml"


@pytest.fixture
def storage(azurite: str) -> Iterator[Proxy]:
    """A listener in front of the package store."""
    with proxy_to(azurite) as proxy:
        yield proxy


def tree(project: Project) -> dict[str, bytes]:
    """Every file of a project."""
    files = (one for one in project.folder.rglob("*") if one.is_file())
    return {str(one.relative_to(project.folder)): one.read_bytes() for one in files}


def built(project: Project, number: str = "1.1.0") -> tuple[Path, str]:
    """A package that was just built; its sha256."""
    content = project.package(number)
    return project.folder / "packages" / f"agent-{number}.sh", hashlib.sha256(content).hexdigest()


def holds(project: Project, *more: Document) -> None:
    """A version in a file of its own, assigned to web-01."""
    project.package()
    project.spec["manifests"] = ["manifests/*.yaml", "versions/*.yaml"]
    project.holds(gallery(), application(), assignment("1.0.0", "web-01"), *more).file(FILE, VERSION)


def release(vmapps: Vmapps, project: Project, *more: str | Path, number: str = "1.1.0") -> Ended:
    return vmapps("release", "platform/agent", number, "--project", project.folder, *more)


def test_from_a_package_to_machines_with_an_apply_in_between(
    arm: Arm, vmapps: Vmapps, project: Project, storage: Proxy
) -> None:
    vmapps = vmapps.through(blobs=storage.url)
    arm.machine("web-01")
    holds(project)
    vmapps("apply", project.folder, "--yes").exited(0)
    package, sha256 = built(project)
    before = tree(project)
    arm.forget_requests()
    done = release(vmapps, project, "--package", package, "--set", "agents").exited(0)
    assert arm.requests() == []
    lines = before["manifests/all.yaml"].decode().splitlines()
    line = next(at for at, text in enumerate(lines, 1) if '"version": "1.0.0"' in text)
    assert done.out.splitlines() == [
        "Released platform/agent 1.1.0.",
        f"uploaded agent-1.1.0.sh ({package.stat().st_size} bytes, sha256 {sha256})",
        f"edited {NEW}:1: GalleryApplicationVersion/platform/agent/1.1.0: new file, copied from 1.0.0",
        f"edited manifests/all.yaml:{line}: VMAssignment/agents asks for platform/agent: 1.0.0 -> 1.1.0",
        "Nothing was sent to ARM: commit this, and the next apply publishes it.",
    ]
    after = tree(project)
    assert after.pop(NEW).decode() == VERSION.replace("1.0.0", "1.1.0").replace(
        "   # built elsewhere\n", f"   # built elsewhere\n    sha256: {sha256}\n"
    )
    changed = before["manifests/all.yaml"].replace(b'"version": "1.0.0"', b'"version": "1.1.0"')
    assert after == {**before, "manifests/all.yaml": changed}
    assert f"sha256/{sha256}" in stored(vmapps.blobs, project.container)

    before = tree(project)
    storage.asked.clear()
    again = release(vmapps, project, "--package", package, "--set", "agents").exited(0)
    assert again.out.splitlines()[0] == "platform/agent 1.1.0 is released already: nothing was changed."
    assert (tree(project), arm.requests()) == (before, [])
    assert [one.method for one in storage.asked] == ["HEAD"]

    package.unlink()
    vmapps("apply", project.folder, "--yes").exited(0)
    assert arm.installed(machine_id("web-01")) == {"agent": "1.1.0"}


def test_another_content_needs_another_number(with_blobs: Vmapps, project: Project) -> None:
    project.package()
    project.holds(*packaged("web-01"), version("1.0.4", {"package": "../packages/agent-1.0.0.sh"}))
    other = project.file("packages/other.sh", "#!/bin/sh\nother\n").folder / "packages" / "other.sh"
    before = tree(project)
    done = release(with_blobs, project, "--package", other, number="1.0.0").exited(1)
    assert "platform/agent 1.0.0 is declared with another content (package); release it as 1.0.5" in done.err
    same = project.folder / "packages" / "agent-1.0.0.sh"
    done = release(with_blobs, project, "--package", same, "--remove", "rm x", number="1.0.0").exited(1)
    assert "with another content (remove command); release it as 1.0.5" in done.err
    assert tree(project) == before


def test_what_would_not_be_valid_is_undone(with_blobs: Vmapps, project: Project) -> None:
    project.holds(gallery(), application())
    package, sha256 = built(project)
    before = tree(project)
    done = release(with_blobs, project, "--package", package).exited(1)
    assert "The project would not be valid like this: the edits were undone." in done.err
    assert "a version needs manageActions with install and remove" in done.err
    assert tree(project) == before
    commands = "--install", 'sh agent.sh "${MODE}"', "--remove", "sh agent.sh --remove"
    done = release(with_blobs, project, "--package", package, *commands, "--format", "json").exited(0)
    assert done.json["changed"] is True
    assert done.json["packages"] == [
        {"file": "agent-1.1.0.sh", "sha256": sha256, "size": package.stat().st_size, "uploaded": True}
    ]
    assert "no-package-file-name" in done.err
    text = (project.folder / "manifests" / "all.yaml").read_text()
    assert text.endswith(
        f"""---
apiVersion: vmapps/v1
kind: GalleryApplicationVersion
metadata: {{name: 1.1.0}}
spec:
  application: platform/agent
  source:
    package: ../packages/agent-1.1.0.sh
    sha256: {sha256}
  manageActions:
    install: "sh agent.sh \\"$${{MODE}}\\""
    remove: sh agent.sh --remove
"""
    )


def test_where_nothing_can_be_uploaded_the_edits_are_undone(vmapps: Vmapps, project: Project) -> None:
    holds(project)
    package, _ = built(project)
    before = tree(project)
    done = release(vmapps, project, "--package", package, "--set", "agents").exited(1)
    assert "The package is not in the store: the edits were undone." in done.err
    assert tree(project) == before
