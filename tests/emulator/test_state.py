"""``--state FILE``: what is there after a restart, and a file that is damaged."""

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import pytest

from emulator.arm import API, APPLICATION, BELOW, GALLERY, GROUP, MACHINE, Arm, machine_body, profile_body
from emulator.test_process import running
from vmapps_emulator import __main__ as command_line
from vmapps_emulator.app import Emulator
from vmapps_emulator.fleet import plant_fleet
from vmapps_emulator.keeper import Keeper
from vmapps_emulator.state import StateError, load, save
from vmapps_emulator.world import World

SET = f"{BELOW}/virtualMachineScaleSets/set"


@pytest.fixture
def start(tmp_path):
    """Emulators on one state file, one after the other; each is dropped as by SIGKILL."""
    started: list[Arm] = []

    def begin(**more: Any) -> Arm:
        arm = Arm(Emulator(keeper=Keeper(tmp_path / "state.json"), **more))
        started.append(arm)
        return arm

    yield begin
    for arm in started:
        arm.close()


def test_everything_is_there_after_a_restart(start):
    first = start()
    first.done("PUT", GROUP, {"location": "eastus"})
    version = first.publish()
    first.done("PUT", MACHINE, machine_body())
    first.assign(version)
    model = {"storageProfile": {"osDisk": {"osType": "Linux", "createOption": "FromImage"}}}
    body = {"location": "eastus", "sku": {"name": "s", "capacity": 2}, "properties": {"virtualMachineProfile": model}}
    first.done("PUT", SET, body)
    paths = (GROUP, GALLERY, version, MACHINE, f"{BELOW}/virtualMachines", SET, f"{SET}/virtualMachines")
    before = [first.get(path) for path in paths]
    second = start()
    assert [second.get(path) for path in paths] == before
    assert second.control("GET", "guest")["machines"] == first.control("GET", "guest")["machines"]
    message = second.get(f"{MACHINE}/instanceView")["extensions"][0]["statuses"][0]["message"]
    assert "Install SUCCESS" in message
    second.done("PATCH", MACHINE, {"tags": {"a": "b"}}, If_Match=before[3]["etag"])


def test_operations_go_on(start):
    first = start()
    first.done("PUT", GROUP, {"location": "eastus"})
    version = first.publish()
    first.done("PUT", MACHINE, machine_body())
    running_ones = [
        first.call("PATCH", MACHINE, profile_body([{"packageReferenceId": version}])),
        first.call("DELETE", first.publish("2.0.0")),
    ]
    ended = first.call("PUT", f"{MACHINE}2", machine_body())
    first.follow(ended)
    second = start()
    assert [second.follow(answer)["status"] for answer in running_ones] == ["Succeeded", "Succeeded"]
    assert second.call("GET", version.replace("1.0.0", "2.0.0")).status_code == 404
    second.done("DELETE", version)
    assert second.http.get(ended.headers["azure-asyncoperation"]).json()["status"] == "Succeeded"
    assert second.call("DELETE", APPLICATION).status_code == 200


def test_a_group_that_was_being_deleted_is_still_there(start):
    first = start()
    first.done("PUT", GROUP, {"location": "eastus"})
    location = first.call("DELETE", GROUP).headers["location"]
    second = start()
    answers = [second.http.get(location).status_code for _ in range(3)]
    assert answers == [202, 202, 409]
    second.get(GROUP)


def test_the_file_counts_and_not_the_seed(start):
    first = start(seed=lambda world: plant_fleet(world, 3))
    name = "/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.Compute/virtualMachines"
    assert len(first.get(name)["value"]) == 3
    second = start(seed=lambda world: plant_fleet(world, 5))
    assert len(second.get(name)["value"]) == 3
    second.control("POST", "reset")
    assert len(second.get(name)["value"]) == 5
    assert len(start().get(name)["value"]) == 5


def test_a_big_world_is_written_later_and_at_the_end(tmp_path):
    path = tmp_path / "state.json"
    emulator = Emulator(keeper=Keeper(path), seed=lambda world: plant_fleet(world, 2001))
    written = path.stat().st_ino
    arm = Arm(emulator)
    arm.done("PUT", GROUP, {"location": "eastus"})
    assert path.stat().st_ino == written
    arm.transport.loop.run_until_complete(asyncio.sleep(0))
    emulator.end()
    assert path.stat().st_ino != written
    world = World()
    assert load(world, path)
    assert world.store.has_group("11111111-1111-1111-1111-111111111111", "rg")
    arm.close()


@pytest.mark.parametrize("change", ["half", "other", "text", "body"])
def test_a_damaged_file_is_refused_and_left_as_it_is(tmp_path, capsys, change):
    path = tmp_path / "state.json"
    world = World()
    plant_fleet(world, 2)
    save(world, path)
    whole = path.read_bytes()
    state = json.loads(whole)
    state["resources"][0]["body"] = 7
    changed = {
        "half": whole[: len(whole) // 2],
        "other": whole.replace(b"state/1", b"state/9"),
        "text": b"\xff\x00",
        "body": json.dumps(state).encode(),
    }
    path.write_bytes(changed[change])
    assert command_line.main(["--state", str(path)]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"vmapps_emulator: {path}: ")
    assert "left as it is" in said
    assert said.count("\n") == 1
    assert path.read_bytes() == changed[change]


def test_a_file_that_cannot_be_written_or_read(tmp_path, capsys):
    assert command_line.main(["--state", str(tmp_path / "nowhere" / "state")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(StateError):
        load(World(), tmp_path)


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, caplog):
    path = tmp_path / "state.json"
    keeper = Keeper(path)
    save(World(), path)
    held = path.read_bytes()

    def refuse(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    keeper.changed(World())
    assert keeper.is_stale
    assert "No space left on device" in caplog.text
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (held, [path])


def test_a_killed_process_has_kept_what_it_answered(tmp_path):
    import httpx

    flags = ("--state", str(tmp_path / "state.json"))
    with running(*flags) as (process, url):
        assert httpx.put(f"{url}{GROUP}?api-version={API}", json={"location": "eastus"}).status_code == 201
        process.send_signal(signal.SIGKILL)
        process.wait()
    with running(*flags) as (process, url):
        assert httpx.get(f"{url}{GROUP}?api-version={API}").status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def test_the_whole_state_is_read_and_put_back(arm: Arm):
    version = arm.publish()
    arm.done("PUT", MACHINE, machine_body())
    arm.assign(version)
    kept = arm.control("GET", "state")
    assert [one["body"]["id"] for one in kept["resources"]][-1] == MACHINE
    arm.done("DELETE", MACHINE)
    arm.control("POST", "faults", [{"status": 500, "times": None}])
    assert arm.control("PUT", "state", kept) == {"resources": 4}
    assert arm.control("GET", "state") == kept
    assert arm.get(MACHINE)["properties"]["applicationProfile"]["galleryApplications"]
    assert arm.control("GET", "requests")["total"] == 1


@pytest.mark.parametrize("wrong", [[], {"format": "another"}])
def test_a_state_that_is_none_changes_nothing(arm: Arm, wrong: Any):
    answer = arm.http.put("/emulator/state", json=wrong)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidState")
    arm.get(GROUP)
