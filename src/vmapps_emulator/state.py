"""The whole world as bytes: on disk (``--state FILE``), so that a restart goes on where the last run ended, and
through the control plane (``GET`` and ``PUT state``), so that a test looks at everything and comes back to it.

Kept are groups, resources, registrations, guests and operations; settings, faults and access tables come from the
command line and the control plane. An operation that was running goes on after the restart. The file is replaced as a
whole: a reader sees the old state or the new one, never half of one.
"""

import os
import tempfile
from pathlib import Path

import msgspec

from vmapps_emulator.galleries import finish_writing
from vmapps_emulator.guest import Guest
from vmapps_emulator.guest_runs import run_guest
from vmapps_emulator.operations import Failure, Finish, Operation
from vmapps_emulator.packed import Packed
from vmapps_emulator.scale_sets import roll_out
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Json
from vmapps_emulator.world import World

_FORMAT = "vmapps-emulator-state/1"


class StateError(Exception):
    """A state file that cannot be used; the message is one line."""


class _Kept(msgspec.Struct):
    key: str
    body: msgspec.Raw
    collections: tuple[str, ...]
    etag: int
    region: str
    hidden: Json


class _Begun(msgspec.Struct):
    name: str
    resource: str | None
    started: str
    ended: str | None
    failure: Failure | None
    polls: int
    reads: int
    more_polls: int


class _State(msgspec.Struct):
    format: str
    groups: dict[str, Json]
    resources: list[_Kept]
    registrations: dict[str, str]
    guests: dict[str, Guest]
    stopped: list[str]
    operations: list[_Begun]
    count: int
    replication: dict[str, dict[str, tuple[int, int]]]


def encoded(world: World) -> bytes:
    """Everything that is kept."""
    return msgspec.json.encode(_taken(world))


def save(world: World, path: Path) -> None:
    """Write the world beside the file and put it in the file's place."""
    content = encoded(world)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load(world: World, path: Path) -> bool:
    """Fill an empty world from the file; False when there is none yet. A file that is damaged stays as it is."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StateError(f"{path}: {error.strerror}") from None
    try:
        fill(world, content)
    except StateError as error:
        raise StateError(f"{path}: {error}; left as it is") from None
    return True


def fill(world: World, content: bytes) -> None:
    """Put what was kept into an empty world; nothing is touched when it is no such state."""
    try:
        state = msgspec.json.decode(content, type=_State)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise StateError(f"not a state of this emulator: {error}") from None
    if not all(bytes(kept.body).startswith(b"{") for kept in state.resources):
        raise StateError("a resource in it is no object")
    if state.format != _FORMAT:
        raise StateError(f"its format is '{state.format}', not '{_FORMAT}'")
    _put(world, state)


def _taken(world: World) -> _State:
    resources = [
        _Kept(item.key, msgspec.Raw(item.encoded()), item.collections, item.etag, item.location, item.hidden)
        for item in world.store.resources()
    ]
    return _State(
        _FORMAT,
        world.store.groups,
        resources,
        world.registrations,
        world.guests.by_machine,
        sorted(world.guests.stopped),
        [_begun(operation) for operation in world.operations.all()],
        world.operations.count,
        world.store.replication.left,
    )


def _begun(operation: Operation) -> _Begun:
    key = operation.resource.key if operation.resource is not None else None
    ended, failure = operation.ended, operation.failure
    numbers = operation.polls, operation.reads, operation.more_polls
    return _Begun(operation.name, key, operation.started, ended, failure, *numbers)


def _put(world: World, state: _State) -> None:
    world.store.groups = state.groups
    for kept in state.resources:
        resource = Packed(kept.key, bytes(kept.body), kept.collections, kept.etag, kept.region)
        resource.hidden = kept.hidden
        world.store.put(resource)
    world.registrations = state.registrations
    world.guests.by_machine = state.guests
    world.guests.stopped = set(state.stopped)
    world.store.replication.left = state.replication
    world.operations.count = state.count
    for begun in state.operations:
        world.operations.resume(_resumed(world, begun))


def _resumed(world: World, begun: _Begun) -> Operation:
    resource = world.store.get(begun.resource) if begun.resource is not None else None
    operation = Operation(begun.name, resource, _finish(world, resource), begun.started)
    operation.ended, operation.failure = begun.ended, begun.failure
    operation.polls, operation.reads, operation.more_polls = begun.polls, begun.reads, begun.more_polls
    operation.due = world.operations.due()
    return operation


def _finish(world: World, resource: Resource | None) -> Finish:
    """What an operation still has to do: the resource's state says whether it deletes, its kind how a write ends."""
    if resource is None:
        return lambda: Failure("InternalExecutionError", "The emulator was restarted while the operation ran.")
    if resource.state == "Deleting":
        return lambda: _remove(world, resource)
    kind = resource.key.rsplit("/", 2)[-2]
    ends: dict[str, Finish] = {
        "virtualmachines": lambda: run_guest(world, resource),
        "virtualmachinescalesets": lambda: roll_out(world, resource),
    }
    return ends.get(kind, lambda: finish_writing(resource))


def _remove(world: World, resource: Resource) -> None:
    for item in [*world.store.below(resource.key), resource]:
        world.store.remove(item)
        world.guests.forget(item.key)
