"""From a directory to declarations: every problem of every file, or none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path as FilePath
from types import MappingProxyType

from vmapps.core.address import ArmId
from vmapps.core.declaration import Declarations, Project
from vmapps.core.diagnostic import Diagnostic, error, in_order
from vmapps.core.fields import Path
from vmapps.core.resource import Desired, Link, without_secrets
from vmapps.errors import Invalid
from vmapps.kinds.catalog import KINDS
from vmapps.kinds.kind import Document, Surroundings
from vmapps.manifest import references
from vmapps.manifest.assigned import assigned
from vmapps.manifest.assignments import assignment_of
from vmapps.manifest.dependencies import dependency_problems
from vmapps.manifest.documents import ASSIGNMENT
from vmapps.manifest.entries import entry_problems
from vmapps.manifest.gather import Gathered, gather
from vmapps.manifest.overlaps import assignment_problems
from vmapps.manifest.packages import Shelf
from vmapps.manifest.project import FILE, project_file, project_of, project_problems
from vmapps.manifest.references import Catalogue
from vmapps.manifest.shown import shown

LOCAL = ("package", "defaultConfiguration")
NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Ready:
    """A project whose documents are known by name: what the checks and the declarations are made from."""

    catalogue: Catalogue
    around: Surroundings
    foreign: frozenset[ArmId]
    shelf: Shelf
    links: Mapping[str, str]

    @property
    def project(self) -> Project:
        """The project itself."""
        return self.around.project


def load(
    path: FilePath,
    variables: Mapping[str, str] = NO_VARIABLES,
    *,
    today: date | None = None,
    blob_endpoint: str | None = None,
) -> Declarations:
    """Load and check the project that a directory or project file is.

    `variables` are those of --var; `blob_endpoint` takes the place of `packageStore.account`. Without `today`,
    dates are not judged. Raises Invalid with every problem of every file when there is an error.
    """
    file = project_file(path)
    if file is None:
        hint = f"a project is a directory with a {FILE}"
        raise Invalid((error("no-project", "there is no project here", hint=hint, subject=shown(path)),))
    gathered = gather(file, variables)
    ready = _ready(gathered, blob_endpoint)
    found = [*gathered.problems, *(_problems(gathered, ready, today) if ready else ())]
    problems = in_order(found)
    if ready is None or any(problem.is_error for problem in problems):
        raise Invalid(problems)
    return _declarations(ready, problems)


def _ready(gathered: Gathered, blob_endpoint: str | None) -> Ready | None:
    """None without a usable project document: a problem says why."""
    if gathered.project is None:
        return None
    project = project_of(gathered.project, gathered.project_id, blob_endpoint)
    catalogue = Catalogue.of(gathered)
    ids = references.gallery_ids(catalogue, project)
    shelf = Shelf(gathered.folder, gathered.root)
    links: dict[str, str] = {}

    def link(text: str) -> Link:
        digest = hashlib.sha256(text.encode()).hexdigest()
        links[digest] = text
        return Link(without_secrets(text), digest=digest)

    applications = catalogue.of_kind(references.APPLICATION)
    around = Surroundings(project, ids, applications, shelf.package, link, shelf.text)
    return Ready(catalogue, around, references.foreign_galleries(catalogue, ids), shelf, links)


def _problems(gathered: Gathered, ready: Ready, today: date | None) -> Iterator[Diagnostic]:
    catalogue = ready.catalogue
    if gathered.project is not None:
        yield from project_problems(gathered.project, gathered.project_id)
    yield from references.duplicates(gathered)
    yield from references.parents(catalogue)
    yield from assigned(catalogue, ready.around.gallery_ids)
    for document in catalogue.documents:
        yield from _own_problems(document, ready)
    yield from ready.shelf.problems
    assignments = list(catalogue.of_kind(ASSIGNMENT).values())
    yield from assignment_problems(assignments, ready.around)
    yield from dependency_problems(assignments, ready.around, is_whole=not catalogue.has_broken(ASSIGNMENT))
    if today is not None:
        yield from references.past_dates(catalogue, today)


def _own_problems(document: Document, ready: Ready) -> Iterator[Diagnostic]:
    """What the document's kind finds, and its files; a version without its application cannot be judged."""
    application = document.spec.get("application", "").lower()
    above = ready.around.applications.get(application)
    kind = KINDS.get(document.kind)
    if kind and kind.check and (not application or (above is not None and not above.is_absent) or document.is_absent):
        yield from kind.check(document, ready.around)
    if document.kind == ASSIGNMENT:
        yield from entry_problems(document, ready.project.store)
    for path in _files(document):
        ready.shelf.package(document, path)


def _files(document: Document) -> Iterator[Path]:
    """The fields that name a local file to upload; what is to be deleted needs none."""
    if not document.is_absent:
        yield from (("spec", "source", field) for field in LOCAL if field in document.spec.get("source", {}))
    for at, entry in enumerate(document.spec.get("applications", ())):
        if "configuration" in entry and entry.get("state") != "absent":
            yield "spec", "applications", str(at), "configuration"


def _declarations(ready: Ready, warnings: tuple[Diagnostic, ...]) -> Declarations:
    catalogue, around = ready.catalogue, ready.around
    documents = catalogue.of_kind(ASSIGNMENT).values()
    assignments = tuple(assignment_of(document, around, ready.foreign) for document in documents)
    resources = tuple(_desired(ready))
    return Declarations(
        ready.project,
        tuple(sorted(resources, key=lambda one: one.address)),
        ready.shelf.packages(),
        tuple(sorted(assignments, key=lambda one: one.address)),
        tuple(sorted(ready.foreign, key=lambda one: one.key)),
        dict(sorted(ready.links.items())),
        warnings,
    )


def _desired(ready: Ready) -> Iterator[Desired]:
    for document in ready.catalogue.documents:
        kind = KINDS.get(document.kind)
        wanted = kind.declare(document, ready.around) if kind and kind.declare else None
        if wanted is not None:
            yield wanted
