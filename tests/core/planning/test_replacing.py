"""What cannot change in place is deleted and created anew: with consent, with all that is below it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from samples import (
    HERE,
    OWNER,
    RULES,
    address,
    application_body,
    asked,
    assignment,
    declarations,
    desired,
    entry,
    machine,
    observed,
    sha256,
    wanted,
)
from vmapps.core.action import Create, Delete
from vmapps.core.declaration import Wanted
from vmapps.core.diagnostic import Diagnostic
from vmapps.core.plan import Options, Plan
from vmapps.core.planning.findings import Draft, Finding
from vmapps.core.planning.make import make_plan
from vmapps.core.planning.replacing import OTHER_APPLICATION, drafts, in_use, replaced
from vmapps.core.resource import Desired, Listed, Observed, World

WINDOWS = application_body(supportedOSType="Windows")
GALLERY, APPLICATION, VERSION = ("platform",), ("platform", "nginx"), ("platform", "nginx", "1.0.0")
TREE = (observed(*GALLERY), observed(*APPLICATION), observed(*VERSION))
OTHER_OS = desired(*APPLICATION, body=WINDOWS)
WANTED = (desired(*GALLERY), OTHER_OS, desired(*VERSION))
ALLOWED = ("GalleryApplication/platform/nginx",)


def by_address(several: tuple[Desired, ...]) -> dict[Any, Desired]:
    return {one.address: one for one in several}


def these(
    several: tuple[Desired, ...] = WANTED, live: tuple[Listed, ...] = TREE, allow: tuple[str, ...] = ALLOWED
) -> list[str]:
    found = replaced(by_address(several), World.of(iter(live)), asked(allow_replace=allow))
    return sorted("/".join(one.name) for one in found)


BELOW = ["platform/nginx", "platform/nginx/1.0.0"]
ELSEWHERE = desired(*GALLERY, initial={"location": "eastus"}, body={"location": "eastus"})


@pytest.mark.parametrize(
    ("row", "several", "live", "allow", "found"),
    [
        ("with consent, and all below it", WANTED, TREE, ALLOWED, BELOW),
        ("without consent", WANTED, TREE, (), []),
        ("consent for something else", WANTED, TREE, ("Gallery/*",), []),
        ("consent by a glob", WANTED, TREE, ("*",), BELOW),
        ("what differs in nothing fixed", (desired(*GALLERY), desired(*APPLICATION)), TREE, ("*",), []),
        ("a gallery with everything", (ELSEWHERE, *WANTED[1:]), TREE, ("Gallery/*",), ["platform", *BELOW]),
        ("what is not there", WANTED, TREE[:1], ALLOWED, []),
        ("what is declared absent", (replace(OTHER_OS, absent=True),), TREE, ALLOWED, []),
        ("what is not ours", WANTED, (TREE[0], observed(*APPLICATION, owner="other.1"), TREE[2]), ALLOWED, []),
        ("what is nobody's", WANTED, (TREE[0], observed(*APPLICATION, owner=""), TREE[2]), ALLOWED, []),
        ("what is ours by a former name", WANTED, (TREE[0], observed(*APPLICATION, owner="old")), ALLOWED, BELOW[:1]),
        (
            "a version with other content",
            (*WANTED[:1], desired(*APPLICATION), desired(*VERSION, content="other")),
            TREE,
            ("GalleryApplicationVersion/*",),
            BELOW[1:],
        ),
        (
            "not its siblings",
            WANTED,
            (*TREE, observed("platform", "nginx-extra"), observed("platform", "nginx-extra", "1.0.0")),
            ALLOWED,
            BELOW,
        ),
    ],
)
def test_what_is_replaced(
    row: str, several: tuple[Desired, ...], live: tuple[Listed, ...], allow: tuple[str, ...], found: list[str]
) -> None:
    assert these(several, live, allow) == found


def planned(
    *more: Listed,
    several: tuple[Desired, ...] = WANTED,
    live: tuple[Listed, ...] = TREE,
    to: tuple[Wanted, ...] = (),
) -> Plan:
    blobs = frozenset({sha256("nginx"), sha256("other")})
    assigned = (assignment(*to),) if to else ()
    declared = declarations(*several, assignments=assigned)
    options = Options(allow_replace=ALLOWED)
    return make_plan(declared, World.of(iter((*live, *more)), blobs), RULES, options)


def steps(plan: Plan) -> list[str]:
    assert not plan.errored, plan.diagnostics
    return [f"{one.verb} {'/'.join(one.address.name)}" for one in plan.steps]


def codes(plan: Plan) -> list[str]:
    assert plan.steps == ()
    return [one.code for one in plan.diagnostics]


def test_it_goes_from_the_leaves_up_and_comes_back_from_the_root_down() -> None:
    plan = planned()
    assert steps(plan) == [
        "delete platform/nginx/1.0.0",
        "delete platform/nginx",
        "create platform/nginx",
        "create platform/nginx/1.0.0",
    ]
    assert [one.id.partition("#")[2] for one in plan.steps] == ["1", "1", "2", "2"]
    assert plan.deletes == 2
    for earlier, later in zip(plan.steps, plan.steps[1:], strict=False):
        assert earlier.id in later.needs


def test_each_step_says_why() -> None:
    version, application, made, again = planned().steps
    assert version.because == "what it belongs to is replaced"
    assert application.because == "it is replaced: properties.supportedOSType cannot change in place"
    assert made.because == again.because == "it is created anew as declared"
    assert application.source == (HERE,)


def test_what_is_not_declared_below_goes_only() -> None:
    plan = planned(observed("platform", "nginx", "0.9.0"))
    assert "delete platform/nginx/0.9.0" in steps(plan)
    assert "create platform/nginx/0.9.0" not in steps(plan)


def test_what_is_declared_absent_below_goes_only() -> None:
    leaving = replace(desired("platform", "nginx", "0.9.0"), absent=True)
    plan = planned(observed("platform", "nginx", "0.9.0"), several=(*WANTED, leaving))
    assert steps(plan).count("delete platform/nginx/0.9.0") == 1
    assert "create platform/nginx/0.9.0" not in steps(plan)


def test_what_is_new_below_comes_after_what_is_created_anew() -> None:
    new = desired("platform", "nginx", "2.0.0")
    found = steps(planned(several=(*WANTED, new)))
    assert found.index("create platform/nginx") < found.index("create platform/nginx/2.0.0")


@pytest.mark.parametrize(
    ("row", "several", "live", "found"),
    [
        ("the application is protected", (WANTED[0], replace(OTHER_OS, protect=True), WANTED[2]), TREE, ["protected"]),
        ("a version below is protected", (*WANTED[:2], replace(WANTED[2], protect=True)), TREE, ["protected"]),
        (
            "a version below is another owner's",
            WANTED[:2],
            (*TREE[:2], observed(*VERSION, owner="other.1")),
            ["not-ours-below"],
        ),
        ("a version below is nobody's", WANTED[:2], (*TREE[:2], observed(*VERSION, owner="")), ["not-ours-below"]),
    ],
)
def test_what_must_not_go_stops_everything(
    row: str, several: tuple[Desired, ...], live: tuple[Observed, ...], found: list[str]
) -> None:
    assert codes(planned(several=several, live=live)) == found


NEWER = desired("platform", "nginx", "2.0.0")
NEXT_TO_IT = (desired("platform", "curl"), desired("platform", "curl", "1.0.0"))


@pytest.mark.parametrize(
    ("row", "several", "claims", "found"),
    [
        ("it keeps the version", WANTED, (wanted(),), ["in-use"]),
        ("it moves to one that is created anew below", (*WANTED, NEWER), (wanted("2.0.0"),), ["in-use"]),
        ("it lets the version go", WANTED, (wanted("", absent=True),), []),
        (
            "it lets the version go for another application",
            (*WANTED, *NEXT_TO_IT),
            (wanted("", absent=True), wanted("1.0.0", "curl")),
            [],
        ),
    ],
)
def test_a_machine_may_not_need_what_is_not_there_all_the_while(
    row: str, several: tuple[Desired, ...], claims: tuple[Wanted, ...], found: list[str]
) -> None:
    """Without its version every write of a machine fails [azure-facts 3.6]."""
    plan = planned(machine(entry(owner=OWNER), os_type=""), several=several, to=claims)
    assert [one.code for one in plan.diagnostics] == found
    if not found:
        verbs = [one.verb for one in plan.steps]
        assert verbs.index("assign") < verbs.index("delete")


def test_the_way_out_fits_what_is_replaced() -> None:
    there, held = machine(entry(owner=OWNER), os_type=""), {TREE[2].id.key: (machine().address,)}
    (problem,) = planned(there, to=(wanted(),)).diagnostics
    assert problem.hint == OTHER_APPLICATION
    (alone,) = in_use(frozenset({address(*VERSION)}), held, World.of(iter(TREE)))
    assert alone.hint == "publish it under another version number, and assign that"


def test_a_machine_that_only_comes_to_it_waits_until_it_is_back() -> None:
    steps_ = steps(planned(machine(os_type=""), several=(*WANTED, NEWER), to=(wanted("2.0.0"),)))
    assert steps_.index("create platform/nginx/2.0.0") < steps_.index("assign rg-web/web-01")


def test_a_foreign_entry_holds_it_too() -> None:
    plan = planned(machine(entry(), os_type=""))
    (problem,) = plan.diagnostics
    assert problem.summary == (
        "GalleryApplicationVersion/platform/nginx/1.0.0 cannot be replaced: VirtualMachine/rg-web/web-01 refers to it"
    )


def test_several_machines_are_counted() -> None:
    several = tuple(one.address for one in (machine(name="a"), machine(name="b"), machine(name="c")))
    world = World.of(iter(TREE))
    (problem,) = in_use(frozenset({address(*VERSION)}), {TREE[2].id.key: several}, world)
    assert "VirtualMachine/rg-web/a and 2 more refers to it" in problem.summary
    assert list(in_use(frozenset({address(*VERSION)}), {}, world)) == []


def found_drafts(several: tuple[Desired, ...] = WANTED) -> list[Finding]:
    world, asks = World.of(iter(TREE)), asked(allow_replace=ALLOWED)
    wanted_ = by_address(several)
    return list(drafts(replaced(wanted_, world, asks), wanted_, world, asks))


def test_a_delete_depends_on_our_mark_and_knows_what_takes_its_place() -> None:
    deleted = {one.address: one for one in found_drafts() if isinstance(one, Draft) and isinstance(one.action, Delete)}
    made = {one.address: one for one in found_drafts() if isinstance(one, Draft) and isinstance(one.action, Create)}
    root, below = deleted[address(*APPLICATION)], deleted[address(*VERSION)]
    assert isinstance(made[root.address].action, Create)
    assert root.expects.later == made[root.address].action.changes
    assert below.expects.later == ()  # it looks the same before and after
    assert {one.expects.paths for one in (root, below)} == {(("tags", "vmapps-owner"),)}
    assert root.uses == (below.address,)


def test_a_refused_one_is_neither_deleted_nor_created() -> None:
    found = found_drafts((WANTED[0], replace(OTHER_OS, protect=True), WANTED[2]))
    assert [one.code for one in found if isinstance(one, Diagnostic)] == ["protected"]
    assert {one.address for one in found if isinstance(one, Draft)} == {address(*VERSION)}
