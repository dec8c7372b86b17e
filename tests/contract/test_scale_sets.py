"""Scale sets and guests: the memory cloud and AzureCloud over HTTP keep the same contract."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract.stages import INSTALLED, Stage, assign, carry_out, in_memory, machine_of, over_http
from vmapps.core.address import ArmId
from vmapps.core.resource import Instances
from vmapps.core.settle import Push, PutEntries
from vmapps.engine.ports import Inspected
from vmapps.errors import CloudFailure, Missing, Refused

LOOKS = 40


@pytest.fixture(params=["memory", "http"])
def stage(request: pytest.FixtureRequest) -> Stage:
    if request.param == "memory":
        return in_memory()
    return over_http(request.getfixturevalue("cloud"), request.getfixturevalue("group"))


def elsewhere(arm_id: ArmId) -> ArmId:
    return replace(arm_id, resource_group="rg-nowhere")


def instances_of(stage: Stage, arm_id: ArmId) -> Instances:
    found = stage.cloud.instances(arm_id)
    assert found is not None
    return found


def latest(found: Instances) -> list[bool]:
    return [one.latest for one in found.instances]


@pytest.mark.parametrize("mode", ["Manual", "Automatic", "Rolling"])
@pytest.mark.parametrize("orchestration", ["Uniform", "Flexible"])
def test_a_set_says_how_it_is_upgraded(stage: Stage, mode: str, orchestration: str) -> None:
    found = machine_of(stage.cloud, stage.scale_set(mode, orchestration=orchestration))
    assert (found.upgrade_mode, found.orchestration, found.is_scale_set) == (mode, orchestration, True)
    assert found.traits == {"size": "standard_d2s_v5", "image": "canonical:ubuntu:22_04-lts:latest"}
    assert str(found.address).startswith("VirtualMachineScaleSet/")


def test_a_machine_is_no_set(stage: Stage) -> None:
    arm_id = stage.machine()
    assert not machine_of(stage.cloud, arm_id).is_scale_set
    with pytest.raises(Refused, match="not a scale set"):
        stage.cloud.instances(arm_id)


@pytest.mark.parametrize("orchestration", ["Uniform", "Flexible"])
def test_new_instances_have_the_model_and_nothing_to_report(stage: Stage, orchestration: str) -> None:
    arm_id = stage.scale_set("Manual", orchestration=orchestration)
    found = instances_of(stage, arm_id)
    assert (found.id, found.rolling) == (arm_id, "")
    assert latest(found) == [True] * 3
    assert len({one.name for one in found.instances}) == 3
    assert {one.report for one in found.instances} == {None}
    assert not any(one.is_protected for one in found.instances)
    assert [dict(one.traits) for one in found.instances] == [dict(machine_of(stage.cloud, arm_id).traits)] * 3


def test_a_set_that_is_not_there_has_none(stage: Stage) -> None:
    arm_id = stage.scale_set("Manual")
    assert stage.cloud.instances(elsewhere(arm_id)) is None


@pytest.mark.parametrize("orchestration", ["Uniform", "Flexible"])
def test_manual_instances_get_the_model_when_they_are_pushed(stage: Stage, orchestration: str) -> None:
    arm_id = stage.scale_set("Manual", orchestration=orchestration)
    assign(stage, arm_id)
    before = instances_of(stage, arm_id)
    assert latest(before) == [False] * 3
    carry_out(stage.cloud, Push(arm_id, tuple(one.name for one in before.instances[1:])))
    stage.guests_run(arm_id)
    after = instances_of(stage, arm_id)
    assert [one.name for one in after.instances] == [one.name for one in before.instances]
    assert latest(after) == [False, True, True]
    states = [one.report and one.report.applications for one in after.instances]
    assert states == [None, INSTALLED.applications, INSTALLED.applications]


def test_writing_what_is_there_makes_nothing_old(stage: Stage) -> None:
    arm_id = stage.scale_set("Manual")
    assign(stage, arm_id)
    carry_out(stage.cloud, Push(arm_id, tuple(one.name for one in instances_of(stage, arm_id).instances)))
    same = machine_of(stage.cloud, arm_id)
    carry_out(stage.cloud, PutEntries(arm_id, tuple(one.raw for one in same.entries), same.etag))
    assert latest(instances_of(stage, arm_id)) == [True] * 3


def test_automatic_instances_get_the_model_with_the_write(stage: Stage) -> None:
    arm_id = stage.scale_set("Automatic")
    assign(stage, arm_id)
    assert latest(instances_of(stage, arm_id)) == [True] * 3


def test_a_rolling_upgrade_can_be_followed_to_its_end(stage: Stage) -> None:
    arm_id = stage.scale_set("Rolling")
    assert instances_of(stage, arm_id).rolling == ""
    assign(stage, arm_id)
    seen = [instances_of(stage, arm_id) for _ in range(LOOKS)]
    states = [one.rolling for one in seen]
    assert states[0] == "RollingForward"
    assert not all(latest(seen[0]))
    assert states[-1] == "Completed"
    assert set(states) == {"RollingForward", "Completed"}
    assert all(all(latest(one)) for one in seen if one.rolling == "Completed")


def test_a_protected_instance_is_left_alone(stage: Stage) -> None:
    arm_id = stage.scale_set("Manual")
    names = tuple(one.name for one in instances_of(stage, arm_id).instances)
    stage.protect(arm_id, names[0])
    assign(stage, arm_id)
    carry_out(stage.cloud, Push(arm_id, names))
    after = instances_of(stage, arm_id)
    assert [one.is_protected for one in after.instances] == [True, False, False]
    assert latest(after) == [False, True, True]


def test_a_push_of_what_is_not_there_is_refused(stage: Stage) -> None:
    arm_id = stage.scale_set("Manual")
    assign(stage, arm_id)
    with pytest.raises(CloudFailure):
        carry_out(stage.cloud, Push(arm_id, ("999",)))
    with pytest.raises(Missing):
        carry_out(stage.cloud, Push(elsewhere(arm_id), ("0",)))
    assert latest(instances_of(stage, arm_id)) == [False] * 3


def test_a_machine_reports_when_it_has_applications(stage: Stage) -> None:
    arm_id = stage.machine()
    assert stage.cloud.report(arm_id) is None
    assign(stage, arm_id)
    found = stage.cloud.report(arm_id)
    assert found is not None
    assert (found.applications, found.error, found.is_running) == (INSTALLED.applications, "", True)


def test_a_machine_that_is_not_there_reports_nothing(stage: Stage) -> None:
    arm_id = stage.machine()
    assert stage.cloud.report(elsewhere(arm_id)) is None


def test_a_machine_is_read_with_its_guests_report(stage: Stage) -> None:
    arm_id = stage.machine()
    assert stage.cloud.inspect(arm_id) == Inspected(machine_of(stage.cloud, arm_id))
    assign(stage, arm_id)
    found = stage.cloud.inspect(arm_id)
    assert found is not None
    assert (found.machine, found.report) == (machine_of(stage.cloud, arm_id), stage.cloud.report(arm_id))
    assert found.report is not None
    assert stage.cloud.inspect(elsewhere(arm_id)) is None


def test_a_set_has_no_guest_of_its_own(stage: Stage) -> None:
    arm_id = stage.scale_set("Manual")
    assign(stage, arm_id)
    assert stage.cloud.inspect(arm_id) == Inspected(machine_of(stage.cloud, arm_id))
    assert stage.cloud.inspect(elsewhere(arm_id)) is None


def test_a_cloud_that_does_not_wait_is_the_same_cloud(stage: Stage) -> None:
    arm_id = stage.machine()
    assert stage.cloud.impatient().read(arm_id) == stage.cloud.read(arm_id)
