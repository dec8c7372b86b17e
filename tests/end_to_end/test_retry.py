"""`vmapps retry`: off the list, looked at, and on again."""

from __future__ import annotations

from typing import Any

from end_to_end.azure_side import Arm, machine_id
from end_to_end.command import Vmapps
from end_to_end.projects import Document, Project, application, document, gallery, link, linked, version

APPLY = "apply", "--yes"
WEB = "VirtualMachine/rg-web/web-01"


def two() -> tuple[Document, ...]:
    """An application that the agent depends on, both on one machine."""
    base = version("1.0.0", link("base"), "platform/base")
    wanted: list[dict[str, Any]] = [
        {"application": "platform/base", "version": "1.0.0"},
        {"application": "platform/agent", "version": "1.0.0", "dependsOn": ["platform/base"]},
    ]
    spec = {"targets": [{"virtualMachine": "rg-web/web-01"}], "applications": wanted}
    return (
        gallery(),
        application(),
        application("base"),
        version("1.0.0", link()),
        base,
        document("VMAssignment", "w", spec),
    )


def test_what_failed_and_what_was_skipped_is_tried_again(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.machine("web-01", {"packageReferenceId": arm.scanner()})
    untouched = arm.raw_entries(machine_id("web-01"))
    arm.control("PUT", "guest", [{"application": "base", "operation": "install", "result": "fail", "times": 1}])
    project.holds(*two())
    vmapps("apply", project.folder, "--yes").exited(3)
    arm.forget_requests()
    done = vmapps("retry", "--project", project.folder, "--yes").exited(0)
    assert "base: remove 1.0.0 (runs its remove script); 1.0.0 failed before" in done.out
    assert "agent: forget 1.0.0: the remove script will not run (it was skipped before)" in done.out
    assert "base: install 1.0.0 again" in done.out
    assert arm.installed(machine_id("web-01")) == {"agent": "1.0.0", "base": "1.0.0", "scanner": "2.0.0"}
    assert arm.raw_entries(machine_id("web-01"))[0] == untouched[0]
    assert len(arm.writes()) == 2
    again = vmapps("retry", WEB, "--project", project.folder, "--yes").exited(0)
    assert "Nothing to try again" in again.out
    vmapps("plan", project.folder, "--detailed-exitcode").exited(0)


def test_a_machine_s_only_application_is_refused(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.machine("web-01")
    arm.control("PUT", "guest", [{"operation": "install", "result": "fail", "times": 1}])
    project.holds(*linked("web-01"))
    vmapps("apply", project.folder, "--yes").exited(3)
    arm.forget_requests()
    refused = vmapps("retry", "--project", project.folder, "--yes").exited(1)
    assert "cannot be tried again: it is the machine's only application" in refused.said
    assert "publish and assign a new version" in refused.said
    assert arm.writes() == []
