"""Rollouts in waves: the canary first, a look at its guest, then the rest, or a halt."""

from __future__ import annotations

import signal
from typing import Any

from end_to_end.azure_side import Arm, machine_id
from end_to_end.command import Ended, Vmapps, ended
from end_to_end.projects import Document, Project, application, assignment, gallery, link, version

APPLY = "apply", "--yes"
MACHINES = tuple(f"web-{number:02}" for number in range(1, 6))
WEB = "VMAssignment/agents"


def run(vmapps: Vmapps, project: Project, *words: str) -> Ended:
    return vmapps(words[0], project.folder, *words[1:])


def documents(number: str, *waves: Any, **more: Any) -> tuple[Document, ...]:
    rolled = assignment(number, *MACHINES)
    rolled["spec"]["rollout"] = {"waves": [*waves] or [1, "100%"], **more}
    return gallery(), application(), version("1.0.0", link()), version("1.1.0", link("1.1.0")), rolled


def machines_at(arm: Arm, number: str) -> list[str]:
    found = [(name, arm.entries(name)) for name in MACHINES]
    return [name for name, entries in found if entries and entries[0]["packageReferenceId"].endswith(f"/{number}")]


def fleet(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    """Five machines with 1.0.0."""
    for name in MACHINES:
        arm.machine(name)
    project.holds(*documents("1.0.0"))
    run(vmapps, project, *APPLY, "--rollout", "single").exited(0)
    assert machines_at(arm, "1.0.0") == list(MACHINES)
    arm.forget_requests()


def test_a_wave_comes_after_a_look_at_the_one_before(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    fleet(arm, vmapps, project)
    project.holds(*documents("1.1.0", 1, "60%", "100%"))
    plan = run(vmapps, project, "plan", "--format", "json").exited(0).json
    assert [(step["action"], step["wave"]) for step in plan["steps"]] == [
        ("assign", 1),
        ("verify", 1),
        ("assign", 2),
        ("assign", 2),
        ("verify", 2),
        ("assign", 3),
        ("assign", 3),
    ]
    look = plan["steps"][1]["id"]
    assert all(look in step["needs"] for step in plan["steps"] if step["wave"] in (2, 3) and step["action"] == "assign")
    done = run(vmapps, project, *APPLY).exited(0)
    assert "Applied 5, unchanged 2." in done.out
    assert machines_at(arm, "1.1.0") == list(MACHINES)
    run(vmapps, project, "plan", "--detailed-exitcode").exited(0)


def test_the_canary_is_always_the_same_machine(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    fleet(arm, vmapps, project)
    project.holds(*documents("1.1.0"))
    run(vmapps, project, *APPLY, "--through-wave", "1").exited(0)
    [canary] = machines_at(arm, "1.1.0")
    done = run(vmapps, project, "plan", "--through-wave", "1", "-v").exited(0)
    assert "wave 2 and what follows (4 machines) is not planned: --through-wave" in done.out
    project.holds(*documents("1.0.0"))
    run(vmapps, project, *APPLY, "--rollout", "single").exited(0)
    project.holds(*documents("1.1.0"))
    run(vmapps, project, *APPLY, "--through-wave", "1").exited(0)
    assert machines_at(arm, "1.1.0") == [canary]
    run(vmapps, project, *APPLY).exited(0)
    assert machines_at(arm, "1.1.0") == list(MACHINES)


def test_a_canary_in_trouble_halts_this_run_and_the_next_ones(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    fleet(arm, vmapps, project)
    arm.control("PUT", "guest", [{"version": "1.1.0", "operation": "update", "result": "fail", "times": 1}])
    project.holds(*documents("1.1.0"))
    done = run(vmapps, project, *APPLY).exited(3)
    assert "FailedInGuest: agent 1.1.0 failed" in done.said
    assert "Halted: wave 1: 1 of 1 machines without success" in done.said
    [canary] = machines_at(arm, "1.1.0")
    assert len(machines_at(arm, "1.0.0")) == 4

    arm.forget_requests()
    again = run(vmapps, project, *APPLY, "-v").exited(0)
    assert f"halted: {WEB}: wave 2 and what follows (4 machines) is not planned" in again.out
    assert f"VirtualMachine/rg-web/{canary}; --resume {WEB} goes on all the same" in again.out
    assert arm.writes() == []

    run(vmapps, project, *APPLY, "--resume", WEB).exited(0)
    assert machines_at(arm, "1.1.0") == list(MACHINES)


def test_a_halted_rollout_goes_back_when_that_was_asked_for(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    fleet(arm, vmapps, project)
    arm.control("PUT", "guest", [{"version": "1.1.0", "operation": "update", "result": "fail"}])
    project.holds(*documents("1.1.0", 1, 3, "100%", maxFailures=1))
    plan = run(vmapps, project, "plan", "--rollback-on-halt", "--out", str(project.folder / "plan.json")).exited(0)
    assert "Only if a rollout halts" in plan.out
    assert "in the guest: agent: downgrade 1.1.0 -> 1.0.0: runs 1.0.0's update script" in plan.out
    assert "5 machines to write, 0 to delete; 3 machines to roll back if it halts." in plan.out
    arm.forget_requests()
    done = vmapps("apply", project.folder / "plan.json", "--project", project.folder, "--format", "json").exited(3)
    found = [one["outcome"] for one in done.json["results"]]
    assert sorted(found) == sorted(["failed"] * 3 + ["unchanged", "failed"] + ["skipped"] * 2 + ["rolledBack"] * 3)
    assert "Halted" in [one["failure"]["code"] for one in done.json["results"] if "failure" in one]
    assert machines_at(arm, "1.0.0") == list(MACHINES)
    guests = [arm.installed(machine_id(name)) for name in MACHINES]
    assert guests == [{"agent": "1.0.0"}] * 5, "and the guests say so"
    assert len([one for one in arm.writes() if one.startswith("PATCH")]) == 6

    arm.forget_requests()
    again = run(vmapps, project, *APPLY, "--rollback-on-halt", "-v").exited(0)
    assert f"halted: {WEB}: wave 1 and what follows (5 machines) is not planned: 3 put back" in again.out
    assert arm.writes() == []
    run(vmapps, project, "drift").exited(0)

    arm.control("PUT", "guest", [])
    well = run(vmapps, project, *APPLY, "--rollback-on-halt", "--resume", WEB).exited(0)
    assert "Applied 5, unchanged 2, not needed 3." in well.out
    assert machines_at(arm, "1.1.0") == list(MACHINES)


def test_what_a_halted_rollout_brought_goes_again(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    for name in MACHINES:
        arm.machine(name)
    arm.control("PUT", "guest", [{"version": "1.1.0", "operation": "install", "result": "fail"}])
    project.holds(*documents("1.1.0"))
    done = run(vmapps, project, *APPLY, "--rollback-on-halt").exited(3)
    assert "agent: remove 1.1.0 (runs its remove script)" in done.out
    assert "the last application leaves" in done.out
    assert "rolled back 1, failed 2, skipped 4." in done.out
    assert [arm.entries(name) for name in MACHINES] == [[]] * 5


def test_a_run_that_is_killed_before_its_look_goes_not_back_and_says_so(
    arm: Arm, vmapps: Vmapps, project: Project
) -> None:
    fleet(arm, vmapps, project)
    arm.control("PUT", "guest", [{"version": "1.1.0", "operation": "update", "result": "fail", "times": 1}])
    project.holds(*documents("1.1.0", pause="10m"))
    with vmapps.running("apply", project.folder, "--yes", "--rollback-on-halt", "-v") as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "failed ~" in line:
                break
        process.send_signal(signal.SIGINT)
        done = ended(process)
    done.exited(130)
    assert f"Nothing was rolled back: the run was stopped before that. To go back: `vmapps rollback {WEB}`." in done.out
    [canary] = machines_at(arm, "1.1.0")
    again = run(vmapps, project, "plan", "--rollback-on-halt", "-v").exited(0)
    assert f"1 without success at the declared version: VirtualMachine/rg-web/{canary}" in again.out
    assert f"`vmapps rollback {WEB}` goes back" in again.out


def test_going_back_needs_a_run_that_goes_on(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    fleet(arm, vmapps, project)
    project.holds(*documents("1.1.0"))
    refused = run(vmapps, project, *APPLY, "--rollback-on-halt", "--fail-fast").exited(64)
    assert "does not go with --rollback-on-halt" in refused.err
    assert arm.writes() == []


def test_some_failures_may_be_allowed(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    fleet(arm, vmapps, project)
    arm.control("PUT", "guest", [{"version": "1.1.0", "operation": "update", "result": "fail", "times": 1}])
    project.holds(*documents("1.1.0", maxFailures=1))
    run(vmapps, project, *APPLY).exited(3)
    assert machines_at(arm, "1.1.0") == list(MACHINES)


def test_a_new_version_ends_the_halt(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    fleet(arm, vmapps, project)
    arm.control("PUT", "guest", [{"version": "1.1.0", "operation": "update", "result": "fail"}])
    project.holds(*documents("1.1.0"))
    run(vmapps, project, *APPLY).exited(3)
    mended = list(documents("1.2.0"))
    mended.insert(3, version("1.2.0", link("1.2.0")))
    project.holds(*mended)
    run(vmapps, project, *APPLY).exited(0)
    assert machines_at(arm, "1.2.0") == list(MACHINES)


def test_a_machine_that_is_off_is_never_the_canary_and_is_pending(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    fleet(arm, vmapps, project)
    project.holds(*documents("1.1.0"))
    run(vmapps, project, *APPLY, "--through-wave", "1").exited(0)
    [canary] = machines_at(arm, "1.1.0")
    project.holds(*documents("1.0.0"))
    run(vmapps, project, *APPLY, "--rollout", "single").exited(0)
    arm.send("POST", f"{machine_id(canary)}/deallocate?api-version=2024-07-01")
    arm.control("POST", "settle")
    project.holds(*documents("1.1.0"))
    done = run(vmapps, project, *APPLY).exited(0)
    assert f"pending   ~ VirtualMachine/rg-web/{canary}" in done.out
    assert machines_at(arm, "1.1.0") == list(MACHINES)
    assert canary not in done.out.partition("(wave 1)")[0].rpartition("\n")[2]
