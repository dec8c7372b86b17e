"""Where live Azure is not what the manifests say, for people."""

from __future__ import annotations

from collections.abc import Iterator

from vmapps.core.drift import Drift, DriftClass
from vmapps.render.drift_words import Alike, alike, beside, summary_line
from vmapps.render.paint import Paint, painter
from vmapps.render.plan_text import note_lines
from vmapps.render.safe import shown
from vmapps.render.width import fold, listed, together

COLOURS = {
    DriftClass.CHANGED: "yellow",
    DriftClass.MISSING: "red",
    DriftClass.DANGLING: "bold red",
    DriftClass.FAILED: "bold red",
    DriftClass.ORPHANED: "dim",
}
NAMED = 8
"""How many machines of a place are named when nobody asks for all."""

LONGEST = 500
"""How much of a sentence is told when nobody asks for all: a guest's message may be long."""


def to_text(drift: Drift, *, colour: bool = False, verbose: bool = False, width: int = 80) -> str:
    """Each difference with its fields, live -> declared: the way a plan would repair it; equal ones as one.

    `verbose` lists every machine, every note and what is ignored.
    """
    paint = painter(colour=colour)
    items = [
        line
        for one in alike(drift.items, paint, verbose=verbose)
        for line in _alike(one, paint, verbose=verbose, width=width)
    ]
    notes = note_lines(drift.notes, paint, verbose=True) if verbose else []
    apart = [line for told in beside(drift) for line in fold(together(told), width)]
    summary = [paint(line, "bold") for line in fold(together(summary_line(drift)), width)]
    parts = [items, notes, _ignored(drift) if verbose else [], apart, summary]
    return "\n".join("".join(f"{line}\n" for line in part) for part in parts if part)


def _alike(one: Alike, paint: Paint, verbose: bool, width: int) -> Iterator[str]:
    item, several = one.item, len(one.subjects) > 1
    text = shown(item.text)
    if len(text) > LONGEST and not verbose:
        text = f"{text[:LONGEST]}… ({len(text) - LONGEST} more characters; -v shows them)"
    first, *rest = fold(f"{item.cls} {shown(one.where)}: {text}", width, hang=4)
    yield first.replace(item.cls, paint(item.cls, COLOURS[item.cls]), 1)
    yield from rest
    for place in listed(one.subjects, None if verbose else NAMED) if several else ():
        yield from fold(shown(place), width, indent=2)
    yield from (f"  {line}" for line in one.lines)


def _ignored(drift: Drift) -> list[str]:
    lines = (
        f"  {one.item.cls} {shown(one.item.subject)}: {shown(one.item.text)} [{shown(one.by)}]" for one in drift.ignored
    )
    return ["Ignored", *lines] if drift.ignored else []
