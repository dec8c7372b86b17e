"""The ASGI application: one call in, one answer out, faults and the request log around it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, TextIO
from urllib.parse import parse_qsl

from vmapps_emulator import control
from vmapps_emulator.admission import admit
from vmapps_emulator.clock import http_date
from vmapps_emulator.errors import ArmError
from vmapps_emulator.fault_rules import ForeignWrite
from vmapps_emulator.faults import Cut, Met
from vmapps_emulator.foreign import foreign_request
from vmapps_emulator.forgetting import forget
from vmapps_emulator.keeper import Keeper
from vmapps_emulator.paths import Target, parse
from vmapps_emulator.permissions import is_about_permissions, list_permissions
from vmapps_emulator.response_log import ResponseLog
from vmapps_emulator.routes import handler_for, tenant_handler_for
from vmapps_emulator.settings import Settings
from vmapps_emulator.wire import Json, Request, Response, encode
from vmapps_emulator.world import World

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_log = logging.getLogger("vmapps_emulator")

_MOST_BYTES = 4 << 20


@dataclass(slots=True)
class Emulator:
    """A world, its seed, and the log of what was asked."""

    settings: Settings = field(default_factory=Settings)
    seed: Callable[[World], None] = lambda _world: None
    access_log: TextIO | None = None
    response_log: ResponseLog | None = None
    keeper: Keeper | None = None
    trouble: Callable[[World], None] = lambda _world: None
    world: World = field(init=False)
    log: list[Json] = field(default_factory=list)
    count: int = 0
    running: int = 0

    def __post_init__(self) -> None:
        self.world = World()
        self._clear()
        if self.keeper is not None and self.keeper.restore(self.world):
            return
        self.seed(self.world)
        if self.keeper is not None:
            self.keeper.begin(self.world)

    def reset(self) -> None:
        """Back to the seeded state, with the settings of the start and an empty log."""
        self._clear()
        self.seed(self.world)
        if self.keeper is not None:
            self.keeper.changed(self.world)

    def end(self) -> None:
        """Keep what is not kept yet."""
        if self.keeper is not None:
            self.keeper.write(self.world)

    def _clear(self) -> None:
        self.world.forget()
        self.world.settings = Settings(**{name: getattr(self.settings, name) for name in Settings.__slots__})
        self.log.clear()
        self.trouble(self.world)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI event."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        request = await _read(scope, receive)
        try:
            response = await self._respond(request)
        except Cut:
            self._keep(request)
            await _cut(scope, receive)
            return
        await _write(request, response, send)

    async def _respond(self, request: Request) -> Response:
        name = control.command(request.path)
        if name is not None:
            return await _refusable(control.serve(self, name, request))
        self.count += 1
        request.target = parse(request.path) or Target()
        met = self.world.faults.meet(request)
        delay = self.world.settings.latency_ms + met.latency
        if delay:
            await asyncio.sleep(delay / 1000)
        response = self._throttled(request) or await self._with_faults(request, met)
        self._keep(request)
        self._note(request, response.status)
        forget(response, self.world.settings)
        self._add_headers(request, response, self.world.settings.clock_skew + met.skew)
        if self.response_log is not None:
            self.response_log.note(request, response)
        return response

    def _keep(self, request: Request) -> None:
        """Have the state written after a write, and after whatever ended an operation."""
        running = self.world.operations.running
        if self.keeper is not None and (request.method not in ("GET", "HEAD") or running != self.running):
            self.keeper.changed(self.world)
        self.running = running

    def _throttled(self, request: Request) -> Response | None:
        """The refusal of an empty bucket, when buckets are switched on."""
        if not self.world.settings.throttle:
            return None
        refusal, wait = self.world.throttle.take(self.world.store, request, self.world.seconds())
        self.world.asked_to_wait(wait)
        return refusal

    async def _with_faults(self, request: Request, met: Met) -> Response:
        for write in met.writes:
            await self._write_first(request, write)
        if met.lag:
            self.world.lags.freeze(self.world.store, request.target, met.lag)
        rule = met.answer
        if rule is None:
            return await _refusable(self._serve(request))
        if rule.drop == "after":
            await _refusable(self._serve(request))
        if rule.drop is not None:
            self._note(request, 0)
            raise Cut
        return rule.answer(request)

    async def _write_first(self, request: Request, write: ForeignWrite) -> None:
        """Another client's write, done before the request is looked at; it is in no log."""
        foreign = foreign_request(self.world, request, write)
        foreign.target = parse(foreign.path) or Target()
        answer = await _refusable(self._serve(foreign))
        if answer.status >= 400:
            _log.warning("the foreign write was refused: %s", answer.encoded().decode())
        self.world.operations.settle_resource(self.world.store.get(foreign.target.key))

    async def _serve(self, request: Request) -> Response:
        if len(request.raw) > _MOST_BYTES:
            raise ArmError(413, "RequestEntityTooLarge", "The request content is larger than 4194304 bytes.")
        if (tenant_wide := tenant_handler_for(request)) is not None:
            return await tenant_wide(self.world, request)
        request.demand_api_version()
        if not request.target.key:
            raise ArmError(404, "NotFound", f"No route matches '{request.path}'.")
        if is_about_permissions(request):
            return await list_permissions(self.world, request)
        handler = handler_for(request)
        admit(self.world, request)
        return await handler(self.world, request)

    def _add_headers(self, request: Request, response: Response, skew: int) -> None:
        given = self.world.throttle.headers(self.world.store, request, self.world.settings.throttle)
        response.headers = {**given, **response.headers, "Date": http_date(skew)}
        own = f"{self.count:08x}-0000-4000-8000-000000000000"
        response.headers["x-ms-request-id"] = own
        response.headers["x-ms-correlation-request-id"] = request.headers.get("x-ms-correlation-request-id", own)

    def _note(self, request: Request, status: int) -> None:
        entry: Json = {"method": request.method, "path": request.path, "apiVersion": request.api_version}
        entry["status"] = status
        if "if-match" in request.headers:
            entry["ifMatch"] = request.headers["if-match"]
        self.log.append(entry)
        if self.access_log is not None:
            self.access_log.write(encode(entry).decode() + "\n")
            self.access_log.flush()


async def _refusable(answer: Awaitable[Response]) -> Response:
    try:
        return await answer
    except ArmError as error:
        return Response(error.status, error.body(), dict(error.headers))
    except (TypeError, ValueError, AttributeError, LookupError):
        _log.exception("a request was not understood")
        refusal = ArmError(500, "InternalServerError", "The emulator did not understand this request; see its log.")
        return Response(refusal.status, refusal.body())


async def _read(scope: Scope, receive: Receive) -> Request:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    chunks, size, is_open = [], 0, True
    while is_open:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= _MOST_BYTES + 1:
            chunks.append(chunk)
        is_open = message.get("more_body", False)
    raw = b"".join(chunks) if size <= _MOST_BYTES else bytes(_MOST_BYTES + 1)
    return Request(
        scope["method"],
        scope["path"],
        {name.lower(): value for name, value in query},
        headers,
        raw,
        f"{scope.get('scheme', 'http')}://{headers.get('host', '127.0.0.1')}",
        Target(),
    )


async def _write(request: Request, response: Response, send: Send) -> None:
    body = response.encoded()
    headers = {**response.headers, "Content-Length": str(len(body))}
    if body:
        headers["Content-Type"] = "application/json; charset=utf-8"
    if response.status == 204:
        del headers["Content-Length"]
    raw = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else body})


async def _cut(scope: Scope, receive: Receive) -> None:
    """Close the connection without an answer; the server lends its transport (in-process tests have none)."""
    transport = scope.get("emulator.transport")
    if transport is None:
        raise ConnectionAbortedError("the emulator cut the connection")
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
