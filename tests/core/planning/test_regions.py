"""A region leaves a version: at once, in two writes, or not at all [azure-facts 3.8]."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from samples import HERE, RULES, address, asked, desired, machine, observed, resource_id, version_body
from vmapps.core.action import Change, Update
from vmapps.core.diagnostic import Diagnostic
from vmapps.core.fields import with_value
from vmapps.core.plan import Step
from vmapps.core.planning.findings import Draft, Finding
from vmapps.core.planning.regions import MAY_DROP, REGIONS, dropped, in_use
from vmapps.core.planning.resources import decide
from vmapps.core.resource import Body, Machine, Observed
from vmapps.core.settle import Moved, Put, Settled, fits, is_done, settle

NAME = ("platform", "nginx", "1.0.0")
VERSION = RULES["GalleryApplicationVersion"]
BOTH, ONE = ("westeurope", "northeurope"), ("westeurope",)
MAY, MAY_NOT = {"allowDeletionOfReplicatedLocations": True}, {"allowDeletionOfReplicatedLocations": False}


def body(regions: tuple[str, ...], safety: Body | None = None, **profile: Any) -> Body:
    one = version_body(regions=regions, **profile)
    properties: Any = one["properties"]
    return {"properties": {**properties, **({"safetyProfile": safety} if safety is not None else {})}}


def decided(wanted: Body, live: Body) -> list[Finding]:
    return list(decide(desired(*NAME, body=wanted), observed(*NAME, body=live), asked(), {}))


def drafts(wanted: Body, live: Body) -> list[Draft]:
    found = decided(wanted, live)
    assert all(isinstance(one, Draft) for one in found)
    return [one for one in found if isinstance(one, Draft)]


def paths(draft: Draft) -> list[str]:
    assert isinstance(draft.action, Update)
    return [change.path[-1] for change in draft.action.changes]


HELD = ["region-held"]


@pytest.mark.parametrize(
    ("row", "wanted", "live", "writes"),
    [
        ("nothing leaves", body(BOTH), body(ONE), [(["targetRegions"], False)]),
        ("it may", body(ONE), body(BOTH, MAY), [(["targetRegions"], True)]),
        (
            "it may from now on",
            body(ONE, MAY),
            body(BOTH, MAY_NOT),
            [(["allowDeletionOfReplicatedLocations"], False), (["targetRegions"], True)],
        ),
        (
            "nobody said, and it may from now on",
            body(ONE, MAY),
            body(BOTH),
            [(["allowDeletionOfReplicatedLocations"], False), (["targetRegions"], True)],
        ),
        (
            "what else changes goes with the first",
            body(ONE, MAY, excludeFromLatest=True),
            body(BOTH, MAY_NOT),
            [(["excludeFromLatest", "allowDeletionOfReplicatedLocations"], False), (["targetRegions"], True)],
        ),
        (
            "one comes and one goes",
            body(("westeurope", "eastus"), MAY),
            body(BOTH, MAY_NOT),
            [(["allowDeletionOfReplicatedLocations"], False), (["targetRegions"], True)],
        ),
        (
            "it may, and shall not any more",
            body(ONE, MAY_NOT),
            body(BOTH, MAY),
            [(["targetRegions", "allowDeletionOfReplicatedLocations"], True)],
        ),
        ("it is held", body(ONE), body(BOTH, MAY_NOT), HELD),
        ("it is held, and nobody said", body(ONE), body(BOTH), HELD),
        ("it is held, and stays so", body(ONE, MAY_NOT), body(BOTH, MAY_NOT), HELD),
    ],
)
def test_how_a_region_leaves(row: str, wanted: Body, live: Body, writes: list[Any]) -> None:
    found = decided(wanted, live)
    if writes == HELD:
        assert [one.code for one in found if isinstance(one, Diagnostic)] == HELD
        assert not any(isinstance(one, Draft) for one in found)
        return
    several = drafts(wanted, live)
    assert [(paths(one), one.shrinks) for one in several] == writes
    assert [one.turn for one in several] == list(range(len(writes)))


def test_a_held_region_is_named_with_the_way_out() -> None:
    (problem,) = decided(body(ONE), body(BOTH, MAY_NOT))
    assert isinstance(problem, Diagnostic)
    assert problem.summary.endswith("would lose northeurope, and its safetyProfile holds its regions")
    assert problem.hint == "declare safetyProfile: {allowDeletionOfReplicatedLocations: true}"
    assert problem.span == HERE


def test_each_of_two_writes_says_what_it_is_for() -> None:
    first, second = drafts(body(ONE, MAY), body(BOTH, MAY_NOT))
    assert first.because.endswith("(so that regions can go)")
    assert second.because == "it loses northeurope, now that its safetyProfile lets it go"


def change(before: Any, after: Any) -> Change:
    return Change(REGIONS, before, after)


@pytest.mark.parametrize(
    ("row", "changes", "gone"),
    [
        ("no change of regions", (Change(MAY_DROP, None, True),), ()),
        (
            "one, in its normal name",
            (change([{"name": "West US"}, {"name": "eastus"}], [{"name": "East US"}]),),
            ("westus",),
        ),
        ("only replicas differ", (change([{"name": "eastus"}], [{"name": "eastus", "regionalReplicaCount": 2}]),), ()),
        ("all", (change([{"name": "b"}, {"name": "a"}], []),), ("a", "b")),
        ("nothing was there", (change(None, [{"name": "a"}]),), ()),
    ],
)
def test_which_regions_a_version_loses(row: str, changes: tuple[Change, ...], gone: tuple[str, ...]) -> None:
    assert dropped(changes) == gone


WANTED, LIVE = body(ONE, MAY, excludeFromLatest=True), body(BOTH, MAY_NOT)
START = observed(*NAME, body=LIVE)


def steps() -> list[Step]:
    return [
        Step(f"v#{one.turn}", one.address, one.resource, one.action, one.because, expects=one.expects)
        for one in drafts(WANTED, LIVE)
    ]


def after(live: Observed, one: Step) -> Observed:
    """The version as Azure has it after a write."""
    assert isinstance(one.action, Update)
    found = live.body
    for each in one.action.changes:
        found = with_value(found, each.path, each.after)
    return replace(live, body=found)


def test_two_writes_are_settled_one_after_the_other_and_resumed_anywhere() -> None:
    first, second = steps()
    between = after(START, first)
    end = after(between, second)
    verdicts = [[type(settle(one, state, VERSION)) for one in (first, second)] for state in (START, between, end)]
    assert verdicts == [[Put, Moved], [Settled, Put], [Settled, Settled]]
    assert [fits(one, START, VERSION) for one in (first, second)] == [True, False]
    assert fits(second, between, VERSION)
    assert is_done(second, end, VERSION)
    assert not is_done(second, between, VERSION)


def test_the_first_write_keeps_the_regions_and_the_second_the_permission() -> None:
    first, second = steps()
    one = settle(first, START, VERSION)
    assert isinstance(one, Put)
    two = settle(second, after(START, first), VERSION)
    assert isinstance(two, Put)
    for written, regions in ((one, 2), (two, 1)):
        properties: Any = written.body["properties"]
        assert len(properties["publishingProfile"]["targetRegions"]) == regions
        assert properties["safetyProfile"] == MAY
        assert properties["publishingProfile"]["excludeFromLatest"] is True


def test_the_first_write_notices_that_the_regions_moved() -> None:
    """It would be for nothing: the second write drops other regions than were shown."""
    first, _ = steps()
    moved = replace(START, body=with_value(START.body, REGIONS, [{"name": "westeurope"}, {"name": "eastus"}]))
    assert isinstance(settle(first, moved, VERSION), Moved)
    assert not fits(first, moved, VERSION)


@pytest.mark.parametrize(
    ("row", "path", "value"),
    [
        ("the permission was taken back", MAY_DROP, False),
        ("another declared field moved", ("properties", "publishingProfile", "manageActions", "install"), "other"),
        ("the regions moved", REGIONS, [{"name": "westeurope"}, {"name": "northeurope"}, {"name": "eastus"}]),
    ],
)
def test_the_second_write_notices_what_changed_in_between(row: str, path: tuple[str, ...], value: Any) -> None:
    first, second = steps()
    between = after(START, first)
    moved = replace(between, body=with_value(between.body, path, value))
    assert isinstance(settle(second, moved, VERSION), Moved)


USED = resource_id(*NAME).key


@pytest.mark.parametrize(
    ("row", "machines", "problem"),
    [
        ("a machine there", (machine(location="North Europe"),), "VirtualMachine/rg-web/web-01 refers"),
        (
            "several",
            tuple(machine(name=name, location="northeurope") for name in ("a", "b", "c")),
            "VirtualMachine/rg-web/a and 2 more refers",
        ),
        ("a machine where it stays", (machine(),), ""),
        ("one of each", (machine(), machine(name="b", location="northeurope")), "VirtualMachine/rg-web/b refers"),
        ("nobody", (), ""),
    ],
)
def test_a_region_stays_as_long_as_a_machine_there_needs_it(
    row: str, machines: tuple[Machine, ...], problem: str
) -> None:
    several = drafts(body(ONE, MAY), body(BOTH, MAY_NOT))
    users = {USED: tuple(one.address for one in machines)} if machines else {}
    found = list(in_use(several, users, {one.address: one for one in machines}))
    assert [one.code for one in found] == (["region-in-use"] if problem else [])
    if problem:
        assert f"would leave northeurope, where {problem}" in found[0].summary


def test_other_writes_leave_no_region() -> None:
    created = [one for one in decide(desired(*NAME), None, asked(), {}) if isinstance(one, Draft)]
    users = {USED: (machine().address,)}
    assert list(in_use(created, users, {machine().address: machine(location="northeurope")})) == []
    assert created[0].address == address(*NAME)


def stored(**kinds: str | None) -> Body:
    return with_value(
        version_body(), REGIONS, [{"name": name, "storageAccountType": kind} for name, kind in kinds.items()]
    )


@pytest.mark.parametrize(
    ("row", "wanted", "live", "refused"),
    [
        ("a region that stays", stored(westeurope="Standard_ZRS"), stored(westeurope="Standard_LRS"), True),
        (
            "one of two",
            stored(westeurope="Standard_LRS", northeurope="Standard_ZRS"),
            stored(westeurope="Standard_LRS", northeurope="Standard_LRS"),
            True,
        ),
        (
            "a region that comes",
            stored(westeurope="Standard_LRS", northeurope="Standard_ZRS"),
            stored(westeurope="Standard_LRS"),
            False,
        ),
        ("Azure does not say", stored(westeurope="Standard_ZRS"), stored(westeurope=None), False),
    ],
)
def test_a_region_that_stays_is_never_stored_otherwise(row: str, wanted: Body, live: Body, refused: bool) -> None:
    (found,) = decided(wanted, live)
    assert isinstance(found, Diagnostic) is refused
    if isinstance(found, Diagnostic):
        assert "storageAccountType of" in found.summary
        assert found.code in ("content-changed", "cannot-change")


def test_what_is_stored_otherwise_is_told_how_to_be_declared() -> None:
    wanted = stored(westeurope="Standard_LRS", northeurope="Standard_LRS")
    (found,) = decided(wanted, stored(westeurope="Standard_ZRS", northeurope="Standard_ZRS"))
    assert isinstance(found, Diagnostic)
    assert found.hint.startswith("declare storageAccountType: Standard_ZRS, as it is stored; or publish it as ")
    (found,) = decided(wanted, stored(westeurope="Standard_ZRS", northeurope="Premium_LRS"))
    assert isinstance(found, Diagnostic)
    assert found.hint.startswith("publish it as ")
