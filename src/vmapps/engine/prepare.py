"""From declarations to a plan: observe, weigh, ask the package store only about what the plan would upload."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from vmapps.core.address import ArmId
from vmapps.core.asked import Asked
from vmapps.core.declaration import Declarations
from vmapps.core.drift import Drift, drift_of
from vmapps.core.fields import Rules
from vmapps.core.guard import guarded
from vmapps.core.plan import Options, Plan, ProjectId
from vmapps.core.planning.make import drafts_of, plan_of, weigh
from vmapps.core.planning.uploads import needed
from vmapps.core.resource import Machine, Listed, World
from vmapps.engine.observe import observe
from vmapps.engine.ports import CloudReader, Scope


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with the world it was made from, and the same comparison as drift."""

    plan: Plan
    world: World
    drift: Drift


def prepare(
    declarations: Declarations,
    cloud: CloudReader,
    options: Options,
    *,
    rules: Mapping[str, Rules],
    scopes: Iterable[Scope],
    parallelism: int,
) -> Prepared:
    """Read the live world and plan against it; raises CloudFailure for a scope that cannot be read."""
    project = declarations.project
    asked = Asked(project.owner, project.former_owners, options, rules)
    wanted = _wanted(declarations)

    def concerns_us(seen: Listed) -> bool:
        return not isinstance(seen, Machine) and (seen.id in wanted or asked.is_ours(seen.owner))

    world = observe(scopes, cloud, concerns_us, parallelism=parallelism)
    findings = weigh(declarations, world, rules, options)
    packages = needed(drafts_of(findings))
    if packages:
        world = replace(world, blobs=cloud.present(sorted(packages)))
        findings = weigh(declarations, world, rules, options)
    plan = plan_of(ProjectId(project.name, project.owner, project.subscription), options, findings)
    return Prepared(guarded(plan, project, world), world, drift_of(findings))


def _wanted(declarations: Declarations) -> frozenset[ArmId]:
    """What is declared or referred to: its children have to be read too."""
    declared = {one.id for one in declarations.resources}
    assigned = [wanted for one in declarations.assignments for wanted in one.applications]
    applications = {one.gallery.child("applications", one.application_name) for one in assigned}
    galleries = {one.gallery for one in assigned}.union(declarations.foreign_galleries)
    return frozenset(declared | applications | galleries)
