"""What an export comes to: documents with what they leave out, and what has no document at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vmapps.core.address import Address


@dataclass(frozen=True, slots=True)
class Piece:
    """One document of a file, in plain data, with what is said above it; None: only that is said there.

    `path` is the file, relative to the folder of manifests.
    """

    path: str
    document: Mapping[str, Any] | None
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """Something that no document says, and where that is so."""

    text: str
    where: tuple[Address, ...]


def merged(several: Iterable[Left]) -> tuple[Left, ...]:
    """Each text once, with all the places that it is said of, in the order of the texts."""
    found: dict[str, list[Address]] = defaultdict(list)
    for one in several:
        found[one.text].extend(one.where)
    return tuple(Left(text, tuple(sorted(found[text]))) for text in sorted(found))


@dataclass(frozen=True, slots=True)
class Export:
    """All the documents, in the order of their files; `left` is sorted by its text.

    `machines` counts those that an assignment names.
    """

    pieces: tuple[Piece, ...] = ()
    left: tuple[Left, ...] = ()
    machines: int = 0

    def count(self, kind: str) -> int:
        """How many documents of a kind there are."""
        return sum(one.document is not None and one.document["kind"] == kind for one in self.pieces)
