"""Which machine has which version, and did it install, as a comment: a table first, the details folded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from vmapps.core.status import Condition, Status
from vmapps.render.comment import Block, bounded, comment, fenced
from vmapps.render.markdown_text import code, code_html, details, table
from vmapps.render.safe import shown
from vmapps.render.status_words import WELL_FIRST, Group, aside, by_application, footnotes, groups, headline
from vmapps.render.unread_markdown import unread_lines
from vmapps.render.width import listed

NAMED = 200
"""How many machines of a place are named: a whole fleet would leave no room for anything else."""


def to_markdown(status: Status, *, project: str, owner: str) -> str:
    """What could not be read and the numbers by application, then a folded block for each group of machines."""
    head = [
        [f"### Status of {code(project)}"],
        [f"**{headline(status)}**"],
        bounded(unread_lines(status.unread, status.unseen, status.closed)),
        _numbers(status),
        [f"- {note}" for note in footnotes(status)],
    ]
    blocks = [Block(tuple(_group(one)), len(one.subjects) * len(one.applications)) for one in groups(status.rows)]
    return comment("status", owner, head, blocks, noun="row")


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
    lines = [f"- {code(place)}" for place in listed(group.subjects, NAMED)]
    if row.message:
        who = "It was not read:" if row.condition is Condition.NOT_READ else "The guest says:"
        lines += ["", who, "", *fenced([shown(" ".join(row.message.split()))])]
    yield from details(summary, lines)
