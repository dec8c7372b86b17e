"""A result as a comment on a pull request: a hidden marker, the summary first, details folded, never too long."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vmapps.render.markdown_text import paragraphs
from vmapps.render.words import count

LONGEST = 65_536
"""Characters that a comment or an issue on GitHub may have."""

MOST, ROOM = 25, 10_000
"""Lines, and characters, of a list that always stands open; the rest of it is counted."""

Lines = Sequence[str]


@dataclass(frozen=True, slots=True)
class Block:
    """Folded lines, that may be left out when the comment gets too long; `steps` is how many they tell of."""

    lines: tuple[str, ...]
    steps: int = 1


def marker(what: str, owner: str) -> str:
    """The first line, which nobody sees: the comment that begins with it is the one to replace next time."""
    return f"<!-- vmapps {what} {re.sub(r'[^A-Za-z0-9._]+', '-', owner)} -->"


def comment(
    what: str,
    owner: str,
    head: Iterable[Lines],
    blocks: Sequence[Block],
    tail: Iterable[Lines] = (),
    *,
    noun: str = "step",
) -> str:
    """The whole, in at most `LONGEST` characters: blocks that find no room are counted, in words, at their place.

    `noun` is what a block tells of.
    """
    top = paragraphs([[marker(what, owner)], *head])
    bottom = paragraphs(tail)
    room = LONGEST - len(top) - len(bottom) - len(_left_out(blocks, noun)) - 4
    kept: list[Lines] = []
    for block in blocks:
        room -= len(paragraphs([block.lines])) + 1
        if room < 0:
            break
        kept.append(block.lines)
    left = blocks[len(kept) :]
    middle = paragraphs([*kept, [_left_out(left, noun)] if left else []])
    return "\n".join(part for part in (top, middle, bottom) if part)


def _left_out(blocks: Sequence[Block], noun: str) -> str:
    steps = sum(block.steps for block in blocks)
    what = f"{count(len(blocks), 'block')} of details ({count(steps, noun)})"
    return f"**Not shown: {what}**, because a comment may have {LONGEST:,} characters. The text output has all."


def bounded(lines: Sequence[str]) -> list[str]:
    """The first lines of a list that stands open, as many as there is room for, and how many there are besides."""
    kept: list[str] = []
    room = ROOM
    for line in lines[:MOST]:
        room -= len(line)
        if room < 0:
            break
        kept.append(line)
    left = len(lines) - len(kept)
    return [*kept, f"- and {left} more"] if left > 0 else kept


def fenced(lines: Sequence[str], language: str = "") -> list[str]:
    """Lines as they are, in which nothing is read as Markdown or HTML, whatever they hold."""
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    ticks = "`" * max(3, longest + 1)
    return [f"{ticks}{language}", *lines, ticks]
