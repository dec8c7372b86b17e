"""Scale sets in a seed and in a synthetic fleet."""

import pytest

from emulator.arm import APPLICATION, BELOW, GALLERY, GROUP, MACHINE, SUBSCRIPTION, Arm, machine_body, version_body
from emulator.scale import SET, installed, instances, scale_set_body, upgrade
from vmapps_emulator.app import Emulator
from vmapps_emulator.fleet_sets import plant_scale_sets
from vmapps_emulator.seed import SeedError, plant

VERSION = f"{APPLICATION}/versions/1.0.0"
GALLERIES = [
    {"id": GALLERY, "location": "eastus"},
    {"id": APPLICATION, "location": "eastus", "properties": {"supportedOSType": "Linux"}},
    {"id": VERSION, **version_body()},
]


def seeded(*resources) -> Arm:
    return Arm(Emulator(seed=lambda world: plant(world, {"resources": [*GALLERIES, *resources]})))


def set_with_application(capacity: int = 2, **more):
    body = scale_set_body(capacity, **more)
    entries = [{"packageReferenceId": VERSION}]
    body["properties"]["virtualMachineProfile"]["applicationProfile"] = {"galleryApplications": entries}
    return {"id": SET, **body}


@pytest.mark.parametrize("flexible", [False, True])
def test_a_seeded_set_has_instances_that_hold_its_applications(flexible: bool):
    arm = seeded(set_with_application(flexible=flexible))
    held = instances(arm)
    assert [installed(arm, item) for item in held] == [{"app": "1.0.0"}] * 2
    assert all(item["properties"]["latestModelApplied"] for item in held)
    assert arm.get(SET)["etag"] == '"1"'
    assert len(arm.get(f"{BELOW}/virtualMachines")["value"]) == (2 if flexible else 0)
    arm.close()


def test_a_seed_may_name_its_own_instances():
    own = {"id": f"{SET}/virtualMachines/7", "location": "eastus", "properties": {"latestModelApplied": False}}
    arm = seeded(own, set_with_application())
    [held] = instances(arm)
    assert (held["instanceId"], held["properties"]["latestModelApplied"]) == ("7", False)
    upgrade(arm, "7")
    assert instances(arm)[0]["properties"]["latestModelApplied"] is True
    arm.done("PATCH", SET, {"sku": {"capacity": 2}})
    assert [item["instanceId"] for item in instances(arm)] == ["7", "8"]
    arm.close()


def test_a_seeded_machine_joins_its_flexible_set():
    machine = {"id": MACHINE, **machine_body()}
    machine["properties"]["virtualMachineScaleSet"] = {"id": SET}
    arm = seeded(machine, set_with_application(5, flexible=True))
    assert [item["instanceId"] for item in instances(arm)] == ["vm"]
    arm.close()


def test_an_instance_without_its_set_is_refused():
    with pytest.raises(SeedError, match="not in the seed"):
        seeded({"id": f"{SET}/virtualMachines/0", "location": "eastus"})


def test_a_fleet_of_sets_is_the_same_every_time():
    emulators = [Emulator(seed=lambda world: plant_scale_sets(world, 12)) for _ in range(2)]
    path = f"/subscriptions/{GROUP.split('/')[2]}/providers/Microsoft.Compute/virtualMachineScaleSets"
    arms = [Arm(emulator) for emulator in emulators]
    subscription = "00000000-0000-0000-0000-000000000000"
    listed = [arm.get(path.replace(SUBSCRIPTION, subscription))["value"] for arm in arms]
    assert [item["name"] for item in listed[0]] == [f"vmss-{number:05d}" for number in range(12)]
    assert [item["id"] for item in listed[0]] == [item["id"] for item in listed[1]]
    machines = arms[0].get(f"/subscriptions/{subscription}/providers/Microsoft.Compute/virtualMachines")["value"]
    assert len(machines) == 18
    for arm in arms:
        arm.close()
