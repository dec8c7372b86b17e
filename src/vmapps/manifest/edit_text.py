"""One value of a file changed, added or renamed, one document put in; everything else stays byte for byte.

An edit is a splice of the text, not a new writing of what was read: comments, quotes, layout, line ends and the order
of keys are nobody's to lose. Each edit is read again, and refused where it would change anything else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from vmapps.core.fields import Path
from vmapps.errors import Error
from vmapps.manifest.edit_layout import Piece, pages
from vmapps.manifest.scalars import plain
from vmapps.manifest.source import read

BOM = "\ufeff"
PLAIN = re.compile(r"[A-Za-z0-9_./$][A-Za-z0-9_./+$@=-]*(?: [A-Za-z0-9_./+$@=-]+)*")
"""What needs no quotes anywhere in YAML, as far as it is not a number, `true` or `null`."""

BREAKS = re.compile("[\x7f\x85\u2028\u2029\ufeff]")
"""What YAML takes for a line break, or allows nowhere, and JSON leaves as it is."""


class Unclear(Error):
    """An edit that would change something else too."""


def changed(data: bytes, page: int, path: Path, value: str) -> bytes:
    """The file with one text in its place; `page` counts the documents that are not empty.

    Raises Unclear when the value cannot be changed alone, as one that an alias repeats.
    """
    text = _text(data)
    piece = pages(text)[page].root.at(path)
    if piece is None or piece.pairs is not None or piece.items is not None:
        raise Unclear("there is no single value to change")
    gap = " " if text[piece.start - 1] == ":" else ""
    end = line_end(data) if piece.style in ("|", ">") else ""  # a block text ends with its last line's end
    new = text[: piece.start] + gap + scalar(value, piece.style) + end + text[piece.end :]
    return _checked(data, new, page, path, value)


def added(data: bytes, page: int, path: Path, value: str | Mapping[str, str], after: str = "") -> bytes:
    """The file with one field more in a map that is there: a text or a map of texts, after another field or first."""
    text = _text(data)
    above = pages(text)[page].root.at(path[:-1])
    if above is None or above.pairs is None:
        raise Unclear("there is no map to add to")
    at, what = _insertion(text, above, above.key(after), path[-1], value)
    return _checked(data, text[:at] + what + text[at:], page, path, value)


def put(data: bytes, page: int, path: Path, value: str, after: str = "") -> bytes:
    """The file with one text at that path, changed or added."""
    if pages(_text(data))[page].root.at(path) is None:
        return added(data, page, path, value, after)
    return changed(data, page, path, value)


def removed(data: bytes, page: int, path: Path) -> bytes:
    """The file without one field of a map, and without the comment beside it."""
    text = _text(data)
    above = pages(text)[page].root.at(path[:-1])
    pairs = (above.pairs or ()) if above is not None else ()
    at = next((at for at, (key, _) in enumerate(pairs) if key.text == path[-1]), None)
    if above is None or at is None:
        raise Unclear("there is no field to remove")
    start, end = _in_line(pairs, at) if above.is_flow else _lines(text, *pairs[at])
    expected = deepcopy(values(data))
    del _holder(expected[page], path)[path[-1]]
    return _as_expected(_bytes(text[:start] + text[end:], data), expected)


def _in_line(pairs: tuple[tuple[Piece, Piece], ...], at: int) -> tuple[int, int]:
    """A field in brackets, with the comma that parts it from another one."""
    key, value = pairs[at]
    if at:
        return pairs[at - 1][1].end, value.end
    return key.start, pairs[1][0].start if len(pairs) > 1 else value.end


def _lines(text: str, key: Piece, value: Piece) -> tuple[int, int]:
    """The lines of a field that has lines of its own."""
    if value.style in ("|", ">"):
        return key.start - key.column + 1, value.end
    stop = re.compile(r"\r?\n|\r|\Z").search(text, max(value.end, key.end))
    assert stop is not None
    return key.start - key.column + 1, stop.end()


def renamed(data: bytes, page: int, path: Path, name: str) -> bytes:
    """The file with another name for one field."""
    text = _text(data)
    above = pages(text)[page].root.at(path[:-1])
    key = above.key(path[-1]) if above is not None else None
    if key is None:
        raise Unclear("there is no field to rename")
    new = _bytes(text[: key.start] + scalar(name, key.style) + text[key.end :], data)
    expected = deepcopy(values(data))
    holder = _holder(expected[page], path)
    holder[name] = holder.pop(path[-1])
    return _as_expected(new, expected)


def document(data: bytes, page: int) -> bytes:
    """The text of one document by itself, without its marker."""
    root = pages(_text(data))[page].root
    return _text(data)[root.start : root.end].rstrip("\r\n").encode() + line_end(data).encode()


def joined(data: bytes, page: int, new: bytes) -> bytes:
    """The file with a new document after one of its own."""
    text, end = _text(data), line_end(data)
    at = pages(text)[page].after
    before, behind = text[:at], text[at:]
    gap = "" if before.endswith(("\n", "\r")) else end
    whole = new.decode().replace("\r\n", "\n").replace("\n", end)
    old = values(data)
    expected = [*old[: page + 1], *values(new), *old[page + 1 :]]
    return _as_expected(_bytes(f"{before}{gap}---{end}{whole}{behind}", data), expected)


def values(data: bytes) -> list[Any]:
    """The documents of a file as plain values."""
    return [tree.value for tree in read(data, "")[0]]


def line_end(data: bytes) -> str:
    """How the lines of a file end, as far as its first one tells."""
    return "\r\n" if b"\r\n" in data[: data.find(b"\n") + 1] else "\n"


def scalar(value: str, style: str = "") -> str:
    """A text as YAML: in the quotes it had, or in those that it needs."""
    if style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if style != '"' and PLAIN.fullmatch(value) and _stays_text(value):
        return value
    return BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


def _stays_text(value: str) -> bool:
    try:
        return plain(value) == value
    except ValueError:
        return False


def _insertion(
    text: str, above: Piece, key: Piece | None, name: str, value: str | Mapping[str, str]
) -> tuple[int, str]:
    """Where a new field goes, and what is written there."""
    pairs = above.pairs or ()
    style = (key or pairs[0][0]).style if pairs else ""
    if not pairs:
        return above.start + 1, _field(name, value, style)
    behind = next((one for own, one in pairs if own is key), None)
    if above.is_flow:
        return _in_brackets(text, above, key, behind, _field(name, value, style))
    first = pairs[0][0]
    margin = " " * (first.column - 1)
    end = line_end(text.encode())
    field = _field(name, value, style, f"{end}{margin}  ")
    if behind is None or behind.style in ("|", ">") or (behind.end - behind.start and _is_block(behind)):
        return first.start, f"{field}{end}{margin}"
    stop = re.compile(r"\r|\n|\Z").search(text, max(behind.end, key.end if key else 0))
    assert stop is not None
    return stop.start(), f"{end}{margin}{field}"


def _field(name: str, value: str | Mapping[str, str], style: str, gap: str = "") -> str:
    """A field as text; a map of texts in brackets, or on lines of its own that each begin with `gap`."""
    if isinstance(value, str):
        return f"{scalar(name, style)}: {scalar(value, style)}"
    inside = [_field(key, text, style) for key, text in value.items()]
    whole = "".join(gap + one for one in inside) if gap else " {" + ", ".join(inside) + "}"
    return f"{scalar(name, style)}:{whole}"


def _is_block(piece: Piece) -> bool:
    return (piece.pairs is not None or piece.items is not None) and not piece.is_flow


def _in_brackets(text: str, above: Piece, key: Piece | None, behind: Piece | None, field: str) -> tuple[int, str]:
    """After a field of a map in brackets, or before its first one; on a line of its own where they have one."""
    first = (above.pairs or ())[0][0]
    own_line = "\n" in text[above.start : first.start]
    gap = line_end(text.encode()) + " " * (first.column - 1) if own_line else " "
    if key is None or behind is None:
        return first.start, f"{field},{gap}"
    return behind.end, f",{gap}{field}"


def _text(data: bytes) -> str:
    """The text of a file without its byte order mark: places are counted from there."""
    return data.decode("utf-8").removeprefix(BOM)


def _bytes(text: str, like: bytes) -> bytes:
    return (BOM.encode() if like.startswith(BOM.encode()) else b"") + text.encode()


def _checked(data: bytes, text: str, page: int, path: Path, value: str | Mapping[str, str]) -> bytes:
    expected = deepcopy(values(data))
    holder = _holder(expected[page], path)
    holder[int(path[-1]) if isinstance(holder, list) else path[-1]] = value if isinstance(value, str) else dict(value)
    return _as_expected(_bytes(text, data), expected)


def _holder(value: Any, path: Path) -> Any:
    for part in path[:-1]:
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def _as_expected(new: bytes, expected: list[Any]) -> bytes:
    """The new bytes, if they hold exactly what they should."""
    found, problems = read(new, "")
    if problems or [tree.value for tree in found] != expected:
        raise Unclear("it cannot be changed alone: an anchor or its layout ties it to something else")
    return new
