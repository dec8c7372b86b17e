"""Read what an export needs: the galleries that were asked for, the fleet, and what its machines use of others'."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from vmapps.core.address import ArmId
from vmapps.core.exporting.choice import Choice
from vmapps.core.resource import Listed, Machine, World
from vmapps.engine.observe import observe
from vmapps.engine.ports import CloudReader, Scope


def explore(
    scopes: Iterable[Scope],
    cloud: CloudReader,
    choice: Choice,
    *,
    scope_of: Callable[[ArmId], Scope],
    is_others: Callable[[str], bool],
    parallelism: int,
) -> World:
    """Everything in the scopes, each list once, and below it only what was asked for.

    `scope_of` is the list that a gallery stands in; `is_others` says of an owner's mark whether it is another
    project's. Galleries of others are read as far as an entry refers to them. Raises CloudFailure for a scope that
    cannot be read.
    """

    def concerns_us(seen: Listed) -> bool:
        names = seen.id.names
        is_open = not isinstance(seen, Machine) and not is_others(seen.owner)
        return is_open and choice.takes(*names[:2])

    world = observe(scopes, cloud, concerns_us, parallelism=parallelism)
    used = _used(world, choice)
    others = {one.id for one in world.resources.values() if is_others(one.owner)}
    borrowed = sorted(
        {one.parent for one in used if choice.borrows(one.parent.name, one.name) or one.parent in others},
        key=lambda one: one.key,
    )
    if not borrowed:
        return world
    wanted = {*borrowed, *used}
    places = {scope.path.lower(): scope for scope in map(scope_of, borrowed)}
    more = observe(places.values(), cloud, lambda seen: seen.id in wanted, parallelism=parallelism)
    return replace(world, resources=dict(sorted({**more.resources, **world.resources}.items())))


def _used(world: World, choice: Choice) -> set[ArmId]:
    """The applications that entries of the machines refer to, as far as they were asked for."""
    entries = (entry for one in world.machines.values() if choice.covers(one) for entry in one.entries)
    references = {entry.reference for entry in entries if entry.reference}
    return {one.gallery.child("applications", one.application) for one in references if choice.wants(one)}
