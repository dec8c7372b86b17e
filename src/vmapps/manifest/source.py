"""The bytes of a file as documents, with file, line and column for every value; any bytes give an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from vmapps.core.diagnostic import Diagnostic, Span, error
from vmapps.core.fields import Path
from vmapps.manifest.nodes import Node, Reading, Unreadable, documents

MAX_BYTES = 1024 * 1024
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
"""What YAML allows nowhere [YAML 1.2, 5.1]."""

TEMPLATE = "${"


@dataclass(frozen=True, slots=True)
class Tree:
    """One YAML document: a map of plain values.

    `spans` has the place of every value (of a map or list: of its key), `keys` that of every key. `templated` are
    the texts that hold `${`, and whether they were quoted.
    """

    value: dict[str, Any]
    start: Span
    spans: Mapping[Path, Span] = field(default_factory=dict)
    keys: Mapping[Path, Span] = field(default_factory=dict)
    templated: Mapping[Path, bool] = field(default_factory=dict)

    def span(self, path: Path) -> Span:
        """Where a value stands, or the nearest thing around it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.spans:
                return self.spans[path[:end]]
        return self.start


def read(data: bytes, file: str) -> tuple[tuple[Tree, ...], tuple[Diagnostic, ...]]:
    """The documents of a file and what is wrong with it; what comes before a broken place is still read."""
    text = _text(data, file)
    if isinstance(text, Diagnostic):
        return (), (text,)
    reading = Reading(yaml.CSafeLoader(text), file)
    trees: list[Tree] = []
    try:
        for root in documents(reading):
            trees.extend(_tree(root, reading.problems))
    except Unreadable as problem:
        reading.problems.append(problem.diagnostic)
    finally:
        reading.loader.dispose()
    return tuple(trees), tuple(reading.problems)


def _text(data: bytes, file: str) -> str | Diagnostic:
    if len(data) > MAX_BYTES:
        summary = f"this file has {len(data)} bytes, a manifest has at most {MAX_BYTES}"
        return error("file-too-large", summary, Span(file), hint="split it into several files")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        return error("not-utf-8", "this file is not UTF-8 text", Span(file, line), hint="save it as UTF-8")
    if found := FORBIDDEN.search(text):
        before = text[: found.start()]
        place = Span(file, before.count("\n") + 1, found.start() - (before.rfind("\n") + 1) + 1)
        summary = f"the character U+{ord(found[0]):04X} is not allowed in YAML"
        return error("control-character", summary, place, hint="remove it")
    return text


def _tree(root: Node, problems: list[Diagnostic]) -> list[Tree]:
    """The document under a root node; an empty document is none."""
    if root.items is None and root.pairs is None and root.value is None:
        return []
    if root.pairs is None:
        hint = "a document begins with 'apiVersion: vmapps/v1'"
        problems.append(error("not-a-document", "a document must be a map of fields", root.place, hint=hint))
        return []
    spans: dict[Path, Span] = {}
    keys: dict[Path, Span] = {}
    templated: dict[Path, bool] = {}
    value = _unfold(root, (), spans, keys, templated)
    return [Tree(value, root.place, spans, keys, templated)]


def _unfold(
    node: Node, path: Path, spans: dict[Path, Span], keys: dict[Path, Span], templated: dict[Path, bool]
) -> Any:
    """The plain value below a node; places are noted on the way."""
    if node.pairs is not None:
        inside = {}
        for name, place, child in node.pairs:
            here = (*path, name)
            keys[here] = place
            spans[here] = child.place if _is_written(child) else place
            inside[name] = _unfold(child, here, spans, keys, templated)
        return inside
    if node.items is not None:
        for at, child in enumerate(node.items):
            spans[(*path, str(at))] = child.place
        return [_unfold(child, (*path, str(at)), spans, keys, templated) for at, child in enumerate(node.items)]
    if isinstance(node.value, str) and TEMPLATE in node.value:
        templated[path] = node.quoted
    return node.value


def _is_written(node: Node) -> bool:
    return node.items is None and node.pairs is None and node.value is not None
