"""What a version may say and what may not change: the texts of azure-facts 3.11 and service_errors.json.

The documented texts are written without the contractions of the documentation ("is not" for "isn't"): the two
that users copied from live answers read so.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from vmapps_emulator.errors import ArmError, change_not_allowed, invalid, missing_parameter
from vmapps_emulator.regions import display, normal
from vmapps_emulator.store import Resource
from vmapps_emulator.wire import Json, section

_PROFILE = "galleryApplicationVersion.properties.publishingProfile"
_NAME = re.compile(r"^(0|[1-9]\d{0,9})\.(0|[1-9]\d{0,9})\.(0|[1-9]\d{0,9})$")
_MOST = 2_147_483_647
_REPLICAS = range(1, 11)

# Create-only leaves below publishingProfile (azure-facts 1.3; advancedSettings and customActions are undocumented
# and, guess: may change). Links are compared without their SAS.
_FIXED = (
    ("manageActions", "install"),
    ("manageActions", "update"),
    ("manageActions", "remove"),
    ("settings", "packageFileName"),
    ("settings", "configFileName"),
    ("settings", "scriptBehaviorAfterReboot"),
    ("storageAccountType",),
    ("storageAccountStrategy",),
    ("replicationMode",),
)
_INCOMPLETE = (
    "Complete set of target locations not specified while updating {what}. Deletion of previously replicated "
    "locations is not allowed, and you need to specify a complete set of target locations in the update request or "
    "specify null or empty set for target regions in the update request or set allow deletion of replicated "
    "locations under safety profile property. To figure out complete set of target locations, you can perform a get "
    "first on gallery artifact"
)
_LINKS = ("mediaLink", "defaultConfigurationLink")


def version_number(name: str) -> tuple[int, int, int] | None:
    """Major.Minor.Patch as numbers, or None when the name is no version."""
    found = _NAME.match(name)
    if not found:
        return None
    major, minor, patch = (int(part) for part in found.groups())
    return (major, minor, patch) if max(major, minor, patch) <= _MOST else None


def check_new(name: str, location: str, profile: Json) -> None:
    """Refuse a new version that the service would not take."""
    if version_number(name) is None:
        text = (
            "The gallery application version name is invalid. The application version name should follow "
            "Major(int32).Minor(int32).Patch(int32) format, where int is between 0 and 2,147,483,647 (inclusive). "
            "For example, 1.0.0, 2018.12.1 etc."
        )
        raise invalid(text, "galleryApplicationVersionName")
    if not section(profile, "source").get("mediaLink"):
        raise missing_parameter(f"{_PROFILE}.source.mediaLink")
    for action in ("install", "remove"):
        if section(profile, "manageActions").get(action) is None:
            raise missing_parameter(f"{_PROFILE}.manageActions.{action}")
    _check_lengths(profile)
    _check_regions(location, profile)


def check_unchanged(version: Resource, location: str, body: Json) -> None:
    """Refuse a write that changes what a version fixes at its creation, or drops a region unasked."""
    profile = section(body, "properties", "publishingProfile")
    held: Json = version.properties["publishingProfile"]
    for path in _FIXED:
        old, new = _leaf(held, path), _leaf(profile, path)
        if new is not None and new != old:
            raise change_not_allowed(".".join((_PROFILE, *path)))
    for name in _LINKS:
        old, new = _leaf(held, ("source", name)), _leaf(profile, ("source", name))
        if new is not None and _without_query(new) != _without_query(old):
            raise change_not_allowed(f"{_PROFILE}.source.{name}")
    _check_regions(location, profile)
    _check_region_changes(version, body)


def regions_of(version: Resource) -> list[str]:
    """The display names of the regions that a version is published to."""
    return [str(region["name"]) for region in version.properties["publishingProfile"]["targetRegions"]]


def with_defaults(profile: Json, regions: list[Json], held: list[Json], api_version: str) -> Json:
    """Fill in what the service fills in, in its order (recording test_gallery_application_version)."""
    profile.setdefault("replicaCount", 1)
    profile.setdefault("enableHealthCheck", False)
    profile.setdefault("excludeFromLatest", False)
    _default_storage(profile, api_version)
    before = {normal(str(region["name"])): region for region in held}
    profile["targetRegions"] = [_region(region, before, profile) for region in regions]
    ordered = {name: profile[name] for name in _ORDER if name in profile}
    return ordered | profile


def _default_storage(profile: Json, api_version: str) -> None:
    """Standard_LRS; from 2025-03-03 on the strategy decides (azure-facts 1.3; guess: what it then shows)."""
    strategy = profile.get("storageAccountStrategy")
    if "storageAccountType" not in profile and strategy is None and api_version >= "2025-03-03":
        strategy = profile["storageAccountStrategy"] = "PreferStandard_ZRS"
    default = "Standard_ZRS" if strategy == "PreferStandard_ZRS" else "Standard_LRS"
    profile.setdefault("storageAccountType", default)


def _region(region: Json, before: dict[str, Json], profile: Json) -> Json:
    name = str(region["name"])
    old = before.get(normal(name), {})
    shown: Json = {
        "name": display(name),
        "regionalReplicaCount": region.get("regionalReplicaCount") or profile["replicaCount"],
        "storageAccountType": region.get("storageAccountType")
        or old.get("storageAccountType")
        or profile["storageAccountType"],
    }
    rest = {key: value for key, value in region.items() if key not in shown and value is not None}
    return shown | rest


def _check_lengths(profile: Json) -> None:
    for path in _FIXED[:5]:
        text = _leaf(profile, path)
        if text is not None and (not isinstance(text, str) or len(text) > 4096):
            field = ".".join((_PROFILE, *path))
            raise invalid(f"The value of parameter '{field}' must be a text of at most 4096 characters.", field)


def _check_regions(location: str, profile: Json) -> None:
    _check_replicas(profile.get("replicaCount"), "replicaCount")
    regions = profile.get("targetRegions") or []
    if not isinstance(regions, list) or not all(isinstance(item, dict) and item.get("name") for item in regions):
        raise missing_parameter(f"{_PROFILE}.targetRegions.name")
    for region in regions:
        _check_replicas(region.get("regionalReplicaCount"), "targetRegions.regionalReplicaCount")
        if region.get("encryption"):
            text = "Gallery application version resources currently do not support encryption."
            raise invalid(text, f"{_PROFILE}.targetRegions.encryption")
    names = [normal(str(region["name"])) for region in regions]
    if len(set(names)) < len(names):
        raise invalid("Duplicate regions are not allowed in target publishing regions.", f"{_PROFILE}.targetRegions")
    if names and normal(location) not in names:
        shown = ", ".join(str(region["name"]) for region in regions)
        text = f"Gallery image version publishing profile regions {shown} must contain the location of image version "
        raise invalid(f"{text}{location}.", f"{_PROFILE}.targetRegions")


def _check_replicas(count: Any, field: str) -> None:
    """guess: 1 to 10, today's limit; the documented sentence still says three."""
    if count is None:
        return
    if not isinstance(count, int) or isinstance(count, bool) or count not in _REPLICAS:
        text = f"The value {count} of parameter '{_PROFILE}.{field}' is out of range. "
        raise invalid(f"{text}The value must be between 1 and 10, inclusive.", f"{_PROFILE}.{field}")


def _check_region_changes(version: Resource, body: Json) -> None:
    """Storage of a region is fixed; a region leaves only when the safety profile lets it (azure-facts 3.8)."""
    profile = section(body, "properties", "publishingProfile")
    asked = {normal(str(region["name"])): region for region in profile.get("targetRegions") or []}
    if not asked:
        return
    for region in version.properties["publishingProfile"]["targetRegions"]:
        wanted = asked.get(normal(str(region["name"])))
        if wanted is None:
            _refuse_dropping(version, body)
        elif wanted.get("storageAccountType") not in (None, region["storageAccountType"]):
            raise change_not_allowed(f"{_PROFILE}.targetRegions.storageAccountType")


def _refuse_dropping(version: Resource, body: Json) -> None:
    field = "allowDeletionOfReplicatedLocations"
    held = section(version.properties, "safetyProfile").get(field, False)
    if section(body, "properties", "safetyProfile").get(field, held) is True:
        return
    what = f"gallery artifact '{version.body['name']}' and type 'GalleryApplicationVersion'"
    raise ArmError(400, "BadRequest", _INCOMPLETE.format(what=what))


def _leaf(profile: Json, path: tuple[str, ...]) -> Any:
    return section(profile, *path[:-1]).get(path[-1])


def _without_query(link: Any) -> str:
    return urlsplit(str(link))._replace(query="", fragment="").geturl() if link is not None else ""


_ORDER = (
    "source",
    "manageActions",
    "settings",
    "advancedSettings",
    "enableHealthCheck",
    "customActions",
    "targetRegions",
    "replicaCount",
    "excludeFromLatest",
    "publishedDate",
    "endOfLifeDate",
    "storageAccountType",
)
