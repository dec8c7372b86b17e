"""The schemas for editors: `python -m vmapps.manifest.publish schemas/` writes them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vmapps.manifest.documents import SCHEMAS

MANIFEST = "manifest"


def file_stem(kind: str) -> str:
    """`GalleryApplication` is published as gallery-application.json."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind).replace("VMA", "VM-A").lower()


def published() -> dict[str, str]:
    """The text of every schema: one per kind, by its name, and `manifest` for a document of any kind."""
    schemas = {kind: for_editors(schema) for kind, schema in SCHEMAS.items()} | {MANIFEST: _any_kind()}
    return {name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in schemas.items()}


def for_editors(node: Any) -> Any:
    """A schema without vmapps' own notes; what is refused says why as its description."""
    if isinstance(node, list):
        return [for_editors(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    kept = {name: for_editors(value) for name, value in node.items() if not _is_note(name, value)}
    if node.get("not") == {}:
        kept["description"] = node.get("x-refused", "It cannot be set.")
    return kept


def _is_note(name: str, value: Any) -> bool:
    return name.startswith("x-") or (name == "format" and str(value).startswith("vmapps-"))


def _any_kind() -> dict[str, Any]:
    """One schema that picks a kind's by its `kind`, so that an editor says one thing about one mistake."""
    definitions = {kind: _inlined(kind, for_editors(schema)) for kind, schema in SCHEMAS.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "vmapps manifest",
        "description": "A document of any kind that vmapps knows.",
        "oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in definitions],
        "$defs": definitions,
    }


def _inlined(kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A kind's schema as a definition: its own definitions are found below it."""
    moved = _repointed(schema, f"#/$defs/{kind}/$defs/")
    return {name: value for name, value in moved.items() if name != "$schema"}


def _repointed(node: Any, prefix: str) -> Any:
    if isinstance(node, list):
        return [_repointed(item, prefix) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        name: value.replace("#/$defs/", prefix) if name == "$ref" else _repointed(value, prefix)
        for name, value in node.items()
    }


def publish(folder: Path) -> None:
    """Write every schema into a folder; other files there stay."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in published().items():
        (folder / f"{file_stem(name)}.json").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    publish(Path(sys.argv[1]))
