"""Where live Azure is not what the manifests say, as Markdown: the numbers first, the details folded."""

from __future__ import annotations

from collections.abc import Iterator

from vmapps.core.drift import Drift, DriftClass
from vmapps.render.drift_words import Alike, alike, beside, counted, summary_line
from vmapps.render.markdown_text import code, code_html, details, paragraphs, table
from vmapps.render.paint import plain
from vmapps.render.unread_markdown import unread_lines
from vmapps.render.width import listed

LONGEST = 200
"""How much of a sentence stands in a summary: a guest's message may be long."""


def to_markdown(drift: Drift) -> str:
    """One line, a table of the classes, a folded block for each difference, then what is apart."""
    parts = [
        ["### Drift", "", summary_line(drift)],
        unread_lines(drift.unread, drift.unseen, drift.closed),
        _classes(drift),
        *(list(_alike(one)) for one in alike(drift.items, plain, verbose=True)),
        [f"- {line}" for line in beside(drift)],
        _ignored(drift),
    ]
    return paragraphs(parts)


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
    inside = [
        *([code(text)] if told != text else []),
        *(f"- {code(place)}" for place in (listed(one.subjects, None) if several else ())),
        *(f"- {code(line)}" for line in one.lines),
    ]
    if inside:
        where = one.where if several else code_html(one.where)
        yield from details(f"{item.cls} {where}: {code_html(told)}", inside)
    else:
        yield f"- {item.cls} {code(one.where)}: {code(text)}"


def _ignored(drift: Drift) -> list[str]:
    if not drift.ignored:
        return []
    lines = [
        f"- {one.item.cls} {code(one.item.subject)}: {code(one.item.text)} ({code(one.by)})" for one in drift.ignored
    ]
    return details(f"ignored: {counted(one.item for one in drift.ignored)}", lines)
