"""One spelling for one name: Azure answers ids in several letters, documents refer to each other in exactly one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from vmapps.core.address import Address, ArmId
from vmapps.core.resource import Machine, Observed, World

TYPES = ("galleries", "applications", "versions")


def respelled(world: World) -> World:
    """The world in which everything below a gallery spells its parents as they spell themselves.

    A machine's resource group is written as most of its letters are seen to be: small ones win over capitals.
    """
    groups = _groups(world.machines.values())
    machines = (_machine(one, groups) for one in world.machines.values())
    return replace(
        world,
        resources={one.address: one for one in _resources(world.resources)},
        machines={one.address: one for one in machines},
    )


def _resources(resources: Mapping[Address, Observed]) -> Iterable[Observed]:
    """Parents first, so that children can take their names from them."""
    known: dict[str, ArmId] = {}
    for one in sorted(resources.values(), key=lambda it: (len(it.id.names), it.address)):
        parent = known.get(one.id.parent.key) if len(one.id.names) > 1 else None
        own = one.id.name
        arm_id = (
            parent.child(TYPES[len(one.id.names) - 1], own)
            if parent
            else replace(one.id, types=TYPES[: len(one.id.names)])
        )
        known[arm_id.key] = arm_id
        yield replace(one, id=arm_id, address=replace(one.address, name=arm_id.names))


def _groups(machines: Iterable[Machine]) -> Mapping[tuple[str, str], str]:
    spellings: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in machines:
        spellings[_group(one.id)].add(one.id.resource_group)
    return {key: max(found) for key, found in spellings.items()}


def _group(arm_id: ArmId) -> tuple[str, str]:
    return arm_id.subscription.lower(), arm_id.resource_group.lower()


def _machine(one: Machine, groups: Mapping[tuple[str, str], str]) -> Machine:
    group = groups[_group(one.id)]
    return replace(
        one,
        id=replace(one.id, resource_group=group),
        address=replace(one.address, name=(group, *one.address.name[1:])),
    )
