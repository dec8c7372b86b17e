"""Which machine has which version, and did it install, as JSON, described by `status.schema.json`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from importlib.resources import files

from vmapps import __version__
from vmapps.core.status import Condition, Row, Status
from vmapps.render.json_text import Tree, dumps
from vmapps.render.plan_tree import TOOL, diagnostic_tree
from vmapps.render.safe import hidden
from vmapps.render.status_words import by_application
from vmapps.render.unread_json import unread_trees

FORMAT = 1


def to_json(status: Status) -> str:
    """The numbers, every row, and what was read for them."""
    rows = status.all_rows
    tree = {
        "formatVersion": FORMAT,
        "tool": {"name": TOOL, "version": __version__},
        "summary": {
            "machines": len({row.subject for row in rows}),
            "applications": len(rows),
            "states": _states(rows),
            "versions": [
                {"application": application, "version": version, "states": _states(found)}
                for (application, version), found in by_application(rows).items()
            ],
        },
        "rows": [_row(row) for row in status.rows],
        "read": {"reports": status.guests, "scaleSets": status.scale_sets, "foreignLeftOut": status.foreign},
        **unread_trees(status.unread, status.unseen, status.closed),
        "diagnostics": [diagnostic_tree(one) for one in status.diagnostics],
    }
    return hidden(dumps(tree))


def schema() -> str:
    """The published JSON Schema of the document."""
    return files("vmapps.render").joinpath("status.schema.json").read_text(encoding="utf-8")


def _states(rows: Iterable[Row]) -> Tree:
    found = Counter(row.condition for row in rows)
    return {str(one): found[one] for one in Condition}


def _row(row: Row) -> Tree:
    return {
        "machine": str(row.machine),
        "instance": row.instance or None,
        "application": row.application,
        "state": str(row.condition),
        "declared": row.declared or None,
        "model": row.model or None,
        "guest": row.guest or None,
        "message": row.message,
        "assignments": [str(one) for one in row.assignments],
        "standing": str(row.standing),
    }
