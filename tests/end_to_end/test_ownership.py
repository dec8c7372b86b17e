"""Whose is what is there already: equal, different, another owner's, a copy; and what of ours may be deleted."""

from __future__ import annotations

import json

import pytest

from end_to_end.azure_side import AGENT, PLATFORM, Arm, machine_id, version_body
from end_to_end.command import Ended, Vmapps
from end_to_end.projects import OWNER, Project, application, assignment, gallery, link, linked, version

APPLY = "apply", "--yes"


def run(vmapps: Vmapps, project: Project, *words: str) -> Ended:
    return vmapps(words[0], project.folder, *words[1:])


def owner_of(arm: Arm, arm_id: str) -> str:
    return str(arm.read(arm_id).get("tags", {}).get("vmapps-owner", ""))


def gallery_of(arm: Arm, owner: str = "", description: str = "as declared") -> None:
    """A gallery that somebody else made."""
    tags = {"vmapps-owner": owner} if owner else {"by": "hand"}
    body = {"location": "westeurope", "tags": tags, "properties": {"description": description}}
    arm.write("PUT", PLATFORM, body)
    arm.forget_requests()


def test_what_equals_its_manifest_is_a_note_until_it_is_adopted(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    gallery_of(arm)
    project.holds(gallery(description="as declared"))
    done = run(vmapps, project, "plan", "-v", "--detailed-exitcode").exited(0)
    assert "equals its manifest, but carries no mark: --adopt makes it ours" in done.out
    run(vmapps, project, "drift").exited(0)
    run(vmapps, project, *APPLY).exited(0)
    assert arm.writes() == []

    assert "only the mark is added" in run(vmapps, project, *APPLY, "--adopt").exited(0).out
    assert owner_of(arm, PLATFORM) == OWNER
    assert arm.read(PLATFORM)["tags"]["by"] == "hand"
    run(vmapps, project, "plan", "--detailed-exitcode").exited(0)


def test_what_differs_is_refused_until_it_is_adopted(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    gallery_of(arm, description="another")
    project.holds(gallery(description="as declared"))
    for command in (("plan",), APPLY):
        done = run(vmapps, project, *command).exited(1)
        assert "Gallery/platform is there, not ours, and differs from its manifest" in done.said
        assert "--adopt makes it ours and changes it" in done.said
    assert run(vmapps, project, "drift").exited(2).out.startswith("changed Gallery/platform")
    assert arm.writes() == []
    run(vmapps, project, *APPLY, "--adopt").exited(0)
    assert arm.read(PLATFORM)["properties"]["description"] == "as declared"
    assert owner_of(arm, PLATFORM) == OWNER


@pytest.mark.parametrize("description", ["as declared", "another"])
def test_what_is_anothers_is_refused_until_it_is_taken_over_by_name(
    arm: Arm, vmapps: Vmapps, project: Project, description: str
) -> None:
    gallery_of(arm, "others.12345678", description)
    project.holds(gallery(description="as declared"))
    for more in ([], ["--adopt"], ["--adopt", "--from", "somebody.else"]):
        done = run(vmapps, project, *APPLY, *more).exited(1)
        assert "Gallery/platform belongs to 'others.12345678'" in done.said
        assert "--adopt --from others.12345678 takes it over" in done.said
    assert arm.writes() == []
    run(vmapps, project, *APPLY, "--adopt", "--from", "others.12345678").exited(0)
    assert owner_of(arm, PLATFORM) == OWNER
    run(vmapps, project, "plan", "--detailed-exitcode").exited(0)


def test_a_renamed_project_keeps_what_it_owned(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    gallery_of(arm, "market.00000000")
    project.spec["formerOwners"] = ["market.00000000"]
    project.holds(gallery(description="as declared"))
    run(vmapps, project, *APPLY).exited(0)
    assert owner_of(arm, PLATFORM) == OWNER


def published_by_others(arm: Arm) -> str:
    """The application, made by nobody we know; the id of its version."""
    arm.write("PUT", PLATFORM, {"location": "westeurope"})
    arm.write("PUT", AGENT, {"location": "westeurope", "properties": {"supportedOSType": "Linux"}})
    arm.write("PUT", f"{AGENT}/versions/1.0.0", version_body("https://elsewhere.blob.core.windows.net/p/a"))
    return f"{AGENT}/versions/1.0.0"


def foreign_gallery() -> dict[str, object]:
    return {**gallery(managed=False)}


def test_an_entry_that_others_wrote_is_theirs_until_it_is_adopted(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    entry = {"packageReferenceId": published_by_others(arm), "order": 3}
    arm.machine("web-01", entry)
    arm.machine("web-02", entry)
    equal = assignment("1.0.0", "web-01", name="equal", order=3)
    project.holds(foreign_gallery(), equal)
    done = run(vmapps, project, "plan", "-v", "--detailed-exitcode").exited(0)
    assert "platform/agent 1.0.0 equals its assignment, but carries no mark of ours" in done.out

    project.holds(foreign_gallery(), equal, assignment("1.0.0", "web-02", name="different", order=4))
    arm.forget_requests()
    done = run(vmapps, project, *APPLY).exited(1)
    assert "platform/agent on VirtualMachine/rg-web/web-02 is not ours and differs from its assignment" in done.said
    assert arm.writes() == []
    run(vmapps, project, *APPLY, "--adopt").exited(0)
    assert [one["order"] for one in arm.entries("web-02")] == [4]
    assert json.loads(arm.entries("web-02")[0]["tags"])["vmapps-owner"] == OWNER


def test_the_mark_of_a_copied_machine_is_nobodys(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.machine("web-01")
    project.holds(*linked("web-01"))
    run(vmapps, project, *APPLY).exited(0)
    [original] = arm.entries("web-01")
    arm.machine("web-clone", {"packageReferenceId": original["packageReferenceId"], "tags": original["tags"]})
    before = arm.raw_entries(machine_id("web-clone"))
    arm.forget_requests()
    done = run(vmapps, project, *APPLY, "--prune").exited(0)
    assert "1 foreign" in done.out
    assert arm.writes() == []
    assert arm.raw_entries(machine_id("web-clone")) == before


def test_without_prune_everything_of_ours_is_kept_and_with_it_goes_from_the_leaves_up(
    arm: Arm, vmapps: Vmapps, project: Project
) -> None:
    foreign = {"packageReferenceId": arm.scanner(), "order": 1, "tags": '{ "team" :"security"}'}
    arm.machine("web-01", foreign)
    untouched = arm.raw_entries(machine_id("web-01"))
    project.holds(*linked("web-01"))
    run(vmapps, project, *APPLY).exited(0)
    arm.forget_requests()

    project.holds(gallery())
    kept = run(vmapps, project, *APPLY, "-v").exited(0)
    assert "platform/agent 1.0.0 is no longer assigned; --prune removes it" in kept.out
    assert "refers to it" in kept.out
    run(vmapps, project, "drift").exited(0)
    assert arm.writes() == []

    run(vmapps, project, *APPLY, "--prune").exited(0)
    assert arm.writes() == [
        f"PATCH {machine_id('web-01')}",
        f"DELETE {AGENT}/versions/1.0.0",
        f"DELETE {AGENT}",
    ]
    assert arm.raw_entries(machine_id("web-01")) == untouched
    assert arm.installed(machine_id("web-01")) == {"scanner": "2.0.0"}
    assert owner_of(arm, PLATFORM) == OWNER


def test_a_version_in_use_is_never_deleted(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.machine("web-01")
    both = version("1.0.0", link()), version("1.1.0", link("1.1.0"))
    project.holds(gallery(), application(), *both, assignment("1.1.0", "web-01"))
    run(vmapps, project, *APPLY).exited(0)
    arm.machine("lab-07", {"packageReferenceId": f"{AGENT}/versions/1.0.0"})
    arm.machine("lab-08", {"packageReferenceId": f"{AGENT}/versions/LATEST"})
    arm.forget_requests()

    project.holds(gallery())
    done = run(vmapps, project, *APPLY, "--prune", "-v").exited(0)
    assert "no longer declared; VirtualMachine/rg-web/lab-07 refers to it" in done.out
    assert "no longer declared; VirtualMachine/rg-web/lab-08 refers to it" in done.out
    assert arm.writes() == [f"PATCH {machine_id('web-01')}"], "lab-08 means 1.1.0"
    arm.write("DELETE", machine_id("lab-07"))
    arm.write("DELETE", machine_id("lab-08"))
    run(vmapps, project, *APPLY, "--prune").exited(0)
    assert arm.read(AGENT) is None


def test_others_things_are_never_deleted(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    project.holds(*linked("web-01"))
    arm.machine("web-01")
    run(vmapps, project, *APPLY).exited(0)
    arm.write(
        "PUT", f"{PLATFORM}/applications/theirs", {"location": "westeurope", "properties": {"supportedOSType": "Linux"}}
    )
    arm.forget_requests()
    project.holds(gallery(), file="manifests/all.yaml")
    run(vmapps, project, *APPLY, "--prune").exited(0)
    assert arm.read(f"{PLATFORM}/applications/theirs") is not None
    project.holds(file="manifests/all.yaml").file("manifests/all.yaml", "")
    run(vmapps, project, *APPLY, "--prune", "--accept", "deletes=1").exited(0)
    assert arm.read(PLATFORM) is not None, "it holds what is not ours"


def test_many_deletes_need_their_exact_number(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    project.spec["safety"] = {"maxDeletes": 2}
    numbers = "1.0.0", "1.1.0", "1.2.0"
    project.holds(gallery(), application(), *(version(one, link(one)) for one in numbers))
    run(vmapps, project, *APPLY).exited(0)
    arm.forget_requests()
    project.holds(gallery(), application())
    for more in ([], ["--accept", "deletes=2"], ["--accept", "deletes=4"]):
        done = run(vmapps, project, *APPLY, "--prune", *more).exited(5)
        assert "the plan deletes 3; safety.maxDeletes is 2" in done.said
        assert "--accept deletes=3,machines=0" in done.said
    assert arm.writes() == []
    run(vmapps, project, *APPLY, "--prune", "--accept", "deletes=3").exited(0)
    assert len(arm.writes()) == 3


def test_an_entry_declared_absent_is_removed(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.machine("web-01")
    project.holds(*linked("web-01"))
    run(vmapps, project, *APPLY).exited(0)
    absent = assignment("", "web-01", state="absent")
    del absent["spec"]["applications"][0]["version"]
    project.holds(*linked("web-01")[:3], absent)
    done = run(vmapps, project, *APPLY).exited(0)
    assert "agent: remove 1.0.0 (runs its remove script)" in done.out
    assert "the last application leaves" in done.out
    assert arm.entries("web-01") == []
    run(vmapps, project, "plan", "--detailed-exitcode").exited(0)
