"""Documents as YAML that people like to read, and that reads back as the same documents."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from vmapps.core.exporting.result import Piece
from vmapps.manifest.documents import SCHEMAS
from vmapps.manifest.shown import in_full

WIDTH = 110
"""Columns of a comment."""

ENDLESS = 1 << 30
"""A command stays on one line, however long."""

HEAD = ("apiVersion", "kind", "metadata", "spec")
NUMBERS = re.compile(r"[0-9]+(\.[0-9]+)+")
"""Versions, which look like numbers to a quick eye."""

SEPARATOR = "---\n"


class Plain(yaml.SafeDumper):
    """Block style, with the items of a list set in from its name."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        """PyYAML's own puts a list's items under its name."""
        return super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    """Scripts as blocks, versions in quotes, everything else as plain as YAML 1.1 and 1.2 both allow."""
    style = '"' if _is_doubtful(value) else "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style)


def _is_doubtful(value: str) -> bool:
    """Whether YAML 1.2 and 1.1 may read a plain text as two things, or it holds what no eye can see."""
    is_visible = value.replace("\n", "").replace("\t", "").isprintable()
    return not is_visible or NUMBERS.fullmatch(value) is not None or _is_number(value)


def _is_number(value: str) -> bool:
    try:
        float(value.replace("_", ""))
    except ValueError:
        return False
    return True


Plain.add_representer(str, _text)


def text_of(pieces: Iterable[Piece]) -> str:
    """A file: its documents in their order, each with what is told above it."""
    text = ""
    for piece in pieces:
        if text and piece.document is not None:
            text += SEPARATOR
        text += "".join(f"{line}\n" for line in comment(piece.told))
        if piece.document is not None:
            text += document_text(piece.document)
    return text


def document_text(document: Mapping[str, Any]) -> str:
    """One document, its fields in the order of docs/manifests.md."""
    schema = SCHEMAS[document["kind"]]
    return str(
        yaml.dump(
            _arranged(document, schema, schema.get("$defs", {})),
            Dumper=Plain,
            sort_keys=False,
            allow_unicode=True,
            default_flow_style=False,
            width=ENDLESS,
        )
    )


def comment(told: Iterable[str]) -> list[str]:
    """What a document leaves out, as comment lines; whatever the texts hold, they stay comments and keep secrets."""
    found = [in_full(text) for text in told]
    if not found:
        return []
    wrap = textwrap.TextWrapper(
        WIDTH, initial_indent="# - ", subsequent_indent="#   ", break_long_words=False, break_on_hyphens=False
    )
    return ["# Not said here, or not as it is in Azure:", *(line for text in found for line in wrap.wrap(text))]


def _arranged(value: Any, shape: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    """A value with the fields of its maps in the order of the schema; fields it does not name come last, by name."""
    if "$ref" in shape:
        shape = {**definitions[shape["$ref"].rpartition("/")[2]], **shape}
    if isinstance(value, list):
        return [_arranged(one, shape.get("items", {}), definitions) for one in value]
    if not isinstance(value, Mapping):
        return value
    known = shape.get("properties", {})
    places = {name: at for at, name in enumerate(HEAD if "apiVersion" in value else known)}
    names = sorted(value, key=lambda name: (places.get(name, len(places)), name if name not in places else ""))
    return {name: _arranged(value[name], known.get(name, {}), definitions) for name in names}
