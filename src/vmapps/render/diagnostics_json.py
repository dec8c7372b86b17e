"""What is wrong with the input, as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from vmapps.core.diagnostic import Diagnostic, in_order
from vmapps.render.json_text import dumps
from vmapps.render.plan_tree import diagnostic_tree
from vmapps.render.safe import hidden

FORMAT = 1


def to_json(diagnostics: Sequence[Diagnostic]) -> str:
    """Every problem in the order of the files, how many there are, and whether the project is valid."""
    errors = sum(diagnostic.is_error for diagnostic in diagnostics)
    tree = {
        "formatVersion": FORMAT,
        "diagnostics": [diagnostic_tree(diagnostic) for diagnostic in in_order(list(diagnostics))],
        "summary": {"errors": errors, "warnings": len(diagnostics) - errors},
        "valid": not errors,
    }
    return hidden(dumps(tree))
