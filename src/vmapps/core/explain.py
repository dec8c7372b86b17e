"""Why a plan says what it says of an address: its steps, what they wait for, who asked for them, what is live."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import assert_never

from vmapps.core.address import Address
from vmapps.core.declaration import Assignment, Declarations
from vmapps.core.diagnostic import Diagnostic, Span
from vmapps.core.explain_evidence import Evidence, evidence
from vmapps.core.explain_live import Live, LiveMachine, LivePackage, LiveResource
from vmapps.core.fleet import Claim
from vmapps.core.plan import Note, Plan, Step
from vmapps.core.resource import World
from vmapps.core.versions import number

STEP_NUMBER = re.compile(r"#\d+\Z")
NEAREST = 3
"""How many addresses are proposed for one that nothing matches."""

PROJECT = "Project"
ONLY_DECLARED = (PROJECT, "VMAssignment")
"""The kinds that stand in the manifests and never in Azure."""

MATCHED = "matched"
"""The note that lists an assignment's machines, which are explained one by one here."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another step: one that is waited for, or one that waits."""

    id: str
    because: str


@dataclass(frozen=True, slots=True)
class StepExplained:
    """A step with its neighbours: the steps it waits for, how many those wait for in turn, and who waits for it."""

    step: Step
    waits_for: tuple[Neighbour, ...] = ()
    behind: int = 0
    awaited_by: tuple[Neighbour, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """An assignment wants one application on a machine (or `absent`: off it); `version` is what the plan took."""

    assignment: Address
    application: Address
    version: str
    source: Span
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Reached:
    """A machine that an assignment names, with its steps; `why` there are none."""

    machine: Address
    steps: tuple[Neighbour, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    """One address. `why` says why it has no step; `machines` are an assignment's own (None for everything else)."""

    address: Address
    steps: tuple[StepExplained, ...] = ()
    why: str = ""
    source: tuple[Span, ...] = ()
    live: Live | None = None
    wishes: tuple[Wish, ...] = ()
    machines: tuple[Reached, ...] | None = None
    notes: tuple[Note, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that an address or glob names. With nothing found, `nearest` are the addresses most like it.

    `refusals` are the safety guard's: they concern every step.
    """

    asked: str
    found: tuple[Explained, ...] = ()
    nearest: tuple[Address, ...] = ()
    refusals: tuple[Diagnostic, ...] = ()


def explanation(plan: Plan, world: World, address: str, declarations: Declarations) -> Explanation:
    """Explain every address that the glob `address` names; a step's id stands for its address."""
    known = evidence(plan, world, declarations)
    pattern = STEP_NUMBER.sub("", address)
    addresses = known.addresses
    found = tuple(_explained(one, known) for one in addresses if one.matches(pattern))
    return Explanation(address, found, () if found else nearest(pattern, addresses), plan.refusals)


def nearest(text: str, addresses: Iterable[Address]) -> tuple[Address, ...]:
    """The addresses most like a text: those that end with it (a bare name), or nearly read like it."""
    spelled = {str(one).lower(): one for one in addresses}
    wanted = text.lower()
    ending = [name for name in spelled if wanted and name.endswith(f"/{wanted}")]
    close = get_close_matches(wanted, spelled, n=NEAREST)
    return tuple(spelled[name] for name in dict.fromkeys((*ending, *close)))[:NEAREST]


def _explained(address: Address, known: Evidence) -> Explained:
    steps = known.steps.get(address, ())
    source = _source(address, known)
    diagnostics = tuple(one for one in known.plan.diagnostics if _concerns(one, address, source, known))
    return Explained(
        address,
        tuple(_step(step, known) for step in steps),
        "" if steps else _why_none(address, diagnostics, known),
        source,
        known.live(address),
        _wishes(address, known),
        _machines(known.assignments[address], known) if address in known.assignments else None,
        known.notes.get(address, ()),
        diagnostics,
    )


def _step(step: Step, known: Evidence) -> StepExplained:
    direct = [known.by_id[need] for need in step.needs if need in known.by_id]
    return StepExplained(
        step, _neighbours(direct), len(_behind(direct, known)), _neighbours(known.dependents.get(step.id, ()))
    )


def _neighbours(steps: Iterable[Step]) -> tuple[Neighbour, ...]:
    return tuple(Neighbour(step.id, step.because) for step in steps)


def _behind(direct: list[Step], known: Evidence) -> set[str]:
    """The steps that the needed ones wait for in turn."""
    seen = {step.id for step in direct}
    first, waiting = frozenset(seen), list(direct)
    while waiting:
        for need in waiting.pop().needs:
            if need in known.by_id and need not in seen:
                seen.add(need)
                waiting.append(known.by_id[need])
    return seen - first


def _source(address: Address, known: Evidence) -> tuple[Span, ...]:
    """Every place in the manifests that has a part in it."""
    spans = [span for step in known.steps.get(address, ()) for span in step.source]
    spans += [span for claim in known.claims(address) for span in claim.spans]
    for one in (known.declared.get(address), known.packages.get(address)):
        spans += one.source if one is not None else ()
    if (assignment := known.assignments.get(address)) is not None:
        spans.append(assignment.span)
    if address.kind == PROJECT:
        spans.append(known.declarations.project.span)
    targets = (target for one in known.assignments.values() for target in one.targets)
    spans += [target.span for target in targets if target.machine == address]
    return tuple(sorted(set(spans)))


def _concerns(one: Diagnostic, address: Address, source: tuple[Span, ...], known: Evidence) -> bool:
    """Whether a diagnostic names the address, or lies in a place that has a part in it."""
    if one.subject and one.subject.lower() == str(address).lower():
        return True
    return not known.places.get(one, frozenset()).isdisjoint(source)


def _wishes(address: Address, known: Evidence) -> tuple[Wish, ...]:
    """What assignments say about a machine; what an assignment itself says."""
    if (assignment := known.assignments.get(address)) is not None:
        told = (Wish(address, one.application, one.version, one.span, one.absent) for one in assignment.applications)
        return tuple(told)
    return tuple(
        _wish(claim, known.assignments[assignment], span)
        for claim in known.claims(address)
        for assignment, span in zip(claim.assignments, claim.spans, strict=True)
    )


def _wish(claim: Claim, assignment: Assignment, span: Span) -> Wish:
    """What this very assignment says of a claimed application (several may disagree), at the version that is meant."""
    mine = (one for one in assignment.applications if one.span == span and one.application == claim.wanted.application)
    own = next(mine, claim.wanted)
    version = own.version if number(own.version) is not None else claim.version
    return Wish(assignment.address, own.application, version, span, own.absent)


def _machines(assignment: Assignment, known: Evidence) -> tuple[Reached, ...]:
    return tuple(_reached(machine, known) for machine in known.resolved.matched.get(assignment.address, ()))


def _reached(machine: Address, known: Evidence) -> Reached:
    steps = known.steps.get(machine, ())
    return Reached(machine, _neighbours(steps), "" if steps else _why_none(machine, (), known))


def _why_none(address: Address, diagnostics: tuple[Diagnostic, ...], known: Evidence) -> str:
    """Why nothing is done: an error, or what was noted, or what follows from where it stands."""
    told = (note for note in known.notes.get(address, ()) if note.code != MATCHED)
    notes = [f"{note.text} [{note.code}]" for note in told]
    if any(one.is_error for one in diagnostics):
        return "; ".join((*notes, "there is an error about it"))
    if known.plan.errored:
        return "; ".join((*notes, "the plan has errors, and with an error nothing is done"))
    return "; ".join(notes) or _standing_still(address, known)


def _standing_still(address: Address, known: Evidence) -> str:
    """The reason for a silence: neither a step nor a note."""
    if address in known.assignments:
        reached = known.resolved.matched.get(address, ())
        return "an assignment is carried out by the steps of its machines" if reached else "it matches no machine"
    if address in known.declared or address in known.resolved.placements:
        return "nothing declared about it differs"
    match known.live(address):
        case LiveResource():
            return "it is not declared here and carries no mark of ours"
        case LiveMachine(scale_set=scale_set) if scale_set:
            return "it belongs to a scale set, and nobody names it: only its scale set is looked at"
        case LiveMachine():
            return "no assignment names it, and none of its entries is ours"
        case LivePackage():
            return "no write of this plan needs it uploaded"
        case None:
            return "it is not there"
        case _ as never:
            assert_never(never)
