"""Decide about entries that no assignment claims: ours by their mark alone, or somebody else's."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from vmapps.core.action import Change
from vmapps.core.asked import Asked
from vmapps.core.entries import machine_hash, on_wire, path_of
from vmapps.core.fleet import Claim, Placement
from vmapps.core.guest_effects import removal
from vmapps.core.plan import Note
from vmapps.core.planning.catalogue import Catalogue
from vmapps.core.planning.verdicts import Verdict, name_of, told
from vmapps.core.resource import Entry, Machine, Reference
from vmapps.core.versions import LATEST


def decide(machine: Machine, entry: Entry, placement: Placement, catalogue: Catalogue, asked: Asked) -> Verdict:
    """An entry of ours goes with --prune; so does a foreign one where the list is exclusively ours."""
    if is_ours(machine, entry, asked) and entry.reference is not None:
        why = "it carries our mark and is no longer assigned"
        return _removed(machine, entry, catalogue, asked, why, Note("kept", machine.address, _kept(entry)))
    if _is_ignored(entry, placement.ignore):
        return Verdict()
    if placement.exclusive and entry.reference is not None:
        text = f"{told(entry)} is not ours, and the list is exclusively ours; --prune removes it"
        note = Note("unexpected", machine.address, text)
        return _removed(machine, entry, catalogue, asked, "it is not ours, and the list is exclusively ours", note)
    code = "from-its-set" if _is_from_its_set(machine, entry, asked) else "foreign"
    return Verdict(findings=(Note(code, machine.address, _foreign(machine, entry)),))


def _is_from_its_set(machine: Machine, entry: Entry, asked: Asked) -> bool:
    """Whether an instance of a Flexible set got the entry with the model that this project wrote."""
    return bool(machine.scale_set) and entry.mark is not None and asked.is_ours(entry.mark.owner)


def is_ours(machine: Machine, entry: Entry, asked: Asked) -> bool:
    """Whether an entry carries our mark for this very machine.

    A mark of another machine is a copy (templates, clones, instances of a Flexible scale set), and a virtual machine
    that belongs to a scale set is its set's business (product.md, "Ownership").
    """
    mark = entry.mark
    return (
        mark is not None
        and asked.is_ours(mark.owner)
        and mark.machine == machine_hash(machine.id)
        and not machine.scale_set
    )


def ours(machine: Machine, claims: Iterable[Claim], asked: Asked) -> frozenset[tuple[str, str]]:
    """The applications of a machine that are this project's business: claimed, or marked as ours."""
    marked = {entry.reference.key for entry in machine.entries if entry.reference and is_ours(machine, entry, asked)}
    return frozenset(marked.union(claim.key for claim in claims))


def _kept(entry: Entry) -> str:
    return f"{told(entry)} is no longer assigned; --prune removes it"


def _is_ignored(entry: Entry, globs: tuple[str, ...]) -> bool:
    """Whether a glob names the entry's application, by `gallery/application` or its ARM id."""
    if entry.reference is None:
        return any(fnmatchcase(entry.spelled.lower(), glob.lower()) for glob in globs)
    names = (name_of(entry.reference).lower(), entry.reference.id.key)
    return any(fnmatchcase(name, glob.lower()) for glob in globs for name in names)


def _removed(machine: Machine, entry: Entry, catalogue: Catalogue, asked: Asked, why: str, note: Note) -> Verdict:
    reference = entry.reference
    if not asked.options.prune or reference is None:
        return Verdict(findings=(note,))
    guest = _gone(machine, reference, catalogue)
    return Verdict(Change(path_of(reference), on_wire(entry), None), guest, (), f"{name_of(reference)}: {why}")


def _gone(machine: Machine, reference: Reference, catalogue: Catalogue) -> str:
    seen = catalogue.seen(machine, reference.application)
    return removal(reference.application, catalogue.meant(reference, machine), seen)


def _foreign(machine: Machine, entry: Entry) -> str:
    """Whose it is, as far as that can be told."""
    mark, how = entry.mark, ""
    if machine.scale_set:
        return f"{told(entry)}: an instance gets what the model of its scale set says"
    if mark is not None:
        is_copy = mark.machine != machine_hash(machine.id)
        how = " (its mark is a copy of another machine's)" if is_copy else f" (it belongs to '{mark.owner}')"
    elif entry.automatic_upgrade:
        how = " (Azure moves it to new versions by itself)"
    elif looks_injected(entry):
        how = " (it looks like what Azure Policy adds)"
    return f"{told(entry)} is not ours: left as it is{how}"


def looks_injected(entry: Entry) -> bool:
    """Microsoft's inject policy adds `latest` with order 1 and the failure flag [azure-facts 4.9, POL]."""
    is_latest = entry.reference is not None and entry.reference.version.lower() == LATEST
    return is_latest and entry.order == 1 and entry.fails_deployment and not entry.tags
