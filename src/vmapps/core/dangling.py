"""Entries of ours that refer to what does not exist: with one, a machine takes no write [azure-facts 3.6]."""

from __future__ import annotations

from collections.abc import Iterator

from vmapps.core.asked import Asked
from vmapps.core.explain_live import Standing, standing_of
from vmapps.core.fleet import NOBODYS, Resolved
from vmapps.core.plan import Note
from vmapps.core.planning.catalogue import Catalogue
from vmapps.core.planning.findings import Question, Topic
from vmapps.core.planning.verdicts import told
from vmapps.core.resource import Machine, World
from vmapps.core.versions import LATEST


def dangling(world: World, resolved: Resolved, catalogue: Catalogue, asked: Asked) -> Iterator[Note | Question]:
    """A note for each such entry; what is in no list is asked for by itself first, each version once.

    Of `latest` it is the application that has to be there. Machines of a scale set are their set's business.
    """
    listed = {one.id.key for one in world.resources.values()}
    for address, machine in world.machines.items():
        if not machine.scale_set:
            placement = resolved.placements.get(address, NOBODYS)
            claimed = frozenset(claim.key for claim in placement.claims)
            yield from _on(machine, claimed, listed, world, catalogue, asked)


def _on(
    machine: Machine,
    claimed: frozenset[tuple[str, str]],
    listed: set[str],
    world: World,
    catalogue: Catalogue,
    asked: Asked,
) -> Iterator[Note | Question]:
    for entry in machine.entries:
        if entry.reference is None or standing_of(machine, entry, claimed, catalogue, asked) is not Standing.OURS:
            continue
        is_latest = entry.reference.version.lower() == LATEST
        needed = entry.reference.id.parent if is_latest else entry.reference.id
        known = "there" if needed.key in listed else world.references.get(needed.key)
        if known is None:
            yield Question(Topic.REFERENCE, machine.address, needed)
        elif known == "missing":
            text = f"{told(entry)} does not exist: Azure refuses every write of the machine until it is published again"
            yield Note("dangling", machine.address, text)
        elif known == "unreadable":
            yield Note("reference-not-read", machine.address, f"whether {told(entry)} exists may not be read by us")
