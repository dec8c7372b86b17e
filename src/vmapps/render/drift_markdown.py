"""Where live Azure is not what the manifests say, as a comment or an issue: the numbers first, the details folded."""

from __future__ import annotations

from collections.abc import Iterator

from vmapps.core.drift import Drift, DriftClass
from vmapps.render.comment import Block, bounded, comment, fenced
from vmapps.render.drift_words import LEGEND, Alike, alike, beside, counted, summary_line
from vmapps.render.markdown_text import code, code_html, details, paragraphs, table
from vmapps.render.paint import plain
from vmapps.render.unread_markdown import unread_lines
from vmapps.render.width import listed

LONGEST = 200
"""How much of a sentence stands in a summary: a guest's message may be long."""

NAMED = 200
"""How many machines of a place are named: a whole fleet would leave no room for anything else."""


def to_markdown(drift: Drift, *, project: str, owner: str) -> str:
    """A line, a table of the classes, what could not be read, then a block for each difference that finds room."""
    head = [
        [f"### Drift of {code(project)}"],
        [f"**{summary_line(drift).replace(LEGEND, '.')}**"],
        bounded(unread_lines(drift.unread, drift.unseen, drift.closed)),
        _classes(drift),
        [f"- {line}" for line in beside(drift)],
    ]
    several = alike(drift.items, plain, verbose=False)
    blocks = [Block(tuple(_alike(one)), len(one.subjects)) for one in several]
    return comment("drift", owner, head, [*blocks, *_ignored(drift)], noun="difference")


def _classes(drift: Drift) -> list[str]:
    if not drift.items:
        return []
    there = [one for one in DriftClass if any(item.cls is one for item in drift.items)]
    return table(there, [[str(sum(item.cls is one for item in drift.items)) for one in there]])


def _alike(one: Alike) -> Iterator[str]:
    """A line, or a folded block where there is more to say."""
    item, text = one.item, one.item.text
    several = len(one.subjects) > 1
    told = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    parts = [
        [code(text)] if told != text else [],
        [f"- {code(place)}" for place in (listed(one.subjects, NAMED) if several else ())],
        fenced(one.lines, "diff") if one.lines else [],
    ]
    inside = paragraphs(parts).splitlines()
    if inside:
        where = one.where if several else code_html(one.where)
        yield from details(f"{item.cls} {where}: {code_html(told)}", inside)
    else:
        yield f"- {item.cls} {code(one.where)}: {code(text)}"


def _ignored(drift: Drift) -> list[Block]:
    if not drift.ignored:
        return []
    found = [(one.item, one.by) for one in drift.ignored]
    lines = [f"- {item.cls} {code(item.subject)}: {code(item.text)} ({code(by)})" for item, by in found]
    summary = f"ignored: {counted(item for item, _ in found)}"
    return [Block(tuple(details(summary, bounded(lines))), len(found))]
