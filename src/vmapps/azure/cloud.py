"""Azure, as the engine asks for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Self, assert_never

from vmapps.azure.arm import Arm, Means, absent, expect, open_arm
from vmapps.azure.blobs import PackageStore
from vmapps.azure.clouds import is_loopback
from vmapps.azure.failures import Answer
from vmapps.azure.families import API_VERSIONS, entries_body, of
from vmapps.azure.machines import inspect, instances, report
from vmapps.azure.operations import progress, ticket
from vmapps.azure.pace import Pace
from vmapps.azure.read import read, survey
from vmapps.azure.slots import filled, filled_entries, manifest_link
from vmapps.core.address import ArmId
from vmapps.core.declaration import Package
from vmapps.core.guest import GuestReport
from vmapps.core.plan import Step
from vmapps.core.resource import Instances, Link, Listed
from vmapps.core.settle import Drop, Push, Put, PutEntries, Remove, Retag, Send, Write
from vmapps.engine.events import Observer, nobody
from vmapps.engine.ports import Done, Inspected, Progress, Running, Scope, Sighting, Ticket
from vmapps.errors import CloudFailure, Refused
from vmapps.kinds.virtual_machine_scale_set.instances import upgrade_body

NOTHING: Mapping[str, Any] = MappingProxyType({})

SETTLING, SETTLING_HERE = 4.0, 0.1
"""Seconds before an object that Azure still works on is read again [azure-facts 5.2: no faster than every 4 s]; an
emulator on this machine has nobody else to serve."""


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class AzureCloud:
    """Implements `engine.ports.Cloud` over an ARM endpoint and a package store.

    `home` is the project's own subscription, `links` maps the digest of a manifest link to its whole text, and
    `packages` the sha256 of a local file to where it is. May be used from any number of threads.
    """

    arm: Arm
    home: str
    store: PackageStore | None = None
    links: Mapping[str, str] = field(default_factory=dict, repr=False)
    packages: Mapping[str, Package] = field(default_factory=dict)
    now: Callable[[], datetime] = utc_now
    settling: float = SETTLING
    pace: Pace = field(default_factory=lambda: Pace(time.monotonic))

    def survey(self, scope: Scope) -> Sequence[Sighting]:
        """List a scope, all pages."""
        return survey(self.arm, scope, self.home)

    def read(self, arm_id: ArmId) -> Listed | None:
        """Read one object; None when it is not there."""
        return read(self.arm, arm_id, self.home)

    def instances(self, scale_set: ArmId) -> Instances | None:
        """The instances of a scale set, all pages; None when the set is not there."""
        return instances(self.arm, scale_set, self.home)

    def report(self, machine: ArmId) -> GuestReport | None:
        """What a virtual machine's guest reports about applications; None when it does not."""
        return report(self.arm, machine)

    def on_behalf_of(self, step: Step) -> AzureCloud:
        """The same cloud, whose requests are those of a step."""
        return replace(self, arm=replace(self.arm, step=step))

    def inspect(self, machine: ArmId) -> Inspected | None:
        """Read a machine with what its guest reports, as one request; None when it is not there."""
        return inspect(self.arm, machine, self.home)

    def impatient(self) -> AzureCloud:
        """The same cloud, whose calls raise Throttled where they would wait for room."""
        return replace(self, arm=self.arm.impatient())

    def stored(self) -> frozenset[str]:
        """The packages in the store that carry our mark."""
        return self.store.stored() if self.store else frozenset()

    def present(self, packages: Sequence[str]) -> frozenset[str]:
        """Which of these packages are whole in the store."""
        return self.store.present(packages) if self.store else frozenset()

    def begin(self, write: Write) -> Ticket:
        """Send one write, and say where to ask how it is doing."""
        with self.arm.within():
            return self._begin(write)

    def _begin(self, write: Write) -> Ticket:
        match write:
            case Put():
                return self._write("PUT", write.id, filled(write.body, self._url))
            case Retag():  # guess: Azure takes this without reading a version's package again; a PUT does read it
                return self._write("PATCH", write.id, filled({"tags": write.tags}, self._url))
            case PutEntries():
                body = entries_body(write.id, filled_entries(write.entries, self._url))
                return self._write("PATCH", write.id, body, etag=write.etag)
            case Remove():
                return self._write("DELETE", write.id)
            case Push():
                return self._write("POST", write.id, upgrade_body(write.instances), action="manualupgrade")
            case Send():
                return self._send(write.sha256)
            case Drop():
                self._open_store(f"Package/{write.sha256[:12]}").drop(write.sha256)
                return Ticket(f"Package/{write.sha256[:12]}")
            case _:
                assert_never(write)

    def check(self, ticket: Ticket) -> Progress:
        """Ask once. A CloudFailure that is raised is about the question; the write may still be going on."""
        if not ticket.poll:
            return Done()
        target = ArmId.parse(ticket.id)
        resource = self._resource_url(target) if target else ""
        answer = self.arm.ask("GET", ticket.poll)
        try:
            found = progress(answer, ticket, resource, self.now())
        except CloudFailure:
            self.pace.ended(ticket.poll, well=False)
            raise
        if isinstance(found, Running):
            return Running(self._question(ticket.poll, found.wait))
        self.pace.ended(ticket.poll, well=isinstance(found, Done))
        return found

    def requests(self) -> dict[str, int]:
        """How many requests went to ARM so far, by method; retries count."""
        return self.arm.tally.counts()

    def close(self) -> None:
        """Give all connections back."""
        self.arm.close()
        if self.store:
            self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, method: str, arm_id: ArmId, body: bytes = b"", *, etag: str = "", action: str = "") -> Ticket:
        scope, url = str(arm_id), self._resource_url(arm_id)
        asked = self.arm.url(f"{scope}/{action}", of(arm_id).family) if action else url
        answer = self.arm.ask(method, asked, body, {"If-Match": etag} if etag else None)
        if method == "DELETE" and absent(answer, scope):
            return Ticket(scope)
        accepted: Answer = expect(answer, scope)
        found = ticket(accepted, scope, url, self.now())
        if not found.poll:
            return found
        self.pace.begun(found.poll, f"{method} {arm_id.type}")
        return replace(found, wait=self._question(found.poll, found.wait))

    def _question(self, poll: str, wait: float) -> float:
        """When to ask about a write: when the service says, or later when there is little room for questions."""
        return self.pace.wait(poll, wait, self.arm.room("GET", poll))

    def _resource_url(self, arm_id: ArmId) -> str:
        return self.arm.url(str(arm_id), of(arm_id).family)

    def _url(self, link: Link) -> str:
        """What stands in a body for a link: only here, and only in the request, is it whole."""
        if link.blob:
            return self._open_store(link.url).signed(link.blob, link.access)
        return manifest_link(link, self.links)

    def _send(self, sha256: str) -> Ticket:
        package = self.packages.get(sha256)
        if package is None:
            raise Refused(
                "the manifests no longer name this package", scope=f"Package/{sha256[:12]}", hint="plan again"
            )
        self._open_store(package.shown).upload(package)
        return Ticket(str(package.address))

    def _open_store(self, scope: str) -> PackageStore:
        if self.store is None:
            raise Refused("a package needs spec.packageStore", scope=scope)
        return self.store


def open_azure(
    endpoint: str = "",
    *,
    home: str,
    cloud: str = "AzurePublic",
    store: PackageStore | None = None,
    links: Mapping[str, str] = NOTHING,
    packages: Mapping[str, Package] = NOTHING,
    versions: Mapping[str, str] = API_VERSIONS,
    parallelism: int = 8,
    ca_file: str = "",
    credential: Any = None,
    now: Callable[[], datetime] = utc_now,
    run: str = "",
    listener: Observer = nobody,
    means: Means | None = None,
) -> AzureCloud:
    """Azure behind an endpoint: `cloud`'s own, or an emulator's, which gets no credential when it is on loopback.

    Sends nothing. Raises Refused when a credential must not be sent to that endpoint, Error when `ca_file` is
    not there. `versions` replaces single api-versions by family. `run` is the id that Azure logs with every request,
    `listener` is told of each; `means` are the buckets, the clock, and who is told of waits.
    """
    arm = open_arm(
        endpoint,
        {**API_VERSIONS, **versions},
        subscription=home,
        cloud=cloud,
        parallelism=parallelism,
        ca_file=ca_file,
        credential=credential,
        run=run,
        listener=listener,
        means=means,
    )
    settling = SETTLING_HERE if is_loopback(arm.endpoint) else SETTLING
    return AzureCloud(arm, home, store, links, packages, now, settling, Pace(arm.means.throttle.now))
