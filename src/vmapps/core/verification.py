"""Did it work? What a guest should report after a write, and what its report says to that.

Azure's success says nothing about applications: their result stands in the guest's report alone [azure-facts 3.6].
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from vmapps.core.action import Action, Assign, Change, Check, UpgradeInstances
from vmapps.core.address import Address
from vmapps.core.guest import GuestReport, InGuest, State
from vmapps.core.resource import Instances, Machine, Reference
from vmapps.core.versions import LATEST

Expected: TypeAlias = tuple[tuple[str, str | None], ...]
"""Applications by name, with the version that should be installed: "" is any, None is that it is gone."""


@dataclass(frozen=True, slots=True)
class Proven:
    """The guest reports everything as it should be."""


@dataclass(frozen=True, slots=True)
class Pending:
    """The guest cannot tell: its machine is off, or its agent is not heard."""

    why: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The report does not show it yet: asked again later, it may."""


@dataclass(frozen=True, slots=True)
class Unsuccessful:
    """The guest says that an application failed or was skipped."""

    why: str


Judgement: TypeAlias = Proven | Pending | Unfinished | Unsuccessful

OFF = "the machine is off, or its agent is not heard: it installs when it is back"


def expected_of(action: Action) -> Expected:
    """What the guest should report after a step."""
    match action:
        case Assign(changes):
            return tuple(_expected(change) for change in changes)
        case UpgradeInstances():
            return tuple(action.applications)
        case _:
            return ()


def _expected(change: Change) -> tuple[str, str | None]:
    body = change.after if isinstance(change.after, dict) else change.before
    reference = Reference.parse(str(body.get("packageReferenceId"))) if isinstance(body, dict) else None
    name = reference.application if reference else change.path[-1].rpartition("/")[2]
    if change.after is None or reference is None:
        return name, None
    return name, "" if reference.version.lower() == LATEST else reference.version


def judge(expected: Iterable[tuple[str, str | None]], report: GuestReport | None) -> Judgement:
    """What a report says; a report of a machine that does not run says nothing."""
    wanted = tuple(expected)
    if report is None:
        return Proven() if all(version is None for _, version in wanted) else Unfinished()
    if not report.is_running:
        return Pending(OFF)
    if report.error and not report.applications:
        return Unsuccessful(report.error)
    judged = [_one(name, version, report.of(name)) for name, version in wanted]
    if bad := [one.why for one in judged if isinstance(one, Unsuccessful)]:
        return Unsuccessful("; ".join(bad))
    return Unfinished() if any(isinstance(one, Unfinished) for one in judged) else Proven()


def _one(name: str, version: str | None, seen: InGuest | None) -> Judgement:
    """One application. A failure at another version is an old one, but for the first half of a pair [3.1]."""
    if version is None:
        return Proven() if seen is None else Unfinished()
    if seen is None:
        return Unfinished()
    is_it = version in ("", seen.version)
    if seen.state is State.INSTALLED:
        return Proven() if is_it else Unfinished()
    is_half = seen.message.startswith("RemoveForUpdate")
    if seen.state in (State.FAILED, State.SKIPPED) and (is_it or is_half):
        return Unsuccessful(f"{name} {version or seen.version} {seen.state}: {seen.message}")
    return Unfinished()


def instance_of(scale_set: Address, name: str) -> Address:
    """What an instance is called beside its set: `VirtualMachineScaleSet/rg-web/web-ss/3`."""
    return Address(scale_set.kind, (*scale_set.name, name), scale_set.subscription)


def checked(check: Check, report: GuestReport | None) -> tuple[tuple[Address, Judgement], ...]:
    """What a virtual machine's report says to a look between waves."""
    return ((check.address, judge(check.applications, report)),)


def checked_instances(check: Check, known: Instances) -> tuple[tuple[Address, Judgement], ...]:
    """The same of every instance of a scale set: each counts by itself.

    Protected ones are left alone by the set's actions, and say nothing.
    """
    return tuple(
        (instance_of(check.address, one.name), judge(check.applications, one.report))
        for one in known.instances
        if not one.is_protected and (one.latest or not check.older_stay)
    )


def is_assigned(check: Check, machine: Machine) -> bool:
    """Whether the machine's list names everything that its guest should report."""
    found = {(one.application.lower(), one.version.lower()) for one in _references(machine)}
    names = {name for name, _ in found}
    return all(
        (name.lower(), version.lower()) in found if version else name.lower() in names
        for name, version in check.applications
    )


def _references(machine: Machine) -> Iterable[Reference]:
    return (entry.reference for entry in machine.entries if entry.reference is not None)
