"""What an export wrote, and what it could not say, for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vmapps.core.exporting.result import Export, Left
from vmapps.render.safe import shown

KINDS = (
    ("Gallery", "gallery", "galleries"),
    ("GalleryApplication", "application", "applications"),
    ("GalleryApplicationVersion", "version", "versions"),
    ("VMAssignment", "assignment", "assignments"),
)
FEW = 3
"""Addresses that a line names."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An export with what became of its files, whose names are relative to the folder; `is_new`: so is the project."""

    export: Export
    folder: str
    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    is_new: bool = False


def to_text(outcome: Outcome, *, verbose: bool = False, quiet: bool = False) -> str:
    """A summary, what was left out, and what comes next; `verbose` names every file and every address."""
    lines = [_summary(outcome)]
    if verbose:
        lines += [f"  + {shown(name)}" for name in outcome.written]
        lines += [f"  = {shown(name)}" for name in outcome.unchanged]
    if outcome.export.left and not quiet:
        lines += ["", "Not said, or not as it is in Azure (comments in the files say it too):"]
        lines += [f"  {line}" for one in outcome.export.left for line in _left(one, verbose=verbose)]
    if not quiet:
        lines += ["", *_next(outcome.folder)]
    return "".join(f"{line}\n" for line in lines)


def counts(export: Export) -> dict[str, int]:
    """How many documents there are, by kind."""
    return {kind: export.count(kind) for kind, _, _ in KINDS}


def _summary(outcome: Outcome) -> str:
    found = counts(outcome.export)
    documents = ", ".join(f"{found[kind]} {one if found[kind] == 1 else more}" for kind, one, more in KINDS)
    machines = outcome.export.machines
    where = f" of {machines} {'machine' if machines == 1 else 'machines'}" if found["VMAssignment"] else ""
    count = len(outcome.written)
    files = f"Wrote {count} {'file' if count == 1 else 'files'} to {shown(outcome.folder)}"
    same = f" ({len(outcome.unchanged)} unchanged)" if outcome.unchanged else ""
    return f"{files}{same}: {documents}{where}."


def _left(one: Left, *, verbose: bool) -> Iterator[str]:
    names = [shown(str(address)) for address in one.where]
    if verbose:
        yield f"{shown(one.text)}:"
        yield from (f"  {name}" for name in names)
        return
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    yield f"{shown(one.text)}: {', '.join(names[:FEW])}{more}"


def _next(folder: str) -> Iterator[str]:
    name = shown(folder)
    yield "Next:"
    yield f"  vmapps validate {name}       what was written is sound"
    yield f"  vmapps plan {name}           nothing to do: all of it is 'not yet adopted'"
    yield f"  vmapps plan --adopt {name}   the marks that make it this project's own, and nothing else"
