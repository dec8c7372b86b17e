"""What entries may refer to once the galleries are declared, and why one of them has to stay as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from vmapps.core.choosing import newest
from vmapps.core.fields import at, region
from vmapps.core.planning.fitness import regions_of
from vmapps.core.planning.leftovers import looks_injected
from vmapps.core.planning.verdicts import told
from vmapps.core.resource import Body, Entry, Machine, Observed, Reference
from vmapps.core.versions import LATEST

Key: TypeAlias = tuple[str, str]
"""An application, as `Reference.key` has it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Applications that assignments may name, by `Reference.key`.

    `galleries` are the lower-case ARM ids of those that were asked for; `names` is how the applications are named,
    `applications` what is live of them, `versions` their sound versions, `failed` those of use to nobody. `declared`
    are the versions that have a document, of those applications that have one. `refused` says of applications that
    are not offered why.
    """

    galleries: frozenset[str] = frozenset()
    names: Mapping[Key, str] = field(default_factory=dict)
    applications: Mapping[Key, Body] = field(default_factory=dict)
    versions: Mapping[Key, Mapping[str, Body]] = field(default_factory=dict)
    failed: frozenset[str] = frozenset()
    declared: Mapping[Key, frozenset[str]] = field(default_factory=dict)
    refused: Mapping[Key, str] = field(default_factory=dict)

    def is_live_only(self, reference: Reference) -> bool:
        """Whether an entry needs a version that has no document, of an application that has one."""
        known = self.declared.get(reference.key)
        if known is None:
            return False
        return not known if reference.version.lower() == LATEST else reference.version not in known


def offered(
    live: Iterable[Observed],
    galleries: frozenset[str],
    names: Mapping[Key, str],
    declared: Mapping[Key, frozenset[str]],
    refused: Mapping[Key, str],
) -> Offer:
    """The offer of everything live in the galleries that are taken or borrowed."""
    applications: dict[Key, Body] = {}
    versions: dict[Key, dict[str, Body]] = {}
    failed: set[str] = set()
    for one in live:
        if len(one.id.names) == 2:
            applications[_key(one)] = one.body
        elif len(one.id.names) == 3 and is_of_use(one):
            reference = Reference.parse(str(one.id))
            assert reference is not None
            versions.setdefault(reference.key, {})[one.id.name] = one.body
        elif len(one.id.names) == 3:
            failed.add(one.id.key)
    return Offer(galleries, names, applications, versions, frozenset(failed), declared, refused)


def is_of_use(one: Observed) -> bool:
    """Whether its last write did not fail, and it is not on its way out."""
    return one.is_sound and one.state != "Deleting"


def _key(application: Observed) -> Key:
    return application.id.parent.key, application.id.name.lower()


def foreign(entry: Entry) -> str:
    """What is said of an entry whose application was not asked for."""
    if entry.reference is None:
        return "an entry whose packageReferenceId is not the id of a version: it stays as it is"
    how = " (it looks like what Azure Policy adds)" if looks_injected(entry) else ""
    return f"{told(entry)} is of what was not exported: it stays as it is{how}"


def stays(reference: Reference, machine: Machine, offer: Offer) -> str:
    """Why a manifest may not claim an entry that it could say, "" when it may."""
    key, place = reference.key, region(machine.location)
    if key not in offer.names:
        return offer.refused.get(key, "its application is not there any more")
    if len({one.reference.key for one in machine.entries if one.reference and one.reference.key[1] == key[1]}) > 1:
        return f"another entry's application is called '{reference.application}' too"
    versions = offer.versions.get(key, {})
    meant = newest(versions.items(), place) if reference.version.lower() == LATEST else reference.version
    if meant not in versions:
        return _missing(reference, offer, machine)
    if (regions := regions_of(versions[meant])) and place not in regions:
        return f"its version is not replicated to {machine.location}, where the machine is"
    system = at(offer.applications.get(key, {}), ("properties", "supportedOSType"))
    if isinstance(system, str) and machine.os_type and system.lower() != machine.os_type.lower():
        return f"its application is for {system}, the machine runs {machine.os_type}"
    return ""


def _missing(reference: Reference, offer: Offer, machine: Machine) -> str:
    if reference.version.lower() == LATEST:
        return f"it has no version that is 'latest' in {machine.location}"
    if reference.id.key in offer.failed:
        return "the publication of its version failed"
    return "its version does not exist; while the entry is there, Azure refuses every write of the machine"
