"""versionDefaults: an application says once what its versions have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from vmapps.kinds.kind import Document
from vmapps.kinds.shape import read_schema, spec_of

NEVER = ("application", "source", "protect", "state", "installFile")
"""What each version says itself."""


def with_version_defaults(schema: dict[str, Any]) -> dict[str, Any]:
    """The application's schema with the version's fields under versionDefaults, as fields of their own.

    Notes for the differ stay with the version: under versionDefaults no field has a place on the wire.
    """
    version = spec_of(read_schema("vmapps.kinds.gallery_application_version"))["properties"]
    fields = {name: _without_notes(field) for name, field in version.items() if name not in NEVER}
    spec_of(schema)["properties"]["versionDefaults"]["properties"] = fields
    return schema


def _without_notes(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_notes(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {name: _without_notes(value) for name, value in node.items() if name != "x-vmapps"}


def completed(version: Document, application: Document) -> Document:
    """The version with its application's defaults below: settings key by key, other fields as a whole.

    What comes from the defaults keeps its place in the application's document, so that messages point there.
    """
    defaults: Mapping[str, Any] = application.spec.get("versionDefaults", {})
    if not defaults:
        return version
    spec = {**defaults, **version.spec}
    if "settings" in defaults:
        spec["settings"] = {**defaults["settings"], **version.spec.get("settings", {})}
    above = {
        ("spec", *path[2:]): span
        for path, span in application.spans.items()
        if path[:2] == ("spec", "versionDefaults") and len(path) > 2 and _is_taken(path, version)
    }
    return replace(version, spec=spec, spans={**above, **version.spans})


def _is_taken(path: tuple[str, ...], version: Document) -> bool:
    return path[2] == "settings" or path[2] not in version.spec
