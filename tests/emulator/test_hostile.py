"""Every node of a good body replaced by every odd value: refused or taken, never a fault of the emulator."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from emulator.arm import APPLICATION, BELOW, GALLERY, GROUP, MACHINE, Arm, Json, machine_body, version_body
from emulator.scale import SET, scale_set_body

ODD: list[Any] = [None, 5, -1, "", "x", [], {}, [None], [5], {"a": None}, True, 1e300]


def full_gallery() -> Json:
    info = {"publicNamePrefix": "p", "publisherUri": "u", "publisherContact": "c", "eula": "e"}
    sharing = {"permissions": "Community", "communityGalleryInfo": info}
    identity = {"type": "UserAssigned", "userAssignedIdentities": {"i": {}}}
    properties = {"description": "d", "sharingProfile": sharing, "softDeletePolicy": {"isSoftDeleteEnabled": True}}
    return {"location": "eastus", "tags": {"a": "b"}, "identity": identity, "properties": properties}


def full_application() -> Json:
    action = {"name": "a", "script": "s", "parameters": [{"name": "p"}]}
    properties = {"supportedOSType": "Linux", "endOfLifeDate": "2030-01-01T00:00:00Z", "customActions": [action]}
    return {"location": "eastus", "tags": {"a": "b"}, "properties": properties, "name": "app"}


def full_version() -> Json:
    region = {"name": "eastus", "regionalReplicaCount": 1, "storageAccountType": "Standard_LRS"}
    body = version_body(
        settings={"packageFileName": "p", "scriptBehaviorAfterReboot": "Rerun"},
        targetRegions=[region],
        replicaCount=1,
        endOfLifeDate="2030-01-01T00:00:00Z",
        advancedSettings={"a": "b"},
        excludeFromLatest=False,
    )
    body["properties"]["safetyProfile"] = {"allowDeletionOfReplicatedLocations": True}
    return body | {"tags": {"a": "b"}}


def full_machine() -> Json:
    entry = {"packageReferenceId": f"{APPLICATION}/versions/1.0.0", "order": 1, "tags": "t"}
    body = machine_body(tags={"a": "b"}, identity={"type": "SystemAssigned"}, zones=["1"])
    storage = body["properties"]["storageProfile"]
    storage |= {"imageReference": {"publisher": "Canonical"}, "dataDisks": [{"lun": 0, "name": "d"}]}
    configuration = {"patchSettings": {"patchMode": "ImageDefault"}}
    body["properties"] |= {
        "applicationProfile": {"galleryApplications": [entry]},
        "osProfile": {"computerName": "c", "linuxConfiguration": configuration},
    }
    return body


def full_scale_set() -> Json:
    entry = {"packageReferenceId": f"{APPLICATION}/versions/1.0.0", "order": 1, "tags": "t"}
    policy = {"rollingUpgradePolicy": {"maxBatchInstancePercent": 20}, "automaticOSUpgradePolicy": {}}
    body = scale_set_body(1, mode="Rolling", policy=policy, scaleInPolicy={"rules": ["OldestVM"]})
    body["properties"]["virtualMachineProfile"] |= {
        "applicationProfile": {"galleryApplications": [entry]},
        "extensionProfile": {"extensions": [{"name": "e", "properties": {"type": "t"}}]},
        "securityProfile": {"securityType": "TrustedLaunch"},
    }
    return body | {"tags": {"a": "b"}}


def nodes(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from nodes(item, (*path, key))


def spoiled(body: Json) -> Iterator[tuple[str, Json]]:
    for path in nodes(body):
        for odd in ODD:
            copied = copy.deepcopy(body)
            here: Any = copied
            for key in path[:-1]:
                here = here[key]
            here[path[-1]] = odd
            yield f"{path} = {odd!r}", copied


CASES = {
    "group": (GROUP + "2", {"location": "eastus", "tags": {"a": "b"}}),
    "gallery": (GALLERY + "2", full_gallery()),
    "application": (APPLICATION + "2", full_application() | {"name": "app2"}),
    "version": (f"{APPLICATION}/versions/2.0.0", full_version()),
    "machine": (MACHINE, full_machine()),
    "scale set": (SET, full_scale_set()),
}


@pytest.mark.parametrize("kind", CASES)
def test_no_body_breaks_the_emulator(arm: Arm, kind: str):
    arm.control("POST", "settings", {"polls": 0})
    arm.publish()
    path, good = CASES[kind]
    for what, body in spoiled(good):
        held = arm.emulator.world.store.get(path)
        if held is not None:
            arm.emulator.world.store.remove(held)
        for method in ("PUT", "PATCH"):
            answer = arm.call(method, path, body)
            assert answer.status_code < 500, f"{method} {what}: {answer.text}"
            read = arm.call("GET", path + ("?$expand=instanceView" if kind == "machine" else ""), api="2021-07-01")
            assert read.status_code < 500, f"after {method} {what}: {read.text}"
    arm.control("POST", "settle")
    for collection in (
        "galleries",
        "virtualMachines",
        "virtualMachineScaleSets",
        "galleries/g/applications/app/versions",
    ):
        assert arm.get(f"{BELOW}/{collection}") is not None
