"""Where live Azure is not what the manifests say, as JSON, described by `drift.schema.json`."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files

from vmapps import __version__
from vmapps.core.drift import Drift, DriftClass, DriftItem
from vmapps.render.json_text import Tree, dumps
from vmapps.render.plan_tree import TOOL, change_trees, diagnostic_tree, note_tree
from vmapps.render.safe import hidden
from vmapps.render.unread_json import unread_trees

FORMAT = 1


def to_json(drift: Drift) -> str:
    """Whether there is drift, every difference, those that are ignored, and what is apart."""
    classes = Counter(item.cls for item in drift.items)
    tree = {
        "formatVersion": FORMAT,
        "tool": {"name": TOOL, "version": __version__},
        "drifted": drift.drifted,
        "summary": {
            "classes": {str(one): classes[one] for one in DriftClass},
            "ignored": len(drift.ignored),
            "notes": dict(sorted(Counter(note.code for note in drift.notes).items())),
        },
        "drift": [_item(item) for item in drift.items],
        "ignored": [{**_item(one.item), "by": one.by} for one in drift.ignored],
        "notes": [note_tree(note) for note in drift.notes],
        "read": {"reports": drift.guests, "scaleSets": drift.scale_sets},
        **unread_trees(drift.unread, drift.unseen, drift.closed),
        "diagnostics": [diagnostic_tree(one) for one in drift.diagnostics],
    }
    return hidden(dumps(tree))


def schema() -> str:
    """The published JSON Schema of the document."""
    return files("vmapps.render").joinpath("drift.schema.json").read_text(encoding="utf-8")


def _item(item: DriftItem) -> dict[str, Tree]:
    return {
        "class": str(item.cls),
        "isDrift": item.is_drift,
        "address": str(item.address),
        "instance": item.instance or None,
        "application": item.application or None,
        "text": item.text,
        "changes": change_trees(item.changes),
    }
