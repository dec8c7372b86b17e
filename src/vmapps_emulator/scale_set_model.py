"""The model of a scale set: what a write makes of it, what the service adds, what older api-versions lack."""

from uuid import NAMESPACE_URL, uuid5

from vmapps_emulator.extension import NAME, PUBLISHER
from vmapps_emulator.machine_model import (
    AUTOMATIC_SINCE,
    CREATED_SINCE,
    ETAG_SINCE,
    SECRET,
    os_type_of,
    with_update_tag,
    without_upgrade,
)
from vmapps_emulator.profiles import entries_of, written_profile
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Json, section
from vmapps_emulator.world import merged

_READ_ONLY = ("provisioningState", "uniqueId", "timeCreated", "orchestrationMode")


def is_flexible(scale_set: Resource) -> bool:
    """Whether its instances are ordinary virtual machines."""
    return str(scale_set.properties.get("orchestrationMode", "")).lower() == "flexible"


def mode_of(scale_set: Resource) -> str:
    """The upgrade mode in small letters; Manual when none is given (guess)."""
    return str(section(scale_set.properties, "upgradePolicy").get("mode", "Manual")).lower()


def model_of(scale_set: Resource) -> Json:
    """What every instance is made of: ``virtualMachineProfile``."""
    return section(scale_set.properties, "virtualMachineProfile")


def capacity_of(scale_set: Resource) -> int:
    """How many instances the scale set shall have."""
    return int(section(scale_set.body, "sku").get("capacity") or 0)


def next_properties(old: Json, given: Json, *, is_patch: bool) -> Json:
    """The properties after a write.

    What a PUT leaves out stays (test_vmss_update: a PUT without imageReference), a policy that it names is replaced
    (test_vmss_scale_in_policy), the virtual machine profile merges; a PATCH merges everything.
    """
    asked = {name: value for name, value in given.items() if name not in _READ_ONLY}
    profile = _next_profile(section(old, "virtualMachineProfile"), section(asked, "virtualMachineProfile"))
    asked.pop("virtualMachineProfile", None)
    properties = merged(old, asked) if is_patch else {**old, **merged({}, asked)}
    if given.get("orchestrationMode") is not None:
        properties.setdefault("orchestrationMode", given["orchestrationMode"])
    if profile:
        properties["virtualMachineProfile"] = profile
    return complete_policies(properties)


def complete_set(properties: Json) -> Json:
    """What the service adds to a new scale set (tmc_vmss recordings; Flexible: test_vmss_add_application, 2024)."""
    mode = properties.get("orchestrationMode", "Uniform")
    is_set_flexible = str(mode).lower() == "flexible"
    added: Json = {"singlePlacementGroup": not is_set_flexible, "orchestrationMode": mode}
    if is_set_flexible:
        added |= {"platformFaultDomainCount": 1, "constrainedMaximumCapacity": False}
    else:
        added |= {"overprovision": True, "doNotRunExtensionsOnOverprovisionedVMs": False}
    profile = section(properties, "virtualMachineProfile")
    properties = {**added, **properties}
    if profile:
        properties["virtualMachineProfile"] = _complete_profile(profile, is_set_flexible)
    return complete_policies(properties)


def complete_policies(properties: Json) -> Json:
    """Defaults of policies (test_vmss_update_enable_auto_os_upgrade) and of the extension list (tmc_vmss)."""
    policy = section(properties, "upgradePolicy")
    automatic = section(policy, "automaticOSUpgradePolicy")
    if automatic:
        defaults: Json = {"useRollingUpgradePolicy": False, "disableAutomaticRollback": False}
        policy = {**policy, "automaticOSUpgradePolicy": {**defaults, **automatic}}
        properties = {**properties, "upgradePolicy": policy}
    return properties


def show_model_extension(scale_set: Resource) -> None:
    """Add VMAppExtension to the model's extensions or take it away (recordings test_vmss_add_application*)."""
    profile = model_of(scale_set)
    held = list(section(profile, "extensionProfile").get("extensions") or [])
    others = [item for item in held if item.get("name") != NAME]
    if entries_of(profile):
        own = [item for item in held if item.get("name") == NAME]
        others += own or [_extension(os_type_of(profile))]
    if others or ("extensionProfile" in profile and others == held):
        profile["extensionProfile"] = {**section(profile, "extensionProfile"), "extensions": others}
    else:
        profile.pop("extensionProfile", None)
    scale_set.touched()


def for_api_version(body: Json, api_version: str) -> Json:
    """The body as an api-version shows it: the same object when that is the newest form."""
    if api_version >= ETAG_SINCE:
        return body
    result = {name: value for name, value in body.items() if name != "etag"}
    properties = dict(body["properties"])
    profile = {name: value for name, value in section(properties, "virtualMachineProfile").items() if name not in _NEW}
    if api_version < AUTOMATIC_SINCE:
        profile = _old_profile(profile, str(properties.get("uniqueId")))
    if api_version < CREATED_SINCE:
        properties = {name: value for name, value in properties.items() if name not in _LATE}
    if profile:
        properties["virtualMachineProfile"] = profile
    return {**result, "properties": properties}


_NEW = ("timeCreated",)
_LATE = ("timeCreated", "orchestrationMode")


def _next_profile(old: Json, given: Json) -> Json:
    asked = {name: value for name, value in given.items() if name not in ("applicationProfile", "timeCreated")}
    profile = merged(old, _without_secrets(asked))
    if section(asked, "securityProfile").get("securityType") == "Standard":
        profile["securityProfile"] = {}  # test_vmss_update_security_type: Standard clears the profile
    if "extensionProfile" in profile:
        extensions = section(profile, "extensionProfile").get("extensions") or []
        shown = [_without_protected(item) for item in extensions]
        profile["extensionProfile"] = {**section(profile, "extensionProfile"), "extensions": shown}
    applications = written_profile(old, given)
    profile.pop("applicationProfile", None)
    return profile if applications is None else {**profile, "applicationProfile": applications}


def _without_secrets(profile: Json) -> Json:
    result = {name: value for name, value in profile.items() if name != "userData"}
    if "osProfile" in result:
        given = section(result, "osProfile")
        result["osProfile"] = {name: value for name, value in given.items() if name not in SECRET}
    return result


def _without_protected(extension: Json) -> Json:
    """Protected settings are taken and never shown (recording test_vmss_extension_debian)."""
    properties = section(extension, "properties")
    return {**extension, "properties": {name: properties[name] for name in properties if name != "protectedSettings"}}


def _complete_profile(profile: Json, is_set_flexible: bool) -> Json:
    os_type = os_type_of(profile)
    result = dict(profile)
    storage = section(profile, "storageProfile")
    if "osDisk" in storage:
        result["storageProfile"] = {**storage, "osDisk": {"osType": os_type, **section(storage, "osDisk")}}
    if "osProfile" in profile:
        result["osProfile"] = _os_profile(section(profile, "osProfile"), os_type, is_set_flexible)
    network = section(profile, "networkProfile")
    if network.get("networkInterfaceConfigurations"):
        items = [_interface(item) for item in network["networkInterfaceConfigurations"]]
        result["networkProfile"] = {**network, "networkInterfaceConfigurations": items}
    return result


def _os_profile(profile: Json, os_type: str, is_set_flexible: bool) -> Json:
    name = f"{os_type.lower()}Configuration"
    defaults: Json = {"provisionVMAgent": True}
    if os_type == "Windows":
        defaults["enableAutomaticUpdates"] = True
    if is_set_flexible:
        mode = "AutomaticByOS" if os_type == "Windows" else "ImageDefault"
        defaults["patchSettings"] = {"patchMode": mode, "assessmentMode": "ImageDefault"}
    added: Json = {"secrets": [], "allowExtensionOperations": True, "requireGuestProvisionSignal": True}
    return {**added, **profile, name: {**defaults, **section(profile, name)}}


def _interface(item: Json) -> Json:
    defaults: Json = {
        "enableAcceleratedNetworking": False,
        "dnsSettings": {"dnsServers": []},
        "enableIPForwarding": False,
    }
    properties = {**defaults, **section(item, "properties")}
    addresses = properties.get("ipConfigurations") or []
    properties["ipConfigurations"] = [
        {**address, "properties": {"privateIPAddressVersion": "IPv4", **section(address, "properties")}}
        for address in addresses
    ]
    return {**item, "properties": properties}


def _extension(os_type: str) -> Json:
    return {
        "name": NAME,
        "properties": {
            "autoUpgradeMinorVersion": True,
            "publisher": PUBLISHER,
            "type": f"VMApplicationManager{os_type}",
            "typeHandlerVersion": "1.0",
            "settings": {},
        },
    }


def _old_profile(profile: Json, tag: str) -> Json:
    """Before 2022-03-01: no enableAutomaticUpgrade, but a forceUpdateTag (recordings of 2021)."""
    result = dict(profile)
    if "applicationProfile" in result:
        entries = [without_upgrade(entry) for entry in entries_of(profile)]
        result["applicationProfile"] = {"galleryApplications": entries}
    if "extensionProfile" in result:
        extensions = section(profile, "extensionProfile").get("extensions") or []
        items = [with_update_tag(item, str(uuid5(NAMESPACE_URL, tag))) for item in extensions]
        result["extensionProfile"] = {**section(profile, "extensionProfile"), "extensions": items}
    return result
