"""Virtual time: buckets that empty and refill, operations by the clock, regions and scripts that take time."""

import pytest

from emulator.arm import APPLICATION, BELOW, GALLERY, GROUP, MACHINE, Arm, machine_body, profile_body, version_body
from vmapps_emulator.clock import Clock
from vmapps_emulator.paths import parse
from vmapps_emulator.throttle_policies import allowances, policy_of

VERSION = f"{APPLICATION}/versions/1.0.0"


def remaining(answer, name: str) -> int:
    return int(answer.headers[f"x-ms-ratelimit-remaining-{name}"])


def test_full_buckets_are_shown_while_nothing_is_throttled(arm: Arm):
    arm.done("PUT", MACHINE, machine_body())
    answer = arm.call("GET", MACHINE)
    shown = "Microsoft.Compute/LowCostGetSubscriptionMaximum;23999,Microsoft.Compute/LowCostGetResource;35"
    assert answer.headers["x-ms-ratelimit-remaining-resource"] == shown
    assert answer.headers["x-ms-request-charge"] == "1"
    assert remaining(answer, "subscription-reads") == 249
    assert remaining(answer, "subscription-global-reads") == 3749


def test_arm_refuses_the_251st_read_and_a_second_refills(arm: Arm):
    arm.control("POST", "settings", {"throttle": True})
    answers = [arm.call("GET", GROUP) for _ in range(250)]
    assert {answer.status_code for answer in answers} == {200}
    assert [remaining(answers[at], "subscription-reads") for at in (0, 249)] == [249, 0]
    refused = arm.call("GET", GROUP)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert refused.json()["error"]["code"] == "SubscriptionRequestsThrottled"
    answer = arm.call("GET", GROUP)  # the caller is believed to have waited
    assert (answer.status_code, remaining(answer, "subscription-reads")) == (200, 24)


def test_compute_refuses_the_13th_write_to_one_machine(arm: Arm):
    arm.done("PUT", MACHINE, machine_body())
    arm.control("POST", "settings", {"throttle": True, "polls": 0})
    statuses = [arm.call("PATCH", MACHINE, {"tags": {"n": str(number)}}).status_code for number in range(13)]
    assert statuses == [200] * 12 + [429]
    assert arm.call("PATCH", f"{MACHINE}2", {"tags": {}}).status_code == 404  # another machine's bucket is full
    arm.control("POST", "clock", {"advance": 60})
    statuses = [arm.call("PATCH", MACHINE, {"tags": {}}).status_code for _ in range(9)]
    assert statuses.count(429) == 1


def test_the_refusal_of_compute_names_the_policy_and_the_rest_of_the_minute(arm: Arm):
    arm.done("PUT", MACHINE, machine_body())
    arm.control("POST", "settings", {"throttle": True})
    for _ in range(36):
        arm.get(MACHINE)
    arm.control("POST", "clock", {"advance": 50})
    refused = arm.call("GET", MACHINE)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
    assert refused.json()["details"][0]["target"] == "LowCostGetResource"


@pytest.mark.parametrize(
    ("method", "path", "policy"),
    [
        ("PUT", MACHINE, "PutVM"),
        ("PATCH", MACHINE, "UpdateVM"),
        ("DELETE", MACHINE, "DeleteVM"),
        ("POST", f"{MACHINE}/deallocate", "DeleteVM"),
        ("POST", f"{MACHINE}/reapply", "UpdateVM"),
        ("GET", f"{MACHINE}/instanceView", "LowCostGet"),
        ("GET", f"{MACHINE}/extensions/x", "LowCostGet"),
        ("GET", f"{BELOW}/virtualMachines", "HighCostGet"),
        ("GET", f"{BELOW}/virtualMachineScaleSets/s", "GetVMScaleSet"),
        ("PUT", f"{BELOW}/virtualMachineScaleSets/s", "CreateVMScaleSet"),
        ("POST", f"{BELOW}/virtualMachineScaleSets/s/manualupgrade", "VMScaleSetActions"),
        ("GET", f"{BELOW}/virtualMachineScaleSets/s/virtualMachines", "HighCostGetVMScaleSet"),
        ("GET", f"{BELOW}/virtualMachineScaleSets/s/virtualMachines/0/instanceView", "GetVMScaleSetVM"),
        ("GET", "/subscriptions/s/providers/Microsoft.Compute/locations/eastus/operations/o", "GetOperation"),
        ("GET", "/subscriptions/s/providers/Microsoft.Compute/locations/eastus/capsOperations/o", "GetOperationStatus"),
        ("PUT", GALLERY, "CreateUpdateGallery"),
        ("GET", f"{BELOW}/galleries", "ListGalleryInResourceGroup"),
        ("POST", f"{GALLERY}/share", "PostShareGallery"),
        ("PATCH", APPLICATION, "CreateUpdateGalleryApplication"),
        ("GET", f"{APPLICATION}/versions", "ListGalleryApplicationVersionsInGalleryApplication"),
        ("DELETE", VERSION, "DeleteGalleryApplicationVersion"),
        ("GET", GROUP, None),
    ],
)
def test_each_call_is_counted_by_its_policy(method, path, policy):
    assert policy_of(method, parse(path)) == policy
    if policy is not None:
        assert all(allowance.size > 0 for allowance in allowances(policy))


def test_operations_end_by_the_clock_when_it_is_scaled(arm: Arm):
    now = [100.0]
    arm.emulator.world.clock = Clock(read=lambda: now[0])
    arm.control("POST", "settings", {"timeScale": 10, "operationSeconds": 50})
    url = arm.call("PUT", GALLERY, {"location": "eastus"}).headers["azure-asyncoperation"]
    assert {arm.http.get(url).json()["status"] for _ in range(10)} == {"InProgress"}
    now[0] += 4.9
    assert arm.http.get(url).json()["status"] == "InProgress"
    now[0] += 0.2
    assert arm.http.get(url).json()["status"] == "Succeeded"


def test_with_a_scaled_clock_nobody_is_believed_to_have_waited(arm: Arm):
    now = [0.0]
    arm.emulator.world.clock = Clock(read=lambda: now[0])
    arm.control("POST", "settings", {"timeScale": 1, "throttle": True})
    statuses = [arm.call("GET", GROUP).status_code for _ in range(260)]
    assert statuses == [200] * 250 + [429] * 10
    now[0] += 1
    assert arm.call("GET", GROUP).status_code == 200


def test_waits_of_a_second_are_told_in_both_headers(arm: Arm):
    arm.control("POST", "settings", {"retryAfterMs": 2500})
    answer = arm.call("PUT", GALLERY, {"location": "eastus"})
    assert (answer.headers["x-ms-retry-after-ms"], answer.headers["retry-after"]) == ("2500", "2")


def test_the_clock_takes_only_seconds(arm: Arm):
    assert arm.control("POST", "clock", {"advance": 2.5})["seconds"] == 2.5
    for wrong in (-1, "1", True):
        assert arm.http.post("/emulator/clock", json={"advance": wrong}).status_code == 400


def states(arm: Arm) -> list[str]:
    status = arm.get(f"{VERSION}?$expand=ReplicationStatus")["properties"]["replicationStatus"]
    return [status["aggregatedState"], *(item["state"] for item in status["summary"])]


def test_a_version_replicates_region_by_region(arm: Arm):
    arm.control("POST", "settings", {"replicationPolls": 2})
    arm.publish(targetRegions=[{"name": "eastus"}, {"name": "westus"}, {"name": "westeurope"}])
    west = {**machine_body(), "location": "westus"}
    arm.done("PUT", MACHINE, west)
    write = profile_body([{"packageReferenceId": VERSION}])
    assert arm.refused("PATCH", MACHINE, write)[:2] == (404, "GalleryImageNotFound")
    assert states(arm) == ["InProgress", "Completed", "Replicating", "Replicating"]
    assert states(arm) == ["InProgress", "Completed", "Completed", "Replicating"]
    assert arm.done("PATCH", MACHINE, write)["status"] == "Succeeded"
    states(arm)
    assert states(arm) == ["Completed"] * 4


def test_only_new_regions_replicate(arm: Arm):
    arm.publish(targetRegions=[{"name": "eastus"}, {"name": "westus"}])
    arm.control("POST", "settings", {"replicationPolls": 1})
    regions = [{"name": name} for name in ("eastus", "westus", "westeurope")]
    arm.done("PATCH", VERSION, {"properties": {"publishingProfile": {"targetRegions": regions}}})
    shown = states(arm)
    assert shown[1] == "Completed"
    assert states(arm) == ["Completed"] * 4
    arm.done("PATCH", VERSION, {"tags": {}})
    assert states(arm) == ["Completed"] * 4


def test_scripts_take_polls(arm: Arm):
    version = arm.publish()
    arm.done("PUT", MACHINE, machine_body())
    arm.control("POST", "settings", {"scriptPolls": 3, "polls": 1})

    def polls(body) -> int:
        url = arm.call("PATCH", MACHINE, body).headers["azure-asyncoperation"]
        count = 1
        while arm.http.get(url).json()["status"] == "InProgress":
            count += 1
        return count

    assert polls(profile_body([{"packageReferenceId": version}])) == 5
    assert polls({"properties": {"hardwareProfile": {"vmSize": "Standard_D2s_v5"}}}) == 2
    arm.control("PUT", "guest", [{"operation": "remove", "result": "succeed", "polls": 7}])
    assert polls(profile_body([])) == 9
    assert arm.done("PUT", f"{APPLICATION}/versions/2.0.0", version_body())["status"] == "Succeeded"
