"""Play a recording against a fresh emulator: the same calls in the same order, operations mapped by their writes."""

import re
from typing import Any
from urllib.parse import urlsplit

import httpx

from conformance.comparison import HEADERS, Difference, core, differences, listed, normalised, operation_shape
from conformance.planting import Planting
from conformance.recordings import Json, family, header, owner
from conformance.tally import Tally
from specification.watch import Watched
from vmapps_emulator.app import Emulator

_NEVER = 1_000_000_000
_RUNNING = ("Creating", "Updating", "Deleting")
_ASYNC = ("azure-asyncoperation", "location")


class Replay:
    """One recording on one emulator."""

    def __init__(self, tally: Tally, name: str = "") -> None:
        self.tally = tally
        self.name = name
        self.emulator = Emulator()
        self.planting = Planting(self.emulator.world)
        self.operations: dict[str, tuple[str, str]] = {}
        transport = httpx.ASGITransport(app=Watched(self.emulator))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    async def play(self, calls: list[Json]) -> None:
        """Play all calls that the emulator serves; plant what was made by means that it does not serve."""
        for call in calls:
            kind = family(call)
            if kind in (None, "group"):
                self.planting.spoil(owner(call), call)
            elif "operations/" in call["path"].lower():
                await self._poll(call)
            else:
                await self._call(str(kind), call)
        await self.client.aclose()

    async def _call(self, kind: str, call: Json) -> None:
        self._settle(call)
        if self.planting.prepare(call):
            self.tally.planted[kind] += 1
            return
        response = await self._send(call["path"], call)
        own = response.json() if response.content else None
        recorded = call["response_body"]
        what = _resource(call)
        found = list(differences(what, normalised(listed(recorded)), normalised(listed(own))))
        found += _unlike(what, call, response)
        is_agreed = core(listed(recorded)) == core(listed(own)) and not _unlike(what, call, response)
        self.tally.note(kind, found, is_agreed=is_agreed, example=self._example(call))
        self.planting.follow(recorded)
        self._map_operations(kind, call, response)

    async def _poll(self, call: Json) -> None:
        """A poll of an operation that a compared call started; its body and its terminal state are compared."""
        known = self.operations.get(call["path"].lower())
        if known is None:
            return
        kind, path = known
        body = call["response_body"]
        is_running = call["status"] == 202 or (isinstance(body, dict) and body.get("status") == "InProgress")
        self.emulator.world.settings.polls = _NEVER if is_running else 0
        response = await self._send(path, call)
        own = response.json() if response.content else None
        found = list(differences("operation", operation_shape(body), operation_shape(own)))
        found += _unlike("operation", call, response)
        self.tally.note(kind, found, is_agreed=not found, example=self._example(call))

    async def _send(self, path: str, call: Json) -> httpx.Response:
        query = {**(call["query"] or {}), "api-version": call["api_version"]}
        headers = {name: value for name, value in call["request_headers"].items() if name.lower().startswith("if-")}
        return await self.client.request(call["method"], path, params=query, headers=headers, json=call["request_body"])

    def _settle(self, call: Json) -> None:
        """What the recording shows as done is done here; nothing ends by itself."""
        world = self.emulator.world
        world.settings.polls = _NEVER
        if call["method"] == "GET" and _state(call["response_body"]) not in _RUNNING:
            world.operations.settle_all()

    def _map_operations(self, kind: str, call: Json, response: httpx.Response) -> None:
        for name in _ASYNC:
            recorded, own = header(call, name), response.headers.get(name)
            if recorded and own:
                self.operations[urlsplit(recorded).path.lower()] = (kind, urlsplit(own).path)

    def _example(self, call: Json) -> str:
        return f"{self.name} #{call['i']} {call['method']}"


def _unlike(what: str, call: Json, response: httpx.Response) -> list[Difference]:
    """Status, and the presence of the three headers."""
    found = []
    if call["status"] != response.status_code:
        found.append(Difference(what, f"{call['method']} {call['status']}", "status", str(response.status_code)))
    unlike = [name for name in HEADERS if (header(call, name) is None) != (name not in response.headers)]
    return found + [Difference(what, f"{call['method']} {name}", "header") for name in unlike]


def _resource(call: Json) -> str:
    """The type that a path names, actions included."""
    words = re.split(r"/providers/microsoft\.compute/", call["path"], flags=re.IGNORECASE)[-1].split("/")[::2]
    return "/".join(word.lower() for word in words)


def _state(body: Any) -> str:
    properties = body.get("properties") if isinstance(body, dict) else None
    return str(properties.get("provisioningState", "")) if isinstance(properties, dict) else ""
