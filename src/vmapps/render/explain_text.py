"""Why the plan says what it says of an address, for people: told in sentences that fold at 96 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import assert_never

from vmapps.core.explain import ONLY_DECLARED, Explained, Explanation, Neighbour, Reached, StepExplained, Wish
from vmapps.core.explain_live import Live, LiveEntry, LiveMachine, LivePackage, LiveResource, Standing
from vmapps.render.diagnostics_text import diagnostic_lines
from vmapps.render.paint import Paint, glyph, painter
from vmapps.render.safe import quoted, shown
from vmapps.render.step_text import NAMED, body_lines
from vmapps.render.words import count, some

WIDTH = 96
LISTED = 10
"""How many groups of steps or machines are listed when nobody asks for all."""


def to_text(explanation: Explanation, *, colour: bool = False, verbose: bool = False) -> str:
    """Address by address; `verbose` shows every waiting step, machine and line."""
    paint = painter(colour=colour)
    parts = [list(_explained(one, paint, verbose=verbose)) for one in explanation.found]
    parts.append(diagnostic_lines(explanation.refusals, paint))
    return "\n".join("".join(f"{line}\n" for line in part) for part in parts if part)


def _explained(one: Explained, paint: Paint, *, verbose: bool) -> Iterator[str]:
    yield paint(shown(str(one.address)), "bold")
    if one.address.kind not in ONLY_DECLARED:
        yield from _live(one.live)
    if one.wishes:
        yield "  wanted by" if one.machines is None else "  wants"
        yield from (line for wish in one.wishes for line in _wish(wish, whose=one.machines is None))
    yield from _folded(f"declared in {', '.join(map(str, one.source))}" if one.source else "not in the manifests", 2)
    if one.machines is not None:
        yield from _machines(one.machines, verbose=verbose)
    for step in one.steps:
        yield from (f"  {line}" for line in _step(step, paint, verbose=verbose))
    if one.why:
        yield from _folded(f"no step: {one.why}", 2)
    elif one.notes:
        yield "  also noted"
        yield from (line for note in one.notes for line in _folded(f"{note.text} [{note.code}]", 4))
    yield from (f"  {line}" for line in diagnostic_lines(one.diagnostics, paint))


def _folded(text: str, indent: int) -> list[str]:
    """A sentence, its further lines a little deeper than the first; words are never broken."""
    first, rest = " " * indent, " " * (indent + 2)
    return wrap(
        shown(text),
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _live(live: Live | None) -> Iterator[str]:
    match live:
        case None:
            yield "  live: not there"
        case LiveResource():
            yield from _folded(f"live: {_owner(live)}{_state(live.state)}", 2)
        case LivePackage(stored):
            known = {True: "in the package store", False: "not in the package store", None: "the store was not asked"}
            yield f"  live: {known[stored]}"
        case LiveMachine():
            yield from _machine(live)
        case _:
            assert_never(live)


def _owner(live: LiveResource) -> str:
    if not live.owner:
        return "it carries no owner's mark"
    return f"ours (marked {quoted(live.owner)})" if live.is_ours else f"it belongs to {quoted(live.owner)}"


def _state(state: str) -> str:
    return f", provisioning state {state}" if state else ""


def _machine(live: LiveMachine) -> Iterator[str]:
    mode = f", upgrade mode {live.upgrade_mode}" if live.upgrade_mode else ""
    part = f", part of {live.scale_set}" if live.scale_set else ""
    system = live.os_type or "unknown OS"
    yield from _folded(f"live: {system} in {live.location}{_state(live.state)}{mode}{part}", 2)
    if not live.entries:
        yield "    no application is on it"
    for entry in live.entries:
        yield from _folded(f"{f'{entry.name} {entry.version}'.rstrip()}: {_whose(entry)}", 4)


def _whose(entry: LiveEntry) -> str:
    match entry.standing:
        case Standing.OURS:
            return "ours"
        case Standing.CLAIMED:
            return "assigned, but not ours: it carries no mark"
        case Standing.OTHERS:
            return f"foreign: it belongs to {quoted(entry.owner)}"
        case Standing.FOREIGN:
            return "foreign"
        case _:
            assert_never(entry.standing)


def _wish(wish: Wish, *, whose: bool) -> list[str]:
    what = f"{'/'.join(wish.application.name)} {'absent' if wish.absent else wish.version}".rstrip()
    return _folded(f"{wish.assignment}: {what} ({wish.source})" if whose else f"{what} ({wish.source})", 4)


def _machines(machines: Sequence[Reached], *, verbose: bool) -> Iterator[str]:
    yield f"  {count(len(machines), 'machine')}{':' if machines else ''}"
    told = [(step.id, step.because) for one in machines for step in one.steps]
    told += [(str(one.machine), f"no step: {one.why}") for one in machines if not one.steps]
    yield from _alike(told, 4, verbose=verbose)


def _step(one: StepExplained, paint: Paint, *, verbose: bool) -> Iterator[str]:
    step = one.step
    wave = f" (wave {step.wave})" if step.wave is not None else ""
    yield f"{glyph(step.verb, paint)} {step.verb} {paint(shown(step.id), 'bold')}{wave}"
    if step.because:
        yield from (paint(line, "dim") for line in _folded(f"because {step.because}", 4))
    yield from (f"    {line}" for line in body_lines(step, paint, verbose=verbose))
    yield from _neighbours("waits for", "waits for nothing", one.waits_for, verbose=verbose)
    if one.behind:
        yield f"      and {count(one.behind, 'more step')} behind"
    yield from _neighbours("waited for by", "nothing waits for it", one.awaited_by, verbose=verbose)


def _neighbours(title: str, nothing: str, steps: Sequence[Neighbour], *, verbose: bool) -> Iterator[str]:
    if not steps:
        yield f"    {nothing}"
        return
    yield f"    {title}"
    yield from _alike([(step.id, step.because) for step in steps], 6, verbose=verbose)


def _alike(told: Sequence[tuple[str, str]], indent: int, *, verbose: bool) -> Iterator[str]:
    """Names with what is said of each: those of which the same is said stand together."""
    groups: dict[str, list[str]] = {}
    for name, text in told:
        groups.setdefault(text, []).append(name)
    room = len(groups) if verbose else LISTED
    for text, names in list(groups.items())[:room]:
        listed = some(names, len(names) if verbose else NAMED)
        yield from _folded(f"{listed}: {text}" if text else listed, indent)
    if len(groups) > room:
        yield f"{' ' * indent}and others, for {count(len(groups) - room, 'more reason')} (-v lists them)"
