"""YAML events to nodes: every node with its place, within limits, nothing constructed but plain data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from vmapps.core.diagnostic import Diagnostic, Span, error
from vmapps.manifest.scalars import Scalar, plain

MAX_DEPTH = 64
MAX_NODES = 100_000
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MERGE = "<<"
SYNTAX_HINTS = (
    ("cannot start any token", "indent with spaces, not tabs, and put text with special characters in quotes"),
    ("expected ',' or", "inside { } and [ ], text with special characters, such as ${name}, needs quotes"),
)


@dataclass(slots=True)
class Node:
    """A scalar (`value`), a list (`items`) or a map (`pairs`: key, its place, value). `size` counts what is below."""

    place: Span
    value: Scalar = None
    items: list[Node] | None = None
    pairs: list[tuple[str, Span, Node]] | None = None
    quoted: bool = False
    size: int = 1
    height: int = 1


class Unreadable(Exception):
    """The rest of a file cannot be read; the text is for the program, `diagnostic` for people."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.summary)
        self.diagnostic = diagnostic


@dataclass(slots=True)
class Reading:
    """One file being read: the anchors seen so far, the number of nodes, and what was wrong but survivable."""

    loader: yaml.CSafeLoader
    file: str
    anchors: dict[str, Node | None] = field(default_factory=dict)
    size: int = 0
    problems: list[Diagnostic] = field(default_factory=list)

    def next(self) -> yaml.Event:
        """The next event; the stream has one, or raises YAMLError."""
        event = self.loader.get_event()
        assert event is not None
        return event

    def place(self, mark: Any) -> Span:
        """Where an event stands."""
        return Span(self.file, mark.line + 1, mark.column + 1) if mark else Span(self.file)

    def grow(self, size: int, place: Span) -> None:
        """Count nodes; beyond the limit the file is given up, before its memory is."""
        self.size += size
        if self.size > MAX_NODES:
            hint = f"a manifest has at most {MAX_NODES} values, repeated ones counted each time"
            raise Unreadable(error("yaml-too-many-values", "this file has too many values", place, hint=hint))


def documents(reading: Reading) -> Iterator[Node]:
    """The root node of every document of a stream; raises Unreadable where the stream breaks off."""
    try:
        while reading.loader.check_event():
            event = reading.next()
            if isinstance(event, yaml.DocumentStartEvent):
                reading.anchors.clear()
                yield _node(reading, reading.next(), 1)
    except yaml.YAMLError as problem:
        raise Unreadable(_syntax(problem, reading)) from None


def _syntax(problem: yaml.YAMLError, reading: Reading) -> Diagnostic:
    mark = getattr(problem, "problem_mark", None)
    said = getattr(problem, "problem", None) or "it breaks a rule of the language"
    hint = next((hint for part, hint in SYNTAX_HINTS if part in said), "")
    return error("yaml-syntax", f"this is not valid YAML: {said}", reading.place(mark), hint=hint)


def _node(reading: Reading, event: yaml.Event, depth: int) -> Node:
    place = reading.place(event.start_mark)
    if depth > MAX_DEPTH:
        raise Unreadable(error("yaml-too-deep", f"the values are nested more than {MAX_DEPTH} deep", place))
    if isinstance(event, yaml.AliasEvent):
        return _alias(reading, event, place, depth)
    reading.grow(1, place)
    _refuse_tag(reading, event, place)
    if anchor := getattr(event, "anchor", None):
        reading.anchors[anchor] = None
    node = _fresh(reading, event, place, depth)
    if anchor:
        reading.anchors[anchor] = node
    return node


def _fresh(reading: Reading, event: yaml.Event, place: Span, depth: int) -> Node:
    if isinstance(event, yaml.SequenceStartEvent):
        return _list(reading, place, depth)
    if isinstance(event, yaml.MappingStartEvent):
        return _map(reading, place, depth)
    assert isinstance(event, yaml.ScalarEvent)
    return _scalar(reading, event, place)


def _alias(reading: Reading, event: yaml.AliasEvent, place: Span, depth: int) -> Node:
    """What an anchor stands for; its size is counted again, so that a small text cannot become a large value."""
    if event.anchor not in reading.anchors:
        raise Unreadable(error("yaml-syntax", f"nothing is anchored as '&{event.anchor}' before this", place))
    node = reading.anchors[event.anchor]
    if node is None:
        raise Unreadable(error("yaml-recursion", f"'*{event.anchor}' contains itself", place))
    if depth + node.height - 1 > MAX_DEPTH:
        raise Unreadable(error("yaml-too-deep", f"the values are nested more than {MAX_DEPTH} deep", place))
    reading.grow(node.size, place)
    return node


def _refuse_tag(reading: Reading, event: yaml.Event, place: Span) -> None:
    tag = getattr(event, "tag", None)
    if tag:
        hint = "write text in quotes; everything else needs no tag"
        reading.problems.append(error("yaml-tag", "YAML tags are not supported here", place, hint=hint))


def _scalar(reading: Reading, event: yaml.ScalarEvent, place: Span) -> Node:
    quoted = not event.implicit[0]
    if CONTROL.search(event.value):
        summary = "the text holds a control character"
        reading.problems.append(error("control-character", summary, place, hint="remove it"))
        return Node(place, "", quoted=True)
    try:
        return Node(place, event.value if quoted else plain(event.value), quoted=quoted)
    except ValueError as problem:
        reading.problems.append(error("yaml-number", str(problem), place, hint="if it is text, put it in quotes"))
        return Node(place, event.value, quoted=True)


def _list(reading: Reading, place: Span, depth: int) -> Node:
    node = Node(place, items=[])
    assert node.items is not None
    while not isinstance(event := reading.next(), yaml.SequenceEndEvent):
        child = _node(reading, event, depth + 1)
        node.items.append(child)
        _contain(node, child)
    return node


def _map(reading: Reading, place: Span, depth: int) -> Node:
    node = Node(place, pairs=[])
    assert node.pairs is not None
    known: dict[str, Span] = {}
    while not isinstance(event := reading.next(), yaml.MappingEndEvent):
        key = _node(reading, event, depth + 1)
        child = _node(reading, reading.next(), depth + 1)
        _contain(node, child)
        if problem := _key_problem(key, known):
            reading.problems.append(problem)
        else:
            known[str(key.value)] = key.place
            node.pairs.append((str(key.value), key.place, child))
    return node


def _key_problem(key: Node, known: dict[str, Span]) -> Diagnostic | None:
    if not isinstance(key.value, str):
        return error("yaml-key", "a key must be text", key.place, hint="put it in quotes")
    if key.value == MERGE and not key.quoted:
        hint = "write the fields out, or use versionDefaults"
        return error("yaml-merge", "merge keys (<<) are not supported", key.place, hint=hint)
    if key.value in known:
        first = known[key.value]
        summary = f"this key stands twice; the first is at line {first.line}"
        return error("duplicate-key", summary, key.place, hint="remove one of them")
    return None


def _contain(node: Node, child: Node) -> None:
    node.size += child.size
    node.height = max(node.height, child.height + 1)
