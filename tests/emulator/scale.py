"""What the tests of scale sets share: bodies, instances, versions."""

from typing import Any

from emulator.arm import BELOW, Arm, Json, profile_body

SET = f"{BELOW}/virtualMachineScaleSets/set"


def scale_set_body(capacity: int = 3, *, mode: str = "Manual", flexible: bool = False, **properties: Any) -> Json:
    """A scale set that the service takes."""
    model = {
        "osProfile": {"computerNamePrefix": "web", "adminUsername": "me", "adminPassword": "secret"},
        "storageProfile": {"osDisk": {"osType": "Linux", "createOption": "FromImage"}},
        "networkProfile": {"networkInterfaceConfigurations": [{"name": "nic", "properties": {"ipConfigurations": []}}]},
    }
    policy = {"upgradePolicy": {"mode": mode, **properties.pop("policy", {})}}
    given = {"virtualMachineProfile": model, "orchestrationMode": "Flexible" if flexible else "Uniform", **policy}
    sku = {"name": "Standard_D2s_v5", "tier": "Standard", "capacity": capacity}
    return {"location": "eastus", "sku": sku, "properties": {**given, **properties}}


def model_patch(*entries: str | Json) -> Json:
    """The raw PATCH of a set's applications."""
    full = [{"packageReferenceId": entry} if isinstance(entry, str) else entry for entry in entries]
    return {"properties": {"virtualMachineProfile": profile_body(full)["properties"]}}


def instances(arm: Arm, query: str = "", path: str = SET) -> list[Json]:
    return arm.get(f"{path}/virtualMachines{query}")["value"]


def staleness(arm: Arm) -> list[bool]:
    return [not item["properties"]["latestModelApplied"] for item in instances(arm)]


def installed(arm: Arm, instance: Json) -> dict[str, str]:
    """What an instance's guest holds: application to version."""
    machines = arm.control("GET", "guest")["machines"]
    held = machines.get(instance["id"].lower(), [])
    return {entry["applicationName"]: entry["version"] for entry in held}


def upgrade(arm: Arm, *ids: str) -> Json:
    return arm.done("POST", f"{SET}/manualupgrade", {"instanceIds": list(ids)})
