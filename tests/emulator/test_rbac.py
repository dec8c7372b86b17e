"""The table of who may do what, and the registration of providers."""

import base64
import json

import pytest

from emulator.arm import APPLICATION, BELOW, GALLERY, GROUP, MACHINE, SUBSCRIPTION, Arm, machine_body, profile_body

VERSION = f"{APPLICATION}/versions/1.0.0"
PROVIDER = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute"


def token(oid: str) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"oid": oid}).encode()).decode().rstrip("=")
    return f"Bearer head.{claims}.signature"


@pytest.fixture
def ready(arm: Arm) -> Arm:
    arm.publish()
    arm.done("PUT", MACHINE, machine_body())
    return arm


def test_what_is_denied_is_refused_in_azures_words(ready: Arm):
    ready.control("POST", "rbac", {"rules": [{"effect": "Deny", "actions": ["Microsoft.Compute/galleries/write"]}]})
    text = "The client 'anonymous' with object id 'anonymous' does not have authorization to perform action "
    text += f"'Microsoft.Compute/galleries/write' over scope '{GALLERY}' or the scope is invalid. If access was "
    text += "recently granted, please refresh your credentials."
    assert ready.refused("PUT", GALLERY, {"location": "eastus"}) == (403, "AuthorizationFailed", text)
    assert ready.call("GET", GALLERY).status_code == 200
    assert ready.control("GET", "rbac")["rules"][0]["scope"] == "/"
    ready.control("DELETE", "rbac")
    ready.done("PUT", GALLERY, {"location": "eastus"})


@pytest.mark.parametrize(
    ("method", "path", "action", "scope"),
    [
        ("GET", f"{BELOW}/virtualMachines", "Microsoft.Compute/virtualMachines/read", BELOW),
        ("GET", f"{MACHINE}/instanceView", "Microsoft.Compute/virtualMachines/instanceView/read", MACHINE),
        ("POST", f"{MACHINE}/start", "Microsoft.Compute/virtualMachines/start/action", MACHINE),
        ("DELETE", VERSION, "Microsoft.Compute/galleries/applications/versions/delete", VERSION),
        ("GET", GROUP, "Microsoft.Resources/subscriptions/resourceGroups/read", GROUP),
    ],
)
def test_a_call_has_an_action_and_a_scope(ready: Arm, method, path, action, scope):
    ready.control("POST", "rbac", [{"effect": "Allow", "actions": ["nothing"]}])
    status, code, message = ready.refused(method, path)
    assert (status, code) == (403, "AuthorizationFailed")
    assert f"perform action '{action}' over scope '{scope}'" in message


def test_an_allow_bounds_its_identity_and_a_deny_wins(ready: Arm):
    ready.control(
        "POST",
        "rbac",
        [
            {"effect": "Allow", "actions": ["*/read"], "scope": GROUP, "identity": "reader"},
            {"effect": "Deny", "actions": ["*"], "scope": GALLERY, "identity": "reader"},
        ],
    )
    reader = {"authorization": token("reader")}
    assert ready.call("GET", MACHINE, **reader).status_code == 200
    assert ready.call("PATCH", MACHINE, {"tags": {}}, **reader).status_code == 403
    assert ready.call("GET", VERSION, **reader).status_code == 403
    assert ready.call("GET", VERSION, authorization=token("owner")).status_code == 200
    assert ready.call("PATCH", MACHINE, {"tags": {}}, authorization="Bearer opaque").status_code == 200
    assert ready.call("GET", VERSION, authorization="Bearer a.!.b").status_code == 200


def test_whoever_writes_a_machine_must_read_the_versions_it_names(ready: Arm):
    ready.assign(VERSION)
    ready.control("POST", "rbac", [{"effect": "Deny", "actions": ["*/versions/read"], "scope": GALLERY}])
    for body in (profile_body([{"packageReferenceId": VERSION}]), {"tags": {"a": "b"}}):
        status, code, message = ready.refused("PATCH", MACHINE, body)
        assert (status, code) == (403, "LinkedAuthorizationFailed")
        assert "has permission to perform action 'Microsoft.Compute/virtualMachines/write' on scope" in message
        assert (
            f"action(s) 'Microsoft.Compute/galleries/applications/versions/read' on the linked scope(s) '{VERSION}'"
            in message
        )
    ready.done("PATCH", MACHINE, profile_body([]))
    ready.done("PATCH", MACHINE, {"tags": {"a": "b"}})


def test_a_reset_allows_everything_again_and_rules_are_checked(ready: Arm):
    ready.control("POST", "rbac", [{"effect": "Deny", "actions": ["*"]}])
    assert ready.call("GET", GALLERY).status_code == 403
    ready.control("POST", "reset")
    assert ready.call("GET", GALLERY).status_code == 404
    assert ready.http.post("/emulator/rbac", json=[{"effect": "Maybe", "actions": []}]).status_code == 400


def test_an_unregistered_provider_refuses_writes(ready: Arm):
    shown = ready.get(PROVIDER)
    assert shown["registrationState"] == "Registered"
    kinds = {one["resourceType"]: one["apiVersions"] for one in shown["resourceTypes"]}
    assert "2024-03-03" in kinds["galleries/applications/versions"]
    assert ready.call("POST", f"{PROVIDER}/unregister").json()["registrationState"] == "Unregistered"
    text = "The subscription is not registered to use namespace 'Microsoft.Compute'. See https://aka.ms/rps-not-found "
    text += "for how to register subscriptions."
    assert ready.refused("PUT", GALLERY, {"location": "eastus"}) == (409, "MissingSubscriptionRegistration", text)
    assert ready.call("GET", GALLERY).status_code == 200
    assert ready.call("POST", f"{PROVIDER}/register").json()["registrationState"] == "Registering"
    assert [ready.get(PROVIDER)["registrationState"] for _ in range(2)] == ["Registering", "Registered"]
    assert ready.call("POST", f"{PROVIDER}/register").json()["registrationState"] == "Registered"
    ready.done("PUT", GALLERY, {"location": "eastus"})


def test_providers_tenants_and_subscriptions_are_listed(ready: Arm):
    names = [one["namespace"] for one in ready.get(f"/subscriptions/{SUBSCRIPTION}/providers")["value"]]
    assert {"Microsoft.Compute", "Microsoft.Storage"} <= set(names)
    storage = ready.get(f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Storage")
    assert storage["registrationState"] == "Registered"
    unknown = ready.refused("GET", f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Colours")
    assert unknown[:2] == (404, "InvalidResourceNamespace")
    (tenant,) = ready.get("/tenants")["value"]
    (subscription,) = ready.get("/subscriptions")["value"]
    assert tenant["tenantId"] == subscription["tenantId"]


def permissions(arm: Arm, scope: str, **headers: str) -> list[tuple[list[str], list[str]]]:
    answer = arm.call("GET", f"{scope}/providers/Microsoft.Authorization/permissions", **headers)
    assert answer.status_code == 200, answer.content
    return [(one["actions"], one["notActions"]) for one in answer.json()["value"]]


def test_a_caller_can_ask_what_it_may_do(ready: Arm):
    assert permissions(ready, GROUP) == [(["*"], [])]
    rows = [
        {"effect": "Allow", "actions": ["*/read"]},
        {"effect": "Allow", "actions": ["Microsoft.Compute/galleries/*"], "scope": GALLERY},
        {"effect": "Deny", "actions": ["Microsoft.Compute/galleries/delete"], "scope": GROUP},
        {"effect": "Allow", "actions": ["*"], "identity": "else"},
    ]
    ready.control("POST", "rbac", rows)
    denied = ["Microsoft.Compute/galleries/delete"]
    assert permissions(ready, f"/subscriptions/{SUBSCRIPTION}") == [(["*/read"], [])]
    assert permissions(ready, GROUP) == [(["*/read"], denied)]
    assert permissions(ready, GALLERY) == [(["*/read"], denied), (["Microsoft.Compute/galleries/*"], denied)]


def test_who_may_not_read_permissions_is_refused(ready: Arm):
    ready.control("POST", "rbac", [{"effect": "Allow", "actions": ["Microsoft.Compute/*"]}])
    path = f"{GROUP}/providers/Microsoft.Authorization/permissions"
    assert ready.refused("GET", path)[:2] == (403, "AuthorizationFailed")
    assert ready.refused("PUT", path, {})[:2] == (405, "MethodNotAllowed")
