"""A live world as documents: the galleries that were asked for, and the lists of the machines that use them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from vmapps.core.address import ArmId, natural
from vmapps.core.declaration import Project
from vmapps.core.exporting.choice import Choice
from vmapps.core.exporting.grouping import Group, Listed, grouped, told_by
from vmapps.core.exporting.offer import Key, Offer, foreign, is_of_use, offered, stays
from vmapps.core.exporting.result import Export, Left, Piece, merged
from vmapps.core.exporting.spelling import respelled
from vmapps.core.planning.leftovers import looks_injected
from vmapps.core.planning.verdicts import name_of as named
from vmapps.core.resource import Entry, Machine, Observed, Reference, World
from vmapps.kinds.catalog import KINDS
from vmapps.kinds.export import borrowed
from vmapps.kinds.kind import Exported
from vmapps.kinds.machine_export import assignment, is_nameable, is_sayable, losses, said, unsayable
from vmapps.kinds.soundness import objection

APART = {"assignments": "assignments.gallery"}
"""A folder of its own for a gallery that is called like the folder of the assignments."""

MOST_NAMES = 5
"""Machines that a comment names."""


@dataclass(frozen=True, slots=True)
class Ours:
    """The project that the documents are for; `owners` are those whose marks are its own: in a new one nobody."""

    project: Project
    owners: frozenset[str] = frozenset()

    def others(self, owner: str) -> bool:
        """Whether a mark is another owner's."""
        return bool(owner) and owner not in self.owners


@dataclass(slots=True)
class Declared:
    """What was found of the galleries so far: documents, what stays out, and what entries may refer to."""

    pieces: list[Piece] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    galleries: set[str] = field(default_factory=set)
    names: dict[Key, str] = field(default_factory=dict)
    versions: dict[Key, frozenset[str]] = field(default_factory=dict)
    refused: dict[Key, str] = field(default_factory=dict)


def exported(world: World, choice: Choice, project: Project, owners: frozenset[str] = frozenset()) -> Export:
    """The documents of everything that was chosen; planning them against the same world plans nothing.

    `owners` are those whose marks are the project's own. What a document leaves out is told above it, and what has
    no document in `left`.
    """
    world, ours = respelled(world), Ours(project, owners)
    found = _galleries(world, choice, ours)
    offer = offered(world.resources.values(), frozenset(found.galleries), found.names, found.versions, found.refused)
    lists = [
        _listed(one, choice, offer, ours)
        for one in world.machines.values()
        if one.entries and not one.scale_set and choice.covers(one)
    ]
    groups = grouped(lists)
    pieces = [*found.pieces, *map(_assignment, groups)]
    idle = told_by(one for one in lists if not one.items)
    pieces.extend([Piece("assignments/left-out.yaml", None, tuple(_lines(idle, ())))] if idle else [])
    ordered = tuple(sorted(pieces, key=lambda piece: piece.path.lower()))
    left = [*found.left, *(Left(text, where) for text, where in told_by(lists).items())]
    return Export(ordered, merged(left), sum(len(one.machines) for one in groups))


def _galleries(world: World, choice: Choice, ours: Ours) -> Declared:
    """Every gallery that is taken or borrowed, with what is in it."""
    found, taken = Declared(), set[str]()
    used = {entry.reference.gallery for one in world.machines.values() for entry in one.entries if entry.reference}
    below = _below(world)
    known = [one for one in world.resources.values() if len(one.id.names) == 1]
    for one in sorted(known, key=lambda it: (bool(it.address.subscription), it.address)):
        name = one.id.name
        if choice.takes(name) and not below.get(one.id) and not choice.names(name):
            found.left.append(Left("it holds no VM applications", (one.address,)))
            continue
        if choice.takes(name) and not ours.others(one.owner) and name.lower() not in taken:
            _ours(one, below, choice, ours, found)
        elif one.id in used and (choice.borrows(name) or choice.takes(name)):
            _theirs(one, below, choice, ours, found, is_named=name.lower() not in taken)
        else:
            continue
        taken.add(name.lower())
        found.galleries.add(one.id.key)
    return found


def _below(world: World) -> Mapping[ArmId, list[Observed]]:
    """What stands below each gallery and application, in the order of the names; versions as numbers."""
    below: dict[ArmId, list[Observed]] = defaultdict(list)
    for one in sorted(world.resources.values(), key=lambda it: it.address):
        if len(one.id.names) > 1:
            below[one.id.parent].append(one)
    return below


def _ours(one: Observed, below: Mapping[ArmId, list[Observed]], choice: Choice, ours: Ours, found: Declared) -> None:
    export = KINDS["Gallery"].export
    assert export is not None
    whole = export(one)
    path = f"{_folder(one.id.name)}/gallery.yaml"
    why = _refusal(whole, ours)
    _put(found, path, one, whole, why)
    for application in below.get(one.id, ()):
        if choice.takes(one.id.name, application.id.name):
            _application(application, below, ours, found, "its gallery is left out" if why else "")


def _refusal(whole: Exported, ours: Ours, application: Mapping[str, Any] | None = None) -> str:
    """Why there is no document, "" when there is one that `validate` takes."""
    if whole.document is None:
        return "; ".join(whole.lost)
    return objection(whole.document, ours.project, application)


def _application(
    one: Observed, below: Mapping[ArmId, list[Observed]], ours: Ours, found: Declared, refused: str
) -> None:
    """An application and its versions, in one file."""
    key = (one.id.parent.key, one.id.name.lower())
    path = f"{_folder(one.id.parent.name)}/{_stem(one.id.name)}.yaml"
    export = KINDS["GalleryApplication"].export
    assert export is not None
    whole = export(one)
    why = f"it belongs to '{one.owner}'" if ours.others(one.owner) else refused or _refusal(whole, ours)
    _put(found, path, one, whole, why)
    if why:
        found.refused[key] = "its application is left out"
        return
    found.names[key] = f"{one.id.parent.name}/{one.id.name}"
    known = [it.id.name for it in below.get(one.id, ()) if _version(it, path, ours, found, whole.document)]
    found.versions[key] = frozenset(known)


def _version(one: Observed, path: str, ours: Ours, found: Declared, application: Mapping[str, Any] | None) -> bool:
    """Whether there is a document of a version; what is against one is told in its place."""
    export = KINDS["GalleryApplicationVersion"].export
    assert export is not None
    whole = export(one)
    if ours.others(one.owner):
        why = f"it belongs to '{one.owner}'"
    elif not is_of_use(one):
        why = f"it is of no use (provisioningState {one.state}): publish it again, or delete it"
    else:
        why = _refusal(whole, ours, application)
    _put(found, path, one, whole, why)
    return not why


def _put(found: Declared, path: str, one: Observed, whole: Exported, why: str) -> None:
    """The document with what it leaves out; or, where there is none, why."""
    if why:
        found.pieces.append(Piece(path, None, (f"{one.address} is left out: {why}",)))
    else:
        found.pieces.append(Piece(path, whole.document, whole.lost))
    found.left.extend(Left(text, (one.address,)) for text in ((f"left out: {why}",) if why else whole.lost))


def _theirs(
    one: Observed,
    below: Mapping[ArmId, list[Observed]],
    choice: Choice,
    ours: Ours,
    found: Declared,
    *,
    is_named: bool,
) -> None:
    """Another team's gallery; where its name is taken, its applications are named by their ARM ids."""
    name = one.id.name
    if not is_nameable(one.id):
        found.left.append(Left("left out: a manifest does not take its id", (one.address,)))
        return
    told = (f"it belongs to '{one.owner}', so it is only read here",) if ours.others(one.owner) else ()
    if is_named:
        _put(found, f"{_folder(name)}/gallery.yaml", one, Exported(borrowed(one), told), "")
    for application in below.get(one.id, ()):
        if choice.borrows(name, application.id.name) or choice.takes(name, application.id.name):
            key = (one.id.key, application.id.name.lower())
            found.names[key] = f"{name}/{application.id.name}" if is_named else str(application.id)


def _folder(name: str) -> str:
    return APART.get(name.lower(), name)


def _stem(application: str) -> str:
    """The file of an application; one that is called gallery has to stand beside gallery.yaml."""
    return f"{application}.application" if application.lower() == "gallery" else application


def _listed(machine: Machine, choice: Choice, offer: Offer, ours: Ours) -> Listed:
    """A machine's entries as an assignment says them, in the order in which the guest installs them."""
    items: list[Mapping[str, Any]] = []
    told: list[str] = []
    ignored: list[str] = []
    for entry in machine.entries:
        reference = entry.reference
        if reference is None or reference.gallery.key not in offer.galleries or not choice.wants(reference):
            told.append(foreign(entry))
            ignored.extend([named(reference)] if reference and looks_injected(entry) else ())
            continue
        why = _why_not(entry, machine, offer, ours)
        if why:
            told.append(f"{_called(reference, offer)} {reference.version}: {why}; the entry stays as it is")
            continue
        told.extend(f"{_called(reference, offer)}: {text}" for text in (*losses(entry), *_doubts(entry)))
        item = said(entry, reference, offer.names[reference.key])
        items.append({**item, "from": "live"} if offer.is_live_only(reference) else item)
    items.sort(key=lambda item: (item.get("order", float("inf")), natural(item["application"].lower())))
    return Listed(machine, tuple(items), tuple(told), tuple(ignored))


def _called(reference: Reference, offer: Offer) -> str:
    """An application as the documents call it, whatever the letters of the entry."""
    name = offer.names.get(reference.key, "/")
    return named(reference) if name.startswith("/") else name


def _why_not(entry: Entry, machine: Machine, offer: Offer, ours: Ours) -> str:
    assert entry.reference is not None
    mark = entry.mark
    if mark is not None and ours.others(mark.owner):
        return f"it carries the mark of '{mark.owner}'"
    if not is_sayable(machine):
        return "a manifest does not take the name of its machine"
    return unsayable(entry) or stays(entry.reference, machine, offer)


def _doubts(entry: Entry) -> Iterator[str]:
    """What is said, and may be somebody else's all the same."""
    if looks_injected(entry):
        yield "it looks like what Azure Policy adds; if so, take it out here and leave it to Policy"


def _assignment(group: Group) -> Piece:
    document = assignment(group.name, group.machines, group.items, group.ignored)
    addresses = [one.address for one in group.machines]
    return Piece(f"assignments/{group.name}.yaml", document, tuple(_lines(group.told, addresses)))


def _lines(told: Mapping[str, Iterable[object]], all_of_them: Iterable[object]) -> Iterator[str]:
    """What is told, each with the machines that it is about, unless it is about all."""
    everywhere = len(list(all_of_them))
    for text, where in told.items():
        names = [str(one).partition("/")[2] for one in where]
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        yield text if len(names) == everywhere else f"{text} ({', '.join(names[:MOST_NAMES])}{more})"
