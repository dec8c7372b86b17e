"""Application versions: long-running PUT, PATCH and DELETE (recording test_gallery_application_version)."""

from vmapps_emulator.applications import date_as_shown
from vmapps_emulator.blobs import Link
from vmapps_emulator.galleries import (
    WORD,
    delete_long,
    demand_location,
    demand_same_name,
    finish_writing,
    new_resource,
    patch_top_level,
    put_top_level,
    refuse_deleting,
)
from vmapps_emulator.paths import Target
from vmapps_emulator.regions import display
from vmapps_emulator.store import Resource
from vmapps_emulator.version_rules import check_new, check_unchanged, regions_of, with_defaults
from vmapps_emulator.wire import Json, Request, Response, encode, now, section
from vmapps_emulator.world import World, merged

_SOURCE = "galleryApplicationVersion.properties.publishingProfile.source"
_WRITE = "Create or Update Gallery Application Version"


async def put_version(world: World, request: Request) -> Response:
    """Create (201) or rewrite (200) a version.

    A rewrite that leaves fields out keeps them: the recording sends only the source and tags, and the answer shows
    the old manageActions and settings.
    """
    target, body = request.target, request.json()
    _validated(world, target, body)
    await _check_links(world, target.parent_key, section(body, "properties", "publishingProfile"))
    existing, location = _validated(world, target, body)  # another call may have written while the links were read
    version = existing or new_resource(world, target, location, {"publishingProfile": {}})
    world.operations.settle_resource(existing)
    _write(version, body, request.api_version)
    put_top_level(version, body, ("tags",))
    return _begin_write(world, request, version, existing is None)


async def patch_version(world: World, request: Request) -> Response:
    """Change a version: 200 and an operation (guess: no recording holds one; galleries answer so)."""
    body = request.json()
    _unchanged(world.find(request), body)
    profile = section(body, "properties", "publishingProfile")
    await _check_links(world, request.target.parent_key, profile)
    version = world.find(request)
    _unchanged(version, body)
    world.operations.settle_resource(version)
    _write(version, body, request.api_version)
    patch_top_level(version, body, ("tags",))
    return _begin_write(world, request, version, False)


async def get_version(world: World, request: Request) -> Response:
    """Read a version, with ``$expand=ReplicationStatus`` its regions too (azure-facts 1.3)."""
    version = world.look_up(request)
    world.store.replication.look(version.key)
    if request.query.get("$expand", "").lower() != "replicationstatus":
        return Response(200, shown_version(version, request.api_version))
    shown = world.store.replication.shown(version.key, regions_of(version), version.state == "Succeeded")
    properties = {**_visible(version, request.api_version), "replicationStatus": shown}
    return Response(200, encode({**version.body, "properties": properties}))


async def list_versions(world: World, request: Request) -> Response:
    """One page of an application's versions."""
    world.demand_parent(request.target)
    members = world.seen(request, request.target.key)
    return world.page(request, members, lambda version: shown_version(version, request.api_version))


def shown_version(version: Resource, api_version: str) -> bytes:
    """A version's body as one api-version shows it; the newest form is kept encoded."""
    properties = _visible(version, api_version)
    if properties is version.properties:
        return version.encoded()
    return encode({**version.body, "properties": properties})


def _visible(version: Resource, api_version: str) -> Json:
    """The properties that an api-version has: storageAccountStrategy came with 2025-03-03 (azure-facts 1.3)."""
    profile: Json = version.properties["publishingProfile"]
    if api_version >= "2025-03-03" or "storageAccountStrategy" not in profile:
        return version.properties
    kept = {name: value for name, value in profile.items() if name != "storageAccountStrategy"}
    return {**version.properties, "publishingProfile": kept}


async def delete_version(world: World, request: Request) -> Response:
    """Delete a version: 202, or 204 when there is none. The service does not look for machines that use it."""
    return delete_long(world, request, None)


def _validated(world: World, target: Target, body: Json) -> tuple[Resource | None, str]:
    """The version as it is and the region of the write, or the refusal of the write."""
    world.demand_parent(target)
    demand_same_name(body, target)
    existing = world.store.get(target.key)
    refuse_deleting(existing, _WRITE)
    location = demand_location(body, existing, target)
    if existing is None:
        check_new(target.name, location, section(body, "properties", "publishingProfile"))
    else:
        check_unchanged(existing, location, body)
    return existing, location


def _unchanged(version: Resource, body: Json) -> None:
    refuse_deleting(version, _WRITE)
    check_unchanged(version, version.location, body)


def _begin_write(world: World, request: Request, version: Resource, is_new: bool) -> Response:
    version.set_state("Creating" if is_new else "Updating")
    replication = world.store.replication
    replication.start(version.key, version.location, regions_of(version), world.settings.replication_polls)
    body = shown_version(version, request.api_version)
    status = 201 if is_new else 200
    return world.begin(request, version, status, lambda: finish_writing(version), word=WORD, body=body)


async def _check_links(world: World, application_key: str, profile: Json) -> None:
    """Read the links that this write carries, once each."""
    source = section(profile, "source")
    gallery = world.store.get(application_key.rsplit("/", 2)[0])
    identity = section(gallery.body, "identity").get("userAssignedIdentities") if gallery else None
    for name, limit in (("mediaLink", 2 << 30), ("defaultConfigurationLink", 1 << 30)):
        if source.get(name):
            link = Link(str(source[name]), f"{_SOURCE}.{name}", limit)
            await world.blobs.check(link, bool(identity))


def _write(version: Resource, body: Json, api_version: str) -> None:
    given = section(body, "properties")
    held = {name: value for name, value in version.properties.items() if name != "provisioningState"}
    safety = merged(held.get("safetyProfile", {}), section(given, "safetyProfile"))
    profile = _new_profile(version, section(given, "publishingProfile"), api_version)
    extra = {name: given[name] for name in given if name not in _OWN and given[name] is not None}
    properties: Json = {**held, **extra, "publishingProfile": profile}
    if safety:
        properties["safetyProfile"] = safety
    version.body["properties"] = properties


def _new_profile(version: Resource, given: Json, api_version: str) -> Json:
    kept = {name: value for name, value in given.items() if value is not None and name != "publishedDate"}
    held: Json = version.properties["publishingProfile"]
    regions = kept.pop("targetRegions", None) or held.get("targetRegions") or [{"name": display(version.location)}]
    profile = merged(held, kept)
    profile.setdefault("publishedDate", now())
    if "endOfLifeDate" in kept:
        profile["endOfLifeDate"] = date_as_shown(str(kept["endOfLifeDate"]))
    return with_defaults(profile, regions, held.get("targetRegions", []), api_version)


_OWN = ("publishingProfile", "safetyProfile", "provisioningState", "replicationStatus")
