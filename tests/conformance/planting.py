"""What a recording takes for granted: resources made before it began, or by calls that the emulator does not serve."""

import re
from typing import Any

from conformance.recordings import Json
from vmapps_emulator.instances import instances_of
from vmapps_emulator.seed import plant
from vmapps_emulator.world import World

_GROUP = re.compile("(/subscriptions/[^/]+/resourcegroups/[^/]+)", re.IGNORECASE)
_SET = re.compile("(.*/virtualmachinescalesets/[^/]+)/virtualmachines(/[^/]+)?$", re.IGNORECASE)
_ETAG = re.compile(r'^"(\d+)"$')


class Planting:
    """Keeps one world in step with what its recording shows."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stale: set[str] = set()
        self.known_instances: set[str] = set()

    def spoil(self, owner: str | None, call: Json) -> None:
        """A write that is not served changes a machine or a set: it is planted anew from the next read."""
        if owner and call["method"] != "GET":
            self.stale.add(owner)
            self.known_instances.discard(owner)

    def prepare(self, call: Json) -> bool:
        """Plant what this call needs; whether the call itself only shows what was planted."""
        self._plant_group(call["path"])
        for entry in _entries(call["request_body"]):
            self._plant_version(str(entry.get("packageReferenceId", "")), call)
        if call["method"] == "GET" and call["status"] == 200:
            return self._plant_read(call)
        return self._plant_blind(call)

    def follow(self, recorded: Any) -> None:
        """Take over the ETags of an answer: somebody else's write counts once, not in all calls after it."""
        for body in _resources(recorded):
            self._take_etag(body)

    def _plant_read(self, call: Json) -> bool:
        """Plant the unknown or spoiled resources that a read shows."""
        bodies = _resources(call["response_body"])
        found = _SET.match(call["path"])
        if found and not found.group(2):
            return self._plant_instances(found.group(1).lower(), bodies)
        fresh = [body for body in bodies if self._is_fresh(body)]
        for body in fresh:
            self._plant(body)
        return bool(fresh) and self.world.store.get(fresh[0]["id"]) is not None

    def _plant_instances(self, key: str, bodies: list[Json]) -> bool:
        """The first list of instances replaces those that the emulator made up."""
        scale_set = self.world.store.get(key)
        if key in self.known_instances or (scale_set is None and not bodies):
            return False
        self.known_instances.add(key)
        if scale_set is None:
            self._plant(_set_of(bodies[0]))
            scale_set = self.world.store.get(key)
        assert scale_set is not None
        for instance in list(instances_of(self.world, scale_set).values()):
            self.world.store.remove(instance)
        for body in bodies:
            self._plant(body)
        return True

    def _plant_blind(self, call: Json) -> bool:
        """A write or an action on something never seen: its answer, if it has one, is the first that is known."""
        body = call["response_body"]
        is_seen = self.world.store.get(_resource_path(call["path"])) is not None
        if call["method"] not in ("PUT", "PATCH", "POST") or is_seen or call["status"] not in (200, 202):
            return False
        if isinstance(body, dict) and isinstance(body.get("properties"), dict) and "id" in body:
            self._plant(body)
        return True

    def _is_fresh(self, body: Json) -> bool:
        key = body["id"].lower()
        if key not in self.stale:
            return self.world.store.get(key) is None
        self.stale.discard(key)
        return True

    def _plant_group(self, path: str) -> None:
        found = _GROUP.match(path)
        if found and found.group(1).lower() not in self.world.store.groups:
            plant(self.world, {"resourceGroups": [{"id": found.group(1), "location": "eastus"}]})

    def _plant(self, body: Json) -> None:
        known = _SET.match(body["id"])
        if known and self.world.store.get(known.group(1)) is None:
            self._plant(_set_of(body))
        plant(self.world, {"resources": [{name: value for name, value in body.items() if name != "etag"}]})
        self._take_etag(body)

    def _take_etag(self, body: Json) -> None:
        resource, found = self.world.store.get(body["id"]), _ETAG.match(str(body.get("etag", "")))
        if resource is not None and found:
            resource.etag = int(found.group(1))
            resource.body["etag"] = body["etag"]
            resource.touched()

    def _plant_version(self, reference: str, call: Json) -> None:
        """A version that a successful write names was there (what a failed one names was perhaps not)."""
        if self.world.store.get(reference) is not None or call["status"] >= 400:
            return
        application, _, _version = reference.rpartition("/versions/")
        where = {"location": call["response_body"]["location"]}
        bodies = [
            {"id": application.rpartition("/applications/")[0], **where},
            {"id": application, **where, "properties": {"supportedOSType": _os_type(call["response_body"])}},
            {"id": reference, **where, "properties": {"publishingProfile": {}}},
        ]
        absent = [body for body in bodies if self.world.store.get(body["id"]) is None]
        plant(self.world, {"resources": absent})


def _resources(body: Any) -> list[Json]:
    items = body.get("value", [body]) if isinstance(body, dict) else []
    return [item for item in items if isinstance(item, dict) and "id" in item and "properties" in item]


def _set_of(instance: Json) -> Json:
    """A scale set of which only an instance is known."""
    path = instance["id"].rpartition("/virtualMachines/")[0]
    return {"id": path, "location": instance.get("location", "eastus"), "properties": {"virtualMachineProfile": {}}}


def _resource_path(path: str) -> str:
    """The resource that a path is about: without the action at its end."""
    head, _, below = path.partition("/providers/")
    words = below.split("/")
    return f"{head}/providers/" + "/".join(words if len(words) % 2 else words[:-1])


def _model(body: Any) -> Json:
    properties = body.get("properties") if isinstance(body, dict) else None
    if not isinstance(properties, dict):
        return {}
    return properties.get("virtualMachineProfile") or properties


def _entries(body: Any) -> list[Json]:
    return (_model(body).get("applicationProfile") or {}).get("galleryApplications") or []


def _os_type(body: Any) -> str:
    disk = (_model(body).get("storageProfile") or {}).get("osDisk") or {}
    return str(disk.get("osType", "Linux"))
