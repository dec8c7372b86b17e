"""Which machine has which version, and did it install: how that is said, and which part of it is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from vmapps.core.address import Address
from vmapps.core.diagnostic import Diagnostic
from vmapps.core.explain_live import Standing


class Condition(StrEnum):
    """How an application stands on a machine; the worst first."""

    FAILED = "failed"
    """the guest says that the declared version failed, or what had to go first"""
    SKIPPED = "skipped"
    """the guest did not try it, because of something before it"""
    NOT_CONVERGED = "not-converged"
    """the machine's model is not what is declared, or an instance runs an older model"""
    PENDING = "pending"
    """the model is as declared, and the guest does not say so yet"""
    OFF = "off"
    """the machine is off, or its agent is not heard: what it said last is old"""
    NOT_REPORTED = "not-reported"
    """the machine runs, and its guest says nothing about applications"""
    NOT_READ = "not-read"
    """nobody asked the guest, or it could not be read"""
    INSTALLED = "installed"
    """the reference matches, and the guest reports success at that version"""


FOREIGN = (Standing.FOREIGN, Standing.OTHERS)
"""What is not ours, and not claimed by us."""

ABSENT = "absent"
"""What is declared of an application that has to go."""


@dataclass(frozen=True, slots=True)
class Row:
    """One application in one guest.

    `machine` is the virtual machine or scale set, `instance` the name of the set's instance ("": it has only one
    guest). `application` is gallery/application. `declared`, `model` and `guest` are versions; "" is none: nobody
    declares it, the list does not have it, the guest does not say. `message` are the guest's own words.
    """

    machine: Address
    instance: str
    application: str
    condition: Condition
    declared: str = ""
    model: str = ""
    guest: str = ""
    message: str = ""
    assignments: tuple[Address, ...] = ()
    standing: Standing = Standing.OURS

    @property
    def subject(self) -> str:
        """The machine's address, with the instance behind it."""
        return f"{self.machine}/{self.instance}" if self.instance else str(self.machine)

    @property
    def version(self) -> str:
        """What it is about: the declared version, or that of the model where nobody declares one."""
        return self.declared or self.model


@dataclass(frozen=True, slots=True)
class View:
    """Which part of the fleet is wanted; globs, of which an empty tuple names everything.

    `targets` and `excludes` are addresses of machines, `applications` are gallery/application. With `foreign`, what
    is not ours is shown too. Without `guests`, none is asked.
    """

    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()
    assignments: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    foreign: bool = False
    guests: bool = True

    def covers(self, machine: Address, instance: str = "") -> bool:
        """Whether a machine or an instance of one is wanted."""
        names = (str(machine), f"{machine}/{instance}" if instance else str(machine))
        wanted = not self.targets or any(_matches(self.targets, name) for name in names)
        return wanted and not any(_matches(self.excludes, name) for name in names)

    def may_cover(self, scale_set: Address) -> bool:
        """Whether a scale set, or an instance of it by its name, may be wanted: then its guests are worth a read."""
        inside = tuple(glob.rpartition("/")[0] for glob in self.targets)
        return self.covers(scale_set) or _matches(inside, str(scale_set))

    def names(self, application: str, assignments: tuple[Address, ...]) -> bool:
        """Whether an application is wanted, by its name and by who assigned it."""
        if self.applications and not _matches(self.applications, application):
            return False
        said = [name for one in assignments for name in (str(one), "/".join(one.name))]
        return not self.assignments or any(_matches(self.assignments, name) for name in said)


def _matches(globs: tuple[str, ...], text: str) -> bool:
    return any(fnmatchcase(text.lower(), glob.lower()) for glob in globs)


@dataclass(frozen=True, slots=True)
class Status:
    """The rows that were asked for (`all_rows` before `View.conditions` chose), and what was read for them.

    `foreign` is the number of entries of others that were left out. `unread` are the machines whose guests could not
    be read, and why; `unseen` the subscriptions of the fleet that could not, `closed` the lists of galleries (by path).
    """

    rows: tuple[Row, ...] = ()
    all_rows: tuple[Row, ...] = ()
    foreign: int = 0
    guests: int = 0
    scale_sets: int = 0
    unread: Mapping[Address, str] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()
    closed: Mapping[str, str] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    view: View = View()

    @property
    def is_whole(self) -> bool:
        """Whether everything that was to be read could be."""
        return not (self.unread or self.unseen or self.closed)
