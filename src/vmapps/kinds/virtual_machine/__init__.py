"""VirtualMachine: a machine, whose list of applications vmapps edits."""

from __future__ import annotations

from vmapps.core.fields import Field, Ownership, Rules
from vmapps.kinds.kind import Kind
from vmapps.kinds.machine_export import export
from vmapps.kinds.virtual_machine.wire import decode, decode_view, with_entries

RULES = Rules(
    {
        ("location",): Field(Ownership.READ_ONLY, "region"),
        ("tags",): Field(Ownership.READ_ONLY, whole=True),
        ("properties", "applicationProfile", "galleryApplications"): Field(whole=True),
    }
)
"""Only the entries are written, as one list [azure-facts 3.4]."""

KIND = Kind(
    name="VirtualMachine",
    arm_type="virtualMachines",
    family="compute",
    rules=RULES,
    decode=decode,
    export=export,
    with_entries=with_entries,
    decode_view=decode_view,
)
