"""`--log-format json`: nothing but events leaves on stderr."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import jsonschema
import pytest

from cli.world import Commands
from render import cases
from vmapps.cli.json_lines import JsonLines
from vmapps.core.outcome import Abandoned
from vmapps.core.plan import Step
from vmapps.engine.stop import Stop
from vmapps.errors import Error
from vmapps.render import event_json

VALID = jsonschema.Draft202012Validator(json.loads(event_json.schema()))
EVERYTHING = cases.PLANS["everything"]


def texts(said: str) -> list[str]:
    """What was said; every line is an event."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in said.splitlines()]
    for line in lines:
        VALID.validate(line)
    assert len({line["run"] for line in lines}) <= 1
    return [line["text"] for line in lines]


def test_the_conversation_is_events(vmapps: Commands) -> None:
    before = sys.stderr
    said = vmapps("apply", "--yes", "-v", "--log-format", "json")
    assert (said.code, texts(said.err)[-1]) == (
        0,
        "[8/8] deleted - GalleryApplicationVersion/platform/base/1.2.0 (1.0 s)",
    )
    assert json.loads(said.err.splitlines()[0])["run"] == vmapps.world.common.run
    assert said.out.endswith("Applied 8.\n"), "the result is the result"
    assert sys.stderr is before
    assert not vmapps("apply", "--yes", "-v").err.startswith("{")


def test_so_are_errors_and_mistakes(vmapps: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VMAPPS_LOG_FORMAT", "json")
    vmapps.world.plan = Error("what was wrong")
    assert texts(vmapps("plan").err) == ["error: what was wrong"]
    assert texts(vmapps("plan", "--from", "x").err)[-1] == "Error: --from says from whom to --adopt: give both"


def test_so_is_a_stop(vmapps: Commands) -> None:
    def strike(step: Step, stop: Stop) -> None:
        stop.press()
        stop.press()

    vmapps.world.on_execute = strike
    vmapps.world.outcomes = {EVERYTHING.steps[0].id: Abandoned(in_flight=True)}
    said = vmapps("apply", "--yes", "--log-format", "json")
    assert texts(said.err) == ["Left at once. Azure may still be doing: nothing."]


def test_a_line_is_an_event_and_a_question_too() -> None:
    out = StringIO()
    lines = JsonLines(out, "r", lambda: datetime(2026, 11, 29, tzinfo=UTC))
    assert not lines.isatty()
    assert lines.write("one\ntwo\n\nApply?") == 15
    assert texts(out.getvalue()) == ["one", "two"]
    lines.flush()
    lines.flush()
    assert texts(out.getvalue()) == ["one", "two", "Apply?"]
    with pytest.raises(OSError, match="fileno"):
        lines.fileno()
