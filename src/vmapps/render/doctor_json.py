"""What doctor found, as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from vmapps.core.doctor import Finding, is_well
from vmapps.render.json_text import dumps
from vmapps.render.safe import hidden

FORMAT = 1


def to_json(findings: Sequence[Finding]) -> str:
    """Every finding in its order, and whether nothing would stop an apply."""
    tree = {
        "formatVersion": FORMAT,
        "well": is_well(findings),
        "findings": [
            {"check": one.check, "level": str(one.level), "text": one.text, "hint": one.hint} for one in findings
        ],
    }
    return hidden(dumps(tree))
