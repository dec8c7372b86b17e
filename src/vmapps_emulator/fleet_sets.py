"""A synthetic fleet of scale sets: half Uniform, half Flexible, three instances each, the same every time."""

from vmapps_emulator.fleet import LOCATIONS, SUBSCRIPTION
from vmapps_emulator.seed import plant
from vmapps_emulator.wire import Json
from vmapps_emulator.world import World

_PER_GROUP = 500
_MODES = ("Manual", "Automatic", "Rolling")


def plant_scale_sets(world: World, count: int) -> None:
    """Add scale sets ``vmss-00000`` onwards in resource groups ``rg-sets-0`` onwards, 500 in each."""
    plant(world, {"resources": [_body(number) for number in range(count)]})


def _body(number: int) -> Json:
    head = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-sets-{number // _PER_GROUP}"
    name = f"vmss-{number:05d}"
    return {
        "id": f"{head}/providers/Microsoft.Compute/virtualMachineScaleSets/{name}",
        "location": LOCATIONS[number % len(LOCATIONS)],
        "tags": {"owner": f"team-{number % 7}"},
        "sku": {"name": "Standard_D2s_v5", "tier": "Standard", "capacity": 3},
        "properties": {
            "orchestrationMode": "Flexible" if number % 2 else "Uniform",
            "upgradePolicy": {"mode": _MODES[number % len(_MODES)]},
            "virtualMachineProfile": _profile(name, is_windows=number % 4 > 1),
        },
    }


def _profile(name: str, *, is_windows: bool) -> Json:
    disk = {
        "osType": "Windows" if is_windows else "Linux",
        "createOption": "FromImage",
        "managedDisk": {"storageAccountType": "Premium_LRS"},
    }
    return {
        "osProfile": {"computerNamePrefix": name[-9:], "adminUsername": "azureuser"},
        "storageProfile": {"osDisk": disk},
        "networkProfile": {
            "networkInterfaceConfigurations": [{"name": f"{name}-nic", "properties": {"primary": True}}]
        },
    }
