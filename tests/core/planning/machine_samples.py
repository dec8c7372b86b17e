"""Claims, and what is known about galleries, for the tests of what happens on one machine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from samples import (
    HERE,
    OWNER,
    address,
    asked,
    entry,
    gallery_id,
    machine,
    machine_address,
    reference,
    version_body,
    wanted,
)
from vmapps.core.address import Address
from vmapps.core.fleet import Claim, Placement
from vmapps.core.guest import GuestReport, InGuest
from vmapps.core.planning import claimed, leftovers
from vmapps.core.planning.catalogue import Catalogue
from vmapps.core.planning.findings import Draft
from vmapps.core.planning.verdicts import Verdict
from vmapps.core.planning.writes import writes
from vmapps.core.resource import Entry, Link, Machine

WEB = Address("VMAssignment", ("web",))
CONF = Link("https://conf.blob.core.windows.net/c/app.conf")
UPDATE = version_body(manageActions={"update": "sh update.sh"})
NUMBERS = ("1.0.0", "2.0.0")
NAMES = ("nginx", "agent", "base")
EVERY = [(name, number) for name in NAMES for number in NUMBERS]

KNOWN = Catalogue(
    frozenset({(gallery_id().key, "nginx")}),
    {address("platform", *one): UPDATE for one in EVERY},
    {reference(number, name).id.key: address("platform", name, number) for name, number in EVERY},
    {reference(application=name).key: tuple((one, UPDATE) for one in NUMBERS) for name in NAMES},
)
"""Three applications with two versions each; only nginx is ours by its application."""

STRANGE = replace(KNOWN, owned=frozenset())
"""The same, and none of them is ours."""

COMPANY = entry(application="agent")
"""An entry of somebody else, so that a machine is not left empty."""


def claim(
    version: str = "2.0.0", application: str = "nginx", *, now: str = "", moved: bool = False, **more: Any
) -> Claim:
    one = wanted(version, application, **more)
    return Claim(one, version, (WEB,), (HERE,), one.order, now, moved)


ABSENT = claim("", absent=True)
MARKED = entry("2.0.0", order=1, configuration=CONF, owner=OWNER)
"""An entry of ours with what no write can take away."""

FOLLOW = claim("latest", now="2.0.0", follow_latest=True)


def decided(
    live: Entry | None, one: Claim, *, known: Catalogue = KNOWN, says: InGuest | None = None, **more: Any
) -> Verdict:
    """The verdict on a machine that has other company too, unless `alone`."""
    options = {name: more.pop(name) for name in ("adopt", "adopt_from", "allow_reinstall") if name in more}
    alone = more.pop("alone", False)
    entries = [found for found in (live, None if alone else COMPANY) if found]
    if says is not None:
        known = replace(known, reports={machine_address(): GuestReport((says,))})
    return claimed.decide(machine(*entries, **more), one, known, asked(**options))


def codes(verdict: Verdict) -> list[str]:
    return [one.code for one in verdict.findings]


def old(name: str, order: int | None = None, version: str = "1.0.0", **more: Any) -> Entry:
    """An entry of ours."""
    return entry(version, name, owner=OWNER, order=order, **more)


def verdicts(one: Machine, *claims: Claim, **options: Any) -> list[Verdict]:
    """What is decided about a machine whose other entries of ours have to go."""
    asks = asked(prune=True, **options)
    found = [claimed.decide(one, single, KNOWN, asks) for single in claims]
    keys = {single.key for single in claims}
    others = (single for single in one.entries if single.reference and single.reference.key not in keys)
    return [*found, *(leftovers.decide(one, single, Placement(), KNOWN, asks) for single in others)]


def drafts(one: Machine, *claims: Claim, **options: Any) -> tuple[Draft, ...]:
    return writes(one, verdicts(one, *claims, **options), own(one, *claims), KNOWN)


def own(one: Machine, *claims: Claim) -> frozenset[tuple[str, str]]:
    """The applications of a machine that are ours."""
    return leftovers.ours(one, claims, asked())
