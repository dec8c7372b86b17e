"""One value changed, everything else byte for byte what it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmapps.manifest.edit_layout import pages
from vmapps.manifest.edit_text import Unclear, added, changed, document, joined, put, removed, renamed, scalar, values
from vmapps.manifest.source import read

A = ("spec", "a")


@pytest.mark.parametrize(
    ("row", "before", "after"),
    [
        ("plain", "spec:\n  a: 1.0.0\n", "spec:\n  a: 2.0.0\n"),
        ("a comment behind", "spec:\n  a:   1.0.0   # why\n", "spec:\n  a:   2.0.0   # why\n"),
        ("double quotes", 'spec: {a: "1.0.0", b: x}\n', 'spec: {a: "2.0.0", b: x}\n'),
        ("single quotes", "spec: {'a': '1.0.0'}\n", "spec: {'a': '2.0.0'}\n"),
        ("Windows line ends", "spec:\r\n  a: 1.0.0\r\n", "spec:\r\n  a: 2.0.0\r\n"),
        ("no line end at all", "spec: {a: 1.0.0}", "spec: {a: 2.0.0}"),
        ("a byte order mark", "\ufeffspec: {a: 1.0.0}\n", "\ufeffspec: {a: 2.0.0}\n"),
        ("letters of every width", "spec: {é: 😀, a: 1.0.0}\n", "spec: {é: 😀, a: 2.0.0}\n"),
        ("an anchor that nobody uses", "spec:\n  a: &v 1.0.0\n", "spec:\n  a: &v 2.0.0\n"),
        ("an alias", "spec:\n  b: &v 1.0.0\n  a: *v\n", "spec:\n  b: &v 1.0.0\n  a: 2.0.0\n"),
        ("nothing there", "spec:\n  a: ''\n  b: 1\n", "spec:\n  a: '2.0.0'\n  b: 1\n"),
        ("a number", "spec: {a: 1}\n", "spec: {a: 2.0.0}\n"),
        ("nothing at all", "spec:\n  a:\n  b: 1\n", "spec:\n  a: 2.0.0\n  b: 1\n"),
        ("a block text", "spec:\n  a: |  # c\n    x\n    y\n  b: 1\n", "spec:\n  a: 2.0.0\n  b: 1\n"),
        ("a block text at the end", "spec:\n  a: >-\n    x\n    y\n", "spec:\n  a: 2.0.0\n"),
        ("a folded text", "spec:\n  a: 1.0\n    .0\n  b: 1\n", "spec:\n  a: 2.0.0\n  b: 1\n"),
    ],
)
def test_a_text_is_changed_in_its_place(row: str, before: str, after: str) -> None:
    assert changed(before.encode(), 0, A, "2.0.0").decode() == after


@pytest.mark.parametrize(
    ("row", "before", "path"),
    [
        ("an anchor that is used", "spec:\n  a: &v 1.0.0\n  b: *v\n", A),
        ("a value inside what is used twice", "x: &s {a: 1.0.0}\nspec: *s\n", ("x", "a")),
        ("a map", "spec: {a: {b: 1}}\n", A),
        ("not there", "spec: {b: 1}\n", A),
        ("below a text", "spec: x\n", A),
    ],
)
def test_what_cannot_be_changed_alone_is_refused(row: str, before: str, path: tuple[str, ...]) -> None:
    with pytest.raises(Unclear):
        changed(before.encode(), 0, path, "2.0.0")


@pytest.mark.parametrize(
    ("row", "before", "behind", "after"),
    [
        ("behind another", "s:\n  v: 1 # c\n  w: 2\n", "v", "s:\n  v: 1 # c\n  n: live\n  w: 2\n"),
        ("in a list", "s:\n- v: 1\n- x\n", "v", "s:\n- v: 1\n  n: live\n- x\n"),
        ("first", "s:\n  v: 1\n", "", "s:\n  n: live\n  v: 1\n"),
        ("first in a list", "s:\n- v: 1\n", "", "s:\n- n: live\n  v: 1\n"),
        ("at the file's end", "s:\n  v: 1", "v", "s:\n  v: 1\n  n: live"),
        ("behind nothing", "s:\n  v:\n", "v", "s:\n  v:\n  n: live\n"),
        ("behind a literal text", "s:\n  v: |\n    x\n  w: 1\n", "v", "s:\n  n: live\n  v: |\n    x\n  w: 1\n"),
        ("behind a map", "s:\n  v:\n    x: 1\n", "v", "s:\n  n: live\n  v:\n    x: 1\n"),
        ("behind brackets", "s:\n  v: {x: 1}\n", "v", "s:\n  v: {x: 1}\n  n: live\n"),
        ("in brackets", "s: {v: 1, w: 2}\n", "v", "s: {v: 1, n: live, w: 2}\n"),
        ("first in brackets", "s: {v: 1}\n", "", "s: {n: live, v: 1}\n"),
        ("in empty brackets", "s: {}\n", "", "s: {n: live}\n"),
        ("as JSON", '{"s": {\n  "v": "1"\n}}\n', "v", '{"s": {\n  "v": "1",\n  "n": "live"\n}}\n'),
        ("Windows line ends", "s:\r\n  v: 1\r\n  w: 2\r\n", "v", "s:\r\n  v: 1\r\n  n: live\r\n  w: 2\r\n"),
    ],
)
def test_a_field_is_added(row: str, before: str, behind: str, after: str) -> None:
    data = before.encode()
    path = ("s", "0", "n") if "- " in before else ("s", "n")
    assert added(data, 0, path, "live", behind).decode() == after
    assert put(data, 0, path, "live", behind).decode() == after
    assert put(after.encode(), 0, path, "live", behind).decode() == after


def test_a_field_is_renamed_and_keeps_its_value() -> None:
    data = b"s:\n  'old': {a: 1} # c\n  b: 2\n"
    assert renamed(data, 0, ("s", "old"), "new") == b"s:\n  'new': {a: 1} # c\n  b: 2\n"
    for path, name in ((("s", "none"), "new"), (("s", "old"), "b")):
        with pytest.raises(Unclear):
            renamed(data, 0, path, name)
    with pytest.raises(Unclear):
        added(b"s: x\n", 0, ("s", "n"), "1")


@pytest.mark.parametrize(
    ("row", "before", "after"),
    [
        ("a line", "s:\n  a: 1\n  x: 2 # c\n  b: 3\n", "s:\n  a: 1\n  b: 3\n"),
        ("the last line", "s:\n  a: 1\n  x: 2", "s:\n  a: 1\n"),
        ("Windows line ends", "s:\r\n  x: 2\r\n  b: 3\r\n", "s:\r\n  b: 3\r\n"),
        ("a block text", "s:\n  x: |\n    t\n  b: 3\n", "s:\n  b: 3\n"),
        ("a map", "s:\n  x:\n    y: [1]\n  b: 3\n", "s:\n  b: 3\n"),
        ("nothing", "s:\n  x:\n  b: 3\n", "s:\n  b: 3\n"),
        ("in brackets", "s: {a: 1, x: 2, b: 3}\n", "s: {a: 1, b: 3}\n"),
        ("first in brackets", "s: {x: 2, b: 3}\n", "s: {b: 3}\n"),
        ("alone in brackets", "s: { x: 2 }\n", "s: {  }\n"),
    ],
)
def test_a_field_is_removed(row: str, before: str, after: str) -> None:
    assert removed(before.encode(), 0, ("s", "x")).decode() == after


@pytest.mark.parametrize("before", ["s: {a: 1}\n", "s: x\n", "s:\n  x: 1\n", "s:\n- x: 1\n  b: 2\n"])
def test_a_field_that_cannot_be_removed_alone_is_refused(before: str) -> None:
    with pytest.raises(Unclear):
        removed(before.encode(), 0, ("s", "0", "x") if "- " in before else ("s", "x"))


TWO = b"# head\na: 1\n# foot\n---  # second\nb: 2\n"


@pytest.mark.parametrize(
    ("data", "page", "after"),
    [
        (TWO, 0, b"# head\na: 1\n# foot\n---\nc: 3\n---  # second\nb: 2\n"),
        (TWO, 1, TWO + b"---\nc: 3\n"),
        (b"a: 1", 0, b"a: 1\n---\nc: 3\n"),
        (b"a: 1\r\n", 0, b"a: 1\r\n---\r\nc: 3\r\n"),
        (b"a: 1\n...\n", 0, b"a: 1\n...\n---\nc: 3\n"),
        (b"---\n---\na: 1\n", 0, b"---\n---\na: 1\n---\nc: 3\n"),
        (b"%YAML 1.1\n---\na: 1\n", 0, b"%YAML 1.1\n---\na: 1\n---\nc: 3\n"),
    ],
)
def test_a_document_is_put_behind_another(data: bytes, page: int, after: bytes) -> None:
    assert joined(data, page, b"c: 3\n") == after


def test_the_text_of_one_document() -> None:
    assert document(TWO, 0) == b"a: 1\n"
    assert document(b"---\n" + TWO + b"  # end\n", 1) == b"b: 2\n"
    assert document(b"a: |\r\n  x\r\n  y\r\n# c\r\n---\r\nb: 1", 0) == b"a: |\r\n  x\r\n  y\r\n"


AWKWARD = [
    "1.0.0",
    "latest",
    "true",
    "12",
    "1.5",
    "1" * 30,
    "a: b",
    "#x",
    " x",
    "",
    "it's",
    'q"',
    "a\nb",
    "\u2028",
    "x\x85",
    "ünï",
    "~",
    "😀",
    "- x",
]


@pytest.mark.parametrize("value", AWKWARD)
@pytest.mark.parametrize("style", ["", "'", '"'])
def test_any_text_can_be_written(value: str, style: str) -> None:
    for text in (f"a: {scalar(value, style)}\n", f"a: [x, {scalar(value, style)}]\n"):
        (found,) = values(text.encode())
        assert found["a"] in (value, ["x", value])


names = st.text("abcxyz", min_size=1, max_size=4)
words = st.sampled_from(["1.0.0", "x", "a b", "'", '"', "#", ": ", "é😀", "", "- ", "${v}", "true", "{", "*", "&"])
comments = st.sampled_from(["", " # c", "   # what: 'this' {is}"])
ends = st.sampled_from(["\n", "\r\n"])
quotes = st.sampled_from(["", '"', "'"])


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, list[tuple[int, tuple[str, ...]]]]:
    """A file with documents in several layouts, and where its versions are."""
    end, text, places = draw(ends), draw(st.sampled_from(["", "\ufeff", "# head\n"])), []
    for page in range(draw(st.integers(1, 3))):
        text += f"---{draw(comments)}{end}" if page or draw(st.booleans()) else ""
        for name in sorted(draw(st.sets(names, min_size=1, max_size=3))):
            quote, comment, other = draw(quotes), draw(comments), scalar(draw(words), draw(quotes))
            version = f"{quote}{draw(st.integers(0, 99))}.0.1{quote}"
            match draw(st.integers(0, 3)):
                case 0:
                    text += f"{name}: {version}{comment}{end}"
                    places.append((page, (name,)))
                case 1:
                    text += f"{name}: {{o: {other}, v: {version}}}{comment}{end}"
                    places.append((page, (name, "v")))
                case 2:
                    text += f"{name}:{comment}{end}- o: {other}{end}  v: {version}{comment}{end}- {other}{end}"
                    places.append((page, (name, "0", "v")))
                case _:
                    text += f"{name}:{end}  o: |{end}    x{end}{end}    y{end}  v:   {version}{comment}{end}{end}"
                    places.append((page, (name, "v")))
    return text.encode(), places


@given(files(), st.data())
def test_only_that_value_changes_and_changed_back_it_is_the_same_file(
    written: tuple[bytes, list[tuple[int, tuple[str, ...]]]], data: st.DataObject
) -> None:
    before, places = written
    page, path = data.draw(st.sampled_from(places))
    old = pages(before.decode().removeprefix("\ufeff"))[page].root.at(path)
    assert old is not None
    assert old.text is not None
    after = changed(before, page, path, "123.4.5")
    assert len(after) - len(before) == len("123.4.5") - len(old.text)
    trees, problems = read(after, "f")
    assert not problems
    for number, tree in enumerate(trees):
        found = tree.value
        for part in path[:-1] if number == page else ():
            found = found[int(part)] if isinstance(found, list) else found[part]
        if number == page:
            assert found[path[-1]] == "123.4.5"
            found[path[-1]] = old.text
    assert [tree.value for tree in trees] == values(before)
    assert changed(after, page, path, old.text) == before


@given(files(), st.data())
def test_what_is_put_in_is_all_that_is_new(
    written: tuple[bytes, list[tuple[int, tuple[str, ...]]]], data: st.DataObject
) -> None:
    """A field beside any version, and a document behind any other: the rest is there, byte for byte."""
    before, places = written
    page, path = data.draw(st.sampled_from(places))
    beside = added(before, page, (*path[:-1], "new"), "live", after=path[-1])
    behind = joined(before, page, b"new: live\n")
    for after in (beside, behind):
        start = next((at for at, (one, two) in enumerate(zip(before, after, strict=False)) if one != two), len(before))
        assert before[start:] == after[len(after) - len(before) + start :]
    assert len(values(behind)) == len(values(before)) + 1
