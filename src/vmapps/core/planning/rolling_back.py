"""Machines put back to the version that they had before; nothing else is planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from vmapps.core.asked import Asked
from vmapps.core.declaration import Assignment, Declarations
from vmapps.core.diagnostic import Diagnostic
from vmapps.core.entries import find
from vmapps.core.fields import Rules
from vmapps.core.fleet import resolve
from vmapps.core.plan import Note, Options
from vmapps.core.planning.aiming import Aim, Rollback, aim_of
from vmapps.core.planning.catalogue import Catalogue, catalogue_of
from vmapps.core.planning.findings import Finding, Question, Topic, drafts_of
from vmapps.core.planning.fitness import folded
from vmapps.core.planning.machines import Decided, decide
from vmapps.core.planning.make import SINGLE, guests_not_read
from vmapps.core.planning.rollouts import Course, staged
from vmapps.core.planning.uploads import uploads
from vmapps.core.resource import Machine, World

OF_OTHERS = ("kept", "foreign", "unexpected")
"""Notes about a machine's other entries: a rollback looks at one application."""


def rolled_back(
    rollback: Rollback, declarations: Declarations, world: World, rules: Mapping[str, Rules], options: Options
) -> tuple[Finding, ...]:
    """The writes that put an assignment's machines back, or why that cannot be said."""
    project = declarations.project
    asked = Asked(project.owner, project.former_owners, options, rules)
    aim = aim_of(rollback, declarations, world, asked)
    if isinstance(aim, Diagnostic):
        return (aim,)
    near = _near(rollback, declarations, world)
    aimed = replace(declarations, assignments=tuple(_aimed(one, rollback, aim) for one in near))
    resolved = resolve(aimed, world, staged=options.rollout != SINGLE)
    course, catalogue = Course(resolved, world, asked), catalogue_of(aimed, world, asked)
    found: list[Finding] = [*resolved.diagnostics, *_on_machines(rollback, course, catalogue)]
    found = list(staged(tuple(found), aimed.assignments, course))
    packages = {package.sha256: package for package in declarations.packages}
    found.extend(uploads(drafts_of(found), packages, world.blobs))
    return (*found, *guests_not_read(drafts_of(found), declarations, world))


def _on_machines(rollback: Rollback, course: Course, catalogue: Catalogue) -> tuple[Finding, ...]:
    """What becomes of the application on each machine of the assignment."""
    address = rollback.assignment.address
    machines = course.resolved.matched[address]
    decided = [_on(rollback, course.world.machines[one], course, catalogue) for one in machines]
    matched = Note("matched", address, ", ".join(map(str, machines)) or "no machine")
    findings = (found for one in decided for found in one.findings if not _is_of_others(found))
    return (matched, *findings, *folded(misfit for one in decided for misfit in one.misfits))


def _on(rollback: Rollback, machine: Machine, course: Course, catalogue: Catalogue) -> Decided:
    """One machine, its placement narrowed to the one application; orders come from the whole."""
    if find(machine, rollback.key) is None:
        return Decided((Note("excluded", machine.address, f"does not have {rollback.told}: nothing to put back"),))
    placement = course.resolved.placements[machine.address]
    alone = replace(placement, claims=tuple(one for one in placement.claims if one.key == rollback.key))
    decided = decide(machine, alone, catalogue, course.asked)
    return replace(decided, findings=(*decided.findings, *_asks_guest(machine, decided, course)))


def _asks_guest(machine: Machine, decided: Decided, course: Course) -> tuple[Question, ...]:
    """What a script does depends on how the last one ended, and a rollback mostly follows one that failed."""
    is_written = bool(drafts_of(decided.findings)) and not machine.is_scale_set
    if course.asked.options.guest == "none" or not is_written or machine.address in course.world.reports:
        return ()
    return (Question(Topic.REPORT, machine.address, machine.id),)


def _is_of_others(found: Finding) -> bool:
    return isinstance(found, Note) and found.code in OF_OTHERS


def _near(rollback: Rollback, declarations: Declarations, world: World) -> tuple[Assignment, ...]:
    """The assignments that meet this one on a machine: they have a say in orders, and may disagree."""
    matched = resolve(declarations, world, staged=False).matched
    mine = set(matched[rollback.assignment.address])
    several = declarations.assignments
    return tuple(one for one in several if one == rollback.assignment or mine.intersection(matched[one.address]))


def _aimed(assignment: Assignment, rollback: Rollback, aim: Aim) -> Assignment:
    """The assignment as Git will say it."""
    if assignment != rollback.assignment:
        return assignment
    wanted = replace(rollback.wanted, version=aim.version, live=rollback.wanted.live or aim.live)
    several = assignment.applications
    return replace(assignment, applications=(*several[: rollback.at], wanted, *several[rollback.at + 1 :]))
