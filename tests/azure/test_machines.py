"""Instances and guest reports over HTTP against scripted answers: what is asked, what is believed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scripted_server import Reply, Script
from vmapps.azure.cloud import AzureCloud
from vmapps.core.address import ArmId
from vmapps.core.guest import GuestReport, State
from vmapps.core.resource import Instance, Instances
from vmapps.core.settle import Push
from vmapps.engine.ports import Ticket
from vmapps.errors import Conflicted, Denied, Missing, Refused

HOME = "11111111-1111-1111-1111-111111111111"
SET = ArmId(HOME, "rg", ("virtualMachineScaleSets",), ("web-ss",))
MACHINE = ArmId(HOME, "rg", ("virtualMachines",), ("web-01",))
VERSION = "?api-version=2024-07-01"


def a_set(mode: str = "Manual") -> Reply:
    return Reply(body={"id": str(SET), "name": "web-ss", "properties": {"upgradePolicy": {"mode": mode}}})


def page(*numbers: int, after: str = "") -> Reply:
    found = [
        {"name": f"web-ss_{number}", "instanceId": str(number), "properties": {"latestModelApplied": True}}
        for number in numbers
    ]
    return Reply(body={"value": found, "nextLink": after})


def rolling(code: str) -> Reply:
    return Reply(body={"properties": {"runningStatus": {"code": code}, "progress": {"failedInstanceCount": 0}}})


def refusal(status: int, code: str) -> Reply:
    return Reply(status, {"error": {"code": code, "message": "No."}})


def paths(server: Script) -> list[str]:
    return [one.path.removeprefix(str(SET)) for one in server.asked]


def test_instances_are_read_with_their_views_over_all_pages(cloud: AzureCloud, server: Script) -> None:
    server.says(a_set(), page(0, 1, after="{url}/second?x=1"), page(after="{url}/third"), page(2))
    assert cloud.instances(SET) == Instances(SET, tuple(Instance(name, latest=True) for name in "012"))
    assert paths(server) == [VERSION, f"/virtualMachines{VERSION}&$expand=instanceView", "/second?x=1", "/third"]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (rolling("RollingForward"), "RollingForward"),
        (rolling("Faulted"), "Faulted"),
        (refusal(404, "NotFound"), ""),
        (Reply(body={"id": "x"}), ""),
    ],
)
def test_a_rolling_upgrade_is_looked_at_before_the_instances(
    cloud: AzureCloud, server: Script, answer: Reply, state: str
) -> None:
    server.says(a_set("Rolling"), answer, page(0))
    found = cloud.instances(SET)
    assert found == Instances(SET, (Instance("0", latest=True),), state)
    assert [path.partition("?")[0] for path in paths(server)] == ["", "/rollingUpgrades/latest", "/virtualMachines"]


@pytest.mark.parametrize("mode", ["Manual", "Automatic"])
def test_only_a_set_that_rolls_is_asked_about_it(cloud: AzureCloud, server: Script, mode: str) -> None:
    server.says(a_set(mode), page())
    assert cloud.instances(SET) == Instances(SET)
    assert len(server.asked) == 2


@pytest.mark.parametrize("replies", [[refusal(404, "NotFound")], [refusal(404, "ResourceGroupNotFound")]])
def test_a_set_that_is_gone_has_no_instances(cloud: AzureCloud, server: Script, replies: list[Reply]) -> None:
    server.says(*replies)
    assert cloud.instances(SET) is None


def test_what_cannot_be_read_is_an_error(cloud: AzureCloud, server: Script) -> None:
    server.says(a_set("Rolling"), refusal(403, "AuthorizationFailed"))
    with pytest.raises(Denied, match=r"rollingUpgrades/latest: AuthorizationFailed"):
        cloud.instances(SET)
    server.says(refusal(404, "SubscriptionNotFound"))
    with pytest.raises(Missing, match=r"check spec\.subscription"):
        cloud.instances(SET)
    with pytest.raises(Missing, match=r"check spec\.subscription"):
        cloud.report(MACHINE)


@pytest.mark.parametrize(
    "replies",
    [
        [a_set(), Reply(body={"value": [{"name": "a"}]})],
        [a_set(), Reply(body={"value": [5]})],
        [a_set("Rolling"), Reply(body={"properties": 5})],
        [a_set("Rolling"), Reply(body=b"<html>")],
    ],
)
def test_an_answer_that_is_not_azures_is_said(cloud: AzureCloud, server: Script, replies: list[Reply]) -> None:
    server.says(*replies)
    with pytest.raises(Refused, match="is this an Azure endpoint"):
        cloud.instances(SET)


def view(*messages: str, agent: str = "ProvisioningState/succeeded") -> dict[str, Any]:
    statuses = [{"code": "ProvisioningState/succeeded", "message": message} for message in messages]
    return {
        "vmAgent": {"statuses": [{"code": agent}]},
        "extensions": [{"name": "VMAppExtension", "statuses": statuses}],
        "statuses": [{"code": "PowerState/running"}],
    }


def test_a_report_is_one_request(cloud: AzureCloud, server: Script) -> None:
    state = {"CurrentState": [{"applicationName": "nginx", "version": "1.0.0", "result": "Install FAILED x"}]}
    server.says(Reply(body=view(f"Enable succeeded: {json.dumps(state)}")))
    found = cloud.report(MACHINE)
    assert found is not None
    assert [(one.application, one.state) for one in found.applications] == [("nginx", State.FAILED)]
    assert [one.path for one in server.asked] == [f"{MACHINE}/instanceView{VERSION}"]


def test_no_signature_of_a_command_comes_through(cloud: AzureCloud, server: Script) -> None:
    why = "Error executing command 'curl https://x/a?sig=CANARY': exit status=1"
    state = {"applicationName": "nginx", "version": "1.0.0", "result": f"Install FAILED {why}"}
    body = {"CurrentState": [state], "ActionsPerformed": [{"package": "nginx", "operation": "Install", "result": why}]}
    reported = view(f"Enable failed: {json.dumps(body)}")
    server.says(Reply(body=reported))
    found = cloud.report(MACHINE)
    assert found is not None
    assert (found.applications[0].state, found.performed[0].succeeded) == (State.FAILED, False)
    assert found.performed[0].message == "Error executing command 'curl https://x/a': exit status=1"
    properties = {"latestModelApplied": True, "instanceView": reported}
    server.says(a_set(), Reply(body={"value": [{"name": "a", "instanceId": "0", "properties": properties}]}))
    of_the_set = cloud.instances(SET)
    assert of_the_set is not None
    assert of_the_set.instances[0].report == found
    server.says(Reply(body=view("Enable failed: https://x/a?sig=CANARY")))
    assert "CANARY" not in f"{found} {cloud.report(MACHINE)}"


def test_a_machine_without_a_report(cloud: AzureCloud, server: Script) -> None:
    server.says(Reply(body={"statuses": []}))
    assert cloud.report(MACHINE) == GuestReport(is_running=False), "it does not say that it runs"
    server.says(refusal(404, "ResourceNotFound"))
    assert cloud.report(MACHINE) is None
    server.says(Reply(body=view("Enable failed: {oops}", agent="ProvisioningState/Unavailable")))
    assert cloud.report(MACHINE) == GuestReport(error="Enable failed: {oops}", is_running=False)


@pytest.mark.parametrize("body", [b"<html>", [], {"extensions": 5}, {"statuses": [{"code": 5}]}])
def test_a_view_that_is_none_is_said(cloud: AzureCloud, server: Script, body: Any) -> None:
    server.says(Reply(body=body))
    with pytest.raises(Refused, match=r"web-01/instanceView: the answer is not what Azure sends"):
        cloud.report(MACHINE)


def test_a_push_names_its_instances(cloud: AzureCloud, server: Script) -> None:
    operation = {"Azure-AsyncOperation": "{url}/op", "Location": "{url}/monitor", "x-ms-retry-after-ms": "20"}
    server.says(Reply(202, headers=operation))
    assert cloud.begin(Push(SET, ("1", "2"))) == Ticket(str(SET), f"{server.url}/op", 0.02)
    asked = server.asked[0]
    assert (asked.method, asked.path) == ("POST", f"{SET}/manualupgrade{VERSION}")
    assert json.loads(asked.body) == {"instanceIds": ["1", "2"]}
    assert "If-Match" not in asked.headers


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(refusal(409, "OperationNotAllowed"), Conflicted), (refusal(404, "ResourceNotFound"), Missing)],
)
def test_a_push_that_is_refused_says_so(cloud: AzureCloud, server: Script, reply: Reply, kind: type[Exception]) -> None:
    server.says(reply)
    with pytest.raises(kind):
        cloud.begin(Push(SET, ("1",)))
