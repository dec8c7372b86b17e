"""Field values and their changes for people: short ones on one line, scripts and lists in a block."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from vmapps.core.action import Change
from vmapps.core.fields import Path, spelled
from vmapps.core.resource import Link, Value
from vmapps.render.paint import MARKS, Paint
from vmapps.render.safe import quoted, shown
from vmapps.render.words import count

SHORT = 88
LONGEST_LINE = 160
LONGEST_BLOCK = 12
WIDEST_LABEL = 40
SURROUNDINGS = ("properties", "publishingProfile")
DIGEST = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52}\b")
"""The name of a package in its store: twelve digits are enough for people, and what addresses show."""


def change_lines(changes: Sequence[Change], paint: Paint, *, verbose: bool) -> list[str]:
    """The changes of one resource: aligned `field: before -> after` lines, blocks below their field."""
    labels = [label(change.path) for change in changes]
    width = max((len(text) for text in labels if len(text) <= WIDEST_LABEL), default=0) + 1
    lines: list[str] = []
    for name, change in zip(labels, changes, strict=True):
        if _is_short(change.before) and _is_short(change.after):
            lines.append(f"{name + ':':<{width}} {_arrow(change, paint)}")
        else:
            lines += [f"{name}:", *(f"  {line}" for line in block(change, paint, verbose=verbose))]
    return lines


def label(path: Path) -> str:
    """A field's name as the manifests have it: without Azure's wrapping."""
    inner = list(path)
    for wrapping in SURROUNDINGS:
        if len(inner) > 1 and inner[0] == wrapping:
            inner.pop(0)
    return shown(spelled(tuple(inner)))


def compact(value: Value) -> str:
    """A value on one line."""
    match value:
        case Link():
            return quoted(DIGEST.sub(r"\1…", value.url))
        case str():
            return quoted(value)
        case list():
            return f"[{', '.join(map(compact, value))}]"
        case dict():
            return f"{{{', '.join(f'{shown(name)}: {compact(value[name])}' for name in _names(value))}}}"
        case _:
            return json.dumps(value)


def block(change: Change, paint: Paint, *, verbose: bool) -> Iterator[str]:
    """A long value line by line; of a changed one the lines that differ; cut, saying how much, unless verbose."""
    before, after = _lines(change.before), _lines(change.after)
    lines = list(_difference(before, after)) if before and after else [("-", line) for line in before]
    lines = lines or [("|", line) for line in after]
    room = len(lines) if verbose else LONGEST_BLOCK
    for mark, line in lines[:room]:
        yield paint(f"{mark} {_cut(line, verbose=verbose)}", MARKS.get(mark, "none"))
    if len(lines) > room:
        yield paint(f"… {count(len(lines) - room, 'more line')} (-v shows them)", "dim")


def _difference(before: list[str], after: list[str]) -> Iterator[tuple[str, str]]:
    """Both versions woven together; what did not change is counted."""
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield " ", f"({count(old_to - old_from, 'line')} unchanged)"
            continue
        yield from (("-", line) for line in before[old_from:old_to])
        yield from (("+", line) for line in after[new_from:new_to])


def _lines(value: Value) -> list[str]:
    match value:
        case None:
            return []
        case str():
            return [shown(line) for line in value.removesuffix("\n").split("\n")]
        case list():
            return [compact(item) for item in value] or ["[]"]
        case dict():
            return [f"{shown(name)}: {compact(value[name])}" for name in _names(value)] or ["{}"]
        case _:
            return [compact(value)]


def _names(value: Mapping[str, Value]) -> list[str]:
    """The keys of a map, `name` before all others."""
    return sorted(value, key=lambda key: (key != "name", key))


def _is_short(value: Value) -> bool:
    text = compact(value)
    return len(text) <= SHORT and not (isinstance(value, str) and "\n" in value)


def _arrow(change: Change, paint: Paint) -> str:
    if change.before is None:
        return paint(compact(change.after), "green")
    before = paint(compact(change.before), "red")
    return f"{before} -> {paint(compact(change.after), 'green')}" if change.after is not None else f"{before} -> (none)"


def _cut(line: str, *, verbose: bool) -> str:
    if verbose or len(line) <= LONGEST_LINE:
        return line
    return f"{line[:LONGEST_LINE]}… ({count(len(line) - LONGEST_LINE, 'more character')})"
