"""Events as lines: every kind of event is in the schema, and every word of the schema is an event."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from render import cases
from vmapps.core.action import VERBS
from vmapps.core.outcome import Abandoned, Applied, Failed, Outcome, Report, Skipped, Stale
from vmapps.core.verified import Answer
from vmapps.engine.events import (
    Ended,
    Event,
    Finished,
    Requested,
    Started,
    Stopping,
    Throttled,
    Verified,
    Waiting,
    nobody,
)
from vmapps.errors import Refused
from vmapps.render import event_json
from vmapps.render.report_text import COLOURS

SCHEMA = json.loads(event_json.schema())
VALID = jsonschema.Draft202012Validator(SCHEMA)
NOW, RUN = datetime(2026, 11, 29, 13, 0, 0, 999, timezone(timedelta(hours=1))), "r"
SPELLED = "2026-11-29T12:00:00.000Z"
STEP, SAS = cases.CREATE_GALLERY, "https://x/y?sig=C4N4RY"
OUTCOMES: list[Outcome] = [
    Applied(),
    Applied(changed=False),
    Applied(pending="off"),
    Failed(Refused(f"no {SAS}", scope=SAS, code="Conflict", request_id="r-1", hint="wait", status=409)),
    Skipped("x#1"),
    Stale("moved"),
    Abandoned(in_flight=True),
    Abandoned(in_flight=False, because_of="x#1"),
]
EVENTS: list[Event] = [
    Started(STEP),
    Started(cases.CREATE_APPLICATION),
    Waiting(STEP, 4.0),
    Throttled("Microsoft.Compute/UpdateVM", 15.0),
    Throttled("Microsoft.Compute/UpdateVM", 15.0, STEP, refused=True),
    Requested(STEP, "PUT", "/subscriptions/s", 201, 0.25, "a", "b", "c"),
    Requested(None, "GET", "/subscriptions/s", 0, 0.25),
    Verified(STEP, STEP.address, "", (Answer("nginx", "1.0.0", "failed", f"no {SAS}"), Answer("b", None, "removed"))),
    Verified(STEP, STEP.address, "3", ()),
    Stopping(),
    Stopping(STEP),
    *(Finished(STEP, outcome, 1.0) for outcome in OUTCOMES),
]
TREES = [
    event_json.run_started("apply"),
    event_json.message(f"Stopping {SAS}"),
    event_json.planned(cases.PLANS["everything"]),
    event_json.run_ended(0, Report(tuple((STEP, outcome) for outcome in OUTCOMES))),
    event_json.run_ended(1, None, "no"),
    event_json.finished(STEP, Abandoned(in_flight=False)),
    *(event_json.event_tree(event) for event in EVENTS),
]


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree["event"])
def test_every_event_is_a_line_of_the_schema_without_a_signature(tree: Any) -> None:
    line = event_json.line(NOW, RUN, tree)
    assert line.endswith("}\n")
    assert line.count("\n") == 1
    assert "C4N4RY" not in line
    VALID.validate(json.loads(line))
    assert line.startswith(f'{{"time":"{SPELLED}","run":"{RUN}","event":"{tree["event"]}"')


def test_the_schema_has_no_other_words() -> None:
    told = {tree["event"] for tree in TREES}
    assert told == set(SCHEMA["properties"]["event"]["enum"]) == {one["$ref"].split("/")[-1] for one in SCHEMA["oneOf"]}
    assert set(SCHEMA["$defs"]["action"]["enum"]) == set(VERBS.values())
    outcomes = SCHEMA["$defs"]["stepFinished"]["properties"]["outcome"]["enum"]
    assert {re.sub("[A-Z]", lambda one: f" {one[0].lower()}", name) for name in outcomes} == set(COLOURS)


def test_what_is_no_event_is_refused() -> None:
    for wrong in ({"event": "stepStarted"}, {"event": "other"}, {**event_json.run_started("apply"), "more": 1}):
        assert not VALID.is_valid({"time": SPELLED, "run": RUN, **wrong})


def test_the_end_is_told_with_its_exit_code_and_not_before() -> None:
    assert event_json.event_tree(Ended(Report(()))) is None
    nobody(Stopping())


def test_the_published_schema_is_the_same() -> None:
    published = Path(__file__).parents[2] / "schemas" / "events.json"
    assert published.read_text(encoding="utf-8") == event_json.schema(), "run 'make schemas'"
