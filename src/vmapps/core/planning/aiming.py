"""Where a rollback goes: the version that the marks of an assignment's machines remember, or the one in words.

A mark remembers one version. So a rollback without a version in words goes to an older one only: run twice, it does
not go forward again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vmapps.core.address import Address
from vmapps.core.asked import Asked
from vmapps.core.declaration import Assignment, Declarations, Wanted
from vmapps.core.diagnostic import Diagnostic, error
from vmapps.core.entries import find
from vmapps.core.fleet import Claim, resolve
from vmapps.core.planning.leftovers import is_ours
from vmapps.core.resource import Machine, Observed, World
from vmapps.core.versions import number

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Rollback:
    """One application of an assignment, by its number in the list, goes back; `to` a version in words, or ""."""

    assignment: Assignment
    at: int
    to: str = ""

    @property
    def wanted(self) -> Wanted:
        """What the assignment asks for today."""
        return self.assignment.applications[self.at]

    @property
    def key(self) -> tuple[str, str]:
        """The gallery and application, as `Reference.key` has it."""
        return self.wanted.gallery.key, self.wanted.application_name.lower()

    @property
    def told(self) -> str:
        """The application as people say it."""
        return "/".join(self.wanted.application.name)


@dataclass(frozen=True, slots=True)
class Aim:
    """The version to go back to; `live`: Azure has it, no document declares it."""

    version: str
    live: bool = False


def aim_of(rollback: Rollback, declarations: Declarations, world: World, asked: Asked) -> Aim | Diagnostic:
    """Where to: the version in words, or the one that all machines had before; a problem when there is none."""
    if rollback.to:
        return _there(rollback, rollback.to, declarations, world, asked)
    resolved = resolve(declarations, world, staged=False)
    holders: list[tuple[Machine, str]] = []
    declared = ""
    for address in resolved.matched[rollback.assignment.address]:
        claims = resolved.placements[address].claims
        claim = next((one for one in claims if one.key == rollback.key), None)
        machine = world.machines[address]
        if claim is not None and _is_at(machine, claim):
            declared = claim.version
            holders.append((machine, _previous(machine, rollback, asked)))
    if not holders:
        summary = f"no machine of {rollback.assignment.address} has {rollback.told} {rollback.wanted.version}"
        return _no(
            rollback, f"{summary}: there is nothing to go back from", _say_where(rollback, world, resolved.matched)
        )
    return _agreed(rollback, declared, holders, declarations, world, asked)


def _is_at(machine: Machine, claim: Claim) -> bool:
    live = find(machine, claim.key)
    return live is not None and live.reference is not None and live.reference.version.lower() == claim.version


def _previous(machine: Machine, rollback: Rollback, asked: Asked) -> str:
    """What our mark remembers; "" without one."""
    live = find(machine, rollback.key)
    ours = live is not None and is_ours(machine, live, asked)
    return live.mark.previous if ours and live is not None and live.mark is not None else ""


def _agreed(
    rollback: Rollback,
    declared: str,
    holders: list[tuple[Machine, str]],
    declarations: Declarations,
    world: World,
    asked: Asked,
) -> Aim | Diagnostic:
    """The one version that all marks name, if it is an older one."""
    by_version: dict[str, list[Address]] = defaultdict(list)
    for machine, previous in holders:
        by_version[previous].append(machine.address)
    told = "; ".join(f"{version or 'none'} on {_named(by_version[version])}" for version in sorted(by_version))
    known = [version for version in by_version if version]
    if len(by_version) > 1 or not known:
        what = (
            "the machines had different versions before"
            if len(known) > 1
            else "not every mark names an earlier version"
        )
        hint = f"--to {max(known, key=_as_number) if known else 'VERSION'} puts all of them to one version"
        return _no(rollback, f"{what} of {rollback.told} {declared}: {told}", hint)
    if _as_number(known[0]) > _as_number(declared):
        summary = f"{rollback.told} {declared} came after {known[0]}: it looks rolled back already"
        hint = f"`vmapps apply` finishes what is left; --to {known[0]} goes forward again"
        return _no(rollback, summary, hint)
    return _there(rollback, known[0], declarations, world, asked)


def _as_number(version: str) -> tuple[int, int, int]:
    return number(version) or (0, 0, 0)


def _named(addresses: list[Address]) -> str:
    more = f" and {len(addresses) - MOST_NAMED} more" if len(addresses) > MOST_NAMED else ""
    return f"{', '.join(map(str, sorted(addresses)[:MOST_NAMED]))}{more}"


def _say_where(rollback: Rollback, world: World, matched: Mapping[Address, tuple[Address, ...]]) -> str:
    """What the machines do have, for --to."""
    found = (find(world.machines[one], rollback.key) for one in matched[rollback.assignment.address])
    versions = {one.reference.version for one in found if one is not None and one.reference is not None}
    there = f" (they have {_listed(versions)})" if versions else ""
    return f"--to VERSION says where to{there}; `vmapps apply` brings what is declared"


def _there(
    rollback: Rollback, version: str, declarations: Declarations, world: World, asked: Asked
) -> Aim | Diagnostic:
    """The version, if it is declared and published, or published and ours."""
    declared = {
        one.id.name for one in declarations.resources if _belongs(one.id.parent.key, rollback) and not one.absent
    }
    live = {one.id.name: one for one in world.resources.values() if _belongs(one.id.parent.key, rollback)}
    usable = {
        name for name, one in live.items() if one.is_sound and (name in declared or _may_use(one, declarations, asked))
    }
    if version in usable:
        return Aim(version, live=version not in declared)
    others = _listed(usable - {rollback.wanted.version})
    instead = f", or choose among {others}" if others else ""
    told = f"{rollback.told} {version}"
    if version in declared:
        here = f"GalleryApplicationVersion/{rollback.told}/{version}"
        hint = f"publish it first (`vmapps apply --target {here}`){instead}"
        return _no(rollback, f"{told} is declared, but not published", hint)
    if version in live:
        return _no(rollback, f"{told} is published, but neither declared nor ours", f"declare it first{instead}")
    hint = f"restore its document from Git and apply it first{instead}"
    return _no(rollback, f"{told} is neither declared nor published any more", hint)


def _belongs(application: str, rollback: Rollback) -> bool:
    gallery = rollback.wanted.gallery
    return application == gallery.child("applications", rollback.wanted.application_name).key


def _may_use(one: Observed, declarations: Declarations, asked: Asked) -> bool:
    """Whether a version that no document declares is ours, or another team's that we only refer to."""
    return asked.is_ours(one.owner) or one.id.parent.parent in declarations.foreign_galleries


def _listed(versions: Iterable[str]) -> str:
    return ", ".join(sorted(versions, key=_as_number, reverse=True)[:MOST_NAMED])


def _no(rollback: Rollback, summary: str, hint: str) -> Diagnostic:
    return error("no-rollback", summary, rollback.wanted.span, hint=hint, subject=str(rollback.assignment.address))
