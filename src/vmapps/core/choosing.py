"""Which version a wish means: among the declared ones, or Azure's own; in a region, as exclusions may be per region."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vmapps.core.declaration import Declarations, Wanted
from vmapps.core.diagnostic import Diagnostic, error
from vmapps.core.fields import at, region
from vmapps.core.resource import Body, Desired, Observed, Value, World
from vmapps.core.versions import LATEST, number, pick

PROFILE = ("properties", "publishingProfile")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version that a wish may choose; `excluded` from latest everywhere, or in the regions `excluded_in`."""

    version: str
    is_declared: bool
    excluded: bool
    excluded_in: frozenset[str]

    def counts_in(self, place: Value) -> bool:
        """Whether `latest` (and any range) may choose it for a machine there [azure-facts 3.3]."""
        return not self.excluded and place not in self.excluded_in


@dataclass(frozen=True, slots=True)
class Choice:
    """The version for one region; `moved`: Azure's own list decided it, not a commit."""

    version: str
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Candidates:
    """All versions that an assignment's wish for one application may choose from.

    `is_read`: the application is declared or was listed, so that a version which is not here does not exist.
    """

    wanted: Wanted
    known: tuple[Candidate, ...]
    is_read: bool

    @classmethod
    def of(cls, wanted: Wanted, declarations: Declarations, world: World) -> Candidates:
        """The declared versions; live ones too where that was asked for, or the gallery is another team's."""
        parent = wanted.application.key
        mine = {one.address.name[-1]: one.body for one in declarations.resources if _belongs(one, parent)}
        gone = {one.address.name[-1] for one in declarations.resources if one.absent and _belongs(one, parent)}
        foreign = wanted.gallery in declarations.foreign_galleries
        live: dict[str, Body] = {}
        if wanted.live or wanted.follow_latest or foreign:
            there = (one for one in world.resources.values() if _belongs(one, parent) and not _is_broken(one))
            live = {one.address.name[-1]: one.body for one in there}
        found = (_candidate(name, {**live, **mine}[name], is_declared=name in mine) for name in {**live, **mine})
        listed = {one.address for one in declarations.resources} | world.resources.keys()
        return cls(wanted, tuple(one for one in found if one.version not in gone), wanted.application in listed)

    def choose(self, place: Value) -> Choice | None:
        """The version for machines in a region; an exact wish is that version, whatever is excluded.

        What the literal `latest` means in a gallery that was not read is Azure's to know ("").
        """
        if self.wanted.follow_latest and not self.is_read:
            return Choice("")
        wish = self.wanted.version
        exact = number(wish) is not None
        allowed = {one.version: one for one in self.known if exact or one.counts_in(place)}
        version = pick(wish, allowed)
        return Choice(version, moved=not exact and not allowed[version].is_declared) if version else None

    def why_not(self, place: Value) -> Diagnostic:
        """That there is none."""
        known = sorted((one.version for one in self.known), key=lambda text: number(text) or (0, 0, 0))
        hint = (
            f"there is {', '.join(known[-3:])}" if known else "declare a GalleryApplicationVersion, or say 'from: live'"
        )
        where = f" in {place}" if any(one.excluded_in for one in self.known) else ""
        summary = f"no version of {'/'.join(self.wanted.application.name)} is '{self.wanted.version}'{where}"
        return error("no-such-version", summary, self.wanted.span, hint=hint)


def newest(bodies: Iterable[tuple[str, Body]], place: Value) -> str:
    """What Azure takes for `versions/latest` in a region: the highest not excluded; "" when there is none."""
    counting = (name for name, body in bodies if _candidate(name, body, is_declared=False).counts_in(place))
    return pick(LATEST, counting) or ""


def _candidate(name: str, body: Body, *, is_declared: bool) -> Candidate:
    excluded = at(body, (*PROFILE, "excludeFromLatest")) is True
    return Candidate(name, is_declared, excluded, frozenset(_excluded_in(body)))


def _excluded_in(body: Body) -> Iterator[str]:
    regions = at(body, (*PROFILE, "targetRegions"))
    for item in regions if isinstance(regions, list) else ():
        if isinstance(item, dict) and item.get("excludeFromLatest") is True:
            yield str(region(item.get("name")))


def _belongs(one: Desired | Observed, parent: tuple[str, str, tuple[str, ...]]) -> bool:
    _, subscription, name = one.address.key
    return name[:-1] == parent[2] and subscription == parent[1]


def _is_broken(one: Observed) -> bool:
    """Whether it is there in name only: its publication failed, or it is being deleted."""
    return not one.is_sound or one.state == "Deleting"
