"""What a step does. A closed union: the type checker proves that every reader handles all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from vmapps.core.address import Address, ArmId
from vmapps.core.fields import Path
from vmapps.core.resource import Value


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after; None is absent. Links are slots, so a change never holds a secret.

    A machine's change has the path `("applications", "<gallery>/<application>")` and whole entries as values, in
    the shape of the wire.
    """

    path: Path
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Upload:
    """Send a package (or default configuration) to the package store, `size` in bytes."""

    sha256: str
    size: int
    file: str


@dataclass(frozen=True, slots=True)
class Create:
    """Write a resource that is not there: every declared field, the defaults sent with it, the marks."""

    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Update:
    """Change fields of a resource in place."""

    changes: tuple[Change, ...]

    def __post_init__(self) -> None:
        if not self.changes:
            raise ValueError("an update that changes nothing is no step")


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove a resource that carries our mark."""

    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Assign:
    """Put and drop entries of ours on one machine, in one write; every other entry stays as it is."""

    changes: tuple[Change, ...]

    def __post_init__(self) -> None:
        if not self.changes:
            raise ValueError("an assignment that changes nothing is no step")


@dataclass(frozen=True, slots=True)
class UpgradeInstances:
    """Bring a scale set's new model to these instances: pushed by us (Manual mode), or followed while Azure does it.

    `applications` are what their guests report afterwards: name -> version.
    """

    instances: tuple[str, ...]
    pushed: bool
    applications: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Discard:
    """Delete a package of ours from the package store: no version and no manifest names it any more."""

    sha256: str


@dataclass(frozen=True, slots=True)
class Check:
    """A machine whose guest should report applications: name -> version ("" is: any version).

    Of a scale set every instance is asked; with `older_stay` those that run an older model keep it, as nobody brings
    them the new one, and say nothing about it.
    """

    machine: ArmId
    address: Address
    applications: tuple[tuple[str, str], ...]
    is_scale_set: bool = False
    older_stay: bool = False


@dataclass(frozen=True, slots=True)
class Verify:
    """Look at the guests of a rollout's waves before the next one begins.

    It waits `pause` seconds first. More than `max_failures` machines without success halt the rollout; those in
    `accepted` were without success before, and --resume says that this may be.
    """

    checks: tuple[Check, ...]
    max_failures: int = 0
    pause: float = 0.0
    accepted: tuple[Address, ...] = ()


Action: TypeAlias = Upload | Create | Update | Delete | Assign | UpgradeInstances | Verify | Discard

VERBS: Mapping[type[Action], str] = {
    Upload: "upload",
    Create: "create",
    Update: "update",
    Assign: "assign",
    UpgradeInstances: "upgrade",
    Verify: "verify",
    Delete: "delete",
    Discard: "discard",
}


def verb(action: Action) -> str:
    """The action's name in plans and events, as `VERBS` has it."""
    return VERBS[type(action)]


def changes_of(action: Action) -> tuple[Change, ...]:
    """The changes of an action that has some."""
    match action:
        case Create(changes) | Update(changes) | Delete(changes) | Assign(changes):
            return changes
        case Upload() | UpgradeInstances() | Verify() | Discard():
            return ()
        case _ as never:
            assert_never(never)
