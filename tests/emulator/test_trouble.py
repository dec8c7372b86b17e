"""Trouble on request: what each rule does to a client."""

import json

import pytest

from emulator.arm import APPLICATION, BELOW, GALLERY, GROUP, MACHINE, SUBSCRIPTION, Arm, machine_body, version_body

SET = f"{BELOW}/virtualMachineScaleSets/set"


def machine_with(arm: Arm, *versions: str) -> list[str]:
    made = [arm.publish(version) for version in versions]
    arm.done("PUT", MACHINE, machine_body())
    return made


@pytest.mark.parametrize("after", [0, 2])
def test_a_throttled_call_has_the_real_body(arm: Arm, after):
    arm.control("POST", "faults", [{"throttle": True, "retryAfter": 17, "after": after}])
    for _ in range(after):
        arm.get(f"{BELOW}/virtualMachines")
    answer = arm.call("GET", f"{BELOW}/virtualMachines")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "17")
    assert answer.headers["x-ms-ratelimit-remaining-resource"] == "Microsoft.Compute/HighCostGetSubscriptionMaximum;0"
    body = answer.json()
    assert body["code"] == "OperationNotAllowed"
    (detail,) = body["details"]
    assert (detail["code"], detail["target"]) == ("TooManyRequests", "HighCostGetSubscriptionMaximum")
    assert json.loads(detail["message"])["allowedRequestCount"] == 900


def test_a_call_is_throttled_by_arm_or_by_a_policy_of_a_test(arm: Arm):
    arm.control("POST", "faults", [{"throttle": "arm"}, {"throttle": "HighCostGet30Min"}])
    assert arm.refused("GET", GROUP)[1] == "SubscriptionRequestsThrottled"
    assert arm.call("GET", GROUP).json()["details"][0]["target"] == "HighCostGet30Min"


def test_an_expired_token_is_refused_once(arm: Arm):
    arm.control("POST", "faults", [{"token": "expired"}])
    answer = arm.call("GET", GROUP)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "ExpiredAuthenticationToken")
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    arm.get(GROUP)


@pytest.mark.parametrize(("when", "state"), [("after", "Succeeded"), ("before", "Failed")])
def test_an_operation_vanishes(arm: Arm, when, state):
    arm.control("POST", "faults", [{"method": "PUT", "operation": {"vanish": when, "polls": 1}}])
    answer = arm.call("PUT", GALLERY, {"location": "eastus"})
    url = answer.headers["azure-asyncoperation"]
    assert arm.http.get(url).json()["status"] == "InProgress"
    assert [arm.http.get(url).status_code for _ in range(2)] == [404, 404]
    assert arm.get(GALLERY)["properties"]["provisioningState"] == state


def test_lists_lag_behind_a_write(arm: Arm):
    machine_with(arm)
    everywhere = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute/virtualMachines"
    arm.control("POST", "faults", [{"method": "PATCH", "path": "*/virtualmachines/vm", "lag": 2}])
    arm.done("PATCH", MACHINE, {"tags": {"new": "yes"}})
    assert arm.get(MACHINE)["tags"] == {"new": "yes"}
    for address in (f"{BELOW}/virtualMachines", everywhere):
        assert ["tags" in arm.get(address)["value"][0] for _ in range(3)] == [False, False, True]


def test_a_deleted_resource_stays_in_a_list_that_lags(arm: Arm):
    machine_with(arm)
    arm.control("POST", "faults", [{"method": "DELETE", "lag": 1}])
    arm.done("DELETE", MACHINE)
    assert [len(arm.get(f"{BELOW}/virtualMachines")["value"]) for _ in range(2)] == [1, 0]


def test_another_client_writes_first(arm: Arm):
    first, second = machine_with(arm, "1.0.0", "2.0.0")
    etag = arm.get(MACHINE)["etag"]
    body = {"properties": {"applicationProfile": {"galleryApplications": [{"packageReferenceId": first}]}}}
    arm.control("POST", "faults", [{"method": "PATCH", "path": "*/vm", "after": 1, "write": {"body": body}}])
    arm.done("PATCH", MACHINE, {"tags": {}}, If_Match=etag)
    arm.control("DELETE", "requests")
    etag = arm.get(MACHINE)["etag"]
    mine = {"properties": {"applicationProfile": {"galleryApplications": [{"packageReferenceId": second}]}}}
    assert arm.refused("PATCH", MACHINE, mine, If_Match=etag)[:2] == (412, "PreconditionFailed")
    held = arm.get(MACHINE)["properties"]["applicationProfile"]["galleryApplications"]
    assert [entry["packageReferenceId"] for entry in held] == [first]
    assert arm.get(MACHINE)["properties"]["provisioningState"] == "Succeeded"
    assert arm.control("GET", "requests")["counts"]["PATCH"] == 1


def test_another_client_adds_one_entry(arm: Arm):
    first, _ = machine_with(arm, "1.0.0", "2.0.0")
    other = arm.publish("1.0.0", f"{GALLERY}/applications/other")
    arm.assign(first)
    arm.control("POST", "faults", [{"method": "PATCH", "write": {"entry": {"packageReferenceId": other, "order": 3}}}])
    arm.done("PATCH", MACHINE, {"tags": {"mine": "1"}})
    held = arm.get(MACHINE)["properties"]["applicationProfile"]["galleryApplications"]
    assert [(entry["packageReferenceId"], entry.get("order")) for entry in held] == [(first, None), (other, 3)]


def test_another_client_adds_an_entry_to_a_scale_set(arm: Arm):
    first = arm.publish("1.0.0")
    model = {"storageProfile": {"osDisk": {"osType": "Linux", "createOption": "FromImage"}}}
    body = {"location": "eastus", "properties": {"virtualMachineProfile": model}}
    arm.done("PUT", SET, body)
    arm.control("POST", "faults", [{"method": "PATCH", "write": {"entry": {"packageReferenceId": first}}}])
    arm.done("PATCH", SET, {"tags": {"mine": "1"}})
    profile = arm.get(SET)["properties"]["virtualMachineProfile"]["applicationProfile"]
    assert [entry["packageReferenceId"] for entry in profile["galleryApplications"]] == [first]


def test_a_foreign_write_that_is_refused_changes_nothing(arm: Arm, caplog):
    arm.control("POST", "faults", [{"method": "PUT", "write": {"method": "DELETE", "path": f"{GALLERY}/nothing"}}])
    arm.done("PUT", GALLERY, {"location": "eastus"})
    assert "the foreign write was refused" in caplog.text


def test_a_clock_is_off_and_an_answer_late(arm: Arm, monkeypatch):
    waited = []

    async def sleep(seconds):
        waited.append(seconds)

    monkeypatch.setattr("asyncio.sleep", sleep)
    arm.control("POST", "faults", [{"skew": 315_360_000}, {"latency": 250}])
    assert int(arm.call("GET", GROUP).headers["date"].split()[3]) > 2030
    assert waited == [0.25]
    arm.control("POST", "settings", {"clockSkew": -315_360_000})
    assert int(arm.call("GET", GROUP).headers["date"].split()[3]) < 2025


def test_rules_for_scripts_stand_beside_rules_for_requests(arm: Arm):
    (first,) = machine_with(arm, "1.0.0")
    rule = {"machine": "vm", "application": "app", "version": "1.0.0", "operation": "install", "result": "fail"}
    arm.control("POST", "faults", {"rules": [{**rule, "message": "no space left"}, {"status": 500, "path": "*/none"}]})
    arm.assign({"packageReferenceId": first})
    view = arm.get(f"{MACHINE}/instanceView")["extensions"][0]["statuses"][0]["message"]
    assert "Error executing command 'install it': no space left" in view


@pytest.mark.parametrize(
    "rule",
    [
        {"status": 500, "skew": 3},
        {"operation": {}},
        {"operation": {"code": "Odd", "vanish": "after"}},
        {"write": {}},
        {"write": {"body": {}, "entry": {}}},
        {"lag": -1},
        {"machine": "vm", "result": "explode"},
        {"token": "stolen"},
        {"times": 1, "after": -1, "status": 500},
    ],
)
def test_a_rule_that_cannot_be_is_refused(arm: Arm, rule):
    answer = arm.http.post("/_emulator/faults", json=[rule])
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidFault")


def test_rules_that_are_no_list_are_refused(arm: Arm):
    assert arm.http.post("/_emulator/faults", json=7).status_code == 400


def test_entries_lose_their_tags_and_links_their_queries(arm: Arm):
    source = {"mediaLink": "https://a.blob.core.windows.net/c/p.zip?sig=s"}
    source["defaultConfigurationLink"] = "https://a.blob.core.windows.net/c/d?sig=s"
    (first,) = machine_with(arm, "1.0.0")
    arm.done("PUT", f"{APPLICATION}/versions/2.0.0", version_body(source=source))
    link = "https://a.blob.core.windows.net/c/config?sig=s"
    arm.assign({"packageReferenceId": first, "tags": "mine", "configurationReference": link})
    arm.control("POST", "settings", {"drop-entry-tags": True, "stripLinkQueries": True})
    (entry,) = arm.get(MACHINE)["properties"]["applicationProfile"]["galleryApplications"]
    assert "tags" not in entry
    assert entry["configurationReference"] == link.partition("?")[0]
    held = arm.get(f"{APPLICATION}/versions/2.0.0")["properties"]["publishingProfile"]["source"]
    assert not any("?" in value for value in held.values())
    arm.control("POST", "settings", {"dropEntryTags": False, "strip-link-queries": False})
    (entry,) = arm.get(MACHINE)["properties"]["applicationProfile"]["galleryApplications"]
    assert (entry["tags"], entry["configurationReference"]) == ("mine", link)


def test_a_parent_stays_for_a_while_after_its_child(arm: Arm):
    version = arm.publish()
    arm.control("POST", "settings", {"deleteLag": 2})
    arm.done("DELETE", version)
    assert arm.call("GET", version).status_code == 404
    refused = [arm.refused("DELETE", APPLICATION) for _ in range(2)]
    assert [error[:2] for error in refused] == [(409, "CannotDeleteResource")] * 2
    assert "galleries/g/applications/app/versions/1.0.0" in refused[0][2]
    assert arm.call("DELETE", APPLICATION).status_code == 200


def test_a_child_that_comes_back_is_no_ghost(arm: Arm):
    version = arm.publish()
    arm.control("POST", "settings", {"deleteLag": 1})
    arm.done("DELETE", version)
    arm.done("PUT", version, version_body())
    arm.control("POST", "settings", {"deleteLag": 0})
    arm.done("DELETE", version)
    assert arm.call("DELETE", APPLICATION).status_code == 200


def test_settings_of_the_wrong_kind_are_refused(arm: Arm):
    for wrong in ({"throttle": 1}, {"polls": 1.5}, {"timeScale": -1}, {"deleteLag": "2"}):
        assert arm.http.post("/emulator/settings", json=wrong).status_code == 400
    assert arm.control("POST", "settings", {"time-scale": 1.5, "clockSkew": -3})["timeScale"] == 1.5


def test_chance_is_the_same_for_the_same_seed():
    assert [_luck(seed) for seed in (1, 1)] == [_luck(1)] * 2
    assert _luck(1) != _luck(2)
    assert set(_luck(1)) > {200, 429}


def _luck(seed: int) -> list[int]:
    from random import Random

    from vmapps_emulator.app import Emulator

    def trouble(world):
        world.faults.chance = Random(seed)

    arm = Arm(Emulator(trouble=trouble))
    statuses = []
    for _ in range(200):
        try:
            statuses.append(arm.call("GET", "/subscriptions").status_code)
        except ConnectionAbortedError:
            statuses.append(0)
    arm.close()
    return statuses
