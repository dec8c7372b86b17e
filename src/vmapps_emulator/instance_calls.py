"""A scale set's instances over the wire: lists, one instance, its view, its policy (recordings test_vmss_*)."""

import re

from vmapps_emulator.errors import ArmError, resource_not_found
from vmapps_emulator.instance_view import instance_view
from vmapps_emulator.instances import delete_instances, find_instance, instances_of, is_stale, name_of
from vmapps_emulator.operations import Failure
from vmapps_emulator.rolling import advance
from vmapps_emulator.scale_set_model import is_flexible
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Json, Request, Response, encode, section
from vmapps_emulator.world import World, check_preconditions, merged

WORD = "operations"

_FILTER = re.compile(r"^properties/latestModelApplied eq (true|false)$", re.IGNORECASE)
_POWER = re.compile(r"^startswith\(instanceView/statuses/code, ?'PowerState'\) eq true$", re.IGNORECASE)
_TAGGED_SINCE = "2023-09-01"
_DELETION_SINCE = "2024-07-01"
_SIZED_SINCE = "2021-07-01"
_CREATED_SINCE = "2021-11-01"
_MACHINE_ONLY = ("applicationProfile", "virtualMachineScaleSet")
_READ_ONLY = (
    "latestModelApplied",
    "modelDefinitionApplied",
    "provisioningState",
    "vmId",
    "instanceView",
    "timeCreated",
)


def scale_set_above(world: World, request: Request) -> Resource:
    """The scale set in a path that goes below it."""
    target = request.target
    key = "/".join(target.key.split("/")[:9])
    found = world.store.get(key)
    if found is None:
        world.demand_group(target)
        raise resource_not_found(f"Microsoft.Compute/virtualMachineScaleSets/{target.names[0]}", target.group)
    world.operations.read(found, world.settings.polls)
    return found


def demand_instance(world: World, scale_set: Resource, name: str) -> Resource:
    """One instance, or the service's 404 (recording tmc_vmss_vm)."""
    found = find_instance(world, scale_set, name)
    if found is None:
        raise ArmError(404, "NotFound", "The entity was not found in this Azure location.")
    return found


async def list_instances(world: World, request: Request) -> Response:
    """One page of instances, with the documented filters and expansion."""
    scale_set = scale_set_above(world, request)
    advance(world, scale_set)
    members = _filtered(scale_set, instances_of(world, scale_set), request.query.get("$filter", "").strip())
    has_view = "instanceview" in (request.query.get("$expand", "") + request.query.get("$select", "")).lower()
    return world.page(request, members, lambda item: encode(_shown(world, request, scale_set, item, has_view)))


async def get_instance(world: World, request: Request) -> Response:
    """Read one instance; with ``$expand=instanceView`` its view too."""
    scale_set = scale_set_above(world, request)
    instance = demand_instance(world, scale_set, request.target.name)
    world.operations.read(instance, world.settings.polls)
    instance = demand_instance(world, scale_set, request.target.name)
    has_view = "instanceview" in request.query.get("$expand", "").lower()
    body = _shown(world, request, scale_set, instance, has_view)
    return Response(200, encode(body), {} if has_view else _etag(body, request))


async def get_instance_view(world: World, request: Request) -> Response:
    """Read one instance's view."""
    instance = demand_instance(world, scale_set_above(world, request), request.target.names[1])
    return Response(200, uniform_view(world, instance))


async def put_instance(world: World, request: Request) -> Response:
    """Change one instance: protection, disks (test_vmss_update, test_vmss_update_instance_disks).

    Its tags are the set's: those of the body are passed over (recording tmc_vmss_vm).
    """
    scale_set, body = scale_set_above(world, request), request.json()
    instance = demand_instance(world, scale_set, request.target.name)
    check_preconditions(request, instance)
    world.operations.settle_resource(instance)
    given = {name: value for name, value in section(body, "properties").items() if name not in _READ_ONLY}
    before = section(instance.properties, "storageProfile").get("dataDisks") or []
    instance.body["properties"] = merged(instance.properties, given)
    leaving = _mark_leaving(instance, before)
    instance.write_etag()
    instance.set_state("Updating")
    shown = _shown(world, request, scale_set, instance, False)
    answer = world.begin(request, instance, 200, lambda: _finish(instance, leaving), word=WORD, body=encode(shown))
    answer.headers |= _etag(shown, request)
    return answer


async def delete_instance(world: World, request: Request) -> Response:
    """Delete one instance; as recorded (tmc_vmss_vm) one that is gone answers 202 too."""
    scale_set = scale_set_above(world, request)
    instance = find_instance(world, scale_set, request.target.name)
    world.operations.settle_resource(scale_set)

    def finish() -> None:
        held = instance is not None and world.store.get(instance.key) is instance
        delete_instances(world, scale_set, [instance] if held and instance is not None else [])

    return world.begin(request, scale_set, 202, finish, word=WORD)


def uniform_view(world: World, instance: Resource) -> Json:
    """A view begins with its placement (recordings tmc_vmss_vm, test_vmss_simulate_eviction)."""
    number = str(instance.body.get("instanceId", "0"))
    domain = int(number) % 5 if number.isdigit() else 0
    view = instance_view(world, instance)
    if not section(view, "vmAgent").get("extensionHandlers", True):
        del view["vmAgent"]["extensionHandlers"]
    placed: Json = {"placementGroupId": instance.properties.get("vmId", ""), "platformUpdateDomain": domain}
    return {**placed, "platformFaultDomain": domain, **view}


def _filtered(scale_set: Resource, members: dict[str, Resource], expression: str) -> dict[str, Resource]:
    if not expression or _POWER.match(expression):
        return members
    found = _FILTER.match(expression)
    if found is None:
        raise ArmError(400, "InvalidParameter", f"The filter '{expression}' is not supported.", "$filter")
    is_wanted = found.group(1).lower() == "true"
    return {key: item for key, item in members.items() if is_stale(scale_set, item) != is_wanted}


def _shown(world: World, request: Request, scale_set: Resource, instance: Resource, has_view: bool) -> Json:
    """An instance as an api-version shows it.

    guess: a Flexible one is its machine with an instance id and latestModelApplied, less what the schema of an
    instance has no place for.
    """
    body, properties = dict(instance.body), dict(instance.properties)
    if is_flexible(scale_set):
        body["instanceId"] = name_of(instance)
        properties = {name: value for name, value in properties.items() if name not in _MACHINE_ONLY}
        properties["latestModelApplied"] = not is_stale(scale_set, instance)
    version = request.api_version
    if version < _TAGGED_SINCE:
        body.pop("etag", None)
    if version < _DELETION_SINCE:
        properties.pop("resilientVMDeletionStatus", None)
    if version < _CREATED_SINCE:
        properties.pop("timeCreated", None)
    if version < _SIZED_SINCE:
        properties["hardwareProfile"] = {}
    if has_view:
        properties["instanceView"] = uniform_view(world, instance)
    return {**body, "properties": properties}


def _etag(body: Json, request: Request) -> dict[str, str]:
    return {"ETag": body["etag"]} if "etag" in body and request.api_version >= "2024-03-01" else {}


def _mark_leaving(instance: Resource, before: list[Json]) -> list[Json]:
    """Disks that a write leaves out stay until its end, marked (test_vmss_update_instance_disks)."""
    storage = section(instance.properties, "storageProfile")
    kept = [_disk(disk) for disk in storage.get("dataDisks") or []]
    places = {disk.get("lun") for disk in kept}
    leaving = [{**disk, "toBeDetached": True} for disk in before if disk.get("lun") not in places]
    if "dataDisks" in storage:
        instance.properties["storageProfile"] = {**storage, "dataDisks": [*kept, *leaving]}
    return leaving


def _disk(disk: Json) -> Json:
    """An attached disk is called as its resource is."""
    resource = str(section(disk, "managedDisk").get("id", ""))
    named = {"name": resource.rpartition("/")[2]} if resource else {}
    return {"toBeDetached": False, **named, **disk}


def _finish(instance: Resource, leaving: list[Json]) -> Failure | None:
    if leaving:
        storage = section(instance.properties, "storageProfile")
        kept = [disk for disk in storage.get("dataDisks") or [] if disk not in leaving]
        instance.properties["storageProfile"] = {**storage, "dataDisks": kept}
        instance.write_etag()
    instance.set_state("Succeeded")
    return None
