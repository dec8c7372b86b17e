"""What a GalleryApplicationVersion document's schema cannot say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vmapps.core.diagnostic import Diagnostic, error, warning
from vmapps.core.fields import region
from vmapps.kinds.gallery_application.defaults import completed
from vmapps.kinds.gallery_application_version.install_file import inlined, install_file_problems
from vmapps.kinds.gallery_application_version.scripts import script_problems
from vmapps.kinds.kind import Document, Surroundings
from vmapps.kinds.limits import absent_problems, common_problems, custom_action_problems

SAFE_REPLICAS = 3
"""Azure's limits say 10 replicas per region, an error text says 3 [azure-facts 2.1]."""


def check(document: Document, surroundings: Surroundings) -> tuple[Diagnostic, ...]:
    """The version with its application's defaults filled in; its application is known to exist, and to stay."""
    if document.is_absent:
        return tuple(absent_problems(document))
    application = surroundings.applications[document.spec["application"].lower()]
    whole = completed(document, application)
    return tuple(_problems(whole, application, surroundings))


def _problems(document: Document, application: Document, surroundings: Surroundings) -> Iterator[Diagnostic]:
    yield from common_problems(document, surroundings.project)
    yield from custom_action_problems(document)
    yield from _regions(document, surroundings.project.location)
    yield from _replicas(document)
    yield from _storage(document)
    yield from _commands(document, application, surroundings)
    if surroundings.project.store is None:
        yield from _store(document)


def _commands(document: Document, application: Document, surroundings: Surroundings) -> Iterator[Diagnostic]:
    """The commands as they are sent; with an install file that is wrong they cannot be judged."""
    problems = tuple(install_file_problems(document, application, surroundings))
    yield from problems
    whole = inlined(document, surroundings)
    if whole is not None and not problems:
        yield from script_problems(whole, application)


def _regions(document: Document, default: str) -> Iterator[Diagnostic]:
    """No region twice, and the version's own location among them [azure-facts 1.3, 3.8]."""
    regions = document.spec.get("targetRegions", ())
    seen: dict[str, str] = {}
    for at, item in enumerate(regions):
        name = str(region(item["name"]))
        if name in seen:
            summary = f"the region '{item['name']}' stands twice in targetRegions (as '{seen[name]}' before)"
            where = document.span("spec", "targetRegions", str(at), "name")
            yield error("duplicate-region", summary, where, hint="keep one of them")
        seen.setdefault(name, item["name"])
    location = document.spec.get("location", default)
    if regions and location and region(location) not in seen:
        summary = f"targetRegions lacks the version's own location, '{location}'"
        where = document.span("spec", "targetRegions")
        yield error("location-not-target", summary, where, hint=f"add {{name: {location}}}, or change location")


def _replicas(document: Document) -> Iterator[Diagnostic]:
    counts: list[tuple[tuple[str, ...], Any]] = [(("replicaCount",), document.spec.get("replicaCount", 1))]
    for at, item in enumerate(document.spec.get("targetRegions", ())):
        counts.append((("targetRegions", str(at), "regionalReplicaCount"), item.get("regionalReplicaCount", 1)))
    for path, count in counts:
        if count > SAFE_REPLICAS:
            summary = f"{count} replicas: Azure's documentation disagrees beyond {SAFE_REPLICAS} per region"
            yield warning("doubtful-replicas", summary, document.span("spec", *path), hint="3 or fewer are safe")


def _storage(document: Document) -> Iterator[Diagnostic]:
    spec: Mapping[str, Any] = document.spec
    if "storageAccountType" in spec and "storageAccountStrategy" in spec:
        summary = "storageAccountType and storageAccountStrategy exclude each other"
        where = document.span("spec", "storageAccountStrategy")
        yield error("storage-conflict", summary, where, hint="keep one of them")


def _store(document: Document) -> Iterator[Diagnostic]:
    for field in ("package", "defaultConfiguration"):
        if field in document.spec["source"]:
            summary = f"source.{field} is a local file, and the project has no packageStore to upload it to"
            where = document.span("spec", "source", field)
            yield error("no-package-store", summary, where, hint="add packageStore to the project, or use a link")
