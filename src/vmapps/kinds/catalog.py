"""Every kind there is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from vmapps.kinds import (
    gallery,
    gallery_application,
    gallery_application_version,
    package,
    virtual_machine,
    virtual_machine_scale_set,
)
from vmapps.kinds.kind import Kind

_ALL = (
    gallery.KIND,
    gallery_application.KIND,
    gallery_application_version.KIND,
    package.KIND,
    virtual_machine.KIND,
    virtual_machine_scale_set.KIND,
)

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _ALL})
"""The kinds by name, parents before children."""

_BY_TYPE = {kind.arm_type.lower(): kind for kind in _ALL if kind.arm_type}


def kind_of(arm_type: str) -> Kind | None:
    """The kind of an ARM type below Microsoft.Compute, such as `galleries/applications`; case is ignored."""
    return _BY_TYPE.get(arm_type.lower())
