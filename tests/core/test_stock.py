"""Status: what an application's state is, by the model and by the guest's report; and who is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from samples import (
    OWNER,
    RULES,
    assignment,
    declarations,
    desired,
    entry,
    machine,
    machine_address,
    machine_id,
    observed,
    wanted,
)
from vmapps.core.declaration import Assignment
from vmapps.core.explain_live import Standing
from vmapps.core.guest import GuestReport, InGuest, State
from vmapps.core.resource import Entry, Instance, Instances, Machine, World
from vmapps.core.status import Condition, Status, View
from vmapps.core.stock import questions, status_of

NGINX = (
    desired("platform"),
    desired("platform", "nginx"),
    desired("platform", "nginx", "1.0.0"),
    desired("platform", "agent"),
    desired("platform", "agent", "2.0.0"),
)
LIVE = (observed("platform"), observed("platform", "nginx"), observed("platform", "nginx", "1.0.0"))
ONE = (assignment(wanted()),)
OURS = entry(owner=OWNER)
WEB = machine_address()
ALL = View()


def said(state: State, version: str = "1.0.0", message: str = "", name: str = "nginx") -> GuestReport:
    return GuestReport((InGuest(name, version, state, message),))


def world(*machines: Machine, **more: Any) -> World:
    return replace(World.of(iter((*LIVE, *machines))), **more)


def status(*machines: Machine, assigned: tuple[Assignment, ...] = ONE, view: View = ALL, **more: Any) -> Status:
    return status_of(declarations(*NGINX, assignments=assigned), world(*machines, **more), RULES, view)


def asked(*machines: Machine, assigned: tuple[Assignment, ...] = ONE, view: View = ALL, **more: Any) -> list[str]:
    found = questions(declarations(*NGINX, assignments=assigned), world(*machines, **more), RULES, view)
    return [f"{one.topic} {one.address.name[-1]}" for one in found]


OFF = replace(said(State.INSTALLED, "0.9.0"), is_running=False)
LATEST = (assignment(wanted("latest", follow_latest=True)),)
GONE = (assignment(wanted("", absent=True)),)
SKIP = said(State.SKIPPED, message="skipped, lower order operation failed")
OLDER, NEWEST = entry("0.9.0", owner=OWNER), entry("latest", owner=OWNER)
HALF = said(State.FAILED, "0.9.0", "RemoveForUpdate FAILED exit 1")


@pytest.mark.parametrize(
    ("row", "entries", "assigned", "report", "condition", "message"),
    [
        ("at its version", (OURS,), ONE, said(State.INSTALLED), "installed", ""),
        ("failed", (OURS,), ONE, said(State.FAILED, message="exit 1"), "failed", "exit 1"),
        ("skipped", (OURS,), ONE, SKIP, "skipped", SKIP.applications[0].message),
        ("what had to go first did not", (OURS,), ONE, HALF, "failed", "RemoveForUpdate FAILED exit 1"),
        ("an older version was skipped", (OURS,), ONE, said(State.SKIPPED, "0.9.0", "s"), "skipped", "s"),
        ("an older failure is not about this version", (OURS,), ONE, said(State.FAILED, "0.9.0", "x"), "pending", ""),
        ("still at the version before", (OURS,), ONE, said(State.INSTALLED, "0.9.0"), "pending", ""),
        ("a word that nobody knows", (OURS,), ONE, said(State.UNKNOWN, message="?"), "pending", "?"),
        ("reports others only", (OURS,), ONE, said(State.INSTALLED, name="x"), "pending", ""),
        ("reports nothing", (OURS,), ONE, GuestReport(), "not-reported", ""),
        ("reports an error instead", (OURS,), ONE, GuestReport(error="no disk"), "failed", "no disk"),
        ("is off", (OURS,), ONE, OFF, "off", ""),
        ("was not asked", (OURS,), ONE, None, "not-read", ""),
        ("not on the list", (), ONE, None, "not-converged", ""),
        ("not on the list of one that is off", (), ONE, OFF, "not-converged", ""),
        ("another version on the list", (OLDER,), ONE, said(State.INSTALLED, "0.9.0"), "not-converged", ""),
        ("another version, which failed", (OLDER,), ONE, said(State.FAILED, "0.9.0", "x"), "not-converged", "x"),
        ("latest is any version", (NEWEST,), LATEST, said(State.INSTALLED, "0.1.0"), "installed", ""),
        ("latest failed", (NEWEST,), LATEST, said(State.FAILED, "0.1.0", "x"), "failed", "x"),
        ("has to go, and is on the list", (OURS,), GONE, said(State.INSTALLED), "not-converged", ""),
        ("is off the list, and in the guest", (), GONE, said(State.INSTALLED), "pending", ""),
        ("its removal failed", (), GONE, said(State.FAILED, message="Remove FAILED 1"), "failed", "Remove FAILED 1"),
        ("ours, and nobody's any more", (OURS,), (), said(State.INSTALLED), "installed", ""),
    ],
)  # fmt: skip
def test_conditions(
    row: str,
    entries: tuple[Entry, ...],
    assigned: tuple[Assignment, ...],
    report: GuestReport | None,
    condition: str,
    message: str,
) -> None:
    found = status(machine(*entries), assigned=assigned, reports={WEB: report} if report else {})
    assert [(one.condition, one.message) for one in found.rows] == [(condition, message)]


def test_a_row_says_what_is_declared_on_the_list_and_in_the_guest() -> None:
    [row] = status(machine(entry("0.9.0", owner=OWNER)), reports={WEB: said(State.INSTALLED, "0.8.0")}).rows
    assert (row.declared, row.model, row.guest) == ("1.0.0", "0.9.0", "0.8.0")
    assert (str(row.assignments[0]), row.application, row.subject) == ("VMAssignment/web", "platform/nginx", str(WEB))


def test_what_is_gone_as_declared_is_no_row() -> None:
    assert status(machine(), assigned=GONE, reports={WEB: GuestReport()}).rows == ()


def test_a_machine_that_is_off_and_left_out_by_its_rollout_is_off() -> None:
    from vmapps.core.declaration import Rollout, Wave

    skipping = (assignment(wanted(), rollout=Rollout((Wave(percent=100),), skip_off=True)),)
    [row] = status(machine(), assigned=skipping, reports={WEB: OFF}).rows
    assert row.condition is Condition.OFF


FOREIGN = entry("2.0.0", "agent")


@pytest.mark.parametrize(("foreign", "shown"), [(False, ["nginx"]), (True, ["agent", "nginx"])])
def test_what_is_not_ours_is_counted_or_shown(foreign: bool, shown: list[str]) -> None:
    reports = {WEB: GuestReport((InGuest("agent", "2.0.0", State.INSTALLED), *said(State.INSTALLED).applications))}
    found = status(machine(OURS, FOREIGN), view=View(foreign=foreign), reports=reports)
    assert [row.application.partition("/")[2] for row in found.rows] == shown
    assert {row.condition for row in found.rows} == {Condition.INSTALLED}
    assert found.foreign == (0 if foreign else 1)


@pytest.mark.parametrize(
    ("row", "live", "owner", "standing"),
    [
        ("an entry that carries our mark", entry(owner=OWNER), "", Standing.OURS),
        ("one of an application that does", entry(), OWNER, Standing.OURS),
        ("one that nobody has adopted", entry(), "", Standing.CLAIMED),
        ("one of another owner", entry(owner="x.1"), OWNER, Standing.CLAIMED),
    ],
)
def test_whose_a_claimed_entry_is(row: str, live: Entry, owner: str, standing: Standing) -> None:
    resources = (LIVE[0], observed("platform", "nginx", owner=owner), LIVE[2])
    there = World.of(iter((*resources, machine(live))))
    found = status_of(declarations(assignments=(assignment(wanted(live=True)),)), there, RULES, ALL)
    assert [one.standing for one in found.rows] == [standing]


SET = machine(OURS, name="set", upgrade_mode="Manual", orchestration="Uniform")
ON_SET = (assignment(wanted(), to=("set",)),)


def instances(*several: Instance) -> dict[Any, Instances]:
    return {SET.address: Instances(SET.id, several)}


def test_the_instances_of_a_uniform_set_are_machines() -> None:
    known = instances(
        Instance("10", latest=True, report=said(State.INSTALLED)),
        Instance("2", latest=False, report=said(State.INSTALLED, "0.9.0")),
        Instance("3", latest=False, report=said(State.INSTALLED)),
        Instance("4", latest=True, report=None),
        Instance("5", latest=True, report=OFF),
    )
    found = status(SET, assigned=ON_SET, instances=known)
    assert [(row.instance, str(row.condition)) for row in found.rows] == [
        ("2", "not-converged"),
        ("3", "installed"),
        ("4", "not-reported"),
        ("5", "off"),
        ("10", "installed"),
    ]
    assert (found.guests, found.scale_sets) == (5, 1)


def test_a_set_whose_instances_were_not_read_or_that_has_none() -> None:
    [row] = status(SET, assigned=ON_SET, unread={SET.address: "why"}).rows
    assert (row.condition, row.message, row.instance) == (Condition.NOT_READ, "why", "")
    [row] = status(SET, assigned=ON_SET, instances=instances()).rows
    assert (row.condition, row.message) == (Condition.NOT_REPORTED, "the scale set has no instances")


FLEXIBLE = replace(SET, orchestration="Flexible")


def member(name: str, *entries: Entry) -> Machine:
    return machine(*entries, name=name, scale_set=str(machine_id("set")).upper())


SET_A = member("set_a", entry())


def test_the_guests_of_a_flexible_set_are_counted_once() -> None:
    listed = instances(Instance("set_a", latest=True), Instance("set_b", latest=True))
    machines = (FLEXIBLE, member("set_a", entry()), member("set_b", entry()))
    found = status(*machines, assigned=ON_SET, instances=listed)
    assert found.scale_sets == 0
    assert found.guests == status(*machines, assigned=ON_SET).guests


def test_the_instances_of_a_flexible_set_are_virtual_machines() -> None:
    known = {machine_address("set_a"): said(State.INSTALLED)}
    machines = (FLEXIBLE, member("set_a", entry()), member("set_b", entry("0.9.0")))
    found = status(*machines, assigned=ON_SET, reports=known)
    assert [(row.subject, str(row.condition), row.model) for row in found.rows] == [
        ("VirtualMachine/rg-web/set/set_a", "installed", "1.0.0"),
        ("VirtualMachine/rg-web/set/set_b", "not-converged", "0.9.0"),
    ]
    stale = replace(FLEXIBLE, entries=(entry("0.9.0"),))
    [row] = status(stale, member("set_a", entry()), assigned=ON_SET, reports=known).rows
    assert row.condition is Condition.NOT_CONVERGED, "a new instance would get the model's version"


@pytest.mark.parametrize(
    ("row", "machines", "assigned", "questions"),
    [
        ("what carries ours", (machine(OURS),), ONE, ["report web-01"]),
        ("ours by its mark alone", (machine(OURS),), (), ["report web-01"]),
        ("foreign ones only", (machine(FOREIGN),), (), []),
        ("an empty list has nobody who reports", (machine(),), ONE, []),
        ("a uniform set: one list", (SET,), ON_SET, ["instances set"]),
        ("a flexible set: its machines", (FLEXIBLE, SET_A, member("set_b")), ON_SET, ["report set_a"]),
        ("the instances of a set of others", (SET_A,), (), []),
    ],
)  # fmt: skip
def test_who_is_asked(
    row: str, machines: tuple[Machine, ...], assigned: tuple[Assignment, ...], questions: list[str]
) -> None:
    assert asked(*machines, assigned=assigned) == questions
    assert asked(*machines, assigned=assigned, view=View(guests=False)) == []


def test_nobody_is_asked_twice() -> None:
    assert asked(machine(OURS), reports={WEB: GuestReport()}) == []
    assert asked(machine(OURS), unread={WEB: "closed"}) == []
    assert asked(SET, assigned=ON_SET, instances=instances()) == []


TWO = (assignment(wanted(), to=("web-01", "web-02")), assignment(wanted("2.0.0", "agent"), name="agents"))


@pytest.mark.parametrize(
    ("row", "view", "rows", "questions"),
    [
        ("a machine", View(targets=("*/web-02",)), ["web-02 nginx"], 1),
        ("not a machine", View(excludes=("virtualmachine/*/WEB-02",)), ["web-01 agent", "web-01 nginx"], 1),
        ("an application", View(applications=("platform/ng*",)), ["web-01 nginx", "web-02 nginx"], 2),
        ("an assignment by its name", View(assignments=("agents",)), ["web-01 agent"], 1),
        ("an assignment by its address", View(assignments=("VMAssignment/web",)), ["web-01 nginx", "web-02 nginx"], 2),
        ("a state", View(conditions=(Condition.FAILED,)), ["web-02 nginx"], 2),
        ("nothing", View(applications=("x/y",)), [], 0),
    ],
)
def test_filters_leave_rows_out_and_reads_with_them(row: str, view: View, rows: list[str], questions: int) -> None:
    there = (machine(OURS, FOREIGN), machine(entry(owner=OWNER, on="web-02"), name="web-02"))
    reports = {WEB: said(State.INSTALLED), machine_address("web-02"): said(State.FAILED)}
    found = status(*there, assigned=TWO, view=view, reports=reports)
    assert [f"{one.machine.name[-1]} {one.application.partition('/')[2]}" for one in found.rows] == rows
    assert len(asked(*there, assigned=TWO, view=view)) == questions


def test_a_filter_by_state_leaves_the_numbers_as_they_are() -> None:
    found = status(machine(OURS), view=View(conditions=(Condition.FAILED,)), reports={WEB: said(State.INSTALLED)})
    assert (len(found.rows), len(found.all_rows)) == (0, 1)


def test_an_instance_can_be_named() -> None:
    known = instances(Instance("1", latest=True), Instance("11", latest=True))
    view = View(targets=("*/set/1",))
    assert [row.instance for row in status(SET, assigned=ON_SET, instances=known, view=view).rows] == ["1"]
    assert asked(SET, assigned=ON_SET, view=view) == ["instances set"]
    assert asked(SET, assigned=ON_SET, view=View(targets=("*/other/1",))) == []


def test_what_could_not_be_read_is_said() -> None:
    whole, part = status(machine(OURS)), status(machine(OURS), unread={WEB: "closed"})
    assert whole.is_whole
    assert not part.is_whole
    assert [(row.condition, row.message) for row in part.rows] == [(Condition.NOT_READ, "closed")]
    assert not status(machine(OURS), unseen=("2222",)).is_whole


def test_a_row_of_a_virtual_machine_is_named_by_its_address_alone() -> None:
    [row] = status(machine(OURS)).rows
    assert (row.subject, row.version) == (str(WEB), "1.0.0")
    [row] = status(machine(OURS), assigned=()).rows
    assert (row.declared, row.version) == ("", "1.0.0")


def test_what_is_wrong_with_the_match_is_told() -> None:
    assert [one.code for one in status().diagnostics] == ["no-such-machine"]


def test_an_entry_that_cannot_be_read_is_nobody_s_row() -> None:
    assert status(machine(entry(reference=None)), assigned=(), view=View(foreign=True)).rows == ()
