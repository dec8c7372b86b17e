"""Where every word of a file stands, to the character: what an edit needs and loading does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import yaml

from vmapps.core.fields import Path

ANCHOR = re.compile(r"&\S+\s*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A value in a text, from character `start` to before `end`; `line` and `column` count from 1.

    Of a scalar `text` is its value (an anchor before it is left out of the place) and `style` its kind of quotes; of
    a map `pairs`, of a list `items`; an alias has none of them. A map or list in brackets (`is_flow`) begins and ends
    with them, any other one ends with its last word.
    """

    start: int
    end: int
    line: int
    column: int
    text: str | None = None
    style: str = ""
    is_flow: bool = False
    pairs: tuple[tuple[Piece, Piece], ...] | None = None
    items: tuple[Piece, ...] | None = None

    def at(self, path: Path) -> Piece | None:
        """What stands at a path below this piece; None when nothing does."""
        if not path:
            return self
        if self.items is not None:
            position = int(path[0]) if path[0].isdecimal() else len(self.items)
            return self.items[position].at(path[1:]) if position < len(self.items) else None
        found = next((value for key, value in self.pairs or () if key.text == path[0]), None)
        return found.at(path[1:]) if found is not None else None

    def key(self, name: str) -> Piece | None:
        """The key of that name in a map."""
        return next((key for key, _ in self.pairs or () if key.text == name), None)


@dataclass(frozen=True, slots=True)
class Page:
    """One document that is a map. `after` is where the next one may be put: before its marker, or the file's end."""

    root: Piece
    after: int


def pages(text: str) -> tuple[Page, ...]:
    """The documents of a text that is known to load; those that are empty are left out."""
    events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
    roots: list[Piece] = []
    starts: list[int] = []
    for event in events:
        mark = event.start_mark
        if isinstance(event, yaml.DocumentStartEvent):
            starts.append(mark.index)
            roots.append(_piece(text, next(events), events))
    afters = (*starts[1:], len(text))
    return tuple(Page(root, after) for root, after in zip(roots, afters, strict=True) if root.pairs is not None)


def _piece(text: str, event: Any, events: Iterator[Any]) -> Piece:
    mark, end = event.start_mark, event.end_mark.index
    match event:
        case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
            return _collection(text, event, events)
        case yaml.ScalarEvent():
            anchor = ANCHOR.match(text, mark.index) if event.anchor else None
            start = anchor.end() if anchor else mark.index
            return Piece(start, end, mark.line + 1, mark.column + 1, event.value, event.style or "")
        case _:
            return Piece(mark.index, end, mark.line + 1, mark.column + 1)


def _collection(text: str, event: Any, events: Iterator[Any]) -> Piece:
    mark, is_flow, inside = event.start_mark, bool(event.flow_style), []
    start = event.end_mark.index - 1 if is_flow else mark.index
    while not isinstance(one := next(events), yaml.CollectionEndEvent):
        inside.append(_piece(text, one, events))
    bracket: Any = one.end_mark
    end = bracket.index if is_flow else inside[-1].end
    whole = Piece(start, end, mark.line + 1, mark.column + 1, is_flow=is_flow)
    if isinstance(event, yaml.SequenceStartEvent):
        return replace(whole, items=tuple(inside))
    return replace(whole, pairs=tuple(zip(inside[::2], inside[1::2], strict=True)))
