"""Every row of the table of exit codes, and what is said there. Signals and saved plans have files of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from end_to_end.azure_side import AGENT, GALLERIES, PLATFORM, SUBSCRIPTION, Arm, machine_id
from end_to_end.command import Vmapps
from end_to_end.projects import Project, application, gallery, link, linked, version
from end_to_end.proxy import proxy_to

COMMANDS = (("plan",), ("drift",), ("apply", "--yes"))


def test_done_is_0_and_changes_are_2(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.machine("web-01")
    project.holds(*linked("web-01"))
    vmapps("plan", project.folder).exited(0)
    vmapps("plan", project.folder, "--detailed-exitcode").exited(2)
    vmapps("drift", project.folder).exited(2)
    vmapps("apply", project.folder, "--yes").exited(0)
    vmapps("plan", project.folder, "--detailed-exitcode").exited(0)
    vmapps("drift", project.folder).exited(0)
    vmapps("apply", project.folder, "--yes").exited(0)


@pytest.mark.parametrize("command", [("validate",), *COMMANDS], ids=lambda words: words[0])
def test_bad_manifests_are_1_with_a_line_each_and_nothing_is_sent(
    arm: Arm, vmapps: Vmapps, project: Project, command: tuple[str, ...]
) -> None:
    wrong = gallery(descripton="a typo"), application(), version("1.0"), version("1.0.1", {"package": "nowhere.sh"})
    project.holds(*wrong)
    done = vmapps(command[0], project.folder, *command[1:]).exited(1)
    lines = done.said.splitlines()
    assert len([line for line in lines if line.startswith("manifests/all.yaml:")]) == 3
    assert any("did you mean 'description'?" in line for line in lines)
    assert any("nowhere.sh" in line for line in lines)
    assert arm.requests() == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_an_endpoint_that_is_down_is_1_and_named(vmapps: Vmapps, project: Project, command: tuple[str, ...]) -> None:
    with proxy_to() as gone:
        pass
    project.holds(*linked("web-01"))
    done = vmapps.through(gone.url)(command[0], project.folder, *command[1:]).exited(1)
    assert done.complained(gone.url, "the connection was refused", "is it running").out == ""


@pytest.mark.parametrize(
    ("command", "status", "code", "words"),
    [
        (("plan",), 401, "InvalidAuthenticationToken", "sign in with az login"),
        (("apply", "--yes"), 403, "AuthorizationFailed", "ask for a role"),
        (("drift",), 401, "InvalidAuthenticationToken", "sign in with az login"),
    ],
)
def test_who_may_not_read_gets_1_the_scope_and_what_to_do(
    arm: Arm, vmapps: Vmapps, project: Project, command: tuple[str, ...], status: int, code: str, words: str
) -> None:
    arm.fault(method="GET", path="*/galleries", status=status, code=code, message="You may not.", times=None)
    project.holds(*linked("web-01"))
    done = vmapps(command[0], project.folder, *command[1:]).exited(1)
    assert done.complained(GALLERIES, code, words).out == ""
    assert arm.writes() == []


@pytest.mark.parametrize("command", ["drift", "status"])
def test_whoever_only_reads_goes_on_with_the_rest_and_gets_1(
    arm: Arm, vmapps: Vmapps, project: Project, command: str
) -> None:
    arm.machine("web-01")
    arm.fault(method="GET", path="*/galleries", status=403, code="AuthorizationFailed", message="No.", times=None)
    project.holds(*linked("web-01"))
    done = vmapps(command, project.folder).exited(1).complained(GALLERIES, "AuthorizationFailed", "ask for a role")
    assert "web-01" in done.out


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_a_resource_group_that_is_not_there_is_1(
    arm: Arm, vmapps: Vmapps, project: Project, command: tuple[str, ...]
) -> None:
    project.spec["resourceGroup"] = "rg-forgotten"
    project.holds(*linked("web-01"))
    done = vmapps(command[0], project.folder, *command[1:]).exited(1)
    scope = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-forgotten"
    assert done.complained(scope, "ResourceGroupNotFound", "check spec.resourceGroup, or create").out == ""
    assert arm.writes() == []


def test_a_first_write_that_is_refused_is_1_since_nothing_was_changed(
    arm: Arm, vmapps: Vmapps, project: Project
) -> None:
    arm.machine("web-01")
    arm.fault(method="PUT", path=PLATFORM, status=403, code="AuthorizationFailed", message="You may not.")
    project.holds(*linked("web-01"))
    done = vmapps("apply", project.folder, "--yes").exited(1)
    assert done.out.endswith("Applied 0, failed 1, skipped 3.\n")
    assert arm.read(PLATFORM) is None


def test_a_write_that_is_refused_half_way_is_3_and_says_what_was_done_failed_and_skipped(
    arm: Arm, vmapps: Vmapps, project: Project
) -> None:
    arm.machine("web-01")
    arm.machine("web-02")
    refused = f"{AGENT}/versions/1.0.0"
    arm.fault(
        method="PUT", path=refused, status=403, code="RequestDisallowedByPolicy", message="Not here, said Policy."
    )
    project.holds(*linked("web-01", "web-02"), version("1.1.0", link("1.1.0")))
    done = vmapps("apply", project.folder, "--yes").exited(3)
    report = done.out.partition("Plan: ")[2].splitlines()[1:]
    assert report == [
        "applied   + Gallery/platform",
        "applied   + GalleryApplication/platform/agent",
        "failed    + GalleryApplicationVersion/platform/agent/1.0.0",
        "            RequestDisallowedByPolicy: Not here, said Policy.",
        f"            at: {refused}",
        *[line for line in report if line.startswith("            request id: ")],
        "            what to do: an Azure Policy forbids it: ask who assigned the policy",
        "applied   + GalleryApplicationVersion/platform/agent/1.1.0",
        "skipped   ~ VirtualMachine/rg-web/web-01",
        "            because GalleryApplicationVersion/platform/agent/1.0.0#1 did not succeed",
        "skipped   ~ VirtualMachine/rg-web/web-02",
        "            because GalleryApplicationVersion/platform/agent/1.0.0#1 did not succeed",
        "Applied 3, failed 1, skipped 2.",
    ]
    assert arm.entries("web-01") == []

    vmapps("apply", project.folder, "--yes").exited(0)
    vmapps("plan", project.folder, "--detailed-exitcode").exited(0)


def test_fail_fast_begins_nothing_after_the_first_failure(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.fault(method="PUT", path=f"{AGENT}/versions/1.0.0", status=400, code="InvalidParameter", message="No.")
    arm.machine("web-01")
    project.holds(*linked("web-01"), version("1.1.0", link("1.1.0")))
    said = vmapps("apply", project.folder, "--yes", "--fail-fast", "--parallelism", "1").exited(3)
    failed = "GalleryApplicationVersion/platform/agent/1.0.0#1"
    assert said.out.splitlines()[-8:] == [
        "            at: " + f"{AGENT}/versions/1.0.0",
        "            request id: " + said.out.partition("request id: ")[2].partition("\n")[0],
        "            what to do: correct the field named above in the manifest",
        "not begun + GalleryApplicationVersion/platform/agent/1.1.0",
        f"            because {failed} did not succeed, and --fail-fast was said",
        "skipped   ~ VirtualMachine/rg-web/web-01",
        f"            because {failed} did not succeed",
        "Applied 2, failed 1, skipped 1, not begun 1. Stopped at the first failure.",
    ]
    assert "did not succeed: nothing new is begun" in said.err
    assert arm.read(f"{AGENT}/versions/1.1.0") is None
    vmapps("plan", project.folder, "--out", project.folder / "plan.json").exited(0)
    saved = vmapps("apply", project.folder / "plan.json", "--project", project.folder, "--fail-fast").exited(0)
    assert "Applied 3." in saved.out


def test_an_operation_that_fails_later_is_3_and_a_next_apply_repairs_it(
    arm: Arm, vmapps: Vmapps, project: Project
) -> None:
    arm.machine("web-01")
    failing = {"code": "ReplicationJobsNotCompleted", "message": "Region westeurope is full."}
    arm.fault(method="PUT", path=f"{AGENT}/versions/*", operation=failing)
    project.holds(*linked("web-01"))
    done = vmapps("apply", project.folder, "--yes", "--format", "json").exited(3)
    outcomes = {one["address"]: one for one in done.json["results"]}
    version_result = outcomes["GalleryApplicationVersion/platform/agent/1.0.0"]
    assert version_result["failure"]["message"] == "Region westeurope is full."
    assert outcomes["VirtualMachine/rg-web/web-01"]["outcome"] == "skipped"

    assert "its last write failed" in vmapps("plan", project.folder).exited(0).out
    vmapps("apply", project.folder, "--yes").exited(0)
    vmapps("plan", project.folder, "--detailed-exitcode").exited(0)


def test_the_safety_guard_is_5_until_exactly_the_numbers_are_accepted(
    arm: Arm, vmapps: Vmapps, project: Project
) -> None:
    project.spec["safety"] = {"maxMachines": 2}
    machines = "web-01", "web-02", "web-03"
    for name in machines:
        arm.machine(name)
    project.holds(*linked(*machines))
    planned = vmapps("plan", project.folder).exited(5)
    assert "the plan writes 3 machines; safety.maxMachines is 2" in planned.said
    assert "3 machines to write" in planned.out, "the plan is printed first"
    arm.forget_requests()
    for given in ([], ["--accept", "machines=2"], ["--accept", "machines=4,deletes=3"], ["--accept", "deletes=3"]):
        refused = vmapps("apply", project.folder, "--yes", *given).exited(5)
        assert "--accept deletes=0,machines=3" in refused.said
    assert arm.writes() == []
    vmapps("apply", project.folder, "--yes", "--accept", "deletes=0,machines=3").exited(0)
    assert [len(arm.entries(name)) for name in machines] == [1, 1, 1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("plan", "--nonsense"),
        ("plan", "nowhere"),
        ("plan", ".", "--format", "xml"),
        ("plan", ".", "--from", "somebody"),
        ("plan", ".", "--accept", "everything"),
        ("plan", ".", "--endpoint", "http://example.com"),
        ("plan", ".", "--endpoint", "https://user@example.com"),
        ("apply", "."),
        ("apply", ".", "--yes", "--project", "."),
        ("schema", "Nonsense"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_64(arm: Arm, vmapps: Vmapps, project: Project, arguments: tuple[str, ...]) -> None:
    project.holds(*linked("web-01"))
    done = replace(vmapps, folder=project.folder)(*arguments).exited(64)
    assert done.out == ""
    assert "Error: " in done.err
    assert arm.requests() == []


def test_apply_without_a_terminal_names_both_ways_out(vmapps: Vmapps, project: Project) -> None:
    project.holds(*linked("web-01"))
    assert "say --yes, or apply a saved plan" in vmapps("apply", project.folder).exited(64).err


def test_a_machine_that_is_not_there_is_1_with_its_place(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    project.holds(*linked("web-99"))
    done = vmapps("apply", project.folder, "--yes").exited(1)
    assert "manifests/all.yaml:" in done.said
    assert "rg-web/web-99" in done.said
    assert arm.writes() == []
    assert arm.read(machine_id("web-99")) is None
