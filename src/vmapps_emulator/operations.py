"""Long-running operations: they end after a number of polls, or at a virtual time when the clock is scaled."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID, uuid5

from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Json, Request, Response, now

_NAMESPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")

Finish = Callable[[], "Failure | None"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an operation ended Failed."""

    code: str
    message: str

    def body(self) -> Json:
        """As the operation's ``error`` shows it."""
        return {"code": self.code, "message": self.message}


@dataclass(slots=True, eq=False)
class Operation:
    """One operation. ``finish`` makes its effect and says how it ended; it runs once."""

    name: str
    resource: Resource | None
    finish: Finish
    started: str = field(default_factory=now)
    ended: str | None = None
    failure: Failure | None = None
    polls: int = 0
    reads: int = 0
    more_polls: int = 0
    due: float | None = None
    vanishes_at: int | None = None

    @property
    def is_running(self) -> bool:
        """Whether it has no terminal state yet."""
        return self.ended is None

    def body(self) -> Json:
        """As recorded: startTime, endTime, status, error, name."""
        answer: Json = {"startTime": self.started}
        if self.ended is not None:
            answer["endTime"] = self.ended
        answer["status"] = "InProgress" if self.is_running else "Failed" if self.failure else "Succeeded"
        if self.failure:
            answer["error"] = self.failure.body()
        answer["name"] = self.name
        return answer


class Operations:
    """All operations since the reset, and those that still run."""

    def __init__(self) -> None:
        self._all: dict[str, Operation] = {}
        self._running: dict[str, Operation] = {}
        self.count = 0
        self.seconds: Callable[[], float] = lambda: 0.0
        self.due: Callable[[], float | None] = lambda: None

    def new_id(self) -> str:
        """A fresh GUID; the same sequence after every reset."""
        self.count += 1
        return str(uuid5(_NAMESPACE, f"vmapps-emulator/{self.count}"))

    def start(self, resource: Resource | None, finish: Finish) -> Operation:
        """Begin an operation on a resource (after ending the one that runs there)."""
        self.settle_resource(resource)
        operation = Operation(self.new_id(), resource, finish, due=self.due())
        self._all[operation.name] = operation
        self._running[operation.name] = operation
        if resource is not None:
            resource.operation = operation
        return operation

    def resume(self, operation: Operation) -> None:
        """Take an operation over from an earlier run."""
        self._all[operation.name] = operation
        if operation.is_running:
            self._running[operation.name] = operation
            if operation.resource is not None:
                operation.resource.operation = operation

    def all(self) -> list[Operation]:
        """Every operation, also those that have ended."""
        return list(self._all.values())

    @property
    def running(self) -> int:
        """How many still run."""
        return len(self._running)

    def poll(self, name: str, limit: int) -> Operation | None:
        """One poll: InProgress ``limit`` times, then the end."""
        operation = self._all.get(name.lower())
        if operation is None:
            return None
        if operation.vanishes_at is not None and operation.polls >= operation.vanishes_at:
            self._vanish(operation)
            return None
        if operation.is_running:
            operation.polls += 1
            if self._is_over(operation, operation.polls, limit):
                self._settle(operation)
        return operation

    def read(self, resource: Resource, limit: int) -> None:
        """One GET of a resource under work: a client that polls the resource sees the end too."""
        operation = resource.operation
        if operation is not None and operation.is_running:
            operation.reads += 1
            if self._is_over(operation, operation.reads, limit):
                self._settle(operation)

    def read_collection(self, resources: dict[str, Resource], limit: int) -> None:
        """One list: counts as a read of each member under work."""
        for operation in list(self._running.values()):
            if operation.resource is not None and operation.resource.key in resources:
                self.read(operation.resource, limit)

    def settle_resource(self, resource: Resource | None) -> None:
        """End what runs on a resource. guess: a second write is accepted and queued behind the first."""
        if resource is not None and resource.operation is not None and resource.operation.is_running:
            self._settle(resource.operation)

    def settle_all(self) -> int:
        """End everything that runs; the number of operations ended."""
        running = list(self._running.values())
        for operation in running:
            self._settle(operation)
        return len(running)

    def _is_over(self, operation: Operation, looks: int, limit: int) -> bool:
        if operation.due is not None:
            return self.seconds() >= operation.due
        return looks > limit + operation.more_polls

    def _vanish(self, operation: Operation) -> None:
        """Forget an operation; what it is to do before it vanishes is its ``finish``."""
        if operation.is_running:
            self._settle(operation)
        del self._all[operation.name]

    def _settle(self, operation: Operation) -> None:
        self._running.pop(operation.name, None)
        operation.ended = now()
        operation.failure = operation.finish()
        if operation.resource is not None and operation.resource.operation is operation:
            operation.resource.operation = None


def poll_url(request: Request, operation: Operation, location: str, word: str, monitor: bool = False) -> str:
    """The address of an operation, with the query parts of the recordings (their values are tokens)."""
    region = location.lower().replace(" ", "") or "global"
    head = f"{request.base}/subscriptions/{request.target.subscription}/providers/Microsoft.Compute/locations"
    place = "p=54253b73-cb53-496f-ab42-5e5ee19426f8&" if word == "operations" else ""
    watch = "monitor=true&" if monitor else ""
    token = f"&t={operation.name[:8]}&c=emulator&s=emulator&h={operation.name[-12:]}"
    return f"{head}/{region}/{word}/{operation.name}?{place}{watch}api-version={request.api_version}{token}"


def accepted(
    request: Request, operation: Operation, location: str, word: str, *, waiting: dict[str, str], with_location: bool
) -> Response:
    """Headers of an answer that starts an operation; the caller adds status and body."""
    headers = {
        "Azure-AsyncOperation": poll_url(request, operation, location, word),
        **waiting,
    }
    if word == "operations":
        headers["Azure-AsyncNotification"] = "Enabled"
    if with_location:
        headers["Location"] = poll_url(request, operation, location, word, monitor=True)
    return Response(202, None, headers)
