"""Whether the applications and versions that assignments ask for are declared, and fit the machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vmapps.core.address import ArmId
from vmapps.core.diagnostic import Diagnostic, error
from vmapps.core.versions import pick
from vmapps.kinds.kind import Document
from vmapps.manifest.documents import ASSIGNMENT
from vmapps.manifest.references import APPLICATION, GALLERY, VERSION, Catalogue, resolution
from vmapps.manifest.shown import did_you_mean


def assigned(catalogue: Catalogue, ids: Mapping[str, ArmId]) -> Iterator[Diagnostic]:
    """Every application and version that an assignment asks for, and every application that one depends on."""
    ours = {ids[name]: name for name, one in catalogue.of_kind(GALLERY).items() if one.spec.get("managed", True)}
    for document in catalogue.of_kind(ASSIGNMENT).values():
        for at, entry in enumerate(document.spec["applications"]):
            if name := _declared_name(entry["application"], ids, ours):
                yield from _application(document, str(at), name, catalogue)
            for position, text in enumerate(entry.get("dependsOn", ())):
                path = ("spec", "applications", str(at), "dependsOn", str(position))
                if name := _declared_name(text, ids, ours):
                    yield from resolution(document, path, text, name, catalogue)


def _declared_name(text: str, ids: Mapping[str, ArmId], ours: Mapping[ArmId, str]) -> str:
    """`gallery/application` of what the manifests have to declare; nothing in a gallery that is not ours."""
    arm_id = ArmId.parse(text) if text.startswith("/") else None
    gallery = arm_id.parent if arm_id else ids.get(text.partition("/")[0].lower())
    if gallery is None:
        return text
    if gallery not in ours:
        return ""
    return f"{ours[gallery]}/{arm_id.name}" if arm_id else text


def _application(document: Document, at: str, name: str, catalogue: Catalogue) -> Iterator[Diagnostic]:
    entry = document.spec["applications"][int(at)]
    path = ("spec", "applications", at, "application")
    yield from resolution(document, path, entry["application"], name, catalogue)
    found = catalogue.get(APPLICATION, name)
    if found is None or entry.get("state") == "absent":
        return
    if found.is_absent:
        summary = f"'{name}' has state: absent, and this assignment asks for it"
        yield error("absent-wanted", summary, document.span(*path), hint="write 'state: absent' here too")
        return
    yield from _version(document, at, name, catalogue)
    yield from _system(document, at, name, found)


def _version(document: Document, at: str, name: str, catalogue: Catalogue) -> Iterator[Diagnostic]:
    entry = document.spec["applications"][int(at)]
    wanted, declared = entry.get("version", "latest"), catalogue.versions.get(name.lower(), ())
    where = document.span("spec", "applications", at, "version")
    exact = catalogue.get(VERSION, f"{name}/{wanted}")
    if exact is not None and exact.is_absent:
        summary = f"version {wanted} of '{name}' has state: absent, and this assignment asks for it"
        yield error("absent-wanted", summary, where, hint="move the assignment to another version first")
    elif entry.get("from") != "live" and not catalogue.has_broken_version(name) and pick(wanted, declared) is None:
        near = did_you_mean(wanted, declared)
        hint = f"{near + '; ' if near else ''}'from: live' adds the versions that Azure has"
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
