"""What carries our mark and is no longer wanted: kept, or deleted from the leaves up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from vmapps.core.action import Change, Delete
from vmapps.core.address import Address
from vmapps.core.asked import Asked
from vmapps.core.diagnostic import error
from vmapps.core.diff import digest_of
from vmapps.core.fields import Path
from vmapps.core.plan import Expectation, Note
from vmapps.core.planning.findings import Draft, Finding
from vmapps.core.planning.usage import Users
from vmapps.core.resource import OWNER_TAG, Desired, Observed
from vmapps.core.versions import number

OWNER: Path = ("tags", OWNER_TAG)
VERSION_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Fates:
    """What decides whether a live resource stays.

    `declared` are wanted, `absent` are declared to be gone. `used_by` says which machines need a version once this
    plan is done, `retention` how many undeclared versions of an application stay, and `unseen` which subscriptions
    of the fleet could not be read: a machine there may need anything.
    """

    declared: frozenset[Address]
    live: Mapping[Address, Observed]
    used_by: Users
    absent: Mapping[Address, Desired] = field(default_factory=dict)
    retention: Mapping[Address, int] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()


def orphans(fates: Fates, asked: Asked) -> Iterator[Finding]:
    """Every live resource of ours that no manifest wants; deepest first, so that a parent knows about its children."""
    kept: dict[Address, str] = {}
    parents = {parent for address in fates.declared for parent in _parents(address, fates.live)}
    needed, retained = fates.declared | parents, frozenset(_retained(fates, asked))
    for address in sorted(fates.live, key=lambda one: (-len(one.name), one)):
        resource = fates.live[address]
        reason = _why_kept(resource, needed, fates, kept)
        if reason is None and not asked.is_ours(resource.owner):
            reason = "it is not ours"
        if reason is None and address in retained:
            reason = "its application's retention keeps it"
        if reason is not None:
            kept[address] = reason
        if address in fates.declared:
            continue
        if address in fates.absent:
            yield from _absent(resource, fates, reason, asked)
        elif asked.is_ours(resource.owner):
            yield _orphan(resource, fates, reason, asked)
            if reason is None and not _goes(address, asked):
                kept[address] = "it is kept"


def _goes(address: Address, asked: Asked) -> bool:
    return asked.options.prune and asked.covers(address)


def _orphan(resource: Observed, fates: Fates, reason: str | None, asked: Asked) -> Finding:
    address = resource.address
    if reason is not None:
        return Note("kept", address, f"no longer declared; {reason}")
    if not _goes(address, asked):
        return Note("kept", address, "no longer declared; --prune deletes it")
    return _delete(resource, fates.live, "it carries our mark and is no longer declared", asked)


def _absent(resource: Observed, fates: Fates, reason: str | None, asked: Asked) -> Iterator[Finding]:
    """`state: absent` deletes without --prune, or says why it cannot."""
    wanted, address = fates.absent[resource.address], resource.address
    if not asked.covers(address):
        yield Note("excluded", address, "is declared absent, and is left out by --target or --exclude")
    elif reason is not None:
        span = wanted.source[0] if wanted.source else None
        hint = "--adopt it as it is first" if reason == "it is not ours" else "remove what needs it first"
        yield error(
            "cannot-delete", f"{address} is declared absent, but {reason}", span, hint=hint, subject=str(address)
        )
    else:
        draft = _delete(resource, fates.live, "it is declared absent", asked, wanted)
        yield draft


def _retained(fates: Fates, asked: Asked) -> Iterator[Address]:
    """The newest undeclared versions of ours, as many as each application's retention says."""
    for application, keep in fates.retention.items():
        found = [
            one
            for one in children_of(application, fates.live)
            if one not in fates.declared and one not in fates.absent and asked.is_ours(fates.live[one].owner)
        ]
        found.sort(key=lambda one: number(one.name[-1]) or (0, 0, 0), reverse=True)
        yield from found[:keep]


def _why_kept(resource: Observed, needed: frozenset[Address], fates: Fates, kept: Mapping[Address, str]) -> str | None:
    """The reason why a resource must stay, None when it may go."""
    address = resource.address
    if address in needed:
        return "what is declared needs it"
    if users := fates.used_by.get(resource.id.key):
        return f"{users[0]} and {len(users) - 1} more refer to it" if len(users) > 1 else f"{users[0]} refers to it"
    if fates.unseen and len(address.name) == VERSION_DEPTH:
        return f"machines in {', '.join(fates.unseen)} could not be looked at, and may refer to it"
    staying = [child for child in children_of(address, fates.live) if child in kept]
    return f"it holds {staying[0]}" if staying else None


def is_below(one: Address, above: Address) -> bool:
    """Whether a resource belongs to another, at any depth."""
    _, subscription, name = above.key
    return one.key[1] == subscription and len(one.name) > len(name) and one.key[2][: len(name)] == name


def _parents(address: Address, live: Mapping[Address, Observed]) -> list[Address]:
    return [one for one in live if is_below(address, one)]


def children_of(address: Address, live: Mapping[Address, Observed]) -> list[Address]:
    """What is directly below a resource."""
    depth = len(address.name) + 1
    return sorted(one for one in live if len(one.name) == depth and is_below(one, address))


def _delete(
    resource: Observed, live: Mapping[Address, Observed], because: str, asked: Asked, wanted: Desired | None = None
) -> Draft:
    rules = asked.rules_of(resource.address)
    return Draft(
        resource.address,
        resource.id,
        Delete((Change(OWNER, resource.owner, None),)),
        because,
        source=wanted.source if wanted is not None else (),
        expects=Expectation((OWNER,), digest_of((OWNER,), resource.body, rules)),
        uses=tuple(children_of(resource.address, live)),
    )
