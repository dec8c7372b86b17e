"""Would Azure or the guest refuse what the assignments ask of a machine? Said at plan time, not half-way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from vmapps.core.address import Address
from vmapps.core.diagnostic import Diagnostic, error
from vmapps.core.fields import at, region
from vmapps.core.fleet import Claim
from vmapps.core.resource import Body, Machine, Value

MOST_APPLICATIONS = 25
"""Applications on one machine [azure-facts 2.1]."""

PROFILE = ("properties", "publishingProfile")


def unfit(machine: Machine, claims: tuple[Claim, ...], bodies: Mapping[Address, Body]) -> Iterator[Diagnostic]:
    """Every reason why a machine cannot take its claims; `bodies` are the applications and versions, wanted or live."""
    yield from _same_name(machine, claims)
    yield from _too_many(machine, claims)
    for claim in claims:
        application = bodies.get(claim.wanted.application, {})
        version = bodies.get(_version_address(claim), {})
        yield from _other_os(machine, claim, application)
        yield from _not_replicated(machine, claim, version)


def _version_address(claim: Claim) -> Address:
    application = claim.wanted.application
    return Address("GalleryApplicationVersion", (*application.name, claim.version), application.subscription)


def _same_name(machine: Machine, claims: tuple[Claim, ...]) -> Iterator[Diagnostic]:
    """The guest names applications without their gallery: two of one name cannot be told apart [azure-facts 3.5]."""
    galleries: dict[str, set[str]] = defaultdict(set)
    for entry in machine.entries:
        if entry.reference:
            galleries[entry.reference.application.lower()].add(entry.reference.gallery.key)
    for claim in claims:
        galleries[claim.key[1]].add(claim.key[0])
    for claim in claims:
        if len(galleries[claim.key[1]]) > 1:
            summary = f"{machine.address} would have '{claim.wanted.application_name}' from two galleries"
            hint = "the guest knows applications by name only: rename one, or remove the other entry first"
            yield error("ambiguous-application", summary, claim.spans[0], hint=hint)


def _too_many(machine: Machine, claims: tuple[Claim, ...]) -> Iterator[Diagnostic]:
    keys = {entry.reference.key if entry.reference else entry.spelled for entry in machine.entries}
    count = len(keys | {claim.key for claim in claims})
    if count > MOST_APPLICATIONS and claims:
        summary = f"{machine.address} would have {count} applications; Azure allows {MOST_APPLICATIONS}"
        yield error("too-many-applications", summary, claims[0].spans[0], hint="assign fewer")


def _other_os(machine: Machine, claim: Claim, application: Body) -> Iterator[Diagnostic]:
    """An application's OS must be that of the machine's OS disk [azure-facts 2.4]."""
    wanted = at(application, ("properties", "supportedOSType"))
    if isinstance(wanted, str) and machine.os_type and wanted.lower() != machine.os_type.lower():
        name = "/".join(claim.wanted.application.name)
        summary = f"{name} is for {wanted}, {machine.address} runs {machine.os_type}"
        yield error("os-mismatch", summary, claim.spans[0], hint=f"add 'osType: {wanted}' to the selector")


def _not_replicated(machine: Machine, claim: Claim, version: Body) -> Iterator[Diagnostic]:
    """A version must be in the machine's region before it can be used [azure-facts 2.4]."""
    regions = _regions(version)
    if not regions or region(machine.location) in regions:
        return
    name = "/".join((*claim.wanted.application.name, claim.version))
    summary = f"{name} is not replicated to {machine.location}, where {machine.address} is"
    hint = f"add {machine.location} to the version's targetRegions"
    yield error("not-replicated", summary, claim.spans[0], hint=hint)


def _regions(version: Body) -> set[Value]:
    """Where a version is (or will be); empty when that is not known."""
    found = at(version, (*PROFILE, "targetRegions"))
    if isinstance(found, list):
        return {region(item.get("name")) for item in found if isinstance(item, dict)}
    location = version.get("location")
    return {region(location)} if location else set()
