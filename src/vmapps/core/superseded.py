"""Which steps of a saved plan an earlier run of it has gone past, though their object does not look so by itself."""

from __future__ import annotations

from collections.abc import Mapping

from vmapps.core.action import Delete
from vmapps.core.address import ArmId
from vmapps.core.fields import Rules
from vmapps.core.plan import Plan, Step
from vmapps.core.resource import Seen
from vmapps.core.settle import is_replaced


def superseded(plan: Plan, fresh: Mapping[ArmId, Seen | None], rules: Mapping[str, Rules]) -> frozenset[str]:
    """The deletes of what was already created anew, and of everything below that.

    A version below a replaced application looks the same before and after: that its application is the new one says
    that it was dealt with, and must not be deleted again.
    """
    deletes = [step for step in plan.steps if isinstance(step.action, Delete)]
    renewed = [step.resource for step in deletes if _is_renewed(step, fresh, rules)]
    return frozenset(step.id for step in deletes if any(_is_at_or_below(step.resource, one) for one in renewed))


def _is_renewed(step: Step, fresh: Mapping[ArmId, Seen | None], rules: Mapping[str, Rules]) -> bool:
    seen = fresh.get(step.resource) if step.resource is not None else None
    return seen is not None and is_replaced(step, seen, rules.get(step.address.kind, Rules()))


def _is_at_or_below(one: ArmId | None, above: ArmId | None) -> bool:
    return one is not None and above is not None and f"{one.key}/".startswith(f"{above.key}/")
