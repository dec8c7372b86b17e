"""What carries our mark and is no longer declared: kept, or deleted from the leaves up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vmapps.core.action import Change, Delete
from vmapps.core.address import Address
from vmapps.core.asked import Asked
from vmapps.core.diff import digest_of
from vmapps.core.fields import Path
from vmapps.core.plan import Expectation, Note
from vmapps.core.planning.findings import Draft, Finding
from vmapps.core.resource import OWNER_TAG, Observed

OWNER: Path = ("tags", OWNER_TAG)


def orphans(
    declared: frozenset[Address],
    live: Mapping[Address, Observed],
    used_by: Mapping[str, tuple[Address, ...]],
    asked: Asked,
) -> Iterator[Finding]:
    """Every live resource of ours that no manifest declares.

    `used_by` maps the ARM id (lower case) of a version to the machines that refer to it once this plan is done: such
    a version is never deleted, nor what it belongs to. Deepest first, so that a parent knows about its children.
    """
    kept: dict[Address, str] = {}
    needed = declared | {parent for address in declared for parent in _parents(address, live)}
    for address in sorted(live, key=lambda one: (-len(one.name), one)):
        resource = live[address]
        reason = _why_kept(resource, needed, live, kept, used_by)
        if reason is None and not asked.is_ours(resource.owner):
            reason = "it is not ours"
        if reason is not None:
            kept[address] = reason
        if address in declared or not asked.is_ours(resource.owner):
            continue
        if reason is not None:
            yield Note("kept", address, f"no longer declared; {reason}")
        elif not asked.options.prune or not asked.covers(address):
            yield Note("kept", address, "no longer declared; --prune deletes it")
            kept[address] = "it is kept"
        else:
            yield _delete(resource, live, asked)


def _why_kept(
    resource: Observed,
    needed: frozenset[Address],
    live: Mapping[Address, Observed],
    kept: Mapping[Address, str],
    used_by: Mapping[str, tuple[Address, ...]],
) -> str | None:
    """The reason why a resource must stay, None when it may go."""
    address = resource.address
    if address in needed:
        return "what is declared needs it"
    if users := used_by.get(resource.id.key):
        return f"{users[0]} and {len(users) - 1} more refer to it" if len(users) > 1 else f"{users[0]} refers to it"
    staying = [child for child in _children(address, live) if child in kept]
    return f"it holds {staying[0]}" if staying else None


def _parents(address: Address, live: Mapping[Address, Observed]) -> list[Address]:
    names = [address.key[2][:depth] for depth in range(1, len(address.name))]
    return [one for one in live if one.key[2] in names and one.key[1] == address.key[1]]


def _children(address: Address, live: Mapping[Address, Observed]) -> list[Address]:
    depth = len(address.name) + 1
    parent = address.key[2]
    return sorted(
        one for one in live if len(one.name) == depth and one.key[2][:-1] == parent and one.key[1] == address.key[1]
    )


def _delete(resource: Observed, live: Mapping[Address, Observed], asked: Asked) -> Draft:
    rules = asked.rules_of(resource.address)
    return Draft(
        resource.address,
        resource.id,
        Delete((Change(OWNER, resource.owner, None),)),
        "it carries our mark and is no longer declared",
        expects=Expectation((OWNER,), digest_of((OWNER,), resource.body, rules)),
        uses=tuple(_children(resource.address, live)),
    )
