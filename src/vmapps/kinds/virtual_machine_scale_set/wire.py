"""How Azure writes a scale set, and how the list of applications of its model is written back."""

from __future__ import annotations

import msgspec

from vmapps.core.resource import Machine
from vmapps.kinds.machine_wire import Item, Profile, machine


class _Properties(msgspec.Struct, rename="camel"):
    provisioning_state: str | None = None
    virtual_machine_profile: Profile | None = None


class _ScaleSet(Item):
    properties: _Properties = msgspec.field(default_factory=_Properties)


_read = msgspec.json.Decoder(_ScaleSet)


def decode(raw: bytes | msgspec.Raw, home: str) -> Machine:
    """Read one item of an answer. A Flexible scale set may have no model of its instances [azure-facts 3.9]."""
    found = _read.decode(raw)
    model = found.properties.virtual_machine_profile or Profile()
    return machine(found, "VirtualMachineScaleSet", home, profile=model, state=found.properties.provisioning_state)


def with_entries(entries: bytes) -> bytes:
    """The body of the PATCH that replaces the list: the service takes it, the SDK's typed model drops it [3.4]."""
    return b'{"properties":{"virtualMachineProfile":{"applicationProfile":{"galleryApplications":%b}}}}' % entries
