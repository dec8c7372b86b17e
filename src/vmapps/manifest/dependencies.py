"""dependsOn: what an application depends on has to come to the same machine, and before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from vmapps.core.address import ArmId
from vmapps.core.diagnostic import Diagnostic, error
from vmapps.kinds.kind import Document, Surroundings
from vmapps.manifest.claims import Claim, by_machine, claims_of


@dataclass(frozen=True, slots=True)
class Known:
    """The documents around, and the applications that any assignment wants; None when some could not be read."""

    around: Surroundings
    wanted: frozenset[ArmId] | None


def dependency_problems(documents: list[Document], around: Surroundings, *, is_whole: bool) -> Iterator[Diagnostic]:
    """What is wrong within each assignment, then between those that name one machine.

    Not `is_whole`: some assignments could not be read, so nothing is known to be missing.
    """
    wanted = {claim.application for one in documents for claim in claims_of(one, around) if not claim.is_absent}
    known = Known(around, frozenset(wanted) if is_whole else None)
    for document in documents:
        claims = claims_of(document, around)
        for claim in claims:
            yield from _needed(claim, {other.application: other for other in claims}, known)
        yield from _circle(claims, around)
    for together in by_machine(documents, around.project).values():
        if len(together) > 1:
            yield from _circle([claim for one in together for claim in claims_of(one, around)], around)


def _needed(claim: Claim, beside: dict[ArmId, Claim], known: Known) -> Iterator[Diagnostic]:
    """One claim's dependencies, among the claims beside it and those of the whole project."""
    for where, needed in claim.needs(known.around):
        other = beside.get(needed)
        if needed == claim.application:
            summary = f"'{needed.name}' depends on itself"
            yield error("contradiction", summary, where, hint="remove it")
        elif other is not None and other.is_absent:
            summary = f"'{claim.application.name}' depends on '{needed.name}', which has state: absent here"
            yield error("contradiction", summary, where, hint="remove the dependency first")
        elif other is None and known.wanted is not None and needed not in known.wanted and _is_declared(needed, known):
            summary = f"'{claim.application.name}' depends on '{needed.name}', which no assignment installs"
            yield error("unassigned-dependency", summary, where, hint=f"add '{needed.name}' to the applications here")


def _is_declared(application: ArmId, known: Known) -> bool:
    """Whether the manifests declare it: what another team's gallery has on a machine is for the plan to see."""
    gallery = application.parent
    name = f"{gallery.name}/{application.name}".lower()
    return known.around.gallery_ids.get(gallery.name.lower()) == gallery and name in known.around.applications


def _circle(claims: list[Claim], around: Surroundings) -> Iterator[Diagnostic]:
    """The first circle of dependencies; what is one within an assignment is said there, not for its machines."""
    graph: dict[ArmId, list[ArmId]] = {}
    for claim in claims:
        needed = (one for _, one in claim.needs(around) if one != claim.application)
        graph.setdefault(claim.application, []).extend(needed)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as problem:
        yield from _said(problem.args[1], claims, around)


def _said(ring: Iterable[ArmId], claims: list[Claim], around: Surroundings) -> Iterator[Diagnostic]:
    """A circle, told from its first claim on; the ring goes from what is needed to what needs it, and closes."""
    members = list(ring)[:0:-1]
    inside = [claim for claim in claims if claim.application in members]
    first = inside[0]
    start = members.index(first.application)
    names = [one.name for one in (*members[start:], *members[:start], first.application)]
    several = list(dict.fromkeys(claim.document.name for claim in inside))
    if len(several) == 1 and len({id(claim.document) for claim in claims}) > 1:
        return
    by = f", by the assignments {' and '.join(repr(name) for name in several)} together" if len(several) > 1 else ""
    where = next(where for where, needed in first.needs(around) if needed in members)
    summary = f"'{names[0]}' depends on itself: {' -> '.join(names)}{by}"
    yield error("dependency-cycle", summary, where, hint="remove one of these dependencies")
