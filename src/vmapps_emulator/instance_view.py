"""A machine's instance view: power, agent, and the message of VMAppExtension (azure-facts 3.5 [MG])."""

from vmapps_emulator.extension import NAME, PUBLISHER, extension_of, extension_type
from vmapps_emulator.guest import Report
from vmapps_emulator.machine_model import os_type_of
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Json, now, section
from vmapps_emulator.world import World

_HANDLER_VERSION = "1.0.20"


def instance_view(world: World, machine: Resource) -> Json:
    """The view as recorded (tmc_vm), with the applications' status when the machine has any."""
    is_stopped = machine.key in world.guests.stopped
    view: Json = {"computerName": _computer_name(machine), **_system(machine)}
    if not is_stopped:
        view["vmAgent"] = {"vmAgentVersion": "2.7.41491.1172", "statuses": [_agent()]}
    view["disks"] = [{"name": name, "statuses": [_provisioned()]} for name in _disks(machine)]
    extensions = _extensions(world, machine)
    if extensions:
        view["extensions"] = extensions
    view["hyperVGeneration"] = "V2"
    view["statuses"] = [provisioning(machine), _power(is_stopped)]
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


def _agent() -> Json:
    return {
        "code": "ProvisioningState/succeeded",
        "level": "Info",
        "displayStatus": "Ready",
        "message": "GuestAgent is running and processing the extensions.",
        "time": now(),
    }


def provisioning(machine: Resource) -> Json:
    """A resource's provisioningState as a status."""
    state = machine.state.lower()
    level = "Error" if state == "failed" else "Info"
    shown = {"succeeded": "Provisioning succeeded", "failed": "Provisioning failed"}.get(state, state.capitalize())
    return {"code": f"ProvisioningState/{state}", "level": level, "displayStatus": shown, "time": now()}


def _power(is_stopped: bool) -> Json:
    word = "deallocated" if is_stopped else "running"
    return {"code": f"PowerState/{word}", "level": "Info", "displayStatus": f"VM {word}"}
