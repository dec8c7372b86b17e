"""Text from manifests and from Azure may hold anything: what is shown holds no control character and no signature."""

from __future__ import annotations

import json
import re

SIGNATURE = re.compile(r"(?i)(?:(?<![a-z0-9])|(?<=%3f)|(?<=%26))sig(?:=|%3d)[\w%+/=.~-]*")
HIDDEN = "[signature hidden]"


def hidden(text: str) -> str:
    """The text without the signature of a SAS, wherever one stands in it."""
    return SIGNATURE.sub(HIDDEN, text)


def shown(text: str) -> str:
    """The text on one line, harmless to a terminal.

    Control characters, ANSI escapes, bidi overrides, invisible characters and lone surrogates are spelled out.
    """
    text = hidden(text)
    return text if text.isprintable() else "".join(map(_spelled, text))


def quoted(text: str) -> str:
    """The text in double quotes, with quotes and backslashes escaped: what is inside is not ours."""
    return shown(json.dumps(hidden(text), ensure_ascii=False))


def _spelled(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
