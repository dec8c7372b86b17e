"""What `drift` looks at: everything that a plan weighs, all guests, and references that lead nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from vmapps.core.address import Address
from vmapps.core.asked import Asked
from vmapps.core.dangling import dangling
from vmapps.core.declaration import Declarations
from vmapps.core.diagnostic import Diagnostic
from vmapps.core.drift import Drift
from vmapps.core.drifting import drift_of
from vmapps.core.fields import Rules
from vmapps.core.fleet import resolve
from vmapps.core.plan import Note, Options
from vmapps.core.planning.catalogue import catalogue_of
from vmapps.core.planning.findings import Draft, Finding, Question
from vmapps.core.planning.make import weigh
from vmapps.core.resource import World
from vmapps.core.status import Condition, Row, View
from vmapps.core.stock import questions, status_of

GUEST_NOT_READ = "guest-not-read"
NOT_SEEN = "not-seen"


def inspected(declarations: Declarations, world: World, rules: Mapping[str, Rules], guest: str) -> tuple[Finding, ...]:
    """What there is to find and to ask; `guest` is whose reports are read: `all`, `none`, or `auto` as a plan does."""
    options = Options(metadata_now=True, guest="auto" if guest == "auto" else "none")
    asked = Asked(declarations.project.owner, declarations.project.former_owners, options, rules)
    found: list[Finding] = [*weigh(declarations, world, rules, options)]
    found.extend(questions(declarations, world, rules, View(guests=guest == "all")))
    found.extend(dangling(world, resolve(declarations, world), catalogue_of(declarations, world, asked), asked))
    return tuple(found)


def drift_from(
    declarations: Declarations, world: World, rules: Mapping[str, Rules], findings: tuple[Finding, ...]
) -> Drift:
    """The findings as drift, beside what the guests say and what could not be read.

    Of galleries that could not be read (`World.closed`) nothing is said: what is not seen is not missing.
    """
    status = status_of(declarations, world, rules, View())
    unknown = _unknown(declarations, world)
    seen = tuple(one for one in findings if not _is_about(one, unknown))
    sole = {address for address, one in resolve(declarations, world).placements.items() if one.exclusive}
    found = drift_of(seen, status.rows, sole)
    notes = [one for one in found.notes if one.code != GUEST_NOT_READ]
    return replace(
        found,
        notes=(*notes, *_not_asked(declarations, status.rows, world)),
        diagnostics=tuple(one for one in found.diagnostics if one.code != NOT_SEEN),
        guests=status.guests,
        scale_sets=status.scale_sets,
        unread=world.unread,
        unseen=world.unseen,
        closed=world.closed,
    )


def _unknown(declarations: Declarations, world: World) -> frozenset[Address]:
    """What is declared in lists that could not be read."""
    closed = tuple(f"{path}/".lower() for path in world.closed)
    return (
        frozenset(one.address for one in declarations.resources if one.id.key.startswith(closed))
        if closed
        else frozenset()
    )


def _is_about(found: Finding, addresses: frozenset[Address]) -> bool:
    match found:
        case Draft() | Note() | Question():
            return found.address in addresses
        case Diagnostic():
            return any(str(one) == found.subject for one in addresses)


def _not_asked(declarations: Declarations, rows: tuple[Row, ...], world: World) -> tuple[Note, ...]:
    """How many guests nobody asked, so that nobody takes their silence for success."""
    silent = {row.subject for row in rows if row.condition is Condition.NOT_READ and row.machine not in world.unread}
    if not silent:
        return ()
    guests = "1 guest was" if len(silent) == 1 else f"{len(silent)} guests were"
    project = Address("Project", (declarations.project.name,))
    return (Note(GUEST_NOT_READ, project, f"{guests} not asked whether it worked (--guest all asks them)"),)
