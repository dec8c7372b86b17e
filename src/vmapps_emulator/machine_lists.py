"""Lists of virtual machines: by group, by subscription, by region; statusOnly and the one documented filter."""

import re

from vmapps_emulator.errors import ArmError
from vmapps_emulator.instance_view import instance_view
from vmapps_emulator.machine_model import for_api_version, is_newest
from vmapps_emulator.regions import normal
from vmapps_emulator.store import Resource, with_nested_ids
from vmapps_emulator.wire import Request, Response, encode, section
from vmapps_emulator.world import World

_FILTER = re.compile(r"^'?virtualMachineScaleSet/id'? eq '([^']+)'$", re.IGNORECASE)


async def list_machines(world: World, request: Request) -> Response:
    """One page of a group's or a subscription's machines."""
    world.demand_group(request.target)
    return _page(world, request, world.seen(request, request.target.key))


async def list_machines_in_location(world: World, request: Request) -> Response:
    """One page of a subscription's machines in one region."""
    everywhere = f"/subscriptions/{request.target.subscription}/providers/microsoft.compute/virtualmachines"
    wanted = normal(request.target.names[0])
    members = world.seen(request, everywhere).items()
    return _page(world, request, {key: machine for key, machine in members if normal(machine.location) == wanted})


def _page(world: World, request: Request, members: dict[str, Resource]) -> Response:
    expression = request.query.get("$filter")
    if expression is not None:
        wanted = _scale_set(expression)
        members = {key: machine for key, machine in members.items() if _scale_set_of(machine) == wanted}
    if request.query.get("statusonly", "").lower() == "true":
        return world.page(request, members, lambda machine: _with_status(world, request, machine))
    return world.page(request, members, lambda machine: _listed(machine, request.api_version))


def _listed(machine: Resource, api_version: str) -> bytes:
    """An item of a list as one api-version shows it; the newest form is kept encoded."""
    if is_newest(api_version):
        return machine.listed()
    return encode(with_nested_ids(for_api_version(machine.body, api_version)))


def _with_status(world: World, request: Request, machine: Resource) -> bytes:
    """guess: the whole model with the instance view; the documentation promises the status only."""
    body = for_api_version(machine.body, request.api_version)
    properties = {**body["properties"], "instanceView": instance_view(world, machine)}
    return encode(with_nested_ids({**body, "properties": properties}))


def _scale_set(expression: str) -> str:
    found = _FILTER.match(expression.strip())
    if not found:
        raise ArmError(400, "InvalidParameter", f"The filter '{expression}' is not supported.", "$filter")
    return found.group(1).lower()


def _scale_set_of(machine: Resource) -> str:
    return str(section(machine.properties, "virtualMachineScaleSet").get("id", "")).lower()
