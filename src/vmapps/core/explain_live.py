"""What is live at an address, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from vmapps.core.asked import Asked
from vmapps.core.entries import machine_hash
from vmapps.core.planning.catalogue import Catalogue
from vmapps.core.planning.leftovers import is_ours
from vmapps.core.resource import Entry, Machine, Observed, without_secrets


class Standing(StrEnum):
    """Whose an entry of a machine is (product.md, "Ownership")."""

    OURS = "ours"
    """it carries our mark, or it is claimed and its application carries our mark"""
    CLAIMED = "claimed"
    """an assignment claims it, and nobody's mark is on it: --adopt makes it ours"""
    OTHERS = "others"
    """it carries another owner's mark for this machine"""
    FOREIGN = "foreign"
    """nobody claims it, and it carries no mark for this machine"""


@dataclass(frozen=True, slots=True)
class LiveResource:
    """A gallery, application or version as Azure has it; `owner` is its mark ("": none), `state` its provisioning."""

    owner: str
    is_ours: bool
    state: str


@dataclass(frozen=True, slots=True)
class LiveEntry:
    """One entry of a machine: `name` is gallery/application; what could not be read is told as it is spelled."""

    name: str
    version: str
    standing: Standing
    owner: str = ""


@dataclass(frozen=True, slots=True)
class LiveMachine:
    """A machine; `upgrade_mode` only of a scale set, `scale_set` only of a machine that belongs to one."""

    location: str
    os_type: str
    state: str
    upgrade_mode: str
    scale_set: str
    entries: tuple[LiveEntry, ...]


@dataclass(frozen=True, slots=True)
class LivePackage:
    """A package; the store is asked only about what a plan would upload, so `stored` may be unknown (None)."""

    stored: bool | None


Live: TypeAlias = LiveResource | LiveMachine | LivePackage


def live_resource(seen: Observed, asked: Asked) -> LiveResource:
    """A resource, and whether its mark is ours."""
    return LiveResource(seen.owner, asked.is_ours(seen.owner), seen.state)


def live_machine(
    machine: Machine, claimed: frozenset[tuple[str, str]], catalogue: Catalogue, asked: Asked
) -> LiveMachine:
    """A machine with every entry and whose it is; `claimed` are the keys of what assignments say about it."""
    entries = tuple(_entry(machine, one, claimed, catalogue, asked) for one in machine.entries)
    return LiveMachine(
        machine.location, machine.os_type, machine.state, machine.upgrade_mode, machine.scale_set, entries
    )


def _entry(
    machine: Machine, entry: Entry, claimed: frozenset[tuple[str, str]], catalogue: Catalogue, asked: Asked
) -> LiveEntry:
    reference = entry.reference
    owner = _owner(machine, entry)
    standing = standing_of(machine, entry, claimed, catalogue, asked)
    if reference is None:
        return LiveEntry(without_secrets(entry.spelled), "", standing, owner)
    return LiveEntry(f"{reference.gallery.name}/{reference.application}", reference.version, standing, owner)


def _owner(machine: Machine, entry: Entry) -> str:
    """Whose mark for this very machine an entry carries; "" when it carries none."""
    mark = entry.mark
    return mark.owner if mark is not None and mark.machine == machine_hash(machine.id) else ""


def standing_of(
    machine: Machine, entry: Entry, claimed: frozenset[tuple[str, str]], catalogue: Catalogue, asked: Asked
) -> Standing:
    """Whose an entry is; `claimed` are the keys of what assignments say about its machine."""
    owner = _owner(machine, entry)
    if is_ours(machine, entry, asked):
        return Standing.OURS
    if owner and not asked.is_ours(owner):
        return Standing.OTHERS
    if entry.reference is None or entry.reference.key not in claimed:
        return Standing.FOREIGN
    return Standing.OURS if entry.reference.key in catalogue.owned else Standing.CLAIMED
