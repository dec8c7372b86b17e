"""Markdown from names and messages that may hold anything."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given

from render.strategies import texts
from vmapps.render.markdown_text import code, code_html, details, paragraphs, table
from vmapps.render.safe import shown

SPAN = re.compile(r"`[^`|<\n]+`\Z")
TAG = re.compile(r"<code>((?:[A-Za-z0-9 _,;()+=/-]|&#\d+;)*)</code>\Z")
EVIL = [
    "a|b",
    "`x`",
    "``",
    "<img src=x>",
    "<!-- vmapps -->",
    "@octocat",
    "#1",
    "a\nb\n\n# heading",
    "https://example.com",
    "www.example.com",
    "\\",
    "\\|",
    "&lt;",
    "</code></details>",
    "*b* _i_ ~s~ [l](u) ![i](u)",
    ":tada:",
    "  ",
    "\u202e",
]


@pytest.mark.parametrize("text", EVIL)
def test_what_is_not_ours_stays_text(text: str) -> None:
    assert is_harmless(code(text))


@given(texts)
def test_whatever_it_is(text: str) -> None:
    assert is_harmless(code(text))
    assert TAG.match(code_html(text))


@given(texts)
def test_nothing_is_lost(text: str) -> None:
    told = code(text)
    found = TAG.match(told)
    inside = html.unescape(found[1]) if found else told.strip("`")
    assert inside == shown(" ".join(text.split()))


def is_harmless(told: str) -> bool:
    """A code span that nothing in it can end, or a tag with nothing but words and references in it."""
    return not told or bool(SPAN.match(told) or TAG.match(told))


def test_plain_names_stay_readable() -> None:
    assert code("platform/nginx 1.26.2") == "`platform/nginx 1.26.2`"
    assert code("") == ""


def test_the_watch_sees_harm() -> None:
    for text in ("`a` b", "a", "<code><b></code>", "`a|b`"):
        assert not is_harmless(text)


def test_a_table_and_folded_lines() -> None:
    assert table(["a", "b"], [["1", "2"]]) == ["| a | b |", "| --- | --- |", "| 1 | 2 |"]
    assert details("more", ["x"]) == ["<details>", "<summary>more</summary>", "", "x", "", "</details>"]
    assert paragraphs([["a", "b"], [], ["c"]]) == "a\nb\n\nc\n"
