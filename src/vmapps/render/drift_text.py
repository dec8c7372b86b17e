"""Where live Azure is not what the manifests say, for people."""

from __future__ import annotations

from collections.abc import Iterator

from vmapps.core.drift import Drift, DriftItem
from vmapps.render.entry_text import entry_lines, is_entry
from vmapps.render.paint import Paint, painter
from vmapps.render.plan_text import note_lines
from vmapps.render.safe import shown
from vmapps.render.value_text import change_lines
from vmapps.render.words import count

COLOURS = {"changed": "yellow", "missing": "red", "dangling": "bold red"}
NONE = "No drift: live Azure is what the manifests say."


def to_text(drift: Drift, *, colour: bool = False, verbose: bool = False) -> str:
    """Each drifted object with its fields, live -> declared: the way a plan would repair it."""
    paint = painter(colour=colour)
    items = [line for item in drift.items for line in _item(item, paint, verbose=verbose)]
    parts = [items, note_lines(drift.notes, paint, verbose=verbose), [paint(summary_line(drift), "bold")]]
    return "\n".join("".join(f"{line}\n" for line in part) for part in parts if part)


def summary_line(drift: Drift) -> str:
    """How much has drifted, in one line."""
    if not drift.items:
        return NONE
    kinds = [item.kind for item in drift.items]
    told = ", ".join(f"{kinds.count(kind)} {shown(kind)}" for kind in sorted(set(kinds)))
    return f"Drift: {count(len(kinds), 'difference')} ({told}); fields are shown live -> declared."


def _item(item: DriftItem, paint: Paint, *, verbose: bool) -> Iterator[str]:
    yield f"{paint(shown(item.kind), COLOURS.get(item.kind, 'yellow'))} {shown(str(item.address))}: {shown(item.text)}"
    entries = [change for change in item.changes if is_entry(change)]
    fields = [change for change in item.changes if not is_entry(change)]
    yield from (f"  {line}" for line in entry_lines(entries, paint))
    yield from (f"  {line}" for line in change_lines(fields, paint, verbose=verbose))
