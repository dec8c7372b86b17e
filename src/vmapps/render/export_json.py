"""What an export wrote, and what it could not say, as JSON."""

from __future__ import annotations

from vmapps.render.export_text import Outcome, counts
from vmapps.render.json_text import dumps
from vmapps.render.safe import hidden

FORMAT = 1


def to_json(outcome: Outcome) -> str:
    """Every file, how many documents of each kind, and everything that no document says."""
    tree = {
        "formatVersion": FORMAT,
        "folder": outcome.folder,
        "newProject": outcome.is_new,
        "written": list(outcome.written),
        "unchanged": list(outcome.unchanged),
        "documents": counts(outcome.export),
        "machines": outcome.export.machines,
        "leftOut": [{"text": one.text, "where": [str(it) for it in one.where]} for one in outcome.export.left],
    }
    return hidden(dumps(tree))
