"""Version numbers of applications: three int32 parts, compared as numbers [azure-facts 1.3]."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

Number: TypeAlias = tuple[int, int, int]
EXACT = re.compile(r"(0|[1-9]\d{0,9})\.(0|[1-9]\d{0,9})\.(0|[1-9]\d{0,9})", re.ASCII)
RANGE = re.compile(r"(0|[1-9]\d{0,9})\.(?:(0|[1-9]\d{0,9})\.)?x", re.ASCII)
LARGEST = 2**31 - 1

LATEST = "latest"
"""The highest version there is; Azure resolves the literal itself, and no version has this name [azure-facts 1.3]."""


def number(text: str) -> Number | None:
    """The three parts of an exact version; None when it is not one."""
    found = EXACT.fullmatch(text)
    if found is None or any(int(part) > LARGEST for part in found.groups()):
        return None
    return int(found[1]), int(found[2]), int(found[3])


def is_wish(text: str) -> bool:
    """Whether it is an exact version, a range such as `1.26.x` or `1.x`, or `latest`."""
    return text == LATEST or number(text) is not None or bool(_parts_of_range(text))


def pick(wish: str, candidates: Iterable[str]) -> str | None:
    """The highest candidate that the wish allows; for an exact version only that one."""
    allowed = [(found, text) for text in candidates if (found := number(text)) and admits(wish, found)]
    return max(allowed)[1] if allowed else None


def admits(wish: str, version: Number) -> bool:
    """Whether a wish allows a version."""
    if wish == LATEST:
        return True
    if exact := number(wish):
        return version == exact
    parts = _parts_of_range(wish)
    return bool(parts) and version[: len(parts)] == parts


def _parts_of_range(text: str) -> tuple[int, ...]:
    """The numbers that a range fixes; none when it is not one."""
    found = RANGE.fullmatch(text)
    parts = tuple(int(part) for part in found.groups() if part is not None) if found else ()
    return parts if all(part <= LARGEST for part in parts) else ()


def next_free(version: str, taken: Iterable[str]) -> str | None:
    """The lowest unused patch above all taken ones of the same major.minor; None when there is none left."""
    here = number(version)
    if here is None:
        return None
    patches = [found[2] for text in (version, *taken) if (found := number(text)) and found[:2] == here[:2]]
    patch = max(patches) + 1
    return f"{here[0]}.{here[1]}.{patch}" if patch <= LARGEST else None
