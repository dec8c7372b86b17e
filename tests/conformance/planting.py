"""What a recording takes for granted: resources made before it began, or by calls that the emulator does not serve."""

import re
from contextlib import suppress
from typing import Any

from conformance.recordings import Json, owner
from vmapps_emulator.instances import instances_of, scale
from vmapps_emulator.scale_set_model import model_of
from vmapps_emulator.seed import SeedError, plant
from vmapps_emulator.world import World

_GROUP = re.compile("(/subscriptions/[^/]+/resourcegroups/[^/]+)", re.IGNORECASE)
_SET = re.compile("(.*/virtualmachinescalesets/[^/]+)/virtualmachines(/[^/]+)?$", re.IGNORECASE)
_INSTANCE = re.compile("(.*/virtualmachinescalesets/[^/]+)/virtualmachines/([^/]+)")
_PUBLISHED = {"properties": {"publishingProfile": {}}}
_PARENT: dict[str, Json] = {
    "applications": {"supportedOSType": "Linux"},
    "versions": {"publishingProfile": {}},
    "virtualmachinescalesets": {"virtualMachineProfile": {}},
}
_ETAG = re.compile(r'^"(\d+)"$')


class Planting:
    """Keeps one world in step with what its recording shows."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stale: set[str] = set()
        self.known_instances: set[str] = set()
        self.bare: set[str] = set()

    def spoil(self, about: str | None, call: Json) -> None:
        """A write that is not served changes a machine or a set: it is planted anew from the next read."""
        if about and call["method"] != "GET":
            self.stale.add(about)
            self.known_instances.discard(about)

    def prepare(self, call: Json) -> bool:
        """Plant what this call needs; whether the call itself only shows what was planted."""
        self._plant_group(call["path"])
        self._plant_parents(call)
        for entry in _entries(call["request_body"]):
            self._plant_version(str(entry.get("packageReferenceId", "")), call)
        self._fit_instance(call)
        if call["method"] == "GET" and call["status"] == 200 and self._plant_read(call):
            return True
        return self._plant_blind(call) or self._is_unseen(call)

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
            self.bare.add(key)
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
        path = _resource_path(call["path"])
        is_seen = self.world.store.get(path) is not None
        is_known = is_seen and (path.lower() not in self.stale or call["method"] == "POST")
        if call["method"] == "GET" or is_known or call["status"] not in (200, 202):
            return False
        if isinstance(body, dict) and _is_resource(body):
            self._plant(body)
            self.stale.discard(path.lower())
        return True

    def _fit_instance(self, call: Json) -> None:
        """Which ids a new set's instances have is chance (overprovisioning): made-up ones follow the recording."""
        found = _INSTANCE.match(call["path"].lower())
        scale_set = self.world.store.get(found.group(1)) if found else None
        is_made_up = scale_set is not None and "storageProfile" not in model_of(scale_set)
        if found is None or scale_set is None or is_made_up or scale_set.key in self.known_instances:
            return
        self.world.operations.settle_resource(scale_set)
        held = instances_of(self.world, scale_set)
        own = held.get(f"{scale_set.key}/virtualmachines/{found.group(2)}")
        if call["status"] == 404 and own is not None:
            self.world.store.remove(own)
        elif call["status"] < 300 and own is None and found.group(2).isdigit() and call["method"] != "DELETE":
            scale_set.hidden["next"] = int(found.group(2))
            scale_set.body["sku"] = {**scale_set.body.get("sku", {}), "capacity": len(held) + 1}
            scale(self.world, scale_set)

    def _is_fresh(self, body: Json) -> bool:
        key = body["id"].lower()
        held = self.world.store.get(key)
        is_adrift = held is not None and held.operation is None and held.state in ("Creating", "Updating")
        if held is not None and not is_adrift and key not in self.stale | self.bare:
            return False
        self.stale.discard(key)
        self.bare.discard(key)
        return True

    def _is_unseen(self, call: Json) -> bool:
        """A call below a machine or a set of which the recording has shown nothing: no answer can be right."""
        about = owner(call)
        if about is None or len(call["path"].rstrip("/")) <= len(about):
            return False
        instance = _INSTANCE.match(call["path"].lower())
        is_shown = about in self.known_instances or (instance and self.world.store.get(instance.group(0)) is not None)
        return self.world.store.get(about) is None or (about in self.bare and not is_shown)

    def _plant_group(self, path: str) -> None:
        found = _GROUP.match(path)
        if found and found.group(1).lower() not in self.world.store.groups:
            plant(self.world, {"resourceGroups": [{"id": found.group(1), "location": "eastus"}]})

    def _plant(self, body: Json) -> None:
        known = _SET.match(body["id"])
        if known and self.world.store.get(known.group(1)) is None:
            self.bare.add(known.group(1).lower())
            self._plant(_set_of(body))
        with suppress(SeedError):  # a shape that no seed takes: the calls on it stay unplanted
            plant(self.world, {"resources": [{name: value for name, value in body.items() if name != "etag"}]})
        self._take_etag(body)

    def _take_etag(self, body: Json) -> None:
        resource, found = self.world.store.get(body["id"]), _ETAG.match(str(body.get("etag", "")))
        if resource is not None and found:
            resource.etag = int(found.group(1))
            resource.body["etag"] = body["etag"]
            resource.touched()

    def _plant_parents(self, call: Json) -> None:
        """What a call that succeeded lies below was there: galleries, applications, scale sets."""
        words = call["path"].split("/")
        if call["status"] >= 400 or len(words) < 10 or words[7].lower() not in ("galleries", "virtualmachinescalesets"):
            return
        body = call["response_body"]
        location = body.get("location", "eastus") if isinstance(body, dict) else "eastus"
        for length in range(9, len(words), 2) if words[7].lower() == "galleries" else (9,):
            path = "/".join(words[:length])
            if self.world.store.get(path) is None:
                self.bare.add(path.lower())
                properties = _PARENT.get(words[length - 2].lower(), {})
                self._plant({"id": path, "location": location, "properties": dict(properties)})

    def _plant_version(self, reference: str, call: Json) -> None:
        """A version that a successful write names was there (what a failed one names was perhaps not)."""
        if self.world.store.get(reference) is not None or call["status"] >= 400:
            return
        application, _, version = reference.rpartition("/versions/")
        body = call["response_body"]
        if not application or not version or not isinstance(body, dict) or "location" not in body:
            return
        where = {"location": body["location"]}
        bodies = [
            {"id": application.rpartition("/applications/")[0], **where},
            {"id": application, **where, "properties": {"supportedOSType": _os_type(body)}},
            {"id": f"{application}/versions/{'1.0.0' if version == 'latest' else version}", **where, **_PUBLISHED},
        ]
        absent = [item for item in bodies if self.world.store.get(item["id"]) is None]
        with suppress(SeedError):
            plant(self.world, {"resources": absent})


def _resources(body: Any) -> list[Json]:
    items = body.get("value", [body]) if isinstance(body, dict) else []
    return [item for item in items if isinstance(item, dict) and _is_resource(item)] if isinstance(items, list) else []


def _is_resource(item: Json) -> bool:
    return isinstance(item.get("id"), str) and isinstance(item.get("properties"), dict)


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
