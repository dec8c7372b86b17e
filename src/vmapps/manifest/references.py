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
from vmapps.manifest.formats import in_range
from vmapps.manifest.gather import Gathered, full_name
from vmapps.manifest.shown import did_you_mean, shown

GALLERY, APPLICATION, VERSION = "Gallery", "GalleryApplication", "GalleryApplicationVersion"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The documents by kind and the name that others refer to, in lower case; the first of two counts.

    `versions` are the declared versions by `gallery/application`.
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


def assigned(catalogue: Catalogue, ids: Mapping[str, ArmId]) -> Iterator[Diagnostic]:
    """Every application and version that an assignment asks for."""
    foreign = foreign_galleries(catalogue, ids)
    by_id = {arm_id: name for name, arm_id in ids.items()}
    for document in catalogue.of_kind(ASSIGNMENT).values():
        for at, entry in enumerate(document.spec["applications"]):
            text = entry["application"]
            arm_id = ArmId.parse(text) if text.startswith("/") else None
            if arm_id is not None and arm_id.parent in by_id:
                text = f"{by_id[arm_id.parent]}/{arm_id.name}"
            if (arm_id.parent if arm_id else ids.get(text.partition("/")[0].lower())) not in foreign:
                yield from _application(document, str(at), text, catalogue)


def _application(document: Document, at: str, name: str, catalogue: Catalogue) -> Iterator[Diagnostic]:
    path = ("spec", "applications", at, "application")
    found = catalogue.get(APPLICATION, name)
    if found is None:
        if not catalogue.may_have(APPLICATION, name) and not catalogue.may_have(GALLERY, name.partition("/")[0]):
            yield unknown(APPLICATION, name, document, path, catalogue)
        return
    if not document.spec["applications"][int(at)]["application"].startswith("/"):
        yield from spelling(name, found, document, path, catalogue)
    yield from _version(document, at, name, catalogue)
    yield from _system(document, at, name, found)


def _version(document: Document, at: str, name: str, catalogue: Catalogue) -> Iterator[Diagnostic]:
    entry = document.spec["applications"][int(at)]
    wanted, declared = entry["version"], catalogue.versions.get(name.lower(), ())
    if entry.get("from") == "live" or catalogue.has_broken_version(name):
        return
    if not any(in_range(version, wanted) for version in declared):
        near = did_you_mean(wanted, declared)
        hint = f"{near + '; ' if near else ''}'from: live' adds the versions that Azure has"
        where = document.span("spec", "applications", at, "version")
        yield error("unknown-version", f"no declared version of '{name}' is {wanted}", where, hint=hint)


def _system(document: Document, at: str, name: str, application: Document) -> Iterator[Diagnostic]:
    """An application runs on the machines of its operating system only [azure-facts 2.4]."""
    system = application.spec["supportedOSType"]
    for target in document.spec["targets"]:
        selected = target.get("selector", {}).get("osType", system)
        if selected != system:
            summary = f"'{name}' is for {system}, and a selector of this assignment asks for {selected}"
            where = document.span("spec", "applications", at, "application")
            yield error("os-mismatch", summary, where, hint="write one assignment per operating system")
            return


def past_dates(catalogue: Catalogue, today: date) -> Iterator[Diagnostic]:
    """endOfLifeDate is for people; one in the past is most likely forgotten."""
    for document in (*catalogue.of_kind(APPLICATION).values(), *catalogue.of_kind(VERSION).values()):
        for fields, path in (
            (document.spec, ("spec", "endOfLifeDate")),
            (document.spec.get("versionDefaults", {}), ("spec", "versionDefaults", "endOfLifeDate")),
        ):
            text = fields.get("endOfLifeDate")
            if text and datetime.fromisoformat(instant(text)).astimezone(UTC).date() < today:
                summary = f"the endOfLifeDate {text} is in the past; Azure does not enforce it"
                yield warning("end-of-life", summary, document.span(*path), hint="retire it, or move the date")
