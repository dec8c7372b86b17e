"""A GalleryApplicationVersion document as what is wanted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from vmapps.core.address import Address
from vmapps.core.declaration import Package
from vmapps.core.fields import Path
from vmapps.core.resource import Body, Desired, Link
from vmapps.kinds.gallery_application.defaults import completed
from vmapps.kinds.gallery_application_version.install_file import inlined
from vmapps.kinds.kind import Document, Surroundings, put
from vmapps.kinds.shape import address_of, declared, instant, put_common, read_schema, spec_of, wanted_away

SCHEMA = read_schema(__package__)
PROFILE = "properties.publishingProfile"
STORAGE = "Standard_LRS"
"""Said on every create: the service's own default depends on the api-version [azure-facts 1.3]."""

SOURCES = (("package", "mediaLink"), ("defaultConfiguration", "defaultConfigurationLink"))
"""A local file's field, and the field that holds its link on the wire."""

CONTENT = ("manageActions", "settings", "advancedSettings", "customActions")
"""What a version's content is, besides its files; regions and replica counts are not."""


def declare(document: Document, surroundings: Surroundings) -> Desired | None:
    """What is wanted, with its application's defaults filled in."""
    application = surroundings.applications[document.spec["application"].lower()]
    project = surroundings.project
    gallery = surroundings.gallery_ids[application.spec["gallery"].lower()]
    parent = gallery.child("applications", application.name)
    arm_id = parent.child("versions", document.name)
    if document.is_absent:
        return wanted_away(document, arm_id, project)
    whole = inlined(completed(document, application), surroundings)
    assert whole is not None
    files = _files(whole, surroundings)
    links = _links(whole, files, surroundings)
    body = _body(whole, links)
    initial = put_common(body, whole, project)
    if not {"storageAccountType", "storageAccountStrategy"} & whole.spec.keys():
        put(initial, f"{PROFILE}.storageAccountType", STORAGE)
    return Desired(
        address_of(document.kind, arm_id, project),
        arm_id,
        body,
        project.owner,
        initial=initial,
        content=_content(whole, links),
        needs=(address_of(application.kind, parent, project), *_addresses(files)),
        source=(document.span(),),
        protect=document.spec.get("protect", False),
    )


def _files(document: Document, surroundings: Surroundings) -> dict[str, Package]:
    """The hashed local files, by the link field that they fill."""
    files: dict[str, Package] = {}
    for field, link in SOURCES:
        path: Path = ("spec", "source", field)
        if field in document.spec["source"] and (package := surroundings.package(document, path)):
            files[link] = package
    return files


def _links(document: Document, files: Mapping[str, Package], surroundings: Surroundings) -> dict[str, Link]:
    """A slot per link: from the package store for a local file, from the manifest's text for a URL."""
    store, links = surroundings.project.store, {}
    for _, field in SOURCES:
        if field in document.spec["source"]:
            links[field] = surroundings.link(document.spec["source"][field])
        elif field in files and store is not None:
            links[field] = store.link(files[field].sha256)
    return links


def _addresses(files: Mapping[str, Package]) -> tuple[Address, ...]:
    return tuple(sorted({package.address for package in files.values()}))


def _body(document: Document, links: Mapping[str, Link]) -> Body:
    spec = document.spec
    body = declared(spec_of(SCHEMA), spec)
    for name, link in links.items():
        put(body, f"{PROFILE}.source.{name}", link)
    if "endOfLifeDate" in spec:
        put(body, f"{PROFILE}.endOfLifeDate", instant(spec["endOfLifeDate"]))
    if "targetRegions" in spec:
        put(body, f"{PROFILE}.targetRegions", [_region(region, spec) for region in spec["targetRegions"]])
    return body


def _region(region: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    """A region with everything said: Azure answers with the effective values [recordings, azure-facts 10]."""
    inherited: dict[str, Any] = {"regionalReplicaCount": spec.get("replicaCount", 1)}
    if "storageAccountStrategy" not in spec:
        inherited["storageAccountType"] = spec.get("storageAccountType", STORAGE)
    return {"name": region["name"], **inherited, **region}


def _content(document: Document, links: Mapping[str, Link]) -> str:
    """The digest of what a machine gets: the files by sha256 or link, the commands and settings as sent."""
    parts: dict[str, Any] = {name: link.blob or link.key for name, link in links.items()}
    parts.update({name: document.spec[name] for name in CONTENT if document.spec.get(name)})
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"v1:sha256:{hashlib.sha256(text.encode()).hexdigest()}"
