"""What a release did, as JSON."""

from __future__ import annotations

from vmapps.core.release import Edit, Release, Stored
from vmapps.render.json_text import Tree, dumps
from vmapps.render.safe import hidden

FORMAT = 1


def to_json(release: Release) -> str:
    """The version, its packages in the store, and the edits; `changed` is false when all was so before."""
    tree = {
        "formatVersion": FORMAT,
        "application": release.application,
        "version": release.version,
        "packages": [_stored(one) for one in release.packages],
        "edits": [_edit(one) for one in release.edits],
        "notes": list(release.notes),
        "changed": release.changed,
    }
    return hidden(dumps(tree))


def _stored(one: Stored) -> Tree:
    return {"file": one.file, "sha256": one.sha256, "size": one.size, "uploaded": one.uploaded}


def _edit(one: Edit) -> Tree:
    return {"file": one.file, "line": one.line, "about": one.about, "before": one.before or None, "after": one.after}
