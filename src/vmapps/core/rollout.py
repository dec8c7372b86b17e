"""Waves: which machine comes when. The same machines always come in the same waves (product.md, "Rollouts")."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vmapps.core.address import Address
from vmapps.core.declaration import Rollout, Wave
from vmapps.core.fields import region
from vmapps.core.resource import Machine


@dataclass(frozen=True, slots=True, order=True)
class Gate:
    """What has to be reached before an entry is written: a wave of an assignment's rollout."""

    wave: int
    assignment: Address


def waves_of(
    rollout: Rollout, assignment: Address, owner: str, machines: Iterable[Machine], pending: frozenset[Address]
) -> Mapping[Address, int]:
    """The wave (from 1) of every machine.

    The order in which machines come is a hash of owner, assignment and machine id, so that it does not depend on
    which others there are; how many a wave takes does, and so growth may move a machine to a later wave. `pending`
    machines (off, or not heard of) are not counted and come with the last wave: they prove nothing, so none of them
    is the canary.
    """
    several = tuple(machines)
    ranked = sorted(
        (one for one in several if one.address not in pending), key=lambda one: _rank(owner, assignment, one)
    )
    last = len(rollout.waves)
    weight = sum(one.capacity for one in ranked)
    found: dict[Address, int] = {}
    for number, wave in enumerate(rollout.waves, start=1):
        found.update(dict.fromkeys(_taken(wave, ranked, found, weight), number))
    return {one.address: found.get(one.address, last) for one in several}


def _taken(wave: Wave, ranked: list[Machine], found: Mapping[Address, int], weight: int) -> list[Address]:
    """The machines that a wave adds to those of earlier ones."""
    left = [one for one in ranked if one.address not in found]
    if wave.locations:
        places = {region(one) for one in wave.locations}
        return [one.address for one in left if region(one.location) in places]
    most = wave.most if wave.most is not None else -(-weight * (wave.percent or 0) // 100)
    return _fitting(left, most - sum(one.capacity for one in ranked if one.address in found))


def _fitting(left: list[Machine], room: int) -> list[Address]:
    """As many as there is room for; what is heavier than that comes only where nothing else would."""
    taken: list[Address] = []
    first = left[:1] if room > 0 else []
    for machine in left:
        if machine.capacity <= room:
            taken.append(machine.address)
            room -= machine.capacity
    return taken or [one.address for one in first]


def _rank(owner: str, assignment: Address, machine: Machine) -> str:
    text = f"{owner}/{assignment}/{machine.id.key}".lower()
    return hashlib.sha256(text.encode()).hexdigest()
