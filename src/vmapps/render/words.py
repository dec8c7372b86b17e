"""Numbers, sizes and times in words."""

from __future__ import annotations

import re
from collections.abc import Sequence


def count(number: int, noun: str) -> str:
    """`1 machine`, `2 machines`, `3 galleries`."""
    return f"{number} {noun if number == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """The English plural of the nouns that occur here."""
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def heading(kind: str) -> str:
    """A kind's name as the heading of a group: `GalleryApplication` -> `Gallery applications`."""
    first, *rest = re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^A-Z]+|[A-Z]+", kind) or [""]
    words = [first if first.isupper() else first.capitalize(), *(word.lower() for word in rest)]
    return plural(" ".join(words)) if first else kind


def some(names: Sequence[str], most: int) -> str:
    """`a, b, c and 4 more (-v lists them)`: the first `most` of the names."""
    left = len(names) - most
    return ", ".join(names[:most]) + (f" and {left} more (-v lists them)" if left > 0 else "")


def size(number: int) -> str:
    """A size in bytes for people: `4.2 MiB`."""
    amount, units = float(number), iter(("bytes", "KiB", "MiB", "GiB"))
    unit = next(units)
    while amount >= 1024 and unit != "GiB":
        amount, unit = amount / 1024, next(units)
    return count(number, "byte") if unit == "bytes" else f"{amount:.1f} {unit}"


def seconds(number: float) -> str:
    """A duration for people: `0.4 s`, `12 s`, `3 min 5 s`."""
    if number < 10:
        return f"{number:.1f} s"
    minutes, rest = divmod(round(number), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
