"""`plan --out` and `apply FILE`: private, whole, secretless, held against the world before the first write."""

from __future__ import annotations

import hashlib
import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import local_azure
from end_to_end.azure_side import AGENT, PLATFORM, Arm, machine_id
from end_to_end.command import Vmapps
from end_to_end.projects import Project, application, assignment, gallery, link, linked, packaged, version
from end_to_end.proxy import Proxy

SCHEMA = json.loads((local_azure.REPOSITORY / "schemas" / "plan.json").read_text(encoding="utf-8"))


@pytest.fixture
def saved(arm: Arm, vmapps: Vmapps, project: Project, tmp_path: Path) -> Path:
    """The plan of a small project, for one machine."""
    arm.machine("web-01")
    project.holds(*linked("web-01"))
    file = tmp_path / "plan.json"
    vmapps("plan", project.folder, "--out", file).exited(0)
    arm.forget_requests()
    return file


def unusable(arm: Arm, vmapps: Vmapps, file: Path, project: Project, *words: str) -> None:
    """The plan is refused with one line, and nothing is written."""
    vmapps("apply", file, "--project", project.folder).exited(4).complained(*words)
    assert arm.writes() == []


def test_a_saved_plan_is_private_valid_and_applied_as_it_was_shown(
    arm: Arm, vmapps: Vmapps, project: Project, saved: Path
) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    tree = json.loads(saved.read_text(encoding="utf-8"))
    jsonschema.validate(tree, SCHEMA)
    assert vmapps("plan", project.folder, "--format", "json").exited(0).out == saved.read_text(encoding="utf-8")
    done = vmapps("apply", saved, "--project", project.folder).exited(0)
    assert done.out.endswith("Applied 4.\n")
    vmapps("plan", project.folder, "--detailed-exitcode").exited(0)


def test_a_saved_plan_is_found_from_the_working_directory_of_its_project(
    arm: Arm, vmapps: Vmapps, project: Project, saved: Path
) -> None:
    replace(vmapps, folder=project.folder)("apply", saved).exited(0)
    assert len(arm.entries("web-01")) == 1


def test_every_object_is_read_again_before_the_first_write(
    arm: Arm, vmapps: Vmapps, project: Project, saved: Path
) -> None:
    vmapps("apply", saved, "--project", project.folder).exited(0)
    methods = [one["method"] for one in arm.requests()]
    before = arm.requests()[: next(at for at, method in enumerate(methods) if method != "GET")]
    objects = {PLATFORM, AGENT, f"{AGENT}/versions/1.0.0", machine_id("web-01")}
    assert {one["path"] for one in before} == objects


def test_what_changed_since_makes_a_plan_stale(arm: Arm, vmapps: Vmapps, project: Project, saved: Path) -> None:
    arm.write("PUT", PLATFORM, {"location": "westeurope", "tags": {"by": "somebody"}})
    arm.forget_requests()
    unusable(arm, vmapps, saved, project, "the plan is stale: Gallery/platform changed since it was made; plan again")


def somebody_adds(arm: Arm, reference: str) -> None:
    profile = {"applicationProfile": {"galleryApplications": [{"packageReferenceId": reference}]}}
    arm.write("PATCH", machine_id("web-01"), {"properties": profile})


def test_a_new_foreign_entry_is_carried_along(arm: Arm, vmapps: Vmapps, project: Project, saved: Path) -> None:
    somebody_adds(arm, arm.scanner())
    vmapps("apply", saved, "--project", project.folder).exited(0)
    assert arm.installed(machine_id("web-01")) == {"scanner": "2.0.0", "agent": "1.0.0"}


def test_a_new_foreign_latest_makes_a_plan_stale(arm: Arm, vmapps: Vmapps, project: Project, saved: Path) -> None:
    """The plan did not show that the write may move it."""
    somebody_adds(arm, f"{arm.scanner().rpartition('/')[0]}/latest")
    arm.forget_requests()
    unusable(arm, vmapps, saved, project, "stale", "VirtualMachine/rg-web/web-01")


def edited(tree: Any) -> None:
    tree["steps"][0]["changes"][0]["after"] = "eastus"


def reordered(tree: Any) -> None:
    tree["steps"].reverse()


def of_another_format(tree: Any) -> None:
    tree["formatVersion"] = 99


def of_another_version(tree: Any) -> None:
    tree["tool"]["version"] = "0.0.1"


def of_another_tool(tree: Any) -> None:
    tree["tool"]["name"] = "terraform"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (edited, "edited"),
        (reordered, "edited"),
        (of_another_format, "another format"),
        (of_another_version, "another version"),
        (of_another_tool, "not made by vmapps"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_plan_that_is_not_as_it_was_made_is_refused(
    arm: Arm, vmapps: Vmapps, project: Project, saved: Path, change: Any, words: str
) -> None:
    tree = json.loads(saved.read_text(encoding="utf-8"))
    change(tree)
    saved.write_text(json.dumps(tree), encoding="utf-8")
    unusable(arm, vmapps, saved, project, "plan.json", words)
    assert arm.requests() == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b"{}",
        b'{"formatVersion": 1}',
        b"[" * 100_000,
        b"apiVersion: vmapps/v1",
    ],
    ids=lambda content: repr(content[:12]),
)
def test_what_is_no_plan_is_refused(arm: Arm, vmapps: Vmapps, project: Project, tmp_path: Path, content: bytes) -> None:
    project.holds(*linked("web-01"))
    file = tmp_path / "plan.json"
    file.write_bytes(content)
    unusable(arm, vmapps, file, project, "plan.json")
    assert arm.requests() == []


def test_a_plan_of_another_project_is_refused(arm: Arm, vmapps: Vmapps, project: Project, saved: Path) -> None:
    project.head["metadata"]["id"] = "ffffffff"
    project.holds(*linked("web-01"))
    unusable(arm, vmapps, saved, project, "the plan is of shop.a1b2c3d4", "this project is shop.ffffffff")


def test_a_plan_whose_link_left_the_manifests_is_refused(
    arm: Arm, vmapps: Vmapps, project: Project, saved: Path
) -> None:
    project.holds(gallery(), application(), version("1.0.0", link("2.0.0")), assignment("1.0.0", "web-01"))
    unusable(arm, vmapps, saved, project, "no longer have the links", "agent-1.0.0", "plan again")


def test_a_plan_whose_package_changed_is_refused(
    arm: Arm, with_blobs: Vmapps, project: Project, tmp_path: Path
) -> None:
    arm.machine("web-01")
    project.package()
    project.holds(*packaged("web-01"))
    file = tmp_path / "plan.json"
    with_blobs("plan", project.folder, "--out", file).exited(0)
    project.package(content=b"something else")
    arm.forget_requests()
    unusable(arm, with_blobs, file, project, "packages/agent-1.0.0.sh", "does not have as they were")


@pytest.mark.parametrize("option", [("--prune",), ("--adopt",), ("--target", "Gallery/*"), ("--accept", "deletes=1")])
def test_planning_options_do_not_go_with_a_saved_plan(
    arm: Arm, vmapps: Vmapps, project: Project, saved: Path, option: tuple[str, ...]
) -> None:
    done = vmapps("apply", saved, "--project", project.folder, *option).exited(64)
    assert f"{option[0]} makes another plan: it does not go with a saved one" in done.err
    assert arm.requests() == []


def test_a_plan_that_the_guard_refuses_is_saved_and_refused_again_when_applied(
    arm: Arm, vmapps: Vmapps, project: Project, tmp_path: Path
) -> None:
    project.spec["safety"] = {"maxMachines": 0}
    arm.machine("web-01")
    project.holds(*linked("web-01"))
    file = tmp_path / "plan.json"
    vmapps("plan", project.folder, "--out", file).exited(5)
    arm.forget_requests()
    vmapps("apply", file, "--project", project.folder).exited(5)
    assert arm.writes() == []


def test_a_plan_with_errors_is_not_saved(arm: Arm, vmapps: Vmapps, project: Project, tmp_path: Path) -> None:
    project.holds(*linked("web-99"))
    vmapps("plan", project.folder, "--out", tmp_path / "plan.json").exited(1)
    assert not list(tmp_path.glob("*plan.json*"))


def test_saving_where_nothing_can_be_written_is_one_line_and_leaves_the_old_plan(
    arm: Arm, vmapps: Vmapps, project: Project, saved: Path
) -> None:
    before = hashlib.sha256(saved.read_bytes()).digest()
    done = vmapps("plan", project.folder, "--out", saved.parent / "nowhere" / "plan.json").exited(1)
    done.complained("the plan cannot be saved")
    vmapps("plan", project.folder, "--out", saved).exited(0)
    assert hashlib.sha256(saved.read_bytes()).digest() == before
    assert [file.name for file in saved.parent.glob("*plan*")] == ["plan.json"]


def test_a_saved_plan_goes_on_where_a_killed_one_ended(
    arm: Arm, vmapps: Vmapps, project: Project, saved: Path, listener: Proxy
) -> None:
    gate = listener.gate(lambda asked: asked.method == "PUT" and "/versions/" in asked.path, after=True)
    with vmapps.through(listener.url).running("apply", saved, "--project", project.folder) as process:
        gate.wait()
        process.kill()
    arm.forget_requests()
    vmapps("apply", saved, "--project", project.folder).exited(0)
    assert arm.writes() == [f"PATCH {machine_id('web-01')}"]
    vmapps("plan", project.folder, "--detailed-exitcode").exited(0)
    arm.forget_requests()
    assert vmapps("apply", saved, "--project", project.folder).exited(0).out.endswith("Applied 0, unchanged 4.\n")
    assert arm.writes() == []
