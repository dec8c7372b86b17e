"""What the guests say decides how a step ended; the emulator's guests fail, reboot and remove as they are told."""

from __future__ import annotations

from end_to_end.azure_side import Arm, machine_id
from end_to_end.command import Vmapps
from end_to_end.projects import Project, assignment, linked, on_scale_set

APPLY = "apply", "--yes"
NAMES = "web-01", "web-02", "web-03"


def rule(machine: str, operation: str, result: str, **more: object) -> dict[str, object]:
    return {"machine": machine_id(machine), "operation": operation, "result": result, **more}


def test_failures_reboots_and_successes_are_told_apart(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    for name in NAMES:
        arm.machine(name)
    arm.control("PUT", "guest", [rule("web-01", "install", "fail", exitCode=127), rule("web-02", "install", "reboot")])
    project.holds(*linked(*NAMES))
    done = vmapps(*APPLY, project.folder, "--format", "json").exited(3)
    ended = {one["address"][-6:]: one for one in done.json["results"] if one["action"] == "assign"}
    assert ended["web-01"]["outcome"] == "failed"
    assert "exit status=127" in ended["web-01"]["failure"]["message"]
    assert ended["web-01"]["failure"]["hint"].startswith("127: no such command")
    assert ended["web-02"]["outcome"] == "pending"
    assert "result unknown: Reboot detected during 'Install' operation." in ended["web-02"]["why"]
    assert ended["web-03"]["outcome"] == "applied"


def test_a_removal_is_done_when_the_guest_says_so(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    """On the machine whose only application it is, the extension goes with it: nobody can say how that went."""
    for name in NAMES[:2]:
        arm.machine(name, {"packageReferenceId": arm.scanner()})
    arm.machine(NAMES[2])
    project.holds(*linked(*NAMES))
    vmapps(*APPLY, project.folder).exited(0)
    arm.control("PUT", "guest", [rule("web-02", "remove", "fail", exitCode=3)])
    absent = assignment("1.0.0", *NAMES, state="absent")
    del absent["spec"]["applications"][0]["version"]
    project.holds(*linked(*NAMES)[:-1], absent)
    done = vmapps(*APPLY, project.folder, "--format", "json").exited(3)
    ended = {one["address"][-6:]: one for one in done.json["results"]}
    assert (ended["web-01"]["outcome"], ended["web-01"].get("remark")) == ("applied", None)
    assert "agent: its remove script failed: " in ended["web-02"]["failure"]["message"]
    assert "off the list all the same" in ended["web-02"]["failure"]["hint"]
    assert (ended["web-03"]["outcome"], ended["web-03"]["remark"]) == ("applied", "agent: removed, result unknown")
    assert [len(arm.entries(name)) for name in NAMES] == [1, 1, 0]


def test_an_instance_of_an_automatic_set_that_fails_is_named(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.scale_set("Automatic")
    arm.control("PUT", "guest", [{"operation": "install", "result": "fail", "times": 1}])
    project.holds(*linked("web-01")[:-1], on_scale_set())
    done = vmapps(*APPLY, project.folder, "--format", "json").exited(3)
    (failed,) = (one["failure"] for one in done.json["results"] if "failure" in one)
    assert failed["code"] == "FailedInGuest"
    assert failed["message"].startswith("instance ")
    assert failed["message"].count("instance ") == 1, "the other two are well"
