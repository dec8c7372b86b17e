"""JSON as vmapps writes it: the same bytes every time, harmless to a terminal."""

from __future__ import annotations

import json
import re
from typing import Any, TypeAlias

import msgspec

Tree: TypeAlias = Any
"""What JSON is made of: dicts, lists, text, numbers, booleans and None."""

UNSAFE = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
SURROGATE = re.compile("[\ud800-\udfff]")


def dumps(tree: Tree) -> str:
    """Indented by two, keys in the given order, text unescaped but for what a terminal would obey."""
    return msgspec.json.format(compact(tree), indent=2) + "\n"


def compact(tree: Tree, *, sort_keys: bool = False) -> str:
    """On one line; a lone surrogate (a file name that is no UTF-8) has no JSON and becomes a replacement character."""
    text = json.dumps(tree, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=sort_keys)
    if text.isascii() and "\x7f" not in text:
        return text
    return UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text))
