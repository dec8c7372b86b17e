"""What the fields of an assignment's entry say together, and what its configuration needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vmapps.core.declaration import Store
from vmapps.core.diagnostic import Diagnostic, error
from vmapps.kinds.kind import Document

NAMES_IT = ("application", "state")
"""What an entry that is to be removed says."""


def entry_problems(document: Document, store: Store | None) -> Iterator[Diagnostic]:
    """Every entry of an assignment by itself."""
    for at, entry in enumerate(document.spec["applications"]):
        if entry.get("state") == "absent":
            yield from _absent(document, str(at), entry)
            continue
        yield from _latest(document, str(at), entry)
        if "order" in entry and "dependsOn" in entry:
            summary = "order and dependsOn exclude each other: dependsOn is compiled into an order"
            where = document.span("spec", "applications", str(at), "order")
            yield error("contradiction", summary, where, hint="keep one of them")
        if "configuration" in entry:
            yield from _configuration(document, str(at), store)


def _absent(document: Document, at: str, entry: Mapping[str, Any]) -> Iterator[Diagnostic]:
    for name in entry:
        if name not in NAMES_IT:
            summary = f"'{name}' has no meaning beside state: absent, which removes the entry"
            where = document.span("spec", "applications", at, name)
            yield error("contradiction", summary, where, hint=f"remove '{name}'")


def _latest(document: Document, at: str, entry: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """Azure upgrades by itself only what refers to the literal latest [azure-facts 3.3]."""
    follows, version = entry.get("followLatest", False), entry.get("version", "latest")
    if follows and version != "latest":
        summary = f"followLatest leaves the version to Azure, and version says {version}"
        where = document.span("spec", "applications", at, "version")
        yield error("contradiction", summary, where, hint="remove one of them")
    if entry.get("enableAutomaticUpgrade", False) and not follows:
        summary = "enableAutomaticUpgrade needs followLatest: true; otherwise the plan chooses the version, not Azure"
        hint = "remove it, or write followLatest: true instead of a version"
        where = document.span("spec", "applications", at, "enableAutomaticUpgrade")
        yield error("contradiction", summary, where, hint=hint)


def _configuration(document: Document, at: str, store: Store | None) -> Iterator[Diagnostic]:
    """Read at scale-out and reimage too, by the machine's side: no minted SAS lives as long (product.md, "Links")."""
    where = document.span("spec", "applications", at, "configuration")
    if store is None:
        summary = "configuration is a local file, and the project has no packageStore to upload it to"
        hint = "add packageStore with configurationAccess to the project, or use configurationReference"
        yield error("no-package-store", summary, where, hint=hint)
    elif not store.configuration_access:
        summary = (
            "this configuration is read again months later, at every scale-out and reimage: a minted SAS has expired "
            "by then, and the gallery's identity does not read it"
        )
        hint = (
            "write packageStore: {configurationAccess: public} or storedPolicy, "
            "or make it the version's source.defaultConfiguration"
        )
        yield error("configuration-access", summary, where, hint=hint)
