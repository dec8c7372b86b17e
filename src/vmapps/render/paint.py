"""Colours, only when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Paint: TypeAlias = Callable[[str, str], str]
"""Text and the name of a style in, the same text with or without colour out."""

GLYPHS = {
    "upload": ">",
    "create": "+",
    "update": "~",
    "assign": "~",
    "upgrade": "^",
    "verify": "?",
    "delete": "-",
    "discard": "-",
}
COLOURS = {
    "upload": "cyan",
    "create": "green",
    "update": "yellow",
    "assign": "yellow",
    "upgrade": "yellow",
    "verify": "cyan",
    "delete": "red",
    "discard": "red",
}
MARKS = {"+": "green", "-": "red", "~": "yellow"}


def plain(text: str, _style: str) -> str:
    """No colour."""
    return text


def coloured(text: str, style: str) -> str:
    """The text in a style of rich's, such as `bold red`, for a terminal of sixteen colours."""
    from rich.color import ColorSystem
    from rich.style import Style

    return Style.parse(style).render(text, color_system=ColorSystem.STANDARD)


def painter(*, colour: bool) -> Paint:
    """How to paint."""
    return coloured if colour else plain


def glyph(verb: str, paint: Paint) -> str:
    """The sign of an action."""
    return paint(GLYPHS[verb], COLOURS[verb])
