"""Play a recording against a fresh emulator: the same calls in the same order, operations mapped by their writes."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from conformance.comparison import HEADERS, difference, listed, machine_shape, normalised, operation_shape
from conformance.recordings import Json, family, header, machine_path
from vmapps_emulator.app import Emulator
from vmapps_emulator.seed import plant

_NEVER = 1_000_000_000
_RUNNING = ("Creating", "Updating", "Deleting")


@dataclass
class Tally:
    """What a replay found: calls and equal calls by family, differences by kind."""

    total: Counter[str] = field(default_factory=Counter)
    equal: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)

    def note(self, kind: str, what: str, differences: list[str]) -> None:
        """Count one compared call."""
        self.total[kind] += 1
        self.equal[kind] += not differences
        self.rows.update(f"{what} {line}" for line in differences)


class Replay:
    """One recording on one emulator."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.emulator = Emulator()
        self.operations: dict[str, str] = {}
        self.stale: set[str] = set()
        transport = httpx.ASGITransport(app=self.emulator)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    async def play(self, calls: list[Json]) -> None:
        """Play all calls that the emulator serves; plant what was made by means that it does not serve."""
        for call in calls:
            kind = family(call)
            if kind in ("gallery", "machine"):
                self._plant_group(call)
            if kind in (None, "group"):
                self._spoil(call)
            elif "operations/" in call["path"].lower():
                await self._poll(kind, call)
            else:
                await self._call(kind, call)
        await self.client.aclose()

    async def _call(self, kind: str, call: Json) -> None:
        was_planted = self._prepare(kind, call)
        response = await self._send(call["path"], call)
        body = response.json() if response.content else None
        shape = machine_shape if kind == "machine" else normalised
        found = difference(shape(listed(call["response_body"])), shape(listed(body)))
        if not was_planted:
            self.tally.note(kind, _what(call), found + _unlike(call, response))
        recorded, own = header(call, "azure-asyncoperation"), response.headers.get("azure-asyncoperation")
        if recorded and own:
            self.operations[urlsplit(recorded).path.lower()] = urlsplit(own).path

    async def _poll(self, kind: str, call: Json) -> None:
        path = self.operations.get(call["path"].lower())
        if path is None:
            return
        is_running = isinstance(call["response_body"], dict) and call["response_body"].get("status") == "InProgress"
        self.emulator.world.settings.polls = _NEVER if is_running else 0
        response = await self._send(path, call)
        found = difference(operation_shape(call["response_body"] or {}), operation_shape(response.json()))
        self.tally.note(kind, "operation", found + _unlike(call, response))

    async def _send(self, path: str, call: Json) -> httpx.Response:
        query = {**(call.get("query") or {}), "api-version": call["api_version"]}
        headers = {name: value for name, value in call["request_headers"].items() if name.lower().startswith("if-")}
        body = call["request_body"]
        return await self.client.request(call["method"], path, params=query, headers=headers, json=body)

    def _prepare(self, kind: str, call: Json) -> bool:
        """Settle and plant what the recording did by other means; whether this call only reads what was planted."""
        world, body = self.emulator.world, call["response_body"]
        world.settings.polls = _NEVER
        if _state(body) not in _RUNNING:
            world.operations.settle_all()
        if kind == "machine":
            return self._prepare_machines(call)
        if call["method"] == "GET" and call["status"] == 200 and world.store.get(call["path"]) is None:
            self._plant(body)
            return True
        return False

    def _prepare_machines(self, call: Json) -> bool:
        for entry in _entries(call["request_body"]):
            self._plant_version(entry["packageReferenceId"], call["response_body"])
        if call["method"] != "GET" or call["status"] != 200:
            return False
        body, planted = call["response_body"], 0
        for machine in body.get("value", [body]):
            key = machine["id"].lower()
            if key in self.stale or self.emulator.world.store.get(key) is None:
                self.stale.discard(key)
                self._plant(machine)
                planted += 1
        return planted > 0

    def _spoil(self, call: Json) -> None:
        """A write that is not served changes a machine: it is planted anew from the next read."""
        machine = machine_path(call)
        if machine and call["method"] != "GET":
            self.stale.add(machine)

    def _plant_group(self, call: Json) -> None:
        found = re.match("(/subscriptions/[^/]+/resourcegroups/[^/]+)", call["path"], re.IGNORECASE)
        if found and found.group(1).lower() not in self.emulator.world.store.groups:
            plant(self.emulator.world, {"resourceGroups": [{"id": found.group(1), "location": "eastus"}]})

    def _plant(self, body: Json) -> None:
        world = self.emulator.world
        if not isinstance(body, dict) or "id" not in body:
            return
        plant(world, {"resources": [{name: value for name, value in body.items() if name != "etag"}]})
        resource = world.store.get(body["id"])
        if resource is not None and "etag" in body:
            resource.etag = int(body["etag"].strip('"'))
            resource.body["etag"] = body["etag"]
            resource.touched()

    def _plant_version(self, reference: str, machine: Json) -> None:
        if self.emulator.world.store.get(reference) is not None:
            return
        application, _, _version = reference.rpartition("/versions/")
        os_type = machine["properties"]["storageProfile"]["osDisk"]["osType"]
        where = {"location": machine["location"]}
        bodies = [
            {"id": application.rpartition("/applications/")[0], **where},
            {"id": application, **where, "properties": {"supportedOSType": os_type}},
            {"id": reference, **where, "properties": {"publishingProfile": {}}},
        ]
        absent = [body for body in bodies if self.emulator.world.store.get(body["id"]) is None]
        plant(self.emulator.world, {"resources": absent})


def _unlike(call: Json, response: httpx.Response) -> list[str]:
    found = [] if call["status"] == response.status_code else [f"status {call['status']}: {response.status_code}"]
    unlike = [name for name in HEADERS if (header(call, name) is None) != (name not in response.headers)]
    return found + [f"header {name}: {'missing' if header(call, name) else 'added'}" for name in unlike]


def _what(call: Json) -> str:
    kinds = call["path"].lower().split("/providers/microsoft.compute/")[-1].split("/")[::2]
    return f"{call['method']} {'/'.join(kinds)}"


def _state(body: Any) -> str:
    properties = body.get("properties") if isinstance(body, dict) else None
    return str(properties.get("provisioningState", "")) if isinstance(properties, dict) else ""


def _entries(body: Any) -> list[Json]:
    properties = body.get("properties") if isinstance(body, dict) else None
    profile = properties.get("applicationProfile") if isinstance(properties, dict) else None
    return (profile or {}).get("galleryApplications") or []
