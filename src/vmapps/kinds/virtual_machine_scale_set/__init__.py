"""VirtualMachineScaleSet: a scale set; it is read, a later version writes it."""

from __future__ import annotations

from vmapps.core.fields import Field, Ownership, Rules
from vmapps.kinds.kind import Kind
from vmapps.kinds.virtual_machine_scale_set.wire import decode

RULES = Rules(
    {
        ("location",): Field(Ownership.READ_ONLY, "region"),
        ("tags",): Field(Ownership.READ_ONLY, whole=True),
        ("properties", "virtualMachineProfile", "applicationProfile", "galleryApplications"): Field(whole=True),
    }
)
"""Only the entries are written, as one list [azure-facts 3.4]."""

KIND = Kind(
    name="VirtualMachineScaleSet", arm_type="virtualMachineScaleSets", family="compute", rules=RULES, decode=decode
)
