"""A live version as a document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from vmapps.core.fields import Path, at, region, spelled, without
from vmapps.core.resource import Body, Link, Observed, Value
from vmapps.kinds.export import exported
from vmapps.kinds.gallery_application_version.declare import SCHEMA
from vmapps.kinds.kind import Exported

PROFILE: Path = ("properties", "publishingProfile")
PACKAGE: Path = (*PROFILE, "source", "mediaLink")
CONFIGURATION: Path = (*PROFILE, "source", "defaultConfigurationLink")
STORAGE: Path = (*PROFILE, "storageAccountType")
STRATEGY: Path = (*PROFILE, "storageAccountStrategy")
FILE_NAME: Path = (*PROFILE, "settings", "configFileName")
REGIONS: Path = (*PROFILE, "targetRegions")
STORED = re.compile(r"/sha256/([0-9a-f]{64})\Z")
"""How a URL ends that a package store gave out."""


def export(live: Observed) -> Exported:
    """Its application is said as gallery/application; its package by the link that Azure took it from."""
    lost = tuple(_unsayable(live))
    plain = live.body
    for path, _ in lost:
        plain = without(plain, path)
    found = _as_published(_exported(replace(live, body=plain)), live)
    told = (*lost, *_shortened(found.document, live.body))
    return replace(found, lost=(*found.lost, *(f"{spelled(path)}: {why}" for path, why in told)))


def _shortened(document: Mapping[str, Any] | None, body: Body) -> Iterator[tuple[Path, str]]:
    """Links that are said without their signature, which Azure wants again when the version is written [2.3]."""
    source = document["spec"]["source"] if document else {}
    for path in (PACKAGE, CONFIGURATION):
        link = at(body, path)
        if isinstance(link, Link) and link.is_shortened and path[-1] in source:
            yield path, "the link lost its signature, a secret: name a package, or a link that Azure can read"


def _unsayable(live: Observed) -> Iterator[tuple[Path, str]]:
    """Fields that a manifest would refuse as they are, or say differently [azure-facts 1.3, 3.10]."""
    if at(live.body, STRATEGY) is not None and at(live.body, STORAGE) is not None:
        yield STORAGE, "storageAccountStrategy stands beside it, and a manifest takes one of them"
    if at(live.body, CONFIGURATION) is not None and at(live.body, FILE_NAME) is None:
        yield CONFIGURATION, "a manifest wants settings.configFileName beside it"
    regions = at(live.body, REGIONS)
    if isinstance(regions, list) and (why := _unsayable_regions(regions, live.body)):
        yield REGIONS, why


def _unsayable_regions(regions: list[Value], body: Body) -> str:
    """Azure was only seen to answer regions with everything said, its own location among them [recordings]."""
    items = [item for item in regions if isinstance(item, dict)]
    said = {"regionalReplicaCount"} if at(body, STRATEGY) else {"regionalReplicaCount", "storageAccountType"}
    if any(item.get(name) is None for item in items for name in said):
        return "a region lacks what a manifest would fill in"
    names = {region(item.get("name")) for item in items}
    return "" if region(body.get("location")) in names else "a manifest wants the version's location among them"


def _exported(live: Observed) -> Exported:
    gallery, application, _ = live.id.names
    place = {"application": f"{gallery}/{application}"}
    return exported(SCHEMA, live, place, needs=("source", "manageActions"))


def _as_published(found: Exported, live: Observed) -> Exported:
    """What vmapps published from local files is said as files again: its content mark speaks of them, not of links."""
    if found.document is None or not live.content:
        return found
    source = found.document["spec"]["source"]
    stored = STORED.search(source["mediaLink"])
    if stored:
        name = found.document["spec"].get("settings", {}).get("packageFileName", live.id.names[1])
        others = {field: value for field, value in source.items() if field != "mediaLink"}
        source = {"package": name, "sha256": stored[1], **others}
    return Exported(_with_source(found.document, source), (*found.lost, *_files(source)))


def _with_source(document: Mapping[str, Any], source: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**document, "spec": {**document["spec"], "source": source}}


def _files(source: Mapping[str, Any]) -> tuple[str, ...]:
    """Which files have to be put beside the document, or into the project's words."""
    told = []
    if "package" in source:
        told.append(f"{spelled(PACKAGE)}: said as the local file it was; the project needs the same packageStore")
    if STORED.search(source.get("defaultConfigurationLink", "")):
        told.append(f"{spelled(CONFIGURATION)}: it was a local file; as a link the version's content is another one")
    return tuple(told)
