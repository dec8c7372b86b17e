"""What an apply did, for people, in the order of the plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import assert_never

from vmapps.core.outcome import Abandoned, Applied, Failed, NotNeeded, Outcome, Report, Skipped, Stale
from vmapps.core.plan import Step
from vmapps.errors import CloudFailure
from vmapps.render.paint import Paint, glyph, painter
from vmapps.render.safe import shown
from vmapps.render.step_text import NAMED, name
from vmapps.render.words import count, some

COLOURS = {
    "applied": "green",
    "rolled back": "yellow",
    "unchanged": "dim",
    "pending": "yellow",
    "failed": "bold red",
    "skipped": "yellow",
    "not needed": "dim",
    "stale": "yellow",
    "in flight": "bold yellow",
    "not begun": "yellow",
}
"""Every word for how a step ended, in the order of the summary."""

IN_FLIGHT = "Azure may still be doing it; the next plan shows what became of it"


def to_text(report: Report, *, colour: bool = False, quiet: bool = False, verbose: bool = False) -> str:
    """One line a step, more below the ones that failed, a summary at the end; `quiet` leaves out what went well.

    Steps that one failure skipped are told as one, unless `verbose`.
    """
    paint = painter(colour=colour)
    folds = {} if verbose else _skipped_by(report)
    lines: list[str] = []
    for step, outcome in report.results:
        if (quiet and isinstance(outcome, Applied)) or _is_moot(step, outcome):
            continue
        if isinstance(outcome, Skipped) and outcome.because_of in folds:
            if folds[outcome.because_of][0] is step:
                lines += _skipped_lines(folds[outcome.because_of], outcome, paint)
            continue
        lines += step_lines(step, outcome, paint)
    return "".join(f"{line}\n" for line in [*lines, paint(summary_line(report), "bold"), *not_rolled_back(report)])


def _skipped_by(report: Report) -> dict[str, list[Step]]:
    """The steps that were skipped because of a step, where they are many."""
    found: dict[str, list[Step]] = defaultdict(list)
    for step, outcome in report.results:
        if isinstance(outcome, Skipped):
            found[outcome.because_of].append(step)
    return {name: steps for name, steps in found.items() if len(steps) > NAMED}


def _skipped_lines(steps: Sequence[Step], outcome: Skipped, paint: Paint) -> Iterator[str]:
    names = some([name(step) for step in steps], NAMED)
    word = paint(f"{'skipped':<9}", COLOURS["skipped"])
    yield f"{word}   {count(len(steps), 'step')}: {names}"
    yield from (f"            {line}" for line in _why(outcome))


def _is_moot(step: Step, outcome: Outcome) -> bool:
    """Whether a step's condition did not come about: of these only the number is told."""
    return bool(step.only_if) and isinstance(outcome, NotNeeded | Abandoned) and outcome != Abandoned(in_flight=True)


def not_rolled_back(report: Report) -> Iterator[str]:
    """What a run that was stopped leaves as it is, and who goes back."""
    left = [step for step, outcome in report.results if step.only_if and isinstance(outcome, Abandoned)]
    if left:
        rollouts = sorted({look.rpartition("#")[0] for step in left for look in step.only_if})
        ways = ", ".join(f"`vmapps rollback {shown(one)}`" for one in rollouts)
        yield f"Nothing was rolled back: the run was stopped before that. To go back: {ways}."


def summary_line(report: Report) -> str:
    """`Applied 5, failed 1, skipped 2.`"""
    numbers = summary(report)
    told = [f"{word} {number}" for word, number in numbers.items() if number or word == "applied"]
    text = f"{', '.join(told).capitalize()}."
    if report.interrupted and not report.succeeded:
        return f"{text} Stopped before the end."
    return f"{text} Stopped at the first failure." if _stopped_at_failure(report) else text


def _stopped_at_failure(report: Report) -> bool:
    return any(isinstance(outcome, Abandoned) and outcome.because_of for _, outcome in report.results)


def summary(report: Report) -> dict[str, int]:
    """How many steps ended how; every word is there, also with 0."""
    words = [word_of(step, outcome) for step, outcome in report.results]
    return {word: words.count(word) for word in COLOURS}


def word_of(step: Step, outcome: Outcome) -> str:
    """How a step ended; one that takes a rollout back says so."""
    word = word_for(outcome)
    return "rolled back" if step.only_if and word == "applied" else word


def word_for(outcome: Outcome) -> str:
    """How a step ended, in one or two words."""
    match outcome:
        case Applied(changed, pending):
            return "pending" if pending else "applied" if changed else "unchanged"
        case Failed():
            return "failed"
        case Skipped():
            return "skipped"
        case NotNeeded():
            return "not needed"
        case Stale():
            return "stale"
        case Abandoned(in_flight):
            return "in flight" if in_flight else "not begun"
        case _:
            assert_never(outcome)


def step_lines(step: Step, outcome: Outcome, paint: Paint) -> Iterator[str]:
    """How one step ended; why, if it did not end well."""
    word = word_of(step, outcome)
    yield f"{paint(f'{word:<9}', COLOURS[word])} {glyph(step.verb, paint)} {name(step)}"
    yield from (f"            {line}" for line in _why(outcome))


def _why(outcome: Outcome) -> Iterator[str]:
    match outcome:
        case Applied(pending=pending) if pending:
            yield shown(pending)
        case Applied(remark=remark) if remark:
            yield shown(remark)
        case Abandoned(because_of=because_of) if because_of:
            yield f"because {shown(because_of)} did not succeed, and --fail-fast was said"
        case Applied() | NotNeeded() | Abandoned(in_flight=False):
            return
        case Failed(failure):
            yield from failure_lines(failure)
        case Skipped(because_of):
            yield f"because {shown(because_of)} did not succeed"
        case Stale(why):
            yield f"not as the plan saw it: {shown(why)}"
        case Abandoned():
            yield IN_FLIGHT
        case _:
            assert_never(outcome)


def failure_lines(failure: CloudFailure) -> Iterator[str]:
    """Azure's code and message, then what a support case needs, then what to do."""
    yield shown(f"{failure.code}: {failure.message}" if failure.code else failure.message)
    told = {"at": failure.scope, "target": failure.target, "request id": failure.request_id}
    yield from (f"{name}: {shown(text)}" for name, text in told.items() if text)
    if failure.hint:
        yield f"what to do: {shown(failure.hint)}"
