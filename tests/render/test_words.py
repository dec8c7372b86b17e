"""Small words."""

from __future__ import annotations

import pytest

from vmapps.render.safe import hidden, quoted, shown
from vmapps.render.words import count, heading, seconds, size, some


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("Gallery", "Galleries"),
        ("GalleryApplicationVersion", "Gallery application versions"),
        ("VirtualMachine", "Virtual machines"),
        ("VMAssignment", "VM assignments"),
        ("x", "Xs"),
        ("", ""),
    ],
)
def test_headings(kind: str, text: str) -> None:
    assert heading(kind) == text


def test_numbers_sizes_and_times() -> None:
    assert [count(1, "gallery"), count(0, "gallery"), count(2, "step")] == ["1 gallery", "0 galleries", "2 steps"]
    assert [size(0), size(1), size(1023), size(1536), size(5 * 2**40)] == [
        "0 bytes",
        "1 byte",
        "1023 bytes",
        "1.5 KiB",
        "5120.0 GiB",
    ]
    assert [seconds(0.04), seconds(12.4), seconds(185)] == ["0.0 s", "12 s", "3 min 5 s"]


def test_long_lists_say_how_much_they_leave_out() -> None:
    assert [some(["a", "b"], 2), some(["a", "b", "c"], 2)] == ["a, b", "a, b and 1 more (-v lists them)"]


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("a\u202eb", "a\\u202eb"),
        ("\U000e0041", "\\U000e0041"),
        ("\udcff", "\\udcff"),
        ("a\r\nb", "a\\x0d\\x0ab"),
        ("é 漢 🙂", "é 漢 🙂"),
    ],
)
def test_what_a_terminal_would_obey_is_spelled_out(text: str, safe: str) -> None:
    assert shown(text) == safe


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("https://h/b?sv=1&sig=abc%2B%3D&se=2", "https://h/b?sv=1&[signature hidden]&se=2"),
        ("SIG=abc", "[signature hidden]"),
        ("u=h%3Fsig%3Dabc", "u=h%3F[signature hidden]"),
        ("design=1", "design=1"),
    ],
)
def test_signatures_are_hidden(text: str, safe: str) -> None:
    assert hidden(text) == safe


def test_quotes() -> None:
    assert quoted('a"b\\c\n') == '"a\\"b\\\\c\\n"'
