"""Which machine has which version, and did it install, as Markdown: a table first, the details folded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from vmapps.core.status import Condition, Status
from vmapps.render.markdown_text import code, code_html, details, paragraphs, table
from vmapps.render.status_words import WELL_FIRST, Group, aside, by_application, footnotes, groups, headline
from vmapps.render.unread_markdown import unread_lines
from vmapps.render.width import listed


def to_markdown(status: Status) -> str:
    """Numbers by application, then a folded block for each group of machines that are alike."""
    notes = [f"- {note}" for note in footnotes(status)]
    unread = unread_lines(status.unread, status.unseen, status.closed)
    parts = [
        ["### Status", "", headline(status)],
        unread,
        _numbers(status),
        *(list(_group(group)) for group in groups(status.rows)),
        notes,
    ]
    return paragraphs(parts)


def _numbers(status: Status) -> list[str]:
    found = by_application(status.all_rows)
    there = [one for one in WELL_FIRST if any(row.condition is one for row in status.all_rows)]
    if not found:
        return []
    rows = []
    for (application, version), several in found.items():
        numbers = Counter(row.condition for row in several)
        rows.append([code(application), code(version), *(str(numbers[one] or "") for one in there)])
    return table(["application", "version", *there], rows)


def _group(group: Group) -> Iterator[str]:
    row = group.row
    more = f" ({code_html(aside(row))})" if aside(row) else ""
    summary = f"{row.condition} {', '.join(map(code_html, group.applications))}{more} on {group.where}"
    lines = [f"- {code(place)}" for place in listed(group.subjects, None)]
    if row.message:
        who = "It was not read" if row.condition is Condition.NOT_READ else "The guest says"
        lines += ["", f"{who}: {code(row.message)}"]
    yield from details(summary, lines)
