"""YAML with places: what a plain scalar means, where everything stands, and that no bytes are too strange."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manifest.projects import APPLICATION, PROJECT, diagnostics, write
from vmapps.core.diagnostic import Span
from vmapps.manifest.scalars import plain
from vmapps.manifest.source import read

PLAIN = {
    "": None,
    "~": None,
    "null": None,
    "true": True,
    "FALSE": False,
    "yes": "yes",
    "no": "no",
    "on": "on",
    "0": 0,
    "-12": -12,
    "010": "010",
    "1_000": "1_000",
    "1:30": "1:30",
    "0x10": "0x10",
    "1.5": 1.5,
    "1.": 1.0,
    "1e3": "1e3",
    "1.26.2": "1.26.2",
    "2027-12-31": "2027-12-31",
}


@pytest.mark.parametrize("text", PLAIN)
def test_what_a_plain_scalar_means(text: str) -> None:
    value = plain(text)
    assert (value, type(value)) == (PLAIN[text], type(PLAIN[text]))


@pytest.mark.parametrize("text", ["1" * 19, "-" + "1" * 5000, ".nan", ".NaN", "-.inf", ".INF"])
def test_numbers_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        plain(text)


def test_every_value_has_its_place() -> None:
    text = "a: 1\nb:\n  c:\n    - x\n    - d: y\n      é: {f: g}\n  h:\n"
    (tree,), problems = read(text.encode(), "f.yaml")
    assert not problems
    lines = text.splitlines()
    for path, word in {("a",): "1", ("b", "c"): "c", ("b", "c", "0"): "x", ("b", "c", "1", "d"): "y"}.items():
        assert lines[tree.spans[path].line - 1][tree.spans[path].column - 1 :].startswith(word)
    assert tree.spans["b", "c", "1", "é", "f"] == Span("f.yaml", 6, 14)
    assert tree.spans[("b", "h")] == tree.keys[("b", "h")] == Span("f.yaml", 7, 3)


def test_an_alias_points_to_its_anchor() -> None:
    (tree,), problems = read(b"a: &x [1, 2]\nb: *x\nc: {d: *x}\n", "f")
    assert not problems
    assert tree.value == {"a": [1, 2], "b": [1, 2], "c": {"d": [1, 2]}}
    assert tree.value["a"] is not tree.value["b"]
    assert tree.spans["c", "d", "1"] == Span("f", 1, 11)


def test_anchors_end_with_their_document() -> None:
    _, problems = read(b"a: &x 1\n---\nb: *x\n", "f")
    assert [problem.code for problem in problems] == ["yaml-syntax"]


def test_what_comes_before_a_broken_place_is_read() -> None:
    trees, problems = read(b"a: 1\n---\nb: [\n", "f")
    assert [tree.value for tree in trees] == [{"a": 1}]
    assert [problem.code for problem in problems] == ["yaml-syntax"]


HOSTILE = {
    "brackets": b"[" * 200_000,
    "braces": b"{" * 200_000,
    "dashes": b"- " * 200_000,
    "questions": b"? " * 200_000,
    "anchors": b"".join(b"- &a%d x\n" % at for at in range(60_000)),
    "many values": b"[" + b"a," * 200_000 + b"]",
    "a long word": b"a" * 1_000_000,
    "a long key": b"a" * 2000 + b": b\n",
    "quotes": b"'" * 100_001,
    "many documents": b"---\na: 1\n" * 30_000,
    "directives": b"%YAML 9.9\n---\na: 1\n",
    "tag directives": b"%TAG ! tag:x,2000:\n---\n!a b: c\n",
    "billion laughs": b"a: &a [x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 9)) for c in range(98, 110)),
    "deep aliases": b"a: &a [x]\n"
    + b"".join(b"b%d: &b%d [*%s]\n" % (i, i, b"a" if i == 0 else b"b%d" % (i - 1)) for i in range(99)),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.timeout(20)
def test_hostile_files_get_an_answer(name: str) -> None:
    trees, problems = read(HOSTILE[name], "f")
    assert trees or problems


@given(st.binary(max_size=400))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    _, problems = read(data, "f")
    assert all(problem.is_error and problem.span for problem in problems)


YAMLISH = st.text(alphabet="ab: -[]{}&*!|>'\"#%@`,?\n\t${}~0.1<é\u2028\r", max_size=60)


@given(YAMLISH)
@settings(max_examples=400)
def test_any_text_gets_an_answer(text: str) -> None:
    trees, problems = read(text.encode(), "f")
    lines = text.count("\n") + text.count("\r") + text.count("\u2028") + 1
    assert all(problem.span is not None and 1 <= problem.span.line <= lines + 1 for problem in problems)
    assert all(isinstance(tree.value, dict) for tree in trees)


@given(st.one_of(st.binary(max_size=200), YAMLISH.map(str.encode)), st.integers(0, 2))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_in_a_project_are_problems_or_nothing(tmp_path: Path, data: bytes, where: int) -> None:
    whole = (PROJECT + APPLICATION).encode()
    at = [0, whole.find(b"\nspec") + 7, len(whole)][where]
    write(tmp_path, {"vmapps.yaml": whole[:at] + data + whole[at:]})
    for one in diagnostics(tmp_path):
        assert str(one)
