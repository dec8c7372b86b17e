"""One emulator's whole state, and what every room does with it: find, list, answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from vmapps_emulator.blobs import Blobs
from vmapps_emulator.clock import Clock
from vmapps_emulator.errors import (
    ArmError,
    group_not_found,
    parent_not_found,
    precondition_failed,
    resource_not_found,
)
from vmapps_emulator.faults import Faults
from vmapps_emulator.guest import Guests
from vmapps_emulator.lag import Lags
from vmapps_emulator.operations import Finish, Operations, accepted
from vmapps_emulator.paths import Target
from vmapps_emulator.rbac import Rbac
from vmapps_emulator.settings import Settings
from vmapps_emulator.store import Resource, Store
from vmapps_emulator.throttle import Throttle
from vmapps_emulator.wire import Json, Request, Response, encode


@dataclass(slots=True)
class World:
    """The rooms' only argument beside the request."""

    settings: Settings = field(default_factory=Settings)
    store: Store = field(default_factory=Store)
    operations: Operations = field(default_factory=Operations)
    guests: Guests = field(default_factory=Guests)
    faults: Faults = field(default_factory=Faults)
    blobs: Blobs = field(default_factory=Blobs)
    rbac: Rbac = field(default_factory=Rbac)
    registrations: dict[str, str] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    throttle: Throttle = field(default_factory=Throttle)
    lags: Lags = field(default_factory=Lags)

    def __post_init__(self) -> None:
        self.operations.seconds, self.operations.due = self.seconds, self._due

    def forget(self) -> None:
        """Back to nothing: resources, operations, guests and faults; the settings stay."""
        self.store = Store()
        self.operations = Operations()
        self.operations.seconds, self.operations.due = self.seconds, self._due
        self.guests = Guests()
        self.faults = Faults()
        self.clock = Clock()
        self.throttle = Throttle()
        self.lags = Lags()
        self.rbac = Rbac()
        self.registrations = {}

    def seconds(self) -> float:
        """The virtual time."""
        return self.clock.seconds(self.settings.time_scale)

    def asked_to_wait(self, seconds: float) -> None:
        """The caller was told to wait: without a scaled clock it is believed, and the time has passed."""
        if not self.settings.time_scale:
            self.clock.advance(seconds)

    def waiting(self) -> dict[str, str]:
        """What tells a caller when to come back: milliseconds, and from one second on whole seconds too."""
        wait = self.settings.retry_after_ms
        self.asked_to_wait(wait / 1000)
        shown = {"x-ms-retry-after-ms": str(wait)}
        return shown | {"Retry-After": str(wait // 1000)} if wait >= 1000 else shown

    def seen(self, request: Request, key: str) -> dict[str, Resource]:
        """The members of a collection as a list shows them: it may lag behind."""
        return self.lags.seen(self.store, key, "$skiptoken" not in request.query)

    def demand_group(self, target: Target) -> None:
        """Refuse a call below a resource group that does not exist."""
        if target.group and not self.store.has_group(target.subscription, target.group):
            raise group_not_found(target.group)

    def demand_parent(self, target: Target) -> None:
        """Refuse a nested call whose parent (or group) does not exist."""
        self.demand_group(target)
        if "/" in target.kind and self.store.get(target.parent_key) is None:
            raise parent_not_found(target.parent_key.rsplit("/", 1)[-1])

    def find(self, request: Request) -> Resource:
        """The resource that the path names, counted as a read of it."""
        found = self.store.get(request.target.key)
        if found is None:
            self.demand_parent(request.target)
            raise resource_not_found(request.target.type_and_name, request.target.group)
        return found

    def look_up(self, request: Request) -> Resource:
        """Like ``find``, for GET: a client may follow an operation by reading the resource."""
        found = self.find(request)
        self.operations.read(found, self.settings.polls)
        return self.find(request)

    def page(self, request: Request, members: dict[str, Resource], show: Callable[[Resource], bytes]) -> Response:
        """One page of a list, with a nextLink when there is more."""
        self.operations.read_collection(members, self.settings.polls)
        start = _skip(request)
        chosen = islice(members.values(), start, start + self.settings.page_size)
        after = start + self.settings.page_size
        link = _next_link(request, after) if after < len(members) else None
        return Response(200, _listed((show(item) for item in chosen), link))

    def begin(
        self,
        request: Request,
        resource: Resource,
        status: int,
        finish: Finish,
        *,
        word: str,
        body: Any = None,
        more_polls: int = 0,
    ) -> Response:
        """Start an operation and word its first answer; faults may decide how it ends."""
        fault = self.faults.for_operation(request)
        operation = self.operations.start(resource, fault.ending(resource, finish) if fault else finish)
        operation.more_polls = more_polls
        if fault is not None and fault.vanish is not None:
            operation.vanishes_at = fault.polls
        answer = accepted(
            request,
            operation,
            resource.location,
            word,
            waiting=self.waiting(),
            with_location=status == 202,
        )
        answer.status, answer.body = status, body
        return answer

    def _due(self) -> float | None:
        """When an operation that starts now is over; None while polls are counted."""
        return self.seconds() + self.settings.operation_seconds if self.settings.time_scale else None


def check_preconditions(request: Request, existing: Resource | None) -> None:
    """If-Match and If-None-Match of the Compute provider (azure-facts 4.4)."""
    wanted = request.headers.get("if-match")
    held = existing.body.get("etag") if existing else None
    if wanted is not None and (held is None or wanted not in ("*", held)):
        raise precondition_failed()
    if request.headers.get("if-none-match") == "*" and existing is not None:
        raise precondition_failed()


def merged(old: Json, new: Json) -> Json:
    """Objects merge, everything else replaces, null removes: ARM's PATCH."""
    result = dict(old)
    for name, value in new.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            held = result.get(name)
            result[name] = merged(held if isinstance(held, dict) else {}, value)
        else:
            result[name] = value
    return result


def _skip(request: Request) -> int:
    token = request.query.get("$skiptoken", "0")
    if not token.isdigit():
        raise ArmError(400, "InvalidParameter", f"The skip token '{token}' is not valid.", "$skiptoken")
    return int(token)


def _next_link(request: Request, after: int) -> str:
    return request.address({**request.query, "$skiptoken": str(after)})


def _listed(items: Iterable[bytes], link: str | None) -> bytes:
    tail = b'],"nextLink":' + encode(link) + b"}" if link else b"]}"
    return b'{"value":[' + b",".join(items) + tail
