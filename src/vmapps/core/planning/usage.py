"""Which versions are in use: by machines, by the models of scale sets, and by instances that lag behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from vmapps.core.action import Change, changes_of
from vmapps.core.address import Address
from vmapps.core.entries import untouched
from vmapps.core.fleet import AUTOMATIC
from vmapps.core.planning.catalogue import Catalogue
from vmapps.core.planning.findings import Draft
from vmapps.core.resource import Machine, Reference, World

Users = Mapping[str, tuple[Address, ...]]
"""The machines that need a version, by the version's lower-case ARM id."""


def used_by(world: World, drafts: Iterable[Draft], catalogue: Catalogue) -> Users:
    """Who will refer to which version once these drafts are done.

    Instances of a scale set may go on with an older model: unless Azure upgrades them all, what the model named
    before counts too, and so does what a lagging instance reports, whatever gallery it is from.
    """
    edits = _edits(drafts)
    users: dict[str, set[Address]] = defaultdict(set)
    for address, machine in world.machines.items():
        changes = edits.get(address, ())
        for reference in _after(machine, changes):
            _add(users, reference, machine, catalogue)
        if machine.is_scale_set and machine.upgrade_mode != AUTOMATIC:
            for reference in (entry.reference for entry in machine.entries if entry.reference):
                _add(users, reference, machine, catalogue)
    for address, one in _reported(world, catalogue):
        users[one].add(address)
    return {one: tuple(sorted(found)) for one, found in users.items()}


def held_by(world: World, drafts: Iterable[Draft], catalogue: Catalogue, these: frozenset[str]) -> Users:
    """Who refers to one of `these` versions (by lower-case ARM id) now, and to one of them after these drafts too.

    Such a machine would have to be written before they go and after they are back: neither is possible.
    """
    edits = _edits(drafts)
    users: dict[str, set[Address]] = defaultdict(set)
    for address, machine in world.machines.items():
        before: dict[str, set[Address]] = defaultdict(set)
        after: dict[str, set[Address]] = defaultdict(set)
        for reference in (entry.reference for entry in machine.entries if entry.reference):
            _add(before, reference, machine, catalogue)
        for reference in _after(machine, edits.get(address, ())):
            _add(after, reference, machine, catalogue)
        if these & after.keys():
            for one in these & before.keys():
                users[one].add(address)
    return {one: tuple(sorted(found)) for one, found in users.items()}


def _edits(drafts: Iterable[Draft]) -> Mapping[Address, tuple[Change, ...]]:
    edits: dict[Address, tuple[Change, ...]] = {}
    for draft in sorted(drafts, key=lambda one: one.turn):
        edits[draft.address] = (*edits.get(draft.address, ()), *changes_of(draft.action))
    return edits


def _after(machine: Machine, changes: tuple[Change, ...]) -> Iterator[Reference]:
    """What a machine refers to once it is written; the last change of an entry counts."""
    yield from (entry.reference for entry in untouched(machine, changes) if entry.reference)
    last = {change.path: change.after for change in changes}
    for body in last.values():
        found = Reference.parse(str(body.get("packageReferenceId"))) if isinstance(body, dict) else None
        if found is not None:
            yield found


def _add(users: dict[str, set[Address]], reference: Reference, machine: Machine, catalogue: Catalogue) -> None:
    """`latest` needs the version that it means there, today and after the plan [azure-facts 3.7]."""
    for name in catalogue.names(reference, machine.location):
        users[Reference(reference.gallery, reference.application, name).id.key].add(machine.address)


def _reported(world: World, catalogue: Catalogue) -> Iterator[tuple[Address, str]]:
    """Versions that lagging instances report; the guest names applications without their gallery [azure-facts 3.5]."""
    by_name: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (gallery, application), versions in catalogue.versions.items():
        for name, _ in versions:
            by_name[application, name].append(f"{gallery}/applications/{application}/versions/{name}")
    for address, found in world.instances.items():
        for one in found.instances:
            for app in one.report.applications if one.report and not one.latest else ():
                yield from ((address, version) for version in by_name[app.application.lower(), app.version])
