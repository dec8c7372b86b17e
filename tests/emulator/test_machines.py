"""Virtual machines: writes, ETags, profiles, VMAppExtension, lists."""

import pytest

from emulator.arm import (
    APPLICATION,
    BELOW,
    MACHINE,
    SUBSCRIPTION,
    Arm,
    last_error,
    machine_body,
    profile_body,
    version_body,
)


@pytest.fixture
def ready(arm: Arm) -> Arm:
    """A machine and a published version."""
    arm.publish()
    arm.done("PUT", MACHINE, machine_body())
    return arm


VERSION = f"{APPLICATION}/versions/1.0.0"
ENTRY = {
    "manuallyManaged": False,
    "packageReferenceId": VERSION,
    "treatFailureAsDeploymentFailure": False,
    "enableAutomaticUpgrade": False,
}


def test_a_machine_is_created_in_an_operation(arm: Arm):
    body = machine_body()
    body["properties"]["osProfile"] = {"computerName": "c", "adminPassword": "hunter2", "customData": "hunter2"}
    answer = arm.call("PUT", MACHINE, body)
    assert answer.status_code == 201
    assert answer.headers["etag"] == answer.json()["etag"] == '"1"'
    assert answer.headers["azure-asyncnotification"] == "Enabled"
    assert "/locations/eastus/operations/" in answer.headers["azure-asyncoperation"]
    assert answer.json()["properties"]["provisioningState"] == "Creating"
    assert arm.follow(answer)["status"] == "Succeeded"
    assert "hunter2" not in str(arm.get(MACHINE))


def test_a_write_counts_the_etag_and_a_condition_holds_it(ready: Arm):
    answer = ready.call("PATCH", MACHINE, profile_body([{"packageReferenceId": VERSION}]), If_Match='"1"')
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    assert ready.refused("PATCH", MACHINE, {"tags": {}}, If_Match='"1"')[:2] == (412, "PreconditionFailed")
    assert ready.refused("PUT", MACHINE, machine_body(), If_None_Match="*")[:2] == (412, "PreconditionFailed")
    assert ready.refused("PUT", MACHINE + "2", machine_body(), If_Match="*")[:2] == (412, "PreconditionFailed")
    ready.done("PUT", MACHINE + "2", machine_body(), If_None_Match="*")
    ready.done("PATCH", MACHINE, {"tags": {"a": "b"}}, If_Match="*")
    assert ready.get(MACHINE)["etag"] == '"3"'


def test_entries_get_the_recorded_defaults_and_the_extension_comes(ready: Arm):
    ready.assign(VERSION)
    body = ready.get(MACHINE)
    assert body["properties"]["applicationProfile"] == {"galleryApplications": [ENTRY]}
    extension = body["resources"][0]
    assert extension["id"] == f"{MACHINE}/extensions/VMAppExtension"
    assert extension["properties"]["provisioningState"] == "Succeeded"
    assert extension["properties"]["type"] == "VMApplicationManagerLinux"
    assert ready.get(f"{MACHINE}/extensions/VMAppExtension")["name"] == "VMAppExtension"
    ready.assign()
    body = ready.get(MACHINE)
    assert "applicationProfile" not in body["properties"]
    assert "resources" not in body
    assert ready.refused("GET", f"{MACHINE}/extensions/VMAppExtension")[:2] == (404, "ResourceNotFound")


def test_an_empty_list_on_an_empty_machine_is_a_plain_answer(ready: Arm):
    answer = ready.call("PATCH", MACHINE, profile_body([]))
    assert answer.status_code == 200
    assert "azure-asyncoperation" not in answer.headers
    assert answer.json()["properties"]["provisioningState"] == "Updating"
    assert "applicationProfile" not in answer.json()["properties"]
    assert ready.get(MACHINE)["properties"]["provisioningState"] == "Succeeded"


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_list_replaces_and_an_entry_keeps_what_is_left_out(ready: Arm, method):
    ready.publish("2.0.0", APPLICATION + "2")
    other = f"{APPLICATION}2/versions/2.0.0"
    ready.assign({"packageReferenceId": VERSION, "order": 1, "configurationReference": "https://c", "tags": "t"}, other)
    change = [{"packageReferenceId": VERSION.upper().replace("/SUBSCRIPTIONS", "/subscriptions"), "order": 2}]
    body = {**machine_body(), **profile_body(change)} if method == "PUT" else profile_body(change)
    ready.done(method, MACHINE, body)
    (entry,) = ready.get(MACHINE)["properties"]["applicationProfile"]["galleryApplications"]
    assert (entry["order"], entry["configurationReference"], entry["tags"]) == (2, "https://c", "t")
    assert entry["packageReferenceId"] == change[0]["packageReferenceId"]


def test_older_api_versions_show_less(ready: Arm):
    ready.assign(VERSION)
    answer = ready.call("GET", MACHINE, api="2021-07-01")
    assert "etag" not in answer.headers
    assert "etag" not in answer.json()
    (entry,) = answer.json()["properties"]["applicationProfile"]["galleryApplications"]
    assert "enableAutomaticUpgrade" not in entry
    assert "enableAutomaticUpgrade" in str(ready.get(MACHINE, api="2022-03-01"))


@pytest.mark.parametrize(
    ("references", "status", "code"),
    [
        (["nonsense"], 400, "InvalidParameter"),
        ([f"{APPLICATION}"], 400, "InvalidParameter"),
        ([f"{APPLICATION}9/versions/1.0.0"], 404, "PlatformImageNotFound"),
        ([f"{APPLICATION}/versions/9.9.9"], 404, "GalleryImageNotFound"),
        ([VERSION, VERSION.upper().replace("/SUBSCRIPTIONS", "/subscriptions")], 400, "InvalidParameter"),
        ([VERSION, f"{APPLICATION}/versions/latest"], 400, "InvalidParameter"),
        ([VERSION] * 26, 400, "BadRequest"),
    ],
)
def test_a_list_that_the_service_refuses(ready: Arm, references, status, code):
    body = profile_body([{"packageReferenceId": reference} for reference in references])
    assert ready.refused("PATCH", MACHINE, body)[:2] == (status, code)
    assert ready.get(MACHINE)["etag"] == '"1"'


def test_region_and_system_must_fit(ready: Arm):
    entries = profile_body([{"packageReferenceId": VERSION}])
    abroad = machine_body() | {"location": "westus"}
    abroad["properties"] |= entries["properties"]
    status, code, message = ready.refused("PUT", MACHINE + "2", abroad)
    assert (status, code) == (404, "GalleryImageNotFound")
    assert f"{VERSION} is not available in westus region" in message
    windows = machine_body("Windows")
    windows["properties"] |= entries["properties"]
    assert "supports OS Linux, while current OSDisk's OS is Windows" in ready.refused("PUT", MACHINE + "2", windows)[2]


def test_a_dangling_reference_poisons_every_write(ready: Arm):
    ready.assign(VERSION)
    ready.done("DELETE", VERSION)
    assert ready.refused("PATCH", MACHINE, {"tags": {"a": "b"}})[1] == "GalleryImageNotFound"
    ready.assign()


def test_latest_stays_literal_and_means_the_highest_version_not_excluded(ready: Arm):
    for version, profile in (("1.9.0", {}), ("1.10.0", {}), ("2.0.0", {"excludeFromLatest": True})):
        ready.done("PUT", f"{APPLICATION}/versions/{version}", version_body(**profile))
    ready.assign(f"{APPLICATION}/versions/latest")
    (entry,) = ready.get(MACHINE)["properties"]["applicationProfile"]["galleryApplications"]
    assert entry["packageReferenceId"].endswith("/latest")
    message = ready.get(f"{MACHINE}/instanceView")["extensions"][0]["statuses"][0]["message"]
    assert '"version": "1.10.0"' in message


def test_latest_without_a_version_is_refused(ready: Arm):
    ready.done("DELETE", VERSION)
    body = profile_body([{"packageReferenceId": f"{APPLICATION}/versions/latest"}])
    assert ready.refused("PATCH", MACHINE, body)[1] == "GalleryImageNotFound"


def test_a_put_keeps_what_it_leaves_out_but_tags(ready: Arm):
    ready.done("PATCH", MACHINE, {"tags": {"a": "b"}, "properties": {"licenseType": "None"}})
    ready.done("PUT", MACHINE, machine_body())
    body = ready.get(MACHINE)
    assert body["properties"]["licenseType"] == "None"
    assert "tags" not in body


def test_a_second_write_waits_for_the_first(ready: Arm):
    first = ready.call("PATCH", MACHINE, profile_body([{"packageReferenceId": VERSION}]))
    second = ready.call("PATCH", MACHINE, profile_body([]))
    assert ready.follow(first)["status"] == ready.follow(second)["status"] == "Succeeded"
    assert ready.get(MACHINE)["etag"] == '"3"'


def test_deleting_a_machine(ready: Arm):
    answer = ready.call("DELETE", MACHINE)
    assert answer.status_code == 202
    assert {"location", "azure-asyncoperation"} <= set(answer.headers)
    assert ready.get(MACHINE)["properties"]["provisioningState"] == "Deleting"
    ready.follow(answer)
    assert ready.call("DELETE", MACHINE).status_code == 204


def test_expanded_reads(ready: Arm):
    answer = ready.call("GET", f"{MACHINE}?$expand=instanceView")
    assert "etag" not in answer.headers
    view = answer.json()["properties"]["instanceView"]
    assert [status["code"] for status in view["statuses"]] == ["ProvisioningState/succeeded", "PowerState/running"]
    assert "extensions" not in view
    assert ready.refused("GET", f"{MACHINE}9/instanceView")[0] == 404


def test_lists_come_in_pages(arm: Arm):
    arm.control("POST", "settings", {"pageSize": 2})
    for number in range(5):
        arm.done("PUT", f"{MACHINE}{number}", machine_body())
    page = arm.get(f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute/virtualMachines")
    names = [item["name"] for item in page["value"]]
    while "nextLink" in page:
        page = arm.http.get(page["nextLink"]).json()
        names += [item["name"] for item in page["value"]]
    assert names == [f"vm{number}" for number in range(5)]
    below = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute/locations"
    assert arm.get(f"{below}/westus/virtualMachines")["value"] == []
    assert len(arm.get(f"{below}/EastUS/virtualMachines")["value"]) == 2
    assert arm.refused("GET", f"{BELOW}/virtualMachines?$skiptoken=x")[0] == 400


def test_an_operation_that_nobody_started(arm: Arm):
    path = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute/locations/eastus/operations/none"
    assert arm.refused("GET", path)[:2] == (404, "NotFound")


def test_a_flagged_failure_fails_the_write_and_the_machine(ready: Arm):
    ready.control("PUT", "guest", [{"machine": "vm", "operation": "install", "message": "boom"}])
    operation = ready.assign({"packageReferenceId": VERSION, "treatFailureAsDeploymentFailure": True})
    assert last_error(operation) == "VMExtensionProvisioningError"
    assert "boom" in operation["error"]["message"]
    body = ready.get(MACHINE)
    assert body["properties"]["provisioningState"] == "Failed"
    assert body["resources"][0]["properties"]["provisioningState"] == "Failed"
    view = ready.get(f"{MACHINE}/instanceView")["extensions"][0]["statuses"][0]
    assert view["code"] == "ProvisioningState/failed"


def test_an_unflagged_failure_shows_only_in_the_view_and_is_not_retried(ready: Arm):
    ready.control("PUT", "guest", [{"application": "app", "version": "1.0.0", "operation": "install", "times": 1}])
    assert ready.assign(VERSION)["status"] == "Succeeded"
    ready.assign({"packageReferenceId": VERSION, "order": 1})
    held = ready.control("GET", f"guest?machine={MACHINE}")["machines"][MACHINE.lower()]
    why = "Error executing command 'install it': command terminated with exit status=1"
    assert held == [
        {"applicationName": "app", "version": "1.0.0", "operation": "Failed", "result": f"Install FAILED {why}"}
    ]


def test_a_stopped_machine_takes_the_write_and_installs_when_it_starts(ready: Arm):
    answer = ready.call("POST", f"{MACHINE}/deallocate")
    assert answer.status_code == 202
    assert {"location", "azure-asyncoperation"} <= set(answer.headers)
    ready.follow(answer)
    ready.assign(VERSION)
    view = ready.get(f"{MACHINE}/instanceView")
    assert view["statuses"][1]["code"] == "PowerState/deallocated"
    assert "vmAgent" not in view
    assert "extensions" not in view
    ready.done("POST", f"{MACHINE}/start")
    assert "Install SUCCESS" in str(ready.get(f"{MACHINE}/instanceView"))
    assert ready.get(MACHINE)["etag"] == '"5"'
    ready.done("POST", f"{MACHINE}/reapply")
    assert ready.get(MACHINE)["etag"] == '"5"'
    assert ready.refused("POST", f"{MACHINE}9/start")[:2] == (404, "ResourceNotFound")


def test_a_reboot_in_a_script_is_followed_by_another_run(ready: Arm):
    rerun = {"settings": {"scriptBehaviorAfterReboot": "Rerun"}}
    ready.done("PUT", f"{APPLICATION}/versions/2.0.0", version_body(**rerun))
    ready.control("PUT", "guest", [{"result": "reboot", "times": 2}])
    ready.assign(f"{APPLICATION}/versions/2.0.0")
    assert "Install SUCCESS" in str(ready.get(f"{MACHINE}/instanceView"))
    ready.control("PUT", "guest", [{"result": "crash", "times": 1}])
    ready.assign(VERSION)
    assert ready.get(MACHINE)["properties"]["provisioningState"] == "Succeeded"


def test_a_list_is_filtered_by_scale_set_and_shows_status_on_demand(ready: Arm):
    member = machine_body()
    member["properties"]["virtualMachineScaleSet"] = {"id": f"{BELOW}/virtualMachineScaleSets/Set"}
    ready.done("PUT", f"{MACHINE}-member", member)
    wanted = f"'virtualMachineScaleSet/id' eq '{BELOW.lower()}/virtualmachinescalesets/set'"
    listed = ready.get(f"{BELOW}/virtualMachines?$filter={wanted}")["value"]
    assert [item["name"] for item in listed] == ["vm-member"]
    assert ready.refused("GET", f"{BELOW}/virtualMachines?$filter=name eq 'x'")[:2] == (400, "InvalidParameter")
    status = ready.get(f"{BELOW}/virtualMachines?statusOnly=true")["value"][0]["properties"]["instanceView"]
    assert status["statuses"][1]["code"] == "PowerState/running"


def test_the_scripts_that_ran_are_logged(ready: Arm):
    assert ready.control("GET", "guest")["scripts"] == []
    ready.assign(VERSION)
    ready.assign({"packageReferenceId": VERSION, "order": 1})
    ran = {"machine": MACHINE.lower(), "applicationName": "app", "version": "1.0.0", "operation": "Install"}
    assert ready.control("GET", "guest")["scripts"] == [ran]
    assert ready.control("GET", "guest?machine=another")["scripts"] == []
