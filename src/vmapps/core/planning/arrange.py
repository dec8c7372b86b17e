"""From drafts to steps: what waits for what is computed from what each uses and frees, ties go by address."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vmapps.core.action import Delete, Discard, Upload, Verify
from vmapps.core.address import Address
from vmapps.core.plan import Step
from vmapps.core.planning.findings import Draft


@dataclass(frozen=True, slots=True)
class Linked:
    """A draft with the positions of the drafts that it needs, and of those whose end it waits for, however that is."""

    draft: Draft
    needs: frozenset[int]
    waits: frozenset[int] = frozenset()
    only_if: frozenset[int] = frozenset()


def link(drafts: tuple[Draft, ...]) -> tuple[Linked, ...]:
    """The only kinds of edge there are.

    A write waits for every write of what it uses; a delete waits for the deletes of what hangs below it; what takes
    something away (a delete, an update that shrinks) waits for every write that stops using it; a write that leaves a
    version for a later one to move away from waits for what mends that version, unless that is a delete and what
    follows it, which wait for the later one; and the writes of one object come in their turns. A look waits for the
    ends of its waves, and the next waves and looks need it. What undoes a wave has the looks that can halt it as a
    condition, and what it would put back goes only after them.
    """
    writers: dict[Address, list[int]] = defaultdict(list)
    for position, draft in enumerate(drafts):
        if draft.undoes is None:
            writers[draft.address].append(position)
    needs: list[set[int]] = [set() for _ in drafts]
    for position, draft in enumerate(drafts):
        if draft.undoes is not None:
            continue
        used = [one for address in draft.uses for one in writers[address]]
        needs[position].update(one for one in used if _waits(draft, drafts[one]))
        needs[position].update(one for address in draft.keeps for one in _mending(writers[address], drafts))
        needs[position].update(one for one in writers[draft.address] if drafts[one].turn < draft.turn)
        for freed in draft.frees:
            for other in writers[freed]:
                if _takes_away(drafts[other]):
                    needs[other].add(position)
    waits = _looks(drafts, needs)
    only_if = _undoing(drafts, needs, writers)
    return tuple(
        Linked(draft, frozenset(found - {position}), frozenset(waits.get(position, ())), only_if.get(position, NONE))
        for position, (draft, found) in enumerate(zip(drafts, needs, strict=True))
    )


def _looks(drafts: tuple[Draft, ...], needs: list[set[int]]) -> Mapping[int, list[int]]:
    """What each look waits for; the needs of the waves behind it are added to `needs`."""
    looks = [position for position, draft in enumerate(drafts) if isinstance(draft.action, Verify)]
    gated: dict[Address, list[int]] = defaultdict(list)
    for position, draft in enumerate(drafts):
        if draft.gate is not None:
            gated[draft.gate.assignment].append(position)
    waits: dict[int, list[int]] = {}
    for look in looks:
        gate = drafts[look].gate
        for position in gated[gate.assignment] if gate is not None else ():
            other = drafts[position].gate
            if gate is not None and other is not None and other.wave > gate.wave:
                needs[position].add(look)
            elif not isinstance(drafts[position].action, Verify):
                waits.setdefault(look, []).append(position)
    return waits


NONE: frozenset[int] = frozenset()


def _undoing(
    drafts: tuple[Draft, ...], needs: list[set[int]], writers: Mapping[Address, list[int]]
) -> Mapping[int, frozenset[int]]:
    """The looks that each undoing draft depends on; the needs around it are added to `needs`."""
    looks = [(position, one.gate) for position, one in enumerate(drafts) if isinstance(one.action, Verify) and one.gate]
    earlier: dict[tuple[Address, Address], list[int]] = defaultdict(list)
    only_if: dict[int, frozenset[int]] = {}
    for position, draft in enumerate(drafts):
        if (undoes := draft.undoes) is None:
            continue
        halting = [at for at, gate in looks if gate.assignment == undoes.assignment and gate.wave >= undoes.wave]
        only_if[position] = frozenset(halting)
        own = earlier[draft.address, undoes.assignment]
        needs[position].update(one for one in own if drafts[one].turn < draft.turn)
        own.append(position)
        for other in (one for address in draft.uses for one in writers.get(address, ())):
            if isinstance(drafts[other].action, Delete | Discard) or drafts[other].shrinks:
                needs[other].update(halting)
    return only_if


def _mending(writers: list[int], drafts: tuple[Draft, ...]) -> list[int]:
    """The writes that make a version whole; none when it is there and goes, to be created anew or not."""
    if any(isinstance(drafts[one].action, Delete) for one in writers):
        return []
    return [one for one in writers if not drafts[one].shrinks]


def _takes_away(draft: Draft) -> bool:
    return isinstance(draft.action, Delete) or draft.shrinks


def _waits(draft: Draft, used: Draft) -> bool:
    """A delete waits for deletes only: what is created anew below it comes after it."""
    return isinstance(used.action, Delete) or not isinstance(draft.action, Delete)


def arrange(drafts: Iterable[Draft]) -> tuple[Step, ...]:
    """The steps in an order in which each comes after what it waits for; deletes come last."""
    given = tuple(sorted(drafts, key=lambda draft: (draft.address, draft.turn)))
    linked = link(given)
    order = _topological(linked)
    ids = _ids(order, linked)
    places = {position: place for place, position in enumerate(order)}
    return tuple(_step(linked[position], ids[position], ids, places) for position in order)


def _topological(linked: tuple[Linked, ...]) -> list[int]:
    waiting = {position: set(one.needs | one.waits | one.only_if) for position, one in enumerate(linked)}
    dependents: dict[int, list[int]] = defaultdict(list)
    for position, before in waiting.items():
        for need in before:
            dependents[need].append(position)
    depth = dict.fromkeys(waiting, 0)
    ready = [_rank(linked[position], 0, position) for position, before in waiting.items() if not before]
    heapq.heapify(ready)
    order: list[int] = []
    while ready:
        position = heapq.heappop(ready)[-1]
        order.append(position)
        for other in dependents[position]:
            waiting[other].discard(position)
            depth[other] = max(depth[other], depth[position] + 1)
            if not waiting[other]:
                heapq.heappush(ready, _rank(linked[other], depth[other], other))
    if len(order) != len(linked):
        stuck = ", ".join(str(linked[position].draft.address) for position in sorted(set(waiting) - set(order)))
        raise ValueError(f"these steps wait for each other: {stuck}")
    return order


def _rank(one: Linked, depth: int, position: int) -> tuple[bool, int, bool, int]:
    """Uploads first, deletes last; drafts are sorted by address, so a position stands for it."""
    action = one.draft.action
    return isinstance(action, (Delete, Discard)), depth, not isinstance(action, Upload), position


def _ids(order: list[int], linked: tuple[Linked, ...]) -> Mapping[int, str]:
    """`address#n`: two steps may share an address."""
    seen: dict[Address, int] = defaultdict(int)
    ids: dict[int, str] = {}
    for position in order:
        address = linked[position].draft.address
        seen[address] += 1
        ids[position] = f"{address}#{seen[address]}"
    return ids


def _step(one: Linked, step_id: str, ids: Mapping[int, str], places: Mapping[int, int]) -> Step:
    draft = one.draft
    return Step(
        step_id,
        draft.address,
        draft.resource,
        draft.action,
        draft.because,
        draft.guest,
        tuple(ids[position] for position in sorted(one.needs, key=places.__getitem__)),
        draft.source,
        _wave(draft),
        draft.expects,
        tuple(ids[position] for position in sorted(one.waits, key=places.__getitem__)),
        tuple(ids[position] for position in sorted(one.only_if, key=places.__getitem__)),
    )


def _wave(draft: Draft) -> int | None:
    gate = draft.gate or draft.undoes
    return gate.wave if gate is not None else None
