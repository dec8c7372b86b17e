"""May this plan be applied? `safety` limits how much one plan may do without being told so (product.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from vmapps.core.asked import Asked
from vmapps.core.declaration import Project, Safety
from vmapps.core.diagnostic import Diagnostic, error
from vmapps.core.entries import machine_hash
from vmapps.core.plan import Plan
from vmapps.core.resource import World

FEW_DELETES = 5
"""Below this many deletes their share of everything is not looked at."""


def guarded(plan: Plan, project: Project, world: World) -> Plan:
    """The plan with the guard's refusals in it."""
    asked = Asked(project.owner, project.former_owners, plan.options, {})
    return replace(plan, refusals=tuple(_refusals(plan, project.safety, _ours(world, asked))))


def _refusals(plan: Plan, safety: Safety, ours: int) -> Iterator[Diagnostic]:
    accepted = dict(plan.options.accept)
    hint = f"look at the plan; if it is meant, say --accept {_numbers(plan)}"
    if accepted.get("deletes") != plan.deletes:
        if plan.deletes > safety.max_deletes:
            summary = f"the plan deletes {plan.deletes}; safety.maxDeletes is {safety.max_deletes}"
            yield error("too-many-deletes", summary, hint=hint)
        share = 100 * plan.deletes / ours if ours else 0
        if plan.deletes >= FEW_DELETES and share > safety.max_delete_percent:
            limit = safety.max_delete_percent
            summary = (
                f"the plan deletes {share:.0f} % of the {ours} objects of ours; safety.maxDeletePercent is {limit}"
            )
            yield error("too-large-a-share", summary, hint=hint)
    if plan.machines > safety.max_machines and accepted.get("machines") != plan.machines:
        summary = f"the plan writes {plan.machines} machines; safety.maxMachines is {safety.max_machines}"
        yield error("too-many-machines", summary, hint=hint)


def _numbers(plan: Plan) -> str:
    return f"deletes={plan.deletes},machines={plan.machines}"


def _ours(world: World, asked: Asked) -> int:
    """All objects and entries that carry our mark before the plan."""
    resources = sum(asked.is_ours(one.owner) for one in world.resources.values())
    entries = sum(
        entry.mark is not None and asked.is_ours(entry.mark.owner) and entry.mark.machine == machine_hash(machine.id)
        for machine in world.machines.values()
        for entry in machine.entries
    )
    return resources + entries
