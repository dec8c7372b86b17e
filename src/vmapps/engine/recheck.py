"""Before the first write of a saved plan: is every object still as the plan saw it, or as it leaves it?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from vmapps.core.action import UpgradeInstances
from vmapps.core.address import ArmId
from vmapps.core.fields import Rules
from vmapps.core.plan import Plan, Step
from vmapps.core.resource import Machine, Seen
from vmapps.core.settle import fits, is_done
from vmapps.core.superseded import superseded
from vmapps.engine.ports import CloudReader
from vmapps.errors import SavedPlanUnusable


@dataclass(frozen=True, slots=True)
class Rechecked:
    """The ids of steps that an earlier run has gone past, and the plan's machines as they are now."""

    done: frozenset[str] = frozenset()
    machines: tuple[Machine, ...] = ()


def recheck(plan: Plan, cloud: CloudReader, *, rules: Mapping[str, Rules], parallelism: int) -> Rechecked:
    """Read every object of the plan again.

    Raises SavedPlanUnusable naming those that do not fit. An object that is as the plan leaves it fits too: so an
    interrupted plan can be applied again.
    """
    certain = [step for step in plan.steps if not step.only_if]
    resources = tuple({step.resource: None for step in certain if step.resource is not None})
    with ThreadPoolExecutor(max_workers=parallelism, thread_name_prefix="recheck") as pool:
        fresh: dict[ArmId, Seen | None] = dict(zip(resources, pool.map(cloud.read, resources), strict=True))
    moved = sorted({str(step.address) for step in _unfit(plan, fresh, rules)})
    if moved:
        raise SavedPlanUnusable(f"the plan is stale: {', '.join(moved)} changed since it was made; plan again")
    machines = tuple(one for one in fresh.values() if isinstance(one, Machine))
    return Rechecked(superseded(plan, fresh, rules), machines)


def _unfit(plan: Plan, fresh: Mapping[ArmId, Seen | None], rules: Mapping[str, Rules]) -> Iterator[Step]:
    """The first step of every object that is as none of its steps saw or leaves it.

    An object with several steps may be anywhere between the first and the last of them: as one of them finds it, or
    as the last leaves it. That an earlier one is done says nothing about the rest of the object.
    """
    by_object: dict[ArmId, list[Step]] = defaultdict(list)
    for step in plan.steps:
        if step.resource is not None and not step.only_if and not isinstance(step.action, UpgradeInstances):
            by_object[step.resource].append(step)
    for resource, steps in by_object.items():
        known = rules.get(steps[0].address.kind, Rules())
        seen = fresh.get(resource)
        if not (is_done(steps[-1], seen, known) or any(fits(step, seen, known) for step in steps)):
            yield steps[0]
