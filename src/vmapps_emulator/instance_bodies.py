"""The body of a new instance: a Uniform one as recorded (tmc_vmss, test_vmss_update), a Flexible one as a machine."""

from copy import deepcopy

from vmapps_emulator.machine_model import complete, os_type_of
from vmapps_emulator.scale_set_model import model_of
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Json, now, section

_TYPE = "Microsoft.Compute/virtualMachineScaleSets/virtualMachines"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHARED = ("licenseType", "securityProfile", "diagnosticsProfile", "priority", "evictionPolicy", "billingProfile")


def uniform_body(scale_set: Resource, number: int, vm_id: str) -> Json:
    """An instance below its scale set; its etag comes with the first write."""
    name = f"{scale_set.body['name']}_{number}"
    below = f"{scale_set.id}/virtualMachines/{number}"
    sku = {key: value for key, value in section(scale_set.body, "sku").items() if key != "capacity"}
    body: Json = {"name": name, "id": below, "type": _TYPE, "location": scale_set.location}
    body |= _copied(scale_set.body, ("tags", "zones"))
    body |= {"instanceId": str(number), "sku": sku, "properties": _uniform_properties(scale_set, number, vm_id, below)}
    return body


def flexible_body(scale_set: Resource, vm_id: str) -> Json:
    """A virtual machine of a Flexible set: ``<set>_<8 hex>`` (guess: the naming, seen in documentation only)."""
    name = f"{scale_set.body['name']}_{vm_id[:8]}"
    head = scale_set.id.partition("/virtualMachineScaleSets/")[0]
    body: Json = {"name": name, "id": f"{head}/virtualMachines/{name}", "type": "Microsoft.Compute/virtualMachines"}
    body |= {"location": scale_set.location, **_copied(scale_set.body, ("tags", "zones"))}
    disks = f"{head}/disks"
    properties = {
        "virtualMachineScaleSet": {"id": scale_set.id},
        **_common(scale_set, vm_id, f"{name}_OsDisk_1_{vm_id.replace('-', '')}", disks),
        "osProfile": _os_profile(model_of(scale_set), vm_id[:6].upper()),
        "networkProfile": {"networkInterfaces": [{"id": f"{head}/networkInterfaces/{name}-nic"}]},
    }
    body["properties"] = complete(properties)
    return body


def _uniform_properties(scale_set: Resource, number: int, vm_id: str, below: str) -> Json:
    profile, name = model_of(scale_set), scale_set.body["name"]
    interfaces = section(profile, "networkProfile").get("networkInterfaceConfigurations") or []
    disk = _disk_name(str(name), number, vm_id.replace("-", ""))
    disks = f"{scale_set.id.partition('/virtualMachineScaleSets/')[0]}/disks"
    links = [{"id": f"{below}/networkInterfaces/{item.get('name')}"} for item in interfaces]
    return {
        "latestModelApplied": True,
        "modelDefinitionApplied": "VirtualMachineScaleSet",
        "networkProfileConfiguration": {"networkInterfaceConfigurations": deepcopy(interfaces)},
        "provisioningState": "Creating",
        "resilientVMDeletionStatus": "Disabled",
        **_common(scale_set, vm_id, disk, disks),
        "osProfile": _os_profile(profile, _base36(number)),
        "networkProfile": {"networkInterfaces": links},
    }


def _common(scale_set: Resource, vm_id: str, disk: str, disks: str) -> Json:
    profile = model_of(scale_set)
    storage = deepcopy(section(profile, "storageProfile"))
    managed = {**section(storage, "osDisk", "managedDisk"), "id": f"{disks}/{disk}"}
    own = {"osType": os_type_of(profile), "name": disk, **section(storage, "osDisk"), "managedDisk": managed}
    image = section(storage, "imageReference")
    if "publisher" in image:
        storage["imageReference"] = {**image, "exactVersion": _exact(str(image.get("version", "latest")))}
    return {
        "hardwareProfile": {"vmSize": section(scale_set.body, "sku").get("name", "")},
        "provisioningState": "Creating",
        "vmId": vm_id,
        "storageProfile": {**storage, "osDisk": own, "dataDisks": storage.get("dataDisks") or []},
        **deepcopy(_copied(profile, _SHARED)),
        "timeCreated": now(),
    }


def _exact(version: str) -> str:
    """guess: which version ``latest`` was is the service's to know; recordings show that it says one."""
    return "1.0.0" if version == "latest" else version


def _disk_name(name: str, number: int, token: str) -> str:
    """As recorded: whole names up to 80 characters, else cut ones (tmc_vmss_vm, test_vmss_simulate_eviction)."""
    full = f"{name}_{name}_{number}_OsDisk_1_{token}"
    return full if len(full) <= 80 else f"{name[:20]}{name[:21]}OS__1_{token}"


def _os_profile(profile: Json, ending: str) -> Json:
    given = deepcopy(section(profile, "osProfile"))
    prefix = given.pop("computerNamePrefix", "")
    return {"computerName": f"{prefix}{ending}", **given}


def _base36(number: int) -> str:
    """The six digits that end a Uniform instance's computer name (recording tmc_vmss: testPC000001)."""
    digits = ""
    while number:
        number, last = divmod(number, 36)
        digits = _DIGITS[last] + digits
    return digits.rjust(6, "0")


def _copied(body: Json, names: tuple[str, ...]) -> Json:
    return {name: body[name] for name in names if name in body}
