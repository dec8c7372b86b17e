"""Rollouts that halt and go back, carried out in memory: whatever fails, a machine is at one end or the other."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crank import Crank, run
from engine.plans import publish
from memory_cloud import Box, Killed, MemoryCloud
from samples import (
    OWNER,
    RULES,
    assignment,
    declarations,
    desired,
    machine_address,
    machine_id,
    mark_text,
    resource_id,
    sha256,
    wanted,
)
from vmapps.core.action import changes_of
from vmapps.core.address import ArmId
from vmapps.core.declaration import Declarations, Rollout, Wave
from vmapps.core.guest import GuestReport, InGuest, State
from vmapps.core.outcome import HALTED, Applied, Failed, Report
from vmapps.core.plan import Options, Plan
from vmapps.core.planning.make import make_plan
from vmapps.core.settle import Write

NAMES = tuple(f"web-{number:02}" for number in range(6))
APPS = ("nginx", "agent")
VERSIONS = ("1.0.0", "1.1.0")
THINGS = (
    desired("platform"),
    *(desired("platform", app) for app in APPS),
    *(desired("platform", app, number) for app in APPS for number in VERSIONS),
)
ROLLOUTS = st.sampled_from(
    [
        Rollout((Wave(most=1), Wave(percent=100))),
        Rollout((Wave(most=1), Wave(percent=50), Wave(percent=100))),
        Rollout((Wave(percent=50), Wave(percent=90), Wave(percent=100)), max_failures=1),
    ]
)


class Guests(MemoryCloud):
    """Guests on which 1.1.0 fails: on these machines."""

    bad: frozenset[str] = frozenset()

    def report(self, machine: ArmId) -> GuestReport | None:
        found = super().report(machine)
        if found is None or machine.name not in self.bad:
            return found
        fails = (replace(one, state=State.FAILED) if one.version == "1.1.0" else one for one in found.applications)
        return GuestReport(tuple(fails))


def entry(app: str, number: str, machine: str, order: int | None) -> bytes:
    body: dict[str, object] = {"packageReferenceId": str(resource_id("platform", app, number))}
    return json.dumps({**body, "tags": mark_text(OWNER, machine), **({"order": order} if order else {})}).encode()


@st.composite
def clouds(draw: st.DrawFn) -> Guests:
    """Machines with some of the applications, at some version, in some order; and some guests that fail."""
    cloud = Guests()
    for name in NAMES[: draw(st.integers(2, 6))]:
        apps = draw(st.lists(st.sampled_from(APPS), unique=True))
        orders = st.sampled_from([None, 1, 2])
        cloud.add(Box(machine_id(name), [entry(a, draw(st.sampled_from(VERSIONS)), name, draw(orders)) for a in apps]))
    publish(cloud, *THINGS)
    cloud.blobs.add(sha256("nginx"))
    cloud.bad = frozenset(draw(st.sets(st.sampled_from(NAMES))))
    return cloud


@st.composite
def projects(draw: st.DrawFn) -> Declarations:
    apps = draw(st.lists(st.sampled_from(APPS), min_size=1, unique=True))
    orders = st.sampled_from([None, 1, 2])
    items = tuple(wanted("1.1.0", app, order=draw(orders)) for app in apps)
    return declarations(*THINGS, assignments=(assignment(*items, to=NAMES, rollout=draw(ROLLOUTS)),))


def plan_for(declared: Declarations, cloud: MemoryCloud, **options: bool) -> Plan:
    (one,) = declared.assignments
    here = tuple(target for target in one.targets if target.machine and _is_there(target.machine.name[1], cloud))
    whole = replace(declared, assignments=(replace(one, targets=here),))
    plan = make_plan(whole, cloud.world(), RULES, Options(rollback_on_halt=True, **options))
    assert not plan.errored, plan.diagnostics
    return plan


def _is_there(name: str, cloud: MemoryCloud) -> bool:
    return machine_id(name).key in cloud.boxes


def lists(cloud: MemoryCloud) -> Mapping[str, dict[str, tuple[str, int | None]]]:
    """What every machine's list says: application -> version and order."""
    found: dict[str, dict[str, tuple[str, int | None]]] = {}
    for machine in cloud.world().machines.values():
        several = ((one.reference, one.order) for one in machine.entries)
        found[machine.id.name] = {ref.application: (ref.version, order) for ref, order in several if ref}
    return found


def halted(report: Report) -> bool:
    return any(isinstance(one, Failed) and one.failure.code == HALTED for _, one in report.results)


def same(one: dict[str, tuple[str, int | None]], other: dict[str, tuple[str, int | None]]) -> bool:
    """An order that a write cannot clear at one version may stay."""
    return one.keys() == other.keys() and all(
        one[app][0] == other[app][0] and (one[app][1] is None or one[app][1] == other[app][1]) for app in one
    )


@given(clouds(), projects(), st.integers(1, 4))
def test_a_halt_leaves_every_machine_as_it_was_and_no_halt_as_it_is_declared(
    cloud: Guests, declared: Declarations, parallelism: int
) -> None:
    before = lists(cloud)
    plan = plan_for(declared, cloud, metadata_now=True)
    report = run(plan, cloud, parallelism=parallelism)
    after = lists(cloud)
    if halted(report):
        assert not report.succeeded
        assert all(same(before[name], after[name]) for name in before)
    else:
        numbers = {wish.application_name for one in declared.assignments for wish in one.applications}
        written = {step.address for step in plan.steps if step.verb == "assign"}
        for name in before:
            if machine_address(name) in written:
                assert all(after[name][app][0] == "1.1.0" for app in numbers)
    assert cloud.dangling() == set()


@given(clouds(), projects(), st.integers(1, 8))
def test_a_run_that_is_killed_can_go_on_with_the_same_plan(cloud: Guests, declared: Declarations, last: int) -> None:
    """Going forward or going back: the plan applied again ends as if nothing had happened."""
    before, plan = lists(cloud), plan_for(declared, cloud, metadata_now=True)

    def kill(number: int, _write: Write) -> None:
        if number == last:
            raise Killed

    cloud.after = kill
    with contextlib.suppress(Killed):
        run(plan, cloud)
    cloud.after = lambda _number, _write: None
    report = run(plan, cloud, crank=Crank())
    if halted(report):
        after = lists(cloud)
        assert {name: (before[name], after[name]) for name in before if not same(before[name], after[name])} == {}


@given(clouds(), projects())
def test_what_went_back_is_not_tried_again_by_itself(cloud: Guests, declared: Declarations) -> None:
    """Where an entry was there before, its mark remembers."""
    report = run(plan_for(declared, cloud), cloud)
    went = [step for step, outcome in report.results if step.only_if and isinstance(outcome, Applied)]
    if any(change.after is not None for step in went for change in changes_of(step.action)):
        again = plan_for(declared, cloud)
        assert again.steps == ()
        assert "halted" in {note.code for note in again.notes}


@pytest.mark.parametrize("app", ["x", ""])
def test_two_writes_go_back_one_after_the_other_whatever_others_do_meanwhile(app: str) -> None:
    """What depends leaves first; an entry that somebody adds before that stays."""
    cloud = Guests()
    for name in NAMES[:3]:
        cloud.add(Box(machine_id(name)))
    publish(cloud, *THINGS)
    cloud.blobs.add(sha256("nginx"))
    cloud.bad = frozenset(NAMES)
    items = (wanted("1.1.0", "nginx", order=1), wanted("1.1.0", "agent", order=2))
    one = assignment(*items, to=NAMES, rollout=Rollout((Wave(most=1), Wave(percent=100))))
    plan = plan_for(declarations(*THINGS, assignments=(one,)), cloud)
    (first, second) = (step for step in plan.steps if step.only_if)
    box = cloud.boxes[machine_id(first.address.name[1]).key]
    theirs = b'{"packageReferenceId":"/subscriptions/9/%b"}' % app.encode()

    def somebody(number: int, _write: Write) -> None:
        if number == 1 and app:
            box.take([*box.entries, theirs])

    cloud.after = somebody
    report = run(plan, cloud)
    ended = [outcome for step, outcome in report.results if step in (first, second)]
    assert ended == [Applied(remark=f"{name}: removed, result unknown") for name in ("agent", "nginx")]
    assert box.entries == ([theirs] if app else [])


def test_the_reports_are_what_halts_it() -> None:
    """The other way round: the law above does halt."""
    cloud = Guests()
    for name in NAMES[:3]:
        cloud.add(Box(machine_id(name), [entry("nginx", "1.0.0", name, None)]))
    publish(cloud, *THINGS)
    cloud.blobs.add(sha256("nginx"))
    cloud.bad = frozenset(NAMES)
    one = assignment(wanted("1.1.0"), to=NAMES, rollout=Rollout((Wave(most=1), Wave(percent=100))))
    report = run(plan_for(declarations(*THINGS, assignments=(one,)), cloud), cloud)
    assert halted(report)
    assert {version for (version, _) in (found["nginx"] for found in lists(cloud).values())} == {"1.0.0"}
    assert (
        InGuest("nginx", "1.0.0", State.INSTALLED, "Install SUCCESS")
        in (cloud.report(machine_id(NAMES[0])) or GuestReport()).applications
    )
