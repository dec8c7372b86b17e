"""The plan for people: problems first, then what would be done, then what else is worth knowing, then one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from vmapps.core.plan import Note, Plan, Step
from vmapps.render.diagnostics_text import diagnostic_lines, totals
from vmapps.render.paint import Paint, painter
from vmapps.render.safe import shown
from vmapps.render.step_text import fold_lines, folded
from vmapps.render.words import count, heading

ALWAYS = ("from-its-set", "matched")
"""Notes of every plan with assignments: which machines they mean, instances included. They are not worth counting."""

TOLD = ("halted", "guest-failed")
"""Notes that somebody has to act on: they are told in words, whoever did not ask for more."""

MOST_TOLD = 3
"""How many of a kind are told so."""

CONDITIONAL = "Only if a rollout halts"

NOTHING = "Nothing to do: live Azure is what the manifests say."
NOTHING_NOW = "Nothing to do now; what is not as declared is left as it is, for the reasons above (-v says all)."

LEFT = frozenset(
    {
        "excluded",
        "halted",
        "machine-blocked",
        "metadata-waits",
        "not-seen",
        "pending",
        "protected",
        "unexpected",
        "wave-not-reached",
    }
)
"""Notes and warnings about what is not as declared, and gets no step all the same."""


def to_text(plan: Plan, *, colour: bool = False, verbose: bool = False, nothing: str = "") -> str:
    """The whole plan; `verbose` shows every note, machine and line, `nothing` is said of one that has no step."""
    paint = painter(colour=colour)
    parts = [
        diagnostic_lines(plan.diagnostics, paint),
        *(_group(name, steps, paint, verbose=verbose) for name, steps in _groups(plan.steps).items()),
        note_lines(plan.notes, paint, verbose=verbose),
        diagnostic_lines(plan.refusals, paint),
        [paint(nothing if nothing and plan.is_empty else summary_line(plan), "bold")],
    ]
    return "\n".join("".join(f"{line}\n" for line in part) for part in parts if part)


def summary_line(plan: Plan) -> str:
    """One line: what there is to do, or why nothing can be done."""
    if plan.errored:
        return f"No plan: {totals(plan.diagnostics)}."
    if not plan.steps:
        return NOTHING_NOW if _differs(plan) else NOTHING
    done = plan.summary
    deleted = done["delete"]
    removed = f" ({count(plan.deletes - deleted, 'application')} taken off)" if plan.deletes > deleted else ""
    machines = f"{count(_touched(plan, 'assign'), 'machine')} to write{removed}{_upgraded(plan)}"
    text = (
        f"Plan: {done['upload']} to upload, {done['create']} to create, {done['update']} to update, "
        f"{machines}, {deleted} to delete{_discarded(done)}{_conditional(plan)}."
    )
    return f"{text} Refused: it may not be applied as it is." if plan.refusals else text


def _differs(plan: Plan) -> bool:
    """Whether something is left as it is, although it is not as declared."""
    return any(note.code in LEFT for note in plan.notes) or any(one.code in LEFT for one in plan.diagnostics)


def _upgraded(plan: Plan) -> str:
    sets = _touched(plan, "upgrade")
    return f", {count(sets, 'scale set')} to upgrade" if sets else ""


def _touched(plan: Plan, verb: str) -> int:
    """How many addresses have such a step: two writes of one machine are one machine."""
    return len({step.address for step in plan.steps if step.verb == verb and not step.only_if})


def _conditional(plan: Plan) -> str:
    back = len({step.address for step in plan.steps if step.only_if})
    return f"; {count(back, 'machine')} to roll back if it halts" if back else ""


def _discarded(done: Mapping[str, int]) -> str:
    return f", {count(done['discard'], 'package')} to discard" if done["discard"] else ""


def note_lines(notes: Sequence[Note], paint: Paint, *, verbose: bool) -> list[str]:
    """How many notes of each kind and what somebody has to act on, or each of them."""
    if not notes:
        return []
    if verbose:
        return [paint("Notes", "bold"), *map(_note, notes)]
    counts = Counter(note.code for note in notes if note.code not in ALWAYS)
    if not counts:
        return []
    told = ", ".join(f"{number} {shown(code)}" for code, number in sorted(counts.items()))
    urgent = [note for code in TOLD for note in [one for one in notes if one.code == code][:MOST_TOLD]]
    return [f"Notes: {told}{'' if counts.keys() <= {'unchanged'} else ' (-v shows them)'}", *map(_note, urgent)]


def _note(note: Note) -> str:
    return f"  {shown(note.code)}: {shown(str(note.address))}: {shown(note.text)}"


def _groups(steps: Sequence[Step]) -> dict[str, list[Step]]:
    """Steps by kind, in the order in which the kinds first occur; those that have a condition come last."""
    groups: dict[str, list[Step]] = {}
    for step in sorted(steps, key=lambda step: bool(step.only_if)):
        groups.setdefault(CONDITIONAL if step.only_if else heading(step.address.kind), []).append(step)
    return groups


def _group(title: str, steps: Sequence[Step], paint: Paint, *, verbose: bool) -> list[str]:
    return [paint(shown(title), "bold"), *_indented(steps, paint, verbose=verbose)]


def _indented(steps: Sequence[Step], paint: Paint, *, verbose: bool) -> Iterator[str]:
    for fold in folded(steps, paint, verbose=verbose):
        yield from (f"  {line}" for line in fold_lines(fold, paint, verbose=verbose))
