"""What cannot change in place is deleted and created anew, with consent and all that is below it [azure-facts 1.7]."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from vmapps.core.action import Change, Create, Delete
from vmapps.core.address import Address
from vmapps.core.asked import Asked
from vmapps.core.diagnostic import Diagnostic, error
from vmapps.core.diff import digest_of
from vmapps.core.plan import Expectation
from vmapps.core.planning.findings import Draft, Finding
from vmapps.core.planning.orphans import OWNER, children_of, is_below
from vmapps.core.planning.resources import create, fixed_changes
from vmapps.core.planning.usage import Users
from vmapps.core.resource import Desired, Observed, World

Wanted = Mapping[Address, Desired]

OTHER_APPLICATION = (
    "take it off these machines by a plan of its own, or publish and assign an application of another name"
)
"""What to do about a machine when everything below its version's application goes."""


def replaced(wanted: Wanted, world: World, asked: Asked) -> frozenset[Address]:
    """The live resources that are deleted and created anew: those that --allow-replace names, and all below them."""
    roots = [
        address
        for address, one in wanted.items()
        if asked.may_replace(address) and (live := world.resources.get(address)) and _must(one, live, asked)
    ]
    return frozenset(one for one in world.resources for root in roots if one == root or is_below(one, root))


def _must(wanted: Desired, live: Observed, asked: Asked) -> bool:
    """Whether a resource of ours differs in what Azure never changes."""
    return not wanted.absent and asked.is_ours(live.owner) and bool(fixed_changes(wanted, live, asked))


def drafts(these: frozenset[Address], wanted: Wanted, world: World, asked: Asked) -> Iterator[Finding]:
    """Delete and create, or why not; what is not declared below a replaced resource is deleted only."""
    for address in sorted(these):
        live, one = world.resources[address], wanted.get(address)
        if refusal := _refusal(live, one, asked):
            yield refusal
            continue
        below = tuple(child for child in children_of(address, world.resources) if child in these)
        made = create(one, asked) if one is not None and not one.absent else None
        yield _delete(live, one, below, made, asked)
        if made is not None:
            yield replace(made, because="it is created anew as declared", turn=1)


def _refusal(live: Observed, wanted: Desired | None, asked: Asked) -> Diagnostic | None:
    span = wanted.source[0] if wanted and wanted.source else None
    if not asked.is_ours(live.owner):
        summary = f"{live.address} would be deleted, as what it belongs to is replaced, and it is not ours"
        return error("not-ours-below", summary, span, hint="--adopt it first", subject=str(live.address))
    if wanted is not None and wanted.protect:
        summary = f"{live.address} would be deleted and created anew, and it is protected"
        return error("protected", summary, span, hint="take 'protect' away first", subject=str(live.address))
    return None


def _delete(
    live: Observed, wanted: Desired | None, below: tuple[Address, ...], made: Draft | None, asked: Asked
) -> Draft:
    rules = asked.rules_of(live.address)
    fields = fixed_changes(wanted, live, asked) if wanted is not None else ""
    because = f"it is replaced: {fields} cannot change in place" if fields else "what it belongs to is replaced"
    # Only what differs for good tells the new one from the old one (see core/superseded).
    later = made.action.changes if fields and made is not None and isinstance(made.action, Create) else ()
    return Draft(
        live.address,
        live.id,
        Delete((Change(OWNER, live.owner, None),)),
        because,
        source=wanted.source if wanted is not None else (),
        expects=Expectation((OWNER,), digest_of((OWNER,), live.body, rules), later=later),
        uses=below,
    )


def going_and_coming(these: frozenset[Address], wanted: Iterable[Desired], world: World) -> frozenset[str]:
    """What is replaced and what is new below it, by lower-case ARM id: none of it is there all the while."""
    below = (one.id.key for one in wanted if any(is_below(one.address, root) for root in these))
    return frozenset((*(world.resources[address].id.key for address in these), *below))


def in_use(these: frozenset[Address], users: Users, world: World) -> Iterator[Diagnostic]:
    """Versions that machines refer to all the while: without them every write of such a machine fails [3.6]."""
    for address in sorted(these):
        if there := users.get(world.resources[address].id.key):
            more = f" and {len(there) - 1} more" if len(there) > 1 else ""
            summary = f"{address} cannot be replaced: {there[0]}{more} refers to it"
            is_rooted = any(is_below(address, one) for one in these)
            hint = OTHER_APPLICATION if is_rooted else "publish it under another version number, and assign that"
            yield error("in-use", summary, hint=hint, subject=str(address))
