"""Which handler serves which path and verb."""

from vmapps_emulator import applications, galleries, groups, machine_lists, machines, polling, power, sharing, versions
from vmapps_emulator.errors import ArmError
from vmapps_emulator.paths import PROVIDER
from vmapps_emulator.wire import Handler, Request, Response
from vmapps_emulator.world import World


async def get_resource(world: World, request: Request) -> Response:
    """Read a gallery or an application."""
    return Response(200, world.look_up(request).encoded())


async def list_resources(world: World, request: Request) -> Response:
    """One page of a collection."""
    world.demand_parent(request.target)
    return world.page(request, world.store.collection(request.target.key), lambda resource: resource.encoded())


async def list_nothing(world: World, request: Request) -> Response:
    """A kind that the emulator does not hold yet: its lists are empty."""
    world.demand_group(request.target)
    return Response(200, {"value": []})


# kind -> verb -> handler, for one resource and for its collection.
ITEMS: dict[str, dict[str, Handler]] = {
    "subscriptions": {"GET": groups.get_subscription},
    "resourcegroups": {
        "PUT": groups.put_group,
        "PATCH": groups.patch_group,
        "GET": groups.get_group,
        "HEAD": groups.head_group,
        "DELETE": groups.delete_group,
    },
    "galleries": {
        "PUT": galleries.put_gallery,
        "PATCH": galleries.patch_gallery,
        "GET": get_resource,
        "DELETE": galleries.delete_gallery,
    },
    "galleries/applications": {
        "PUT": applications.put_application,
        "PATCH": applications.patch_application,
        "GET": get_resource,
        "DELETE": applications.delete_application,
    },
    "galleries/applications/versions": {
        "PUT": versions.put_version,
        "PATCH": versions.patch_version,
        "GET": versions.get_version,
        "DELETE": versions.delete_version,
    },
    "virtualmachines": {
        "PUT": machines.put_machine,
        "PATCH": machines.patch_machine,
        "GET": machines.get_machine,
        "DELETE": machines.delete_machine,
    },
    "virtualmachines/extensions": {"GET": machines.get_extension},
    "locations/operations": {"GET": polling.get_operation},
    "locations/capsoperations": {"GET": polling.get_operation},
}
COLLECTIONS: dict[str, dict[str, Handler]] = {
    "": {"GET": groups.get_provider},
    "resourcegroups": {"GET": groups.list_groups},
    "galleries": {"GET": galleries.list_galleries},
    "galleries/share": {"POST": sharing.share_gallery},
    "galleries/applications": {"GET": list_resources},
    "galleries/applications/versions": {"GET": list_resources},
    "virtualmachines": {"GET": machine_lists.list_machines},
    "virtualmachines/instanceview": {"GET": machines.get_instance_view},
    "virtualmachines/extensions": {"GET": machines.list_extensions},
    "virtualmachinescalesets": {"GET": list_nothing},
    "locations/virtualmachines": {"GET": machine_lists.list_machines_in_location},
    "locations/virtualmachinescalesets": {"GET": list_nothing},
}
COLLECTIONS |= {f"virtualmachines/{name}": {"POST": power.action(name)} for name in power.ACTIONS}

_AT_SUBSCRIPTION = ("", "subscriptions", "resourcegroups")


def handler_for(request: Request) -> Handler:
    """The handler of a call, or ARM's refusal of the path or verb."""
    target = request.target
    if target.provider not in ("", PROVIDER.lower()):
        text = f"The resource namespace '{target.provider}' is invalid."
        raise ArmError(404, "InvalidResourceNamespace", text)
    verbs = (COLLECTIONS if target.is_collection or not target.kind else ITEMS).get(target.kind)
    is_placed = bool(target.group) or target.is_collection or target.kind.startswith("locations/")
    if verbs is None or not (is_placed or target.kind in _AT_SUBSCRIPTION):
        text = f"The resource type '{target.full_type.partition('/')[2]}' could not be found in the namespace "
        text += f"'{PROVIDER}' for api version '{request.api_version}'."
        raise ArmError(404, "InvalidResourceType", text)
    handler = verbs.get(request.method)
    if handler is None:
        text = f"The requested resource does not support http method '{request.method}'."
        raise ArmError(405, "MethodNotAllowed", text)
    return handler
