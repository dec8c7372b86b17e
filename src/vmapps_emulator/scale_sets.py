"""Scale sets: PUT, PATCH, GET, DELETE and lists (recordings test_vmss_*, tmc_vmss)."""

from copy import deepcopy

from vmapps_emulator.errors import change_not_allowed, resource_not_found
from vmapps_emulator.galleries import demand_location, demand_same_name, new_resource, patch_top_level, put_top_level
from vmapps_emulator.instances import apply_model, forget, instances_of, scale, show_staleness, stale_instances
from vmapps_emulator.machine_model import os_type_of
from vmapps_emulator.operations import Failure
from vmapps_emulator.profiles import entries_of, resolve
from vmapps_emulator.regions import normal
from vmapps_emulator.rolling import advance, start_rolling
from vmapps_emulator.scale_set_model import (
    complete_set,
    for_api_version,
    is_flexible,
    mode_of,
    model_of,
    next_properties,
    show_model_extension,
)
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Json, Request, Response, encode, now, section
from vmapps_emulator.world import World, check_preconditions

WORD = "operations"

_TOP = ("tags", "identity", "zones", "plan", "extendedLocation", "sku")


async def put_scale_set(world: World, request: Request) -> Response:
    """Create (201) or rewrite (200) a scale set."""
    target, body = request.target, request.json()
    world.demand_group(target)
    demand_same_name(body, target)
    existing = world.store.get(target.key)
    check_preconditions(request, existing)
    location = demand_location(body, existing, target)
    properties = _properties(existing, section(body, "properties"), is_patch=False)
    _demand_versions(world, properties, location)
    world.operations.settle_resource(existing)
    is_new = existing is None or world.store.get(target.key) is None
    scale_set = new_resource(world, target, location, {}) if existing is None or is_new else existing
    before = _before(scale_set)
    scale_set.body["properties"] = properties
    put_top_level(scale_set, _with_sku(scale_set, body), _TOP)
    return _answer(world, request, scale_set, None if is_new else before)


async def patch_scale_set(world: World, request: Request) -> Response:
    """Change a scale set: as recorded a PATCH takes applicationProfile, though its schema lacks the field."""
    scale_set, body = world.find(request), request.json()
    check_preconditions(request, scale_set)
    properties = _properties(scale_set, section(body, "properties"), is_patch=True)
    _demand_versions(world, properties, scale_set.location)
    world.operations.settle_resource(scale_set)
    if world.store.get(scale_set.key) is None:
        raise resource_not_found(request.target.type_and_name, request.target.group)
    before = _before(scale_set)
    scale_set.body["properties"] = properties
    patch_top_level(scale_set, _with_sku(scale_set, body), _TOP)
    return _answer(world, request, scale_set, before)


async def get_scale_set(world: World, request: Request) -> Response:
    """Read a scale set."""
    scale_set = world.look_up(request)
    advance(world, scale_set)
    return Response(200, shown(scale_set, request.api_version), etag_of(scale_set, request))


async def delete_scale_set(world: World, request: Request) -> Response:
    """Delete a scale set with its instances: 202, or 204 when there is none."""
    world.demand_group(request.target)
    scale_set = world.store.get(request.target.key)
    check_preconditions(request, scale_set)
    world.operations.settle_resource(scale_set)
    if scale_set is None or world.store.get(scale_set.key) is None:
        return Response(204)
    scale_set.set_state("Deleting")

    def finish() -> None:
        for instance in list(instances_of(world, scale_set).values()):
            forget(world, instance)
        world.store.remove(scale_set)

    return world.begin(request, scale_set, 202, finish, word=WORD)


async def list_scale_sets(world: World, request: Request) -> Response:
    """One page of a group's or a subscription's scale sets."""
    world.demand_group(request.target)
    return _page(world, request, world.seen(request, request.target.key))


async def list_scale_sets_in_location(world: World, request: Request) -> Response:
    """One page of a subscription's scale sets in one region."""
    everywhere = f"/subscriptions/{request.target.subscription}/providers/microsoft.compute/virtualmachinescalesets"
    wanted = normal(request.target.names[0])
    members = world.seen(request, everywhere).items()
    return _page(world, request, {key: item for key, item in members if normal(item.location) == wanted})


def shown(scale_set: Resource, api_version: str) -> bytes:
    """A scale set's body as one api-version shows it; the newest form is kept encoded."""
    body = for_api_version(scale_set.body, api_version)
    return scale_set.encoded() if body is scale_set.body else encode(body)


def etag_of(scale_set: Resource, request: Request) -> dict[str, str]:
    """The ETag header, for api-versions that have it."""
    body = for_api_version(scale_set.body, request.api_version)
    return {"ETag": body["etag"]} if "etag" in body else {}


def roll_out(world: World, scale_set: Resource) -> Failure | None:
    """The end of a write: the capacity, then the newest model where the upgrade policy brings it by itself."""
    failure = scale(world, scale_set)
    if mode_of(scale_set) == "automatic":
        for instance in stale_instances(world, scale_set):
            failure = apply_model(world, scale_set, instance) or failure
    elif mode_of(scale_set) == "rolling":
        start_rolling(world, scale_set)
    scale_set.set_state("Failed" if failure else "Succeeded")
    return failure


def _page(world: World, request: Request, members: dict[str, Resource]) -> Response:
    return world.page(request, members, lambda scale_set: shown(scale_set, request.api_version))


def _properties(existing: Resource | None, given: Json, *, is_patch: bool) -> Json:
    """The next properties; the orchestration mode is given once [UPM] (guess: how a change is refused)."""
    if existing is None:
        return complete_set(next_properties({}, given, is_patch=is_patch))
    asked, held = given.get("orchestrationMode"), existing.properties.get("orchestrationMode", "Uniform")
    if asked is not None and str(asked).lower() != str(held).lower():
        raise change_not_allowed("orchestrationMode")
    return next_properties(existing.properties, given, is_patch=is_patch)


def _demand_versions(world: World, properties: Json, location: str) -> None:
    profile = section(properties, "virtualMachineProfile")
    resolve(world.store, entries_of(profile), location, os_type_of(profile))


def _with_sku(scale_set: Resource, body: Json) -> Json:
    """guess: a SKU that leaves out a field, or is left out, keeps what was there."""
    sku = {**section(scale_set.body, "sku"), **section(body, "sku")}
    return {**body, "sku": sku} if sku else body


def _before(scale_set: Resource) -> Json:
    """A copy of what a write may change."""
    body = {name: value for name, value in scale_set.body.items() if name not in ("etag", "properties")}
    properties = {name: value for name, value in scale_set.properties.items() if name != "provisioningState"}
    return deepcopy({**body, "properties": properties})


def _answer(world: World, request: Request, scale_set: Resource, before: Json | None) -> Response:
    """Always an operation; the ETag counts writes that changed something (test_vmss_update_security_type).

    A Flexible set takes each profile that it is given as a new model (test_vmss_add_application_empty_version_ids).
    """
    properties = scale_set.properties
    properties.setdefault("uniqueId", world.operations.new_id())
    properties.setdefault("timeCreated", now())
    show_model_extension(scale_set)
    after = _before(scale_set)
    is_renewed = is_flexible(scale_set) and "virtualMachineProfile" in section(request.json(), "properties")
    if before is None or _model(before) != _model(after):
        scale_set.hidden["model"] = scale_set.hidden.get("model", 0) + 1
        is_renewed = True
    if is_renewed and model_of(scale_set):
        model_of(scale_set)["timeCreated"] = now()
    if before is None or is_renewed or before != after:
        scale_set.write_etag()
    scale_set.set_state("Updating" if before else "Creating")
    show_staleness(world, scale_set)
    body, headers = shown(scale_set, request.api_version), etag_of(scale_set, request)
    status = 200 if before else 201
    answer = world.begin(request, scale_set, status, lambda: roll_out(world, scale_set), word=WORD, body=body)
    answer.headers |= headers
    return answer


def _model(body: Json) -> Json:
    """The part of a body whose change makes instances old: the profile and the size."""
    profile = section(body, "properties", "virtualMachineProfile")
    kept = {name: value for name, value in profile.items() if name != "timeCreated"}
    return {"profile": kept, "size": section(body, "sku").get("name")}
