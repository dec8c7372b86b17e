"""State given at the start: a seed file of ARM bodies, a synthetic fleet."""

from pathlib import Path
from typing import Any

import msgspec

from vmapps_emulator.errors import ArmError
from vmapps_emulator.extension import set_extension_state, show_extension
from vmapps_emulator.groups import new_group
from vmapps_emulator.guest_runs import seed_guest
from vmapps_emulator.instances import adopt, join_scale_set, scale_set_of, seed_instances
from vmapps_emulator.machine_model import complete, without_secrets
from vmapps_emulator.paths import Target, parse
from vmapps_emulator.profiles import written_profile
from vmapps_emulator.scale_set_model import complete_set, next_properties, show_model_extension
from vmapps_emulator.store import Resource, group_key
from vmapps_emulator.version_rules import with_defaults
from vmapps_emulator.wire import Json, now
from vmapps_emulator.world import World

_KINDS = (
    "galleries",
    "galleries/applications",
    "galleries/applications/versions",
    "virtualmachinescalesets",
    "virtualmachinescalesets/virtualmachines",
    "virtualmachines",
)


class SeedError(Exception):
    """A seed that cannot be read; the message is one line."""


def read_json(path: Path) -> Any:
    """A file's content, or one line about why it cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes())
    except OSError as error:
        raise SeedError(f"{path}: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SeedError(f"{path}: not JSON: {error}") from None


def read_seed(path: Path) -> Json:
    """A seed file's content: ``{"resources": [...], "resourceGroups": [...], "guest": [...]}``."""
    content = read_json(path)
    if not isinstance(content, dict) or set(content) - {"resources", "resourceGroups", "guest"}:
        raise SeedError(f'{path}: expected an object with "resources", "resourceGroups" and "guest"')
    return content


def plant(world: World, content: Json) -> None:
    """Enter a seed: groups, then parents before children, then machines."""
    for at, body in enumerate(_list(content, "resourceGroups")):
        _plant_group(world, body, f"resourceGroups[{at}]")
    bodies = [(_target(body, f"resources[{at}]"), body) for at, body in enumerate(_list(content, "resources"))]
    for target, body in sorted(bodies, key=lambda pair: (_KINDS.index(pair[0].kind), pair[0].kind.count("/"))):
        try:
            _plant(world, target, body)
        except (ArmError, KeyError, TypeError, AttributeError, ValueError) as error:
            raise SeedError(f"{body['id']}: {error if isinstance(error, ArmError) else repr(error)}") from None
    for target, _body in bodies:
        scale_set = world.store.get(target.key) if target.kind == "virtualmachinescalesets" else None
        if scale_set is not None:
            seed_instances(world, scale_set)


def _list(content: Json, name: str) -> list[Any]:
    entries = content.get(name, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SeedError(f'"{name}" must be a list of objects')
    return entries


def _plant_group(world: World, body: Json, where: str) -> None:
    target = parse(str(body.get("id", "")))
    if target is None or target.kind != "resourcegroups":
        raise SeedError(f"{where}: no id of a resource group")
    group = new_group(target.subscription, target.group, str(body.get("location", "eastus")), body.get("tags"))
    world.store.groups[group_key(target.subscription, target.group)] = group


def _target(body: Json, where: str) -> Target:
    target = parse(str(body.get("id", "")))
    if target is None or target.is_collection or target.kind not in _KINDS:
        raise SeedError(f"{where}: id {body.get('id')!r} is none of {', '.join(_KINDS)}")
    if not isinstance(body.get("properties", {}), dict):
        raise SeedError(f"{where}: properties must be an object")
    return target


def _plant(world: World, target: Target, body: Json) -> None:
    key = group_key(target.subscription, target.group)
    location = str(body.get("location", "eastus"))
    world.store.groups.setdefault(key, new_group(target.subscription, target.group, location))
    if "/" in target.kind and world.store.get(target.parent_key) is None:
        raise ArmError(404, "ParentResourceNotFound", f"its parent {target.parent_key} is not in the seed")
    head = {"name": target.name, "id": body["id"], "type": target.full_type, "location": location}
    full: Json = {**head, **body, "properties": dict(body.get("properties", {}))}
    collections = [target.collection_key] + ([] if "/" in target.kind else [target.subscription_key])
    resource = Resource(target.key, full, tuple(collections))
    _PLANTERS[target.kind](world, resource)
    world.store.put(resource)


def _plant_gallery(_world: World, gallery: Resource) -> None:
    gallery.properties.setdefault("provisioningState", "Succeeded")
    unique = f"{gallery.id.split('/')[2]}-{gallery.body['name'].upper()}"
    gallery.properties.setdefault("identifier", {"uniqueName": unique})


def _plant_application(_world: World, application: Resource) -> None:
    if application.properties.get("supportedOSType") not in ("Windows", "Linux"):
        raise ArmError(400, "InvalidParameter", "supportedOSType must be Windows or Linux")
    application.properties.pop("provisioningState", None)


def _plant_version(_world: World, version: Resource) -> None:
    profile = version.properties.get("publishingProfile")
    if not isinstance(profile, dict):
        raise ArmError(400, "InvalidParameter", "publishingProfile is missing")
    profile.setdefault("publishedDate", now())
    regions = profile.get("targetRegions") or [{"name": version.location}]
    version.properties["publishingProfile"] = with_defaults(profile, regions, [], "2024-03-03")
    version.properties.setdefault("provisioningState", "Succeeded")


def _plant_machine(world: World, machine: Resource) -> None:
    properties = machine.properties
    profile = written_profile({}, properties)
    properties = complete(without_secrets(properties))
    for name in ("applicationProfile", "instanceView"):
        properties.pop(name, None)
    if profile:
        properties["applicationProfile"] = profile
    properties.setdefault("vmId", world.operations.new_id())
    properties.setdefault("timeCreated", now())
    properties.setdefault("provisioningState", "Succeeded")
    machine.body["properties"] = properties
    _tag(machine)
    join_scale_set(world, machine)
    show_extension(machine)
    set_extension_state(machine, "Succeeded")
    seed_guest(world, machine)


def _plant_scale_set(world: World, scale_set: Resource) -> None:
    """A body that the service wrote is taken as it is, another one completed as at creation."""
    given = scale_set.properties
    if "uniqueId" not in given:
        scale_set.body["properties"] = {**given, **complete_set(next_properties({}, given, is_patch=False))}
    scale_set.properties.setdefault("provisioningState", "Succeeded")
    scale_set.properties.setdefault("uniqueId", world.operations.new_id())
    scale_set.properties.setdefault("timeCreated", now())
    scale_set.hidden["model"] = 1
    _tag(scale_set)
    show_model_extension(scale_set)


def _plant_instance(world: World, instance: Resource) -> None:
    scale_set = scale_set_of(world, instance)
    if scale_set is None:
        raise ArmError(404, "ParentResourceNotFound", "its scale set is not in the seed")
    instance.body.setdefault("instanceId", instance.body["name"].rpartition("_")[2])
    for name, value in (("provisioningState", "Succeeded"), ("resilientVMDeletionStatus", "Disabled")):
        instance.properties.setdefault(name, value)
    _tag(instance)
    adopt(scale_set, instance)
    show_extension(instance)
    set_extension_state(instance, "Succeeded")
    seed_guest(world, instance)


def _tag(resource: Resource) -> None:
    resource.body.pop("etag", None)
    resource.write_etag()


_PLANTERS = {
    "galleries": _plant_gallery,
    "galleries/applications": _plant_application,
    "galleries/applications/versions": _plant_version,
    "virtualmachines": _plant_machine,
    "virtualmachinescalesets": _plant_scale_set,
    "virtualmachinescalesets/virtualmachines": _plant_instance,
}
