"""What happens during a run, as lines of JSON, described by `events.schema.json`. Time and run are the caller's."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from typing import assert_never

from vmapps import __version__
from vmapps.core.outcome import Outcome, Report
from vmapps.core.plan import Plan, Step
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
)
from vmapps.render.json_text import Tree, compact
from vmapps.render.plan_tree import TOOL, fingerprint
from vmapps.render.report_json import outcome_tree, summary_tree
from vmapps.render.safe import hidden


def schema() -> str:
    """The published JSON Schema of one line."""
    return files("vmapps.render").joinpath("events.schema.json").read_text(encoding="utf-8")


def line(time: datetime, run: str, tree: Tree) -> str:
    """An event at a time of a run, as one line."""
    spelled = f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
    return hidden(compact({"time": spelled, "run": run, **tree})) + "\n"


def message(text: str) -> Tree:
    """What is said to people, where their conversation is kept as events."""
    return {"event": "message", "text": text}


def run_started(command: str) -> Tree:
    """A command that may carry out a plan begins."""
    return {"event": "runStarted", "tool": {"name": TOOL, "version": __version__}, "command": command}


def planned(plan: Plan) -> Tree:
    """There is a plan: made, or read from a file."""
    project = plan.project
    return {
        "event": "planned",
        "project": {"name": project.name, "owner": project.owner, "subscription": project.subscription},
        "fingerprint": fingerprint(plan),
        "steps": len(plan.steps),
        "applyable": plan.applyable,
    }


def run_ended(exit_code: int, report: Report | None, error: str = "") -> Tree:
    """The command ends; `report` is None when nothing was carried out, `error` what was wrong then."""
    told = {"changed": report.changed, "summary": summary_tree(report)} if report else {"changed": False}
    return {"event": "runEnded", "exitCode": exit_code, **told} | ({"error": error} if error else {})


def finished(step: Step, outcome: Outcome) -> Tree:
    """How a step ended; one that was never begun took no time."""
    return {"event": "stepFinished", **_of(step), "action": step.verb, **outcome_tree(step, outcome)}


def event_tree(event: Event) -> Tree | None:
    """One event; None for the end of a run, which is told with its exit code."""
    match event:
        case Started(step):
            wave = {"wave": step.wave} if step.wave is not None else {}
            return {"event": "stepStarted", **_of(step), "action": step.verb, **wave}
        case Waiting(step, wait):
            return {"event": "waiting", **_named(step), "seconds": round(wait, 3)}
        case Finished(step, outcome, took):
            return {**finished(step, outcome), "seconds": round(took, 3)}
        case Stopping(because_of):
            return {"event": "stopping", "reason": "failure", **_named(because_of)} if because_of else _ASKED
        case Ended():
            return None
        case Requested() | Throttled() | Verified():
            return _heard(event)
        case _:
            assert_never(event)


def _heard(event: Requested | Throttled | Verified) -> Tree:
    """What came from outside: Azure's answers, and the guests'."""
    match event:
        case Requested():
            return _requested(event)
        case Throttled(bucket, wait, step, refused):
            told = {"bucket": bucket, "seconds": round(wait, 3), "refused": refused}
            return {"event": "throttled", **(_named(step) if step else {}), **told}
        case Verified(step, address, instance, applications):
            who = {"step": step.id, "address": str(address)} | ({"instance": instance} if instance else {})
            return {"event": "verified", **who, "applications": [_answer(one) for one in applications]}
        case _:
            assert_never(event)


_ASKED = {"event": "stopping", "reason": "asked"}


def _named(step: Step) -> Tree:
    """Which step, and of what."""
    return {"step": step.id, "address": str(step.address)}


def _of(step: Step) -> Tree:
    """The same with the ARM id, where there is one."""
    return _named(step) | ({"resource": str(step.resource)} if step.resource else {})


def _requested(event: Requested) -> Tree:
    ids = {
        "requestId": event.request_id,
        "clientRequestId": event.client_request_id,
        "correlationId": event.correlation_id,
    }
    return {
        "event": "request",
        **(_named(event.step) if event.step else {}),
        "method": event.method,
        "path": event.path,
        "status": event.status,
        "seconds": round(event.took, 3),
        **{name: text for name, text in ids.items() if text},
    }


def _answer(one: Answer) -> Tree:
    told = {"application": one.application, "version": one.version, "state": one.state}
    return told | ({"message": one.message} if one.message else {})
