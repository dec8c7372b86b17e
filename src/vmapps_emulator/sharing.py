"""Sharing of galleries: passed through, with what the service is recorded to show."""

from vmapps_emulator.errors import invalid, parent_not_found
from vmapps_emulator.galleries import WORD
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Json, Request, Response
from vmapps_emulator.world import World

_OPERATIONS = ("Add", "Remove", "Reset", "EnableCommunity")


async def share_gallery(world: World, request: Request) -> Response:
    """POST share: 202 with an operation (recording test_community_gallery_operations)."""
    gallery = world.store.get(request.target.parent_key)
    if gallery is None:
        world.demand_group(request.target)
        raise parent_not_found(request.target.names[0])
    body = request.json()
    if body.get("operationType") not in _OPERATIONS:
        raise invalid(
            f"The value of parameter 'operationType' is not one of {', '.join(_OPERATIONS)}.", "operationType"
        )
    world.operations.settle_resource(gallery)
    return world.begin(request, gallery, 202, lambda: _share(gallery, body), word=WORD)


def _share(gallery: Resource, body: Json) -> None:
    profile: Json = dict(gallery.properties.get("sharingProfile", {"permissions": "Private"}))
    if body["operationType"] == "Reset":
        profile = {"permissions": "Private"}
    elif body["operationType"] == "EnableCommunity":
        profile["communityGalleryInfo"] = {**profile.get("communityGalleryInfo", {}), "communityGalleryEnabled": True}
    else:
        profile["groups"] = _groups(profile.get("groups", []), body)
    gallery.properties["sharingProfile"] = profile
    gallery.touched()


def _groups(held: list[Json], body: Json) -> list[Json]:
    """Add or remove ids group by group (guess: no recording shows it)."""
    ids = {str(group["type"]): list(group["ids"]) for group in held}
    for group in body.get("groups") or []:
        have = ids.setdefault(str(group.get("type")), [])
        named = [name for name in group.get("ids") or [] if isinstance(name, str)]
        if body["operationType"] == "Add":
            have.extend(name for name in named if name not in have)
        else:
            ids[str(group.get("type"))] = [name for name in have if name not in named]
    return [{"type": kind, "ids": names} for kind, names in ids.items() if names]
