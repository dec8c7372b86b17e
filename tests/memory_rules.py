"""What Azure does with a write, from azure-facts 1, 3 and 10; nothing here knows how vmapps plans."""

from __future__ import annotations

import copy
import json
from typing import Any

from vmapps.core.resource import Entry, Link, Mark, Reference
from vmapps.errors import Conflicted, Refused

READ_ONLY = (
    ("id",),
    ("name",),
    ("type",),
    ("etag",),
    ("systemData",),
    ("properties", "provisioningState"),
    ("properties", "identifier"),
    ("properties", "replicationStatus"),
    ("properties", "sharingStatus"),
    ("properties", "publishingProfile", "publishedDate"),
)
SOURCE = ("properties", "publishingProfile", "source")
IMMUTABLE = (
    ("location",),
    ("properties", "supportedOSType"),
    (*SOURCE, "mediaLink"),
    (*SOURCE, "defaultConfigurationLink"),
    *(("properties", "publishingProfile", "manageActions", name) for name in ("install", "update", "remove")),
    ("properties", "publishingProfile", "settings"),
    ("properties", "publishingProfile", "storageAccountType"),
    ("properties", "publishingProfile", "replicationMode"),
)
DISPLAY = {"westeurope": "West Europe", "northeurope": "North Europe", "eastus": "East US"}


def look(body: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        body = body.get(part) if isinstance(body, dict) else None
    return body


def put(scope: str, depth: int, old: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    """The body after a PUT [1.7, 3.4]: a version keeps what was left out, everything else is replaced whole."""
    for path in READ_ONLY:
        assert look(new, path) is None, f"{scope}: {'.'.join(path)} is Azure's own and was sent"
    body = merged(old, new) if old and depth == 3 else copy.deepcopy(new)
    if "tags" in new:
        body["tags"] = dict(new["tags"])
    if not body.get("location"):
        raise Refused("the 'location' property is required", scope=scope, code="LocationRequired", status=400)
    if depth == 3:
        body = answered_version(scope, body)
    for path in IMMUTABLE if old else ():
        if plain(look(old, path)) != plain(look(body, path)):
            message = f"Changing property '{'.'.join(path)}' is not allowed"
            raise Refused(message, scope=scope, code="PropertyChangeNotAllowed", status=400)
    return body


def merged(old: Any, new: Any) -> Any:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return copy.deepcopy(new)
    return {name: merged(old.get(name), new[name]) if name in new else old[name] for name in (*old, *new)}


def plain(value: Any) -> Any:
    """Regions without spaces and case, URLs without their query."""
    if not isinstance(value, str):
        return value
    return value.split("?")[0] if value.startswith("http") else value.replace(" ", "").lower()


def answered_version(scope: str, body: dict[str, Any]) -> dict[str, Any]:
    """Azure answers with effective values: display names of regions, replica counts, storage types, moments."""
    body = copy.deepcopy(body)
    profile = body.get("properties", {}).get("publishingProfile", {})
    if not look(body, (*SOURCE, "mediaLink")):
        raise Refused("mediaLink is required", scope=scope, code="InvalidParameter", status=400)
    storage = profile.setdefault("storageAccountType", "Standard_LRS")
    regions = profile.setdefault("targetRegions", [{"name": body["location"]}])
    for region in regions:
        name = str(region["name"]).replace(" ", "").lower()
        region["name"] = DISPLAY.get(name, name)
        region.setdefault("regionalReplicaCount", profile.get("replicaCount", 1))
        region.setdefault("storageAccountType", storage)
    if plain(body["location"]) not in {plain(region["name"]) for region in regions}:
        raise Refused("targetRegions must hold the location", scope=scope, code="InvalidParameter", status=400)
    if end := profile.get("endOfLifeDate"):
        profile["endOfLifeDate"] = f"{end[:10]}T00:00:00+00:00"
    profile["publishedDate"] = "2026-01-01T00:00:00.0000000+00:00"
    return body


def write_entries(scope: str, old: list[bytes], new: list[bytes], *, keeps_tags: bool) -> list[bytes]:
    """A machine's list after a PATCH [3.4, recordings]: the list is replaced as a whole.

    An entry with a packageReferenceId that was there keeps the fields that were left out; one that says nothing new
    stays as the bytes it was.
    """
    before = {str(json.loads(raw).get("packageReferenceId", "")).lower(): raw for raw in old}
    after: list[bytes] = []
    seen: set[str] = set()
    for raw in new:
        sent = json.loads(raw)
        name = str(sent.get("packageReferenceId", "")).lower()
        application = name.rpartition("/versions/")[0] or name
        if application in seen:
            raise Refused(f"{application} is there twice", scope=scope, code="InvalidParameter", status=400)
        seen.add(application)
        was = json.loads(before[name]) if name in before else {}
        whole = {**was, **sent}
        if name in before and whole == was:
            after.append(before[name])
            continue
        if not keeps_tags:
            whole.pop("tags", None)
        after.append(json.dumps(whole).encode())
    if len(after) > 25:
        raise Refused("more than 25 applications", scope=scope, code="InvalidParameter", status=400)
    return after


def cannot_delete(scope: str) -> Conflicted:
    message = "Cannot delete resource while nested resources exist."
    return Conflicted(message, scope=scope, code="CannotDeleteResource", status=409)


def seen_body(body: dict[str, Any], state: str) -> dict[str, Any]:
    """What a client reads, its package URLs without their query."""
    body = copy.deepcopy(body)
    if state:
        body.setdefault("properties", {})["provisioningState"] = state
    source = look(body, SOURCE) or {}
    for name in ("mediaLink", "defaultConfigurationLink"):
        if name in source:
            source[name] = Link(source[name].split("?")[0])
    return body


def tag(body: dict[str, Any], name: str) -> str:
    return next((value for key, value in (body.get("tags") or {}).items() if key.lower() == name), "")


def read_entry(raw: bytes) -> Entry:
    found = json.loads(raw)
    spelled = found.get("packageReferenceId")
    if not isinstance(spelled, str):
        return Entry(None, "", raw=raw)
    link, tags = found.get("configurationReference"), found.get("tags") or ""
    return Entry(
        Reference.parse(spelled),
        spelled,
        found.get("order"),
        bool(found.get("treatFailureAsDeploymentFailure")),
        bool(found.get("enableAutomaticUpgrade")),
        Link(link.split("?")[0]) if link else None,
        tags,
        read_mark(tags),
        raw,
    )


def read_mark(tags: str) -> Mark | None:
    try:
        keys = json.loads(tags)
        return Mark(keys["vmapps-owner"], keys["vmapps-machine"], keys.get("previous", ""), keys.get("halted", ""))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
