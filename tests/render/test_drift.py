"""`vmapps drift` for people, for machines and for pull requests."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from render.drifts import DRIFTS
from render.golden import check
from render.stocks import SHOP
from render.test_status import closed
from vmapps.core.drift import DriftClass
from vmapps.render import drift_json, drift_markdown, drift_text

SCHEMA = jsonschema.Draft202012Validator(json.loads(drift_json.schema()))


@pytest.mark.parametrize("name", sorted(DRIFTS))
def test_texts(name: str) -> None:
    drift = DRIFTS[name]
    check(f"drift-{name}", "drift.txt", drift_text.to_text(drift))
    check(f"drift-{name}", "drift-verbose.txt", drift_text.to_text(drift, verbose=True))
    check(f"drift-{name}", "drift.md", drift_markdown.to_markdown(drift, **SHOP))
    check(f"drift-{name}", "drift.json", drift_json.to_json(drift))


@pytest.mark.parametrize("name", sorted(DRIFTS))
def test_the_document_is_what_its_schema_says(name: str) -> None:
    SCHEMA.validate(json.loads(drift_json.to_json(DRIFTS[name])))


def test_the_schema_is_one_and_published() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA.schema)
    published = Path(__file__).parents[2] / "schemas" / "drift.json"
    assert published.read_text(encoding="utf-8") == drift_json.schema()
    assert closed(SCHEMA.schema)
    assert SCHEMA.schema["$defs"]["class"]["enum"] == list(DriftClass)


@pytest.mark.parametrize("name", ["apart", "none", "partly"])
def test_what_is_apart_is_no_drift(name: str) -> None:
    assert not DRIFTS[name].drifted
    assert json.loads(drift_json.to_json(DRIFTS[name]))["drifted"] is False
    assert drift_text.to_text(DRIFTS[name]).splitlines()[-1].startswith("No drift")


def test_a_part_never_looks_like_the_whole() -> None:
    assert "everything" not in drift_text.to_text(DRIFTS["none"])
    assert drift_text.to_text(DRIFTS["partly"]).endswith("not everything could.\n")
    assert drift_markdown.to_markdown(DRIFTS["partly"], **SHOP).count("Not read") == 3


def test_a_message_of_the_guest_folds_and_is_cut() -> None:
    text = drift_text.to_text(DRIFTS["everything"])
    assert max(len(line) for line in text.splitlines() if not line.startswith("  ")) <= 80
    assert "more characters; -v shows them)" in " ".join(text.split())
