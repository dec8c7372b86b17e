"""`vmapps status` for people, for machines and for pull requests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from render.golden import check
from render.stocks import LONG, ROWS, SHOP, STATUSES
from vmapps.core.status import Condition
from vmapps.render import status_json, status_markdown, status_text
from vmapps.render.status_words import groups

SCHEMA = jsonschema.Draft202012Validator(json.loads(status_json.schema()))


@pytest.mark.parametrize("name", sorted(STATUSES))
def test_texts(name: str) -> None:
    status = STATUSES[name]
    check(f"status-{name}", "status.txt", status_text.to_text(status))
    check(f"status-{name}", "status-verbose.txt", status_text.to_text(status, verbose=True))
    check(f"status-{name}", "status.md", status_markdown.to_markdown(status, **SHOP))
    check(f"status-{name}", "status.json", status_json.to_json(status))


def test_colours() -> None:
    check("colours", "status.txt", status_text.to_text(STATUSES["failed"], colour=True))


@pytest.mark.parametrize("name", sorted(STATUSES))
def test_the_document_is_what_its_schema_says(name: str) -> None:
    SCHEMA.validate(json.loads(status_json.to_json(STATUSES[name])))


def test_the_schema_is_one_and_published() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA.schema)
    published = Path(__file__).parents[2] / "schemas" / "status.json"
    assert published.read_text(encoding="utf-8") == status_json.schema()


def closed(node: Any) -> bool:
    if isinstance(node, list):
        return all(map(closed, node))
    if not isinstance(node, dict):
        return True
    return ("properties" not in node or node.get("additionalProperties") is False) and all(map(closed, node.values()))


def test_the_schema_names_every_field_and_every_state() -> None:
    assert closed(SCHEMA.schema)
    states = SCHEMA.schema["properties"]["rows"]["items"]["properties"]["state"]["enum"]
    assert states == list(Condition)


@pytest.mark.parametrize("width", [40, 60, 80, 132])
@pytest.mark.parametrize("name", ["everything", "failed", "well"])
def test_nothing_is_wider_than_the_terminal(name: str, width: int) -> None:
    """But for what cannot be folded: an address is never cut."""
    for verbose in (False, True):
        lines = status_text.to_text(STATUSES[name], width=width, verbose=verbose).splitlines()
        assert [line for line in lines if len(line) > width and " " in line.strip()] == []


def test_a_long_message_is_cut_with_its_length_unless_all_is_wanted() -> None:
    plain = " ".join(status_text.to_text(STATUSES["failed"]).split())
    assert "more characters; -v shows them)" in plain
    assert plain.count("command terminated,") < LONG.count("command terminated,")
    whole = " ".join(status_text.to_text(STATUSES["failed"], verbose=True).split())
    assert whole.count("command terminated,") == LONG.count("command terminated,")


def test_every_machine_is_in_exactly_one_group_an_application() -> None:
    told = [(name, subject) for group in groups(ROWS) for subject in group.subjects for name in group.applications]
    assert sorted(told) == sorted((f"{row.application} {row.version}", row.subject) for row in ROWS)


def test_equal_applications_of_equal_machines_are_one_group() -> None:
    [off] = [group for group in groups(ROWS) if group.row.condition is Condition.OFF]
    assert (off.applications, len(off.subjects)) == (("platform/nginx 1.26.2", "platform/base 1.4.0"), 2)
