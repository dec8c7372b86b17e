"""From verdicts to writes of one machine: usually one; more when what is removed has to outlive what depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from vmapps.core.action import Assign, Change
from vmapps.core.address import Address
from vmapps.core.diagnostic import Span
from vmapps.core.entries import key_of, others_digest, path_of, untouched
from vmapps.core.guest_effects import LAST_ENTRY, may_move
from vmapps.core.plan import Expectation
from vmapps.core.planning.catalogue import Catalogue
from vmapps.core.planning.findings import Draft
from vmapps.core.planning.verdicts import Verdict, name_of
from vmapps.core.resource import Entry, Link, Machine, Reference
from vmapps.core.rollout import Gate
from vmapps.core.versions import LATEST


@dataclass(frozen=True, slots=True)
class Part:
    """One change in one write, and what later writes of this plan make of the same entry."""

    change: Change
    guest: str
    because: str
    spans: tuple[Span, ...] = ()
    later: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """One write; `gate` is the wave it belongs to, if any."""

    gate: Gate | None
    parts: tuple[Part, ...]


def writes(
    machine: Machine, verdicts: list[Verdict], ours: frozenset[tuple[str, str]], catalogue: Catalogue
) -> tuple[Draft, ...]:
    """The machine's writes in their order; `ours` are the applications (as `Reference.key`) that are not others'."""
    found = stages(verdicts)
    drafts: list[Draft] = []
    before: tuple[Change, ...] = ()
    all_changes = tuple(part.change for stage in found for part in stage.parts)
    for turn, stage in enumerate(found):
        drafts.append(_draft(machine, turn, stage, before, all_changes, ours, catalogue))
        before = (*before, *(part.change for part in stage.parts))
    return tuple(_with_guest(machine, drafts, all_changes, catalogue))


def stages(verdicts: list[Verdict]) -> list[Stage]:
    """Which change goes into which write; no write is empty, and what belongs to a later wave comes later."""
    stages: dict[tuple[tuple[int, str], int], list[Part]] = {}
    gates: dict[tuple[tuple[int, str], int], Gate | None] = {}
    for verdict in verdicts:
        if verdict.change is None:
            continue
        gate, stage = _gate(verdict, verdicts), _stage(verdict, verdicts)
        spans = verdict.claim.spans if verdict.claim else ()
        later = (verdict.again,) if verdict.again else ()
        key = ((gate.wave, str(gate.assignment)) if gate else (0, "")), stage
        gates[key] = gate
        stages.setdefault(key, []).append(Part(verdict.change, verdict.guest, verdict.because, spans, later))
        if verdict.again is not None:
            again = Part(verdict.again, verdict.again_guest, verdict.because, spans)
            gates[key[0], stage + 1] = gate
            stages.setdefault((key[0], stage + 1), []).append(again)
    return [Stage(gates[key], tuple(stages[key])) for key in sorted(stages)]


def _gate(verdict: Verdict, verdicts: list[Verdict]) -> Gate | None:
    """The wave of a change; a removal waits for the waves of what depends on it."""
    own = verdict.claim.gate if verdict.claim else None
    gates = [own, *(_gate(one, verdicts) for one in _behind(verdict, verdicts))]
    found = [gate for gate in gates if gate is not None]
    return max(found) if found else None


def _stage(verdict: Verdict, verdicts: list[Verdict]) -> int:
    """A removal comes after the changes of what was installed after it, as its order tells.

    The guest does all removals of a write before anything else, in any order [guest-agent.md 3.2]; so what depends
    on a removed application has to be changed or removed by an earlier write.
    """
    change = verdict.change
    if change is None or change.after is not None or verdict.again is not None:
        return 0
    first = 2 if any(one.again for one in verdicts) else 0  # a list must not be empty between the two halves
    return max([first, *(1 + _stage(one, verdicts) for one in _behind(verdict, verdicts))])


def _behind(verdict: Verdict, verdicts: list[Verdict]) -> list[Verdict]:
    """The changed entries that were installed after one that is removed for good."""
    change = verdict.change
    if change is None or change.after is not None or verdict.again is not None:
        return []
    order = _order(change)
    return [one for one in verdicts if one is not verdict and order is not None and _comes_after(one, order)]


def _comes_after(verdict: Verdict, order: int) -> bool:
    """Whether a changed entry was installed after that order."""
    own = _order(verdict.change) if verdict.change is not None else None
    return own is not None and own > order


def _order(change: Change) -> int | None:
    """The order that an entry has now."""
    order = change.before.get("order") if isinstance(change.before, dict) else None
    return order if isinstance(order, int) else None


def _draft(
    machine: Machine,
    turn: int,
    stage: Stage,
    before: tuple[Change, ...],
    all_changes: tuple[Change, ...],
    ours: frozenset[tuple[str, str]],
    catalogue: Catalogue,
) -> Draft:
    parts, changes = stage.parts, tuple(part.change for part in stage.parts)
    put = referred(machine, changes, "after", catalogue)
    earlier = tuple(sorted({change.path for change in before}))
    staying = (one.reference for one in untouched(machine, (*before, *changes)))
    kept = tuple(sorted(path_of(one) for one in staying if one is not None and one.key in ours))
    return Draft(
        machine.address,
        machine.id,
        Assign(changes),
        "; ".join(part.because for part in parts),
        guest=tuple(part.guest for part in parts),
        source=tuple(dict.fromkeys(sorted(span for part in parts for span in part.spans))),
        expects=Expectation(
            earlier,
            others_digest(_left_by(before, machine), changes, earlier, kept),
            later=tuple(change for part in parts for change in part.later),
            kept=kept,
        ),
        uses=(*put, *configurations(changes), *_still_referred(machine, all_changes, catalogue)),
        frees=tuple(one for one in referred(machine, changes, "before", catalogue) if one not in put),
        keeps=_still_referred(machine, (*before, *changes), catalogue) if len(all_changes) > len(changes) else (),
        turn=turn,
        gate=stage.gate,
    )


def _left_by(before: tuple[Change, ...], machine: Machine) -> Machine:
    """The machine as earlier writes leave it; what they put is there by its name only."""
    put = {key_of(one): one.after for one in before}
    others = tuple(one for one in machine.entries if one.reference is None or one.reference.key not in put)
    names = (str(body["packageReferenceId"]) for body in put.values() if isinstance(body, dict))
    return replace(machine, entries=(*others, *(Entry(Reference.parse(name), name) for name in names)))


def _with_guest(
    machine: Machine, drafts: list[Draft], changes: tuple[Change, ...], catalogue: Catalogue
) -> Iterator[Draft]:
    """The drafts with what happens beside: others' `latest` may move, the last application may leave."""
    moving = tuple(_moving(machine, changes, catalogue))
    leaving = (LAST_ENTRY,) if _is_emptied(machine, changes) else ()
    for draft in drafts:
        beside = (*(moving if draft is drafts[0] else ()), *(leaving if draft is drafts[-1] else ()))
        yield replace(draft, guest=(*draft.guest, *beside))


def _is_emptied(machine: Machine, changes: tuple[Change, ...]) -> bool:
    """Whether nothing is left on the machine."""
    return not untouched(machine, changes) and all(change.after is None for change in changes)


def _moving(machine: Machine, changes: tuple[Change, ...], catalogue: Catalogue) -> Iterator[str]:
    """Every entry that refers to `latest` and is not edited: a write makes Azure resolve it anew [azure-facts 3.3]."""
    for entry in untouched(machine, changes):
        reference = entry.reference
        if reference is not None and reference.version.lower() == LATEST:
            yield may_move(name_of(reference), catalogue.newest(reference.key, machine.location))


def referred(machine: Machine, changes: tuple[Change, ...], side: str, catalogue: Catalogue) -> tuple[Address, ...]:
    """The versions that the entries before or after refer to, as far as they are known."""
    addresses = catalogue.addresses_today if side == "before" else catalogue.addresses_of
    bodies = [body for change in changes if isinstance(body := getattr(change, side), dict)]
    found = (Reference.parse(str(body["packageReferenceId"])) for body in bodies)
    return tuple(address for one in found if one is not None for address in addresses(one, machine.location))


def configurations(changes: tuple[Change, ...]) -> tuple[Address, ...]:
    """The packages that entries' configurations are in."""
    bodies = (change.after for change in changes if isinstance(change.after, dict))
    links = (body.get("configurationReference") for body in bodies)
    return tuple(Address("Package", (link.blob[:12],)) for link in links if isinstance(link, Link) and link.blob)


def _still_referred(machine: Machine, changes: tuple[Change, ...], catalogue: Catalogue) -> tuple[Address, ...]:
    """The versions of the entries that these changes leave: no write succeeds while one of them is not to be had."""
    kept = (entry.reference for entry in untouched(machine, changes) if entry.reference)
    return tuple(address for reference in kept for address in catalogue.addresses_of(reference, machine.location))
