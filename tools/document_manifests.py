"""Writes docs/manifests.md from the schemas and the codes, so that the page cannot say what is not built."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vmapps.manifest.codes import CODES

REPOSITORY = Path(__file__).resolve().parent.parent
PAGE = REPOSITORY / "docs" / "manifests.md"
KINDS = ("project", "gallery", "gallery-application", "gallery-application-version", "vm-assignment")
HEAD = """# Manifests

<!-- Written by `make docs` from the schemas; edit those. -->

Documents in the shape of Kubernetes', any number a file: `apiVersion: vmapps/v1`, `kind`, `metadata.name`, `spec`.
Inside `spec`, a field that Azure has keeps Azure's name and shape. `${name}` in a value is one of the project's
`variables`. Paths of local files are relative to the manifest that names them. The schemas in [schemas/](../schemas)
help editors: `# yaml-language-server: $schema=…/schemas/manifest.json`.

`state: absent` is the reviewable removal: of a gallery, application or version it deletes the resource, of an entry it
takes the application from the machines. Only the name and what it belongs to are needed then. Once it is done, remove
the document or entry. What is merely no longer declared stays until `--prune`.

`dependsOn` says what has to be installed before, and becomes the entries' `order` on every machine. `followLatest`
leaves the version to Azure; `version: latest` is chosen by every plan, and shown by it.

A field marked *refused* is one that Azure has, and no use for here: using it is an error that says why.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD, *(_kind(json.loads((REPOSITORY / "schemas" / f"{name}.json").read_text())) for name in KINDS)]
    codes = "\n".join(f"| `{code}` | {meaning} |" for code, meaning in sorted(CODES.items()))
    return "\n".join([*parts, f"## Codes\n\nScripts may match on these.\n\n| code | meaning |\n|---|---|\n{codes}\n"])


def _kind(schema: dict[str, Any]) -> str:
    spec = schema["properties"]["spec"]
    rows = "\n".join(_fields(spec, schema, ""))
    head = f"## {schema['title']}\n\n{schema['description']}\n\n| field of `spec` | type | meaning |\n|---|---|---|"
    return f"{head}\n{rows}\n"


def _fields(node: dict[str, Any], schema: dict[str, Any], path: str) -> Iterator[str]:
    required = dict.fromkeys(node.get("required", ()), " (required)")
    required |= dict.fromkeys(node.get("else", {}).get("required", ()), f" (required unless {_condition(node)})")
    fields = node.get("properties", {}) or _alternatives(node, schema)
    for name, given in fields.items():
        field = _resolved(given, schema)
        here = f"{path}{name}"
        if field.get("not") == {} or given is False:
            yield f"| `{here}` | | *refused* |"
            continue
        star = required.get(name, "")
        meaning = " ".join(str(field.get("description", "")).split()).replace("|", "\\|")
        yield f"| `{here}` | {_type(field)} | {meaning}{star} |"
        if name == "not":
            continue  # what a selector leaves out is a selector again
        inner = _resolved(field.get("items", {}), schema) if field.get("type") == "array" else field
        yield from _fields(inner, schema, f"{here}[]." if field.get("type") == "array" else f"{here}.")


def _condition(node: dict[str, Any]) -> str:
    """When a field is not required, in the words of a manifest: `state: absent`."""
    case = node.get("if", {})
    fields = [item for one in case.get("anyOf", (case,)) for item in one.get("properties", {}).items()]
    return " or ".join(f"`{name}: {json.dumps(field['const']).strip(chr(34))}`" for name, field in fields)


def _alternatives(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The fields of a value that may have several shapes."""
    shapes = [_resolved(shape, schema) for key in ("oneOf", "anyOf", "allOf") for shape in node.get(key, ())]
    return {name: field for shape in shapes for name, field in shape.get("properties", {}).items()}


def _resolved(node: Any, schema: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(node, dict):
        return {"not": {}} if node is False else {}
    if "$ref" not in node:
        return node
    found: Any = schema
    for part in node["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return {**_resolved(found, schema), **{key: value for key, value in node.items() if key != "$ref"}}


def _type(field: dict[str, Any]) -> str:
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    kind = field.get("type", "")
    return (
        ", ".join(kind)
        if isinstance(kind, list)
        else {"array": "list", "object": "map", "string": "text"}.get(kind, kind)
    )


if __name__ == "__main__":
    sys.stdout.write(page())
