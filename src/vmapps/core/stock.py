"""Take stock of the fleet: the assignments beside the machines' models and what their guests report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vmapps.core.address import Address, natural
from vmapps.core.asked import Asked
from vmapps.core.declaration import Declarations
from vmapps.core.diagnostic import in_order
from vmapps.core.entries import find
from vmapps.core.explain_live import Standing, standing_of
from vmapps.core.fields import Rules
from vmapps.core.fleet import NOBODYS, Claim, Placement, Resolved, resolve
from vmapps.core.guest import GuestReport, InGuest, State, in_the_way, in_trouble
from vmapps.core.guests import Guest, Members, asks, guests_of, members_of
from vmapps.core.plan import Options
from vmapps.core.planning.catalogue import Catalogue, catalogue_of
from vmapps.core.planning.findings import Question
from vmapps.core.planning.leftovers import is_ours
from vmapps.core.planning.unmatched import unnamed
from vmapps.core.planning.verdicts import name_of
from vmapps.core.resource import Entry, Machine, Reference, World
from vmapps.core.status import ABSENT, FOREIGN, Condition, Row, Status, View
from vmapps.core.versions import LATEST


@dataclass(frozen=True, slots=True)
class _Fleet:
    """What decides about every machine."""

    world: World
    resolved: Resolved
    catalogue: Catalogue
    asked: Asked
    members: Members
    view: View


@dataclass(frozen=True, slots=True)
class _Wish:
    """One application of a machine: `wanted` is the version its guest should have ("": any; None: it should go)."""

    key: tuple[str, str]
    application: str
    declared: str
    wanted: str | None
    assignments: tuple[Address, ...] = ()
    standing: Standing = Standing.OURS


def status_of(declarations: Declarations, world: World, rules: Mapping[str, Rules], view: View) -> Status:
    """Every application of ours on every machine that the view names, by machine and name."""
    fleet = _fleet(declarations, world, rules, view)
    rows: list[Row] = []
    foreign = 0
    for machine in _machines(fleet):
        for guest in guests_of(machine, world, fleet.members):
            if view.covers(machine.address, guest.instance):
                found = list(_rows(machine, guest, fleet))
                others = [one for one in found if one.standing in FOREIGN]
                foreign += 0 if view.foreign else len(others)
                rows.extend(one for one in found if view.foreign or one not in others)
    rows.sort(key=lambda row: (row.machine, natural(row.instance), row.application.lower()))
    # the guests of a Flexible set are asked one by one, also where its list was read
    lists = [one for one in world.instances.values() if one.id.key not in fleet.members]
    chosen = (row for row in rows if not view.conditions or row.condition in view.conditions)
    return Status(
        tuple(chosen),
        tuple(rows),
        foreign,
        len(world.reports) + sum(len(one.instances) for one in lists),
        len(lists),
        world.unread,
        world.unseen,
        world.closed,
        in_order([*declarations.warnings, *fleet.resolved.diagnostics, *unnamed(declarations, view)]),
        view,
    )


def questions(declarations: Declarations, world: World, rules: Mapping[str, Rules], view: View) -> tuple[Question, ...]:
    """Whose guests have to be read for it."""
    if not view.guests:
        return ()
    fleet = _fleet(declarations, world, rules, view)
    several = (one for one in _machines(fleet) if _is_covered(one, view) and _is_wanted(one, fleet))
    return tuple(question for machine in several for question in asks(machine, world, fleet.members))


def _fleet(declarations: Declarations, world: World, rules: Mapping[str, Rules], view: View) -> _Fleet:
    project = declarations.project
    asked = Asked(project.owner, project.former_owners, Options(), rules)
    resolved = resolve(declarations, world)
    return _Fleet(world, resolved, catalogue_of(declarations, world, asked), asked, members_of(world), view)


def _machines(fleet: _Fleet) -> Iterator[Machine]:
    """The machines that may have something to show; a set's instances come with the set."""
    for address, machine in fleet.world.machines.items():
        if not machine.scale_set and (machine.entries or address in fleet.resolved.placements):
            yield machine


def _is_covered(machine: Machine, view: View) -> bool:
    return view.may_cover(machine.address) if machine.is_scale_set else view.covers(machine.address)


def _is_wanted(machine: Machine, fleet: _Fleet) -> bool:
    """Whether something on it is in the view."""
    return any(fleet.view.foreign or one.standing not in FOREIGN for one in _wishes(machine, fleet))


def _wishes(machine: Machine, fleet: _Fleet) -> Iterator[_Wish]:
    """What is declared of a machine, and what else is on its list, as far as the view names it."""
    placement = fleet.resolved.placements.get(machine.address, NOBODYS)
    claimed = frozenset(claim.key for claim in placement.claims)
    several = [_claimed(machine, claim, claimed, fleet) for claim in placement.claims]
    several.extend(
        _leftover(machine, entry, entry.reference, fleet)
        for entry in machine.entries
        if entry.reference is not None and entry.reference.key not in claimed
    )
    return (one for one in several if fleet.view.names(one.application, one.assignments))


def _claimed(machine: Machine, claim: Claim, claimed: frozenset[tuple[str, str]], fleet: _Fleet) -> _Wish:
    live = find(machine, claim.key)
    standing = standing_of(machine, live, claimed, fleet.catalogue, fleet.asked) if live else Standing.OURS
    if standing is Standing.OTHERS:
        standing = Standing.CLAIMED
    gone = claim.wanted.absent
    wanted = None if gone else "" if claim.version == LATEST else claim.version
    declared = ABSENT if gone else claim.version
    return _Wish(claim.key, "/".join(claim.wanted.application.name), declared, wanted, claim.assignments, standing)


def _leftover(machine: Machine, entry: Entry, reference: Reference, fleet: _Fleet) -> _Wish:
    """An entry that no assignment names: ours by its mark alone, or somebody else's."""
    standing = Standing.OURS if is_ours(machine, entry, fleet.asked) else Standing.FOREIGN
    version = "" if reference.version.lower() == LATEST else reference.version
    return _Wish(reference.key, name_of(reference), "", version, (), standing)


def _rows(machine: Machine, guest: Guest, fleet: _Fleet) -> Iterator[Row]:
    placement = fleet.resolved.placements.get(machine.address, NOBODYS)
    for wish in _wishes(machine, fleet):
        model, of_set = _version(guest.entries, wish), _version(machine.entries, wish)
        seen = guest.report.of(wish.key[1]) if guest.report is not None else None
        if wish.wanted is None and not model and seen is None:
            continue
        is_modelled = _is_modelled(wish, model) and _is_modelled(wish, of_set)
        condition, message = _judged(wish, guest, seen, placement, is_modelled=is_modelled)
        yield Row(
            machine.address,
            guest.instance,
            wish.application,
            condition,
            wish.declared,
            model,
            seen.version if seen is not None else "",
            message,
            wish.assignments,
            wish.standing,
        )


def _version(entries: tuple[Entry, ...], wish: _Wish) -> str:
    """What a list has of an application; "" when that is not on it."""
    found = (one.reference.version for one in entries if one.reference is not None and one.reference.key == wish.key)
    return next(found, "")


def _judged(
    wish: _Wish, guest: Guest, seen: InGuest | None, placement: Placement, *, is_modelled: bool
) -> tuple[Condition, str]:
    """The condition, and what the guest says to it."""
    report = guest.report
    is_off = report is not None and not report.is_running
    said = seen.message if seen is not None and seen.state is not State.INSTALLED else ""
    if not is_modelled:
        return (Condition.OFF if is_off and placement.skip_off else Condition.NOT_CONVERGED), said
    if report is None:
        return Condition.NOT_READ, guest.why_not
    if is_off:
        return Condition.OFF, said
    if report.error and not report.applications:
        return Condition.FAILED, report.error
    if wish.wanted is None:
        return _going(seen)
    return _installed(wish.wanted, guest, report, seen)


def _is_modelled(wish: _Wish, model: str) -> bool:
    """Whether the list refers to what is declared; of what nobody declares it always does."""
    return not wish.declared or model.lower() == ("" if wish.wanted is None else wish.declared)


def _going(seen: InGuest | None) -> tuple[Condition, str]:
    """An application that is off the list and that the guest still lists."""
    message = seen.message if seen is not None else ""
    return (Condition.FAILED if message.startswith("Remove FAILED") else Condition.PENDING), message


def _installed(wanted: str, guest: Guest, report: GuestReport, seen: InGuest | None) -> tuple[Condition, str]:
    if bad := in_trouble(seen, wanted) or in_the_way(seen, wanted):
        return (Condition.SKIPPED if bad.state is State.SKIPPED else Condition.FAILED), bad.message
    if seen is not None and seen.state is State.INSTALLED and wanted in ("", seen.version):
        return Condition.INSTALLED, ""
    if guest.behind:
        return Condition.NOT_CONVERGED, "the instance runs an older model of its scale set"
    if seen is None and not report.applications:
        return Condition.NOT_REPORTED, guest.why_not
    return Condition.PENDING, seen.message if seen is not None and seen.state is State.UNKNOWN else ""
