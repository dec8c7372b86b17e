"""Decide what happens on one machine: its claims against its entries, and what the guest will make of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from vmapps.core.action import changes_of
from vmapps.core.asked import Asked
from vmapps.core.entries import untouched
from vmapps.core.fleet import Placement
from vmapps.core.plan import Note
from vmapps.core.planning import claimed, leftovers, upgrades
from vmapps.core.planning.catalogue import Catalogue
from vmapps.core.planning.findings import Draft, Finding, Question, Topic
from vmapps.core.planning.fitness import Misfit, unfit
from vmapps.core.planning.verdicts import Verdict, told
from vmapps.core.planning.writes import writes
from vmapps.core.resource import Entry, Machine
from vmapps.core.versions import LATEST

FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class Decided:
    """What was found about a machine; `misfits` are said once for all machines that share them."""

    findings: tuple[Finding, ...]
    misfits: tuple[Misfit, ...] = ()


def decide(machine: Machine, placement: Placement, catalogue: Catalogue, asked: Asked) -> Decided:
    """One machine: its writes, notes, errors and questions."""
    verdicts = _verdicts(machine, placement, catalogue, asked)
    findings: list[Finding] = [*_asks_guest(machine, placement, catalogue, asked)]
    findings.extend(found for verdict in verdicts for found in verdict.findings)
    changing = [verdict for verdict in verdicts if verdict.change is not None]
    is_due = bool(changing) and asked.covers(machine.address) and _is_due(changing, asked)
    skipped = tuple(_skipped(machine, placement, catalogue)) if is_due else ()
    findings.extend(skipped)
    is_left = any(isinstance(one, Note) for one in skipped)
    ours = leftovers.ours(machine, placement.claims, asked)
    drafts = writes(machine, changing, ours, catalogue) if is_due and not is_left else ()
    misfits = [*unfit(machine, placement, _staying(machine, changing), catalogue)]
    if changing and not asked.covers(machine.address):
        findings.append(Note("excluded", machine.address, "differs, and is left out by --target or --exclude"))
    elif changing and not is_due:
        findings.extend(_waiting(machine, changing))
    blocking = list(_blocking(machine, drafts, catalogue))
    findings.extend(one for one in blocking if isinstance(one, Question))
    blocked = [one for one in blocking if isinstance(one, Misfit)]
    misfits.extend(blocked)
    if blocked:
        text = f"cannot be written, and differs: {'; '.join(verdict.because for verdict in changing)}"
        findings.append(Note("blocked", machine.address, text))
    else:
        findings.extend(_written(machine, placement, catalogue, drafts, asked))
    if placement.claims and not changing and not any(verdict.findings for verdict in verdicts[: len(placement.claims)]):
        findings.append(Note("unchanged", machine.address, "has what its assignments say"))
    return Decided(tuple(findings), tuple(misfits))


def _skipped(machine: Machine, placement: Placement, catalogue: Catalogue) -> Iterator[Note | Question]:
    """A machine that is off, where the rollout leaves such machines out; its guest is asked whether it is."""
    if not placement.skip_off or machine.is_scale_set:
        return
    report = catalogue.reports.get(machine.address)
    if report is None:
        yield Question(Topic.REPORT, machine.address, machine.id)
    elif not report.is_running:
        yield Note(
            "pending", machine.address, "differs, and is off: the rollout leaves such machines out (offMachines)"
        )


def _verdicts(machine: Machine, placement: Placement, catalogue: Catalogue, asked: Asked) -> list[Verdict]:
    """The claims' first, then those of the entries that nobody claims."""
    found = [claimed.decide(machine, claim, catalogue, asked) for claim in placement.claims]
    keys = {claim.key for claim in placement.claims}
    others = (entry for entry in machine.entries if entry.reference is None or entry.reference.key not in keys)
    return [*found, *(leftovers.decide(machine, entry, placement, catalogue, asked) for entry in others)]


def _written(
    machine: Machine, placement: Placement, catalogue: Catalogue, drafts: tuple[Draft, ...], asked: Asked
) -> Iterator[Finding]:
    """The writes, and what brings them to the instances of a scale set."""
    if not asked.covers(machine.address):
        return
    if machine.is_scale_set:
        several = (replace(one, guest=upgrades.in_guests(machine, placement, one.guest)) for one in drafts)
        drafts = tuple(several)
    yield from drafts
    if machine.is_scale_set and placement.claims:
        yield from upgrades.follow(machine, placement, catalogue, drafts)


def _is_due(changing: list[Verdict], asked: Asked) -> bool:
    """A write that would change nothing in the guest waits for the next real one (product.md)."""
    return asked.options.metadata_now or any(verdict.acts for verdict in changing)


def _waiting(machine: Machine, changing: list[Verdict]) -> Iterator[Note]:
    for verdict in changing:
        text = f"{verdict.because}; this waits for the next write that the guest notices (--metadata-now writes it)"
        yield Note("metadata-waits", machine.address, text)


def _staying(machine: Machine, changing: list[Verdict]) -> tuple[Entry, ...]:
    """The entries that are neither changed nor removed."""
    return untouched(machine, [verdict.change for verdict in changing if verdict.change is not None])


def _blocking(machine: Machine, drafts: tuple[Draft, ...], catalogue: Catalogue) -> Iterator[Question | Misfit]:
    """Entries that make every write of the machine fail, as far as that is known [azure-facts 3.6, 6.2].

    Azure reads each version that a written list refers to: one that is missing, or that we may not read, refuses
    the whole write. Of galleries that no list shows, single versions are asked for.
    """
    if not drafts:
        return
    for entry in untouched(machine, changes_of(drafts[0].action)):
        reference = entry.reference
        if reference is None or catalogue.addresses_of(reference, machine.location):
            continue
        asked_for = reference.id.parent if reference.version.lower() == LATEST else reference.id
        known = catalogue.references.get(asked_for.key)
        if known is None:
            yield Question(Topic.REFERENCE, machine.address, asked_for)
        elif known != "there":
            what = "does not exist" if known == "missing" else "may not be read by us"
            about = f"an entry that is not touched refers to {told(entry)}, which {what}: Azure refuses to write"
            hint = (
                "have that entry removed or its version published again"
                if known == "missing"
                else "grant Reader on its gallery"
            )
            yield Misfit("machine-blocked", about, machine.address, None, hint, is_error=False)


def _asks_guest(machine: Machine, placement: Placement, catalogue: Catalogue, asked: Asked) -> Iterator[Question]:
    """Which guests are worth a read: by default those whose model says that something failed (product.md)."""
    if machine.is_scale_set or not placement.claims or machine.address in catalogue.reports:
        return
    if asked.options.guest == "all" or (asked.options.guest == "auto" and machine.state == FAILED):
        yield Question(Topic.REPORT, machine.address, machine.id)
