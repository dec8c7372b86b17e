"""What the planner knows of Azure and the guest, seen through the command: order, lists, guests, blocked machines."""

from __future__ import annotations

import json
from typing import Any

from end_to_end.azure_side import AGENT, SCANNER, SUBSCRIPTION, Arm, machine_id, version_body
from end_to_end.command import Ended, Vmapps
from end_to_end.projects import Document, Project, application, assignment, document, gallery, link, linked, version

APPLY = "apply", "--yes"
WEB = "VirtualMachine/rg-web/web-01"


def run(vmapps: Vmapps, project: Project, *words: str) -> Ended:
    return vmapps(words[0], project.folder, *words[1:])


def of(name: str, number: str = "1.0.0", **more: Any) -> Document:
    """A version of another application, from a link."""
    return version(number, link(f"{name}-{number}"), f"platform/{name}", **more)


def on(machine: str, *wanted: dict[str, Any], **more: Any) -> Document:
    """Several applications on one machine."""
    targets = [{"virtualMachine": f"rg-web/{machine}"}]
    return document("VMAssignment", f"on-{machine}", {"targets": targets, "applications": list(wanted), **more})


def want(name: str, number: str = "1.0.0", **more: Any) -> dict[str, Any]:
    return {"application": f"platform/{name}", "version": number, **more}


def orders(arm: Arm, machine: str = "web-01") -> dict[str, int | None]:
    entries = arm.entries(machine)
    return {one["packageReferenceId"].split("/")[-3]: one.get("order") for one in entries}


def base_and_agent() -> tuple[Document, ...]:
    return (
        gallery(),
        application("base"),
        application(),
        of("base"),
        of("agent"),
        of("agent", "1.1.0"),
    )


class TestOrder:
    def test_depends_on_becomes_order_and_what_is_not_ordered_stays_so(
        self, arm: Arm, vmapps: Vmapps, project: Project
    ) -> None:
        arm.machine("web-01")
        wanted = want("agent", dependsOn=["platform/base"]), want("base"), want("last")
        project.holds(*base_and_agent(), application("last"), of("last"), on("web-01", *wanted))
        run(vmapps, project, *APPLY).exited(0)
        assert orders(arm) == {"base": 1, "agent": 2, "last": None}
        run(vmapps, project, "plan", "--detailed-exitcode").exited(0)

    def test_a_dependency_that_is_nowhere_is_an_error(self, arm: Arm, vmapps: Vmapps, project: Project) -> None:
        arm.machine("web-01")
        arm.machine("web-02")
        project.holds(
            *base_and_agent(), on("web-01", want("agent", dependsOn=["platform/base"])), on("web-02", want("base"))
        )
        refused = run(vmapps, project, "plan").exited(1)
        assert f"platform/agent depends on platform/base, which is neither assigned to nor on {WEB}" in refused.said

    def test_what_depends_on_a_removed_application_is_changed_first(
        self, arm: Arm, vmapps: Vmapps, project: Project
    ) -> None:
        arm.machine("web-01")
        whole = base_and_agent()
        project.holds(*whole, on("web-01", want("agent", dependsOn=["platform/base"]), want("base")))
        run(vmapps, project, *APPLY).exited(0)
        gone = {"application": "platform/base", "state": "absent"}
        project.holds(*whole, on("web-01", want("agent", "1.1.0"), gone))
        arm.forget_requests()
        plan = run(vmapps, project, "plan", "--format", "json").exited(0).json
        assert [step["guest"] for step in plan["steps"]] == [
            ["agent: update 1.0.0 -> 1.1.0 (runs 1.1.0's update script)"],
            ["base: remove 1.0.0 (runs its remove script)"],
        ]
        assert plan["steps"][1]["needs"] == [plan["steps"][0]["id"]]
        run(vmapps, project, *APPLY).exited(0)
        assert len(arm.writes()) == 2
        assert arm.installed(machine_id("web-01")) == {"agent": "1.1.0"}
        run(vmapps, project, "plan", "--detailed-exitcode").exited(0)

    def test_a_saved_plan_of_two_writes_is_good_to_finish(self, arm: Arm, vmapps: Vmapps, project: Project) -> None:
        arm.machine("web-01")
        whole = base_and_agent()
        project.holds(*whole, on("web-01", want("agent", order=3), want("base")))
        run(vmapps, project, *APPLY).exited(0)
        project.holds(*whole, on("web-01", want("agent"), want("base")))
        saved = project.folder / "plan.json"
        run(vmapps, project, "plan", "--allow-reinstall", "--out", str(saved)).exited(0)
        done = vmapps("apply", saved, "--project", project.folder).exited(0)
        assert "Applied 2" in done.out
        assert orders(arm) == {"base": None, "agent": None}
        before = arm.raw_entries(machine_id("web-01"))
        arm.forget_requests()
        vmapps("apply", saved, "--project", project.folder).exited(0)
        assert arm.writes() == [], "an interrupted run finds both writes done"
        assert arm.raw_entries(machine_id("web-01")) == before
        run(vmapps, project, "plan", "--detailed-exitcode").exited(0)


class TestLists:
    def test_an_exclusive_list_loses_what_is_not_ours_with_prune_only(
        self, arm: Arm, vmapps: Vmapps, project: Project
    ) -> None:
        arm.machine("web-01", {"packageReferenceId": arm.scanner()})
        whole = linked()[:3]
        project.holds(*whole, on("web-01", want("agent"), ownership="exclusive"))
        done = run(vmapps, project, *APPLY, "-v").exited(0)
        assert "is not ours, and the list is exclusively ours; --prune removes it" in done.out
        assert len(arm.entries("web-01")) == 2
        drifted = run(vmapps, project, "drift").exited(2)
        assert f"changed {WEB}: security/scanner 2.0.0 is not ours" in drifted.out

        project.holds(*whole, on("web-01", want("agent"), ownership="exclusive", ignore=["*/security/*"]))
        run(vmapps, project, "drift").exited(0)
        run(vmapps, project, "plan", "--prune", "--detailed-exitcode").exited(0)
        project.holds(*whole, on("web-01", want("agent"), ownership="exclusive"))
        run(vmapps, project, *APPLY, "--prune").exited(0)
        assert list(orders(arm)) == ["agent"]

    def test_entries_of_policies_and_of_automatic_upgrades_are_named(
        self, arm: Arm, vmapps: Vmapps, project: Project
    ) -> None:
        arm.scanner()
        latest = f"{SCANNER}/versions/latest"
        arm.machine("web-01", {"packageReferenceId": latest, "order": 1, "treatFailureAsDeploymentFailure": True})
        arm.machine("web-02", {"packageReferenceId": latest, "enableAutomaticUpgrade": True})
        project.holds(*linked("web-01", "web-02"))
        done = run(vmapps, project, "plan", "-v").exited(0)
        assert "left as it is (it looks like what Azure Policy adds)" in done.out
        assert "left as it is (Azure moves it to new versions by itself)" in done.out
        assert "security/scanner: refers to latest and may move" in done.out

    def test_a_machine_that_cannot_be_written_is_named_and_the_others_are_done(
        self, arm: Arm, vmapps: Vmapps, project: Project
    ) -> None:
        scanner = arm.scanner()
        arm.machine("web-01", {"packageReferenceId": scanner})
        arm.machine("web-02")
        arm.write("DELETE", scanner)
        project.holds(*linked("web-01", "web-02"))
        done = run(vmapps, project, *APPLY).exited(0)
        assert f"security/scanner 2.0.0, which does not exist: Azure refuses to write {WEB}" in done.said
        assert arm.installed(machine_id("web-02")) == {"agent": "1.0.0"}
        assert len(arm.entries("web-01")) == 1

    def test_a_foreign_version_that_may_not_be_read_blocks_too(
        self, arm: Arm, vmapps: Vmapps, project: Project
    ) -> None:
        arm.machine("web-01", {"packageReferenceId": arm.scanner()})
        scope = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-security"
        arm.control("POST", "rbac", [{"effect": "Allow", "actions": ["*"]}, DENIED | {"scope": scope}])
        project.holds(*linked("web-01"))
        done = run(vmapps, project, "plan").exited(0)
        assert f"which may not be read by us: Azure refuses to write {WEB}" in done.said

    def test_latest_is_followed_or_resolved_as_is_asked(self, arm: Arm, vmapps: Vmapps, project: Project) -> None:
        arm.machine("web-01")
        arm.machine("web-02")
        literal = {"application": "platform/agent", "followLatest": True, "enableAutomaticUpgrade": True}
        whole = gallery(), application(), version("1.0.0", link())
        project.holds(*whole, on("web-01", literal), on("web-02", want("agent", "latest", **{"from": "live"})))
        run(vmapps, project, *APPLY).exited(0)
        [one] = arm.entries("web-01")
        assert one["packageReferenceId"].endswith("/versions/latest")
        assert one["enableAutomaticUpgrade"] is True
        body = version_body("https://elsewhere.blob.core.windows.net/packages/agent-2")
        arm.write("PUT", f"{AGENT}/versions/2.0.0", body)
        done = run(vmapps, project, *APPLY).exited(0)
        assert "version 1.0.0 -> 2.0.0 (moved by Azure, not by a commit)" in done.out
        assert len(arm.entries("web-01")) == 1
        assert orders(arm, "web-02") == {"agent": None}


DENIED = {"effect": "Deny", "actions": ["Microsoft.Compute/galleries/applications/versions/read"]}


class TestGuests:
    def test_what_failed_is_a_note_and_what_was_skipped_is_only_forgotten(
        self, arm: Arm, vmapps: Vmapps, project: Project
    ) -> None:
        arm.machine("web-01")
        arm.control("PUT", "guest", [{"application": "base", "operation": "install", "result": "fail"}])
        whole = base_and_agent()
        project.holds(*whole, on("web-01", want("agent", dependsOn=["platform/base"]), want("base")))
        failed = run(vmapps, project, *APPLY).exited(3)
        assert "FailedInGuest: agent 1.0.0 skipped" in failed.said
        assert "base 1.0.0 failed: Install FAILED" in failed.said
        done = run(vmapps, project, "plan", "--guest", "all", "-v", "--detailed-exitcode").exited(0)
        assert "platform/base 1.0.0 failed in the guest" in done.out
        assert "platform/agent 1.0.0 skipped in the guest" in done.out

        gone = {"application": "platform/agent", "state": "absent"}
        project.holds(*whole, on("web-01", want("base"), gone))
        done = run(vmapps, project, "plan", "--guest", "all").exited(0)
        assert "agent: forget 1.0.0: the remove script will not run (it was skipped before)" in done.out
        assert "agent: remove 1.0.0 (runs its remove script)" in run(vmapps, project, "plan").exited(0).out

    def test_a_change_that_the_guest_does_not_notice_waits(self, arm: Arm, vmapps: Vmapps, project: Project) -> None:
        arm.machine("web-01")
        project.holds(*linked("web-01"))
        run(vmapps, project, *APPLY).exited(0)
        project.holds(*linked("web-01")[:3], assignment("1.0.0", "web-01", order=3))
        arm.forget_requests()
        done = run(vmapps, project, *APPLY, "-v").exited(0)
        assert "order none -> 3; this waits for the next write that the guest notices" in done.out
        assert arm.writes() == []
        run(vmapps, project, "drift").exited(2)
        run(vmapps, project, *APPLY, "--metadata-now").exited(0)
        assert orders(arm) == {"agent": 3}
        assert arm.installed(machine_id("web-01")) == {"agent": "1.0.0"}

    def test_an_order_is_cleared_by_two_writes_where_that_is_allowed(
        self, arm: Arm, vmapps: Vmapps, project: Project
    ) -> None:
        arm.machine("web-01")
        whole = base_and_agent()
        project.holds(*whole, on("web-01", want("agent", order=3), want("base")))
        run(vmapps, project, *APPLY).exited(0)
        project.holds(*whole, on("web-01", want("agent"), want("base")))
        done = run(vmapps, project, "plan", "-v", "--detailed-exitcode").exited(0)
        assert "keeps order 3 until its next version" in done.out
        done = run(vmapps, project, *APPLY, "--allow-reinstall").exited(0)
        assert "agent: remove 1.0.0 (runs its remove script)" in done.out
        assert "agent: install 1.0.0 again" in done.out
        assert orders(arm) == {"base": None, "agent": None}
        assert arm.installed(machine_id("web-01")) == {"agent": "1.0.0", "base": "1.0.0"}


def test_explain_says_why_and_after_what(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.machine("web-01", {"packageReferenceId": arm.scanner()})
    project.holds(*linked("web-01"))
    done = run(vmapps, project, "plan", "--explain", WEB).exited(0)
    assert "it is assigned and not on the machine" in done.out
    assert "GalleryApplicationVersion/platform/agent/1.0.0" in done.out
    assert "manifests/all.yaml:" in done.out
    told = run(vmapps, project, "plan", "--explain", WEB, "--format", "json").exited(0).json
    assert json.dumps(told).count("security/scanner") >= 1
    unknown = run(vmapps, project, "plan", "--explain", "VirtualMachine/rg-web/web-1").exited(64)
    assert WEB in unknown.said
