"""Machines in memory: virtual machines, scale sets with their instances, and what their guests say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import memory_rules as azure
from vmapps.core.address import Address, ArmId
from vmapps.core.guest import GuestReport, InGuest, State
from vmapps.core.resource import Instance, Instances, Machine
from vmapps.errors import Missing, Refused

KINDS = {"virtualmachines": "VirtualMachine", "virtualmachinescalesets": "VirtualMachineScaleSet"}


@dataclass
class Node:
    """An instance of a scale set."""

    name: str
    latest: bool = True
    is_protected: bool = False
    traits: Mapping[str, str] = field(default_factory=dict)
    report: GuestReport | None = None


@dataclass
class Box:
    """A virtual machine; with an `upgrade_mode` a scale set, which has `nodes` and perhaps a `rolling` upgrade."""

    id: ArmId
    entries: list[bytes] = field(default_factory=list)
    location: str = "westeurope"
    os_type: str = "Linux"
    tags: Mapping[str, str] = field(default_factory=dict)
    scale_set: str = ""
    version: int = 1
    report: GuestReport | None = None
    upgrade_mode: str = ""
    orchestration: str = ""
    traits: Mapping[str, str] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    rolling: str = ""

    @property
    def etag(self) -> str:
        return f'"{self.version}"'

    @property
    def stale(self) -> list[Node]:
        """What an upgrade would touch [azure-facts 3.9]: protected instances are left alone."""
        return [node for node in self.nodes if not node.latest and not node.is_protected]

    def all_is_well(self) -> GuestReport | None:
        """What the guest says when nobody told it to say something else: everything on the list is installed."""
        found = [azure.read_entry(raw).reference for raw in self.entries]
        names = [one for one in found if one is not None]
        installed = tuple(InGuest(one.application, one.version, State.INSTALLED, "Install SUCCESS") for one in names)
        return GuestReport(installed) if names else None

    def see(self) -> Machine:
        """As a list shows it."""
        return Machine(
            Address(KINDS[self.id.type], (self.id.resource_group, self.id.name)),
            self.id,
            self.location,
            self.os_type,
            self.tags,
            tuple(azure.read_entry(raw) for raw in self.entries),
            self.etag,
            "Succeeded",
            self.scale_set,
            self.orchestration,
            self.upgrade_mode,
            self.traits,
        )

    def instances(self) -> Instances:
        """As the list of its instances shows them; an upgrade that rolls moves by one instance a look."""
        rolling = self.rolling
        seen = [Instance(one.name, one.latest, one.is_protected, one.traits, one.report) for one in self.nodes]
        self.roll()
        return Instances(self.id, tuple(seen), rolling)

    def take(self, entries: list[bytes]) -> None:
        """A new list of applications: every instance has an older model from now on."""
        if entries == self.entries:
            return
        self.entries, self.version = entries, self.version + 1
        for node in self.nodes:
            node.latest = False

    def follow(self) -> None:
        """The end of a write: who brings the model to the instances is the upgrade mode's business."""
        if self.upgrade_mode == "Automatic":
            self.upgrade([node.name for node in self.stale])
        if self.upgrade_mode == "Rolling" and self.stale:
            self.rolling = "RollingForward"

    def roll(self) -> None:
        """One batch of an upgrade that rolls."""
        if self.rolling == "RollingForward":
            self.upgrade([node.name for node in self.stale[:1]])
            self.rolling = "RollingForward" if self.stale else "Completed"

    def upgrade(self, names: list[str]) -> None:
        """Bring the model to these instances."""
        for node in self.stale:
            node.latest = node.name in names

    def demand(self, names: tuple[str, ...]) -> None:
        """Refuse a push that Azure would refuse."""
        if not self.upgrade_mode or not names:
            raise Refused("nothing to upgrade", scope=str(self.id), code="InvalidParameter", status=400)
        if unknown := set(names) - {node.name for node in self.nodes}:
            raise Missing(f"no instance {min(unknown)}", scope=str(self.id), code="NotFound", status=404)
