"""The model of a virtual machine: what the service adds, what it hides, what older api-versions lack."""

from typing import Any

from vmapps_emulator.wire import Json, section

_WINDOWS_PUBLISHERS = ("microsoftwindowsserver", "microsoftwindowsdesktop", "microsoftsqlserver")
ETAG_SINCE = "2024-03-01"
AUTOMATIC_SINCE = "2022-03-01"
CREATED_SINCE = "2021-11-01"


def os_type_of(properties: Json) -> str:
    """Windows or Linux: the disk says it, else the OS profile, else the image's publisher."""
    disk = section(properties, "storageProfile", "osDisk").get("osType")
    if isinstance(disk, str):
        return disk.capitalize()
    profile = section(properties, "osProfile")
    if "windowsConfiguration" in profile:
        return "Windows"
    publisher = section(properties, "storageProfile", "imageReference").get("publisher", "")
    is_windows = "linuxConfiguration" not in profile and str(publisher).lower() in _WINDOWS_PUBLISHERS
    return "Windows" if is_windows else "Linux"


def complete(properties: Json) -> Json:
    """What the service fills in (recording tmc_vm: osType, caching and deletion of disks, OS profile)."""
    storage = dict(section(properties, "storageProfile"))
    os_type = os_type_of(properties)
    if "osDisk" in storage:
        storage["osDisk"] = {"osType": os_type, "deleteOption": "Detach", **storage["osDisk"]}
    if storage:
        storage["dataDisks"] = [{**_DATA_DISK, **disk} for disk in storage.get("dataDisks") or []]
        properties = {**properties, "storageProfile": storage}
    if "osProfile" in properties:
        properties = {**properties, "osProfile": _os_profile(section(properties, "osProfile"), os_type)}
    return properties


def without_secrets(properties: Json) -> Json:
    """Passwords and custom data are taken and never shown."""
    result = {name: value for name, value in properties.items() if name != "userData"}
    if "osProfile" in result:
        profile = section(result, "osProfile")
        result["osProfile"] = {name: profile[name] for name in profile if name not in SECRET}
    return result


def is_newest(api_version: str) -> bool:
    """Whether an api-version shows bodies as they are kept."""
    return api_version >= ETAG_SINCE


def for_api_version(body: Json, api_version: str) -> Json:
    """The body as an api-version shows it: the same object when that is the newest form."""
    if is_newest(api_version):
        return body
    result = {name: value for name, value in body.items() if name != "etag"}
    properties = dict(body["properties"])
    if api_version < CREATED_SINCE:
        properties.pop("timeCreated", None)
    if api_version < AUTOMATIC_SINCE and "applicationProfile" in properties:
        entries = [without_upgrade(entry) for entry in properties["applicationProfile"]["galleryApplications"]]
        properties["applicationProfile"] = {"galleryApplications": entries}
    if api_version < AUTOMATIC_SINCE and "resources" in body:
        result["resources"] = [with_update_tag(item, str(body["properties"].get("vmId"))) for item in body["resources"]]
    return {**result, "properties": properties}


def with_update_tag(extension: Json, tag: str) -> Json:
    """Old api-versions show a forceUpdateTag on VMAppExtension (recordings of 2021)."""
    if extension.get("name") != "VMAppExtension":
        return extension
    return {**extension, "properties": {**extension["properties"], "forceUpdateTag": tag}}


def without_upgrade(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry as api-versions before 2022-03-01 show it."""
    return {name: value for name, value in entry.items() if name != "enableAutomaticUpgrade"}


def _os_profile(profile: Json, os_type: str) -> Json:
    name = "windowsConfiguration" if os_type == "Windows" else "linuxConfiguration"
    defaults: Json = {"provisionVMAgent": True}
    if os_type == "Windows":
        defaults["enableAutomaticUpdates"] = True
    patch = {
        "patchMode": "AutomaticByOS" if os_type == "Windows" else "ImageDefault",
        "assessmentMode": "ImageDefault",
    }
    configuration = {**defaults, "patchSettings": patch, **section(profile, name)}
    added: Json = {"secrets": [], "allowExtensionOperations": True, "requireGuestProvisionSignal": True}
    return {**added, **profile, name: configuration}


_DATA_DISK: Json = {"caching": "None", "toBeDetached": False, "deleteOption": "Detach"}
SECRET = ("adminPassword", "customData")
