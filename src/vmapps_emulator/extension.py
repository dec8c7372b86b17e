"""VMAppExtension: the platform's own extension, which comes with the first application and goes with the last."""

from vmapps_emulator.machine_model import os_type_of
from vmapps_emulator.profiles import assigned
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Json

NAME = "VMAppExtension"
PUBLISHER = "Microsoft.CPlat.Core"


def extension_type(machine: Resource) -> str:
    """The extension's type, by the machine's system."""
    return f"VMApplicationManager{os_type_of(machine.properties)}"


def show_extension(machine: Resource) -> None:
    """Add the extension to ``resources`` or take it away (recording test_vm_add_application)."""
    others = [item for item in machine.body.get("resources", []) if item["name"] != NAME]
    held = extension_of(machine)
    if assigned(machine):
        others.append(held or _new(machine))
    machine.body.pop("resources", None)
    if others:
        machine.body["resources"] = others
    machine.touched()


def extension_of(machine: Resource) -> Json | None:
    """The extension's body, if the machine has it."""
    found: list[Json] = [item for item in machine.body.get("resources", []) if item["name"] == NAME]
    return found[0] if found else None


def set_extension_state(machine: Resource, state: str) -> None:
    """Write the extension's provisioningState."""
    extension = extension_of(machine)
    if extension is not None:
        extension["properties"]["provisioningState"] = state
        machine.touched()


def _new(machine: Resource) -> Json:
    return {
        "name": NAME,
        "id": f"{machine.id}/extensions/{NAME}",
        "type": f"{machine.body['type']}/extensions",
        "location": machine.location,
        "properties": {
            "autoUpgradeMinorVersion": True,
            "provisioningState": "Creating",
            "publisher": PUBLISHER,
            "type": extension_type(machine),
            "typeHandlerVersion": "1.0",
            "settings": {},
        },
    }
