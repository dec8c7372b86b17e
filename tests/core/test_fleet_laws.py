"""Laws over whole fleets: several owners, scale sets, guests in trouble, every option."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from fleets import Fleet, fleets
from samples import OWNER
from simulation import simulate
from vmapps.core.action import Assign, Create, Delete, Update, UpgradeInstances
from vmapps.core.diagnostic import Diagnostic
from vmapps.core.drift import DriftClass
from vmapps.core.drifting import DRIFTED, NOTED, drift_of
from vmapps.core.entries import machine_hash
from vmapps.core.explain_live import Standing
from vmapps.core.fields import region
from vmapps.core.inspecting import drift_from, inspected
from vmapps.core.plan import Note, Options, Plan, Step
from vmapps.core.planning.findings import drafts_of
from vmapps.core.planning.make import make_plan, weigh
from vmapps.core.planning.retrying import retries
from vmapps.core.resource import Machine, World
from vmapps.core.status import Condition, View
from vmapps.core.stock import status_of
from vmapps.render.plan_json import from_json, to_json

OURS = (OWNER, "old")
CHANGED, DANGLING, FAILED = DriftClass.CHANGED, DriftClass.DANGLING, DriftClass.FAILED


def plan_of(fleet: Fleet, world: World | None = None) -> Plan:
    return make_plan(fleet.declarations, world or fleet.world, fleet.known_rules, fleet.options)


@given(fleets())
def test_a_plan_or_a_refusal_never_an_exception(fleet: Fleet) -> None:
    plan = plan_of(fleet)
    assert not (plan.errored and plan.steps)
    drift_of(weigh(fleet.declarations, fleet.world, fleet.known_rules, Options(metadata_now=True)))


@given(fleets())
def test_planning_against_what_a_plan_makes_is_empty(fleet: Fleet) -> None:
    """But for what had to wait, and is done by the second plan.

    What a scale set's model named is deleted when no instance can lag behind it any more; and an application that
    was alone on its machine is installed anew when it has company.
    """
    plan = plan_of(fleet)
    assume(not plan.errored)
    *_, world = [fleet.world, *simulate(plan, fleet.world, fleet.failing)]
    again = plan_of(fleet, world)
    assert not again.errored, again.diagnostics
    assert [step for step in again.steps if not (isinstance(step.action, Delete) or is_reinstall(step))] == []
    *_, world = [world, *simulate(again, world, fleet.failing)]
    assert plan_of(fleet, world).steps == ()


def is_reinstall(step: Step) -> bool:
    return isinstance(step.action, Assign) and "a write alone cannot clear" in step.because


@given(fleets())
def test_no_prefix_leaves_a_reference_to_what_is_not_there(fleet: Fleet) -> None:
    plan = plan_of(fleet)
    before = dangling(fleet.world)
    for world in simulate(plan, fleet.world, fleet.failing):
        assert dangling(world) <= before


def dangling(world: World) -> set[tuple[str, str]]:
    """Machines with an entry whose version is not there, of no use, or not in their region."""
    found = set()
    for machine in world.machines.values():
        for entry in machine.entries:
            reference = entry.reference
            if reference is None or reference.version == "latest" or reference.gallery.name != "platform":
                continue
            live = next((one for one in world.resources.values() if one.id == reference.id), None)
            if live is None or region(machine.location) not in _regions(live.body):
                found.add((str(machine.address), reference.id.key))
    return found


def _regions(body: object) -> set[object]:
    profile = body["properties"]["publishingProfile"]  # type: ignore[index]
    return {region(one["name"]) for one in profile["targetRegions"]}


@given(fleets())
def test_a_foreign_entry_is_touched_only_where_it_is_claimed_taken_or_has_no_place(fleet: Fleet) -> None:
    plan = plan_of(fleet)
    assignment = fleet.declarations.assignments[0] if fleet.declarations.assignments else None
    claimed = {one.application_name for one in assignment.applications} if assignment else set()
    for step in plan.steps:
        if not isinstance(step.action, Assign):
            continue
        machine = fleet.world.machines[step.address]
        for change in step.action.changes:
            name = change.path[-1].rpartition("/")[2]
            if change.before is None or name in claimed:
                continue
            entry = next(one for one in machine.entries if one.reference and one.reference.application == name)
            mark = entry.mark
            ours = mark is not None and mark.owner in OURS and mark.machine == machine_hash(machine.id)
            assert fleet.options.prune
            assert ours or (assignment is not None and assignment.exclusive)


@given(fleets())
def test_an_instance_is_never_touched_because_of_its_set(fleet: Fleet) -> None:
    for step in plan_of(fleet).steps:
        machine = fleet.world.machines.get(step.address)
        if machine is not None and machine.scale_set:
            raise AssertionError(step)


@given(fleets())
def test_a_protected_instance_is_never_pushed(fleet: Fleet) -> None:
    for step in plan_of(fleet).steps:
        if isinstance(step.action, UpgradeInstances):
            known = fleet.world.instances[step.address].instances
            assert not {one.name for one in known if one.is_protected} & set(step.action.instances)


@given(fleets(), st.randoms(use_true_random=False))
def test_the_same_bytes_whatever_the_order_of_the_input(fleet: Fleet, chance: random.Random) -> None:
    declared, world = fleet.declarations, fleet.world
    several = list(declared.resources)
    chance.shuffle(several)
    machines, resources = list(world.machines.items()), list(world.resources.items())
    chance.shuffle(machines)
    chance.shuffle(resources)
    other = replace(fleet, declarations=replace(declared, resources=tuple(several)))
    shuffled = replace(world, machines=dict(machines), resources=dict(resources))
    assert to_json(plan_of(other, shuffled)) == to_json(plan_of(fleet))


@given(fleets())
def test_a_plan_survives_json(fleet: Fleet) -> None:
    plan = plan_of(fleet)
    assert from_json(to_json(plan)) == plan


@given(fleets())
def test_steps_come_after_what_they_need_and_a_machine_is_never_emptied_on_the_way(fleet: Fleet) -> None:
    plan = plan_of(fleet)
    seen: set[str] = set()
    for step in plan.steps:
        assert {*step.needs, *step.waits} <= seen
        seen.add(step.id)
    world = fleet.world
    for step, then in zip(plan.steps, simulate(plan, world, fleet.failing), strict=True):
        later = [one for one in plan.steps if one.address == step.address and one.id not in step.id]
        machine = then.machines.get(step.address)
        if isinstance(step.action, Assign) and machine is not None and not machine.entries:
            still = [one for one in plan.steps[plan.steps.index(step) + 1 :] if one in later]
            assert not any(isinstance(one.action, Assign) for one in still)


@given(fleets())
def test_what_depends_comes_after_and_unordered_stays_unordered(fleet: Fleet) -> None:
    plan = plan_of(fleet)
    assume(not plan.errored and fleet.declarations.assignments)
    wanted = {one.application_name: one for one in fleet.declarations.assignments[0].applications}
    for step in plan.steps:
        if isinstance(step.action, Assign):
            put = {change.path[-1].rpartition("/")[2]: change.after for change in step.action.changes}
            orders = {name: body.get("order") for name, body in put.items() if isinstance(body, dict)}
            for name, order in orders.items():
                one = wanted[name]
                needed = any(one.application in other.depends_on for other in wanted.values())
                if one.order is None and not one.depends_on and not needed:
                    assert order is None
                before = [orders[other.name[-1]] for other in one.depends_on if other.name[-1] in orders]
                assert all(order is not None and first is not None and first < order for first in before)


@given(fleets())
def test_a_retry_touches_only_what_of_ours_is_in_trouble_and_never_empties_a_list(fleet: Fleet) -> None:
    found = retries(fleet.declarations, fleet.world, fleet.known_rules, Options())
    for draft in drafts_of(found):
        machine: Machine = fleet.world.machines[draft.address]
        report = fleet.world.reports[draft.address]
        assert isinstance(draft.action, Assign)
        assert len(machine.entries) > 1
        for change in draft.action.changes:
            seen = report.of(change.path[-1].rpartition("/")[2])
            assert seen is not None
            assert seen.state in ("failed", "skipped")


@given(fleets())
def test_what_a_plan_leaves_is_no_drift_but_what_it_may_not_touch(fleet: Fleet) -> None:
    """Drift is empty when there is nothing to plan, but for lists of others, what is blocked, and what guests say."""
    asking = replace(fleet, options=replace(fleet.options, metadata_now=True))
    world = fleet.world
    for _ in range(2):
        plan = plan_of(asking, world)
        assume(not plan.errored)
        *_, world = [world, *simulate(plan, world, fleet.failing)]
    found = weigh(fleet.declarations, world, fleet.known_rules, Options(metadata_now=True))
    noted = {(one.address, one.text) for one in found if isinstance(one, Note) and one.code in NOTED}
    left = [item for item in drift_of(found).items if item.is_drift]
    assert [item for item in left if (item.address, item.text) not in noted] == []


@given(fleets())
def test_there_is_drift_exactly_when_there_is_something_to_plan(fleet: Fleet) -> None:
    found = weigh(fleet.declarations, fleet.world, fleet.known_rules, Options(metadata_now=True))
    drafts = [one for one in drafts_of(found) if isinstance(one.action, Create | Update | Assign | UpgradeInstances)]
    deletes = [one for one in drafts_of(found) if isinstance(one.action, Delete)]
    refused = [one for one in found if isinstance(one, Diagnostic) and one.code in DRIFTED and one.subject]
    noted = [one for one in found if isinstance(one, Note) and NOTED.get(one.code) in (CHANGED, DANGLING)]
    assert drift_of(found).drifted is bool(drafts or deletes or refused or noted)


@given(fleets())
def test_every_difference_is_in_exactly_one_class(fleet: Fleet) -> None:
    world, rules = fleet.world, fleet.known_rules
    findings = inspected(fleet.declarations, world, rules, "all")
    items = drift_from(fleet.declarations, world, rules, findings).items
    changes = [(item.subject, change.path) for item in items for change in item.changes]
    assert len(set(changes)) == len(changes)
    told = [(item.subject, item.application, item.text) for item in items]
    assert len(set(told)) == len(told)


@given(fleets())
def test_what_failed_in_a_guest_is_told_alike_by_drift_and_status(fleet: Fleet) -> None:
    world, rules = fleet.world, fleet.known_rules
    drift = drift_from(fleet.declarations, world, rules, inspected(fleet.declarations, world, rules, "all"))
    rows = status_of(fleet.declarations, world, rules, View()).rows
    failed = {(item.subject, item.application) for item in drift.items if item.cls is FAILED}
    bad = (Condition.FAILED, Condition.SKIPPED)
    ours = [row for row in rows if row.condition in bad and row.declared and row.standing is Standing.OURS]
    assert failed == {(row.subject, row.application) for row in ours}
