"""The real process: https, a fleet at speed, files at the start, signing in."""

import base64
import json
import ssl
import sys

import httpx
import pytest

from emulator.arm import Arm
from emulator.test_process import running
from vmapps_emulator import __main__ as command_line
from vmapps_emulator.fleet import plant_fleet
from vmapps_emulator.packed import Packed
from vmapps_emulator.tls import TlsError, server_context
from vmapps_emulator.world import World

EVERYWHERE = "/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.Compute/virtualMachines"


def test_https_with_a_certificate_to_trust(tmp_path):
    ca = tmp_path / "ca.pem"
    with running("--tls", "--ca-out", str(ca), "--fleet", "2", "--page-size", "1") as (process, url):
        assert url.startswith("https://127.0.0.1:")
        with httpx.Client(verify=ssl.create_default_context(cafile=str(ca)), base_url=url) as client:
            page = client.get(f"{EVERYWHERE}?api-version=2024-07-01").json()
            assert page["nextLink"].startswith(url)
            named = url.replace("127.0.0.1", "localhost")
            assert client.get(page["nextLink"].replace(url, named)).status_code == 200
        with httpx.Client() as client, pytest.raises(httpx.ConnectError):
            client.get(url)
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_a_certificate_file_needs_tls(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        command_line.main(["--ca-out", str(tmp_path / "ca.pem")])
    assert ended.value.code == 2
    assert "--ca-out needs --tls" in capsys.readouterr().err


def test_tls_says_which_package_is_missing(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(TlsError):
        server_context(None)
    assert command_line.main(["--tls"]) == 1
    assert "pip install 'vmapps[emulator]'" in capsys.readouterr().err


def test_machines_of_a_fleet_are_of_real_size_and_stay_packed_in_lists():
    world = World()
    plant_fleet(world, 200)
    machines = list(world.store.resources())
    assert all(5000 <= len(machine.encoded()) <= 6000 for machine in machines)
    assert {machine.location for machine in machines} == {"eastus", "westeurope", "southeastasia"}
    assert all(isinstance(machine, Packed) and machine._open is None for machine in machines)
    assert len({machine.body["properties"]["vmId"] for machine in machines}) == 200


def test_a_machine_of_a_fleet_is_like_any_other():
    from vmapps_emulator.app import Emulator

    arm = Arm(Emulator(seed=lambda world: plant_fleet(world, 4)))
    (first, *_) = arm.get(EVERYWHERE)["value"]
    arm.done("PATCH", first["id"], {"tags": {"only": "this"}}, If_Match=first["etag"])
    assert arm.get(first["id"])["tags"] == {"only": "this"}
    assert arm.get(EVERYWHERE)["value"][0]["etag"] == '"2"'
    eastus = EVERYWHERE.replace("/virtualM", "/locations/eastus/virtualM")
    assert [item["name"] for item in arm.get(eastus)["value"]] == ["vm-00000", "vm-00003"]
    arm.close()


def test_faults_and_script_rules_come_from_files(tmp_path):
    faults, seed = tmp_path / "faults.json", tmp_path / "seed.json"
    faults.write_text(json.dumps({"rules": [{"throttle": "arm", "retryAfter": 3}]}))
    seed.write_text(json.dumps({"guest": [{"application": "web", "result": "fail"}]}))
    with running("--faults", str(faults), "--seed", str(seed), "--retry-after", "1.5") as (_process, url):
        for _ in range(2):
            assert httpx.get(f"{url}/subscriptions?api-version=2022-12-01").status_code == 429
            assert httpx.get(f"{url}/subscriptions?api-version=2022-12-01").status_code == 200
            assert httpx.get(f"{url}/_emulator/guest").json()["rules"][0]["application"] == "web"
            assert httpx.get(f"{url}/_emulator/settings").json()["retryAfterMs"] == 1500
            httpx.post(f"{url}/_emulator/reset")


@pytest.mark.parametrize("content", ["{", "7", '[{"status": 1, "lag": 2}]', '[{"result": "odd"}]'])
def test_a_faults_file_that_cannot_be_used(tmp_path, capsys, content):
    file = tmp_path / "faults.json"
    file.write_text(content)
    assert command_line.main(["--faults", str(file)]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"vmapps_emulator: {file}: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize("flags", [["--time-scale", "-1"], ["--time-scale", "inf"], ["--retry-after", "x"]])
def test_wrong_numbers_end_with_the_usage(flags):
    with pytest.raises(SystemExit) as ended:
        command_line.main(flags)
    assert ended.value.code == 2


def test_a_client_signs_in(arm: Arm):
    cloud = arm.http.get("/metadata/endpoints?api-version=2022-09-01").json()
    assert (cloud["resourceManager"], cloud["authentication"]["audiences"]) == (
        "http://127.0.0.1",
        ["http://127.0.0.1/"],
    )
    token = arm.http.get("/msi/token?api-version=2019-08-01&resource=https://management.azure.com/").json()
    claims = json.loads(base64.urlsafe_b64decode(token["access_token"].split(".")[1] + "=="))
    assert claims["aud"] == token["resource"] == "https://management.azure.com/"
    assert arm.http.get("/msi/token?api-version=2019-08-01").status_code == 400


def test_a_query_leaves_a_fleet_packed():
    from vmapps_emulator.app import Emulator

    arm = Arm(Emulator(seed=lambda world: plant_fleet(world, 3)))
    path = "/providers/Microsoft.ResourceGraph/resources"
    rows = arm.call("POST", path, {"query": "resources | project id"}, api="2022-10-01").json()
    assert rows["totalRecords"] == 3
    assert all(machine._open is None for machine in arm.emulator.world.store.resources())
    arm.close()
