"""``guest-vectors FILE``: the simulated manager against a file of vectors (guest-agent.md 5).

A vector says what is on the machine before, what is asked for and what goes wrong; and what then touches the machine,
what the registry holds and which status is written. A field that a vector leaves out has its default, an expected
operation is held to the keys that it has, and removals count as a set.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from vmapps_emulator.guest import Ending, Guest, Outcome, Report, Script, Trouble
from vmapps_emulator.guest_enable import Touch
from vmapps_emulator.guest_plan import CLEANUP, REMOVE, Step
from vmapps_emulator.guest_vector_shapes import Status, Vector
from vmapps_emulator.wire import Json

_DATA = "$DATA"
_QUOTED = re.compile(r"'(.*)'")


def main(arguments: list[str]) -> int:
    """Run a file of vectors: one line for each failure and a count; 0 when all pass, 1 otherwise."""
    if len(arguments) != 1:
        return _say("usage: python -m vmapps_emulator guest-vectors FILE", 2)
    try:
        raw = msgspec.json.decode(Path(arguments[0]).read_bytes())
    except OSError as error:
        return _say(f"{arguments[0]}: {error.strerror}", 1)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _say(f"{arguments[0]}: not JSON: {error}", 1)
    if not isinstance(raw, list) or not raw:
        return _say(f"{arguments[0]}: expected an array of vectors", 1)
    failures = [line for at, case in enumerate(raw) for line in _failures_of(at, case)]
    for line in failures:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{len(raw) - len(failures)} of {len(raw)} vectors pass\n")
    return 1 if failures else 0


def differences(case: Any) -> list[str]:
    """What the manager does otherwise than one vector says."""
    vector = msgspec.convert(case, Vector)
    guest = Guest({name: held.entry(name) for name, held in vector.before.registry.items()}, data_folder=_DATA)
    guest.tick = vector.before.tick_count
    ending = guest.enable([wish.goal() for wish in vector.goal], _script(vector), _trouble(vector), _held(vector))
    return [
        *_operations_differ(vector, ending),
        *_registry_differs(vector, guest),
        *_status_differs(vector.expected_status_results, ending),
    ]


def _failures_of(at: int, case: Any) -> list[str]:
    """One line when the case fails or is none."""
    name = case.get("name", f"[{at}]") if isinstance(case, dict) else f"[{at}]"
    try:
        wrong = differences(case)
    except (msgspec.ValidationError, RecursionError) as error:
        wrong = [f"no vector: {error}"]
    return [_one_line(f"FAIL {name}: {'; '.join(wrong)}")] if wrong else []


def _script(vector: Vector) -> Script:
    def script(step: Step) -> Outcome:
        return vector.failing.commands.get(step.command, 0)

    return script


def _trouble(vector: Vector) -> Trouble:
    failing = vector.failing
    downloads = {("package", name): status for name, status in failing.package_download.items()}
    downloads |= {("config", name): status for name, status in failing.config_download.items()}
    return Trouble(failing.metadata, downloads, _text(failing.settings), _text(failing.registry))


def _text(described: str | None) -> str | None:
    """``invalid JSON '}'`` and ``empty string`` describe a text; anything without quotes is taken as none at all."""
    if described is None:
        return None
    quoted = _QUOTED.search(described)
    return quoted.group(1) if quoted else ""


def _held(vector: Vector) -> Report | None:
    held = vector.before.status_file
    if held is None:
        return None
    if isinstance(held, msgspec.UnsetType):
        return Report(True, "", is_transitioning=True)
    return Report(held.status == "success", held.message, held.status.lower() == "transitioning")


def _operations_differ(vector: Vector, ending: Ending) -> Iterator[str]:
    expected = _removals_sorted(vector.expected_operations, "op")
    done = _removals_sorted([_shown(touch) for touch in ending.touches], "op")
    if len(expected) != len(done):
        yield f"operations: {[item.get('op') for item in expected]} expected, {[item['op'] for item in done]} made"
        return
    for wanted, made in zip(expected, done, strict=True):
        for key, value in wanted.items():
            if made.get(key) != value:
                yield f"operation {made['op']} {made['app']}: {key} {value!r} expected, {made.get(key)!r} made"


def _shown(touch: Touch) -> Json:
    shown: Json = {"op": touch.operation, "app": touch.application, "version": touch.version, "run": touch.command}
    shown |= {"cwd": touch.folder, "exit": touch.ending, "env": touch.environment, "download": touch.downloads}
    return shown | {"deletes_dir": touch.deleted or None}


def _removals_sorted(items: list[Json], key: str) -> list[Json]:
    """The leading removals by name: the manager makes them in no order (3.2)."""
    count = next((at for at, item in enumerate(items) if item.get(key) not in (REMOVE, CLEANUP)), len(items))
    return sorted(items[:count], key=lambda item: str(item.get("app", item.get("package")))) + items[count:]


def _registry_differs(vector: Vector, guest: Guest) -> Iterator[str]:
    expected = {name: held.entry(name) for name, held in vector.expected_registry.registry.items()}
    for name in sorted(expected.keys() | guest.registry.keys()):
        if guest.registry.get(name) != expected.get(name):
            yield f"registry of {name}: {expected.get(name)} expected, {guest.registry.get(name)} made"
    tick = vector.expected_registry.tick_count
    wanted = vector.before.tick_count if tick is None else tick
    if guest.tick != wanted:
        yield f"tick: {wanted} expected, {guest.tick} made"


def _status_differs(expected: Status, ending: Ending) -> Iterator[str]:
    """Held to what the vector says of the status; how the run was cut short is always compared."""
    made = _status_shown(ending)
    if made["ended_by"] != expected.ended_by:
        yield f"status ended_by: {expected.ended_by!r} expected, {made['ended_by']!r} made"
    for name, wanted in msgspec.structs.asdict(expected).items():
        order = _IN_NO_ORDER.get(name, _as_it_is)
        if wanted is not None and order(made.get(name) or type(wanted)()) != order(wanted):
            yield f"status {name}: {wanted!r} expected, {made.get(name)!r} made"


def _as_it_is(value: Any) -> Any:
    return value


def _by_name(state: list[Json]) -> list[Json]:
    return sorted(state, key=lambda item: str(item.get("applicationName")))


def _status_shown(ending: Ending) -> Json:
    shown: Json = {"written": ending.report is not None, "mrseq_updated": ending.is_counted}
    shown["ended_by"] = ending.cut_by or None
    if ending.report is None:
        return shown
    message = ending.report.message
    shown |= {"status": "success" if ending.report.is_success else "error", "message": message}
    if ending.is_counted:
        body = json.loads(message.partition(": ")[2])
        shown |= {"current_state": body["CurrentState"], "actions_performed": body["ActionsPerformed"]}
        shown["errors"] = body["Errors"]
    return shown


_IN_NO_ORDER: dict[str, Callable[[Any], Any]] = {
    "actions_performed": lambda value: _removals_sorted(value, "operation"),
    "current_state": _by_name,
}


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _say(line: str, code: int) -> int:
    sys.stderr.write(f"vmapps_emulator: {_one_line(line)}\n")
    return code
