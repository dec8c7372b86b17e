"""Galleries: long-running PUT, PATCH and DELETE at capsOperations (recordings test_gallery_application, _e2e)."""

import re
from uuid import NAMESPACE_URL, UUID, uuid5

from vmapps_emulator.errors import ArmError, change_not_allowed, has_children, invalid, location_moved
from vmapps_emulator.paths import Target
from vmapps_emulator.regions import normal
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Json, Request, Response, encode, section
from vmapps_emulator.world import World, merged

WORD = "capsOperations"

_NAME = re.compile(r"^[^_\W][\w.-]{0,79}$")


def demand_location(body: Json, existing: Resource | None, target: Target) -> str:
    """The region of a write: needed at creation, kept afterwards, never moved."""
    location = body.get("location")
    if existing is not None:
        if isinstance(location, str) and normal(location) != normal(existing.location):
            raise location_moved(existing.id, target.group, existing.location, location)
        return existing.location
    if not isinstance(location, str) or not location:
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    return location


def demand_same_name(body: Json, target: Target) -> None:
    """A name in the body must be the one in the path (azure-facts 3.11, documented)."""
    name = body.get("name")
    if name is not None and str(name).lower() != target.name.lower():
        raise invalid("Entity name does not match the name in the request URL.", "name")


def refuse_deleting(existing: Resource | None, operation: str) -> None:
    """Nothing but DELETE is possible while a delete runs (service_errors.json; guess: the code)."""
    if existing is not None and existing.state == "Deleting":
        name = existing.body["name"]
        text = f"Operation '{operation}' is not allowed on '{name}' since it is marked for deletion. "
        text += "You can only retry the delete operation (or wait for an ongoing one to complete)."
        raise ArmError(409, "OperationNotAllowed", text)


def new_resource(world: World, target: Target, location: str, properties: Json) -> Resource:
    """A resource of the path's kind, entered in its collections."""
    body: Json = {"name": target.name, "id": nested_id(world, target), "type": target.full_type}
    body |= {"location": location, "properties": properties}
    collections: tuple[str, ...] = (target.collection_key,)
    if "/" not in target.kind:
        collections = (target.collection_key, target.subscription_key)
    resource = Resource(target.key, body, collections)
    world.store.put(resource)
    return resource


def nested_id(world: World, target: Target) -> str:
    """The id of a new resource: a child carries its parent's casing."""
    parent = world.store.get(target.parent_key) if "/" in target.kind else None
    if parent is None:
        return target.id
    return "/".join([parent.id, *target.type_and_name.split("/")[-2:]])


def put_top_level(resource: Resource, body: Json, names: tuple[str, ...]) -> None:
    """Rewrite a resource's top-level fields from a PUT: what is left out is gone.

    guess: tags and identity that a PUT omits are removed, as ARM's contract says; no recording shows it.
    """
    ordered = {name: resource.body[name] for name in ("name", "id", "type", "location")}
    ordered |= {name: body[name] for name in names if body.get(name) is not None}
    if "SystemAssigned" in str(section(ordered, "identity").get("type", "")):
        ordered["identity"] = {**ordered["identity"], **_principal(resource)}
    ordered["properties"] = resource.properties
    if "etag" in resource.body:
        ordered["etag"] = resource.body["etag"]
    if "resources" in resource.body:
        ordered["resources"] = resource.body["resources"]
    resource.body = ordered
    resource.touched()


def _principal(resource: Resource) -> Json:
    """What the service adds to a system-assigned identity (recording test_vm_generic_update)."""
    return {"principalId": str(uuid5(NAMESPACE_URL, resource.key)), "tenantId": str(UUID(int=0))}


def patch_top_level(resource: Resource, body: Json, names: tuple[str, ...]) -> None:
    """Change a resource's top-level fields from a PATCH: what is given replaces."""
    put_top_level(resource, {name: body.get(name, resource.body.get(name)) for name in names}, names)


def finish_writing(resource: Resource) -> None:
    """The usual end of a write."""
    resource.set_state("Succeeded")


async def put_gallery(world: World, request: Request) -> Response:
    """Create (201) or rewrite (200) a gallery."""
    target, body = request.target, request.json()
    world.demand_group(target)
    demand_same_name(body, target)
    existing = world.store.get(target.key)
    refuse_deleting(existing, "Create or Update Gallery")
    location = demand_location(body, existing, target)
    if existing is None and (not _NAME.match(target.name) or target.name[-1] in "-."):
        raise invalid(f"The gallery name '{target.name}' is invalid.", "galleryName")
    _check_sharing(body, existing)
    world.operations.settle_resource(existing)
    before = dict(existing.body) if existing else None
    gallery = existing or new_resource(world, target, location, {})
    _write_properties(gallery, body)
    put_top_level(gallery, body, ("tags", "identity"))
    return _begin_write(world, request, gallery, before)


async def patch_gallery(world: World, request: Request) -> Response:
    """Change a gallery: 200 and an operation (recording tmc_galleries)."""
    gallery, body = world.find(request), request.json()
    refuse_deleting(gallery, "Create or Update Gallery")
    _check_sharing(body, gallery)
    world.operations.settle_resource(gallery)
    before = dict(gallery.body)
    _write_properties(gallery, body)
    patch_top_level(gallery, body, ("tags", "identity"))
    return _begin_write(world, request, gallery, before)


async def list_galleries(world: World, request: Request) -> Response:
    """One page of galleries; a list writes the resource group in capitals (recording test_gallery_e2e)."""
    world.demand_group(request.target)
    return world.page(request, world.seen(request, request.target.key), _listed)


async def delete_gallery(world: World, request: Request) -> Response:
    """Delete an empty gallery: 202, or 204 when there is none."""
    return delete_long(world, request, "applications")


def delete_long(world: World, request: Request, child_type: str | None) -> Response:
    """DELETE of a gallery or a version: 202 with Location and Azure-AsyncOperation."""
    world.demand_group(request.target)
    resource = world.store.get(request.target.key)
    if resource is None:
        return Response(204)
    if child_type is not None:
        refuse_children(world, resource, child_type)
    world.operations.settle_resource(resource)
    if world.store.get(resource.key) is None:
        return Response(204)
    resource.set_state("Deleting")
    return world.begin(request, resource, 202, lambda: world.store.remove(resource), word=WORD)


def refuse_children(world: World, resource: Resource, child_type: str) -> None:
    """409 CannotDeleteResource while children exist, and for a while longer where deletes lag (azure-facts 3.7)."""
    key = f"{resource.key}/{child_type}"
    ids = [child.id for child in world.store.collection(key).values()]
    nested = [name.partition("/providers/")[2] for name in ids or world.store.ghosts(key, world.settings.delete_lag)]
    if nested:
        raise has_children(nested)


def _begin_write(world: World, request: Request, gallery: Resource, before: Json | None) -> Response:
    """A write that changes nothing answers Succeeded at once, and with an operation (three of four recordings)."""
    if before != gallery.body:
        gallery.set_state("Updating" if before else "Creating")
    body = encode(_with_sharing(gallery.body)) if request.api_version < _SHARING_UNSHOWN else gallery.encoded()
    return world.begin(request, gallery, 200 if before else 201, lambda: finish_writing(gallery), word=WORD, body=body)


def _with_sharing(body: Json) -> Json:
    """Up to 2020-09-30 the answer to a write shows the default sharing profile, a GET not (tmc_galleries)."""
    properties = {"sharingProfile": {"permissions": "Private"}, **body["properties"]}
    return {**body, "properties": properties}


def _listed(gallery: Resource) -> bytes:
    parts = gallery.id.split("/")
    parts[4] = parts[4].upper()
    return encode({**gallery.body, "id": "/".join(parts)})


def _check_sharing(body: Json, existing: Resource | None) -> None:
    """An existing gallery cannot be converted to direct sharing (azure-facts 1.1 [ACG]; guess: the error)."""
    wanted = section(body, "properties", "sharingProfile").get("permissions")
    held = section(existing.body, "properties", "sharingProfile").get("permissions") if existing else wanted
    if wanted == "Groups" and held != "Groups":
        raise change_not_allowed("gallery.properties.sharingProfile.permissions")


def _write_properties(gallery: Resource, body: Json) -> None:
    given = {name: value for name, value in section(body, "properties").items() if name not in _READ_ONLY}
    properties = merged(gallery.properties, given)
    subscription = gallery.id.split("/")[2]
    properties["identifier"] = {"uniqueName": f"{subscription}-{gallery.body['name'].upper()}"}
    _show_community(properties)
    gallery.body["properties"] = properties


def _show_community(properties: Json) -> None:
    """What the service adds to communityGalleryInfo (recording test_community_gallery_operations)."""
    sharing = properties.get("sharingProfile")
    info = sharing.get("communityGalleryInfo") if isinstance(sharing, dict) else None
    if isinstance(info, dict) and "publicNamePrefix" in info:
        info.setdefault("communityGalleryEnabled", False)
        info.setdefault("publicNames", [f"{info['publicNamePrefix']}-00000000-0000-0000-0000-000000000000"])


_SHARING_UNSHOWN = "2021-01-01"
_READ_ONLY = ("identifier", "provisioningState", "sharingStatus")
