"""`vmapps doctor` names what would stop an apply; and what it names really does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from end_to_end.azure_side import SUBSCRIPTION, Arm, machine_id
from end_to_end.command import Vmapps
from end_to_end.projects import (
    Project,
    application,
    gallery,
    link,
    linked,
    on_scale_set,
    packaged,
    version,
)
from end_to_end.proxy import Answer, Asked, Proxy, proxy_to

COMPUTE = "Microsoft.Compute"
GALLERIES = f"{COMPUTE}/galleries"
PROVIDER = f"/subscriptions/{SUBSCRIPTION}/providers/{COMPUTE}"


def errors(done: Any) -> list[dict[str, str]]:
    return [one for one in done.json["findings"] if one["level"] == "error"]


def denied(arm: Arm, *actions: str, scope: str = "/") -> None:
    arm.control("POST", "rbac", [{"effect": "Deny", "actions": list(actions), "scope": scope}])


@pytest.fixture
def ready(arm: Arm, project: Project) -> Project:
    """Gallery, application, version and a machine to write, which also has somebody else's application."""
    arm.machine("web-01", {"packageReferenceId": arm.scanner()})
    return project.holds(*linked("web-01"))


def test_all_is_well(arm: Arm, with_blobs: Vmapps, ready: Project) -> None:
    with_blobs("apply", ready.folder, "--yes").exited(0)
    ready.holds(*linked("web-01", number="1.1.0"))
    arm.forget_requests()
    done = with_blobs("doctor", ready.folder).exited(0)
    assert done.err == ""
    for told in (
        "sign-in: none is needed",
        f"provider: {COMPUTE} is Registered in {SUBSCRIPTION}",
        "api-version: Microsoft.Compute/virtualMachines has 2024-07-01",
        "permissions: all 6 actions that the plan needs are allowed",
        "can be written",
        "package-signature: a signature for a package can be minted",
        "0 error.",
    ):
        assert told in done.out, done.out
    assert arm.writes() == []
    assert "sig=" not in done.out


NEEDED = [
    f"{GALLERIES}/write",
    f"{GALLERIES}/applications/write",
    f"{GALLERIES}/applications/versions/write",
    f"{COMPUTE}/virtualMachines/write",
]


def test_each_permission_that_is_missing_is_named_and_stops_the_apply(arm: Arm, vmapps: Vmapps, ready: Project) -> None:
    for action in NEEDED:
        denied(arm, action)
        assert missing(vmapps, ready) == [action]
        failed = vmapps("apply", ready.folder, "--yes").exited(1 if action == NEEDED[0] else 3)
        assert "AuthorizationFailed" in failed.out
        assert f"'{action}'" in failed.out
    arm.control("DELETE", "rbac")
    vmapps("apply", ready.folder, "--yes").exited(0)


def test_so_is_each_that_deletes_and_scale_sets_need(arm: Arm, vmapps: Vmapps, project: Project) -> None:
    arm.scale_set("Manual")
    new = version("1.1.0", link("1.1.0"))
    project.holds(gallery(), application(), version("1.0.0", link("1.0.0")), new)
    vmapps("apply", project.folder, "--yes").exited(0)
    gone = (gallery(), application(), version("1.0.0", link("1.0.0"), state="absent"), new)
    on_set, sets = on_scale_set("1.1.0", upgradeInstances=True), f"{COMPUTE}/virtualMachineScaleSets"
    for action, documents, code in (
        (f"{GALLERIES}/applications/versions/delete", gone, 1),
        (f"{sets}/write", (gallery(), application(), new, on_set), 1),
        (f"{sets}/manualUpgrade/action", (gallery(), application(), new, on_set), 3),
    ):
        project.holds(*documents)
        denied(arm, action)
        assert missing(vmapps, project) == [action]
        assert f"'{action}'".lower() in vmapps("apply", project.folder, "--yes").exited(code).out.lower()
    arm.control("DELETE", "rbac")
    vmapps("apply", project.folder, "--yes").exited(0)
    assert missing(vmapps, project) == []


def missing(vmapps: Vmapps, project: Project) -> list[str]:
    """The actions that doctor says are missing; the package store is nowhere, which is an error in any case."""
    done = vmapps("doctor", project.folder, "--format", "json").exited(1)
    told = [one["text"] for one in errors(done) if one["check"] == "permissions"]
    return [text.partition(" is missing on ")[0] for text in told]


def test_the_linked_read_of_another_team_s_version_is_named(arm: Arm, vmapps: Vmapps, ready: Project) -> None:
    scanner, action = arm.scanner(), f"{GALLERIES}/applications/versions/read"
    security = scanner.partition("/applications/")[0]
    denied(arm, action, scope=security)
    done = vmapps("doctor", ready.folder).exited(1)
    assert f"{action} is missing on {scanner}, for VirtualMachine/rg-web/web-01" in done.out
    assert f"ask for Reader on {security}" in done.out
    entries = [{"packageReferenceId": scanner, "order": 5}]
    body = {"properties": {"applicationProfile": {"galleryApplications": entries}}}
    status, _, said = arm.send("PATCH", f"{machine_id('web-01')}?api-version=2024-07-01", body)
    assert (status, b"LinkedAuthorizationFailed" in said) == (403, True), "and so any write of the machine is refused"
    vmapps("apply", ready.folder, "--yes")
    assert [one["packageReferenceId"] for one in arm.entries("web-01")] == [scanner]


def test_a_role_on_the_resource_itself_is_enough(arm: Arm, vmapps: Vmapps, ready: Project) -> None:
    vmapps("apply", ready.folder, "--yes").exited(0)
    ready.holds(*linked("web-01", number="1.1.0"))
    everything = {"effect": "Allow", "actions": ["*/read", "Microsoft.Compute/galleries/*"]}
    machine = {"effect": "Allow", "actions": ["Microsoft.Compute/virtualMachines/write"], "scope": machine_id("web-01")}
    arm.control("POST", "rbac", [everything])
    assert missing(vmapps, ready) == [f"{COMPUTE}/virtualMachines/write"]
    arm.control("POST", "rbac", [everything, machine])
    assert missing(vmapps, ready) == []


def test_an_unregistered_provider_is_registered_when_that_is_wanted(arm: Arm, vmapps: Vmapps, ready: Project) -> None:
    del ready.spec["packageStore"]
    ready.holds(*linked("web-01"))
    plain = vmapps.through(blobs="")
    arm.write("POST", f"{PROVIDER}/unregister")
    done = plain("doctor", ready.folder, VMAPPS_BLOB_ENDPOINT="").exited(1)
    assert f"{COMPUTE} is Unregistered in {SUBSCRIPTION}" in done.out
    assert "--register" in done.out
    plain("doctor", ready.folder, "--register", VMAPPS_BLOB_ENDPOINT="").exited(64)
    plain("doctor", ready.folder, "--register", "--yes", VMAPPS_BLOB_ENDPOINT="").exited(0)
    assert "is Registered" in plain("doctor", ready.folder, VMAPPS_BLOB_ENDPOINT="").exited(0).out


def test_an_api_version_that_is_not_known_is_said(vmapps: Vmapps, ready: Project) -> None:
    done = vmapps("doctor", ready.folder, "--api-version", "gallery=2099-01-01").exited(1)
    assert "Microsoft.Compute/galleries has no api-version 2099-01-01" in done.out


def test_a_subscription_that_is_not_seen_is_named(vmapps: Vmapps, ready: Project, listener: Proxy) -> None:
    def unseen(asked: Asked) -> Answer | None:
        text = b'{"error": {"code": "SubscriptionNotFound", "message": "The subscription could not be found."}}'
        return Answer(404, {"content-type": "application/json"}, text)

    listener.instead = unseen
    done = vmapps.through(listener.url)("doctor", ready.folder).exited(1)
    assert "SubscriptionNotFound" in done.out
    assert "check spec.subscription" in done.out


def test_a_package_store_that_refuses_is_named(with_blobs: Vmapps, project: Project, tmp_path: Path) -> None:
    project.package()
    project.holds(*packaged()[:3])
    with proxy_to() as storage:
        storage.instead = lambda _asked: Answer(403, {"x-ms-error-code": "AuthorizationPermissionMismatch"})
        done = with_blobs.through(blobs=f"{storage.url}/devstoreaccount1")("doctor", project.folder).exited(1)
    assert "error   package-store:" in done.out
    assert "Storage Blob Data Contributor" in done.out


def test_identity_needs_one(with_blobs: Vmapps, project: Project) -> None:
    project.package()
    project.spec["packageStore"]["access"] = "identity"
    project.holds(*packaged()[:3])
    done = with_blobs("doctor", project.folder).exited(1)
    assert "gallery-identity: Gallery/platform declares no identity" in done.out
    assert "is not there yet" in done.out
