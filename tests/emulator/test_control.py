"""The control plane: request log, faults, settings, reset."""

import pytest

from emulator.arm import GALLERY, GROUP, MACHINE, Arm, last_error, machine_body


def test_requests_are_counted_without_their_queries(arm: Arm):
    arm.get(GROUP)
    arm.call("PATCH", MACHINE, {}, If_Match='"1"')
    log = arm.control("GET", "requests")
    assert log["total"] == 2
    assert log["counts"] == {"GET": 1, "PATCH": 1}
    assert log["requests"][0] == {"method": "GET", "path": GROUP, "apiVersion": "2024-07-01", "status": 200}
    assert log["requests"][1]["ifMatch"] == '"1"'
    arm.control("DELETE", "requests")
    assert arm.http.get("/_emulator/requests").json()["total"] == 0


def test_a_fault_refuses_the_nth_matching_request(arm: Arm):
    where = {"method": "GET", "path": "*/resourcegroups/*", "after": 1, "times": 2}
    what = {"status": 429, "code": "TooManyRequests", "message": "slow down", "retryAfter": 7}
    arm.control("POST", "faults", [where | what])
    answers = [arm.call("GET", GROUP) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 429, 429, 200]
    assert answers[1].headers["retry-after"] == "7"
    assert answers[1].json() == {"error": {"code": "TooManyRequests", "message": "slow down"}}
    assert arm.control("GET", "faults") == {"rules": []}


def test_a_fault_without_an_end_and_with_a_body_of_its_own(arm: Arm):
    arm.control("POST", "faults", {"rules": [{"times": None, "status": 500, "body": {"odd": 1}}]})
    assert [arm.call("GET", GROUP).json() for _ in range(3)] == [{"odd": 1}] * 3
    arm.control("DELETE", "faults")
    arm.get(GROUP)


@pytest.mark.parametrize(("when", "exists"), [("before", False), ("after", True)])
def test_a_connection_is_cut_before_or_after_the_effect(arm: Arm, when, exists):
    arm.control("POST", "faults", [{"method": "PUT", "drop": when}])
    with pytest.raises(ConnectionAbortedError):
        arm.call("PUT", GALLERY, {"location": "eastus"})
    assert (arm.call("GET", GALLERY).status_code == 200) is exists
    assert arm.control("GET", "requests")["requests"][0]["status"] == 0


def test_an_operation_is_made_to_fail(arm: Arm):
    arm.control("POST", "faults", [{"path": "*/virtualmachines/vm", "operation": {"code": "Odd", "message": "m"}}])
    answer = arm.call("PUT", MACHINE, machine_body())
    assert answer.status_code == 201
    assert last_error(arm.follow(answer)) == "Odd"
    assert arm.get(MACHINE)["properties"]["provisioningState"] == "Failed"


@pytest.mark.parametrize(
    "rule",
    [{}, {"status": 500, "drop": "before"}, {"drop": "sideways"}, {"status": 500, "times": 0}, {"unknown": 1}, 7],
)
def test_a_fault_that_says_nothing_is_refused(arm: Arm, rule):
    answer = arm.http.post("/emulator/faults", json=[rule])
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidFault")


def test_settings_change_and_a_reset_brings_them_back(arm: Arm):
    assert arm.control("POST", "settings", {"polls": 0, "retryAfterMs": 5})["polls"] == 0
    answer = arm.call("PUT", GALLERY, {"location": "eastus"})
    assert answer.headers["x-ms-retry-after-ms"] == "5"
    assert arm.http.get(answer.headers["azure-asyncoperation"]).json()["status"] == "Succeeded"
    arm.control("POST", "reset")
    shown = arm.control("GET", "settings")
    assert shown.items() >= {"polls": 2, "retryAfterMs": 20, "pageSize": 200, "latencyMs": 0}.items()
    assert arm.call("GET", GROUP).status_code == 404
    for wrong in ({"polls": -1}, {"pageSize": 0}, {"polls": True}, {"nothing": 1}):
        assert arm.http.post("/emulator/settings", json=wrong).status_code == 400


def test_all_operations_can_be_ended_at_once(arm: Arm):
    arm.call("PUT", GALLERY, {"location": "eastus"})
    assert arm.control("POST", "settle") == {"settled": 1}
    assert arm.get(GALLERY)["properties"]["provisioningState"] == "Succeeded"


def test_an_unknown_command_lists_the_known(arm: Arm):
    answer = arm.http.get("/emulator/nothing")
    assert answer.status_code == 404
    assert "POST /emulator/reset" in answer.json()["error"]["message"]
    assert arm.control("GET", "health") == {"status": "ok"}


def test_a_guest_rule_is_checked(arm: Arm):
    assert arm.http.put("/emulator/guest", json=[{"result": "explode"}]).status_code == 400
