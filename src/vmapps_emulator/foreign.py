"""Another client's write between a caller's read and write, as a request of its own."""

from vmapps_emulator.errors import ArmError
from vmapps_emulator.fault_rules import ForeignWrite
from vmapps_emulator.paths import parse
from vmapps_emulator.wire import Json, Request, encode, section
from vmapps_emulator.world import World

_PROFILES = {
    "virtualmachines": ("applicationProfile",),
    "virtualmachinescalesets": ("virtualMachineProfile", "applicationProfile"),
}


def foreign_request(world: World, request: Request, write: ForeignWrite) -> Request:
    """The request that comes first; without a path it goes where the caller's goes."""
    path = write.path or request.path
    body = write.body if write.entry is None else _with_entry(world, path, write.entry)
    raw = b"" if body is None else encode(body)
    return Request(write.method, path, dict(request.query), {}, raw, request.base)


def _with_entry(world: World, path: str, entry: Json) -> Json:
    """A PATCH body that adds one entry to the profile of a machine or a scale set."""
    target = parse(path)
    names = _PROFILES.get(target.kind) if target is not None else None
    held = world.store.get(target.key) if target is not None else None
    if names is None or held is None:
        raise ArmError(400, "InvalidFault", f"'{path}' is no machine and no scale set: it has no entries.")
    entries = section(held.properties, *names).get("galleryApplications") or []
    body: Json = {"galleryApplications": [*entries, entry]}
    for name in reversed(names):
        body = {name: body}
    return {"properties": body}
