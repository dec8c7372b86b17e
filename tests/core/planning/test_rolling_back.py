"""Machines put back to the version before: where to, and what is written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from samples import (
    HERE,
    OWNER,
    RULES,
    STORE,
    asked,
    assignment,
    declarations,
    desired,
    entry,
    machine,
    observed,
    package,
    sha256,
    wanted,
)
from vmapps.core.action import Assign, UpgradeInstances, Upload, Verify
from vmapps.core.address import Address, ArmId
from vmapps.core.declaration import Assignment, Rollout, Target, Wave
from vmapps.core.diagnostic import Diagnostic
from vmapps.core.guest import GuestReport, InGuest, State
from vmapps.core.plan import Note, Options
from vmapps.core.planning.aiming import Aim, Rollback, aim_of
from vmapps.core.planning.findings import Draft, Finding, Question
from vmapps.core.planning.rolling_back import rolled_back
from vmapps.core.resource import Entry, Instance, Instances, Machine, Mark, Observed, World

NUMBERS = ("1.0.0", "1.1.0", "1.2.0")
DECLARED = (desired("platform"), desired("platform", "nginx"), *(desired("platform", "nginx", one) for one in NUMBERS))
LIVE = (observed("platform"), observed("platform", "nginx"), *(observed("platform", "nginx", one) for one in NUMBERS))


def held(number: str, previous: str, on: str = "web-01", owner: str = OWNER, **more: Any) -> Entry:
    """An entry of ours whose mark remembers a version."""
    plain = entry(number, owner=owner, on=on, **more)
    return replace(plain, mark=Mark(owner, plain.mark.machine, previous) if plain.mark else None)


def on(name: str, number: str, previous: str, *others: Entry) -> Machine:
    return machine(held(number, previous, name), *others, name=name)


def fleet(*machines: Machine, live: tuple[Observed, ...] = LIVE) -> World:
    return World.of(iter((*live, *machines)))


def to_all(world: World, *applications: Any, **more: Any) -> Assignment:
    names = tuple(address.name[-1] for address in world.machines)
    return assignment(*(applications or (wanted("1.2.0"),)), to=names, **more)


def aimed(world: World, to: str = "", declared: Any = DECLARED, **more: Any) -> Aim | str:
    one = to_all(world, **more)
    found = aim_of(Rollback(one, 0, to), declarations(*declared, assignments=(one,)), world, asked())
    return found if isinstance(found, Aim) else f"{found.summary} ({found.hint})"


def planned(world: World, *others: Assignment, to: str = "", at: int = 0, **options: Any) -> list[Finding]:
    one, *more = others or (to_all(world),)
    declared = declarations(*DECLARED, assignments=(one, *more))
    return list(rolled_back(Rollback(one, at, to), declared, world, RULES, Options(rollout="single", **options)))


def drafts(found: list[Finding]) -> list[Draft]:
    return [one for one in found if isinstance(one, Draft)]


def test_all_machines_that_have_the_declared_version_tell_where_to() -> None:
    world = fleet(on("web-01", "1.2.0", "1.1.0"), on("web-02", "1.2.0", "1.1.0"), on("web-03", "1.1.0", "1.0.0"))
    assert aimed(world) == Aim("1.1.0")


@pytest.mark.parametrize(
    ("row", "machines", "said"),
    [
        (
            "different ones",
            (on("web-01", "1.2.0", "1.1.0"), on("web-02", "1.2.0", "1.0.0"), on("web-03", "1.2.0", "")),
            (
                "the machines had different versions before of platform/nginx 1.2.0: "
                "none on VirtualMachine/rg-web/web-03; "
                "1.0.0 on VirtualMachine/rg-web/web-02; 1.1.0 on VirtualMachine/rg-web/web-01 "
                "(--to 1.1.0 puts all of them to one version)"
            ),
        ),
        (
            "one without",
            (on("web-01", "1.2.0", "1.1.0"), *(on(f"web-0{number}", "1.2.0", "") for number in range(2, 7))),
            (
                "not every mark names an earlier version of platform/nginx 1.2.0: "
                "none on VirtualMachine/rg-web/web-02, VirtualMachine/rg-web/web-03, "
                "VirtualMachine/rg-web/web-04 and 2 more; 1.1.0 on "
                "VirtualMachine/rg-web/web-01 (--to 1.1.0 puts all of them to one version)"
            ),
        ),
        (
            "none at all",
            (on("web-01", "1.2.0", ""),),
            (
                "not every mark names an earlier version of platform/nginx 1.2.0: none on VirtualMachine/rg-web/web-01 "
                "(--to VERSION puts all of them to one version)"
            ),
        ),
        (
            "another owner's mark",
            (machine(held("1.2.0", "1.1.0", owner="other.1")),),
            (
                "not every mark names an earlier version of platform/nginx 1.2.0: none on VirtualMachine/rg-web/web-01 "
                "(--to VERSION puts all of them to one version)"
            ),
        ),
        (
            "a newer one",
            (on("web-01", "1.2.0", "1.10.0"),),
            (
                "platform/nginx 1.2.0 came after 1.10.0: it looks rolled back already "
                "(`vmapps apply` finishes what is left; --to 1.10.0 goes forward again)"
            ),
        ),
        (
            "nobody has it",
            (on("web-01", "1.1.0", "1.0.0"), on("web-02", "1.0.0", "")),
            (
                "no machine of VMAssignment/web has platform/nginx 1.2.0: there is nothing to go back from "
                "(--to VERSION says where to (they have 1.1.0, 1.0.0); `vmapps apply` brings what is declared)"
            ),
        ),
        (
            "nobody has it at all",
            (machine(),),
            (
                "no machine of VMAssignment/web has platform/nginx 1.2.0: there is nothing to go back from "
                "(--to VERSION says where to; `vmapps apply` brings what is declared)"
            ),
        ),
        (
            "never published",
            (on("web-01", "1.2.0", "0.9.0"),),
            (
                "platform/nginx 0.9.0 is neither declared nor published any more "
                "(restore its document from Git and apply it first, or choose among 1.1.0, 1.0.0)"
            ),
        ),
    ],
)
def test_where_it_is_not_clear_machines_are_named_with_a_way_out(
    row: str, machines: tuple[Machine, ...], said: str
) -> None:
    assert aimed(fleet(*machines)) == said


GONE = tuple(one for one in LIVE if one.address.name[-1] != "1.0.0")
NOT_DECLARED = tuple(one for one in DECLARED if one.address.name[-1] != "1.0.0")


@pytest.mark.parametrize(
    ("row", "live", "declared", "expected"),
    [
        ("declared and published", LIVE, DECLARED, Aim("1.0.0")),
        ("published and ours", LIVE, NOT_DECLARED, Aim("1.0.0", live=True)),
        (
            "declared absent, still there",
            LIVE,
            (*NOT_DECLARED, desired("platform", "nginx", "1.0.0", absent=True)),
            Aim("1.0.0", live=True),
        ),
        (
            "declared only",
            GONE,
            DECLARED,
            (
                "platform/nginx 1.0.0 is declared, but not published (publish it first "
                "(`vmapps apply --target GalleryApplicationVersion/platform/nginx/1.0.0`), or choose among 1.1.0)"
            ),
        ),
        (
            "its publication failed",
            (*GONE, observed("platform", "nginx", "1.0.0", state="Failed")),
            DECLARED,
            (
                "platform/nginx 1.0.0 is declared, but not published (publish it first "
                "(`vmapps apply --target GalleryApplicationVersion/platform/nginx/1.0.0`), or choose among 1.1.0)"
            ),
        ),
        (
            "somebody's",
            (*GONE, observed("platform", "nginx", "1.0.0", owner="")),
            NOT_DECLARED,
            (
                "platform/nginx 1.0.0 is published, but neither declared nor ours "
                "(declare it first, or choose among 1.1.0)"
            ),
        ),
    ],
)
def test_a_version_in_words(row: str, live: tuple[Observed, ...], declared: Any, expected: Aim | str) -> None:
    assert aimed(fleet(on("web-01", "1.2.0", ""), live=live), "1.0.0", declared) == expected


def test_in_another_team_s_gallery_what_is_published_will_do() -> None:
    live = (
        observed("platform"),
        observed("platform", "nginx", owner=""),
        observed("platform", "nginx", "1.0.0", owner=""),
    )
    world = fleet(on("web-01", "1.2.0", ""), live=live)
    one = to_all(world, wanted("1.2.0", live=True))
    declared = declarations(assignments=(one,), foreign_galleries=(observed("platform").id,))
    assert aim_of(Rollback(one, 0, "1.0.0"), declared, world, asked()) == Aim("1.0.0", live=True)


def test_only_what_has_the_new_version_is_written_and_the_guest_s_part_is_said() -> None:
    foreign = entry(application="agent")
    world = fleet(on("web-01", "1.2.0", "1.1.0", foreign), on("web-02", "1.1.0", "1.0.0"), machine(name="web-03"))
    found = planned(world)
    (draft,) = drafts(found)
    assert draft.address.name == ("rg-web", "web-01")
    assert isinstance(draft.action, Assign)
    (change,) = draft.action.changes
    assert isinstance(change.after, dict)
    assert str(change.after["packageReferenceId"]).endswith("/1.1.0")
    assert '"previous":"1.2.0"' in str(change.after["tags"])
    assert "1.1.0" in draft.guest[0]
    assert draft.gate is None
    notes = {(one.code, one.address.name[-1]) for one in found if isinstance(one, Note)}
    assert notes == {
        ("matched", "web"),
        ("unchanged", "web-02"),
        ("excluded", "web-03"),
        ("guest-not-read", "contoso"),
    }


@pytest.mark.parametrize("guest", ["auto", "none", "all"])
def test_the_guests_of_what_is_written_are_asked(guest: str) -> None:
    world = fleet(on("web-01", "1.2.0", "1.1.0"), on("web-02", "1.1.0", "1.0.0"))
    found = planned(world, guest=guest)
    asked_for = {one.address.name[-1] for one in found if isinstance(one, Question)}
    assert asked_for == {"auto": {"web-01"}, "none": set(), "all": {"web-01", "web-02"}}[guest]
    reports = {one: GuestReport((InGuest("nginx", "1.2.0", State.SKIPPED, "why"),)) for one in world.machines}
    found = planned(replace(world, reports=reports), guest=guest)
    assert not [one for one in found if isinstance(one, Question)]
    (draft,) = drafts(found)
    assert "skipped" in draft.guest[0]


def test_nothing_else_is_planned_on_these_machines() -> None:
    """Another application of the assignment differs, and one of ours is no longer assigned."""
    others = (entry("1.0.0", "agent", owner=OWNER), entry("1.0.0", "old", owner=OWNER))
    world = fleet(on("web-01", "1.2.0", "1.1.0", *others))
    one = to_all(world, wanted("1.2.0"), wanted("2.0.0", "agent", live=True))
    declared = declarations(
        *DECLARED, desired("platform", "agent"), desired("platform", "agent", "2.0.0"), assignments=(one,)
    )
    found = rolled_back(Rollback(one, 0), declared, world, RULES, Options(rollout="single"))
    (draft,) = drafts(list(found))
    assert isinstance(draft.action, Assign)
    assert [change.path[-1] for change in draft.action.changes] == ["platform/nginx"]


def test_orders_stay_what_dependencies_make_of_them() -> None:
    base = entry("1.0.0", "agent", owner=OWNER, order=1)
    world = fleet(machine(held("1.2.0", "1.1.0", order=2), base))
    depends = wanted("1.2.0", depends_on=(desired("platform", "agent").address,))
    one = to_all(world, wanted("1.0.0", "agent", live=True), depends)
    declared = declarations(
        *DECLARED, desired("platform", "agent"), desired("platform", "agent", "1.0.0"), assignments=(one,)
    )
    (draft,) = drafts(list(rolled_back(Rollback(one, 1), declared, world, RULES, Options(rollout="single"))))
    assert isinstance(draft.action, Assign)
    assert [(change.before["order"], change.after["order"]) for change in draft.action.changes] == [(2, 2)]  # type: ignore[index, call-overload]


def test_assignments_that_meet_there_have_to_agree_others_do_not_matter() -> None:
    world = fleet(on("web-01", "1.2.0", "1.1.0"), on("db-01", "1.2.0", "1.0.0"))
    mine = assignment(wanted("1.2.0"))
    elsewhere = assignment(wanted("9.x"), to=("db-01",), name="db")
    assert [type(one) for one in drafts(planned(world, mine, elsewhere))] == [Draft]
    meets = assignment(wanted("1.2.0"), to=("web-01", "db-01"), name="all")
    problems = [one.code for one in planned(world, mine, meets) if isinstance(one, Diagnostic)]
    assert problems == ["conflicting-claims"]


def test_waves_only_where_they_are_wanted() -> None:
    world = fleet(*(on(f"web-0{number}", "1.2.0", "1.1.0") for number in (1, 2, 3)))
    reports = {one: GuestReport((InGuest("nginx", "1.2.0", State.INSTALLED, ""),)) for one in world.machines}
    one = to_all(world, rollout=Rollout((Wave(most=1), Wave(percent=100))))
    at_once = planned(world, one)
    assert [draft.gate for draft in drafts(at_once)] == [None] * 3
    declared = declarations(*DECLARED, assignments=(one,))
    found = list(rolled_back(Rollback(one, 0), declared, replace(world, reports=reports), RULES, Options()))
    assert sorted(draft.gate.wave for draft in drafts(found) if draft.gate) == [1, 1, 2, 2]
    assert sum(isinstance(draft.action, Verify) for draft in drafts(found)) == 1


def test_the_instances_of_a_scale_set_follow_its_model() -> None:
    set_id = ArmId("11111111-1111-1111-1111-111111111111", "rg-web", ("virtualMachineScaleSets",), ("web-ss",))
    address = Address("VirtualMachineScaleSet", ("rg-web", "web-ss"))
    digest = sha256(str(set_id).lower())[:8]
    live = replace(entry("1.2.0", owner=OWNER), mark=Mark(OWNER, digest, "1.1.0"))
    model = Machine(address, set_id, "westeurope", "Linux", entries=(live,), upgrade_mode="Manual")
    world = replace(fleet(model), instances={address: Instances(set_id, (Instance("0", latest=True),))})
    one = assignment(wanted("1.2.0"), targets=(Target(HERE, machine=address),), upgrade_instances=True)
    write, push = drafts(planned(world, one))
    assert isinstance(write.action, Assign)
    assert isinstance(push.action, UpgradeInstances)
    assert push.action.applications == (("nginx", "1.1.0"),)


def test_a_machine_that_cannot_take_the_version_is_an_error() -> None:
    world = fleet(machine(held("1.2.0", "1.1.0"), location="northeurope"))
    problems = [one.code for one in planned(world) if isinstance(one, Diagnostic)]
    assert problems == ["not-replicated"]


def test_why_not_is_all_that_is_said() -> None:
    (problem,) = planned(fleet(on("web-01", "1.2.0", "")))
    assert isinstance(problem, Diagnostic)
    assert (problem.code, problem.span, problem.subject) == ("no-rollback", HERE, "VMAssignment/web")


def test_a_configuration_that_is_not_stored_yet_is_sent() -> None:
    world = fleet(on("web-01", "1.2.0", "1.1.0"))
    conf = package("conf")
    one = to_all(world, wanted("1.2.0", configuration=STORE.lasting_link(conf.sha256)))
    declared = replace(declarations(*DECLARED, assignments=(one,)), packages=(conf,))
    found = rolled_back(Rollback(one, 0), declared, world, RULES, Options(rollout="single"))
    assert sum(isinstance(draft.action, Upload) for draft in drafts(list(found))) == 1
