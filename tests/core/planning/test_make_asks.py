"""What a plan has to read first, and what it says it did not see."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from samples import (
    OWNER,
    PROJECT,
    RULES,
    address,
    assignment,
    declarations,
    desired,
    entry,
    machine,
    machine_address,
    observed,
    package,
    sha256,
    wanted,
)
from vmapps.core.guest import GuestReport
from vmapps.core.plan import Note, Options, Plan
from vmapps.core.planning.findings import Question, Topic, questions_of
from vmapps.core.planning.make import make_plan, weigh
from vmapps.core.resource import Instances, Listed, Machine, World

NGINX = (desired("platform"), desired("platform", "nginx"), desired("platform", "nginx", "1.0.0"))
LIVE = (observed("platform"), observed("platform", "nginx"), observed("platform", "nginx", "1.0.0"))
OLD = observed("platform", "nginx", "0.9.0")
BLOBS = frozenset({sha256("nginx")})


def world(*live: Listed, **more: Any) -> World:
    return replace(World.of(iter(live), BLOBS), **more)


def declared(*, assigned: bool = True, **more: Any) -> Any:
    return declarations(*NGINX, assignments=(assignment(wanted()),) if assigned else (), **more)


def questions(there: World, *, assigned: bool = True, **options: Any) -> list[Question]:
    return list(questions_of(weigh(declared(assigned=assigned), there, RULES, Options(**options))))


def plan(there: World, *, assigned: bool = True, **options: Any) -> Plan:
    return make_plan(declared(assigned=assigned), there, RULES, Options(**options))


def notes(found: Plan, code: str) -> list[Note]:
    return [one for one in found.notes if one.code == code]


@pytest.mark.parametrize(
    ("row", "stored", "options", "asks"),
    [
        ("it is asked once it matters", None, {"prune": True}, True),
        ("without --prune nothing is discarded", None, {}, False),
        ("it was listed", frozenset(), {"prune": True}, False),
    ],
)
def test_the_store_is_listed_where_something_may_be_discarded(
    row: str, stored: frozenset[str] | None, options: dict[str, Any], asks: bool
) -> None:
    found = questions(world(*LIVE, machine(), stored=stored), **options)
    assert [one.topic for one in found] == ([Topic.STORE] if asks else [])


def test_a_project_without_a_store_asks_nothing() -> None:
    storeless = declared(project=replace(PROJECT, store=None))
    assert questions_of(weigh(storeless, world(*LIVE, machine()), RULES, Options(prune=True))) == ()


def test_a_store_that_could_not_be_listed_is_said_and_nothing_is_discarded() -> None:
    found = plan(world(*LIVE, machine(), stored=frozenset(), store_unread="403 from the store"), prune=True)
    (note,) = notes(found, "not-seen")
    assert note.text == "the package store could not be listed, so no package is discarded: 403 from the store"
    assert found.summary["discard"] == 0


@pytest.mark.parametrize(
    ("row", "options", "discarded"),
    [
        ("what nothing names", {}, 1),
        ("what is left out", {"excludes": ("Package/*",)}, 0),
        ("what is not aimed at", {"targets": ("VirtualMachine/*",)}, 0),
    ],
)
def test_a_package_that_nothing_names_is_discarded(row: str, options: dict[str, Any], discarded: int) -> None:
    stored = frozenset({sha256("nginx"), sha256("forgotten")})
    found = plan(world(*LIVE, machine(), stored=stored), prune=True, **options)
    assert [one.address for one in found.steps if one.verb == "discard"] == [package("forgotten").address] * discarded


def test_a_package_goes_after_the_version_that_named_it() -> None:
    old = observed("platform", "nginx", "0.9.0", content="old")
    stored = frozenset({sha256("nginx"), sha256("old")})
    found = plan(world(*LIVE, old, machine(), stored=stored), prune=True)
    verbs = {one.verb: one for one in found.steps}
    assert verbs["discard"].needs == (verbs["delete"].id,)


def test_what_could_not_be_read_is_a_warning_and_keeps_every_version() -> None:
    found = plan(world(*LIVE, OLD, machine(), unseen=("sub-b",)), prune=True)
    (problem,) = found.diagnostics
    assert (problem.code, problem.is_error, problem.subject) == ("not-seen", False, "sub-b")
    assert found.summary["delete"] == 0
    (kept,) = notes(found, "kept")
    assert "machines in sub-b could not be looked at" in kept.text


def scale_set(mode: str) -> Machine:
    return machine(name="set", upgrade_mode=mode)


@pytest.mark.parametrize(
    ("row", "mode", "live", "options", "asks"),
    [
        ("instances may lag behind", "Manual", (OLD,), {"prune": True}, True),
        ("also while Azure rolls", "Rolling", (OLD,), {"prune": True}, True),
        ("Azure upgrades all", "Automatic", (OLD,), {"prune": True}, False),
        ("no version goes", "Manual", (), {"prune": True}, False),
        ("nothing goes", "Manual", (OLD,), {}, False),
        ("a virtual machine", "", (OLD,), {"prune": True}, False),
    ],
)
def test_before_a_version_goes_lagging_instances_are_asked(
    row: str, mode: str, live: tuple[Listed, ...], options: dict[str, Any], asks: bool
) -> None:
    there = world(*LIVE, *live, machine(), scale_set(mode), stored=frozenset())
    found = questions(there, **options)
    assert found == ([Question(Topic.INSTANCES, machine_address("set"), scale_set(mode).id)] if asks else [])


def test_instances_that_were_asked_are_not_asked_again() -> None:
    one = scale_set("Manual")
    there = world(*LIVE, OLD, machine(), one, stored=frozenset(), instances={one.address: Instances(one.id)})
    assert questions(there, prune=True) == []


def fleet(count: int, *, entries: bool = True) -> tuple[Machine, ...]:
    names = [f"web-0{number}" for number in range(1, count + 1)]
    return tuple(machine(*([entry("0.9.0", owner=OWNER, on=name)] if entries else []), name=name) for name in names)


def unread(*machines: Machine, **more: Any) -> list[str]:
    to = tuple(one.id.name for one in machines)
    whole = declarations(*NGINX, assignments=(assignment(wanted(), to=to),))
    found = make_plan(whole, world(*LIVE, OLD, *machines, **more), RULES, Options())
    return [one.text.partition(" were")[0] for one in notes(found, "guest-not-read")]


def test_how_many_guests_were_not_asked_is_said() -> None:
    one, two = fleet(1), fleet(2)
    assert unread(*two) == ["the guests of 2 machines"]
    assert unread(*one) == ["the guests of 1 machine"]
    assert unread(*two, reports={two[0].address: GuestReport()}) == ["the guests of 1 machine"]
    assert unread(*one, reports={one[0].address: GuestReport()}) == []


def test_a_machine_on_which_nothing_changes_needs_no_report() -> None:
    assert unread(*fleet(2, entries=False)) == []
    assert unread(machine(entry("0.9.0", owner=OWNER), upgrade_mode="Automatic")) == []


@pytest.mark.parametrize(
    ("row", "live", "code", "verbs"),
    [
        ("it is there", LIVE, None, ["delete"]),
        ("it is gone", LIVE[:2], "unchanged", []),
    ],
)
def test_what_is_declared_absent_is_done_when_it_is_gone(
    row: str, live: tuple[Listed, ...], code: str | None, verbs: list[str]
) -> None:
    absent = (*NGINX[:2], replace(NGINX[2], absent=True))
    found = make_plan(declarations(*absent), world(*live), RULES, Options())
    assert [one.verb for one in found.steps] == verbs
    texts = [one.text for one in found.notes if one.address == address("platform", "nginx", "1.0.0")]
    assert texts == (["is not there, as declared"] if code else [])


def test_which_machines_an_assignment_means_is_noted() -> None:
    found = make_plan(
        declarations(*NGINX, assignments=(assignment(wanted(), targets=()),)), world(*LIVE), RULES, Options()
    )
    assert [one.text for one in notes(found, "matched")] == ["no machine"]
    assert [one.text for one in notes(plan(world(*LIVE, machine())), "matched")] == ["VirtualMachine/rg-web/web-01"]
