"""The whole way: validated, planned, applied, nothing left; changed behind the back, seen, repaired, nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from end_to_end.azure_side import COMPUTE, Arm, machine_id
from end_to_end.command import Vmapps

HOME = "11111111-1111-1111-1111-111111111111"
WEB_01, WEB_02 = (machine_id(name, "rg-web", HOME) for name in ("web-01", "web-02"))
PAYROLL = machine_id("payroll-01", "rg-office", HOME)
GALLERY = f"/subscriptions/{HOME}/resourceGroups/rg-galleries/{COMPUTE}/galleries/platform"


def test_the_examples_are_applied_once_and_then_nothing_is_left(arm: Arm, with_blobs: Vmapps, examples: Path) -> None:
    valid = with_blobs("validate", examples).exited(0)
    assert valid.out == "Valid: contoso-platform declares 6 resources, 4 packages, 2 assignments.\n"
    assert (
        with_blobs("plan", examples, "--detailed-exitcode")
        .exited(2)
        .out.endswith("Plan: 4 to upload, 6 to create, 0 to update, 3 machines to write, 0 to delete.\n")
    )
    assert arm.writes() == []

    assert with_blobs("apply", examples, "--yes").exited(0).out.endswith("Applied 13.\n")
    assert len(arm.writes()) == 9, "six resources and three machines; the four packages go elsewhere"
    assert arm.installed(WEB_01) == {"hello": "1.1.0"}
    assert arm.installed(PAYROLL) == {"myApp": "1.0.0"}

    arm.forget_requests()
    second = with_blobs("plan", examples, "--detailed-exitcode").exited(0)
    assert "Nothing to do" in second.out
    assert with_blobs("plan", examples, "--format", "json").exited(0).json["steps"] == []
    again = with_blobs("apply", examples, "--yes", "--format", "json").exited(0)
    assert again.json["summary"]["applied"] == 0
    assert with_blobs("drift", examples).exited(0).out.startswith("Apart from drift: 1 foreign")
    assert arm.writes() == []


def test_what_changes_behind_the_back_is_seen_and_exactly_that_is_repaired(
    arm: Arm, with_blobs: Vmapps, examples: Path
) -> None:
    with_blobs("apply", examples, "--yes").exited(0)
    theirs, ours = arm.raw_entries(WEB_02)
    assert "/galleries/security/" in theirs
    assert arm.installed(WEB_02) == {"scanner": "2.0.0", "hello": "1.1.0"}
    drop_our_entry(arm)
    arm.write("PATCH", GALLERY, {"properties": {"description": "edited by hand"}})

    drift = with_blobs("drift", examples, "--format", "json").exited(2).json
    changed = {"Gallery/platform", "VirtualMachine/rg-web/web-02"}
    assert {item["address"] for item in drift["drift"]} == changed

    plan = with_blobs("plan", examples, "--format", "json", "--detailed-exitcode").exited(2).json
    assert {step["address"] for step in plan["steps"]} == changed
    gallery, machine = plan["steps"]
    assert [change["path"] for change in gallery["changes"]] == ["properties.description"]
    assert [(change["path"], change["before"]) for change in machine["changes"]] == [
        ('applications["platform/hello"]', None)
    ]

    arm.forget_requests()
    with_blobs("apply", examples, "--yes").exited(0)
    assert sorted(arm.writes()) == [f"PATCH {WEB_02}", f"PUT {GALLERY}"]
    assert arm.raw_entries(WEB_02) == [theirs, ours]
    assert arm.installed(WEB_02) == {"scanner": "2.0.0", "hello": "1.1.0"}
    with_blobs("drift", examples).exited(0)


def drop_our_entry(arm: Arm) -> None:
    """What `az vm application set` does: a list without the entries of everybody else."""
    profile: dict[str, Any] = arm.read(WEB_02)["properties"]["applicationProfile"]
    theirs = [one for one in profile["galleryApplications"] if "/galleries/security/" in one["packageReferenceId"]]
    arm.write("PATCH", WEB_02, {"properties": {"applicationProfile": {"galleryApplications": theirs}}})
