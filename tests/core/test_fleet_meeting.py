"""Several assignments on one machine: what is merged, what has to agree, what is exclusive, which wave comes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from samples import (
    ELSEWHERE,
    HERE,
    address,
    assignment,
    declarations,
    desired,
    entry,
    gallery_id,
    machine,
    machine_address,
    observed,
    version_body,
    wanted,
)
from vmapps.core.declaration import Assignment, Rollout, Selector, Target, Wanted, Wave
from vmapps.core.fleet import Claim, Placement, Resolved, resolve
from vmapps.core.guest import GuestReport
from vmapps.core.resource import Link, Machine, World
from vmapps.core.rollout import Gate

PLATFORM = (
    desired("platform"),
    *(desired("platform", name) for name in ("nginx", "base")),
    *(desired("platform", "nginx", one) for one in ("1.0.0", "2.0.0")),
    desired("platform", "base", "1.0.0"),
)
BASE = address("platform", "base")


def met(*several: Assignment, on: tuple[Machine, ...] = (), live: tuple[Any, ...] = (), **more: Any) -> Resolved:
    machines = on or (machine(),)
    found = World.of(iter((*machines, *live)))
    world = replace(found, reports=more.pop("reports", {}))
    staged = more.pop("staged", True)
    return resolve(declarations(*PLATFORM, assignments=several, **more), world, staged=staged)


def codes(found: Resolved) -> list[str]:
    return [one.code for one in found.diagnostics]


def placement(found: Resolved, name: str = "web-01") -> Placement:
    return found.placements[machine_address(name)]


def claims(found: Resolved, name: str = "web-01") -> dict[str, Claim]:
    return {one.wanted.application_name: one for one in placement(found, name).claims}


def two(first: Wanted, second: Wanted) -> Resolved:
    return met(assignment(first, name="a"), assignment(second, name="b"))


@pytest.mark.parametrize(
    ("row", "first", "second", "agree"),
    [
        ("the same", wanted(), wanted(), True),
        ("a range and what it means", wanted("latest"), wanted("2.0.0"), True),
        ("another version", wanted(), wanted("2.0.0"), False),
        ("latest followed by Azure and by us", wanted("latest", follow_latest=True), wanted("latest"), False),
        (
            "automatic upgrade",
            wanted("latest", follow_latest=True),
            wanted("latest", follow_latest=True, automatic_upgrade=True),
            False,
        ),
        ("absent for both", wanted("", absent=True), wanted("", absent=True), True),
        ("absent for one", wanted(), wanted("", absent=True), False),
        ("another dependency", wanted(depends_on=(BASE,)), wanted(), False),
        ("an order", wanted(order=1), wanted(order=2), False),
        ("no order and 0", wanted(), wanted(order=0), False),
        ("the failure flag", wanted(fails_deployment=True), wanted(), False),
        ("tags", wanted(tags={"a": "b"}), wanted(), False),
        ("tags in another order", wanted(tags={"a": "b", "c": "d"}), wanted(tags={"c": "d", "a": "b"}), True),
        ("a configuration", wanted(configuration=Link("https://a/b")), wanted(), False),
        (
            "a configuration, in other letters of the host",
            wanted(configuration=Link("https://a/b")),
            wanted(configuration=Link("https://A/b")),
            True,
        ),
    ],
)
def test_every_field_of_two_claims_has_to_agree(row: str, first: Wanted, second: Wanted, agree: bool) -> None:
    several = (assignment(first, wanted("1.0.0", "base"), name="a"), assignment(second, name="b"))
    assert codes(met(*several)) == ([] if agree else ["conflicting-claims"])
    assert codes(met(*reversed(several))) == ([] if agree else ["conflicting-claims"])


def test_a_conflict_names_both_places_and_the_machine() -> None:
    elsewhere = replace(HERE, line=9)
    (problem,) = two(wanted(), wanted("2.0.0", span=elsewhere)).diagnostics
    assert "VMAssignment/a (vmapps.yaml:1:1) and VMAssignment/b (vmapps.yaml:9:1)" in problem.summary
    assert problem.summary.endswith("want platform/nginx on VirtualMachine/rg-web/web-01, but not alike")
    assert problem.span == elsewhere


def test_claims_that_agree_are_one_with_both_places() -> None:
    elsewhere = replace(HERE, line=9)
    claim = claims(two(wanted(), wanted(span=elsewhere)))["nginx"]
    assert [str(one) for one in claim.assignments] == ["VMAssignment/a", "VMAssignment/b"]
    assert claim.spans == (HERE, elsewhere)


def test_different_applications_of_two_assignments_are_united_in_the_order_of_their_names() -> None:
    found = two(wanted(), wanted("1.0.0", "base"))
    assert [one.wanted.application_name for one in placement(found).claims] == ["base", "nginx"]


@pytest.mark.parametrize(
    ("row", "first", "second", "found"),
    [
        ("neither says anything", {}, {}, Placement()),
        (
            "one says it for both",
            {"upgrade_instances": True},
            {},
            Placement(upgrade_instances=True),
        ),
        (
            "globs are united",
            {"exclusive": True, "ignore": ("*/b", "*/a")},
            {"exclusive": True, "ignore": ("*/a",)},
            Placement(exclusive=True, ignore=("*/a", "*/b")),
        ),
        (
            "machines that are off",
            {"rollout": Rollout((Wave(percent=100),), skip_off=True)},
            {},
            Placement(skip_off=True),
        ),
    ],
)
def test_what_two_assignments_say_of_a_machine(
    row: str, first: dict[str, Any], second: dict[str, Any], found: Placement
) -> None:
    several = (assignment(wanted(), name="a", **first), assignment(wanted("1.0.0", "base"), name="b", **second))
    for order in (several, several[::-1]):
        assert replace(placement(met(*order)), claims=()) == found


def test_one_that_says_exclusive_beside_one_that_does_not_is_an_error_said_once_a_pair() -> None:
    machines = tuple(machine(name=name) for name in ("web-01", "web-02"))
    sole = assignment(wanted(), name="a", to=("web-01", "web-02"), exclusive=True)
    shared = assignment(wanted("1.0.0", "base"), name="b", to=("web-01", "web-02"))
    found = met(sole, shared, on=machines)
    assert codes(found) == ["ownership-conflict"]
    (problem,) = found.diagnostics
    assert problem.summary.startswith("VMAssignment/a says that the list of VirtualMachine/rg-web/web-01")
    assert problem.summary.endswith("is exclusively ours, VMAssignment/b does not")


@pytest.mark.parametrize(
    ("row", "sole", "shared"),
    [("both exclusive", ("web-01",), ()), ("on different machines", ("web-01",), ("web-02",))],
)
def test_no_conflict_of_ownership(row: str, sole: tuple[str, ...], shared: tuple[str, ...]) -> None:
    machines = tuple(machine(name=name) for name in ("web-01", "web-02"))
    first = assignment(wanted(), name="a", to=sole, exclusive=True)
    second = assignment(wanted(), name="b", to=shared or sole, exclusive=not shared)
    assert codes(met(first, second, on=machines)) == []


def test_the_wish_for_absence_needs_no_version() -> None:
    found = met(assignment(wanted("", "nowhere", absent=True)))
    assert codes(found) == []
    assert claims(found)["nowhere"].version == ""


def test_to_follow_latest_keeps_the_word_and_knows_what_it_means_now() -> None:
    live = (observed("platform", "nginx", "3.0.0"),)
    claim = claims(met(assignment(wanted("latest", follow_latest=True)), live=live))["nginx"]
    assert (claim.version, claim.now, claim.moved) == ("latest", "3.0.0", False)


def test_a_version_that_only_azure_s_list_chose_is_said_to_have_moved() -> None:
    live = (observed("platform", "nginx", "3.0.0"),)
    found = claims(met(assignment(wanted("latest", live=True)), live=live))["nginx"]
    assert (found.version, found.moved) == ("3.0.0", True)
    assert not claims(met(assignment(wanted("latest")), live=live))["nginx"].moved


def test_a_wish_is_looked_up_by_the_region_of_each_machine() -> None:
    places = [{"name": "westeurope", "excludeFromLatest": True}, {"name": "eastus"}]
    newer = desired("platform", "nginx", "9.0.0", body=version_body(targetRegions=places))
    here, there = machine(location="West Europe"), machine(name="web-02", location="eastus")
    several = (assignment(wanted("latest"), to=("web-01", "web-02")),)
    found = resolve(declarations(*PLATFORM, newer, assignments=several), World.of(iter((here, there))))
    assert [claims(found, name)["nginx"].version for name in ("web-01", "web-02")] == ["2.0.0", "9.0.0"]


def test_what_no_version_fulfils_is_said_once_a_region_and_claims_nothing() -> None:
    machines = tuple(machine(name=name) for name in ("web-01", "web-02"))
    found = met(assignment(wanted("7.x"), wanted("1.0.0", "base"), to=("web-01", "web-02")), on=machines)
    assert codes(found) == ["no-such-version"]
    assert list(claims(found, "web-02")) == ["base"]


def test_dependencies_become_orders_across_assignments_and_disorders_stay_with_their_machine() -> None:
    here, there = machine(), machine(name="web-02")
    several = (
        assignment(wanted(depends_on=(BASE,)), name="a", to=("web-01", "web-02")),
        assignment(wanted("1.0.0", "base"), name="b"),
    )
    found = met(*several, on=(here, there))
    assert {name: one.order for name, one in claims(found).items()} == {"base": 1, "nginx": 2}
    assert placement(found).disorders == ()
    assert [one.code for one in placement(found, "web-02").disorders] == ["unassigned-dependency"]


def test_a_dependency_may_be_met_by_an_entry_of_others() -> None:
    there = machine(entry(application="base", order=4))
    assert claims(met(assignment(wanted(depends_on=(BASE,))), on=(there,)))["nginx"].order == 5


def test_without_dependencies_orders_are_what_they_were() -> None:
    found = claims(met(assignment(wanted(order=7), wanted("1.0.0", "base"))))
    assert {name: one.order for name, one in found.items()} == {"base": None, "nginx": 7}


def test_a_gallery_elsewhere_is_another_application() -> None:
    far = replace(wanted("1.0.0"), gallery=gallery_id(subscription=ELSEWHERE), absent=True, version="")
    assert codes(two(far, wanted())) == []


WAVES = Rollout((Wave(most=1), Wave(percent=100)))
FLEET = tuple(machine(name=f"web-0{number}") for number in range(4))
ALL = (Target(HERE, selector=Selector()),)


def test_a_claim_belongs_to_its_machine_s_wave() -> None:
    one = assignment(wanted(), targets=ALL, rollout=WAVES)
    found = met(one, on=FLEET)
    gates = [claims(found, single.id.name)["nginx"].gate for single in FLEET]
    assert sorted(gate.wave for gate in gates if gate) == [1, 2, 2, 2]
    assert {gate.assignment for gate in gates if gate} == {one.address}
    assert {single.address for single in FLEET} == set(found.waves[one.address])
    plain = met(one, on=FLEET, staged=False)
    assert [claims(plain, single.id.name)["nginx"].gate for single in FLEET] == [None] * 4
    assert plain.waves == {}


def test_the_later_wave_of_two_assignments_counts() -> None:
    """The same application, staged by one and not by the other."""
    staged = assignment(wanted(), name="a", targets=ALL, rollout=WAVES)
    plain = assignment(wanted(), name="b", targets=ALL)
    slow = assignment(wanted(), name="c", targets=ALL, rollout=Rollout((Wave(most=0), Wave(most=0), Wave(percent=100))))
    for several in ((staged, plain), (plain, staged)):
        found = met(*several, on=FLEET)
        waves = [claims(found, one.id.name)["nginx"].gate for one in FLEET]
        assert sorted(gate.wave for gate in waves if gate) == [1, 2, 2, 2]
    both = met(staged, plain, slow, on=FLEET)
    assert {claims(both, one.id.name)["nginx"].gate for one in FLEET} == {Gate(3, slow.address)}


def test_a_machine_that_is_off_is_never_the_canary() -> None:
    one = assignment(wanted(), targets=ALL, rollout=WAVES)
    canary = next(address for address, wave in met(one, on=FLEET).waves[one.address].items() if wave == 1)
    waves = met(one, on=FLEET, reports={canary: GuestReport(is_running=False)}).waves[one.address]
    assert waves[canary] == 2
    assert sorted(waves.values()) == [1, 2, 2, 2]


@pytest.mark.parametrize(
    ("row", "mode", "rollout", "found"),
    [
        ("Azure would not wait", "Automatic", WAVES, ["cannot-stage"]),
        ("all at once is accepted", "Automatic", replace(WAVES, all_at_once=True), []),
        ("one wave is no staging", "Automatic", Rollout((Wave(percent=100),)), []),
        ("we push", "Manual", WAVES, []),
        ("Azure follows its own policy, and the wave waits", "Rolling", WAVES, []),
    ],
)
def test_a_set_that_azure_upgrades_at_once_cannot_be_staged(
    row: str, mode: str, rollout: Rollout, found: list[str]
) -> None:
    one = assignment(wanted(), rollout=rollout)
    assert codes(met(one, on=(machine(upgrade_mode=mode),))) == found
    assert codes(met(one, on=(machine(upgrade_mode=mode),), staged=False)) == []
