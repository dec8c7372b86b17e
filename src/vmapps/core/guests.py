"""Which guests a machine has: its own, or one for each instance of a scale set; and how they are asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vmapps.core.address import Address, natural
from vmapps.core.guest import GuestReport
from vmapps.core.planning.findings import Question, Topic
from vmapps.core.resource import Entry, Instance, Machine, World

FLEXIBLE = "Flexible"
"""The orchestration in which instances are virtual machines of their own [azure-facts 3.9]."""


@dataclass(frozen=True, slots=True)
class Guest:
    """One guest of a machine.

    `instance` is "" for a virtual machine's own. `report` is None when it was not read, and `why_not` then says why
    if that was tried. `behind`: the instance runs an older model of its scale set.
    """

    instance: str
    entries: tuple[Entry, ...]
    report: GuestReport | None = None
    why_not: str = ""
    behind: bool = False


Members = Mapping[str, tuple[Machine, ...]]
"""The virtual machines of each Flexible scale set, by the set's lower-case ARM id."""


def members_of(world: World) -> Members:
    """Who belongs to which Flexible scale set."""
    found: dict[str, list[Machine]] = defaultdict(list)
    for one in world.machines.values():
        if one.scale_set:
            found[one.scale_set.lower()].append(one)
    return {key: tuple(sorted(several, key=lambda one: one.address)) for key, several in found.items()}


def guests_of(machine: Machine, world: World, members: Members) -> tuple[Guest, ...]:
    """A machine's guests, in order; a scale set whose instances were not read has one that stands for them all."""
    if not machine.is_scale_set:
        return (_own(machine, world),)
    if machine.orchestration == FLEXIBLE:
        return tuple(_own(one, world, one.id.name) for one in members.get(machine.id.key, ())) or _nobody(machine)
    known = world.instances.get(machine.address)
    if known is None:
        return (Guest("", machine.entries, None, world.unread.get(machine.address, "")),)
    several = sorted(known.instances, key=lambda one: natural(one.name))
    return tuple(_instance(machine, one) for one in several) or _nobody(machine)


def _nobody(machine: Machine) -> tuple[Guest, ...]:
    return (Guest("", machine.entries, GuestReport(), "the scale set has no instances"),)


def _own(machine: Machine, world: World, instance: str = "") -> Guest:
    address = machine.address
    return Guest(instance, machine.entries, world.reports.get(address), world.unread.get(address, ""))


def _instance(machine: Machine, one: Instance) -> Guest:
    return Guest(one.name, machine.entries, one.report or GuestReport(), behind=not one.latest)


def asks(machine: Machine, world: World, members: Members) -> Iterator[Question]:
    """What is to be read so that a machine's guests are known, as far as they are not.

    One instance view a virtual machine, those of a Flexible set included; one list for the instances of a Uniform
    set. A machine without an entry has no extension that could report [azure-facts 3.5].
    """
    if machine.is_scale_set and machine.orchestration != FLEXIBLE:
        if machine.address not in world.instances and machine.address not in world.unread:
            yield Question(Topic.INSTANCES, machine.address, machine.id)
        return
    for one in members.get(machine.id.key, ()) if machine.is_scale_set else (machine,):
        if one.entries and not is_known(one.address, world):
            yield Question(Topic.REPORT, one.address, one.id)


def is_known(address: Address, world: World) -> bool:
    """Whether a machine's guest was asked already."""
    return address in world.reports or address in world.unread
