"""A plan survives JSON and back, fits the published schema, and a file that is not one is refused in a sentence."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.cases import PLANS
from render.strategies import plans, values
from vmapps.core.plan import Plan, ProjectId
from vmapps.errors import SavedPlanUnusable
from vmapps.render.plan_json import from_json, schema, to_json
from vmapps.render.plan_tree import seal
from vmapps.render.value_json import value_of, value_tree

SCHEMA = jsonschema.Draft202012Validator(json.loads(schema()))
KEYS = [
    "formatVersion",
    "tool",
    "project",
    "options",
    "fingerprint",
    "steps",
    "notes",
    "diagnostics",
    "summary",
    "applyable",
]
STEP_KEYS = ["id", "address", "action", "because", "changes", "guest", "needs", "source", "wave", "onlyIf"]
EMPTY = Plan(ProjectId("p", "p.1", "sub"))


@given(plans)
def test_a_plan_survives_json_and_back(plan: Plan) -> None:
    text = to_json(plan)
    assert from_json(text) == plan
    assert to_json(from_json(text)) == text


@given(plans)
def test_a_plan_fits_the_published_schema(plan: Plan) -> None:
    SCHEMA.validate(json.loads(to_json(plan)))


@given(values)
def test_a_value_survives_json_and_back(value: Any) -> None:
    assert value_of(json.loads(json.dumps(value_tree(value)))) == value


@pytest.mark.parametrize("name", sorted(PLANS))
def test_the_keys_are_exactly_those_that_are_promised(name: str) -> None:
    tree = json.loads(to_json(PLANS[name]))
    assert list(tree) == KEYS
    assert all(list(step) == STEP_KEYS for step in tree["steps"])
    SCHEMA.validate(tree)


def test_the_schema_is_one_and_is_closed() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema()))
    tree = json.loads(to_json(EMPTY)) | {"extra": 1}
    assert not SCHEMA.is_valid(tree)


def test_the_published_schema_is_the_package_s_own() -> None:
    published = Path(__file__).parents[2] / "schemas" / "plan.json"
    assert published.read_text(encoding="utf-8") == schema()


def test_file_names_that_are_no_utf8_do_not_stop_it() -> None:
    plan = Plan(ProjectId("bad-\udcff", "o", "s"))
    assert "bad-\N{REPLACEMENT CHARACTER}" in to_json(plan)


def test_what_a_terminal_would_obey_is_escaped() -> None:
    text = to_json(Plan(ProjectId("a\x1b[0m\u202e\x9b\x7f", "o", "s")))
    assert not set("\x1b\u202e\x9b\x7f") & set(text)


def resealed(**changed: Any) -> str:
    """A plan's document with parts replaced, and a fingerprint that fits again."""
    tree = json.loads(to_json(PLANS["everything"])) | changed
    tree["fingerprint"]["plan"] = seal(tree)
    return json.dumps(tree)


def first_step(**changed: Any) -> str:
    tree = json.loads(to_json(PLANS["everything"]))
    return resealed(steps=[tree["steps"][0] | changed, *tree["steps"][1:]])


def seen(**changed: Any) -> str:
    tree = json.loads(to_json(PLANS["everything"]))
    objects = tree["fingerprint"]["objects"]
    objects[tree["steps"][0]["id"]] |= changed
    return resealed(fingerprint={"plan": "", "objects": objects})


UNUSABLE = {
    "": "not JSON",
    "{": "not JSON",
    "[]": "no formatVersion",
    "null": "no formatVersion",
    "{}": "no formatVersion",
    "[" * 100_000: "nested too deeply",
    '{"a":' * 100_000: "nested too deeply",
    "9" * 10_000: "not one",
    '{"formatVersion": 2}': "another format than 1",
    '{"formatVersion": true, "tool": 1}': "not made by vmapps",
    '{"formatVersion": 1}': "not made by vmapps",
    '{"formatVersion": 1, "tool": {"name": "other"}}': "not made by vmapps",
    '{"formatVersion": 1, "tool": {"name": "vmapps", "version": "0.0.1"}}': "another version than vmapps",
    to_json(EMPTY).replace('"sha256:', '"SHA256:'): "edited",
    to_json(EMPTY).replace('"applyable": false', '"applyable": true'): "edited",
    json.dumps({**json.loads(to_json(EMPTY)), "fingerprint": []}): "no fingerprint",
    resealed(applyable=False): "contradicts itself",
    resealed(summary={}): "contradicts itself",
    resealed(steps=[]): "fingerprints are not the same",
    resealed(steps={}): "Expected `array`",
    resealed(extra=1): "unknown field `extra`",
    resealed(notes=[{}]): "missing required field `code`",
    resealed(project={"name": 1, "owner": "", "subscription": ""}): "Expected `str`",
    first_step(action="explode"): "'explode' is no action",
    first_step(address="nothing"): "is not an address",
    first_step(source=["nowhere"]): "not one",
    first_step(changes=[{"path": "a", "before": None, "after": {"link": 1}}]): "a link must be text",
    first_step(changes=[{"path": "a", "before": None, "after": {"map": 1}}]): "a link must be text",
    first_step(changes=[{"path": "a..b", "before": None, "after": 1}]): "is not a field path",
    seen(resource="nothing"): "is not a resource id",
    seen(slots=[{"path": "a", "link": {"url": "u"}}]): "a slot is filled with a link",
    first_step(changes=[]): "an upload tells",
    first_step(action="upgrade"): "an upgrade tells",
    first_step(action="discard"): "a discard tells",
    to_json(EMPTY).replace('"notes": []', '"notes": 1e999'): "not one",
}


@pytest.mark.parametrize(("text", "why"), UNUSABLE.items(), ids=map(str, range(len(UNUSABLE))))
def test_what_is_not_a_plan_of_ours_is_refused_in_a_sentence(text: str, why: str) -> None:
    with pytest.raises(SavedPlanUnusable) as caught:
        from_json(text)
    assert why in str(caught.value)


hostile = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
def test_any_part_replaced_by_anything_is_refused_or_read(data: st.DataObject) -> None:
    tree = json.loads(to_json(PLANS["everything"]))
    here = tree
    while isinstance(here, (dict, list)) and here:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(here[key], (dict, list)) or not here[key] or data.draw(st.booleans()):
            here[key] = data.draw(hostile)
            break
        here = here[key]
    if data.draw(st.booleans()) and isinstance(tree["fingerprint"], dict):
        tree["fingerprint"]["plan"] = "sha256:" + "0" * 64
    with suppress(SavedPlanUnusable):
        from_json(json.dumps(tree))


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_refused(text: bytes) -> None:
    with pytest.raises(SavedPlanUnusable):
        from_json(text)
