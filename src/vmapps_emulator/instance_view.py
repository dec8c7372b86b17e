"""A machine's instance view: power, agent, and the message of VMAppExtension (azure-facts 3.5 [MG])."""

from vmapps_emulator.extension import NAME, PUBLISHER, extension_of, extension_type
from vmapps_emulator.guest import Report
from vmapps_emulator.machine_model import os_type_of
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Json, now, section
from vmapps_emulator.world import World

_HANDLER_VERSION = "1.0.20"


def instance_view(world: World, machine: Resource) -> Json:
    """The view as recorded (tmc_vm), with the applications' status when the machine has any.

    A deallocated machine has no guest to tell of (test_vm_create_state_modifications).
    """
    power = _power_of(world, machine)
    extensions = _extensions(world, machine)
    view: Json = {}
    if power != "deallocated":
        view |= {"computerName": _computer_name(machine), **_system(machine), "vmAgent": _agent(machine, extensions)}
    view["disks"] = [{"name": name, "statuses": [_provisioned()]} for name in _disks(machine)]
    if extensions and power != "deallocated":
        view["extensions"] = extensions
    view["hyperVGeneration"] = _generation(machine)
    view["statuses"] = [provisioning(machine), _power(power)]
    return view


def extension_status(machine: Resource, report: Report) -> Json:
    """One extension of the view (guess: code and level of a failure)."""
    word, level = ("succeeded", "Info") if report.is_success else ("failed", "Error")
    status = {
        "code": f"ProvisioningState/{word}",
        "level": level,
        "displayStatus": f"Provisioning {word}",
        "message": report.message,
    }
    return {
        "name": NAME,
        "type": f"{PUBLISHER}.{extension_type(machine)}",
        "typeHandlerVersion": _HANDLER_VERSION,
        "statuses": [status],
    }


def _extensions(world: World, machine: Resource) -> list[Json]:
    guest = world.guests.by_machine.get(machine.key)
    if guest is None or guest.report is None or extension_of(machine) is None:
        return []
    return [extension_status(machine, guest.report)]


def _computer_name(machine: Resource) -> str:
    return str(section(machine.properties, "osProfile").get("computerName", machine.body["name"]))


def _system(machine: Resource) -> Json:
    if os_type_of(machine.properties) == "Windows":
        return {
            "osName": "Windows Server 2022 Datacenter Azure Edition",
            "osVersion": "Microsoft Windows NT 10.0.20348.0",
        }
    return {"osName": "ubuntu", "osVersion": "22.04"}


def _disks(machine: Resource) -> list[str]:
    storage = section(machine.properties, "storageProfile")
    disks = [section(storage, "osDisk"), *(storage.get("dataDisks") or [])]
    return [str(disk["name"]) for disk in disks if disk.get("name")]


def _provisioned() -> Json:
    return {
        "code": "ProvisioningState/succeeded",
        "level": "Info",
        "displayStatus": "Provisioning succeeded",
        "time": now(),
    }


def _agent(machine: Resource, extensions: list[Json]) -> Json:
    """The agent and its handlers (recordings test_vm_create_state_modifications, tmc_vm: two wordings)."""
    is_windows = os_type_of(machine.properties) == "Windows"
    text = "GuestAgent is running and processing the extensions." if is_windows else "Guest Agent is running"
    ready = {"code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Ready"}
    handlers = [
        {
            "type": item["type"],
            "typeHandlerVersion": item["typeHandlerVersion"],
            "status": {**ready, "message": "Plugin enabled"},
        }
        for item in extensions
    ]
    status = {**ready, "message": text, "time": now()}
    return {"vmAgentVersion": "2.7.41491.1172", "statuses": [status], "extensionHandlers": handlers}


def provisioning(machine: Resource) -> Json:
    """A resource's provisioningState as a status."""
    state = machine.state.lower()
    level = "Error" if state == "failed" else "Info"
    shown = {"succeeded": "Provisioning succeeded", "failed": "Provisioning failed"}.get(state, state.capitalize())
    return {"code": f"ProvisioningState/{state}", "level": level, "displayStatus": shown, "time": now()}


def _power(word: str) -> Json:
    return {"code": f"PowerState/{word}", "level": "Info", "displayStatus": f"VM {word}"}


def _power_of(world: World, machine: Resource) -> str:
    return str(machine.hidden.get("power", "deallocated" if machine.key in world.guests.stopped else "running"))


def _generation(machine: Resource) -> str:
    """The second generation says so in the image's SKU (recordings: 2022-datacenter-g2, 22_04-lts-gen2)."""
    sku = str(section(machine.properties, "storageProfile", "imageReference").get("sku", "")).lower()
    return "V2" if "-g2" in sku or "gen2" in sku else "V1"
