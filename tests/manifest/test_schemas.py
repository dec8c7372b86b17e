"""The published schemas are the ones that documents are checked against, and editors can use them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from vmapps.manifest.documents import SCHEMAS
from vmapps.manifest.publish import file_stem, publish, published
from vmapps.manifest.source import read

SCHEMA_FILES = Path(__file__).parents[2] / "schemas"
SAMPLE = Path(__file__).parent / "good" / "sample"


def test_the_published_schemas_are_fresh(tmp_path: Path) -> None:
    publish(tmp_path)
    for file in tmp_path.iterdir():
        hint = "run: python -m vmapps.manifest.publish schemas/"
        assert (SCHEMA_FILES / file.name).read_text(encoding="utf-8") == file.read_text(encoding="utf-8"), hint


def test_names_of_files() -> None:
    assert [file_stem(name) for name in published()] == [
        "project",
        "gallery",
        "gallery-application",
        "gallery-application-version",
        "vm-assignment",
        "manifest",
    ]


@pytest.mark.parametrize("name", published())
def test_a_published_schema_is_a_schema_without_our_notes(name: str) -> None:
    text = published()[name]
    Draft202012Validator.check_schema(json.loads(text))
    assert '"x-' not in text
    assert "vmapps-version" not in text


@pytest.mark.parametrize("file", sorted(SAMPLE.rglob("*.yaml")), ids=lambda path: path.stem)
def test_editors_accept_the_sample(file: Path) -> None:
    validator = Draft202012Validator(json.loads(published()["manifest"]))
    trees, _ = read(file.read_bytes(), file.name)
    for tree in trees:
        assert not list(validator.iter_errors(tree.value))


def objects(node: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Every schema of a map, with where it is."""
    if isinstance(node, list):
        return [found for at, item in enumerate(node) for found in objects(item, f"{path}/{at}")]
    if not isinstance(node, dict):
        return []
    own = [(path, node)] if node.get("type") == "object" else []
    return own + [found for name, item in node.items() for found in objects(item, f"{path}/{name}")]


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_map_is_closed_or_free_on_purpose(kind: str) -> None:
    for path, schema in objects(dict(SCHEMAS[kind])):
        assert "additionalProperties" in schema, path


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_field_is_described_for_editors(kind: str) -> None:
    for path, schema in objects(dict(SCHEMAS[kind])):
        for name, field in schema.get("properties", {}).items():
            is_said = "description" in field or "const" in field or "not" in field or "$ref" in field
            assert is_said, f"{path}/{name}"


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_rule_that_needs_words_has_them(kind: str) -> None:
    def walk(node: Any) -> None:
        if isinstance(node, list):
            for item in node:
                walk(item)
        elif isinstance(node, dict):
            if isinstance(node.get("pattern"), str) or isinstance(node.get("format"), str) or "oneOf" in node:
                assert node.get("x-must"), node
            for item in node.values():
                walk(item)

    walk({name: part for name, part in SCHEMAS[kind].items() if name != "$schema"})
