"""Seeds and fleets."""

import json

import pytest

from emulator.arm import APPLICATION, GALLERY, MACHINE, SUBSCRIPTION, Arm, machine_body, version_body
from vmapps_emulator.app import Emulator
from vmapps_emulator.fleet import plant_fleet
from vmapps_emulator.seed import SeedError, plant, read_seed

VERSION = f"{APPLICATION}/versions/1.0.0"
SEED = {
    "resources": [
        {"id": MACHINE, **machine_body()},
        {"id": VERSION, **version_body()},
        {"id": APPLICATION, "location": "eastus", "properties": {"supportedOSType": "Linux"}},
        {"id": GALLERY, "location": "eastus", "tags": {"a": "b"}},
    ],
    "resourceGroups": [{"id": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/other", "location": "westus"}],
}


def test_a_seed_is_served_as_if_it_had_been_written():
    machine = json.loads(json.dumps(SEED["resources"][0]))
    machine["properties"]["applicationProfile"] = {"galleryApplications": [{"packageReferenceId": VERSION}]}
    emulator = Emulator(seed=lambda world: plant(world, {**SEED, "resources": [machine, *SEED["resources"][1:]]}))
    arm = Arm(emulator)
    body = arm.get(f"{MACHINE}?$expand=instanceView")
    assert body["etag"] == '"1"'
    assert body["resources"][0]["properties"]["provisioningState"] == "Succeeded"
    assert "Install SUCCESS" in body["properties"]["instanceView"]["extensions"][0]["statuses"][0]["message"]
    assert arm.get(GALLERY)["tags"] == {"a": "b"}
    version = arm.get(VERSION)
    assert version["properties"]["publishingProfile"]["replicaCount"] == 1
    arm.done("DELETE", MACHINE)
    arm.control("POST", "reset")
    arm.get(MACHINE)
    arm.close()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"resources": {}}, "list of objects"),
        ({"resources": [{"id": "nonsense"}]}, "resources[0]: id 'nonsense'"),
        ({"resources": [SEED["resources"][1]]}, "its parent"),
        ({"resources": [{"id": MACHINE, "properties": []}]}, "properties must be an object"),
        ({"resourceGroups": [{}]}, "resourceGroups[0]"),
        ({"resources": [SEED["resources"][3], {"id": APPLICATION}]}, "supportedOSType"),
    ],
)
def test_a_seed_that_cannot_be_planted(content, words):
    with pytest.raises(SeedError) as caught:
        Emulator(seed=lambda world: plant(world, content))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_seed_file_that_cannot_be_read(tmp_path):
    for text in ("{", "[]", '{"others": []}'):
        path = tmp_path / "seed.json"
        path.write_text(text)
        with pytest.raises(SeedError):
            read_seed(path)
    with pytest.raises(SeedError):
        read_seed(tmp_path / "missing.json")


def test_a_fleet_is_the_same_every_time():
    worlds = [Emulator(seed=lambda world: plant_fleet(world, 1200)).world for _ in range(2)]
    below = "/subscriptions/00000000-0000-0000-0000-000000000000/providers/microsoft.compute/virtualmachines"
    members = [world.store.collection(below) for world in worlds]
    bodies = [[machine.encoded() for machine in found.values()] for found in members]
    assert bodies[0] == bodies[1]
    assert len(bodies[0]) == 1200
    systems = [machine.properties["storageProfile"]["osDisk"]["osType"] for machine in members[0].values()]
    assert systems.count("Linux") == systems.count("Windows") == 600
    assert len(worlds[0].store.groups) == 3
