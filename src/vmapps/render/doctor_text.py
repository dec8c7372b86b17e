"""What doctor found, for people: a line each, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from vmapps.core.doctor import Finding, Level
from vmapps.render.paint import painter
from vmapps.render.safe import shown

COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.ERROR: "red"}


def to_text(findings: Sequence[Finding], *, colour: bool = False, quiet: bool = False) -> str:
    """Every finding with its hint, and how many there are of each kind; `quiet` leaves out what is well."""
    paint = painter(colour=colour)
    lines = []
    for one in findings:
        if quiet and one.level is Level.OK:
            continue
        lines.append(f"{paint(f'{one.level:<7}', COLOURS[one.level])} {one.check}: {shown(one.text)}")
        if one.hint:
            lines.append(f"        -> {shown(one.hint)}")
    counts = [f"{sum(one.level is level for one in findings)} {level}" for level in Level]
    return "\n".join([*lines, f"Doctor: {', '.join(counts)}.", ""])
