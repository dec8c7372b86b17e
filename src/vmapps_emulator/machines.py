"""Virtual machines: PUT, PATCH, GET, DELETE and lists (recordings test_vm_add_application*, test_vm_*)."""

from vmapps_emulator.errors import parent_not_found, resource_not_found
from vmapps_emulator.extension import show_extension
from vmapps_emulator.galleries import (
    demand_location,
    demand_same_name,
    new_resource,
    patch_top_level,
    put_top_level,
)
from vmapps_emulator.guest_runs import run_guest, script_polls
from vmapps_emulator.instance_view import instance_view
from vmapps_emulator.instances import join_scale_set, leave
from vmapps_emulator.machine_model import complete, for_api_version, is_newest, os_type_of, without_secrets
from vmapps_emulator.profiles import entries_of, resolve, written_profile
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Json, Request, Response, encode, now, section
from vmapps_emulator.world import World, check_preconditions, merged

WORD = "operations"

_TOP = ("tags", "identity", "zones", "plan", "extendedLocation", "placement")
_READ_ONLY = ("provisioningState", "vmId", "timeCreated", "instanceView", "applicationProfile")


async def put_machine(world: World, request: Request) -> Response:
    """Create (201) or rewrite (200) a machine.

    guess: properties that a PUT leaves out stay as they are, but for the entries of the application profile.
    """
    target, body = request.target, request.json()
    world.demand_group(target)
    demand_same_name(body, target)
    existing = world.store.get(target.key)
    check_preconditions(request, existing)
    location = demand_location(body, existing, target)
    given = section(body, "properties")
    properties = _next_properties(existing.properties if existing else {}, given)
    resolve(world.store, entries_of(properties), location, os_type_of(properties))
    world.operations.settle_resource(existing)
    machine = existing or new_resource(world, target, location, {})
    before = _model(existing)
    _write(world, machine, properties)
    put_top_level(machine, body, _TOP)
    join_scale_set(world, machine)
    return _answer(world, request, machine, before)


async def patch_machine(world: World, request: Request) -> Response:
    """Change a machine: objects merge, lists replace, tags replace (azure-facts 3.4)."""
    machine, body = world.find(request), request.json()
    check_preconditions(request, machine)
    given = section(body, "properties")
    properties = _next_properties(machine.properties, given)
    resolve(world.store, entries_of(properties), machine.location, os_type_of(properties))
    world.operations.settle_resource(machine)
    if world.store.get(machine.key) is None:
        raise resource_not_found(request.target.type_and_name, request.target.group)
    before = _model(machine)
    _write(world, machine, properties)
    patch_top_level(machine, body, _TOP)
    return _answer(world, request, machine, before)


async def get_machine(world: World, request: Request) -> Response:
    """Read a machine; with ``$expand=instanceView`` the answer has no ETag header (as recorded)."""
    machine = world.look_up(request)
    expand = request.query.get("$expand", "").lower()
    if not expand:
        return Response(200, shown(machine, request.api_version), _etag(machine, request))
    body = for_api_version(machine.body, request.api_version)
    if "instanceview" in expand:
        view = {**body["properties"], "instanceView": instance_view(world, machine)}
        body = {**body, "properties": view}
    return Response(200, encode(body))


async def get_instance_view(world: World, request: Request) -> Response:
    """Read a machine's instance view."""
    machine = _machine_above(world, request)
    return Response(200, instance_view(world, machine))


async def get_extension(world: World, request: Request) -> Response:
    """Read one extension, with ``$expand=instanceView`` its status too."""
    machine, name = _machine_above(world, request), request.target.name
    for item in machine.body.get("resources", []):
        if item["name"].lower() == name.lower():
            return Response(200, encode(_expanded(world, request, machine, item)))
    raise resource_not_found(request.target.type_and_name, request.target.group)


async def list_extensions(world: World, request: Request) -> Response:
    """Read all extensions of a machine."""
    machine = _machine_above(world, request)
    items = [_expanded(world, request, machine, item) for item in machine.body.get("resources", [])]
    return Response(200, encode({"value": items}))


async def delete_machine(world: World, request: Request) -> Response:
    """Delete a machine: 202, or 204 when there is none."""
    world.demand_group(request.target)
    machine = world.store.get(request.target.key)
    check_preconditions(request, machine)
    world.operations.settle_resource(machine)
    if machine is None or world.store.get(machine.key) is None:
        return Response(204)
    machine.set_state("Deleting")

    return world.begin(request, machine, 202, lambda: leave(world, machine), word=WORD)


def shown(machine: Resource, api_version: str) -> bytes:
    """A machine's body as one api-version shows it; the newest form is kept encoded."""
    return machine.encoded() if is_newest(api_version) else encode(for_api_version(machine.body, api_version))


def _machine_above(world: World, request: Request) -> Resource:
    machine = world.store.get(request.target.parent_key)
    if machine is None:
        world.demand_group(request.target)
        raise parent_not_found(request.target.names[0])
    world.operations.read(machine, world.settings.polls)
    return machine


def _expanded(world: World, request: Request, machine: Resource, item: Json) -> Json:
    if "instanceview" not in request.query.get("$expand", "").lower():
        return item
    views = instance_view(world, machine).get("extensions", [])
    found = [view for view in views if view["name"] == item["name"]]
    return {**item, "properties": {**item["properties"], "instanceView": found[0]}} if found else item


def _etag(machine: Resource, request: Request) -> dict[str, str]:
    body = for_api_version(machine.body, request.api_version)
    return {"ETag": body["etag"]} if "etag" in body else {}


def _model(machine: Resource | None) -> Json | None:
    """What an operation has to carry out: the properties and identity without what the service writes."""
    if machine is None:
        return None
    properties = {name: value for name, value in machine.properties.items() if name != "provisioningState"}
    return {"properties": properties, "identity": machine.body.get("identity")}


def _next_properties(old: Json, given: Json) -> Json:
    asked = {name: value for name, value in given.items() if name not in _READ_ONLY}
    properties = complete(merged(old, without_secrets(asked)))
    profile = written_profile(old, given)
    properties.pop("applicationProfile", None)
    return properties if profile is None else {**properties, "applicationProfile": profile}


def _write(world: World, machine: Resource, properties: Json) -> None:
    properties.setdefault("vmId", world.operations.new_id())
    properties.setdefault("timeCreated", now())
    machine.body["properties"] = properties


def _answer(world: World, request: Request, machine: Resource, before: Json | None) -> Response:
    """An operation when the model changed; else a plain 200 whose body still says Updating (test_vm_update_size)."""
    is_new, has_changed = before is None, before != _model(machine)
    machine.write_etag()
    show_extension(machine)
    machine.set_state("Creating" if is_new else "Updating")
    body, headers = shown(machine, request.api_version), _etag(machine, request)
    if not has_changed:
        machine.set_state("Succeeded")
        return Response(200, body, headers)
    more, status = script_polls(world, machine), 201 if is_new else 200
    answer = world.begin(
        request, machine, status, lambda: run_guest(world, machine), word=WORD, body=body, more_polls=more
    )
    answer.headers |= headers
    return answer
