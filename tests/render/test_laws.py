"""Whatever a value holds: rendering never raises, and nothing harmful or secret comes out."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from render.stocks import SHOP
from render.strategies import diagnostics, drifts, explanations, plans, reports, statuses, texts, values
from vmapps.core.action import Change
from vmapps.core.diagnostic import Diagnostic
from vmapps.core.drift import Drift
from vmapps.core.explain import Explanation
from vmapps.core.outcome import Report
from vmapps.core.plan import Plan
from vmapps.core.status import Status
from vmapps.render import (
    diagnostics_json,
    diagnostics_text,
    drift_json,
    drift_markdown,
    drift_text,
    explain_json,
    explain_text,
    plan_text,
    report_json,
    report_text,
    status_json,
    status_markdown,
    status_text,
)
from vmapps.render.json_text import UNSAFE
from vmapps.render.paint import plain
from vmapps.render.safe import quoted, shown
from vmapps.render.step_text import folded
from vmapps.render.value_text import change_lines

SIGNATURE = re.compile(r"(?i)[?&]sig=")
OURS = "\n…"


def harmless(text: str) -> bool:
    """No character that a terminal obeys, and no signature."""
    return all(one.isprintable() or one in OURS for one in text) and not SIGNATURE.search(text)


@given(plans, st.booleans())
def test_plans(plan: Plan, verbose: bool) -> None:
    text = plan_text.to_text(plan, verbose=verbose)
    assert harmless(text)
    assert text.endswith("\n")
    assert "\n\n\n" not in text


@given(plans)
def test_colours_add_only_colours(plan: Plan) -> None:
    coloured = plan_text.to_text(plan, colour=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plan_text.to_text(plan)


@given(explanations, st.booleans())
def test_explanations(told: Explanation, verbose: bool) -> None:
    text = explain_text.to_text(told, verbose=verbose)
    assert harmless(text)
    assert re.sub(r"\x1b\[[0-9;]*m", "", explain_text.to_text(told, colour=True, verbose=verbose)) == text
    document = explain_json.to_json(told)
    assert not UNSAFE.search(document)
    assert not SIGNATURE.search(document)
    assert len(json.loads(document)["explained"]) == len(told.found)


@given(plans, st.booleans())
def test_a_fold_tells_every_step_once_and_first_things_first(plan: Plan, verbose: bool) -> None:
    folds = folded(plan.steps, plain, verbose=verbose)
    told = [address for fold in folds for address in (fold.step.address, *fold.others)]
    assert sorted(told) == sorted(step.address for step in plan.steps)
    firsts = [fold.step for fold in folds]
    for step in firsts:
        ours = [one for one in firsts if one.address == step.address]
        assert ours == [one for one in plan.steps if one in ours]


@given(reports, st.booleans())
def test_reports(report: Report, quiet: bool) -> None:
    assert harmless(report_text.to_text(report, quiet=quiet))
    text = report_json.to_json(report)
    assert not UNSAFE.search(text)
    assert not SIGNATURE.search(text)
    tree = json.loads(text)
    assert sum(tree["summary"].values()) == len(report.results)


@given(statuses, st.booleans(), st.integers(40, 100))
def test_statuses(status: Status, verbose: bool, width: int) -> None:
    text = status_text.to_text(status, verbose=verbose, width=width)
    assert harmless(text)
    assert "\n\n\n" not in text
    assert harmless(status_markdown.to_markdown(status, **SHOP))
    document = status_json.to_json(status)
    assert len(json.loads(document)["rows"]) == len(status.rows)
    assert not SIGNATURE.search(document)


@given(drifts, st.booleans())
def test_drifts(drift: Drift, verbose: bool) -> None:
    assert harmless(drift_text.to_text(drift, verbose=verbose))
    assert harmless(drift_markdown.to_markdown(drift, **SHOP))
    assert len(json.loads(drift_json.to_json(drift))["drift"]) == len(drift.items)


@given(st.lists(diagnostics, max_size=5))
def test_diagnostics(found: list[Diagnostic]) -> None:
    text = diagnostics_text.to_text(found)
    assert harmless(text)
    assert len(text.splitlines()) == len(set(found)) + 1
    assert json.loads(diagnostics_json.to_json(found))["valid"] == (not any(one.is_error for one in found))


@given(st.text(st.characters(), max_size=50))
def test_a_text_is_shown_on_one_harmless_line(text: str) -> None:
    assert harmless(shown(text))
    assert "\n" not in shown(text)


@given(texts)
def test_quotes_cannot_be_broken_out_of(text: str) -> None:
    inside = quoted(text)[1:-1]
    assert not re.search(r'(?<!\\)(\\\\)*"', inside)


@given(values, values, st.booleans())
def test_a_cut_says_how_much_it_left_out(before: Any, after: Any, verbose: bool) -> None:
    change = Change(("a",), before, after)
    lines = change_lines([change], plain, verbose=verbose)
    assert lines
    whole = change_lines([change], plain, verbose=True)
    cut = [int(found[1]) for line in lines if (found := re.match(r"^  … (\d+) more line", line))]
    assert len(lines) - len(cut) + sum(cut) == len(whole)
