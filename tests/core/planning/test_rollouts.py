"""Waves in a plan: looks between them, halts, and assignments that meet on one machine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples import (
    HOME,
    OWNER,
    RULES,
    assignment,
    declarations,
    desired,
    entry,
    machine,
    observed,
    version_body,
    wanted,
)
from vmapps.core.action import Verify
from vmapps.core.address import Address, ArmId
from vmapps.core.declaration import Assignment, Declarations, Rollout, Selector, Target, Wave
from vmapps.core.diagnostic import Span
from vmapps.core.drifting import drift_of
from vmapps.core.guest import GuestReport, InGuest, State
from vmapps.core.plan import Options, Plan
from vmapps.core.planning.findings import Question, questions_of
from vmapps.core.planning.make import make_plan, weigh
from vmapps.core.resource import Instance, Instances, Machine, World

HERE = Span("apps.yaml", 3, 1)
NAMES = tuple(f"web-{number:02}" for number in range(4))
TWO = ("1.0.0", "1.1.0")
HELD = version_body(regions=("westeurope", "northeurope"))
DECLARED = (
    desired("platform"),
    desired("platform", "nginx"),
    *(desired("platform", "nginx", one, body=HELD) for one in TWO),
)
LIVE = (
    observed("platform"),
    observed("platform", "nginx"),
    *(observed("platform", "nginx", one, body=HELD) for one in TWO),
)
STAGED = Rollout((Wave(most=1), Wave(percent=100)))
WEB = Address("VMAssignment", ("web",))
SET = Address("VirtualMachineScaleSet", ("rg-web", "web-ss"))


def project(version: str = "1.1.0", rollout: Rollout | None = STAGED, **more: Any) -> Declarations:
    target = Target(HERE, selector=Selector())
    one = replace(assignment(wanted(version)), targets=(target,), rollout=rollout, **more)
    return declarations(*DECLARED, assignments=(one,))


def fleet(*updated: str, trouble: tuple[str, ...] = (), off: tuple[str, ...] = (), asked: bool = True) -> World:
    """Machines with 1.0.0, some already with 1.1.0."""
    found: list[Machine] = []
    reports = {}
    for name in NAMES:
        number = TWO[name in updated]
        one = machine(entry(number, owner=OWNER, on=name), name=name)
        found.append(one)
        state = State.FAILED if name in trouble else State.INSTALLED
        if asked:
            reports[one.address] = GuestReport((InGuest("nginx", number, state, "why"),), is_running=name not in off)
    return replace(World.of(iter((*LIVE, *found))), reports=reports)


def plan(declared: Declarations, world: World, **options: Any) -> Plan:
    found = make_plan(declared, world, RULES, Options(**options))
    assert not found.errored, found.diagnostics
    return found


def canary() -> str:
    (one,) = (step for step in plan(project(), fleet()).steps if step.wave == 1 and step.verb == "assign")
    return one.address.name[1]


def verbs(found: Plan) -> list[tuple[str, int | None]]:
    return [(step.verb, step.wave) for step in found.steps]


def test_a_look_waits_for_the_ends_of_its_wave_and_the_next_wave_needs_it() -> None:
    found = plan(project(), fleet())
    assert verbs(found) == [("assign", 1), ("verify", 1), ("assign", 2), ("assign", 2), ("assign", 2)]
    first, look, *rest = found.steps
    assert (look.needs, look.waits) == ((), (first.id,))
    assert all(step.needs == (look.id,) for step in rest)
    assert isinstance(look.action, Verify)
    assert [check.applications for check in look.action.checks] == [(("nginx", "1.1.0"),)]


@given(st.sets(st.sampled_from(NAMES)), st.integers(0, 6), st.sampled_from(["1", "1,3", "50%", "1,50%,90%"]))
def test_growth_never_runs_anything_again_and_waves_come_in_their_order(
    updated: set[str], more: int, waves: str
) -> None:
    """Whatever is done already, and however many machines there are by now."""
    several = tuple(
        Wave(percent=int(one[:-1])) if one.endswith("%") else Wave(most=int(one)) for one in waves.split(",")
    )
    world = fleet(*updated)
    grown = {one.address: one for one in (machine(name=f"new-{number}") for number in range(more))}
    reports = {address: GuestReport() for address in grown}
    world = replace(world, machines={**world.machines, **grown}, reports={**world.reports, **reports})
    found = plan(project(rollout=Rollout((*several, Wave(percent=100)))), world)
    written = [step for step in found.steps if step.verb == "assign"]
    assert {step.address for step in written} == {
        one.address for one in world.machines.values() if one.id.name not in updated
    }
    at = {step.id: number for number, step in enumerate(found.steps)}
    for look in (step for step in found.steps if isinstance(step.action, Verify)):
        earlier = {step.id for step in written if (step.wave or 0) <= (look.wave or 0)}
        assert earlier == set(look.waits)
        assert all(look.id in step.needs for step in written if step.id not in earlier)
        assert {check.address for check in look.action.checks} >= {
            step.address for step in written if step.id in earlier
        }
        assert all(at[name] < at[look.id] for name in earlier)


def test_as_one_wave_there_is_no_look() -> None:
    assert {step.verb for step in plan(project(), fleet(), rollout="single").steps} == {"assign"}
    assert {step.wave for step in plan(project(rollout=None), fleet()).steps} == {None}


def test_the_waves_that_are_done_are_looked_at_again() -> None:
    found = plan(project(), fleet(canary()))
    assert verbs(found) == [("verify", 1), ("assign", 2), ("assign", 2), ("assign", 2)]


def test_their_guests_are_asked_before_anything_is_planned() -> None:
    findings = weigh(project(), fleet(canary(), asked=False), RULES, Options())
    (question,) = questions_of(findings)
    assert isinstance(question, Question)
    assert question.address.name[1] == canary()
    assert questions_of(weigh(project(), fleet(canary(), asked=False), RULES, Options(guest="none"))) == ()


def test_trouble_halts_it_until_it_is_resumed_or_another_version_is_declared() -> None:
    there = fleet(canary(), trouble=(canary(),))
    halted = plan(project(), there)
    assert halted.steps == ()
    (note,) = (one for one in halted.notes if one.code == "halted")
    assert note.address == WEB
    assert "1 without success at the declared version" in note.text
    resumed = plan(project(), there, resume=("VMAssignment/*",))
    look = resumed.steps[0].action
    assert isinstance(look, Verify)
    assert [one.name[1] for one in look.accepted] == [canary()]
    assert verbs(plan(project("1.0.0"), there)) == [("assign", 1)]


def test_some_may_fail() -> None:
    there = fleet(canary(), trouble=(canary(),))
    assert len(plan(project(rollout=replace(STAGED, max_failures=1)), there).steps) == 4


def test_it_stops_after_a_wave() -> None:
    found = plan(project(), fleet(), through_wave=1)
    assert verbs(found) == [("assign", 1)]
    (note,) = (one for one in found.notes if one.code == "wave-not-reached")
    assert "wave 2 and what follows (3 machines)" in note.text


def test_a_machine_that_is_off_comes_last() -> None:
    found = plan(project(), fleet(off=(canary(),)))
    assert {step.address.name[1] for step in found.steps if step.wave == 1 and step.verb == "assign"} != {canary()}


def test_machines_that_are_off_may_be_left_out() -> None:
    skipping = project(rollout=replace(STAGED, skip_off=True))
    off = NAMES[2]
    found = plan(skipping, fleet(off=(off,)))
    assert off not in {step.address.name[1] for step in found.steps if step.verb == "assign"}
    (note,) = (one for one in found.notes if one.code == "pending")
    assert note.address.name[1] == off
    questions = questions_of(weigh(skipping, fleet(asked=False), RULES, Options()))
    assert {one.address.name[1] for one in questions} == set(NAMES)


def scale_set(number: str = "1.1.0") -> Machine:
    """A scale set in another region."""
    return Machine(
        SET,
        ArmId(HOME, "rg-web", ("virtualMachineScaleSets",), ("web-ss",)),
        "northeurope",
        "Linux",
        entries=(entry(number),),
        upgrade_mode="Manual",
        capacity=3,
    )


def with_set(world: World, one: Machine, *states: State, latest: bool = True) -> World:
    number = str(one.entries[0].reference and one.entries[0].reference.version)
    reports = [GuestReport((InGuest("nginx", number, state, "why"),)) for state in states]
    nodes = tuple(Instance(str(at), latest=latest, report=found) for at, found in enumerate(reports))
    return replace(world, machines={**world.machines, SET: one}, instances={SET: Instances(one.id, nodes)})


BOTH = (Target(HERE, selector=Selector(kinds=("VirtualMachine", "VirtualMachineScaleSet"))),)
REGION_FIRST = Rollout((Wave(locations=("northeurope",)), Wave(percent=100)))


def on_both(rollout: Rollout = REGION_FIRST, **more: Any) -> Declarations:
    """One that begins with the scale set, which is in another region."""
    base = project(rollout=rollout, **more)
    return replace(base, assignments=(replace(base.assignments[0], targets=BOTH),))


def test_every_instance_of_a_scale_set_counts() -> None:
    one = scale_set()
    there = with_set(fleet(), one, State.FAILED, State.FAILED, State.INSTALLED)
    declared = on_both(replace(REGION_FIRST, max_failures=1), upgrade_instances=True)
    (note,) = (found for found in plan(declared, there).notes if found.code == "halted")
    assert f"2 without success at the declared version: {SET}/0, {SET}/1" in note.text
    two = on_both(replace(REGION_FIRST, max_failures=2), upgrade_instances=True)
    assert verbs(plan(two, there))[0] == ("verify", 1)


@pytest.mark.parametrize(("pushes", "stay"), [(False, True), (True, False)])
def test_instances_that_nobody_upgrades_say_nothing(pushes: bool, stay: bool) -> None:
    there = with_set(fleet(), scale_set(), State.INSTALLED, State.INSTALLED)
    look = plan(on_both(upgrade_instances=pushes), there).steps[0].action
    assert isinstance(look, Verify)
    assert [(one.is_scale_set, one.older_stay) for one in look.checks] == [(True, stay)]


def test_a_scale_set_whose_instances_are_all_off_comes_last() -> None:
    there = with_set(fleet(), scale_set("1.0.0"), State.INSTALLED)
    off = GuestReport(is_running=False)
    nodes = tuple(replace(one, report=off) for one in there.instances[SET].instances)
    asleep = replace(there, instances={SET: replace(there.instances[SET], instances=nodes)})
    waves = {step.wave for step in plan(on_both(), asleep).steps if step.address == SET}
    assert waves == {2}
    assert {step.wave for step in plan(on_both(), there).steps if step.address == SET} == {1}


def test_the_first_open_wave_is_asked_whether_it_is_off() -> None:
    (question,) = questions_of(weigh(project(), fleet(asked=False), RULES, Options()))
    assert question.address.name[1] == canary()
    assert questions_of(weigh(project(), fleet(asked=False), RULES, Options(guest="none"))) == ()
    assert questions_of(weigh(project(), fleet(canary(), asked=True), RULES, Options())) == ()


def test_a_wave_does_not_come_before_one_that_is_left_out() -> None:
    """Its canary would never report the version that the look asks for."""
    found = plan(project(), fleet(), excludes=(f"VirtualMachine/rg-web/{canary()}",))
    assert found.steps == ()
    assert [note.code for note in found.notes if note.address == WEB] == ["halted", "matched"]
    resumed = plan(project(), fleet(), excludes=(f"VirtualMachine/rg-web/{canary()}",), resume=(str(WEB),))
    assert {step.wave for step in resumed.steps} == {1, 2}


def test_a_look_needs_the_one_before_it() -> None:
    three = project(rollout=Rollout((Wave(most=1), Wave(most=2), Wave(percent=100))))
    first, second = (step for step in plan(three, fleet()).steps if step.verb == "verify")
    assert second.needs == (first.id,)
    assert first.id not in second.waits


def test_one_wave_is_no_rollout() -> None:
    found = plan(project(rollout=Rollout((Wave(percent=100),))), fleet())
    assert verbs(found) == [("assign", None)] * 4
    assert found.machines == 4


def test_machines_in_waves_are_not_what_the_guard_counts() -> None:
    assert plan(project(), fleet()).machines == 0


def test_what_another_assignment_holds_back_is_not_asked_for() -> None:
    """Two assignments want the same; an entry comes with the later wave, and only that rollout looks at it."""
    base = project()
    later = replace(base.assignments[0], address=Address("VMAssignment", ("zoo",)), rollout=LATER)
    found = plan(replace(base, assignments=(*base.assignments, later)), fleet())
    looks = {step.address.name[0]: step for step in found.steps if step.verb == "verify"}
    writes = {step.address: step for step in found.steps if step.verb == "assign"}
    for look in looks.values():
        assert isinstance(look.action, Verify)
        for check in look.action.checks:
            assert writes[check.address].id in look.waits


LATER = Rollout((Wave(most=2), Wave(percent=100)))


def test_a_write_carries_only_what_has_come() -> None:
    """One assignment with waves and one without, on the same machines."""
    agent = (desired("platform", "agent"), desired("platform", "agent", "1.0.0", content="agent"))
    other = Assignment(
        Address("VMAssignment", ("all",)), (Target(HERE, selector=Selector()),), (wanted("1.0.0", "agent"),), HERE
    )
    base = project()
    declared = replace(base, resources=(*base.resources, *agent), assignments=(*base.assignments, other))
    world = fleet()
    live = (observed("platform", "agent"), observed("platform", "agent", "1.0.0", content="agent"))
    world = replace(world, resources={**world.resources, **{one.address: one for one in live}})
    found = plan(declared, world)
    by_machine: dict[str, list[int | None]] = {}
    for step in found.steps:
        if step.verb == "assign":
            by_machine.setdefault(step.address.name[1], []).append(step.wave)
    assert by_machine.pop(canary()) == [None, 1]
    assert all(waves == [None, 2] for waves in by_machine.values())


def drifted(world: World) -> tuple[set[str], int]:
    found = drift_of(weigh(project(), world, RULES, Options(metadata_now=True)))
    return {item.address.name[1] for item in found.items}, sum(one.code == "wave-not-reached" for one in found.notes)


def test_waves_that_were_not_reached_are_no_drift() -> None:
    assert drifted(fleet()) == ({canary()}, 3), "nothing was applied yet: what is declared is not there"
    assert drifted(fleet(canary())) == (set(), 3), "--through-wave 1 left the rest on purpose"


def test_a_wave_that_began_is_drift_where_it_is_undone() -> None:
    others = [name for name in NAMES if name != canary()]
    assert drifted(fleet(canary(), *others[1:])) == ({others[0]}, 0)
    assert drifted(fleet(*others)) == ({canary()}, 0)


def test_a_machine_that_was_off_does_not_say_how_far_a_rollout_is() -> None:
    others = [name for name in NAMES if name != canary()]
    assert drifted(fleet(canary(), others[0], off=(others[0],))) == (set(), 2)
