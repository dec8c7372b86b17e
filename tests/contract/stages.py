"""Two clouds that must behave alike: one in memory, and AzureCloud against the emulator; each with things to act on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Protocol

import samples
from memory_cloud import Box, MemoryCloud, Node
from vmapps.azure.cloud import AzureCloud
from vmapps.core.address import ArmId
from vmapps.core.guest import GuestReport, InGuest, State
from vmapps.core.resource import Machine
from vmapps.core.settle import PutEntries, Write
from vmapps.engine.ports import Cloud, Done, Running

HOME = samples.HOME
INSTALLED = GuestReport((InGuest("nginx", "1.0.0", State.INSTALLED, "Install SUCCESS"),))


class Stage(Protocol):
    """A cloud with a published version, and a way to make machines."""

    cloud: Cloud
    version: ArmId

    def machine(self) -> ArmId: ...

    def scale_set(self, mode: str, count: int = 3, orchestration: str = "Uniform") -> ArmId: ...

    def protect(self, scale_set: ArmId, name: str) -> None:
        """Keep an instance from the set's actions."""
        ...

    def guests_run(self, arm_id: ArmId) -> None:
        """Let the guests of a machine, or of a set's instances with the newest model, install what they shall."""
        ...


@dataclass
class InMemory:
    cloud: MemoryCloud
    version: ArmId

    def machine(self) -> ArmId:
        arm_id = samples.machine_id("web-01")
        self.cloud.add(Box(arm_id))
        return arm_id

    def scale_set(self, mode: str, count: int = 3, orchestration: str = "Uniform") -> ArmId:
        arm_id = ArmId(HOME, "rg-web", ("virtualMachineScaleSets",), (f"{mode}-ss",))
        traits = {"size": "standard_d2s_v5", "image": "canonical:ubuntu:22_04-lts:latest"}
        named = "web_" if orchestration == "Flexible" else ""
        nodes = [Node(f"{named}{number}", traits=traits) for number in range(count)]
        self.cloud.add(Box(arm_id, upgrade_mode=mode, orchestration=orchestration, traits=traits, nodes=nodes))
        return arm_id

    def protect(self, scale_set: ArmId, name: str) -> None:
        next(one for one in self.cloud.boxes[scale_set.key].nodes if one.name == name).is_protected = True

    def guests_run(self, arm_id: ArmId) -> None:
        box = self.cloud.boxes[arm_id.key]
        box.report = INSTALLED if box.entries else None
        for node in box.nodes:
            node.report = INSTALLED if node.latest and box.entries else node.report


def in_memory() -> InMemory:
    cloud = MemoryCloud(polls=2)
    version = samples.resource_id("platform", "nginx", "1.0.0")
    cloud.seed(version.parent.parent, {"location": "westeurope", "properties": {}})
    cloud.seed(version.parent, {"location": "westeurope", "properties": {"supportedOSType": "Linux"}})
    profile = {"source": {"mediaLink": "https://x/a"}, "targetRegions": [{"name": "westeurope"}]}
    cloud.seed(version, {"location": "westeurope", "properties": {"publishingProfile": profile}})
    return InMemory(cloud, version)


@dataclass
class OverHttp:
    cloud: AzureCloud
    group: str
    version: ArmId

    def machine(self) -> ArmId:
        arm_id = ArmId(HOME, self.group, ("virtualMachines",), ("web-01",))
        self._write("PUT", str(arm_id), {"storageProfile": {"osDisk": DISK}})
        return arm_id

    def scale_set(self, mode: str, count: int = 3, orchestration: str = "Uniform") -> ArmId:
        arm_id = ArmId(HOME, self.group, ("virtualMachineScaleSets",), (f"{mode}-ss",))
        image = {"publisher": "Canonical", "offer": "ubuntu", "sku": "22_04-lts", "version": "latest"}
        model = {
            "osProfile": {"computerNamePrefix": "web", "adminUsername": "me", "adminPassword": "secret"},
            "storageProfile": {"osDisk": DISK, "imageReference": image},
            "networkProfile": {"networkInterfaceConfigurations": []},
        }
        properties = {
            "orchestrationMode": orchestration,
            "upgradePolicy": {"mode": mode},
            "virtualMachineProfile": model,
        }
        self._write("PUT", str(arm_id), properties, sku={"name": "Standard_D2s_v5", "capacity": count})
        return arm_id

    def protect(self, scale_set: ArmId, name: str) -> None:
        policy = {"protectionPolicy": {"protectFromScaleSetActions": True}}
        self._write("PUT", f"{scale_set}/virtualMachines/{name}", policy)

    def guests_run(self, arm_id: ArmId) -> None:
        """The emulator's guests do so by themselves."""

    def _write(self, method: str, path: str, properties: Any, **more: Any) -> None:
        body = json.dumps({"location": "westeurope", "properties": properties, **more}).encode()
        family = "compute" if "/virtualMachine" in path else "gallery"
        answer = self.cloud.arm.ask(method, self.cloud.arm.url(path, family), body)
        assert answer.status < 300, answer.body
        assert self.cloud.arm.ask("POST", f"{self.cloud.arm.endpoint}/emulator/settle").status == 200


DISK = {"osType": "Linux", "createOption": "FromImage"}


def over_http(cloud: AzureCloud, group: str) -> OverHttp:
    gallery = ArmId(HOME, group, ("galleries",), (f"stage{group[3:]}",))
    version = gallery.child("applications", "nginx").child("versions", "1.0.0")
    stage = OverHttp(cloud, group, version)
    stage._write("PUT", str(gallery), {})
    stage._write("PUT", str(version.parent), {"supportedOSType": "Linux"})
    profile = {
        "source": {"mediaLink": "https://pkgs.blob.core.windows.net/c/a?sig=x"},
        "manageActions": {"install": "./i", "remove": "./r"},
        "targetRegions": [{"name": "westeurope"}],
    }
    stage._write("PUT", str(version), {"publishingProfile": profile})
    return stage


def carry_out(cloud: Cloud, write: Write) -> None:
    """Send a write and ask until it has succeeded."""
    ticket = cloud.begin(write)
    for _ in range(20):
        said = cloud.check(ticket) if ticket.poll else Done()
        if not isinstance(said, Running):
            assert said == Done()
            return
    raise AssertionError("it never ended")


def machine_of(cloud: Cloud, arm_id: ArmId) -> Machine:
    found = cloud.read(arm_id)
    assert isinstance(found, Machine)
    return found


def assign(stage: Stage, arm_id: ArmId) -> None:
    """Give a machine, or a set's model, the version; its guests do what they do at the end of a write."""
    entry: Any = {"packageReferenceId": str(stage.version)}
    carry_out(stage.cloud, PutEntries(arm_id, (entry,), machine_of(stage.cloud, arm_id).etag))
    stage.guests_run(arm_id)
