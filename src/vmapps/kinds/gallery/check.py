"""What a Gallery document's schema cannot say."""

from __future__ import annotations

from collections.abc import Iterator

from vmapps.core.diagnostic import Diagnostic, error, warning
from vmapps.kinds.kind import Document, Surroundings
from vmapps.kinds.limits import absent_problems, common_problems

LOOKED_UP = ("managed", "subscription", "resourceGroup")
"""The fields that say where another team's gallery is."""


def check(document: Document, surroundings: Surroundings) -> tuple[Diagnostic, ...]:
    """Where it is, whose it is, and whether its identity makes sense."""
    return tuple(_problems(document, surroundings))


def _problems(document: Document, surroundings: Surroundings) -> Iterator[Diagnostic]:
    yield from _place(document, surroundings)
    if not document.spec.get("managed", True):
        yield from _only_read(document)
    elif document.is_absent:
        yield from absent_problems(document)
    else:
        yield from common_problems(document, surroundings.project)
        yield from _name(document)
        yield from _identity(document)


def _place(document: Document, surroundings: Surroundings) -> Iterator[Diagnostic]:
    if not document.spec.get("resourceGroup", surroundings.project.resource_group):
        summary = f"no resource group is known for the gallery '{document.name}'"
        hint = "write resourceGroup here or in the project"
        yield error("no-resource-group", summary, document.span("metadata", "name"), hint=hint)


def _only_read(document: Document) -> Iterator[Diagnostic]:
    for name in document.spec:
        if name not in LOOKED_UP:
            summary = f"'{name}' has no effect on a gallery with managed: false, which is only read"
            yield error("foreign-gallery-field", summary, document.span("spec", name), hint=f"remove '{name}'")


def _name(document: Document) -> Iterator[Diagnostic]:
    """Older documentation refuses a hyphen in a gallery's name, the specification allows it [azure-facts 1.1]."""
    if "-" in document.name:
        summary = f"Azure's documentation disagrees on '-' in a gallery's name ('{document.name}')"
        hint = "'_' and '.' are safe"
        yield warning("doubtful-name", summary, document.span("metadata", "name"), hint=hint)


def _identity(document: Document) -> Iterator[Diagnostic]:
    identity = document.spec.get("identity", {})
    has_ids = "userAssignedIdentities" in identity
    if identity and has_ids != ("UserAssigned" in identity["type"]):
        summary = (
            f"an identity of type '{identity['type']}' takes no userAssignedIdentities"
            if has_ids
            else f"an identity of type '{identity['type']}' needs userAssignedIdentities"
        )
        hint = "userAssignedIdentities belongs to a type with UserAssigned"
        yield error("identity-mismatch", summary, document.span("spec", "identity"), hint=hint)
