"""A synthetic fleet: as many machines as asked for, the same every time, 5 to 6 kB each as JSON.

The shape is that of recorded machines (tmc_vm, test_vm_list_ip); the size is that of a machine in use, with data
disks, a key and tags. Bodies come out of one encoded template for each system: 50,000 take about a second.
"""

from hashlib import sha512

from vmapps_emulator.groups import new_group
from vmapps_emulator.machine_model import complete
from vmapps_emulator.packed import Packed
from vmapps_emulator.store import group_key
from vmapps_emulator.wire import Json, encode
from vmapps_emulator.world import World

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
LOCATIONS = ("eastus", "westeurope", "southeastasia")

_ROLES = (b"web", b"api", b"db")
_ENVIRONMENTS = (b"prod", b"test", b"dev")
_PER_GROUP = 500
_BELOW = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/%(group)s/providers"
_MACHINES = f"{_BELOW}/Microsoft.Compute/virtualMachines"
_EVERYWHERE = f"/subscriptions/{SUBSCRIPTION}/providers/microsoft.compute/virtualmachines"


def plant_fleet(world: World, count: int) -> None:
    """Add machines ``vm-00000`` onwards in resource groups ``rg-fleet-0`` onwards, 500 in each."""
    for group in range((count + _PER_GROUP - 1) // _PER_GROUP):
        name = f"rg-fleet-{group}"
        world.store.groups[group_key(SUBSCRIPTION, name)] = new_group(SUBSCRIPTION, name, LOCATIONS[0])
    templates = [encode(_body(is_windows=False)), encode(_body(is_windows=True))]
    for number in range(count):
        world.store.put(_machine(number, templates[number % 2]))


def _machine(number: int, template: bytes) -> Packed:
    """One machine: the template with this machine's values."""
    name, group = f"vm-{number:05d}", f"rg-fleet-{number // _PER_GROUP}"
    region = LOCATIONS[number % len(LOCATIONS)]
    digest = sha512(name.encode()).hexdigest()
    body = template % {
        b"name": name.encode(),
        b"group": group.encode(),
        b"region": region.encode(),
        b"zone": b"%d" % (1 + number % 3),
        b"role": _ROLES[number // 2 % len(_ROLES)],
        b"env": _ENVIRONMENTS[number // 6 % len(_ENVIRONMENTS)],
        b"team": b"%d" % (number % 7),
        b"center": b"%d" % (4000 + number % 90),
        b"disk": digest[:32].encode(),
        b"id": _guid(digest[32:64]),
        b"principal": _guid(digest[64:96]),
    }
    below = (_MACHINES % {"group": group}).lower()
    return Packed(f"{below}/{name}", body, (below, _EVERYWHERE), 1, region)


def _guid(digits: str) -> bytes:
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])).encode()


def _body(*, is_windows: bool) -> Json:
    """A machine with places for the values."""
    return {
        "name": "%(name)s",
        "id": f"{_MACHINES}/%(name)s",
        "type": "Microsoft.Compute/virtualMachines",
        "location": "%(region)s",
        "tags": _TAGS,
        "identity": {"type": "SystemAssigned", "principalId": "%(principal)s", "tenantId": SUBSCRIPTION},
        "zones": ["%(zone)s"],
        "properties": complete(_properties(is_windows=is_windows)),
        "etag": '"1"',
    }


def _properties(*, is_windows: bool) -> Json:
    os_disk = _disk("%(name)s_OsDisk_1_%(disk)s", 127 if is_windows else 30)
    return {
        "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
        "provisioningState": "Succeeded",
        "vmId": "%(id)s",
        "storageProfile": {
            "imageReference": _WINDOWS if is_windows else _LINUX,
            "osDisk": {
                "osType": "Windows" if is_windows else "Linux",
                "createOption": "FromImage",
                "caching": "ReadWrite",
                **os_disk,
            },
            "dataDisks": [{"lun": lun, **_disk(f"%(name)s_data_{lun}", 512), **_DATA_DISK} for lun in range(8)],
            "diskControllerType": "SCSI",
        },
        "osProfile": {"computerName": "%(name)s", "adminUsername": "azureuser", **({} if is_windows else _KEYS)},
        "securityProfile": {
            "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True},
            "securityType": "TrustedLaunch",
        },
        "networkProfile": {"networkInterfaces": [_interface(number) for number in range(2)]},
        "diagnosticsProfile": {
            "bootDiagnostics": {"enabled": True, "storageUri": "https://fleetdiagnostics.blob.core.windows.net/"}
        },
        "timeCreated": "2024-08-16T06:33:30.9517098+00:00",
    }


def _disk(name: str, size: int) -> Json:
    managed = f"{_BELOW}/Microsoft.Compute/disks/{name}"
    return {"name": name, "managedDisk": {"storageAccountType": "Premium_LRS", "id": managed}, "diskSizeGB": size}


def _interface(number: int) -> Json:
    address = f"{_BELOW}/Microsoft.Network/networkInterfaces/%(name)s-nic-{number}"
    return {"id": address, "properties": {"primary": number == 0, "deleteOption": "Detach"}}


_TAGS: Json = {
    "role": "%(role)s",
    "env": "%(env)s",
    "owner": "team-%(team)s",
    "costCenter": "%(center)s",
    "patchWindow": "sunday 02:00-04:00 UTC",
    "createdBy": "pipeline/landing-zone/main.bicep",
}
_DATA_DISK: Json = {
    "createOption": "Attach",
    "caching": "ReadOnly",
    "writeAcceleratorEnabled": False,
    "toBeDetached": False,
    "deleteOption": "Detach",
}
_KEYS: Json = {
    "linuxConfiguration": {
        "disablePasswordAuthentication": True,
        "ssh": {
            "publicKeys": [
                {
                    "path": "/home/azureuser/.ssh/authorized_keys",
                    "keyData": f"ssh-rsa {'AAAAB3NzaC1yc2EAAAADAQABAAAB' * 14} fleet",
                }
            ]
        },
    }
}
_LINUX = {
    "publisher": "Canonical",
    "offer": "0001-com-ubuntu-server-jammy",
    "sku": "22_04-lts-gen2",
    "version": "latest",
    "exactVersion": "22.04.202408010",
}
_WINDOWS = {
    "publisher": "MicrosoftWindowsServer",
    "offer": "WindowsServer",
    "sku": "2022-datacenter-g2",
    "version": "latest",
    "exactVersion": "20348.2655.240810",
}
