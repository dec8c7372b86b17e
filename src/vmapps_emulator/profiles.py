"""The application profile of a machine: how a write changes it and which lists the service refuses."""

from dataclasses import dataclass

from vmapps_emulator.errors import ArmError, invalid, missing_parameter
from vmapps_emulator.paths import Target, parse
from vmapps_emulator.regions import normal
from vmapps_emulator.store import Resource, Store
from vmapps_emulator.version_rules import regions_of, version_number
from vmapps_emulator.wire import Json, section

_MOST = 25
_KIND = "galleries/applications/versions"
_FIELD = "galleryApplications.packageReferenceId"
_DEFAULTS: Json = {
    "manuallyManaged": False,
    "treatFailureAsDeploymentFailure": False,
    "enableAutomaticUpgrade": False,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One entry of a profile with the version it stands for (``latest`` resolved)."""

    entry: Json
    application: Resource
    version: Resource


def entries_of(properties: Json) -> list[Json]:
    """The entries of a machine's profile."""
    entries = section(properties, "applicationProfile").get("galleryApplications")
    return entries if isinstance(entries, list) else []


def assigned(machine: Resource) -> list[Json]:
    """The entries that a machine has to carry out; a Uniform instance does not show its own (azure-facts 3.4)."""
    held: list[Json] | None = machine.hidden.get("entries")
    return entries_of(machine.properties) if held is None else held


def written_profile(old: Json, given: Json) -> Json | None:
    """The profile after a write: the list is replaced as a whole, an entry keeps what the write leaves out.

    Kept are the old fields of the entry with the same packageReferenceId (application_profile_transitions.jsonl;
    guess: a null is left out too). An empty list on a machine without applications leaves the profile absent
    (test_vm_add_application_empty_version_ids; guess: so does removing the last one).
    """
    asked = given.get("applicationProfile")
    if asked is None:
        return old.get("applicationProfile")
    if not isinstance(asked, dict) or not isinstance(asked.get("galleryApplications") or [], list):
        raise invalid("The value of parameter 'applicationProfile' is invalid.", "applicationProfile")
    held = {_reference(entry).lower(): entry for entry in entries_of(old)}
    if asked.get("galleryApplications") is None:
        return old.get("applicationProfile")
    entries = [_written_entry(entry, held) for entry in asked["galleryApplications"]]
    return {"galleryApplications": entries} if entries else None


def resolve(store: Store, entries: list[Json], location: str, os_type: str) -> list[Wanted]:
    """The versions that entries stand for, or the refusal of the whole write (azure-facts 3.11, 3.6)."""
    if len(entries) > _MOST:
        text = f"The maximum number of VM applications (max={_MOST}, current={len(entries)}) has been exceeded. "
        raise ArmError(400, "BadRequest", f"{text}Use fewer applications and retry the request.")  # guess: the code
    wanted = [_resolved(store, entry, location, os_type) for entry in entries]
    applications = [item.application.key for item in wanted]
    if len(set(applications)) < len(applications):
        # guess: two versions of one application are refused with the same words as one version twice.
        text = "More than one VM Application was specified with the same packageReferenceId."
        raise invalid(text, _FIELD)
    return wanted


def _written_entry(entry: Json, held: dict[str, Json]) -> Json:
    if not isinstance(entry, dict):
        raise invalid("The value of parameter 'galleryApplications' is invalid.", "galleryApplications")
    given = {name: value for name, value in entry.items() if value is not None}
    return {**_DEFAULTS, **held.get(_reference(entry).lower(), {}), **given}


def _reference(entry: Json) -> str:
    reference = entry.get("packageReferenceId")
    if reference is None:
        raise missing_parameter(_FIELD)
    if not isinstance(reference, str):
        raise invalid(f"The value of parameter '{_FIELD}' is invalid.", _FIELD)
    return reference


def _resolved(store: Store, entry: Json, location: str, os_type: str) -> Wanted:
    reference = _reference(entry)
    target = parse(reference)
    if target is None or target.kind != _KIND or target.is_collection:
        raise invalid(f"The value '{reference}' of parameter '{_FIELD}' is invalid.", _FIELD)
    application = store.get(target.parent_key)
    if application is None:
        raise _no_application(reference)
    version = _version(store, target, location)
    if version is None or not _is_in(store, version, location):
        raise _no_version(reference, location)
    _check_os(version, application, os_type)
    return Wanted(entry, application, version)


def _version(store: Store, target: Target, location: str) -> Resource | None:
    if target.name.lower() != "latest":
        return store.get(target.key)
    candidates = [
        (version_number(item.body["name"]) or (0, 0, 0), item)
        for item in store.collection(target.collection_key).values()
        if _is_in(store, item, location) and not _is_excluded(item, location)
    ]
    return max(candidates, key=lambda pair: pair[0])[1] if candidates else None


def _is_in(store: Store, version: Resource, location: str) -> bool:
    """Replicated to a region: its first operation has ended, the region is a target and has its copy."""
    is_target = normal(location) in map(normal, regions_of(version))
    is_there = is_target and store.replication.is_there(version.key, location)
    return is_there and version.state in ("Succeeded", "Updating")


def _is_excluded(version: Resource, location: str) -> bool:
    profile = version.properties["publishingProfile"]
    here = [item for item in profile["targetRegions"] if normal(str(item["name"])) == normal(location)]
    return any(item.get("excludeFromLatest") for item in [profile, *here])


def _check_os(version: Resource, application: Resource, os_type: str) -> None:
    supported = application.properties["supportedOSType"]
    if supported != os_type:
        text = f"Current VM Application Version {version.body['name']} supports OS {supported}, while current "
        raise ArmError(400, "BadRequest", f"{text}OSDisk's OS is {os_type}.")  # guess: the status and the code


def _no_application(reference: str) -> ArmError:
    """The documented text for "the application does not exist" (guess: status and code, those of images)."""
    text = f"The platform image '{reference}' is not available. Verify that all fields in the storage profile are "
    return ArmError(404, "PlatformImageNotFound", f"{text}correct.", _FIELD)


def _no_version(reference: str, location: str) -> ArmError:
    """service_errors.json, verbatim for an image version (guess: a version that is not there reads the same)."""
    text = f"The gallery image {reference} is not available in {location} region. Please contact image owner to "
    return ArmError(404, "GalleryImageNotFound", f"{text}replicate to this region, or change your requested region.")
