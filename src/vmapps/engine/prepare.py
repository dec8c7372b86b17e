"""From declarations to a plan: observe, weigh, read what weighing asks for, and weigh again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from vmapps.core.address import ArmId
from vmapps.core.asked import Asked
from vmapps.core.declaration import Declarations
from vmapps.core.fields import Rules
from vmapps.core.guard import guarded
from vmapps.core.plan import Options, Plan, ProjectId
from vmapps.core.planning.findings import Finding, Question, Topic, drafts_of, questions_of
from vmapps.core.planning.make import plan_of, weigh
from vmapps.core.planning.uploads import needed
from vmapps.core.resource import Listed, Machine, World
from vmapps.engine.answers import answered
from vmapps.engine.observe import observe
from vmapps.engine.ports import CloudReader, Scope

Weighing: TypeAlias = Callable[[Declarations, World, Mapping[str, Rules], Options], tuple[Finding, ...]]

MOST_REPORTS = 200
"""Guests that a plan asks when nobody wants all (product.md)."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with the world it was made from."""

    plan: Plan
    world: World


def prepare(
    declarations: Declarations,
    cloud: CloudReader,
    options: Options,
    *,
    rules: Mapping[str, Rules],
    scopes: Iterable[Scope],
    parallelism: int,
    weighing: Weighing = weigh,
) -> Prepared:
    """Read the live world and plan against it; raises CloudFailure for a scope that cannot be read.

    `weighing` is what finds out what there is to do: everything, or only what is tried again.
    """
    project = declarations.project

    def weighed(world: World) -> tuple[Finding, ...]:
        return weighing(declarations, world, rules, options)

    most = None if options.guest == "all" else MOST_REPORTS
    world, findings = look(declarations, cloud, weighed, rules=rules, scopes=scopes, parallelism=parallelism, most=most)
    plan = plan_of(ProjectId(project.name, project.owner, project.subscription), options, findings)
    return Prepared(guarded(plan, project, world), world)


def look(
    declarations: Declarations,
    cloud: CloudReader,
    weighed: Callable[[World], tuple[Finding, ...]],
    *,
    rules: Mapping[str, Rules],
    scopes: Iterable[Scope],
    parallelism: int,
    most: int | None = None,
    read_only: bool = False,
) -> tuple[World, tuple[Finding, ...]]:
    """Observe, weigh, read what that asks for, weigh again, until nothing new is asked.

    At most so many guests are asked (`most`; None: all). Whoever only reads (`read_only`) needs no package store,
    and goes on without a list or a guest that may not be read.
    """
    project = declarations.project
    ours = Asked(project.owner, project.former_owners, Options(), rules)
    wanted = _wanted(declarations)

    def concerns_us(seen: Listed) -> bool:
        return not isinstance(seen, Machine) and (seen.id in wanted or ours.is_ours(seen.owner))

    world = observe(scopes, cloud, concerns_us, parallelism=parallelism, tolerant=read_only)
    asked: set[Question] = set()
    looked_for: frozenset[str] = frozenset()
    while True:
        findings = weighed(world)
        packages = frozenset() if read_only else needed(drafts_of(findings)) - looked_for
        questions = _bounded([one for one in questions_of(findings) if one not in asked], asked, most)
        if not packages and not questions:
            return world, findings
        asked.update(questions)
        looked_for |= packages
        world = answered(packages, questions, world, cloud, parallelism=parallelism, tolerant=read_only)


def _bounded(questions: list[Question], asked: set[Question], most: int | None) -> list[Question]:
    """At most so many guests are asked in all, unless all were wanted; which ones does not depend on chance."""
    if most is None:
        return questions
    room = most - sum(one.topic is Topic.REPORT for one in asked)
    reports = [one for one in questions if one.topic is Topic.REPORT]
    left_out = set(reports[room:])
    return [one for one in questions if one not in left_out]


def _wanted(declarations: Declarations) -> frozenset[ArmId]:
    """What is declared or referred to: its children have to be read too."""
    declared = {one.id for one in declarations.resources}
    assigned = [wanted for one in declarations.assignments for wanted in one.applications]
    applications = {one.gallery.child("applications", one.application_name) for one in assigned}
    galleries = {one.gallery for one in assigned}.union(declarations.foreign_galleries)
    return frozenset(declared | applications | galleries)
