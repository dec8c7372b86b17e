"""What people read, as files: tests/render/golden/<case>."""

from __future__ import annotations

from pathlib import Path

import pytest

from render import cases
from render.drifts import DRIFTS
from render.explained import EXPLANATIONS
from render.golden import FOLDER, check
from vmapps.core.outcome import HALTED, Abandoned, Applied, Failed, NotNeeded, Outcome, Report, Skipped, Stale
from vmapps.errors import Conflicted, Refused
from vmapps.render import (
    diagnostics_json,
    diagnostics_text,
    drift_text,
    explain_json,
    explain_text,
    plan_json,
    plan_markdown,
    plan_text,
    report_json,
    report_markdown,
    report_text,
)

OUTCOMES: list[Outcome] = [
    Applied(),
    Applied(changed=False),
    Applied(),
    Failed(
        Conflicted(
            "Cannot perform the operation: the source https://contosopkgs.blob.core.windows.net/p?sv=1&sig=abc%3D "
            "is in use.",
            scope=str(cases.NGINX.child("versions", "1.26.2")),
            code="Conflict",
            status=409,
            target="galleryApplicationVersion",
            request_id="6d8a1a1e-0000-4000-8000-000000000001",
            hint="wait for the other operation and apply again",
        )
    ),
    Stale("properties.publishingProfile.targetRegions changed meanwhile"),
    Skipped(cases.CREATE_VERSION.id),
    Abandoned(in_flight=True),
    Abandoned(in_flight=False),
]
EVERYTHING = cases.PLANS["everything"]
TURNS = cases.PLANS["turns"]
HALTS = (
    Failed(Refused("nginx 1.4.0 failed", scope="web-01", code="FailedInGuest"), begun=True),
    Applied(remark="old: removed, result unknown"),
    Failed(Refused("wave 1: 1 of 2 machines without success", scope="VMAssignment/web-tier", code=HALTED)),
    Skipped(cases.LOOK.id),
    Applied(),
    Applied(pending="the machine is off"),
)
REPORTS = {
    "turns": Report(tuple((step, Applied()) for step in TURNS.steps)),
    "halfway": Report(tuple(zip(EVERYTHING.steps, OUTCOMES, strict=True)), interrupted=True),
    "well": Report(tuple((step, Applied()) for step in EVERYTHING.steps)),
    "refused": Report(((cases.UPLOAD, Failed(Refused("no", scope=""))),)),
    "fail-fast": Report(
        (
            (cases.UPLOAD, Failed(Refused("no", scope=""), begun=True)),
            (cases.CREATE_GALLERY, Abandoned(in_flight=False, because_of=cases.UPLOAD.id)),
        )
    ),
    "halted": Report(tuple(zip(cases.STAGED, HALTS, strict=True))),
    "not-halted": Report(tuple(zip(cases.STAGED, (*[Applied()] * 4, NotNeeded(), NotNeeded()), strict=True))),
    "stopped-before-its-look": Report(
        tuple(zip(cases.STAGED, (*[Applied()] * 2, *[Abandoned(in_flight=False)] * 4), strict=True)), interrupted=True
    ),
    "empty": Report(()),
    "skipped": Report(
        tuple(
            (step, Skipped("VMAssignment/web#1") if at > 1 else Applied())
            for at, step in enumerate(cases.PLANS["fleet"].steps)
        )
    ),
}


@pytest.mark.parametrize("name", sorted(cases.PLANS))
def test_plan(name: str) -> None:
    """The text is made from the file, not from the value: a saved plan reads like a fresh one."""
    check(f"plan-{name}", "plan.json", plan_json.to_json(cases.PLANS[name]))
    plan = plan_json.from_json(Path(FOLDER, f"plan-{name}", "plan.json").read_bytes())
    check(f"plan-{name}", "plan.txt", plan_text.to_text(plan))
    check(f"plan-{name}", "plan-verbose.txt", plan_text.to_text(plan, verbose=True))
    check(f"plan-{name}", "plan.md", plan_markdown.to_markdown(plan))


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_report(name: str) -> None:
    check(f"report-{name}", "report.txt", report_text.to_text(REPORTS[name]))
    check(f"report-{name}", "report-verbose.txt", report_text.to_text(REPORTS[name], verbose=True))
    check(f"report-{name}", "report-quiet.txt", report_text.to_text(REPORTS[name], quiet=True))
    check(f"report-{name}", "report.json", report_json.to_json(REPORTS[name]))
    told = report_markdown.to_markdown(REPORTS[name], project="contoso-platform", owner="contoso-platform.7f3a9c12")
    check(f"report-{name}", "report.md", told)


@pytest.mark.parametrize("name", sorted(EXPLANATIONS))
def test_explanation(name: str) -> None:
    told = EXPLANATIONS[name]
    check(f"explain-{name}", "explain.txt", explain_text.to_text(told))
    check(f"explain-{name}", "explain-verbose.txt", explain_text.to_text(told, verbose=True))
    check(f"explain-{name}", "explain.json", explain_json.to_json(told))


def test_diagnostics() -> None:
    found = tuple(reversed(cases.PLANS["errors"].diagnostics))
    check("diagnostics", "diagnostics.txt", diagnostics_text.to_text(found))
    check("diagnostics", "diagnostics.json", diagnostics_json.to_json(found))
    check("diagnostics-none", "diagnostics.txt", diagnostics_text.to_text(()))


def test_colours() -> None:
    check("colours", "plan.txt", plan_text.to_text(EVERYTHING, colour=True))
    check("colours", "report.txt", report_text.to_text(REPORTS["halfway"], colour=True))
    check("colours", "drift.txt", drift_text.to_text(DRIFTS["everything"], colour=True))
    check("colours", "explain.txt", explain_text.to_text(EXPLANATIONS["machine"], colour=True))
