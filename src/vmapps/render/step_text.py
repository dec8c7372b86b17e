"""One step for people: its sign, address and reason, what changes, what happens in the guest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from vmapps.core.action import Assign, Create, Delete, Discard, Update, UpgradeInstances, Upload
from vmapps.core.address import Address
from vmapps.core.plan import Step
from vmapps.render.entry_text import entry_lines
from vmapps.render.paint import Paint, glyph
from vmapps.render.safe import shown
from vmapps.render.value_text import change_lines
from vmapps.render.words import count, size

NAMED = 3
"""How many machines of a fold are named when nobody asks for all."""

WIDEST_HEAD = 90


@dataclass(frozen=True, slots=True)
class Fold:
    """Steps that say the same but for their address: the first one stands for all."""

    step: Step
    others: tuple[Address, ...] = ()


def folded(steps: Sequence[Step], paint: Paint, *, verbose: bool) -> list[Fold]:
    """Machine writes with the same changes, guest lines, reason and wave become one; everything else stays single."""
    folds: dict[tuple[str, ...], list[Step]] = {}
    for step in steps:
        alike = (step.because, str(step.wave), *_body(step, paint, verbose=verbose))
        folds.setdefault(alike if step.verb == "assign" else (step.id,), []).append(step)
    return [Fold(first, tuple(step.address for step in rest)) for first, *rest in folds.values()]


def fold_lines(fold: Fold, paint: Paint, *, verbose: bool) -> Iterator[str]:
    """A step, with the other machines that get the same."""
    yield from _head(fold, paint)
    yield from (f"    {line}" for line in _body(fold.step, paint, verbose=verbose))
    if fold.others and verbose:
        yield "    the same on"
        yield from (f"      {shown(str(address))}" for address in fold.others)
    elif fold.others:
        yield f"    {_same(fold.others)}"
    if verbose:
        yield from (paint(f"    declared in {shown(str(span))}", "dim") for span in fold.step.source)


def _head(fold: Fold, paint: Paint) -> Iterator[str]:
    """The address and, beside it or below, the reason."""
    step = fold.step
    more = f" and {count(len(fold.others), 'more machine')}" if fold.others else ""
    wave = f" (wave {step.wave})" if step.wave is not None else ""
    address, because = shown(str(step.address)), shown(step.because)
    head = f"{glyph(step.verb, paint)} {paint(address, 'bold')}{more}{wave}"
    if len(address) + len(more) + len(because) <= WIDEST_HEAD:
        yield f"{head}: {paint(because, 'dim')}" if because else head
    else:
        yield head
        yield f"    {paint(f'because {because}', 'dim')}"


def _same(others: Sequence[Address]) -> str:
    names = ", ".join(shown(str(address)) for address in others[:NAMED])
    left = len(others) - NAMED
    return f"the same on {names}" + (f" and {left} more (-v lists them)" if left > 0 else "")


def _body(step: Step, paint: Paint, *, verbose: bool) -> list[str]:
    guest = [f"in the guest: {shown(line)}" for line in step.guest]
    match step.action:
        case Upload(_, amount, file):
            return [f"{shown(file)}, {size(amount)}", *guest]
        case Create(changes) | Update(changes):
            return [*change_lines(changes, paint, verbose=verbose), *guest]
        case Assign(changes):
            return [*entry_lines(changes, paint), *guest]
        case UpgradeInstances(instances, pushed):
            return [f"{'push to' if pushed else 'wait for'} {shown(', '.join(instances))}", *guest]
        case Delete() | Discard():
            return guest
        case _:
            assert_never(step.action)
