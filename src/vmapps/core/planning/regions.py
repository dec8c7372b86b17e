"""A region leaves a version: in two writes where Azure demands it, and never under a machine [azure-facts 3.8]."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from vmapps.core.action import Change, Update
from vmapps.core.address import Address
from vmapps.core.diagnostic import Diagnostic, error
from vmapps.core.diff import digest_of
from vmapps.core.fields import Path, Rules, at, region, with_value
from vmapps.core.plan import Expectation
from vmapps.core.planning.findings import Draft
from vmapps.core.planning.reasons import because
from vmapps.core.planning.usage import Users
from vmapps.core.resource import Body, Desired, Machine, Observed, Value

REGIONS: Path = ("properties", "publishingProfile", "targetRegions")
MAY_DROP: Path = ("properties", "safetyProfile", "allowDeletionOfReplicatedLocations")


def dropped(changes: Iterable[Change]) -> tuple[str, ...]:
    """The regions that a version loses, in their normal names."""
    found = [_names(change.before) - _names(change.after) for change in changes if change.path == REGIONS]
    return tuple(sorted(*found)) if found else ()


def stored_otherwise(changes: Iterable[Change]) -> tuple[str, ...]:
    """Regions that stay and would be stored in another way, which Azure never changes [azure-facts 1.3]."""
    found = [(_storage(change.before), _storage(change.after)) for change in changes if change.path == REGIONS]
    return tuple(
        f"storageAccountType of {name}"
        for before, after in found
        for name in sorted(before.keys() & after.keys())
        if before[name] != after[name]
    )


def stored_as(changes: Iterable[Change]) -> str:
    """How the regions are stored that would be stored otherwise; "" when there is none, or they differ."""
    found = [(_storage(change.before), _storage(change.after)) for change in changes if change.path == REGIONS]
    kinds = {one[name] for one, other in found for name in one.keys() & other.keys() if one[name] != other[name]}
    return kinds.pop() if len(kinds) == 1 else ""


def _storage(value: Value) -> dict[str, str]:
    """How each region is stored, where that is said."""
    items = value if isinstance(value, list) else []
    said = ((item.get("name"), item.get("storageAccountType")) for item in items if isinstance(item, dict))
    return {str(region(name)): kind for name, kind in said if isinstance(kind, str)}


def _names(value: Value) -> set[str]:
    items = value if isinstance(value, list) else []
    return {str(region(item.get("name"))) for item in items if isinstance(item, dict)}


def without_regions(draft: Draft, wanted: Desired, live: Observed, rules: Rules) -> Iterator[Draft | Diagnostic]:
    """The update that drops regions, made safe: as one write, as two, or refused.

    Where the version's safetyProfile holds its regions, Azure refuses a smaller set; the first write lets go of
    them, which has to be declared.
    """
    changes = draft.action.changes if isinstance(draft.action, Update) else ()
    if not dropped(changes):
        yield draft
    elif at(live.body, MAY_DROP) is True:
        yield replace(draft, shrinks=True)
    elif not any(change.path == MAY_DROP for change in changes):
        regions = ", ".join(dropped(changes))
        summary = f"{wanted.address} would lose {regions}, and its safetyProfile holds its regions"
        hint = "declare safetyProfile: {allowDeletionOfReplicatedLocations: true}"
        span = wanted.source[0] if wanted.source else None
        yield error("region-held", summary, span, hint=hint, subject=str(wanted.address))
    else:
        yield from _in_two_writes(draft, changes, live, rules)


def _in_two_writes(draft: Draft, changes: tuple[Change, ...], live: Observed, rules: Rules) -> Iterator[Draft]:
    """First everything else, with permission to drop; then the smaller set."""
    first = tuple(change for change in changes if change.path != REGIONS)
    second = tuple(change for change in changes if change.path == REGIONS)
    body = live.body
    for change in first:
        body = with_value(body, change.path, change.after)
    so = f"{because(first, rules)} (so that regions can go)"
    yield replace(draft, action=Update(first), because=so, expects=_also(draft.expects, REGIONS, live.body, rules))
    expects = _also(draft.expects, MAY_DROP, body, rules)
    why = f"it loses {', '.join(dropped(changes))}, now that its safetyProfile lets it go"
    yield replace(draft, action=Update(second), because=why, expects=expects, turn=1, shrinks=True)


def _also(expects: Expectation, path: Path, body: Body, rules: Rules) -> Expectation:
    """What a write depends on besides: a field that the other write of the same changes."""
    paths = tuple(sorted({*expects.paths, path}))
    return replace(expects, paths=paths, digest=digest_of(paths, body, rules))


def in_use(drafts: Iterable[Draft], users: Users, machines: Mapping[Address, Machine]) -> Iterator[Diagnostic]:
    """Regions that a version may not lose, as machines there refer to it when the plan is done."""
    for draft in drafts:
        gone = dropped(draft.action.changes) if isinstance(draft.action, Update) else ()
        if not gone or draft.resource is None:
            continue
        there = [one for one in users.get(draft.resource.key, ()) if region(machines[one].location) in gone]
        if there:
            more = f" and {len(there) - 1} more" if len(there) > 1 else ""
            summary = f"{draft.address} would leave {', '.join(gone)}, where {there[0]}{more} refers to it"
            hint = "move the machines to another version first, or keep the region"
            span = draft.source[0] if draft.source else None
            yield error("region-in-use", summary, span, hint=hint, subject=str(draft.address))
