"""Which handler serves which path and verb."""

from vmapps_emulator import (
    applications,
    galleries,
    groups,
    instance_calls,
    machine_lists,
    machines,
    polling,
    power,
    registration,
    rolling,
    scale_set_actions,
    scale_set_view,
    scale_sets,
    sharing,
    sign_in,
    versions,
)
from vmapps_emulator.errors import ArmError
from vmapps_emulator.graph.resources import query_resources
from vmapps_emulator.paths import PROVIDER
from vmapps_emulator.wire import Handler, Request, Response
from vmapps_emulator.world import World


async def get_resource(world: World, request: Request) -> Response:
    """Read a gallery or an application."""
    return Response(200, world.look_up(request).encoded())


async def list_resources(world: World, request: Request) -> Response:
    """One page of a collection."""
    world.demand_parent(request.target)
    return world.page(request, world.seen(request, request.target.key), lambda resource: resource.encoded())


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
    "virtualmachinescalesets": {
        "PUT": scale_sets.put_scale_set,
        "PATCH": scale_sets.patch_scale_set,
        "GET": scale_sets.get_scale_set,
        "DELETE": scale_sets.delete_scale_set,
    },
    "virtualmachinescalesets/virtualmachines": {
        "PUT": instance_calls.put_instance,
        "GET": instance_calls.get_instance,
        "DELETE": instance_calls.delete_instance,
    },
    "virtualmachinescalesets/virtualmachines/extensions": {"GET": machines.get_extension},
    "virtualmachinescalesets/rollingupgrades": {"GET": rolling.get_latest, "POST": scale_set_actions.cancel_rolling},
    "locations/operations": {"GET": polling.get_operation},
    "locations/capsoperations": {"GET": polling.get_operation},
}
COLLECTIONS: dict[str, dict[str, Handler]] = {
    "": {"GET": registration.get_provider},
    "providers": {"GET": registration.list_providers},
    "register": {"POST": registration.register},
    "unregister": {"POST": registration.unregister},
    "resourcegroups": {"GET": groups.list_groups},
    "galleries": {"GET": galleries.list_galleries},
    "galleries/share": {"POST": sharing.share_gallery},
    "galleries/applications": {"GET": list_resources},
    "galleries/applications/versions": {"GET": versions.list_versions},
    "virtualmachines": {"GET": machine_lists.list_machines},
    "virtualmachines/instanceview": {"GET": machines.get_instance_view},
    "virtualmachines/extensions": {"GET": machines.list_extensions},
    "virtualmachinescalesets": {"GET": scale_sets.list_scale_sets},
    "virtualmachinescalesets/instanceview": {"GET": scale_set_view.get_view},
    "virtualmachinescalesets/virtualmachines": {"GET": instance_calls.list_instances},
    "virtualmachinescalesets/virtualmachines/instanceview": {"GET": instance_calls.get_instance_view},
    "virtualmachinescalesets/virtualmachines/extensions": {"GET": machines.list_extensions},
    "locations/virtualmachines": {"GET": machine_lists.list_machines_in_location},
    "locations/virtualmachinescalesets": {"GET": scale_sets.list_scale_sets_in_location},
}
COLLECTIONS |= {f"virtualmachines/{name}": {"POST": power.action(name)} for name in power.ACTIONS}
_SETS, _INSTANCES = "virtualmachinescalesets", "virtualmachinescalesets/virtualmachines"
COLLECTIONS |= {f"{_SETS}/{name}": {"POST": scale_set_actions.on_set(name)} for name in scale_set_actions.ON_SETS}
COLLECTIONS |= {f"{_SETS}/{name}": {"POST": scale_set_actions.start_rolling} for name in scale_set_actions.ROLLING}
COLLECTIONS |= {
    f"{_INSTANCES}/{name}": {"POST": scale_set_actions.on_instance(name)} for name in scale_set_actions.ON_INSTANCES
}

# What belongs to no subscription.
TENANT_WIDE: dict[str, dict[str, Handler]] = {
    "/metadata/endpoints": {"GET": sign_in.get_endpoints},
    "/msi/token": {"GET": sign_in.get_token},
    "/subscriptions": {"GET": groups.list_subscriptions},
    "/tenants": {"GET": groups.list_tenants},
    "/providers/microsoft.resourcegraph/resources": {"POST": query_resources},
}

_AT_SUBSCRIPTION = ("", "subscriptions", "resourcegroups")
_OF_ANY_PROVIDER = ("", "register", "unregister")


def tenant_handler_for(request: Request) -> Handler | None:
    """The handler of a call that belongs to no subscription; None for every other call."""
    path = request.path.rstrip("/").lower()
    if path not in TENANT_WIDE:
        return None
    if path != "/metadata/endpoints":
        request.demand_api_version()
    return _of_verb(TENANT_WIDE[path], request)


def handler_for(request: Request) -> Handler:
    """The handler of a call, or ARM's refusal of the path or verb."""
    target = request.target
    if target.provider not in ("", PROVIDER.lower()) and target.kind not in _OF_ANY_PROVIDER:
        text = f"The resource namespace '{target.provider}' is invalid."
        raise ArmError(404, "InvalidResourceNamespace", text)
    verbs = (COLLECTIONS if target.is_collection or not target.kind else ITEMS).get(target.kind)
    is_placed = bool(target.group) or target.is_collection or target.kind.startswith("locations/")
    if verbs is None or not (is_placed or target.kind in _AT_SUBSCRIPTION):
        text = f"The resource type '{target.full_type.partition('/')[2]}' could not be found in the namespace "
        text += f"'{PROVIDER}' for api version '{request.api_version}'."
        raise ArmError(404, "InvalidResourceType", text)
    return _of_verb(verbs, request)


def _of_verb(verbs: dict[str, Handler], request: Request) -> Handler:
    handler = verbs.get(request.method)
    if handler is None:
        text = f"The requested resource does not support http method '{request.method}'."
        raise ArmError(405, "MethodNotAllowed", text)
    return handler
