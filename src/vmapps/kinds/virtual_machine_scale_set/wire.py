"""How Azure writes a scale set, and how the list of applications of its model is written back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import msgspec

from vmapps.core.resource import Machine
from vmapps.kinds.machine_wire import Item, Profile, Sku, machine, traits

MODES: Mapping[str, str] = MappingProxyType({mode.lower(): mode for mode in ("Manual", "Automatic", "Rolling")})
"""A closed enum of the specification. Every recorded set says its mode; one without is taken for Manual, the mode in
which nothing happens unless it is asked for [azure-facts 3.9]."""


class _UpgradePolicy(msgspec.Struct):
    mode: str | None = None


class _Properties(msgspec.Struct, rename="camel"):
    provisioning_state: str | None = None
    orchestration_mode: str | None = None
    upgrade_policy: _UpgradePolicy | None = None
    virtual_machine_profile: Profile | None = None

    @property
    def orchestration(self) -> str:
        """Sets of before 2021 do not say it, they are Uniform [recordings]."""
        return "Flexible" if (self.orchestration_mode or "").lower() == "flexible" else "Uniform"

    @property
    def upgrade_mode(self) -> str:
        """Never empty: it is what tells a scale set from a virtual machine."""
        said = self.upgrade_policy.mode if self.upgrade_policy else None
        return MODES.get((said or "").lower(), "Manual")


class _ScaleSet(Item):
    properties: _Properties = msgspec.field(default_factory=_Properties)
    sku: Sku | None = None


_read = msgspec.json.Decoder(_ScaleSet)


def decode(raw: bytes | msgspec.Raw, home: str) -> Machine:
    """Read one item of an answer. A Flexible scale set may have no model of its instances [azure-facts 3.9]."""
    found = _read.decode(raw)
    said = found.properties
    model = said.virtual_machine_profile or Profile()
    return replace(
        machine(found, "VirtualMachineScaleSet", home, profile=model, state=said.provisioning_state),
        orchestration=said.orchestration,
        upgrade_mode=said.upgrade_mode,
        traits=traits(found.sku.name if found.sku else None, model),
    )


def with_entries(entries: bytes) -> bytes:
    """The body of the PATCH that replaces the list: the service takes it, the SDK's typed model drops it [3.4]."""
    return b'{"properties":{"virtualMachineProfile":{"applicationProfile":{"galleryApplications":%b}}}}' % entries
