"""Assignments meet machines: which machines a target means, which version a wish means, who claims what where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from vmapps.core.address import Address
from vmapps.core.choosing import Candidates, Choice
from vmapps.core.declaration import Assignment, Declarations, Rollout, Target, Wanted
from vmapps.core.diagnostic import Diagnostic, Span, error
from vmapps.core.fields import region
from vmapps.core.ordering import Disorder, Ordered, orders
from vmapps.core.resource import Machine, Value, World
from vmapps.core.rollout import Gate, waves_of
from vmapps.core.selecting import selects
from vmapps.core.versions import LATEST


@dataclass(frozen=True, slots=True)
class Claim:
    """An assignment wants one application on one machine: at one version, or not at all (`wanted.absent`).

    `version` is exact, or the literal `latest` that Azure follows (`now` is what that means today). `order` is the
    entry's order, `dependsOn` compiled in. `moved`: no commit chose the version, Azure's own list did. `gate` is the
    wave of a rollout that has to come first.
    """

    wanted: Wanted
    version: str
    assignments: tuple[Address, ...]
    spans: tuple[Span, ...]
    order: int | None = None
    now: str = ""
    moved: bool = False
    gate: Gate | None = None

    @property
    def key(self) -> tuple[str, str]:
        """The gallery and application it is about, as `Reference.key` has it."""
        return self.wanted.gallery.key, self.wanted.application_name.lower()


@dataclass(frozen=True, slots=True)
class Placement:
    """Everything that the assignments say about one machine.

    `exclusive`: foreign entries have no place on it, but for those that `ignore` names.
    """

    claims: tuple[Claim, ...] = ()
    exclusive: bool = False
    ignore: tuple[str, ...] = ()
    upgrade_instances: bool = False
    disorders: tuple[Disorder, ...] = ()
    skip_off: bool = False


AUTOMATIC = "Automatic"
"""The upgrade mode in which Azure brings a new model to all instances as it likes [azure-facts 3.9]."""

NOBODYS = Placement()
"""A machine that no assignment names."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """Every machine that is claimed, with its claims; each assignment's machines and their waves; what was wrong."""

    placements: Mapping[Address, Placement]
    matched: Mapping[Address, tuple[Address, ...]] = field(default_factory=dict)
    waves: Mapping[Address, Mapping[Address, int]] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()


def resolve(declarations: Declarations, world: World, *, staged: bool = True) -> Resolved:
    """Match every assignment against the live fleet and its versions against what is declared (or live).

    Without `staged`, rollouts are taken as one wave; a rollout that has only one is none.
    """
    found: list[Diagnostic] = []
    claims: dict[Address, dict[tuple[str, str], Claim]] = {}
    by_machine: dict[Address, list[Assignment]] = {}
    matched: dict[Address, tuple[Address, ...]] = {}
    waves: dict[Address, Mapping[Address, int]] = {}
    for assignment in sorted(declarations.assignments, key=lambda one: one.address):
        wishes = _Wishes(assignment, declarations, world)
        machines = _machines(assignment, world, found)
        matched[assignment.address] = tuple(machines)
        if staged and assignment.rollout is not None and len(assignment.rollout.waves) > 1:
            waves[assignment.address] = _waves(assignment, assignment.rollout, machines, declarations, world, found)
        mine = waves.get(assignment.address, {})
        for machine in machines:
            there = claims.setdefault(machine, {})
            by_machine.setdefault(machine, []).append(assignment)
            gate = Gate(mine[machine], assignment.address) if machine in mine else None
            for plain in wishes.on(world.machines[machine], found):
                claim = replace(plain, gate=gate) if gate is not None else plain
                there[claim.key] = _agreed(there.get(claim.key), claim, machine, found)
    found.extend(_mixed(by_machine))
    home = declarations.project.subscription
    placements = {
        machine: _placement(world.machines[machine], there, by_machine[machine], home)
        for machine, there in sorted(claims.items())
    }
    return Resolved(placements, matched, waves, tuple(found))


def _waves(
    assignment: Assignment,
    rollout: Rollout,
    machines: list[Address],
    declarations: Declarations,
    world: World,
    found: list[Diagnostic],
) -> Mapping[Address, int]:
    """The wave of each of an assignment's machines; a scale set that Azure upgrades at once cannot be staged."""
    pending = frozenset(one for one in machines if is_off(one, world))
    several = [world.machines[one] for one in machines]
    automatic = [one for one in several if one.upgrade_mode == AUTOMATIC]
    if automatic and not rollout.all_at_once:
        summary = f"{automatic[0].address} is upgraded by Azure all at once (Automatic): it cannot be staged in waves"
        hint = "change its upgrade policy, or say 'automaticSets: allAtOnce' in the rollout"
        found.append(error("cannot-stage", summary, assignment.span, hint=hint, subject=str(automatic[0].address)))
    return waves_of(rollout, assignment.address, declarations.project.owner, several, pending)


def is_off(machine: Address, world: World) -> bool:
    """Whether a machine is known to be off, or its agent silent; of a scale set: all its instances."""
    if machine in world.reports:
        return not world.reports[machine].is_running
    known = world.instances[machine].instances if machine in world.instances else ()
    return bool(known) and all(one.report is not None and not one.report.is_running for one in known)


def _mixed(by_machine: Mapping[Address, list[Assignment]]) -> Iterator[Diagnostic]:
    """Assignments that meet on a machine and disagree about whose its list is; said once a pair."""
    said: set[tuple[Address, Address]] = set()
    for machine, assignments in sorted(by_machine.items()):
        sole = next((one for one in assignments if one.exclusive), None)
        shared = next((one for one in assignments if not one.exclusive), None)
        if sole and shared and (sole.address, shared.address) not in said:
            said.add((sole.address, shared.address))
            summary = f"{sole.address} says that the list of {machine} is exclusively ours, {shared.address} does not"
            yield error("ownership-conflict", summary, shared.span, hint="give both the same ownership")


class _Wishes:
    """An assignment's applications, their versions looked up once a region."""

    def __init__(self, assignment: Assignment, declarations: Declarations, world: World) -> None:
        self._assignment = assignment.address
        self._candidates = [Candidates.of(one, declarations, world) for one in assignment.applications]
        self._by_region: dict[Value, tuple[Claim, ...]] = {}

    def on(self, machine: Machine, found: list[Diagnostic]) -> tuple[Claim, ...]:
        """The claims on a machine; a wish that no version fulfils is a problem instead."""
        place = region(machine.location)
        if place not in self._by_region:
            self._by_region[place] = tuple(self._claims(place, found))
        return self._by_region[place]

    def _claims(self, place: Value, found: list[Diagnostic]) -> Iterator[Claim]:
        for candidates in self._candidates:
            wanted = candidates.wanted
            choice = Choice("") if wanted.absent else candidates.choose(place)
            plain = Claim(wanted, "", (self._assignment,), (wanted.span,), wanted.order)
            if choice is None:
                found.append(candidates.why_not(place))
            elif wanted.follow_latest:
                yield replace(plain, version=LATEST, now=choice.version)
            else:
                yield replace(plain, version=choice.version, moved=choice.moved)


def _placement(
    machine: Machine, there: Mapping[tuple[str, str], Claim], assignments: list[Assignment], home: str
) -> Placement:
    """The claims in the order of their keys, every one with its order on this machine."""
    claims = tuple(there[key] for key in sorted(there))
    disorders: tuple[Disorder, ...] = ()
    if any(claim.wanted.depends_on for claim in claims):
        given, disorders = orders(
            tuple(Ordered(claim.key, claim.wanted, claim.spans[0]) for claim in claims), machine, home
        )
        claims = tuple(replace(claim, order=given.get(claim.key, claim.order)) for claim in claims)
    return Placement(
        claims,
        any(one.exclusive for one in assignments),
        tuple(sorted({glob for one in assignments for glob in one.ignore})),
        any(one.upgrade_instances for one in assignments),
        disorders,
        any(one.rollout is not None and one.rollout.skip_off for one in assignments),
    )


def _agreed(first: Claim | None, second: Claim, machine: Address, found: list[Diagnostic]) -> Claim:
    """Two claims on one application of one machine, merged; every field has to agree (product.md)."""
    if first is None:
        return second
    if _terms(first) != _terms(second):
        both = f"{first.assignments[0]} ({first.spans[0]}) and {second.assignments[0]} ({second.spans[0]})"
        summary = f"{both} want {'/'.join(first.wanted.application.name)} on {machine}, but not alike"
        hint = "give both the same version and settings, or let their targets not overlap"
        found.append(error("conflicting-claims", summary, second.spans[0], hint=hint))
    gates = [one.gate for one in (first, second) if one.gate is not None]
    gate = max(gates) if gates else None
    return replace(
        first, gate=gate, assignments=(*first.assignments, *second.assignments), spans=(*first.spans, *second.spans)
    )


def _terms(claim: Claim) -> object:
    wanted = claim.wanted
    link = wanted.configuration.key if wanted.configuration else ""
    return (
        claim.version,
        wanted.order,
        sorted(wanted.depends_on),
        wanted.fails_deployment,
        wanted.automatic_upgrade,
        link,
        sorted(wanted.tags.items()),
    )


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
