"""Scale sets: the model, its writes, its instances in either orchestration mode."""

import pytest

from emulator.arm import BELOW, SUBSCRIPTION, Arm, machine_body, profile_body
from emulator.scale import SET, installed, instances, model_patch, scale_set_body, staleness, upgrade


def test_a_new_set_answers_as_recorded(arm: Arm):
    answer = arm.call("PUT", SET, scale_set_body(2))
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"1"'
    assert "/operations/" in answer.headers["azure-asyncoperation"]
    assert "location" not in answer.headers
    body = answer.json()
    assert body["properties"]["provisioningState"] == "Creating"
    assert body["properties"]["overprovision"] is True
    assert "adminPassword" not in answer.text
    assert arm.follow(answer)["status"] == "Succeeded"
    assert arm.get(SET)["properties"]["provisioningState"] == "Succeeded"
    assert [item["instanceId"] for item in instances(arm)] == ["0", "1"]


def test_a_raw_patch_sets_the_applications_and_brings_the_extension(arm: Arm):
    version = arm.publish()
    arm.done("PUT", SET, scale_set_body())
    answer = arm.call("PATCH", SET, model_patch(version))
    assert answer.status_code == 200
    assert answer.headers["etag"] == '"2"'
    model = answer.json()["properties"]["virtualMachineProfile"]
    [entry] = model["applicationProfile"]["galleryApplications"]
    assert entry["packageReferenceId"] == version
    assert entry["treatFailureAsDeploymentFailure"] is False
    [extension] = model["extensionProfile"]["extensions"]
    assert extension["properties"]["type"] == "VMApplicationManagerLinux"


def test_an_entry_keeps_what_a_write_leaves_out(arm: Arm):
    version = arm.publish()
    arm.done("PUT", SET, scale_set_body())
    arm.done("PATCH", SET, model_patch({"packageReferenceId": version, "order": 3, "tags": "mine"}))
    arm.done("PATCH", SET, model_patch({"packageReferenceId": version, "treatFailureAsDeploymentFailure": True}))
    [entry] = arm.get(SET)["properties"]["virtualMachineProfile"]["applicationProfile"]["galleryApplications"]
    assert (entry["order"], entry["tags"], entry["treatFailureAsDeploymentFailure"]) == (3, "mine", True)


def test_the_last_application_takes_the_extension_along(arm: Arm):
    arm.done("PUT", SET, scale_set_body())
    arm.done("PATCH", SET, model_patch(arm.publish()))
    arm.done("PATCH", SET, model_patch())
    model = arm.get(SET)["properties"]["virtualMachineProfile"]
    assert "applicationProfile" not in model
    assert "extensionProfile" not in model


def test_other_extensions_stay(arm: Arm):
    arm.done("PUT", SET, scale_set_body())
    own = {"name": "mine", "properties": {"type": "t", "protectedSettings": {"key": "hush"}}}
    arm.done("PATCH", SET, {"properties": {"virtualMachineProfile": {"extensionProfile": {"extensions": [own]}}}})
    arm.done("PATCH", SET, model_patch(arm.publish()))
    arm.done("PATCH", SET, model_patch())
    body = arm.call("GET", SET)
    [held] = body.json()["properties"]["virtualMachineProfile"]["extensionProfile"]["extensions"]
    assert held["name"] == "mine"
    assert "hush" not in body.text


def test_a_version_that_is_not_there_is_refused_as_on_a_machine(arm: Arm):
    version = arm.publish()
    arm.done("PUT", SET, scale_set_body())
    status, code, _ = arm.refused("PATCH", SET, model_patch(version.replace("1.0.0", "9.9.9")))
    assert (status, code) == (404, "GalleryImageNotFound")
    windows = arm.publish(path=version.replace("/app/", "/win/").rpartition("/versions/")[0], os_type="Windows")
    assert arm.refused("PATCH", SET, model_patch(windows))[0] == 400
    assert "applicationProfile" not in arm.get(SET)["properties"]["virtualMachineProfile"]


def test_manual_sets_wait_for_a_manual_upgrade(arm: Arm):
    arm.done("PUT", SET, scale_set_body())
    arm.done("PATCH", SET, model_patch(arm.publish()))
    assert staleness(arm) == [True, True, True]
    assert len(instances(arm, "?$filter=properties/latestModelApplied eq false")) == 3
    assert upgrade(arm, "1")["status"] == "Succeeded"
    assert staleness(arm) == [True, False, True]
    assert [installed(arm, item) for item in instances(arm)] == [{}, {"app": "1.0.0"}, {}]
    upgrade(arm, "*")
    assert staleness(arm) == [False, False, False]
    assert len(instances(arm, "?$filter=properties/latestModelApplied eq true")) == 3


def test_automatic_sets_are_upgraded_with_the_write(arm: Arm):
    arm.done("PUT", SET, scale_set_body(mode="Automatic"))
    arm.done("PATCH", SET, model_patch(arm.publish()))
    assert staleness(arm) == [False, False, False]
    assert all(installed(arm, item) == {"app": "1.0.0"} for item in instances(arm))


def test_a_protected_instance_is_not_upgraded(arm: Arm):
    arm.done("PUT", SET, scale_set_body(2, mode="Automatic"))
    protection = {"protectFromScaleIn": True, "protectFromScaleSetActions": True}
    arm.done("PUT", f"{SET}/virtualMachines/0", {"location": "eastus", "properties": {"protectionPolicy": protection}})
    arm.done("PATCH", SET, model_patch(arm.publish()))
    upgrade(arm, "*")
    assert staleness(arm) == [True, False]
    assert arm.get(f"{SET}/virtualMachines/0")["properties"]["protectionPolicy"] == protection


def test_new_and_reimaged_instances_have_the_newest_model(arm: Arm):
    arm.done("PUT", SET, scale_set_body(2))
    arm.done("PATCH", SET, model_patch(arm.publish()))
    arm.done("PATCH", SET, {"sku": {"capacity": 3}})
    assert staleness(arm) == [True, True, False]
    arm.done("POST", f"{SET}/virtualMachines/0/reimage")
    assert staleness(arm) == [False, True, False]
    assert [installed(arm, item) for item in instances(arm)] == [{"app": "1.0.0"}, {}, {"app": "1.0.0"}]


def test_shrinking_takes_the_newest_and_deleting_shrinks(arm: Arm):
    arm.done("PUT", SET, scale_set_body(4))
    arm.done("PATCH", SET, {"sku": {"capacity": 3}})
    assert [item["instanceId"] for item in instances(arm)] == ["0", "1", "2"]
    arm.done("POST", f"{SET}/delete", {"instanceIds": ["1"]})
    arm.done("DELETE", f"{SET}/virtualMachines/0")
    assert [item["instanceId"] for item in instances(arm)] == ["2"]
    assert arm.get(SET)["sku"]["capacity"] == 1
    arm.done("PATCH", SET, {"sku": {"capacity": 2}})
    assert [item["instanceId"] for item in instances(arm)] == ["2", "4"]


def test_a_flagged_failure_on_an_instance_fails_the_upgrade(arm: Arm):
    arm.done("PUT", SET, scale_set_body(2))
    rule = {"machine": f"{SET}/virtualMachines/1", "operation": "install", "message": "no space"}
    arm.control("PUT", "guest", [rule])
    flagged = {"packageReferenceId": arm.publish(), "treatFailureAsDeploymentFailure": True}
    arm.done("PATCH", SET, model_patch(flagged))
    end = upgrade(arm, "*")
    assert (end["status"], end["error"]["code"]) == ("Failed", "VMExtensionProvisioningError")
    assert [item["properties"]["provisioningState"] for item in instances(arm)] == ["Succeeded", "Failed"]
    view = arm.get(f"{SET}/virtualMachines/1/instanceView")
    assert "no space" in view["extensions"][0]["statuses"][0]["message"]


def test_views_tell_of_instances_and_count_them(arm: Arm):
    arm.done("PUT", SET, scale_set_body(2, mode="Automatic"))
    arm.done("PATCH", SET, model_patch(arm.publish()))
    arm.done("POST", f"{SET}/virtualMachines/1/deallocate")
    view = arm.get(f"{SET}/instanceView")
    counts = {item["code"]: item["count"] for item in view["virtualMachine"]["statusesSummary"]}
    assert counts == {"ProvisioningState/succeeded": 2, "PowerState/running": 1, "PowerState/deallocated": 1}
    assert view["extensions"][0]["name"] == "VMAppExtension"
    listed = instances(arm, "?$expand=instanceView")
    assert [item["properties"]["instanceView"]["statuses"][1]["code"] for item in listed] == [
        "PowerState/running",
        "PowerState/deallocated",
    ]


def test_a_stopped_instance_takes_up_the_model_when_it_starts(arm: Arm):
    arm.done("PUT", SET, scale_set_body(1))
    arm.done("POST", f"{SET}/deallocate")
    arm.done("PATCH", SET, model_patch(arm.publish()))
    upgrade(arm, "0")
    assert installed(arm, instances(arm)[0]) == {}
    arm.done("POST", f"{SET}/start", {"instanceIds": ["0"]})
    assert installed(arm, instances(arm)[0]) == {"app": "1.0.0"}


def test_flexible_instances_are_machines(arm: Arm):
    version = arm.publish()
    arm.done("PUT", SET, scale_set_body(2, flexible=True))
    machines = arm.get(f"{BELOW}/virtualMachines")["value"]
    assert [item["properties"]["virtualMachineScaleSet"]["id"] for item in machines] == [SET, SET]
    arm.done("PATCH", SET, model_patch(version))
    names = [item["name"] for item in machines]
    upgrade(arm, names[1])
    first, second = (arm.get(f"{BELOW}/virtualMachines/{name}") for name in names)
    assert "applicationProfile" not in first["properties"]
    assert second["properties"]["applicationProfile"]["galleryApplications"][0]["packageReferenceId"] == version
    assert installed(arm, second) == {"app": "1.0.0"}
    assert [item["instanceId"] for item in instances(arm)] == names
    assert staleness(arm) == [True, False]
    filtered = arm.get(f"{BELOW}/virtualMachines?$filter='virtualMachineScaleSet/id' eq '{SET}'")["value"]
    assert [item["name"] for item in filtered] == names


def test_a_flexible_set_takes_machines_in_and_lets_them_go(arm: Arm):
    arm.done("PUT", SET, scale_set_body(0, flexible=True))
    body = machine_body()
    body["properties"]["virtualMachineScaleSet"] = {"id": SET}
    machine = f"{BELOW}/virtualMachines/own"
    arm.done("PUT", machine, body)
    assert [item["name"] for item in instances(arm)] == ["own"]
    arm.done("DELETE", machine)
    assert instances(arm) == []
    assert arm.get(SET)["sku"]["capacity"] == 0


def test_a_write_to_one_flexible_machine_leaves_the_model_alone(arm: Arm):
    version = arm.publish()
    arm.done("PUT", SET, scale_set_body(1, flexible=True))
    [machine] = arm.get(f"{BELOW}/virtualMachines")["value"]
    arm.done("PATCH", machine["id"], profile_body([{"packageReferenceId": version}]))
    assert "applicationProfile" not in arm.get(SET)["properties"]["virtualMachineProfile"]


@pytest.mark.parametrize("flexible", [False, True])
def test_a_deleted_set_takes_its_instances_along(arm: Arm, flexible: bool):
    arm.done("PUT", SET, scale_set_body(2, flexible=flexible))
    answer = arm.call("DELETE", SET)
    assert answer.status_code == 202
    assert "location" in answer.headers
    arm.follow(answer)
    assert arm.call("GET", SET).status_code == 404
    assert arm.get(f"{BELOW}/virtualMachines")["value"] == []
    assert arm.call("DELETE", SET).status_code == 204


def test_lists_of_sets_by_scope_and_page(arm: Arm):
    for name in ("a", "b", "c"):
        arm.done("PUT", f"{SET}{name}", scale_set_body(1))
    below = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute"
    for path in (f"{BELOW}/virtualMachineScaleSets", f"{below}/virtualMachineScaleSets"):
        assert [item["name"] for item in arm.get(path)["value"]] == ["seta", "setb", "setc"]
    assert len(arm.get(f"{below}/locations/eastus/virtualMachineScaleSets")["value"]) == 3
    assert arm.get(f"{below}/locations/westus/virtualMachineScaleSets")["value"] == []
    arm.control("POST", "settings", {"pageSize": 2})
    page = arm.get(f"{BELOW}/virtualMachineScaleSets")
    assert len(page["value"]) == 2
    assert len(arm.http.get(page["nextLink"]).json()["value"]) == 1


def test_preconditions_hold_for_sets_and_instances(arm: Arm):
    arm.done("PUT", SET, scale_set_body(1))
    assert arm.refused("PATCH", SET, {"tags": {"a": "b"}}, If_Match='"7"')[0] == 412
    assert arm.call("PATCH", SET, {"tags": {"a": "b"}}, If_Match='"1"').headers["etag"] == '"2"'
    assert arm.refused("PUT", SET, scale_set_body(1), If_None_Match="*")[0] == 412
    assert arm.refused("PUT", f"{SET}/virtualMachines/0", {"location": "eastus"}, If_Match='"9"')[0] == 412


def test_a_write_that_changes_nothing_keeps_the_etag(arm: Arm):
    arm.done("PUT", SET, scale_set_body(1))
    answer = arm.call("PATCH", SET, {"sku": {"capacity": 1}})
    assert answer.headers["etag"] == '"1"'
    assert arm.follow(answer)["status"] == "Succeeded"


@pytest.mark.parametrize(
    ("verb", "below", "body", "status", "code"),
    [
        ("POST", "/manualupgrade", {}, 400, "InvalidParameter"),
        ("POST", "/manualupgrade", {"instanceIds": ["77"]}, 404, "NotFound"),
        ("GET", "/virtualMachines/77", None, 404, "NotFound"),
        ("GET", "/virtualMachines?$filter=name eq 'x'", None, 400, "InvalidParameter"),
        ("GET", "/rollingUpgrades/latest", None, 404, "NotFound"),
        ("POST", "/rollingUpgrades/cancel", None, 409, "OperationNotAllowed"),
        ("POST", "/virtualMachines/0/simulateEviction", None, 409, "OperationNotAllowed"),
        ("PUT", "", scale_set_body(1, flexible=True), 409, "PropertyChangeNotAllowed"),
    ],
)
def test_what_a_set_refuses(arm: Arm, verb: str, below: str, body, status: int, code: str):
    arm.done("PUT", SET, scale_set_body(1))
    assert arm.refused(verb, SET + below, body)[:2] == (status, code)


def test_old_api_versions_show_less(arm: Arm):
    arm.done("PUT", SET, scale_set_body(1))
    arm.done("PATCH", SET, model_patch(arm.publish()))
    body = arm.get(SET, api="2021-07-01")
    assert "etag" not in body
    model = body["properties"]["virtualMachineProfile"]
    assert "enableAutomaticUpgrade" not in model["applicationProfile"]["galleryApplications"][0]
    assert "forceUpdateTag" in model["extensionProfile"]["extensions"][0]["properties"]
    assert "orchestrationMode" not in body["properties"]
