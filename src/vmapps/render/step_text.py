"""One step for people: its sign, address and reason, what changes, what happens in the guest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from vmapps.core.action import Assign, Create, Delete, Discard, Update, UpgradeInstances, Upload, Verify
from vmapps.core.address import Address
from vmapps.core.plan import Step
from vmapps.render.entry_text import entry_lines
from vmapps.render.paint import Paint, glyph
from vmapps.render.safe import shown
from vmapps.render.value_text import change_lines
from vmapps.render.words import count, seconds, size, some

NAMED = 3
"""How many machines of a fold are named when nobody asks for all."""

INSTANCES = 8
"""How many instances of an upgrade are named when nobody asks for all."""

WIDEST_HEAD = 90

Likeness: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Steps that say the same but for their address: the first one stands for all.

    `turn` is told when several steps share an address: `write 1 of 2`.
    """

    step: Step
    others: tuple[Address, ...] = ()
    turn: str = ""


def folded(steps: Sequence[Step], paint: Paint, *, verbose: bool) -> list[Fold]:
    """Machines to which the same is done in the same order become one; everything else stays single.

    A machine with several steps is folded with its whole row or not at all, so that the first of a row is always
    shown before the second.
    """
    rows: dict[Address, list[Likeness]] = {}
    for step in steps:
        rows.setdefault(step.address, []).append(_likeness(step, paint, verbose=verbose))
    turns = dict.fromkeys(rows, 0)
    folds: dict[object, list[Step]] = {}
    told: dict[object, str] = {}
    for step in steps:
        turns[step.address] += 1
        row, turn = tuple(rows[step.address]), turns[step.address]
        key = (turn, row)
        folds.setdefault(key, []).append(step)
        told[key] = _turn(turn, [likeness[0] for likeness in row])
    return [Fold(first, tuple(step.address for step in rest), told[key]) for key, (first, *rest) in folds.items()]


def _likeness(step: Step, paint: Paint, *, verbose: bool) -> Likeness:
    """What two steps on different machines have in common when they are told as one."""
    if step.verb not in ("assign", "upgrade"):
        return step.verb, str(step.address)
    return step.verb, step.because, str(step.wave), *body_lines(step, paint, verbose=verbose)


def _turn(turn: int, verbs: Sequence[str]) -> str:
    if len(verbs) == 1:
        return ""
    return f"{'write' if set(verbs) == {'assign'} else 'step'} {turn} of {len(verbs)}"


def name(step: Step) -> str:
    """A step's address, with its number when it is not the first one there."""
    return shown(str(step.address) if step.id == f"{step.address}#1" else step.id)


def fold_lines(fold: Fold, paint: Paint, *, verbose: bool) -> Iterator[str]:
    """A step, with the other machines that get the same."""
    yield from _head(fold, paint)
    yield from (f"    {line}" for line in body_lines(fold.step, paint, verbose=verbose))
    if fold.others and verbose:
        yield "    the same on"
        yield from (f"      {shown(str(address))}" for address in fold.others)
    elif fold.others:
        yield f"    the same on {some([shown(str(address)) for address in fold.others], NAMED)}"
    if verbose:
        yield from (paint(f"    declared in {shown(str(span))}", "dim") for span in fold.step.source)


def wave_of(step: Step) -> str:
    """Which wave a step belongs to, or on what condition it is carried out; "" when neither."""
    wave = f"wave {step.wave}" if step.wave is not None else ""
    return f"if {wave} or a later one halts" if step.only_if else wave


def _head(fold: Fold, paint: Paint) -> Iterator[str]:
    """The address and, beside it or below, the reason."""
    step = fold.step
    more = f" and {count(len(fold.others), 'more machine')}" if fold.others else ""
    more += "".join(f" ({words})" for words in (fold.turn, wave_of(step)) if words)
    address, because = shown(str(step.address)), shown(step.because)
    head = f"{glyph(step.verb, paint)} {paint(address, 'bold')}{more}"
    if len(address) + len(more) + len(because) <= WIDEST_HEAD:
        yield f"{head}: {paint(because, 'dim')}" if because else head
    else:
        yield head
        yield f"    {paint(f'because {because}', 'dim')}"


def body_lines(step: Step, paint: Paint, *, verbose: bool) -> list[str]:
    """What a step changes, and what happens in the guest."""
    guest = [f"in the guest: {shown(line)}" for line in step.guest]
    match step.action:
        case Upload(_, amount, file):
            return [f"{shown(file)}, {size(amount)}", *guest]
        case Create(changes) | Update(changes):
            return [*change_lines(changes, paint, verbose=verbose), *guest]
        case Assign(changes):
            return [*entry_lines(changes, paint), *guest]
        case UpgradeInstances():
            return [_upgrade(step.action, verbose=verbose), *guest]
        case Verify():
            return [_look(step.action), *guest]
        case Discard(sha256):
            which = f" (sha256 {shown(sha256)})" if verbose else ""
            return [f"leaves the package store{which}", *guest]
        case Delete():
            return guest
        case _:
            assert_never(step.action)


def _look(action: Verify) -> str:
    """Which guests are asked, and what is too much."""
    pause = f" {seconds(action.pause)} after the last write" if action.pause else ""
    return f"ask {count(len(action.checks), 'guest')}{pause}; more than {action.max_failures} without success halt it"


def _upgrade(action: UpgradeInstances, *, verbose: bool) -> str:
    """Who brings the new model to which instances."""
    how = "the new model is pushed to" if action.pushed else "Azure's own upgrade is waited for, on"
    if not action.instances:
        return f"{how} every instance"
    names = [shown(instance) for instance in action.instances]
    return f"{how} {count(len(names), 'instance')}: {some(names, len(names) if verbose else INSTANCES)}"
