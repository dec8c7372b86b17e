"""Kinds as Azure is asked for them: their lists, their api-versions, the shape of their writes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from vmapps.core.address import ArmId
from vmapps.engine.ports import Scope
from vmapps.errors import Refused
from vmapps.kinds.catalog import KINDS, kind_of
from vmapps.kinds.kind import Kind

API_VERSIONS: Mapping[str, str] = MappingProxyType({"gallery": "2024-03-03", "compute": "2024-07-01"})
"""The newest whose specification the tests hold; compute has ETags there [azure-facts 4.2, 4.4]."""


def of(arm_id: ArmId) -> Kind:
    """The kind that an id belongs to; raises Refused when it is none that we know."""
    kind = kind_of(arm_id.type) if arm_id.provider.lower() == "microsoft.compute" else None
    if kind is None:
        raise Refused("not a kind of resource that vmapps reads or writes", scope=str(arm_id))
    return kind


def entries_body(arm_id: ArmId, entries: bytes) -> bytes:
    """The PATCH that replaces a machine's list of applications, and nothing else [azure-facts 3.4]."""
    shape = of(arm_id).with_entries
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
    """Every machine of a subscription, in as few requests as there are pages [azure-facts 4.7].

    A subscription that may not be read, or is not there, is no reason to stop: the world then says so.
    """
    prefix = f"/subscriptions/{subscription}/providers/Microsoft.Compute"
    machines = [kind for kind in KINDS.values() if kind.with_entries]
    return tuple(
        Scope(kind.name, f"{prefix}/{kind.arm_type}", required=False, subscription=subscription) for kind in machines
    )
