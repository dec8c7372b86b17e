"""Versions and what they are made of, to their end: regions, replacement, retention, packages that nobody names."""

from __future__ import annotations

from typing import Any

from end_to_end.azure_side import AGENT, PLATFORM, SUBSCRIPTION, Arm, blobs_of, machine_id
from end_to_end.command import Ended, Vmapps
from end_to_end.projects import Document, Project, application, assignment, gallery, link, packaged, version

APPLY = "apply", "--yes"
VERSION = "GalleryApplicationVersion/platform/agent/1.0.0"
BOTH = [{"name": "westeurope"}, {"name": "northeurope"}]
MAY_DROP = {"safetyProfile": {"allowDeletionOfReplicatedLocations": True}}


def run(vmapps: Vmapps, project: Project, *words: str) -> Ended:
    return vmapps(words[0], project.folder, *words[1:])


def published(**more: Any) -> tuple[Document, ...]:
    return gallery(), application(), version("1.0.0", link(), **more)


def regions(arm: Arm) -> list[str]:
    profile = arm.read(f"{AGENT}/versions/1.0.0")["properties"]["publishingProfile"]
    return [one["name"] for one in profile["targetRegions"]]


def put_versions(arm: Arm) -> int:
    return sum(one.startswith("PUT") and "/versions/" in one for one in arm.writes())


class TestRegions:
    def test_a_region_that_is_held_is_not_dropped_in_silence(self, arm: Arm, vmapps: Vmapps, project: Project) -> None:
        project.holds(*published(targetRegions=BOTH))
        run(vmapps, project, *APPLY).exited(0)
        arm.forget_requests()
        project.holds(*published(targetRegions=BOTH[:1]))
        refused = run(vmapps, project, *APPLY).exited(1)
        assert f"{VERSION} would lose northeurope, and its safetyProfile holds its regions" in refused.said
        assert arm.writes() == []

    def test_with_the_safety_taken_off_it_goes_in_two_writes(self, arm: Arm, vmapps: Vmapps, project: Project) -> None:
        project.holds(*published(targetRegions=BOTH))
        run(vmapps, project, *APPLY).exited(0)
        arm.forget_requests()
        project.holds(*published(targetRegions=BOTH[:1], **MAY_DROP))
        done = run(vmapps, project, *APPLY).exited(0)
        assert "it loses northeurope, now that its safetyProfile lets it go" in done.out
        assert put_versions(arm) == 2
        assert len(regions(arm)) == 1
        run(vmapps, project, "plan", "--detailed-exitcode").exited(0)

    def test_no_machine_loses_its_version_s_region(self, arm: Arm, vmapps: Vmapps, project: Project) -> None:
        arm.machine("web-01", location="northeurope")
        project.holds(*published(targetRegions=BOTH, **MAY_DROP), assignment("1.0.0", "web-01"))
        run(vmapps, project, *APPLY).exited(0)
        project.holds(*published(targetRegions=BOTH[:1], **MAY_DROP))
        refused = run(vmapps, project, *APPLY).exited(1)
        assert "would leave northeurope, where VirtualMachine/rg-web/web-01 refers to it" in refused.said
        run(vmapps, project, *APPLY, "--prune").exited(0)
        assert len(regions(arm)) == 1
        assert arm.entries("web-01") == []


class TestReplacing:
    def test_an_application_is_replaced_with_all_its_versions_where_that_is_allowed(
        self, arm: Arm, vmapps: Vmapps, project: Project
    ) -> None:
        project.holds(*published())
        run(vmapps, project, *APPLY).exited(0)
        windows = gallery(), application(supportedOSType="Windows"), version("1.0.0", link())
        project.holds(*windows)
        refused = run(vmapps, project, *APPLY).exited(1)
        assert "--allow-replace GalleryApplication/platform/agent deletes it with all below" in refused.said
        arm.forget_requests()
        consent = "--allow-replace", "GalleryApplication/platform/agent"
        done = run(vmapps, project, *APPLY, *consent).exited(0)
        assert "properties.supportedOSType cannot change in place" in done.out
        assert [one.rpartition("/")[2] for one in arm.writes()] == ["1.0.0", "agent", "agent", "1.0.0"]
        assert arm.read(AGENT)["properties"]["supportedOSType"] == "Windows"
        run(vmapps, project, "plan", "--detailed-exitcode").exited(0)

    def test_a_saved_replacement_is_never_done_twice(self, arm: Arm, vmapps: Vmapps, project: Project) -> None:
        project.holds(*published())
        run(vmapps, project, *APPLY).exited(0)
        project.holds(*published(settings={"packageFileName": "other.sh"}))
        saved = str(project.folder / "plan.json")
        run(vmapps, project, "plan", "--allow-replace", VERSION, "--out", saved).exited(0)
        vmapps("apply", saved, "--project", project.folder).exited(0)
        arm.forget_requests()
        vmapps("apply", saved, "--project", project.folder).exited(0)
        assert arm.writes() == []

    def test_a_version_in_use_is_not_replaced(self, arm: Arm, vmapps: Vmapps, project: Project) -> None:
        arm.machine("web-01")
        project.holds(*published(), assignment("1.0.0", "web-01"))
        run(vmapps, project, *APPLY).exited(0)
        arm.forget_requests()
        project.holds(*published(settings={"packageFileName": "other.sh"}), assignment("1.0.0", "web-01"))
        refused = run(vmapps, project, *APPLY, "--allow-replace", VERSION).exited(1)
        assert f"{VERSION} cannot be replaced: VirtualMachine/rg-web/web-01 refers to it" in refused.said
        assert arm.writes() == []

    def test_what_is_protected_is_not_replaced(self, arm: Arm, vmapps: Vmapps, project: Project) -> None:
        project.holds(*published())
        run(vmapps, project, *APPLY).exited(0)
        project.holds(gallery(protect=True, location="northeurope"), *published()[1:])
        refused = run(vmapps, project, *APPLY, "--allow-replace", "Gallery/*").exited(1)
        assert "Gallery/platform would be deleted and created anew, and it is protected" in refused.said
        assert arm.read(PLATFORM)["location"] == "westeurope"


class TestEnd:
    def test_retention_keeps_the_newest_that_are_no_longer_declared(
        self, arm: Arm, vmapps: Vmapps, project: Project
    ) -> None:
        numbers = "1.0.0", "1.1.0", "1.9.0", "1.10.0"
        kept = application(retention={"keep": 2})
        project.holds(gallery(), kept, *(version(one, link(one)) for one in numbers))
        run(vmapps, project, *APPLY).exited(0)
        project.holds(gallery(), kept, version("1.1.0", link("1.1.0")))
        done = run(vmapps, project, *APPLY, "--prune", "-v").exited(0)
        assert "its application's retention keeps it" in done.out
        there = [one for one in numbers if arm.read(f"{AGENT}/versions/{one}")]
        assert there == ["1.1.0", "1.9.0", "1.10.0"]

    def test_what_is_declared_absent_goes_without_prune(self, arm: Arm, vmapps: Vmapps, project: Project) -> None:
        arm.machine("web-01")
        both = version("1.0.0", link()), version("1.1.0", link("1.1.0"))
        project.holds(gallery(), application(), *both, assignment("1.0.0", "web-01"))
        run(vmapps, project, *APPLY).exited(0)
        gone = {**both[1], "spec": {"application": "platform/agent", "state": "absent"}}
        project.holds(gallery(), application(), both[0], gone, assignment("1.0.0", "web-01"))
        done = run(vmapps, project, *APPLY).exited(0)
        assert "it is declared absent" in done.out
        assert arm.read(f"{AGENT}/versions/1.1.0") is None
        run(vmapps, project, "plan", "--detailed-exitcode").exited(0)

    def test_versions_stay_while_a_subscription_cannot_be_read(
        self, arm: Arm, vmapps: Vmapps, project: Project
    ) -> None:
        elsewhere = "33333333-3333-3333-3333-333333333333"
        both = version("1.0.0", link()), version("1.1.0", link("1.1.0"))
        project.holds(gallery(), application(), *both)
        run(vmapps, project, *APPLY).exited(0)
        project.spec["fleet"] = {"subscriptions": [SUBSCRIPTION, elsewhere]}
        project.holds(gallery(), application(), both[1])
        deny = {"effect": "Deny", "actions": ["*"], "scope": f"/subscriptions/{elsewhere}"}
        arm.control("POST", "rbac", [{"effect": "Allow", "actions": ["*"]}, deny])
        done = run(vmapps, project, *APPLY, "--prune", "-v").exited(0)
        assert f"the machines of subscription {elsewhere} could not be read" in done.said
        assert f"machines in {elsewhere} could not be looked at, and may refer to it" in done.out
        assert arm.read(f"{AGENT}/versions/1.0.0") is not None
        arm.control("DELETE", "rbac")
        run(vmapps, project, *APPLY, "--prune").exited(0)
        assert arm.read(f"{AGENT}/versions/1.0.0") is None


class TestPackages:
    def test_a_package_that_nothing_names_any_more_leaves_the_store(
        self, arm: Arm, with_blobs: Vmapps, project: Project
    ) -> None:
        project.package("1.0.0")
        project.package("1.1.0")
        project.holds(gallery(), application(), version("1.0.0"), version("1.1.0"))
        run(with_blobs, project, *APPLY).exited(0)
        with blobs_of(with_blobs.blobs) as service:
            service.get_container_client(project.container).upload_blob("sha256/" + "0" * 64, b"theirs")
        project.holds(gallery(), application(), version("1.1.0"))
        run(with_blobs, project, *APPLY).exited(0)
        assert len(stored(with_blobs, project)) == 3, "without --prune nothing goes"
        done = run(with_blobs, project, *APPLY, "--prune").exited(0)
        assert "no manifest, version or machine names it any more" in done.out
        assert len(stored(with_blobs, project)) == 2, "one is named, the other is not ours"
        run(with_blobs, project, "plan", "--prune", "--detailed-exitcode").exited(0)

    def test_a_configuration_is_uploaded_and_named_by_a_url_that_lasts(
        self, arm: Arm, with_blobs: Vmapps, project: Project
    ) -> None:
        arm.machine("web-01")
        project.package("1.0.0")
        project.file("conf/agent.conf", "level=1\n")
        named = assignment("1.0.0", "web-01", configuration="../conf/agent.conf")
        project.holds(*packaged()[:3], named)
        refused = run(with_blobs, project, "validate").exited(1)
        assert "configuration-access" in refused.said
        project.spec["packageStore"]["configurationAccess"] = "public"
        project.holds(*packaged()[:3], named)
        run(with_blobs, project, *APPLY).exited(0)
        [entry] = arm.entries("web-01")
        assert "/sha256/" in entry["configurationReference"]
        assert "sig=" not in entry["configurationReference"]
        assert len(stored(with_blobs, project)) == 2
        run(with_blobs, project, "plan", "--prune", "--detailed-exitcode").exited(0)
        assert arm.installed(machine_id("web-01")) == {"agent": "1.0.0"}


def stored(vmapps: Vmapps, project: Project) -> list[str]:
    with blobs_of(vmapps.blobs) as service:
        return sorted(service.get_container_client(project.container).list_blob_names(name_starts_with="sha256/"))
