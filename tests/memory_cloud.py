"""A cloud in memory, for laws: `engine.ports.Cloud` over a dict, with operations, ETags and faults."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

import memory_rules as azure
from memory_machines import Box, Node
from memory_things import Thing
from samples import HOME
from vmapps.core.address import ArmId
from vmapps.core.guest import GuestReport
from vmapps.core.plan import Step
from vmapps.core.resource import Body, Instances, Link, Listed, Machine, Value, World
from vmapps.core.settle import Drop, Push, Put, PutEntries, Remove, Retag, Send, Write
from vmapps.engine.ports import Broken, Done, Inspected, Progress, Running, Scope, Sighting, Ticket
from vmapps.errors import Changed, CloudFailure, Conflicted, Missing, Refused

__all__ = ["Box", "Killed", "MemoryCloud", "Node", "Operation", "Thing", "with_blobs"]

Hook = Callable[[int, Write], None]


class Killed(Exception):
    """The process died here."""


@dataclass
class Operation:
    """A write that was accepted and ends after so many looks at it."""

    key: str
    left: int
    end: str
    failure: CloudFailure | None = None
    deed: Callable[[], None] = lambda: None


class MemoryCloud:
    """`polls` looks end an operation; `wait` is what the service asks for between them; `lag` says how often a
    parent's delete is refused after its last child is gone. `before` and `after` are called around the n-th write.
    """

    settling = 4.0

    def __init__(self, *, polls: int = 0, wait: float = 0.0, lag: int = 0, keeps_tags: bool = True) -> None:
        self.polls, self.wait, self.lag, self.keeps_tags = polls, wait, lag, keeps_tags
        self.things: dict[str, Thing] = {}
        self.boxes: dict[str, Box] = {}
        self.blobs: set[str] = set()
        self.ours: set[str] = set()
        self.links: dict[str, str] = {}
        self.operations: dict[str, Operation] = {}
        self.lingering: dict[str, int] = {}
        self.writes: list[Write] = []
        self.reads: list[ArmId] = []
        self.asked_for: list[Sequence[str]] = []
        self.breaks: dict[int, CloudFailure] = {}
        self.before: Hook = lambda _n, _write: None
        self.after: Hook = lambda _n, _write: None
        self._lock = threading.RLock()

    def seed(self, arm_id: ArmId, body: dict[str, Any], state: str = "Succeeded") -> None:
        """Put something there without asking."""
        whole = azure.put(str(arm_id), len(arm_id.names), None, body)
        self.things[arm_id.key] = Thing(arm_id, whole, "" if len(arm_id.names) == 2 else state)

    def begin_update(self, arm_id: ArmId) -> None:
        """Somebody else's write has begun."""
        self.things[arm_id.key].state = "Updating"
        self.operations[f"theirs/{arm_id}"] = Operation(arm_id.key, self.polls, "Succeeded")

    def add(self, box: Box) -> None:
        self.boxes[box.id.key] = box

    def world(self) -> World:
        """Everything, as a listing shows it."""
        everything: list[Listed] = [thing.see() for thing in self.things.values()]
        everything.extend(box.see() for box in self.boxes.values())
        return World.of(iter(everything), frozenset(self.blobs))

    def dangling(self) -> set[tuple[str, str]]:
        """Machines with a reference into our subscription to a version that does not exist."""
        found = ((key, azure.read_entry(raw).reference) for key, box in self.boxes.items() for raw in box.entries)
        named = ((key, one.id.key) for key, one in found if one and one.version != "latest")
        return {(key, one) for key, one in named if f"/subscriptions/{HOME}/" in one and one not in self.things}

    def survey(self, scope: Scope) -> Sequence[Sighting]:
        with self._lock:
            if scope.path == "machines":
                return [Sighting(box.see()) for box in self.boxes.values()]
            parent = "" if scope.path == "galleries" else scope.path
            found = [
                one for one in self.things.values() if (one.id.parent.key if len(one.id.names) > 1 else "") == parent
            ]
            return [Sighting(one.see(), Scope("child", one.id.key) if len(one.id.names) < 3 else None) for one in found]

    def read(self, arm_id: ArmId) -> Listed | None:
        with self._lock:
            self.reads.append(arm_id)
            if box := self.boxes.get(arm_id.key):
                return box.see()
            for operation in list(self.operations.values()):
                if operation.key == arm_id.key:
                    self._advance(operation)
            thing = self.things.get(arm_id.key)
            return thing.see() if thing else None

    def instances(self, scale_set: ArmId) -> Instances | None:
        with self._lock:
            self.reads.append(scale_set)
            box = self.boxes.get(scale_set.key)
            if box and not box.upgrade_mode:
                raise Refused("not a scale set", scope=str(scale_set))
            return box.instances() if box else None

    def report(self, machine: ArmId) -> GuestReport | None:
        with self._lock:
            self.reads.append(machine)
            return self._told(machine)

    def _told(self, machine: ArmId) -> GuestReport | None:
        box = self.boxes.get(machine.key)
        return (box.report or box.all_is_well()) if box else None

    def inspect(self, machine: ArmId) -> Inspected | None:
        with self._lock:
            if not isinstance(found := self.read(machine), Machine):
                return None
            return Inspected(found, None if found.is_scale_set else self._told(machine))

    def impatient(self) -> MemoryCloud:
        return self

    def stored(self) -> frozenset[str]:
        return frozenset(self.blobs & self.ours)

    def present(self, packages: Sequence[str]) -> frozenset[str]:
        self.asked_for.append(packages)
        return frozenset(packages) & self.blobs

    def on_behalf_of(self, step: Step) -> MemoryCloud:
        return self

    def begin(self, write: Write) -> Ticket:
        with self._lock:
            number = len(self.writes) + 1
            self.writes.append(write)
            self.before(number, write)
            ticket = self._do(number, write)
            self.after(number, write)
            return ticket

    def check(self, ticket: Ticket) -> Progress:
        with self._lock:
            operation = self.operations[ticket.poll]
            if not self._advance(operation):
                return Running(self.wait)
            return Broken(operation.failure) if operation.failure else Done()

    def _do(self, number: int, write: Write) -> Ticket:
        match write:
            case Put(arm_id, body):
                return self._put(number, arm_id, self._filled(body))
            case Retag():
                return self._retag(number, write)
            case PutEntries():
                return self._put_entries(number, write)
            case Remove(arm_id):
                return self._remove(number, arm_id)
            case Push():
                return self._push(number, write)
            case Send(sha256):
                self.ours.update({sha256} - self.blobs)
                self.blobs.add(sha256)
                return Ticket(sha256)
            case Drop(sha256):
                return self._drop(sha256)
            case _:
                assert_never(write)

    def _put(self, number: int, arm_id: ArmId, body: dict[str, Any]) -> Ticket:
        scope, old = str(arm_id), self.things.get(arm_id.key)
        if len(arm_id.names) > 1 and arm_id.parent.key not in self.things:
            raise Missing("the parent is not there", scope=scope, code="ParentResourceNotFound", status=404)
        if old and old.state in ("Creating", "Updating", "Deleting"):
            raise Conflicted("another operation is running", scope=scope, code="Conflict", status=409)
        whole = azure.put(scope, len(arm_id.names), old.body if old else None, body)
        if len(arm_id.names) == 2:
            self.things[arm_id.key] = Thing(old.id if old else arm_id, whole, "")
            return Ticket(scope)
        self.things[arm_id.key] = Thing(old.id if old else arm_id, whole, "Updating" if old else "Creating")
        return self._accepted(number, arm_id.key, "Succeeded")

    def _retag(self, number: int, write: Retag) -> Ticket:
        thing = self.things.get(write.id.key)
        if thing is None:
            raise Missing("it is not there", scope=str(write.id), code="ResourceNotFound", status=404)
        thing.body = {**thing.body, "tags": dict(write.tags)}
        if len(write.id.names) == 2:
            return Ticket(str(write.id))
        thing.state = "Updating"
        return self._accepted(number, write.id.key, "Succeeded")

    def _remove(self, number: int, arm_id: ArmId) -> Ticket:
        thing = self.things.get(arm_id.key)
        if thing is None:
            return Ticket(str(arm_id))
        if any(one.id != arm_id and one.id.parent == arm_id for one in self.things.values()):
            raise azure.cannot_delete(str(arm_id))
        if self.lingering.get(arm_id.key, 0):
            self.lingering[arm_id.key] -= 1
            raise azure.cannot_delete(str(arm_id))
        thing.state = "Deleting"
        return self._accepted(number, arm_id.key, "")

    def _put_entries(self, number: int, write: PutEntries) -> Ticket:
        scope, box = str(write.id), self.boxes.get(write.id.key)
        if box is None:
            raise Missing("no such machine", scope=scope, code="ResourceNotFound", status=404)
        if write.etag != box.etag:
            raise Changed("the ETag is an older one", scope=scope, code="PreconditionFailed", status=412)
        sent = [one if isinstance(one, bytes) else json.dumps(self._filled(one)).encode() for one in write.entries]
        after = azure.write_entries(scope, box.entries, sent, keeps_tags=self.keeps_tags)
        for raw in after:
            self._check_reference(box, raw)
        box.take(after)
        return self._accepted(number, box.id.key, "Succeeded", box.follow)

    def _push(self, number: int, write: Push) -> Ticket:
        box = self.boxes.get(write.id.key)
        if box is None:
            raise Missing("no such scale set", scope=str(write.id), code="ResourceNotFound", status=404)
        box.demand(write.instances)
        names = list(write.instances)
        return self._accepted(number, box.id.key, "Succeeded", lambda: box.upgrade(names))

    def _drop(self, sha256: str) -> Ticket:
        if sha256 in self.blobs - self.ours:
            raise Refused("the package does not carry our mark any more", scope=sha256)
        self.blobs.discard(sha256)
        return Ticket(sha256)

    def _check_reference(self, box: Box, raw: bytes) -> None:
        """A version that does not exist, or is not in the machine's region, fails the whole write [3.6]."""
        found = azure.read_entry(raw).reference
        if found is None or found.gallery.subscription != HOME:
            return
        parent, version = found.id.parent.key, self.things.get(found.id.key)
        if found.version == "latest":
            version = next(
                (one for one in self.things.values() if one.id.parent.key == parent and one.id.names[2:]), None
            )
        if version is None or version.state != "Succeeded":
            raise Refused(f"{found.id} is not available", scope=str(box.id), code="InvalidParameter", status=400)
        regions = version.body["properties"]["publishingProfile"]["targetRegions"]
        if azure.plain(box.location) not in {azure.plain(one["name"]) for one in regions}:
            raise Refused(f"{found.id} is not in {box.location}", scope=str(box.id), code="NotInRegion", status=400)

    def _accepted(self, number: int, key: str, end: str, deed: Callable[[], None] = lambda: None) -> Ticket:
        operation = Operation(key, self.polls, end, self.breaks.get(number), deed)
        poll = f"operations/{number}"
        self.operations[poll] = operation
        if self.polls == 0:
            self._finish(operation)
            if operation.failure is None:
                return Ticket(key)
        return Ticket(key, poll, self.wait)

    def _advance(self, operation: Operation) -> bool:
        if operation.left > 0:
            operation.left -= 1
            if operation.left == 0:
                self._finish(operation)
        return operation.left <= 0

    def _finish(self, operation: Operation) -> None:
        if operation.failure is None:
            operation.deed()
        thing = self.things.get(operation.key)
        if thing is None:
            return
        if operation.failure is not None:
            thing.state = "Failed" if thing.state else ""
        elif operation.end:
            thing.state = operation.end
        else:
            del self.things[operation.key]
            self.lingering[thing.id.parent.key] = self.lag

    def _filled(self, body: Body) -> dict[str, Any]:
        return {name: self._fill(value) for name, value in body.items()}

    def _fill(self, value: Value) -> Any:
        if isinstance(value, dict):
            return self._filled(value)
        if isinstance(value, list):
            return [self._fill(one) for one in value]
        if not isinstance(value, Link):
            return value
        if value.blob and value.blob not in self.blobs:
            raise Refused("the package is not there", scope=value.url, code="InvalidParameter", status=400)
        return self.links[value.digest] if value.digest else f"{value.url}?sig=secret" if value.blob else value.url


def with_blobs(cloud: MemoryCloud, blobs: Iterable[str]) -> MemoryCloud:
    cloud.blobs.update(blobs)
    return cloud
