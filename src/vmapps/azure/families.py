"""Kinds as Azure is asked for them: their lists, their api-versions, the shape of their writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from vmapps.core.address import ArmId
from vmapps.engine.ports import Scope
from vmapps.errors import Refused
from vmapps.kinds import virtual_machine, virtual_machine_scale_set
from vmapps.kinds.catalog import KINDS, kind_of
from vmapps.kinds.kind import Kind
from vmapps.kinds.virtual_machine.wire import with_entries as in_properties
from vmapps.kinds.virtual_machine_scale_set.wire import with_entries as in_model

API_VERSIONS: Mapping[str, str] = MappingProxyType({"gallery": "2024-03-03", "compute": "2024-07-01"})
"""The newest whose specification the tests hold; compute has ETags there [azure-facts 4.2, 4.4]."""

ENTRIES_BODY: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {virtual_machine.KIND.name: in_properties, virtual_machine_scale_set.KIND.name: in_model}
)


def of(arm_id: ArmId) -> Kind:
    """The kind that an id belongs to; raises Refused when it is none that we know."""
    kind = kind_of(arm_id.type) if arm_id.provider.lower() == "microsoft.compute" else None
    if kind is None:
        raise Refused("not a kind of resource that vmapps reads or writes", scope=str(arm_id))
    return kind


def entries_body(arm_id: ArmId, entries: bytes) -> bytes:
    """The PATCH that replaces a machine's list of applications, and nothing else [azure-facts 3.4]."""
    shape = ENTRIES_BODY.get(of(arm_id).name)
    if shape is None:
        raise Refused("not a machine", scope=str(arm_id))
    return shape(entries)


def below(arm_id: ArmId) -> Scope | None:
    """The list of what hangs below a resource: a gallery's applications, an application's versions."""
    above = of(arm_id).arm_type
    for kind in KINDS.values():
        parent, _, last = kind.arm_type.rpartition("/")
        if parent == above:
            return Scope(kind.name, f"{arm_id}/{last}")
    return None


def gallery_scope(subscription: str, resource_group: str = "") -> Scope:
    """The galleries of a resource group; of the whole subscription when none is given."""
    group = f"/resourceGroups/{resource_group}" if resource_group else ""
    return Scope("Gallery", f"/subscriptions/{subscription}{group}/providers/Microsoft.Compute/galleries")


def fleet_scopes(subscription: str) -> tuple[Scope, ...]:
    """Every machine of a subscription, in as few requests as there are pages [azure-facts 4.7]."""
    prefix = f"/subscriptions/{subscription}/providers/Microsoft.Compute"
    return tuple(Scope(name, f"{prefix}/{KINDS[name].arm_type}") for name in ENTRIES_BODY)
