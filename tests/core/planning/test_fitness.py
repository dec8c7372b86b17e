"""What Azure or the guest would refuse is said at plan time."""

from __future__ import annotations

import pytest

from samples import HERE, address, application_body, entry, machine, reference, version_body, wanted
from vmapps.core.address import Address
from vmapps.core.fleet import Claim, Placement
from vmapps.core.planning.catalogue import Catalogue
from vmapps.core.planning.fitness import unfit
from vmapps.core.resource import Body, Entry, Machine

TOOLS = entry(reference=reference(gallery="Tools"))
UPPER = entry(reference=reference(application="NGINX", gallery="Tools"))
VERSION = address("platform", "nginx", "1.0.0")
VERSION_ID = reference().id.key


def claim(application: str = "nginx", gallery: str = "platform") -> Claim:
    return Claim(wanted("1.0.0", application, gallery), "1.0.0", (Address("VMAssignment", ("web",)),), (HERE,))


def codes(one: Machine, *claims: Claim, bodies: dict[Address, Body] | None = None) -> list[str]:
    known = bodies or {}
    catalogue = Catalogue(bodies=known, addresses={VERSION_ID: VERSION} if VERSION in known else {})
    keys = {claim.key for claim in claims}
    staying = tuple(entry for entry in one.entries if entry.reference is None or entry.reference.key not in keys)
    return [problem.code for problem in unfit(one, Placement(claims), staying, catalogue)]


@pytest.mark.parametrize(
    ("machine_os", "application_os", "found"),
    [
        ("Linux", "Linux", []),
        ("linux", "Linux", []),
        ("Windows", "Linux", ["os-mismatch"]),
        ("Linux", "Windows", ["os-mismatch"]),
        ("", "Linux", []),
        ("Linux", None, []),
    ],
)
def test_an_application_s_os_is_the_machine_s(machine_os: str, application_os: str | None, found: list[str]) -> None:
    bodies = {address("platform", "nginx"): application_body(supportedOSType=application_os)}
    assert codes(machine(os_type=machine_os), claim(), bodies=bodies) == found


@pytest.mark.parametrize(
    ("row", "location", "version", "found"),
    [
        ("among the target regions", "West Europe", version_body(), []),
        ("not among them", "eastus", version_body(), ["not-replicated"]),
        ("no target regions: where the version is", "eastus", {"location": "East US"}, []),
        ("no target regions, elsewhere", "westus", {"location": "East US"}, ["not-replicated"]),
        ("nothing is known", "westus", {}, []),
    ],
)
def test_a_version_is_in_the_machine_s_region(row: str, location: str, version: Body, found: list[str]) -> None:
    assert codes(machine(location=location), claim(), bodies={VERSION: version}) == found


@pytest.mark.parametrize(
    ("row", "there", "claims", "found"),
    [
        ("one gallery", (entry(),), (claim(),), []),
        ("claimed from two", (), (claim(), claim(gallery="Tools")), ["ambiguous-application"] * 2),
        ("a foreign one of that name", (TOOLS,), (claim(),), ["ambiguous-application"]),
        (
            "in other letters",
            (UPPER,),
            (claim(),),
            ["ambiguous-application"],
        ),
        ("none of ours", (entry(), TOOLS), (), []),
        ("unreadable", (entry(reference=None),), (claim(),), []),
    ],
)
def test_the_guest_knows_applications_by_name_only(
    row: str, there: tuple[Entry, ...], claims: tuple[Claim, ...], found: list[str]
) -> None:
    assert codes(machine(*there), *claims) == found


@pytest.mark.parametrize(("foreign", "found"), [(24, []), (25, ["too-many-applications"])])
def test_a_machine_takes_25_applications(foreign: int, found: list[str]) -> None:
    there = [entry(application=f"a{number}") for number in range(foreign)]
    assert codes(machine(*there), claim()) == found
    assert codes(machine(*there, entry()), claim()) == found
    assert codes(machine(*there)) == []
