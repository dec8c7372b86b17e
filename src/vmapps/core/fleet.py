"""Assignments meet machines: which machines a target means, which version a wish means, who claims what where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from vmapps.core.address import Address
from vmapps.core.declaration import Assignment, Declarations, Selector, Target, Wanted
from vmapps.core.diagnostic import Diagnostic, Span, error
from vmapps.core.fields import at, region
from vmapps.core.resource import Desired, Machine, Observed, World
from vmapps.core.versions import number, pick


@dataclass(frozen=True, slots=True)
class Claim:
    """An assignment wants one application at one exact version on one machine."""

    wanted: Wanted
    version: str
    assignments: tuple[Address, ...]
    spans: tuple[Span, ...]

    @property
    def key(self) -> tuple[str, str]:
        """The gallery and application it is about, as `Reference.key` has it."""
        return self.wanted.gallery.key, self.wanted.application_name.lower()


@dataclass(frozen=True, slots=True)
class Resolved:
    """Every machine that is claimed, with its claims; and what was wrong with the claims."""

    claims: Mapping[Address, tuple[Claim, ...]]
    diagnostics: tuple[Diagnostic, ...] = ()


def resolve(declarations: Declarations, world: World) -> Resolved:
    """Match every assignment against the live fleet and its versions against what is declared (or live)."""
    found: list[Diagnostic] = []
    claims: dict[Address, dict[tuple[str, str], Claim]] = {}
    for assignment in sorted(declarations.assignments, key=lambda one: one.address):
        wanted = list(_versions(assignment, declarations, world, found))
        for machine in _machines(assignment, world, found):
            there = claims.setdefault(machine, {})
            for claim in wanted:
                there[claim.key] = _agreed(there.get(claim.key), claim, machine, found)
    merged = {machine: tuple(there[key] for key in sorted(there)) for machine, there in sorted(claims.items())}
    return Resolved(merged, tuple(found))


def _versions(
    assignment: Assignment, declarations: Declarations, world: World, found: list[Diagnostic]
) -> Iterator[Claim]:
    for wanted in assignment.applications:
        candidates = _candidates(wanted, declarations, world)
        version = pick(wanted.version, candidates)
        if version is None:
            found.append(_no_version(wanted, candidates))
            continue
        yield Claim(wanted, version, (assignment.address,), (wanted.span,))


def _candidates(wanted: Wanted, declarations: Declarations, world: World) -> list[str]:
    """The versions a wish may choose from: the declared ones; live ones too where that was asked for."""
    parent = wanted.application.key
    exact = number(wanted.version) is not None
    mine: Iterable[Desired | Observed] = (one for one in declarations.resources if _belongs(one, parent))
    foreign = any(gallery == wanted.gallery for gallery in declarations.foreign_galleries)
    live = [one for one in world.resources.values() if _belongs(one, parent)] if wanted.live or foreign else []
    return [one.address.name[-1] for one in (*mine, *live) if exact or not (_excluded(one) or _is_broken(one))]


def _belongs(one: Desired | Observed, parent: tuple[str, str, tuple[str, ...]]) -> bool:
    _, subscription, name = one.address.key
    return name[:-1] == parent[2] and subscription == parent[1]


def _excluded(one: Desired | Observed) -> bool:
    return at(one.body, ("properties", "publishingProfile", "excludeFromLatest")) is True


def _is_broken(one: Desired | Observed) -> bool:
    """Whether it is there in name only: its publication failed, or it is being deleted."""
    return isinstance(one, Observed) and (not one.is_sound or one.state == "Deleting")


def _no_version(wanted: Wanted, candidates: list[str]) -> Diagnostic:
    known = sorted(candidates, key=lambda text: number(text) or (0, 0, 0))
    hint = f"there is {', '.join(known[-3:])}" if known else "declare a GalleryApplicationVersion, or say 'from: live'"
    summary = f"no version of {'/'.join(wanted.application.name)} is '{wanted.version}'"
    return error("no-such-version", summary, wanted.span, hint=hint)


def _agreed(first: Claim | None, second: Claim, machine: Address, found: list[Diagnostic]) -> Claim:
    """Two claims on one application of one machine, merged; every field has to agree (product.md)."""
    if first is None:
        return second
    if _terms(first) != _terms(second):
        both = f"{first.assignments[0]} ({first.spans[0]}) and {second.assignments[0]} ({second.spans[0]})"
        summary = f"{both} want {'/'.join(first.wanted.application.name)} on {machine}, but not alike"
        hint = "give both the same version and settings, or let their targets not overlap"
        found.append(error("conflicting-claims", summary, second.spans[0], hint=hint))
    return Claim(first.wanted, first.version, (*first.assignments, *second.assignments), (*first.spans, *second.spans))


def _terms(claim: Claim) -> object:
    wanted = claim.wanted
    link = wanted.configuration.key if wanted.configuration else ""
    return claim.version, wanted.order, wanted.fails_deployment, link, sorted(wanted.tags.items())


def _machines(assignment: Assignment, world: World, found: list[Diagnostic]) -> list[Address]:
    """The machines of an assignment: its targets united."""
    matched: set[Address] = set()
    for target in assignment.targets:
        machines = _of_target(target, world)
        found.extend(_expectations(assignment, target, len(machines)))
        matched.update(machines)
    return sorted(matched)


def _of_target(target: Target, world: World) -> list[Address]:
    if target.machine is not None:
        return [target.machine] if target.machine in world.machines else []
    selector = target.selector
    if selector is None:
        return []
    return [address for address, machine in world.machines.items() if selects(selector, machine)]


def _expectations(assignment: Assignment, target: Target, count: int) -> Iterator[Diagnostic]:
    if target.machine is not None and count == 0:
        hint = "check its resource group and name, and that its subscription is under fleet.subscriptions"
        yield error("no-such-machine", f"{target.machine} is not in the fleet", target.span, hint=hint)
    least, most = target.at_least, target.at_most
    if least is not None and count < least:
        summary = f"{assignment.address} expects at least {least} machines, its selector matches {count}"
        yield error("expectation-not-met", summary, target.span, hint="look at the selector, or lower expect.atLeast")
    if most is not None and count > most:
        summary = f"{assignment.address} expects at most {most} machines, its selector matches {count}"
        yield error("expectation-not-met", summary, target.span, hint="look at the selector, or raise expect.atMost")


def selects(selector: Selector, machine: Machine) -> bool:
    """Whether a selector matches a machine; virtual machines of a scale set are never matched [azure-facts 3.9]."""
    if machine.scale_set or machine.address.kind not in selector.kinds:
        return False
    return _fields_match(selector, machine) and not (
        selector.exclude is not None and _fields_match(selector.exclude, machine)
    )


def _fields_match(selector: Selector, machine: Machine) -> bool:
    return (
        _any_glob(selector.resource_groups, machine.id.resource_group)
        and _any_glob(selector.names, machine.id.name)
        and _any_glob(selector.subscriptions, machine.id.subscription)
        and selector.os_type.lower() in ("", machine.os_type.lower())
        and (not selector.locations or region(machine.location) in map(region, selector.locations))
        and all(_tagged(machine, name, values) for name, values in selector.tags.items())
    )


def _any_glob(patterns: tuple[str, ...], text: str) -> bool:
    return not patterns or any(fnmatchcase(text.lower(), pattern.lower()) for pattern in patterns)


def _tagged(machine: Machine, name: str, values: tuple[str, ...]) -> bool:
    """Tag names are compared without case, values with it, as Azure does [azure-facts 10]."""
    return any(key.lower() == name.lower() and value in values for key, value in machine.tags.items())
