"""Would Azure or the guest refuse what the assignments ask of a machine? Said at plan time, not half-way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from vmapps.core.address import Address
from vmapps.core.diagnostic import Diagnostic, Span, error, warning
from vmapps.core.fields import at, region
from vmapps.core.fleet import Claim, Placement
from vmapps.core.planning.catalogue import Catalogue
from vmapps.core.resource import Body, Entry, Machine, Reference, Value

MOST_APPLICATIONS = 25
"""Applications on one machine [azure-facts 2.1]."""

PROFILE = ("properties", "publishingProfile")


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why one machine cannot take what is asked of it; `about` is a sentence that the machine's address ends."""

    code: str
    about: str
    machine: Address
    span: Span | None
    hint: str
    is_error: bool = True


def folded(misfits: Iterable[Misfit]) -> Iterator[Diagnostic]:
    """One problem for all machines that share a reason: a whole fleet in a missing region is one mistake."""
    machines: dict[Misfit, list[Address]] = defaultdict(list)
    for one in misfits:
        machines[replace(one, machine=Address("", ()))].append(one.machine)
    for reason, found in machines.items():
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        say = error if reason.is_error else warning
        yield say(reason.code, f"{reason.about} {min(found)}{more}", reason.span, hint=reason.hint)


def unfit(machine: Machine, placement: Placement, staying: tuple[Entry, ...], catalogue: Catalogue) -> Iterator[Misfit]:
    """Every reason why a machine cannot take its claims beside the entries that stay as they are."""
    claims = tuple(claim for claim in placement.claims if not claim.wanted.absent)
    for one in placement.disorders:
        yield Misfit(one.code, one.about, machine.address, one.span, one.hint)
    yield from _same_name(machine, claims, staying)
    yield from _too_many(machine, claims, staying)
    for claim in claims:
        yield from _other_os(machine, claim, catalogue.bodies.get(claim.wanted.application, {}))
        yield from _not_replicated(machine, claim, _version(claim, catalogue))


def _version(claim: Claim, catalogue: Catalogue) -> Body:
    """What the version is, or will be; empty when it is not known."""
    reference = Reference(claim.wanted.gallery, claim.wanted.application_name, claim.now or claim.version)
    address = catalogue.addresses.get(reference.id.key)
    return catalogue.bodies[address] if address is not None else {}


def _same_name(machine: Machine, claims: tuple[Claim, ...], staying: tuple[Entry, ...]) -> Iterator[Misfit]:
    """The guest names applications without their gallery: two of one name cannot be told apart [azure-facts 3.5]."""
    galleries: dict[str, set[str]] = defaultdict(set)
    for entry in staying:
        if entry.reference:
            galleries[entry.reference.application.lower()].add(entry.reference.gallery.key)
    for claim in claims:
        galleries[claim.key[1]].add(claim.key[0])
    for claim in claims:
        if len(galleries[claim.key[1]]) > 1:
            about = f"'{claim.wanted.application_name}' would come from two galleries on"
            hint = "the guest knows applications by name only: rename one, or remove the other entry first"
            yield Misfit("ambiguous-application", about, machine.address, claim.spans[0], hint)


def _too_many(machine: Machine, claims: tuple[Claim, ...], staying: tuple[Entry, ...]) -> Iterator[Misfit]:
    keys = {entry.reference.key if entry.reference else entry.spelled for entry in staying}
    count = len(keys | {claim.key for claim in claims})
    if count > MOST_APPLICATIONS and claims:
        about = f"Azure allows {MOST_APPLICATIONS} applications, {count} would stand on"
        yield Misfit("too-many-applications", about, machine.address, claims[0].spans[0], "assign fewer")


def _other_os(machine: Machine, claim: Claim, application: Body) -> Iterator[Misfit]:
    """An application's OS must be that of the machine's OS disk [azure-facts 2.4]."""
    wanted = at(application, ("properties", "supportedOSType"))
    if isinstance(wanted, str) and machine.os_type and wanted.lower() != machine.os_type.lower():
        name = "/".join(claim.wanted.application.name)
        about = f"{name} is for {wanted}; {machine.os_type} runs on"
        hint = f"add 'osType: {wanted}' to the selector"
        yield Misfit("os-mismatch", about, machine.address, claim.spans[0], hint)


def _not_replicated(machine: Machine, claim: Claim, version: Body) -> Iterator[Misfit]:
    """A version must be in the machine's region before it can be used [azure-facts 2.4]."""
    regions = regions_of(version)
    if not regions or region(machine.location) in regions:
        return
    name = "/".join((*claim.wanted.application.name, claim.now or claim.version))
    about = f"{name} is not replicated to {machine.location}, the region of"
    hint = f"add {machine.location} to the version's targetRegions"
    yield Misfit("not-replicated", about, machine.address, claim.spans[0], hint)


def regions_of(version: Body) -> set[Value]:
    """Where a version is (or will be); empty when that is not known."""
    found = at(version, (*PROFILE, "targetRegions"))
    if isinstance(found, list):
        return {region(item.get("name")) for item in found if isinstance(item, dict)}
    location = version.get("location")
    return {region(location)} if location else set()
