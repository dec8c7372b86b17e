"""How a value of a manifest is quoted in a message: short, in one line, and never with a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from vmapps.core.fields import Path
from vmapps.core.resource import without_secrets

LONGEST = 60
SIGNED = re.compile(r"sig(?:=|%3d)[^&\s\"')]*", re.IGNORECASE)
SECRET = re.compile(r"sig=|://|sharedaccesssignature", re.IGNORECASE)


def shown(value: Any) -> str:
    """The value for a message; of what may be a URL only the part before its query."""
    text = "".join(one if one.isprintable() else repr(one)[1:-1] for one in str(value))
    if SECRET.search(text):
        text = without_secrets(text) if "://" in text else "…"
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def in_full(text: str) -> str:
    """A text of several words on one line, whatever it holds, and without a signature."""
    plain = "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
    return SIGNED.sub("sig=…", plain)


def shown_path(path: Path) -> str:
    """A path as people write it: `spec.targetRegions[0].name`."""
    text = ""
    for part in path:
        if part.isdigit():
            text += f"[{part}]"
        else:
            text += ("." if text else "") + shown(part)
    return text


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint with the nearest known word, or with all of them when they are few."""
    words = sorted(known)
    if len(word) > LONGEST:
        return ""
    by_lower = {one.lower(): one for one in words}
    near = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{by_lower[near[0]]}'?"
    return f"known: {', '.join(words)}" if 0 < len(words) <= 8 else ""
