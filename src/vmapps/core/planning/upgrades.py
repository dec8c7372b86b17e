"""What becomes of a scale set's instances when its model changes, by the set's upgrade policy [azure-facts 3.9]."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from vmapps.core.action import UpgradeInstances
from vmapps.core.diagnostic import Diagnostic, error
from vmapps.core.fleet import AUTOMATIC, Claim, Placement
from vmapps.core.plan import Note
from vmapps.core.planning.catalogue import Catalogue
from vmapps.core.planning.findings import Draft, Finding, Question, Topic
from vmapps.core.resource import Instance, Machine, Reference
from vmapps.core.versions import LATEST

MANUAL, ROLLING = "Manual", "Rolling"


def follow(
    machine: Machine, placement: Placement, catalogue: Catalogue, drafts: tuple[Draft, ...]
) -> Iterator[Finding]:
    """The step that brings the model to the instances: pushed in Manual mode where that is wanted, else followed.

    `drafts` are the writes of its model; the instances follow the last of them, in its wave.
    """
    written, turn = bool(drafts), len(drafts)
    gate = drafts[-1].gate if drafts else next((one.gate for one in placement.claims if one.gate), None)
    pushed = machine.upgrade_mode == MANUAL and placement.upgrade_instances
    if not pushed and not (written and machine.upgrade_mode == ROLLING):
        return
    known = catalogue.instances.get(machine.address)
    if known is None:
        yield Question(Topic.INSTANCES, machine.address, machine.id)
        return
    yield from _protected(machine, known.instances, written=written)
    behind = [one for one in known.instances if not one.is_protected and (written or not one.latest)]
    if not behind:
        return
    if pushed and (refusal := _other_changes(machine, placement, behind)):
        yield refusal
        return
    yield replace(_draft(machine, placement, catalogue, behind, pushed=pushed, turn=turn), gate=gate)


def in_guests(machine: Machine, placement: Placement, lines: tuple[str, ...]) -> tuple[str, ...]:
    """What a new model means for the instances: `lines` are what happens on one that gets it."""
    if machine.upgrade_mode == AUTOMATIC:
        return *lines, "Azure upgrades every instance by itself, in any order, maybe all at once"
    if machine.upgrade_mode == MANUAL and not placement.upgrade_instances:
        waiting = tuple(f"when an instance is upgraded: {line}" for line in lines)
        return "running instances keep what they have (upgradeInstances: true pushes it), new ones get this", *waiting
    return lines


def _protected(machine: Machine, instances: tuple[Instance, ...], *, written: bool) -> Iterator[Note]:
    names = [one.name for one in instances if one.is_protected and (written or not one.latest)]
    if names:
        text = f"protected from the scale set's actions, so left on the older model: {', '.join(names)}"
        yield Note("protected", machine.address, text)


def _other_changes(machine: Machine, placement: Placement, behind: list[Instance]) -> Diagnostic | None:
    """A push brings everything that the model has: refused when an instance lacks more than applications."""
    pending = {
        f"{name}: {one.traits[name]} -> {wanted}"
        for one in behind
        for name, wanted in machine.traits.items()
        if name in one.traits and one.traits[name] != wanted
    }
    if not pending:
        return None
    names = ", ".join(one.name for one in behind if any(one.traits.get(k, v) != v for k, v in machine.traits.items()))
    summary = f"{machine.address}: pushing its model would change more on {names} ({'; '.join(sorted(pending))})"
    hint = "upgrade these instances by hand first, or leave upgradeInstances out"
    span = placement.claims[0].spans[0] if placement.claims else None
    return error("other-pending-changes", summary, span, hint=hint, subject=str(machine.address))


def _applications(claims: list[Claim]) -> tuple[tuple[str, str], ...]:
    """What the instances' guests should report; `latest` may be any version."""
    return tuple((one.wanted.application_name, "" if one.version == LATEST else one.version) for one in claims)


def _draft(
    machine: Machine, placement: Placement, catalogue: Catalogue, behind: list[Instance], *, pushed: bool, turn: int
) -> Draft:
    claims = [claim for claim in placement.claims if not claim.wanted.absent]
    found = (Reference(one.wanted.gallery, one.wanted.application_name, one.version) for one in claims)
    count = "1 instance" if len(behind) == 1 else f"{len(behind)} instances"
    pushing = f"{count} {'is' if len(behind) == 1 else 'are'} behind the model, and upgradeInstances is on"
    rolling = f"its policy is Rolling: Azure brings the model to {count} in batches"
    return Draft(
        machine.address,
        machine.id,
        UpgradeInstances(tuple(one.name for one in behind), pushed, _applications(claims)),
        pushing if pushed else rolling,
        source=tuple(dict.fromkeys(sorted(span for claim in claims for span in claim.spans))),
        uses=tuple(address for one in found for address in catalogue.addresses_of(one, machine.location)),
        turn=turn,
    )
