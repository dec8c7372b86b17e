"""The plan as a comment: what it comes to, what needs attention, what happens in guests, then every step, folded."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from vmapps.core.diagnostic import Diagnostic, in_order
from vmapps.core.plan import Note, Plan, Step
from vmapps.render.comment import Block, bounded, comment, fenced
from vmapps.render.markdown_text import code, code_html, details
from vmapps.render.paint import plain
from vmapps.render.plan_text import ALWAYS, LEFT, summary_line
from vmapps.render.step_text import Fold, body_lines, fold_lines, folded, wave_of
from vmapps.render.width import listed
from vmapps.render.words import count

ON_MACHINES = ("assign", "upgrade", "verify")


def to_markdown(plan: Plan) -> str:
    """The whole plan, or as much of its details as a comment takes."""
    head = [
        [f"### Plan for {code(plan.project.name)}"],
        [f"**{summary_line(plan)}**"],
        problem_lines([*plan.diagnostics, *plan.refusals]),
        _attention(plan.notes),
        _effects(plan.steps),
    ]
    return comment("plan", plan.project.owner, head, list(_blocks(plan.steps)), [_notes(plan.notes)])


def problem_lines(found: Sequence[Diagnostic]) -> list[str]:
    """Errors and warnings, the errors first."""
    worst_first = sorted(in_order(list(found)), key=lambda one: not one.is_error)
    return bounded([_problem(one) for one in worst_first])


def _problem(found: Diagnostic) -> str:
    place = str(found.span) if found.span else found.subject
    where = f" {code(place)}:" if place else ""
    hint = f" What to do: {code(found.hint)}" if found.hint else ""
    return f"- **{found.severity}**{where} {code(found.summary)}{hint}"


def _attention(notes: Sequence[Note]) -> list[str]:
    """What is not as declared, and gets no step all the same."""
    told = [f"- **{note.code}** {code(str(note.address))}: {code(note.text)}" for note in notes if note.code in LEFT]
    return bounded(told)


def _effects(steps: Sequence[Step]) -> list[str]:
    """What will happen in how many guests, the most frequent first."""
    counts = Counter(line for step in steps if not step.only_if for line in step.guest)
    told = [f"- {code(line)} on {count(number, 'machine')}" for line, number in counts.most_common()]
    return ["**In the guests**", "", *bounded(told)] if told else []


def _blocks(steps: Sequence[Step]) -> Iterator[Block]:
    """One for the packages, for each gallery, and for each group of machines to which the same is done."""
    groups: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        if step.verb not in ON_MACHINES:
            groups[step.resource.names[0] if step.resource else ""].append(step)
    for gallery, several in groups.items():
        yield _resources(f"Gallery {code_html(gallery)}" if gallery else "Package store", several)
    on_machines = [step for step in steps if step.verb in ON_MACHINES]
    certain = [step for step in on_machines if not step.only_if]
    conditional = [step for step in on_machines if step.only_if]
    yield from map(_machines, folded(certain, plain, verbose=False))
    yield from map(_machines, folded(conditional, plain, verbose=False))


def _resources(title: str, steps: Sequence[Step]) -> Block:
    verbs = Counter(step.verb for step in steps)
    told = ", ".join(f"{number} to {verb}" for verb, number in verbs.items())
    lines = [line for fold in folded(steps, plain, verbose=False) for line in fold_lines(fold, plain, verbose=False)]
    return Block(tuple(details(f"{title}: {told}", fenced(lines, "diff"))), len(steps))


def _machines(fold: Fold) -> Block:
    step = fold.step
    more = f" and {count(len(fold.others), 'more machine')}" if fold.others else ""
    asides = "".join(f" ({words})" for words in (fold.turn, wave_of(step)) if words)
    summary = f"{step.verb} {code_html(str(step.address))}{more}{asides}: {code_html(step.because)}"
    addresses = [str(step.address), *map(str, fold.others)]
    others = [f"- {code(place)}" for place in listed(addresses, None)] if fold.others else []
    lines = [*fenced(body_lines(step, plain, verbose=True), "diff"), *(["", *others] if others else [])]
    return Block(tuple(details(summary, lines)), len(addresses))


def _notes(notes: Sequence[Note]) -> list[str]:
    counts = Counter(note.code for note in notes if note.code not in ALWAYS)
    told = ", ".join(f"{number} {code(name)}" for name, number in sorted(counts.items()))
    return [f"Notes: {told}."] if told else []
