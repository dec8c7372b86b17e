"""Gallery applications: every call answers at once and the body has no provisioningState.

Recording test_gallery_application: PUT 201, PATCH 200 (also without supportedOSType), DELETE 200.
"""

import re

from vmapps_emulator.errors import change_not_allowed, invalid, missing_parameter
from vmapps_emulator.galleries import (
    demand_location,
    demand_same_name,
    new_resource,
    patch_top_level,
    put_top_level,
    refuse_children,
)
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Json, Request, Response, section
from vmapps_emulator.world import World, merged

_NAME = re.compile(r"^[A-Za-z0-9._-]{1,117}$")
_OS_TYPES = ("Windows", "Linux")
_FIELD = "galleryApplication.properties.supportedOSType"


async def put_application(world: World, request: Request) -> Response:
    """Create (201) or rewrite (200) an application; properties left out stay (azure-facts 1.2: cannot be unset)."""
    target, body = request.target, request.json()
    world.demand_parent(target)
    demand_same_name(body, target)
    existing = world.store.get(target.key)
    location = demand_location(body, existing, target)
    if not _NAME.match(target.name) or target.name.endswith("."):
        raise invalid(f"The gallery application name '{target.name}' is invalid.", "galleryApplicationName")
    properties = section(body, "properties")
    _check(properties, existing)
    application = existing or new_resource(world, target, location, {})
    _write(application, properties)
    put_top_level(application, body, ("tags",))
    return Response(200 if existing else 201, application.encoded())


async def patch_application(world: World, request: Request) -> Response:
    """Change an application: 200."""
    application, body = world.find(request), request.json()
    properties = section(body, "properties")
    _check(properties, application)
    _write(application, properties)
    patch_top_level(application, body, ("tags",))
    return Response(200, application.encoded())


async def delete_application(world: World, request: Request) -> Response:
    """Delete an application without versions: 200, or 204 when there is none (guess: the 204)."""
    world.demand_group(request.target)
    application = world.store.get(request.target.key)
    if application is None:
        return Response(204)
    refuse_children(world, application, "versions")
    world.store.remove(application)
    return Response(200)


def date_as_shown(text: str) -> str:
    """A date-time as the service writes it: ``Z`` becomes ``+00:00`` (azure-facts 1.3 [EX])."""
    return f"{text[:-1]}+00:00" if text.endswith(("Z", "z")) else text


def _check(properties: Json, existing: Resource | None) -> None:
    wanted = properties.get("supportedOSType")
    held = existing.properties["supportedOSType"] if existing else None
    if wanted is None:
        if held is None:
            raise missing_parameter(_FIELD)
        return
    known = {name.lower(): name for name in _OS_TYPES}
    if str(wanted).lower() not in known:
        raise invalid(f"The value '{wanted}' of parameter '{_FIELD}' is invalid.", _FIELD)
    if held is not None and known[str(wanted).lower()] != held:
        raise change_not_allowed(_FIELD)


def _write(application: Resource, given: Json) -> None:
    kept = {name: value for name, value in given.items() if value is not None and name != "provisioningState"}
    properties = merged(application.properties, kept)
    properties["supportedOSType"] = str(properties["supportedOSType"]).capitalize()
    if "endOfLifeDate" in kept:
        properties["endOfLifeDate"] = date_as_shown(str(kept["endOfLifeDate"]))
    application.body["properties"] = properties
