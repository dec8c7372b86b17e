"""What every ARM call passes before its handler: who may call, is the provider registered, is the body one."""

from typing import Any

from vmapps_emulator.contract.check import hold
from vmapps_emulator.registration import demand_registered
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Request
from vmapps_emulator.world import World

_WITH_APPLICATIONS = ("virtualmachines", "virtualmachinescalesets", "virtualmachinescalesets/virtualmachines")


def admit(world: World, request: Request) -> None:
    """Refuse what Azure refuses before it looks at the resource (guess: in this order)."""
    world.rbac.demand(request)
    demand_registered(world, request)
    if _has_parent(world, request):
        hold(world.store, request)
    if world.rbac.rows and request.method in ("PUT", "PATCH") and request.target.kind in _WITH_APPLICATIONS:
        held = world.store.get(request.target.key)
        world.rbac.demand_linked(request, _references(request, held))


def _has_parent(world: World, request: Request) -> bool:
    """Whether the group and the parent exist; if not, the handler says so before anybody reads the body."""
    target = request.target
    if not target.group or target.kind == "resourcegroups":
        return True
    has_group = world.store.has_group(target.subscription, target.group)
    return has_group and ("/" not in target.kind or world.store.get(target.parent_key) is not None)


def _references(request: Request, held: Resource | None) -> list[str]:
    """The versions that a write leaves on a machine: its own, else those of before (Community-Policy#451)."""
    own = _entries(request.json())
    entries = own if own is not None else _entries(held.body if held else {})
    return [str(entry["packageReferenceId"]) for entry in entries or () if isinstance(entry, dict) and _names(entry)]


def _names(entry: dict[str, Any]) -> bool:
    return isinstance(entry.get("packageReferenceId"), str)


def _entries(body: Any) -> list[Any] | None:
    """The list of applications in a machine's or a scale set's body; None when it says nothing of them."""
    properties = body.get("properties") or {}
    model = properties.get("virtualMachineProfile") or properties
    return (model.get("applicationProfile") or {}).get("galleryApplications")
