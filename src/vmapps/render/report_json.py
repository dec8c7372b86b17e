"""What an apply did, as JSON."""

from __future__ import annotations

from typing import assert_never

from vmapps.core.outcome import Abandoned, Applied, Failed, NotNeeded, Outcome, Report, Skipped, Stale
from vmapps.core.plan import Step
from vmapps.errors import CloudFailure
from vmapps.render.json_text import Tree, dumps
from vmapps.render.report_text import summary, word_of
from vmapps.render.safe import hidden

FORMAT = 1


def to_json(report: Report) -> str:
    """Every step with its outcome in the plan's order, and how many ended how."""
    tree = {
        "formatVersion": FORMAT,
        "results": [_result(step, outcome) for step, outcome in report.results],
        "summary": summary_tree(report),
        "changed": report.changed,
        "succeeded": report.succeeded,
        "interrupted": report.interrupted,
    }
    return hidden(dumps(tree))


def _result(step: Step, outcome: Outcome) -> Tree:
    return {"id": step.id, "address": str(step.address), "action": step.verb, **outcome_tree(step, outcome)}


def summary_tree(report: Report) -> Tree:
    """How many steps ended how."""
    return {_camel(word): number for word, number in summary(report).items()}


def outcome_tree(step: Step, outcome: Outcome) -> Tree:
    """How a step ended, and why."""
    return {"outcome": _camel(word_of(step, outcome)), **_more(outcome)}


def _more(outcome: Outcome) -> Tree:
    match outcome:
        case Applied(pending=pending) if pending:
            return {"why": pending}
        case Applied(remark=remark) if remark:
            return {"remark": remark}
        case Abandoned(because_of=because_of) if because_of:
            return {"becauseOf": because_of}
        case Applied() | NotNeeded() | Abandoned():
            return {}
        case Failed(failure):
            return {"failure": failure_tree(failure)}
        case Skipped(because_of):
            return {"becauseOf": because_of}
        case Stale(why):
            return {"why": why}
        case _:
            assert_never(outcome)


def failure_tree(failure: CloudFailure) -> Tree:
    """What Azure said."""
    return {
        "code": failure.code,
        "message": failure.message,
        "scope": failure.scope,
        "target": failure.target,
        "requestId": failure.request_id,
        "hint": failure.hint,
        "status": failure.status,
    }


def _camel(word: str) -> str:
    first, *rest = word.split()
    return first + "".join(part.capitalize() for part in rest)
