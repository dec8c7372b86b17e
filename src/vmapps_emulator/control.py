"""The control plane below ``/emulator`` (and ``/_emulator``): what a test asks of the emulator itself."""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from vmapps_emulator.errors import ArmError
from vmapps_emulator.lag import Lags
from vmapps_emulator.rolling import finish_all_rolling
from vmapps_emulator.state import StateError, encoded, fill
from vmapps_emulator.wire import Json, Request, Response
from vmapps_emulator.world import World

if TYPE_CHECKING:
    from vmapps_emulator.app import Emulator


def command(path: str) -> str | None:
    """The command in a control path; None for every other path."""
    root, _, name = path.lstrip("/").partition("/")
    return name.rstrip("/") if root in ("emulator", "_emulator") else None


async def serve(emulator: "Emulator", name: str, request: Request) -> Response:
    """Carry out one command."""
    chosen = _COMMANDS.get((request.method, name))
    if chosen is None:
        known = ", ".join(sorted(f"{verb} /emulator/{known}" for verb, known in _COMMANDS))
        raise ArmError(404, "UnknownCommand", f"No such command; known: {known}.")
    return Response(200, chosen(emulator, request))


def _health(_emulator: "Emulator", _request: Request) -> Json:
    return {"status": "ok"}


def _reset(emulator: "Emulator", _request: Request) -> Json:
    emulator.reset()
    return {"status": "reset"}


def _requests(emulator: "Emulator", _request: Request) -> Json:
    counts = Counter(entry["method"] for entry in emulator.log)
    return {"total": len(emulator.log), "counts": dict(counts), "requests": emulator.log}


def _clear_requests(emulator: "Emulator", _request: Request) -> Json:
    emulator.log.clear()
    return {"total": 0}


def _add_faults(emulator: "Emulator", request: Request) -> Json:
    guest = emulator.world.faults.add(_any_json(request))
    emulator.world.guests.rules.add(guest)
    return _faults(emulator, request)


def _faults(emulator: "Emulator", _request: Request) -> Json:
    return {"rules": msgspec.to_builtins(emulator.world.faults.rules)}


def _clear_faults(emulator: "Emulator", request: Request) -> Json:
    """The end of all trouble, also of lists that still show the past."""
    emulator.world.faults.rules = []
    emulator.world.lags = Lags()
    return _faults(emulator, request)


def _change_settings(emulator: "Emulator", request: Request) -> Json:
    emulator.world.settings.change(request.json())
    return _settings(emulator, request)


def _settings(emulator: "Emulator", _request: Request) -> Json:
    return emulator.world.settings.shown()


def _set_guest_rules(emulator: "Emulator", request: Request) -> Json:
    emulator.world.guests.rules.replace(_any_json(request))
    return {"rules": msgspec.to_builtins(emulator.world.guests.rules.rules)}


def _guests(emulator: "Emulator", request: Request) -> Json:
    """Registries and the log of scripts, of one machine (``?machine=`` its id) or of all."""
    wanted = request.query.get("machine", "").lower()
    held = emulator.world.guests.by_machine.items()
    machines = {key: _registry(guest.registry) for key, guest in held if wanted in ("", key)}
    names = ("machine", "applicationName", "version", "operation")
    scripts = [dict(zip(names, one, strict=True)) for one in emulator.world.guests.ran if wanted in ("", one[0])]
    return {"machines": machines, "scripts": scripts, "rules": msgspec.to_builtins(emulator.world.guests.rules.rules)}


def _registry(registry: dict[str, Any]) -> list[Json]:
    return [
        {
            "applicationName": entry.application,
            "version": entry.version,
            "operation": entry.operation,
            "result": entry.result,
        }
        for _, entry in sorted(registry.items())
    ]


def _set_rbac(emulator: "Emulator", request: Request) -> Json:
    emulator.world.rbac.replace(_any_json(request))
    return _rbac(emulator, request)


def _rbac(emulator: "Emulator", _request: Request) -> Json:
    return {"rules": msgspec.to_builtins(emulator.world.rbac.rows)}


def _clear_rbac(emulator: "Emulator", request: Request) -> Json:
    emulator.world.rbac.rows = ()
    return _rbac(emulator, request)


def _settle(emulator: "Emulator", _request: Request) -> Json:
    settled = emulator.world.operations.settle_all()
    return {"settled": settled + finish_all_rolling(emulator.world)}


def _advance(emulator: "Emulator", request: Request) -> Json:
    """Let virtual time pass: ``{"advance": seconds}``."""
    seconds = request.json().get("advance", 0)
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or seconds < 0:
        raise ArmError(400, "InvalidSetting", "'advance' takes a number of seconds from 0.", "advance")
    emulator.world.clock.advance(seconds)
    return {"seconds": emulator.world.seconds()}


def _state(emulator: "Emulator", _request: Request) -> bytes:
    """Everything there is, as ``--state`` keeps it."""
    return encoded(emulator.world)


def _set_state(emulator: "Emulator", request: Request) -> Json:
    """Put a state that was asked for in place of everything; rules and the log are cleared, settings stay."""
    try:
        fill(World(), request.raw)
    except StateError as error:
        raise ArmError(400, "InvalidState", str(error)) from None
    emulator.world.forget()
    fill(emulator.world, request.raw)
    emulator.log.clear()
    if emulator.keeper is not None:
        emulator.keeper.changed(emulator.world)
    return {"resources": len(emulator.world.store.resources())}


def _any_json(request: Request) -> Any:
    try:
        return msgspec.json.decode(request.raw or b"[]")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ArmError(400, "InvalidRequestContent", str(error)) from None


_COMMANDS: dict[tuple[str, str], Callable[["Emulator", Request], Json | bytes]] = {
    ("GET", "health"): _health,
    ("POST", "reset"): _reset,
    ("GET", "requests"): _requests,
    ("DELETE", "requests"): _clear_requests,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_faults,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "settings"): _settings,
    ("POST", "settings"): _change_settings,
    ("GET", "guest"): _guests,
    ("PUT", "guest"): _set_guest_rules,
    ("POST", "settle"): _settle,
    ("POST", "clock"): _advance,
    ("GET", "rbac"): _rbac,
    ("POST", "rbac"): _set_rbac,
    ("DELETE", "rbac"): _clear_rbac,
    ("GET", "state"): _state,
    ("PUT", "state"): _set_state,
}
