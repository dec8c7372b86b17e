"""Subscriptions, resource groups, paths and api-versions."""

import pytest

from emulator.arm import APPLICATION, BELOW, GALLERY, GROUP, MACHINE, SUBSCRIPTION, Arm, machine_body, version_body


def test_a_group_is_created_read_tagged_and_listed(arm: Arm):
    assert arm.call("PUT", GROUP, {"location": "eastus"}).status_code == 200
    assert arm.call("PUT", GROUP + "2", {"location": "westus"}).status_code == 201
    assert arm.call("HEAD", GROUP).status_code == 204
    assert arm.call("HEAD", GROUP + "9").status_code == 404
    arm.done("PATCH", GROUP, {"tags": {"a": "b"}})
    assert arm.get(GROUP.upper())["tags"] == {"a": "b"}
    names = [group["name"] for group in arm.get(f"/subscriptions/{SUBSCRIPTION}/resourcegroups")["value"]]
    assert names == ["rg", "rg2"]


def test_deleting_a_group_takes_what_is_in_it(arm: Arm):
    arm.publish()
    arm.done("PUT", MACHINE, machine_body())
    answer = arm.call("DELETE", GROUP)
    assert answer.status_code == 202
    statuses = [arm.http.get(answer.headers["location"]).status_code for _ in range(3)]
    assert statuses == [202, 202, 200]
    assert arm.refused("GET", MACHINE)[:2] == (404, "ResourceGroupNotFound")
    assert arm.get(f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute/galleries") == {"value": []}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", GALLERY, {"location": "eastus"}),
        ("PUT", MACHINE, machine_body()),
        ("GET", f"{BELOW}/galleries", None),
        ("GET", f"{BELOW}/virtualMachines", None),
        ("GET", f"{BELOW}/virtualMachineScaleSets", None),
        ("DELETE", MACHINE, None),
    ],
)
def test_a_missing_group_is_named(empty: Arm, method, path, body):
    status, code, message = empty.refused(method, path, body)
    assert (status, code, message) == (404, "ResourceGroupNotFound", "Resource group 'rg' could not be found.")


def test_a_missing_resource_and_a_missing_parent(arm: Arm):
    status, code, message = arm.refused("GET", MACHINE)
    assert (status, code) == (404, "ResourceNotFound")
    assert message.startswith("The Resource 'Microsoft.Compute/virtualMachines/vm' under resource group 'rg' was not ")
    assert arm.refused("PUT", APPLICATION, {})[:2] == (404, "ParentResourceNotFound")
    assert arm.refused("GET", f"{GALLERY}/applications")[:2] == (404, "ParentResourceNotFound")
    assert arm.refused("PUT", f"{APPLICATION}/versions/1.0.0", version_body())[:2] == (404, "ParentResourceNotFound")


def test_every_dated_api_version_is_accepted_and_none_is_not(arm: Arm):
    arm.get(GROUP, api="1999-01-01")
    arm.get(GROUP, api="2031-12-31-preview")
    assert arm.http.get(GROUP).json()["error"]["code"] == "MissingApiVersionParameter"
    assert arm.refused("GET", GROUP, api="newest")[:2] == (400, "InvalidApiVersionParameter")


def test_paths_are_read_in_any_casing_and_ids_keep_the_first(arm: Arm):
    arm.done("PUT", GALLERY, {"location": "eastus"})
    body = arm.get(GALLERY.upper())
    assert body["id"] == GALLERY
    arm.done("PUT", GALLERY.upper(), {"location": "eastus"})
    assert arm.get(GALLERY)["id"] == GALLERY


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/", "NotFound"),
        ("/subscriptions/s/nothing/here/at/all", "NotFound"),
        (f"{GROUP}/providers/Microsoft.Compute/unicorns/u", "InvalidResourceType"),
        (f"{GROUP}/providers/Microsoft.Magic/wands/w", "InvalidResourceNamespace"),
    ],
)
def test_an_unknown_path_is_refused_as_arm_does(arm: Arm, path, code):
    assert arm.refused("GET", path)[:2] == (404, code)


def test_a_body_that_is_no_object_is_refused(arm: Arm):
    for raw in (b"{", b"[]", b"null", b"\xff", b"[" * 5000):
        answer = arm.http.put(f"{GALLERY}?api-version=2024-03-03", content=raw)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidRequestContent")
    assert arm.refused("PUT", GALLERY, {"location": "eastus", "properties": []})[1] == "InvalidParameter"


def test_what_lies_around_is_answered(arm: Arm):
    below = f"/subscriptions/{SUBSCRIPTION}"
    assert arm.get(below)["state"] == "Enabled"
    assert arm.get(f"{below}/providers/Microsoft.Compute")["registrationState"] == "Registered"
    assert arm.get("/subscriptions")["value"][0]["subscriptionId"] == SUBSCRIPTION
    assert arm.http.get("/metadata/endpoints?api-version=2019-05-01").json()[0]["resourceManager"] == "http://127.0.0.1"
    assert arm.get(f"{below}/providers/Microsoft.Compute/virtualMachineScaleSets") == {"value": []}


def test_answers_carry_arm_headers(arm: Arm):
    headers = arm.call("GET", GROUP, x_ms_correlation_request_id="mine").headers
    assert headers["x-ms-correlation-request-id"] == "mine"
    assert "x-ms-request-id" in headers
    assert headers["x-ms-ratelimit-remaining-subscription-reads"] == "249"
