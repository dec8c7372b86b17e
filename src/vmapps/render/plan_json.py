"""The plan as JSON and back: what `plan --format json` prints, `plan --out` saves and `apply` reads.

Whatever a saved file holds, the answer is a plan or one sentence why it cannot be used.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import msgspec

from vmapps import __version__
from vmapps.core.plan import Plan
from vmapps.errors import SavedPlanUnusable
from vmapps.render.json_text import Tree, dumps
from vmapps.render.plan_tree import FORMAT, TOOL, plan_tree, seal
from vmapps.render.plan_wire import PlanDocument

AGAIN = "make a new plan with `vmapps plan --out`"


def to_json(plan: Plan) -> str:
    """The plan's document; the same plan gives the same bytes."""
    return dumps(plan_tree(plan))


def schema() -> str:
    """The published JSON Schema of the document."""
    return files("vmapps.render").joinpath("plan.schema.json").read_text(encoding="utf-8")


def from_json(text: str | bytes) -> Plan:
    """Raises SavedPlanUnusable when the document is not a plan of this version that is still as it was written."""
    try:
        tree = json.loads(text)
        _check_header(tree)
        plan = msgspec.convert(tree, PlanDocument).plan()
        _check_whole(tree, plan)
    except RecursionError as error:
        raise SavedPlanUnusable("the saved plan is nested too deeply to be one") from error
    except json.JSONDecodeError as error:
        raise SavedPlanUnusable(f"the saved plan is not JSON: {error}") from error
    except (msgspec.ValidationError, ValueError) as error:
        raise SavedPlanUnusable(f"the saved plan is not one: {error}; {AGAIN}") from error
    return plan


def _check_header(tree: Tree) -> None:
    """Whose file this is, and whether it was touched: said before any field is looked at."""
    if not isinstance(tree, dict) or "formatVersion" not in tree:
        raise SavedPlanUnusable(f"the file is not a plan of {TOOL}: it has no formatVersion")
    if tree["formatVersion"] != FORMAT:
        raise SavedPlanUnusable(f"the saved plan has another format than {FORMAT}; {AGAIN}")
    if _inner(tree, "tool", "name") != TOOL:
        raise SavedPlanUnusable(f"the saved plan was not made by {TOOL}")
    if _inner(tree, "tool", "version") != __version__:
        raise SavedPlanUnusable(f"the saved plan was made by another version than {TOOL} {__version__}; {AGAIN}")
    if not isinstance(fingerprint := _inner(tree, "fingerprint", "plan"), str):
        raise SavedPlanUnusable(f"the saved plan has no fingerprint; {AGAIN}")
    if fingerprint != seal(tree):
        raise SavedPlanUnusable(f"the saved plan was edited after it was made: its fingerprint does not fit; {AGAIN}")


def _check_whole(tree: Tree, plan: Plan) -> None:
    """Nothing in the document but what this plan says: summary, applyable and every spelling included."""
    if plan_tree(plan) != tree:
        raise SavedPlanUnusable(f"the saved plan contradicts itself; {AGAIN}")


def _inner(tree: Tree, name: str, inner: str) -> Any:
    below = tree.get(name)
    return below.get(inner) if isinstance(below, dict) else None
