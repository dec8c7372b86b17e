"""The types of the fields that the emulator reads: a body of another shape is refused before anything looks at it.

Fields that are not named here are kept as they come. A null is an absent field everywhere.
"""

from collections.abc import Mapping
from typing import Any

from vmapps_emulator.errors import ArmError
from vmapps_emulator.wire import Json, Request

Shape = type | list[Any] | Mapping[str, Any]

_WORDS = {dict: "an object", list: "a list", str: "a text", int: "a whole number", bool: "true or false"}

_TAGS: Shape = {"*": str}
_IDENTITY: Shape = {"type": str, "userAssignedIdentities": {"*": dict}}
_REGION: Shape = {
    "name": str,
    "regionalReplicaCount": int,
    "storageAccountType": str,
    "excludeFromLatest": bool,
    "encryption": dict,
}
_PUBLISHING: Shape = {
    "source": {"mediaLink": str, "defaultConfigurationLink": str},
    "manageActions": {"install": str, "update": str, "remove": str},
    "settings": {"packageFileName": str, "configFileName": str, "scriptBehaviorAfterReboot": str},
    "targetRegions": [_REGION],
    "replicaCount": int,
    "excludeFromLatest": bool,
    "enableHealthCheck": bool,
    "endOfLifeDate": str,
    "storageAccountType": str,
    "storageAccountStrategy": str,
    "replicationMode": str,
    "advancedSettings": {"*": str},
    "customActions": [dict],
}
_ENTRY: Shape = {
    "packageReferenceId": str,
    "order": int,
    "tags": str,
    "configurationReference": str,
    "treatFailureAsDeploymentFailure": bool,
    "enableAutomaticUpgrade": bool,
}
_STORAGE: dict[str, Any] = {"osDisk": {"osType": str, "name": str}, "imageReference": {"publisher": str}}

GROUP: Shape = {"location": str, "tags": _TAGS}
GALLERY: Shape = {
    "name": str,
    "location": str,
    "tags": _TAGS,
    "identity": _IDENTITY,
    "properties": {
        "description": str,
        "sharingProfile": {"permissions": str, "communityGalleryInfo": {"publicNamePrefix": str}},
    },
}
APPLICATION: Shape = {
    "name": str,
    "location": str,
    "tags": _TAGS,
    "properties": {"supportedOSType": str, "endOfLifeDate": str, "customActions": [dict]},
}
VERSION: Shape = {
    "name": str,
    "location": str,
    "tags": _TAGS,
    "properties": {
        "publishingProfile": _PUBLISHING,
        "safetyProfile": {"allowDeletionOfReplicatedLocations": bool},
    },
}
MACHINE: Shape = {
    "name": str,
    "location": str,
    "tags": _TAGS,
    "identity": _IDENTITY,
    "properties": {
        "applicationProfile": {"galleryApplications": [_ENTRY]},
        "storageProfile": {**_STORAGE, "dataDisks": [{"name": str}]},
        "osProfile": {"computerName": str, "windowsConfiguration": dict, "linuxConfiguration": dict},
    },
}
SCALE_SET: Shape = {
    "name": str,
    "location": str,
    "tags": _TAGS,
    "identity": _IDENTITY,
    "sku": {"name": str, "tier": str, "capacity": int},
    "properties": {
        "orchestrationMode": str,
        "upgradePolicy": {"mode": str, "rollingUpgradePolicy": {"maxBatchInstancePercent": int}},
        "scaleInPolicy": {"rules": [str]},
        "virtualMachineProfile": {
            "applicationProfile": {"galleryApplications": [_ENTRY]},
            "extensionProfile": {"extensions": [{"name": str, "properties": dict}]},
            "storageProfile": {**_STORAGE, "dataDisks": [dict]},
            "osProfile": {"computerNamePrefix": str, "windowsConfiguration": dict, "linuxConfiguration": dict},
            "networkProfile": {
                "networkInterfaceConfigurations": [{"name": str, "properties": {"ipConfigurations": [dict]}}]
            },
        },
    },
}
INSTANCE: Shape = {
    "tags": _TAGS,
    "properties": {
        "protectionPolicy": {"protectFromScaleIn": bool, "protectFromScaleSetActions": bool},
        "storageProfile": {"dataDisks": [{"name": str}]},
    },
}
INSTANCE_IDS: Shape = {"instanceIds": [str]}


def body_of(request: Request, shape: Shape) -> Json:
    """A request's body, checked."""
    body = request.json()
    _check(body, shape, "")
    return body


def _check(value: Any, shape: Shape, path: str) -> None:
    if value is None:
        return
    if isinstance(shape, list):
        _demand(value, list, path)
        for at, item in enumerate(value):
            if item is None:
                raise _wrong(path, "a list without null")
            _check(item, shape[0], f"{path}[{at}]")
    elif isinstance(shape, type):
        _demand(value, shape, path)
    else:
        _demand(value, dict, path)
        _check_fields(value, shape, path)


def _check_fields(value: Json, shape: Mapping[str, Any], path: str) -> None:
    for name, item in value.items():
        wanted = shape.get(name) or shape.get("*")
        if wanted is not None:
            _check(item, wanted, f"{path}.{name}" if path else name)


def _demand(value: Any, wanted: type, path: str) -> None:
    is_bool = isinstance(value, bool)
    if not isinstance(value, wanted) or (wanted is int and is_bool):
        raise _wrong(path, _WORDS[wanted])


def _wrong(path: str, wanted: str) -> ArmError:
    """guess: the wording; the service answers 400 with its deserializer's own text."""
    return ArmError(400, "InvalidParameter", f"The value of parameter '{path}' must be {wanted}.", path)
