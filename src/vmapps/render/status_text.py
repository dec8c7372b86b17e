"""Which machine has which version, and did it install, for people: the numbers first, then what is not well."""

from __future__ import annotations

from collections.abc import Iterator

from vmapps.core.status import Condition, Status
from vmapps.render.paint import Paint, painter
from vmapps.render.safe import shown
from vmapps.render.status_words import Group, aside, by_application, counted, footnotes, groups, headline
from vmapps.render.width import fold, listed, together

COLOURS = {
    Condition.FAILED: "bold red",
    Condition.SKIPPED: "red",
    Condition.NOT_CONVERGED: "yellow",
    Condition.PENDING: "yellow",
    Condition.OFF: "dim",
    Condition.NOT_REPORTED: "yellow",
    Condition.NOT_READ: "yellow",
    Condition.INSTALLED: "green",
}
NAMED = 8
"""How many machines of a place are named when nobody asks for all."""

LONGEST = 400
"""How much of a guest's message is told when nobody asks for all."""


def to_text(status: Status, *, colour: bool = False, verbose: bool = False, width: int = 80) -> str:
    """Numbers, then equal rows folded into one; `verbose` lists every machine, and what is installed."""
    paint = painter(colour=colour)
    told = [
        line
        for group in groups(status.rows)
        if verbose or status.view.conditions or group.row.condition is not Condition.INSTALLED
        for line in _group(group, paint, verbose=verbose, width=width)
    ]
    notes = [line for note in footnotes(status) for line in fold(note, width, hang=0)]
    parts = [
        [paint(line, "bold") for line in fold(together(headline(status)), width)],
        _applications(status, width),
        told,
        notes,
    ]
    return "\n".join("".join(f"{line}\n" for line in part) for part in parts if part)


def _applications(status: Status, width: int) -> list[str]:
    """One line an application and version: how many machines are in which condition."""
    found = by_application(status.all_rows)
    names = {key: shown(" ".join(filter(None, key))) for key in found}
    widest = max((len(name) for name in names.values()), default=0)
    if widest > width // 2:
        return [line for key, rows in found.items() for line in fold(f"{names[key]}: {together(counted(rows))}", width)]
    return [
        line
        for key, rows in found.items()
        for line in fold(f"{names[key]:<{widest}}  {together(counted(rows))}", width, hang=widest + 2)
    ]


def _group(group: Group, paint: Paint, *, verbose: bool, width: int) -> Iterator[str]:
    row = group.row
    more = f" ({aside(row)})" if aside(row) else ""
    head = shown(f"{row.condition} {', '.join(group.applications)}{more} on {group.where}")
    first, *rest = fold(head, width)
    yield first.replace(row.condition, paint(row.condition, COLOURS[row.condition]), 1)
    yield from rest
    for place in listed(group.subjects, None if verbose else NAMED):
        yield from fold(shown(place), width, indent=2)
    if row.message:
        yield from (paint(line, "dim") for line in fold(_said(row.message, verbose=verbose), width, indent=4, cut=True))


def _said(message: str, *, verbose: bool) -> str:
    """The guest's words on one line, without an end that is too long."""
    text = shown(" ".join(message.split()))
    if verbose or len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}… ({len(text) - LONGEST} more characters; -v shows them)"
