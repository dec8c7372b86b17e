"""From machines' lists of applications back to an assignment that plans nothing.

An entry that manifests cannot say is left out and told: it stays on the machine, as a foreign one.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from vmapps.core.address import SUBSCRIPTION, ArmId
from vmapps.core.entries import MARK_KEYS, authors_tags
from vmapps.core.exporting.grouping import name_of
from vmapps.core.resource import Entry, Machine, Reference
from vmapps.core.versions import LARGEST, LATEST, number
from vmapps.kinds.export import document
from vmapps.kinds.fit import UNKNOWN, UNWRITABLE
from vmapps.kinds.formats import is_blob_url
from vmapps.kinds.kind import Exported

GROUP = re.compile(r"[A-Za-z0-9_().-]{0,89}[A-Za-z0-9_()-]")
NAME = re.compile(r"[A-Za-z0-9_.-]{1,80}")
GALLERY = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,78}[A-Za-z0-9_])?")
"""What the documents take."""

FIELDS = (
    "packageReferenceId",
    "order",
    "configurationReference",
    "tags",
    "treatFailureAsDeploymentFailure",
    "enableAutomaticUpgrade",
)
"""The fields of an entry [azure-facts 1.5]."""


def export(machine: Machine) -> Exported:
    """The machine's entries as a VMAssignment; no document when there is none that a manifest can say."""
    lost: list[str] = []
    names = _names(machine)
    items = [item for at, entry in enumerate(machine.entries) if (item := _item(entry, at, names, lost))]
    if not items:
        return Exported(None, tuple(lost))
    return Exported(assignment(name_of(machine), [machine], items), tuple(lost))


def assignment(
    name: str, machines: Iterable[Machine], items: Iterable[Mapping[str, Any]], ignored: Iterable[str] = ()
) -> Mapping[str, Any]:
    """A VMAssignment that names machines, and what is on each of them."""
    spec: dict[str, Any] = {"targets": [_target(one) for one in machines], "applications": list(items)}
    if globs := list(ignored):
        spec["ignore"] = globs
    return document("VMAssignment", name, spec)


def is_sayable(machine: Machine) -> bool:
    """Whether a target can name the machine: Azure takes more letters in names than manifests do."""
    return GROUP.fullmatch(machine.id.resource_group) is not None and NAME.fullmatch(machine.id.name) is not None


def is_nameable(gallery: ArmId) -> bool:
    """Whether a document can say which gallery another team's is."""
    is_there = SUBSCRIPTION.match(gallery.subscription) and GROUP.fullmatch(gallery.resource_group)
    return is_there is not None and GALLERY.fullmatch(gallery.name) is not None


def _target(machine: Machine) -> Mapping[str, str]:
    """A machine outside the project's subscription needs its ARM id."""
    field = machine.address.kind[:1].lower() + machine.address.kind[1:]
    whole = ArmId(machine.id.subscription, machine.id.resource_group, (f"{field}s",), machine.id.names)
    return {field: str(whole) if machine.address.subscription else "/".join(machine.address.name)}


def _names(machine: Machine) -> Mapping[str, int]:
    """How many entries there are of each application name; a guest knows applications by it alone [azure-facts 3.5]."""
    references = (entry.reference for entry in machine.entries)
    return Counter(reference.application.lower() for reference in references if reference)


def _item(entry: Entry, at: int, names: Mapping[str, int], lost: list[str]) -> Mapping[str, Any] | None:
    where, reference = f"galleryApplications[{at}]", entry.reference
    why = unsayable(entry)
    if not why and reference is not None and names[reference.application.lower()] > 1:
        why = f"another entry's application is called '{reference.application}' too"
    if why or reference is None:
        lost.append(f"{where}: {why}; the entry stays as it is")
        return None
    lost.extend(f"{where}.{text}" for text in losses(entry))
    return said(entry, reference, str(_application(reference)))


def unsayable(entry: Entry) -> str:
    """Why a manifest cannot have an entry at all, "" when it can."""
    reference = entry.reference
    if reference is None:
        return "its packageReferenceId is not the id of a version"
    follows = reference.version.lower() == LATEST
    if not follows and number(reference.version) is None:
        return f"'{reference.version}' is not a version of three numbers"
    if entry.automatic_upgrade and not follows:
        return "a manifest has enableAutomaticUpgrade only for versions/latest"
    return "" if _has_plain_tags(entry) else "its tags are not texts by names that a manifest takes"


def _has_plain_tags(entry: Entry) -> bool:
    tags = authors_tags(entry.tags)
    names = {name.lower() for name in tags}
    is_clear = len(names) == len(tags) and not names.intersection(MARK_KEYS)
    texts = [*tags, *tags.values()]
    return is_clear and all(isinstance(text, str) and not UNWRITABLE.search(text) for text in texts)


def _application(reference: Reference) -> ArmId:
    gallery, types = reference.gallery, ("galleries", "applications")
    return ArmId(gallery.subscription, gallery.resource_group, types, (*gallery.names, reference.application))


def said(entry: Entry, reference: Reference, application: str) -> Mapping[str, Any]:
    """An entry in the fields of an assignment, its application named so; what is Azure's default is left out."""
    found: dict[str, Any] = {
        "application": application,
        **_version(entry, reference),
        "order": entry.order if _is_order(entry) else None,
        "configurationReference": entry.configuration.url if entry.configuration and _has_url(entry) else None,
        "treatFailureAsDeploymentFailure": entry.fails_deployment or None,
        "tags": authors_tags(entry.tags) or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _version(entry: Entry, reference: Reference) -> Mapping[str, Any]:
    """`latest` stays the literal reference, it is not resolved [azure-facts 3.3]."""
    if reference.version.lower() != LATEST:
        return {"version": reference.version}
    return {"followLatest": True, "enableAutomaticUpgrade": entry.automatic_upgrade or None}


def _is_order(entry: Entry) -> bool:
    return entry.order is not None and 0 <= entry.order <= LARGEST


def _has_url(entry: Entry) -> bool:
    return entry.configuration is not None and is_blob_url(entry.configuration.url)


def losses(entry: Entry) -> Iterator[str]:
    """What of an entry its document leaves out, without which it plans nothing still."""
    seen = json.loads(entry.raw)
    if entry.order is not None and not _is_order(entry):
        yield f"order: a manifest takes 0 to {LARGEST}"
    if entry.configuration is not None and not _has_url(entry):
        yield "configurationReference: it is not the URL of a blob"
    elif entry.configuration is not None and entry.configuration.is_shortened:
        yield (
            "configurationReference: its query is left out, it may be a secret; before the version moves, say it whole "
            "by --var or name a file as configuration"
        )
    if entry.tags and not isinstance(_json(entry.tags), dict):
        yield "tags: the text is not a JSON object, the next write replaces it"
    yield from (f"{name}: {UNKNOWN}" for name, value in seen.items() if name not in FIELDS and value)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
