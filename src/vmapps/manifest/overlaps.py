"""What assignments put on one machine: each application once, from one gallery, on the same terms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from vmapps.core.address import ArmId
from vmapps.core.diagnostic import Diagnostic, error, warning
from vmapps.core.fields import Path
from vmapps.kinds.kind import Document, Surroundings
from vmapps.kinds.limits import tag_problems
from vmapps.manifest.claims import Claim, by_machine, claims_of
from vmapps.manifest.rollouts import rollout_problems

MAX_APPLICATIONS, OLD_LIMIT = 25, 5
"""Applications on one machine: 25; an error text and older pages say 5 [azure-facts 2.1]."""

RESERVED = ("vmapps-owner", "vmapps-machine", "previous")
"""Keys of an entry's tags text that are vmapps' mark."""

PLAIN = {
    "version": "latest",
    "from": "declared",
    "state": "present",
    "treatFailureAsDeploymentFailure": False,
    "followLatest": False,
    "enableAutomaticUpgrade": False,
    "tags": {},
}
"""What an entry means that leaves a field out."""


def assignment_problems(documents: list[Document], around: Surroundings) -> Iterator[Diagnostic]:
    """What is wrong within each assignment, then between assignments that name the same machine."""
    for document in documents:
        yield from _within(document, claims_of(document, around), around)
    for machine, together in by_machine(documents, around.project).items():
        yield from _between("/".join(machine.name), together, around)
        yield from _owners("/".join(machine.name), together)


def _within(document: Document, claims: list[Claim], around: Surroundings) -> Iterator[Diagnostic]:
    seen: dict[ArmId, Claim] = {}
    names: dict[str, Claim] = {}
    for claim in claims:
        tags: Path = ("spec", "applications", str(claim.at), "tags")
        yield from tag_problems(document, tags, claim.entry.get("tags", {}), RESERVED)
        first = seen.setdefault(claim.application, claim)
        if first is not claim:
            summary = f"'{claim.entry['application']}' stands twice in this assignment (first at {first.span()})"
            yield error("duplicate-application", summary, claim.span("application"), hint="keep one of them")
        elif not claim.is_absent:
            namesake = names.setdefault(claim.application.name.lower(), claim)
            if namesake is not claim:
                yield _namesakes(claim, namesake, "this assignment")
    yield from _expectations(document)
    yield from rollout_problems(document)
    yield from _too_many(len(names), document, around.project.cloud)


def _namesakes(claim: Claim, first: Claim, where: str) -> Diagnostic:
    """The guest keeps applications by name alone: two of one name are one to it."""
    summary = (
        f"{where} would get '{claim.application.name}' from two galleries, "
        f"'{first.application.parent.name}' (at {first.span()}) and '{claim.application.parent.name}'"
    )
    hint = "a machine cannot tell them apart; remove one of them"
    return error("application-namesakes", summary, claim.span("application"), hint=hint)


def _expectations(document: Document) -> Iterator[Diagnostic]:
    for at, target in enumerate(document.spec["targets"]):
        expect = target.get("expect", {})
        if expect.get("atLeast", 0) > expect.get("atMost", expect.get("atLeast", 0)):
            where = document.span("spec", "targets", str(at), "expect")
            yield error("impossible-expect", "atLeast is more than atMost", where, hint="swap them")


def _too_many(count: int, document: Document, cloud: str) -> Iterator[Diagnostic]:
    where = document.span("spec", "applications")
    if count > MAX_APPLICATIONS:
        summary = f"{count} applications on one machine; Azure takes {MAX_APPLICATIONS}"
        yield error("too-many-applications", summary, where, hint="pack some of them into one application")
    elif count > OLD_LIMIT and cloud != "AzurePublic":
        summary = f"{count} applications on one machine; older Azure clouds take {OLD_LIMIT}"
        yield warning("doubtful-count", summary, where, hint="try it on one machine first")


def _between(name: str, documents: Sequence[Document], around: Surroundings) -> Iterator[Diagnostic]:
    """Assignments that meet on one machine; what is wrong inside one of them is said elsewhere."""
    seen: dict[ArmId, Claim] = {}
    names: dict[str, Claim] = {}
    for claim in (claim for document in documents for claim in claims_of(document, around)):
        first = seen.setdefault(claim.application, claim)
        if first.document is not claim.document and (field := _differing(first, claim, around)):
            summary = (
                f"assignments '{first.document.name}' (at {first.span(field)}) and '{claim.document.name}' "
                f"disagree on '{field}' of '{claim.application.name}' on '{name}'"
            )
            yield error("assignment-conflict", summary, claim.span(field), hint="make them agree")
        if not claim.is_absent:
            namesake = names.setdefault(claim.application.name.lower(), claim)
            if namesake.document is not claim.document and namesake.application != claim.application:
                yield _namesakes(claim, namesake, f"'{name}'")
    if len(names) > MAX_APPLICATIONS and len(documents) > 1:
        summary = (
            f"'{name}' would get {len(names)} applications from several assignments; Azure takes {MAX_APPLICATIONS}"
        )
        where = documents[-1].span("spec", "applications")
        yield error("too-many-applications", summary, where, hint="remove some of them")


def _differing(one: Claim, other: Claim, around: Surroundings) -> str:
    """The first field on which two entries of one application disagree; whether it is wanted at all comes first."""
    both, ours = _terms(one, around), _terms(other, around)
    names = sorted(both.keys() | ours.keys(), key=lambda name: (name != "state", name))
    return next((name for name in names if both.get(name) != ours.get(name)), "")


def _terms(claim: Claim, around: Surroundings) -> dict[str, Any]:
    """What an entry means: references by what they refer to, a configuration by its content."""
    terms = {**PLAIN, **claim.entry, "application": claim.application}
    terms["dependsOn"] = {needed for _, needed in claim.needs(around)}
    if "configuration" in claim.entry:
        package = around.package(claim.document, ("spec", "applications", str(claim.at), "configuration"))
        terms["configuration"] = package.sha256 if package else ""
    return terms


def _owners(name: str, documents: Sequence[Document]) -> Iterator[Diagnostic]:
    """Whose a machine's list is has one answer."""
    first = documents[0]
    for document in documents[1:]:
        one, other = (it.spec.get("ownership", "merge") for it in (first, document))
        if one != other:
            place = first.span("spec", "ownership")
            summary = (
                f"assignments '{first.name}' (at {place}, {one}) and '{document.name}' ({other}) "
                f"disagree on the ownership of '{name}'"
            )
            where = document.span("spec", "ownership")
            yield error("ownership-conflict", summary, where, hint="give both the same ownership")
