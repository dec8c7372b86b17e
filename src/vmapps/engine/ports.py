"""The doors to the outside: what the engine asks of a cloud. `azure` implements them, and so does a memory cloud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from vmapps.core.address import ArmId
from vmapps.core.guest import GuestReport
from vmapps.core.plan import Step
from vmapps.core.resource import Instances, Listed, Machine
from vmapps.core.settle import Write
from vmapps.errors import CloudFailure


@dataclass(frozen=True, slots=True)
class Scope:
    """Something that can be listed.

    `path` is relative to the ARM endpoint (such as `/subscriptions/{id}/resourceGroups/{rg}/providers/
    Microsoft.Compute/galleries`), `kind` the kind of what is in the list. One that is not `required` may be closed
    to us or not be there: then the world names its `subscription` among the unseen.
    """

    kind: str
    path: str
    required: bool = True
    subscription: str = ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing that was listed, and the scope of what hangs below it (a gallery's applications), if any."""

    seen: Listed
    below: Scope | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A write that was accepted.

    `poll` is the URL to ask (empty: it is done already). `wait` is in seconds: how long the service asked us to
    wait before the first question.
    """

    id: str
    poll: str = ""
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Running:
    """Not done: ask again after `wait` seconds."""

    wait: float


@dataclass(frozen=True, slots=True)
class Done:
    """Azure says that the write succeeded; whether it did is seen by reading."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Azure says that the write failed."""

    failure: CloudFailure


Progress: TypeAlias = Running | Done | Broken


@dataclass(frozen=True, slots=True)
class Inspected:
    """A machine, and what its guest reports (None: nothing about applications, or it is a scale set's model)."""

    machine: Machine
    report: GuestReport | None = None


class CloudReader(Protocol):
    """The half of a cloud that cannot change anything."""

    def survey(self, scope: Scope) -> Sequence[Sighting]:
        """List a scope, all pages; raises CloudFailure (Missing when the resource group does not exist)."""
        ...

    def read(self, arm_id: ArmId) -> Listed | None:
        """Read one object; None when it is not there (also when its parent is not)."""
        ...

    def instances(self, scale_set: ArmId) -> Instances | None:
        """The instances of a scale set with what their guests report; None when the set is not there."""
        ...

    def report(self, machine: ArmId) -> GuestReport | None:
        """What a virtual machine's guest reports; None when it has not reported about applications."""
        ...

    def stored(self) -> frozenset[str]:
        """The sha256 of every whole package in the store that we may have put there."""
        ...

    def present(self, packages: Sequence[str]) -> frozenset[str]:
        """Which of these packages (by sha256) are in the package store."""
        ...


class Cloud(CloudReader, Protocol):
    """A cloud. No call blocks on an operation; each may be made from any thread.

    A call for which there is no room waits for it; of an `impatient` cloud it raises Throttled, and says when to
    come back: the same call is made then.
    """

    def impatient(self) -> Cloud:
        """The same cloud for a caller who must not be held."""
        ...

    def inspect(self, machine: ArmId) -> Inspected | None:
        """Read a machine with what its guest reports, as one request; None when it is not there."""
        ...

    @property
    def settling(self) -> float:
        """Seconds before something that the cloud still works on is looked at again."""
        ...

    def on_behalf_of(self, step: Step) -> Cloud:
        """The same cloud for the work on one step: who listens to requests is told whose they are."""
        ...

    def begin(self, write: Write) -> Ticket:
        """Send one write; raises CloudFailure when it is refused (Changed: 412, read again)."""
        ...

    def check(self, ticket: Ticket) -> Progress:
        """Ask once how an accepted write is doing."""
        ...
