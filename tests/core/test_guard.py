from __future__ import annotations

from dataclasses import replace

import pytest

from samples import OWNER, PROJECT, address, entry, machine, machine_address, machine_id, observed, resource_id
from vmapps.core.action import Assign, Change, Delete
from vmapps.core.declaration import Safety
from vmapps.core.guard import guarded
from vmapps.core.plan import Options, Plan, ProjectId, Step
from vmapps.core.resource import World

USUAL = Safety()


def delete(name: str) -> Step:
    return Step(f"{name}#1", address(name), resource_id(name), Delete(), "because")


def write(name: str, *, removed: int = 0, put: int = 0) -> Step:
    gone = tuple(Change(("applications", f"g/{n}"), {"x": 1}, None) for n in range(removed))
    there = tuple(Change(("applications", f"g/a{n}"), None, {"x": 1}) for n in range(put))
    return Step(f"{name}#1", machine_address(name), machine_id(name), Assign((*gone, *there)), "because")


def refusals(*steps: Step, ours: int = 1000, safety: Safety = USUAL, **accept: int) -> list[str]:
    options = Options(accept=tuple(accept.items()))
    plan = Plan(ProjectId(PROJECT.name, OWNER, PROJECT.subscription), options, steps)
    world = World.of(iter(observed(f"g{n}") for n in range(ours)))
    found = guarded(plan, replace(PROJECT, safety=safety), world)
    assert found.steps == plan.steps
    assert found.applyable == (bool(steps) and not found.refusals)
    return [one.code for one in found.refusals]


@pytest.mark.parametrize(("count", "codes"), [(10, []), (11, ["too-many-deletes"])])
def test_deletes_are_counted(count: int, codes: list[str]) -> None:
    assert refusals(*(delete(f"g{n}") for n in range(count))) == codes


def test_removed_entries_count_as_deletes() -> None:
    assert refusals(write("a", removed=6, put=9), write("b", removed=4)) == []
    assert refusals(write("a", removed=6), write("b", removed=4), delete("g")) == ["too-many-deletes"]


@pytest.mark.parametrize(
    ("row", "deletes", "ours", "codes"),
    [
        ("all four of four: below 5 the share is not looked at", 4, 4, []),
        ("five of five", 5, 5, ["too-large-a-share"]),
        ("exactly the limit", 6, 20, []),
        ("just above", 7, 23, ["too-large-a-share"]),
        ("nothing is ours", 5, 0, []),
    ],
)
def test_the_share_of_what_is_ours(row: str, deletes: int, ours: int, codes: list[str]) -> None:
    assert refusals(*(delete(f"g{n}") for n in range(deletes)), ours=ours) == codes


def test_only_what_carries_our_mark_is_ours() -> None:
    marked, copied, plain = entry(owner=OWNER), entry(application="a", owner=OWNER, on="web-02"), entry(application="b")
    seen = (
        machine(marked, copied, plain),
        *(observed(f"g{n}", owner=owner) for n, owner in enumerate(("old", "", "x.1"))),
    )
    plan = Plan(ProjectId("p", OWNER, "s"), steps=tuple(delete(f"g{n}") for n in range(5)))
    (refusal,) = guarded(plan, PROJECT, World.of(iter(seen))).refusals
    assert "of the 2 objects of ours" in refusal.summary


@pytest.mark.parametrize(("machines", "codes"), [(2, []), (3, ["too-many-machines"])])
def test_machines_are_counted(machines: int, codes: list[str]) -> None:
    steps = (write(f"web-{n}", put=1) for n in range(machines))
    assert refusals(*steps, safety=Safety(max_machines=2)) == codes


def test_exactly_the_plan_s_numbers_are_accepted() -> None:
    steps = tuple(delete(f"g{n}") for n in range(11))
    assert refusals(*steps, deletes=11, ours=11) == []
    assert refusals(*steps, deletes=12) == ["too-many-deletes"]
    assert refusals(*steps, machines=0) == ["too-many-deletes"]
    machines = (write("a", put=1), write("b", put=1))
    assert refusals(*machines, safety=Safety(max_machines=1), machines=2) == []
    assert refusals(*machines, safety=Safety(max_machines=1), machines=1) == ["too-many-machines"]


def test_a_refusal_says_how_to_accept_it() -> None:
    plan = Plan(ProjectId("p", OWNER, "s"), steps=tuple(delete(f"g{n}") for n in range(11)))
    (refusal,) = guarded(plan, PROJECT, World.of(iter(observed(f"g{n}") for n in range(99)))).refusals
    assert "--accept deletes=11,machines=0" in refusal.hint
