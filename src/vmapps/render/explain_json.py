"""Why the plan says what it says of an address, as JSON."""

from __future__ import annotations

from typing import assert_never

from vmapps.core.explain import Explained, Explanation, Neighbour, Reached, StepExplained, Wish
from vmapps.core.explain_live import Live, LiveEntry, LiveMachine, LivePackage, LiveResource
from vmapps.render.json_text import Tree, dumps
from vmapps.render.plan_tree import diagnostic_tree, note_tree, step_tree
from vmapps.render.safe import hidden

FORMAT = 1


def to_json(explanation: Explanation) -> str:
    """Every address that was found, and the safety guard's refusals, which concern all of them."""
    tree = {
        "formatVersion": FORMAT,
        "asked": explanation.asked,
        "explained": [_explained(one) for one in explanation.found],
        "refusals": [diagnostic_tree(one) for one in explanation.refusals],
    }
    return hidden(dumps(tree))


def _explained(one: Explained) -> Tree:
    return {
        "address": str(one.address),
        "live": _live(one.live),
        "wishes": [_wish(wish) for wish in one.wishes],
        "source": [str(span) for span in one.source],
        "machines": None if one.machines is None else [_reached(machine) for machine in one.machines],
        "steps": [_step(step) for step in one.steps],
        "why": one.why,
        "notes": [note_tree(note) for note in one.notes],
        "diagnostics": [diagnostic_tree(diagnostic) for diagnostic in one.diagnostics],
    }


def _step(one: StepExplained) -> Tree:
    return step_tree(one.step) | {
        "waitsFor": [_neighbour(step) for step in one.waits_for],
        "behind": one.behind,
        "awaitedBy": [_neighbour(step) for step in one.awaited_by],
    }


def _neighbour(step: Neighbour) -> Tree:
    return {"id": step.id, "because": step.because}


def _wish(wish: Wish) -> Tree:
    return {
        "assignment": str(wish.assignment),
        "application": str(wish.application),
        "version": wish.version,
        "absent": wish.absent,
        "source": str(wish.source),
    }


def _reached(machine: Reached) -> Tree:
    return {
        "address": str(machine.machine),
        "steps": [_neighbour(step) for step in machine.steps],
        "why": machine.why,
    }


def _live(live: Live | None) -> Tree:
    match live:
        case None:
            return None
        case LiveResource():
            return {"owner": live.owner, "isOurs": live.is_ours, "state": live.state}
        case LivePackage():
            return {"stored": live.stored}
        case LiveMachine():
            return {
                "location": live.location,
                "osType": live.os_type,
                "state": live.state,
                "upgradeMode": live.upgrade_mode,
                "scaleSet": live.scale_set,
                "entries": [_entry(entry) for entry in live.entries],
            }
        case _:
            assert_never(live)


def _entry(entry: LiveEntry) -> Tree:
    return {
        "name": entry.name,
        "version": entry.version,
        "standing": str(entry.standing),
        "owner": entry.owner,
    }
