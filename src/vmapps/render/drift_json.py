"""Where live Azure is not what the manifests say, as JSON."""

from __future__ import annotations

from vmapps.core.drift import Drift, DriftItem
from vmapps.render.json_text import Tree, dumps
from vmapps.render.plan_tree import change_trees
from vmapps.render.safe import hidden

FORMAT = 1


def to_json(drift: Drift) -> str:
    """Every drifted object, the notes, and whether there is drift."""
    tree = {
        "formatVersion": FORMAT,
        "drift": [_item(item) for item in drift.items],
        "notes": [{"code": note.code, "address": str(note.address), "text": note.text} for note in drift.notes],
        "drifted": bool(drift.items),
    }
    return hidden(dumps(tree))


def _item(item: DriftItem) -> Tree:
    return {
        "kind": item.kind,
        "address": str(item.address),
        "text": item.text,
        "changes": change_trees(item.changes),
    }
