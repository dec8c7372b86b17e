"""Markdown that stays harmless: names and messages are not ours, and may hold anything.

Untrusted text stands in code only, where GitHub links no @mention, no issue and no URL; text that could end a code
span, a table's cell or a tag is written with character references, which never are markup [CommonMark 2.5].
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from vmapps.render.safe import shown

RISKY = re.compile(r"[`|<]")
PLAIN = re.compile(r"[^A-Za-z0-9 _,;()+=/-]")


def code(text: str) -> str:
    """Untrusted text as code, on one line, at any place of a paragraph, list or table; "" stays empty."""
    safe = _on_one_line(text)
    if not safe:
        return ""
    return code_html(safe) if RISKY.search(safe) else f"`{safe}`"


def code_html(text: str) -> str:
    """The same as a tag: for places such as a summary, where Markdown is not read."""
    return f"<code>{PLAIN.sub(lambda found: f'&#{ord(found[0])};', _on_one_line(text))}</code>"


def _on_one_line(text: str) -> str:
    return shown(" ".join(text.split()))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table; the cells are Markdown already."""
    return [_line(head), _line(["---"] * len(head)), *map(_line, rows)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def details(summary: str, lines: Iterable[str]) -> list[str]:
    """Folded lines below a summary, which is HTML (`code_html`)."""
    return ["<details>", f"<summary>{summary}</summary>", "", *lines, "", "</details>"]


def paragraphs(parts: Iterable[Sequence[str]]) -> str:
    """Parts with an empty line between them."""
    return "\n".join("".join(f"{line}\n" for line in part) for part in parts if part)
