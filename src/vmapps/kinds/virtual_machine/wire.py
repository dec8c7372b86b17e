"""How Azure writes a virtual machine, and how its list of applications is written back."""

from __future__ import annotations

import msgspec

from vmapps.core.guest import GuestReport
from vmapps.core.resource import Machine
from vmapps.kinds.instance_view import InstanceView, report_of
from vmapps.kinds.machine_wire import Item, Profile, machine


class _ScaleSet(msgspec.Struct, rename="camel"):
    id: str | None = None


class _Properties(Profile):
    provisioning_state: str | None = None
    virtual_machine_scale_set: _ScaleSet | None = None


class _VirtualMachine(Item):
    properties: _Properties = msgspec.field(default_factory=_Properties)


class _Seen(msgspec.Struct, rename="camel"):
    instance_view: InstanceView | None = None


class _Expanded(msgspec.Struct):
    properties: _Seen = msgspec.field(default_factory=_Seen)


_read = msgspec.json.Decoder(_VirtualMachine)
_read_expanded = msgspec.json.Decoder(_Expanded)
_read_view = msgspec.json.Decoder(InstanceView)


def decode(raw: bytes | msgspec.Raw, home: str) -> Machine:
    """Read one item of an answer."""
    found = _read.decode(raw)
    model = found.properties
    scale_set = model.virtual_machine_scale_set.id if model.virtual_machine_scale_set else None
    return machine(
        found, "VirtualMachine", home, profile=model, state=model.provisioning_state, scale_set=scale_set or ""
    )


def decode_report(raw: bytes | msgspec.Raw) -> GuestReport | None:
    """Read a virtual machine's instance view; None when it has no extension that reports about applications."""
    return report_of(_read_view.decode(raw))


def decode_view(raw: bytes) -> GuestReport | None:
    """Read the report of a virtual machine that was read with `$expand=instanceView`."""
    return report_of(_read_expanded.decode(raw).properties.instance_view)


def with_entries(entries: bytes) -> bytes:
    """The body of the PATCH that replaces the whole list and touches nothing else [azure-facts 3.4]."""
    return b'{"properties":{"applicationProfile":{"galleryApplications":%b}}}' % entries
