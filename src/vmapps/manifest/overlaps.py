"""What assignments put on one machine: each application once, from one gallery, on the same terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vmapps.core.address import Address, ArmId
from vmapps.core.diagnostic import Diagnostic, Span, error, warning
from vmapps.core.fields import Path
from vmapps.kinds.kind import Document, Surroundings
from vmapps.kinds.limits import tag_problems
from vmapps.manifest.assignments import application_id, machine_of

MAX_APPLICATIONS, OLD_LIMIT = 25, 5
"""Applications on one machine: 25; an error text and older pages say 5 [azure-facts 2.1]."""

RESERVED = ("vmapps-owner", "vmapps-machine", "previous")
"""Keys of an entry's tags text that are vmapps' mark."""

PLAIN = {"from": "declared", "treatFailureAsDeploymentFailure": False, "tags": {}, "order": None}


@dataclass(frozen=True, slots=True)
class Claim:
    """One application that an assignment wants somewhere."""

    document: Document
    at: int
    application: ArmId

    @property
    def entry(self) -> Mapping[str, Any]:
        """The entry as it is written."""
        found: Mapping[str, Any] = self.document.spec["applications"][self.at]
        return found

    def span(self, *path: str) -> Span:
        """Where a field of the entry stands."""
        return self.document.span("spec", "applications", str(self.at), *path)


def assignment_problems(documents: list[Document], around: Surroundings) -> Iterator[Diagnostic]:
    """What is wrong within each assignment, then between assignments that name the same machine."""
    machines: dict[Address, list[Claim]] = {}
    for document in documents:
        claims = _claims(document, around)
        yield from _within(document, claims, around)
        for machine in _machines(document, around):
            machines.setdefault(machine, []).extend(claims)
    for machine, claims in machines.items():
        yield from _between(machine, claims)


def _claims(document: Document, around: Surroundings) -> list[Claim]:
    found = (
        (at, application_id(entry["application"], around)) for at, entry in enumerate(document.spec["applications"])
    )
    return [Claim(document, at, arm_id) for at, arm_id in found if arm_id is not None]


def _machines(document: Document, around: Surroundings) -> set[Address]:
    named = (target["virtualMachine"] for target in document.spec["targets"] if "virtualMachine" in target)
    return {machine_of(text, around.project) for text in named}


def _within(document: Document, claims: list[Claim], around: Surroundings) -> Iterator[Diagnostic]:
    seen: dict[str, Claim] = {}
    for claim in claims:
        tags: Path = ("spec", "applications", str(claim.at), "tags")
        yield from tag_problems(document, tags, claim.entry.get("tags", {}), RESERVED)
        first = seen.setdefault(claim.application.name.lower(), claim)
        if first is not claim and first.application == claim.application:
            summary = f"'{claim.entry['application']}' stands twice in this assignment (first at {first.span()})"
            yield error("duplicate-application", summary, claim.span("application"), hint="keep one of them")
        elif first is not claim:
            yield _namesakes(claim, first, "this assignment")
    yield from _expectations(document)
    yield from _too_many(len(seen), document, around.project.cloud)


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


def _between(machine: Address, claims: list[Claim]) -> Iterator[Diagnostic]:
    """Assignments that meet on one machine; what is wrong inside one of them is said elsewhere."""
    seen: dict[str, Claim] = {}
    name = "/".join(machine.name)
    for claim in claims:
        first = seen.setdefault(claim.application.name.lower(), claim)
        if first.document is claim.document:
            continue
        if first.application != claim.application:
            yield _namesakes(claim, first, f"'{name}'")
        elif field := _differing(first.entry, claim.entry):
            summary = (
                f"assignments '{first.document.name}' (at {first.span(field)}) and '{claim.document.name}' "
                f"disagree on '{field}' of '{claim.application.name}' on '{name}'"
            )
            yield error("assignment-conflict", summary, claim.span(field), hint="make them agree")
    if len(seen) > MAX_APPLICATIONS and len({id(claim.document) for claim in claims}) > 1:
        summary = (
            f"'{name}' would get {len(seen)} applications from several assignments; Azure takes {MAX_APPLICATIONS}"
        )
        where = claims[-1].document.span("spec", "applications")
        yield error("too-many-applications", summary, where, hint="remove some of them")


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """The first field on which two entries of one application disagree."""
    both, ours = {**PLAIN, **one}, {**PLAIN, **other}
    names = sorted((both.keys() | ours.keys()) - {"application"})
    return next((name for name in names if both.get(name) != ours.get(name)), "")
