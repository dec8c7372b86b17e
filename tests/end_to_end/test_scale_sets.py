"""Scale sets: their model is written, and their instances follow as the upgrade policy says."""

from __future__ import annotations

import pytest

from end_to_end.azure_side import Arm, set_id
from end_to_end.command import Ended, Vmapps
from end_to_end.projects import Document, Project, application, gallery, link, on_scale_set, version

APPLY = "apply", "--yes"
SET = "VirtualMachineScaleSet/rg-web/web-ss"
FOREIGN = {"order": 7, "tags": '{ "team" :"security"}'}


def documents(number: str = "1.0.0", **more: object) -> tuple[Document, ...]:
    published = version("1.0.0", link()), version("1.1.0", link("1.1.0"))
    return gallery(), application(), *published, on_scale_set(number, **more)


def run(vmapps: Vmapps, project: Project, *words: str) -> Ended:
    return vmapps(words[0], project.folder, *words[1:])


def posts(arm: Arm) -> list[str]:
    return [one for one in arm.writes() if one.startswith("POST")]


@pytest.mark.parametrize("flexible", [False, True])
def test_manual_the_model_changes_and_the_instances_wait(
    arm: Arm, vmapps: Vmapps, project: Project, flexible: bool
) -> None:
    arm.scale_set("Manual", {"packageReferenceId": arm.scanner(), **FOREIGN}, flexible=flexible)
    untouched = arm.raw_entries(set_id())
    before = arm.in_guests()
    project.holds(*documents())
    arm.forget_requests()
    done = run(vmapps, project, *APPLY).exited(0)
    assert "running instances keep what they have (upgradeInstances: true pushes it), new ones get this" in done.out
    assert arm.raw_entries(set_id())[0] == untouched[0], "the entry of others is the same, byte for byte"
    assert len(arm.raw_entries(set_id())) == 2
    assert arm.in_guests() == before
    assert posts(arm) == []
    [patch] = [one for one in arm.requests() if one["method"] == "PATCH"]
    assert patch["ifMatch"], "a model is never written over somebody else's write"
    run(vmapps, project, "plan", "--detailed-exitcode").exited(0)


@pytest.mark.parametrize("flexible", [False, True])
def test_manual_with_upgrade_instances_pushes_it(arm: Arm, vmapps: Vmapps, project: Project, flexible: bool) -> None:
    arm.scale_set("Manual", flexible=flexible)
    project.holds(*documents(upgradeInstances=True))
    done = run(vmapps, project, *APPLY).exited(0)
    assert "3 instances are behind the model, and upgradeInstances is on" in done.out
    assert len(posts(arm)) == 1
    assert arm.in_guests() == [{"agent": "1.0.0"}] * 3
    run(vmapps, project, "plan", "--detailed-exitcode").exited(0)

    project.holds(*documents("1.1.0", upgradeInstances=True))
    run(vmapps, project, *APPLY).exited(0)
    assert arm.in_guests() == [{"agent": "1.1.0"}] * 3


def test_only_stale_instances_are_pushed_when_the_model_is_right_already(
    arm: Arm, vmapps: Vmapps, project: Project
) -> None:
    arm.scale_set("Manual", count=2)
    project.holds(*documents())
    run(vmapps, project, *APPLY).exited(0)
    first = arm.instances()[0]["instanceId"]
    arm.write("POST", f"{set_id()}/manualupgrade", {"instanceIds": [first]})
    project.holds(*documents(upgradeInstances=True))
    plan = run(vmapps, project, "plan", "--format", "json").exited(0).json
    [step] = plan["steps"]
    assert step["action"] == "upgrade"
    second = arm.instances()[1]["instanceId"]
    assert next(one["after"] for one in step["changes"] if one["path"] == "instances") == [second]
    run(vmapps, project, *APPLY).exited(0)
    assert arm.in_guests() == [{"agent": "1.0.0"}] * 2


def test_a_push_that_would_bring_more_is_refused(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.scale_set("Manual")
    arm.write("PATCH", set_id(), {"sku": {"name": "Standard_D8s_v5", "tier": "Standard", "capacity": 3}})
    project.holds(*documents(upgradeInstances=True))
    arm.forget_requests()
    refused = run(vmapps, project, *APPLY).exited(1)
    assert (
        f"{SET}: pushing its model would change more on 0, 1, 2 (size: standard_b2s -> standard_d8s_v5)" in refused.said
    )
    assert arm.writes() == []
    project.holds(*documents())
    run(vmapps, project, *APPLY).exited(0)


def test_a_protected_instance_is_named_and_left_alone(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.scale_set("Manual", count=2)
    name = arm.instances()[1]["instanceId"]
    policy = {"protectionPolicy": {"protectFromScaleSetActions": True}}
    arm.write("PUT", f"{set_id()}/virtualMachines/{name}", {"location": "westeurope", "properties": policy})
    project.holds(*documents(upgradeInstances=True))
    done = run(vmapps, project, *APPLY, "-v").exited(0)
    assert f"protected from the scale set's actions, so left on the older model: {name}" in done.out
    assert arm.in_guests() == [{"agent": "1.0.0"}, {}]
    run(vmapps, project, "plan", "--detailed-exitcode").exited(0)


def test_rolling_is_followed_to_its_end(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.scale_set("Rolling", count=4)
    project.holds(*documents())
    done = run(vmapps, project, *APPLY).exited(0)
    assert "its policy is Rolling: Azure brings the model to 4 instances in batches" in done.out
    assert posts(arm) == []
    assert arm.in_guests() == [{"agent": "1.0.0"}] * 4


def test_a_rolling_upgrade_that_stops_is_no_success(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.scale_set("Rolling", count=4)
    arm.control("PUT", "guest", [{"operation": "install"}])
    flagged = documents()
    flagged[-1]["spec"]["applications"][0]["treatFailureAsDeploymentFailure"] = True
    project.holds(*flagged)
    done = run(vmapps, project, *APPLY).exited(3)
    assert "the rolling upgrade ended (Faulted) and left" in done.said


def test_automatic_is_explained(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.scale_set("Automatic")
    project.holds(*documents())
    done = run(vmapps, project, *APPLY).exited(0)
    assert "Azure upgrades every instance by itself, in any order, maybe all at once" in done.out
    assert arm.in_guests() == [{"agent": "1.0.0"}] * 3


def test_a_version_that_lagging_instances_run_is_not_deleted(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.scale_set("Manual", count=1)
    project.holds(*documents(upgradeInstances=True))
    run(vmapps, project, *APPLY).exited(0)
    newer = gallery(), application(), version("1.1.0", link("1.1.0"))
    project.holds(*newer, on_scale_set("1.1.0"))
    done = run(vmapps, project, *APPLY, "--prune", "-v").exited(0)
    assert f"no longer declared; {SET} refers to it" in done.out
    again = run(vmapps, project, *APPLY, "--prune", "-v").exited(0)
    assert f"no longer declared; {SET} refers to it" in again.out, "its instance still runs 1.0.0"
    project.holds(*newer, on_scale_set("1.1.0", upgradeInstances=True))
    run(vmapps, project, *APPLY).exited(0)
    done = run(vmapps, project, *APPLY, "--prune").exited(0)
    assert "GalleryApplicationVersion/platform/agent/1.0.0" in done.out
    assert arm.in_guests() == [{"agent": "1.1.0"}]


def test_instances_are_no_virtual_machines_of_a_selector(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.scale_set("Manual", flexible=True)
    everything = {"selector": {"resourceGroups": ["rg-web"]}}
    wanted = [{"application": "platform/agent", "version": "1.0.0"}]
    assigned = {**on_scale_set(), "spec": {"targets": [everything], "applications": wanted}}
    project.holds(*documents()[:-1], assigned)
    plan = run(vmapps, project, "plan", "--format", "json").exited(0).json
    assert [step for step in plan["steps"] if step["action"] == "assign"] == []
    everything["selector"]["kinds"] = ["VirtualMachineScaleSet"]  # type: ignore[assignment]
    project.holds(*documents()[:-1], assigned)
    plan = run(vmapps, project, "plan", "--format", "json").exited(0).json
    assert [step["address"] for step in plan["steps"] if step["action"] == "assign"] == [SET]
