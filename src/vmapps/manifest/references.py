"""Whether what documents refer to is there, once, and spelled the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from vmapps.core.address import ArmId
from vmapps.core.declaration import Project
from vmapps.core.diagnostic import Diagnostic, error, warning
from vmapps.core.fields import Path
from vmapps.kinds.gallery.declare import gallery_id
from vmapps.kinds.kind import Document
from vmapps.kinds.shape import instant
from vmapps.manifest.documents import ASSIGNMENT
from vmapps.manifest.gather import Gathered, full_name
from vmapps.manifest.shown import did_you_mean, shown

GALLERY, APPLICATION, VERSION = "Gallery", "GalleryApplication", "GalleryApplicationVersion"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The documents by kind and the name that others refer to, in lower case; the first of two counts.

    `versions` are the declared versions by `gallery/application`, without those that are to be deleted.
    """

    kinds: Mapping[str, Mapping[str, Document]]
    versions: Mapping[str, tuple[str, ...]]
    broken: frozenset[tuple[str, str]]
    is_partial: bool

    @classmethod
    def of(cls, gathered: Gathered) -> Catalogue:
        """Everything that was gathered, by name."""
        kinds: dict[str, dict[str, Document]] = {}
        for document in gathered.documents:
            kind, name = name_of(document)
            kinds.setdefault(kind, {}).setdefault(name, document)
        versions: dict[str, tuple[str, ...]] = {}
        for document in kinds.get(VERSION, {}).values():
            if document.is_absent:
                continue
            application = document.spec["application"].lower()
            versions[application] = (*versions.get(application, ()), document.name)
        return cls(kinds, versions, frozenset(gathered.broken), gathered.unread)

    @property
    def documents(self) -> Iterator[Document]:
        """Every document that counts."""
        return (document for several in self.kinds.values() for document in several.values())

    def get(self, kind: str, name: str) -> Document | None:
        """The document of a kind and name."""
        return self.kinds.get(kind, {}).get(name.lower())

    def may_have(self, kind: str, name: str) -> bool:
        """Whether a document that could not be read or understood may be this one."""
        return self.is_partial or (kind, name.lower()) in self.broken

    def of_kind(self, kind: str) -> Mapping[str, Document]:
        """The documents of one kind by name."""
        return self.kinds.get(kind, {})

    def spelled(self, document: Document) -> str:
        """A gallery's or application's name for references, in the letters of the documents themselves."""
        if document.kind == GALLERY:
            return document.name
        gallery = self.get(GALLERY, document.spec["gallery"])
        return f"{gallery.name if gallery else document.spec['gallery']}/{document.name}"

    def has_broken(self, kind: str) -> bool:
        """Whether a document of a kind may be among what could not be read."""
        return self.is_partial or any(broken == kind for broken, _ in self.broken)

    def has_broken_version(self, application: str) -> bool:
        """Whether a version of this application may be among what could not be read."""
        start = application.lower() + "/"
        return self.is_partial or any(kind == VERSION and name.startswith(start) for kind, name in self.broken)


def name_of(document: Document) -> tuple[str, str]:
    """The kind and full name of a document that passed its schema."""
    name = full_name(document.kind, {"name": document.name}, document.spec)
    assert name is not None
    return name


def duplicates(gathered: Gathered) -> Iterator[Diagnostic]:
    """Two documents of one name: both places are said, at both places."""
    places: dict[tuple[str, str], list[Document]] = {}
    for document in gathered.documents:
        places.setdefault(name_of(document), []).append(document)
    for (kind, name), several in places.items():
        for document in several[1:]:
            first = several[0]
            differs = "" if document.name == first.name else ", in other letters"
            summary = f"{kind} '{name}' is declared twice; the first is at {first.span('metadata', 'name')}{differs}"
            yield error("duplicate-document", summary, document.span("metadata", "name"), hint="remove one of them")


def parents(catalogue: Catalogue) -> Iterator[Diagnostic]:
    """Every application's gallery and every version's application."""
    for document in catalogue.of_kind(APPLICATION).values():
        yield from _parent(document, "gallery", GALLERY, catalogue)
    for document in catalogue.of_kind(VERSION).values():
        yield from _parent(document, "application", APPLICATION, catalogue)


def _parent(document: Document, field: str, kind: str, catalogue: Catalogue) -> Iterator[Diagnostic]:
    name, where = document.spec[field], document.span("spec", field)
    found = catalogue.get(kind, name)
    if found is None:
        if not catalogue.may_have(kind, name):
            yield unknown(kind, name, document, ("spec", field), catalogue)
        return
    yield from spelling(name, found, document, ("spec", field), catalogue)
    if kind == GALLERY and not found.spec.get("managed", True):
        summary = f"the gallery '{name}' has managed: false, so nothing in it can be declared"
        yield error("in-foreign-gallery", summary, where, hint="refer to its applications in assignments only")
    elif found.is_absent and not document.is_absent:
        summary = f"the {kind} '{name}' has state: absent, and this {document.kind} in it has not"
        yield error("parent-absent", summary, where, hint="write 'state: absent' here too, or remove it there")


def unknown(kind: str, name: str, document: Document, path: Path, catalogue: Catalogue) -> Diagnostic:
    """A reference to nothing."""
    hint = did_you_mean(name, catalogue.of_kind(kind))
    return error("unknown-reference", f"no {kind} '{shown(name)}' is declared", document.span(*path), hint=hint)


def spelling(name: str, found: Document, document: Document, path: Path, catalogue: Catalogue) -> Iterator[Diagnostic]:
    """A reference in other letters than the document it means; Azure takes both, people and Git do not."""
    own = catalogue.spelled(found)
    if name != own:
        summary = f"'{name}' differs from '{own}' only in upper and lower case"
        yield error("name-case", summary, document.span(*path), hint=f"write '{own}'")


def resolution(document: Document, path: Path, text: str, name: str, catalogue: Catalogue) -> Iterator[Diagnostic]:
    """Whether the application that an assignment refers to is declared; `name` is what `text` means."""
    found = catalogue.get(APPLICATION, name)
    if found is not None and not text.startswith("/"):
        yield from spelling(name, found, document, path, catalogue)
    may_be = catalogue.may_have(APPLICATION, name) or catalogue.may_have(GALLERY, name.partition("/")[0])
    if found is None and not may_be:
        yield unknown(APPLICATION, name, document, path, catalogue)


def gallery_ids(catalogue: Catalogue, project: Project) -> dict[str, ArmId]:
    """The ARM ids of the declared galleries, ours and others', by name."""
    return {name: gallery_id(document, project) for name, document in catalogue.of_kind(GALLERY).items()}


def foreign_galleries(catalogue: Catalogue, ids: Mapping[str, ArmId]) -> frozenset[ArmId]:
    """Galleries that are only read: `managed: false`, and those that assignments name by an application's ARM id."""
    ours = {ids[name] for name, one in catalogue.of_kind(GALLERY).items() if one.spec.get("managed", True)}
    named = {
        found.parent
        for document in catalogue.of_kind(ASSIGNMENT).values()
        for entry in document.spec["applications"]
        if (found := ArmId.parse(entry["application"])) is not None
    }
    return frozenset((named | set(ids.values())) - ours)


def past_dates(catalogue: Catalogue, today: date) -> Iterator[Diagnostic]:
    """endOfLifeDate is for people; one in the past is most likely forgotten."""
    documents = (*catalogue.of_kind(APPLICATION).values(), *catalogue.of_kind(VERSION).values())
    for document in (one for one in documents if not one.is_absent):
        for fields, path in (
            (document.spec, ("spec", "endOfLifeDate")),
            (document.spec.get("versionDefaults", {}), ("spec", "versionDefaults", "endOfLifeDate")),
        ):
            text = fields.get("endOfLifeDate")
            if text and datetime.fromisoformat(instant(text)).astimezone(UTC).date() < today:
                summary = f"the endOfLifeDate {text} is in the past; Azure does not enforce it"
                yield warning("end-of-life", summary, document.span(*path), hint="retire it, or move the date")
