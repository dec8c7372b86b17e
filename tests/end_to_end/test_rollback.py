"""`vmapps rollback`: the version before, on the machines and in the manifests."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from end_to_end.azure_side import AGENT, PLATFORM, Arm, machine_id, set_id, version_body
from end_to_end.command import Ended, Vmapps
from end_to_end.projects import OWNER, Document, Project, application, gallery, link, on_scale_set, version

FILE = "assignments/agents.yaml"
AGENTS = """\
# Who gets the agent.\r
apiVersion: vmapps/v1\r
kind: VMAssignment\r
metadata: {name: agents}\r
spec:\r
  targets:\r
  - selector: {tags: {role: web}}     # every web server\r
  rollout: {waves: [1, 100%]}\r
  applications:\r
  - application: platform/agent\r
    version: "NUMBER"   # see the wiki\r
    treatFailureAsDeploymentFailure:   false\r
"""
WEB = "VMAssignment/agents"


def holds(project: Project, number: str, *more: Document, text: str = AGENTS) -> bytes:
    """Three versions and an assignment in a file of its own; that file's bytes."""
    several = [version(one, link(one)) for one in ("1.0.0", "1.1.0", "1.2.0")]
    project.spec["manifests"] = ["manifests/*.yaml", FILE]
    project.holds(gallery(), application(), *several, *more)
    project.file(FILE, text.replace("NUMBER", number))
    return (project.folder / FILE).read_bytes()


def now(project: Project) -> bytes:
    return (project.folder / FILE).read_bytes()


def fleet(arm: Arm, *names: str) -> None:
    for name in names:
        arm.machine(name, tags={"role": "web"})


def published(arm: Arm, *numbers: str) -> None:
    """Versions of ours, as an earlier apply left them."""
    tags = {"vmapps-owner": OWNER}
    arm.write("PUT", PLATFORM, {"location": "westeurope", "tags": tags})
    arm.write("PUT", AGENT, {"location": "westeurope", "tags": tags, "properties": {"supportedOSType": "Linux"}})
    for number in numbers:
        arm.write("PUT", f"{AGENT}/versions/{number}", version_body(link(number)["mediaLink"], tags=tags))


def with_agent(arm: Arm, name: str, number: str, previous: str) -> None:
    """A machine with the agent, and a mark of ours that remembers another version ("": none)."""
    digest = hashlib.sha256(machine_id(name).lower().encode()).hexdigest()[:8]
    mark = {"vmapps-owner": OWNER, "vmapps-machine": digest, **({"previous": previous} if previous else {})}
    entry = {"packageReferenceId": f"{AGENT}/versions/{number}", "tags": json.dumps(mark)}
    arm.machine(name, entry, tags={"role": "web"})


def one_machine(arm: Arm, project: Project, number: str = "1.1.0", text: str = AGENTS) -> bytes:
    """web-01 with a version that came after 1.0.0, as the manifests say; the assignment's bytes."""
    published(arm, "1.0.0", "1.1.0", "1.2.0")
    with_agent(arm, "web-01", number, "1.0.0")
    arm.forget_requests()
    return holds(project, number, text=text)


def at(arm: Arm, *names: str) -> list[str]:
    """The version that each machine refers to."""
    return [arm.entries(name)[0]["packageReferenceId"].rpartition("/")[2] for name in names]


def apply(vmapps: Vmapps, project: Project, *more: str) -> Ended:
    return vmapps("apply", project.folder, "--yes", "--rollout", "single", *more)


def back(vmapps: Vmapps, project: Project, *more: str) -> Ended:
    return vmapps("rollback", "agents", "--project", project.folder, "--yes", *more)


def test_machines_and_the_manifest_go_back_to_the_version_before(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    fleet(arm, "web-01", "web-02")
    arm.machine("db-01", {"packageReferenceId": arm.scanner()})
    first = holds(project, "1.0.0")
    apply(vmapps, project).exited(0)
    second = holds(project, "1.1.0")
    apply(vmapps, project).exited(0)
    arm.forget_requests()
    done = back(vmapps, project).exited(0)
    assert "agent: downgrade 1.1.0 -> 1.0.0: runs 1.0.0's update script" in done.out
    assert f"{FILE}:11: VMAssignment/agents asks for platform/agent: 1.1.0 -> 1.0.0" in done.err
    assert at(arm, "web-01", "web-02") == ["1.0.0", "1.0.0"]
    assert arm.installed(machine_id("web-01")) == {"agent": "1.0.0"}
    assert len(arm.writes()) == 2
    assert now(project) == first != second
    vmapps("plan", project.folder, "--detailed-exitcode").exited(0)
    arm.forget_requests()
    again = back(vmapps, project).exited(1)
    assert "platform/agent 1.0.0 came after 1.1.0: it looks rolled back already" in again.said
    assert (arm.writes(), now(project)) == ([], first)


def test_after_a_rollout_that_halted_what_was_reached_goes_back(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    machines = ("web-01", "web-02", "web-03")
    fleet(arm, *machines)
    first = holds(project, "1.0.0")
    apply(vmapps, project).exited(0)
    arm.control("PUT", "guest", [{"version": "1.1.0", "operation": "update", "result": "fail"}])
    holds(project, "1.1.0")
    vmapps("apply", project.folder, "--yes").exited(3)
    assert sorted(at(arm, *machines)) == ["1.0.0", "1.0.0", "1.1.0"]
    arm.forget_requests()
    done = back(vmapps, project).exited(0)
    assert at(arm, *machines) == ["1.0.0"] * 3
    assert len(arm.writes()) == 1, "only what had the new version"
    assert now(project) == first
    assert [arm.installed(machine_id(one)) for one in machines] == [{"agent": "1.0.0"}] * 3
    assert "Applied 1" in done.out
    assert "guest-not-read" not in done.out
    vmapps("plan", project.folder, "--detailed-exitcode").exited(0)


def test_machines_that_remember_different_versions_need_to_be_told(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    published(arm, "1.0.0", "1.1.0", "1.2.0")
    for name, previous in (("web-01", "1.0.0"), ("web-02", "1.1.0"), ("web-03", "")):
        with_agent(arm, name, "1.2.0", previous)
    written = holds(project, "1.2.0")
    arm.forget_requests()
    done = back(vmapps, project).exited(1)
    assert "the machines had different versions before" in done.said
    for part in ("none on VirtualMachine/rg-web/web-03", "1.0.0 on VirtualMachine/rg-web/web-01", "--to 1.1.0"):
        assert part in done.said
    assert (arm.writes(), now(project)) == ([], written)
    back(vmapps, project, "--to", "1.0.0").exited(0)
    assert at(arm, "web-01", "web-02", "web-03") == ["1.0.0"] * 3
    assert b'version: "1.0.0"   # see the wiki\r\n' in now(project)


def test_without_a_yes_or_with_no_edit_the_manifests_stay(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    written = one_machine(arm, project)
    vmapps("rollback", WEB, "--project", project.folder).exited(64)
    assert at(arm, "web-01") == ["1.1.0"]
    back(vmapps, project, "--no-edit").exited(0)
    assert (at(arm, "web-01"), now(project)) == (["1.0.0"], written)


def test_where_a_machine_fails_the_manifests_say_what_was_wanted(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    first = holds(project, "1.0.0")
    one_machine(arm, project)
    with_agent(arm, "web-02", "1.1.0", "1.0.0")
    arm.fault(method="PATCH", path=f"{machine_id('web-02')}*", times=1, status=409, code="Conflict")
    done = back(vmapps, project).exited(3)
    assert "Not every machine is back: `vmapps apply` finishes that" in done.err
    assert (at(arm, "web-01", "web-02"), now(project)) == (["1.0.0", "1.1.0"], first)


def test_a_version_that_is_gone_is_named_with_the_way_out(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    written = one_machine(arm, project)
    arm.write("DELETE", f"{AGENT}/versions/1.0.0")
    done = back(vmapps, project).exited(1)
    assert "platform/agent 1.0.0 is declared, but not published" in done.said
    assert "vmapps apply --target GalleryApplicationVersion/platform/agent/1.0.0" in done.said
    done = back(vmapps, project, "--to", "0.9.0").exited(1)
    assert "0.9.0 is neither declared nor published any more (restore its document from Git" in done.said
    assert now(project) == written


def test_a_version_that_only_azure_has_is_asked_for_live(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    one_machine(arm, project)
    project.holds(gallery(), application(), *(version(one, link(one)) for one in ("1.1.0", "1.2.0")))
    done = back(vmapps, project).exited(0)
    assert "no document declares platform/agent 1.0.0: from: live" in done.err
    assert b'    version: "1.0.0"   # see the wiki\r\n    from: live\r\n' in now(project)
    vmapps("validate", project.folder).exited(0)
    assert at(arm, "web-01") == ["1.0.0"]


@pytest.mark.parametrize(
    ("written", "more", "said"),
    [
        ("latest", (), "no longer chooses, but asks for one version of platform/agent: latest -> 1.0.0"),
        ("${agent}", (), "vmapps.yaml:"),
        ("${agent}", ("--var", "agent=1.2.0"), "the variable 'agent', which --var sets"),
    ],
)
def test_a_choice_and_a_variable(
    arm: Arm, vmapps: Vmapps, project: Project, written: str, more: tuple[str, ...], said: str
) -> None:
    project.spec["variables"] = {"agent": "1.2.0"}
    one_machine(arm, project, "1.2.0")
    file = holds(project, written)
    head = (project.folder / "vmapps.yaml").read_bytes()
    done = back(vmapps, project, *more)
    assert said in done.err
    changed = (now(project) != file, (project.folder / "vmapps.yaml").read_bytes() != head)
    assert (done.code, changed) == (
        (0, (True, False)) if written == "latest" else (1, (False, False)) if more else (0, (False, True))
    )
    assert at(arm, "web-01") == ["1.2.0" if more else "1.0.0"]


def test_a_file_that_changed_meanwhile_is_not_overwritten(
    arm: Arm, vmapps: Vmapps, project: Project, listener: Any
) -> None:
    one_machine(arm, project)
    theirs = b"# somebody was here\n" + now(project)

    def meddling(asked: Any) -> None:
        if asked.method == "PATCH":
            (project.folder / FILE).write_bytes(theirs)

    listener.instead = meddling
    done = back(vmapps.through(listener.url), project).exited(3)
    assert f"{FILE} changed meanwhile, and was not overwritten" in done.err
    assert f"not edited {FILE}:11: VMAssignment/agents asks for platform/agent: 1.1.0 -> 1.0.0" in done.err
    assert (at(arm, "web-01"), now(project)) == (["1.0.0"], theirs)


def test_a_link_stays_a_link_and_a_mode_stays(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    one_machine(arm, project)
    file: Path = project.folder / FILE
    real = file.rename(project.folder / "real.yaml")
    real.chmod(0o640)
    file.symlink_to("../real.yaml")
    back(vmapps, project, "-q").exited(0)
    assert file.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert b'version: "1.0.0"' in real.read_bytes()
    assert [one.name for one in project.folder.iterdir() if one.name.startswith(".")] == []


def test_the_instances_of_a_scale_set_go_back_with_their_model(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    published(arm, "1.0.0", "1.1.0")
    digest = hashlib.sha256(set_id().lower().encode()).hexdigest()[:8]
    mark = {"vmapps-owner": OWNER, "vmapps-machine": digest, "previous": "1.0.0"}
    arm.scale_set("Manual", {"packageReferenceId": f"{AGENT}/versions/1.1.0", "tags": json.dumps(mark)})
    documents = (gallery(), application(), *(version(one, link(one)) for one in ("1.0.0", "1.1.0")))
    project.holds(*documents, on_scale_set("1.1.0", upgradeInstances=True))
    back(vmapps, project).exited(0)
    assert arm.in_guests() == [{"agent": "1.0.0"}] * 3
    assert '"version": "1.0.0"' in (project.folder / "manifests" / "all.yaml").read_text()


def test_the_result_is_json_when_it_should_be(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    one_machine(arm, project)
    done = back(vmapps, project, "--format", "json").exited(0)
    assert [one["outcome"] for one in done.json["results"]] == ["applied"]
    assert f"edited {FILE}:11" in done.err
