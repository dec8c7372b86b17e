"""Subscriptions, resource groups, provider registration, endpoints: the little that lies around Compute."""

from vmapps_emulator.contract.check import checked
from vmapps_emulator.contract.tables import Field, Model
from vmapps_emulator.errors import ArmError, group_not_found
from vmapps_emulator.operations import poll_url
from vmapps_emulator.store import group_key
from vmapps_emulator.wire import Json, Request, Response
from vmapps_emulator.world import World

# Resource groups are in no document of the oracle.
GROUP: Model = {"location": Field("string"), "tags": Field("map", items=Field("string"))}

TENANT = "00000000-0000-0000-0000-000000000000"


def new_group(subscription: str, name: str, location: str, tags: Json | None = None) -> Json:
    """A resource group's body as recorded."""
    body: Json = {
        "id": f"/subscriptions/{subscription}/resourceGroups/{name}",
        "name": name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": location,
    }
    if tags is not None:
        body["tags"] = tags
    return {**body, "properties": {"provisioningState": "Succeeded"}}


async def put_group(world: World, request: Request) -> Response:
    """Create or rewrite a group: 201, then 200."""
    target, body = request.target, checked(request, GROUP)
    location = body.get("location")
    if not isinstance(location, str) or not location:
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    key = group_key(target.subscription, target.group)
    old = world.store.groups.get(key)
    group = new_group(target.subscription, old["name"] if old else target.group, location, body.get("tags"))
    world.store.groups[key] = group
    return Response(200 if old else 201, group)


async def patch_group(world: World, request: Request) -> Response:
    """Change a group's tags."""
    group, body = _group(world, request), checked(request, GROUP)
    if "tags" in body:
        group["tags"] = body["tags"]
    return Response(200, group)


async def get_group(world: World, request: Request) -> Response:
    """Read a group."""
    return Response(200, _group(world, request))


async def head_group(world: World, request: Request) -> Response:
    """204 when the group exists, 404 when not."""
    target = request.target
    return Response(204 if world.store.has_group(target.subscription, target.group) else 404)


async def delete_group(world: World, request: Request) -> Response:
    """Delete a group with all that is in it: 202 and a Location to follow."""
    _group(world, request)
    key = group_key(request.target.subscription, request.target.group)

    def finish() -> None:
        world.store.groups.pop(key, None)
        for resource in world.store.below(key):
            world.store.remove(resource)
            world.guests.forget(resource.key)

    operation = world.operations.start(None, finish)
    headers = {
        "Location": poll_url(request, operation, "", "operations", monitor=True),
        **world.waiting(),
    }
    return Response(202, None, headers)


async def list_groups(world: World, request: Request) -> Response:
    """All groups of a subscription."""
    start = f"/subscriptions/{request.target.subscription.lower()}/"
    return Response(200, {"value": [body for key, body in world.store.groups.items() if key.startswith(start)]})


async def get_subscription(_world: World, request: Request) -> Response:
    """Every subscription id exists."""
    return Response(200, _subscription(request.target.subscription))


async def list_subscriptions(world: World, _request: Request) -> Response:
    """The subscriptions that hold anything."""
    held = dict.fromkeys(body["id"].split("/")[2] for body in world.store.groups.values())
    return Response(200, {"value": [_subscription(name) for name in held]})


async def list_tenants(_world: World, _request: Request) -> Response:
    """The one tenant that everything belongs to."""
    tenant = {"id": f"/tenants/{TENANT}", "tenantId": TENANT, "displayName": "vmapps emulator", "countryCode": "US"}
    return Response(200, {"value": [tenant]})


def _group(world: World, request: Request) -> Json:
    target = request.target
    group = world.store.groups.get(group_key(target.subscription, target.group))
    if group is None:
        raise group_not_found(target.group)
    return group


def _subscription(name: str) -> Json:
    return {
        "id": f"/subscriptions/{name}",
        "subscriptionId": name,
        "displayName": "vmapps emulator",
        "tenantId": TENANT,
        "state": "Enabled",
    }
