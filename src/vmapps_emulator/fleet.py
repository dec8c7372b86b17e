"""A synthetic fleet: as many machines as asked for, the same every time."""

from uuid import UUID, uuid5

from vmapps_emulator.groups import new_group
from vmapps_emulator.machine_model import complete
from vmapps_emulator.store import Resource, group_key
from vmapps_emulator.wire import Json
from vmapps_emulator.world import World

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
LOCATIONS = ("eastus", "westeurope", "southeastasia")

_ROLES = ("web", "api", "db")
_ENVIRONMENTS = ("prod", "test", "dev")
_PER_GROUP = 500
_NAMESPACE = UUID("5c6b6a2e-0f0b-4a76-9d7a-6a1d6f1f5b11")


def plant_fleet(world: World, count: int) -> None:
    """Add machines ``vm-00000`` onwards in resource groups ``rg-fleet-0`` onwards, 500 in each."""
    for group in range((count + _PER_GROUP - 1) // _PER_GROUP):
        name = f"rg-fleet-{group}"
        world.store.groups[group_key(SUBSCRIPTION, name)] = new_group(SUBSCRIPTION, name, LOCATIONS[0])
    for number in range(count):
        world.store.put(_machine(number))


def _machine(number: int) -> Resource:
    name, group = f"vm-{number:05d}", f"rg-fleet-{number // _PER_GROUP}"
    head = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}"
    below = f"{head}/providers/Microsoft.Compute/virtualMachines"
    body: Json = {"name": name, "id": f"{below}/{name}", "type": "Microsoft.Compute/virtualMachines"}
    body |= {"location": LOCATIONS[number % len(LOCATIONS)], "tags": _tags(number)}
    body["properties"] = complete(_properties(number, name, head))
    subscription = f"/subscriptions/{SUBSCRIPTION}/providers/microsoft.compute/virtualmachines"
    resource = Resource(f"{below}/{name}".lower(), body, (below.lower(), subscription))
    resource.write_etag()
    return resource


def _tags(number: int) -> Json:
    return {
        "role": _ROLES[number // 2 % len(_ROLES)],
        "env": _ENVIRONMENTS[number // 6 % len(_ENVIRONMENTS)],
        "owner": f"team-{number % 7}",
    }


def _properties(number: int, name: str, head: str) -> Json:
    is_windows = number % 2 == 1
    image = _WINDOWS if is_windows else _LINUX
    disk = f"{name}_OsDisk_1_{uuid5(_NAMESPACE, name).hex}"
    managed = f"{head}/providers/Microsoft.Compute/disks/{disk}"
    return {
        "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
        "provisioningState": "Succeeded",
        "vmId": str(uuid5(_NAMESPACE, f"vm/{name}")),
        "storageProfile": {
            "imageReference": image,
            "osDisk": {
                "osType": "Windows" if is_windows else "Linux",
                "name": disk,
                "createOption": "FromImage",
                "caching": "ReadWrite",
                "managedDisk": {"storageAccountType": "Premium_LRS", "id": managed},
                "diskSizeGB": 127 if is_windows else 30,
            },
            "dataDisks": [],
            "diskControllerType": "SCSI",
        },
        "osProfile": {"computerName": name, "adminUsername": "azureuser"},
        "securityProfile": {
            "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True},
            "securityType": "TrustedLaunch",
        },
        "networkProfile": {
            "networkInterfaces": [{"id": f"{head}/providers/Microsoft.Network/networkInterfaces/{name}-nic"}]
        },
        "diagnosticsProfile": {"bootDiagnostics": {"enabled": True}},
        "timeCreated": "2024-08-16T06:33:30.9517098+00:00",
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
