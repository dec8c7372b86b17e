"""What an unquoted YAML scalar means: the core schema of YAML 1.2, in which `no` is text and `010` is not eight."""

from __future__ import annotations

import re
from typing import TypeAlias

Scalar: TypeAlias = "str | int | float | bool | None"

WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?")
NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
LONGEST = 18
"""Digits of a number that every reader of JSON keeps."""


def plain(text: str) -> Scalar:
    """The value of an unquoted scalar; a date stays text. Raises ValueError for a number that is none."""
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        if len(text) > LONGEST:
            raise ValueError("this number is too long")
        return int(text)
    if NO_NUMBER.fullmatch(text):
        raise ValueError(f"'{text}' is not a number")
    if DECIMAL.fullmatch(text):
        return float(text[: LONGEST * 2])
    return text
