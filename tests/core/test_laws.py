"""The laws of planning: what holds for every project and every world (architecture.md, "Tests mirror the house")."""

from __future__ import annotations

import json
import random
from dataclasses import replace

from hypothesis import assume, given, note
from hypothesis import strategies as st

from memory_cloud import MemoryCloud
from samples import OWNER, RULES, machine_hash
from strategies import Scenario, bodies, booleans, options, paths, plain_values, scenarios
from vmapps.core.action import Assign, Delete
from vmapps.core.declaration import Declarations
from vmapps.core.diff import compare
from vmapps.core.drifting import drift_of
from vmapps.core.fields import Rules, at, leaves, with_value
from vmapps.core.fleet import resolve
from vmapps.core.guard import guarded
from vmapps.core.plan import Options, Plan
from vmapps.core.planning.make import make_plan, weigh
from vmapps.core.resource import Observed, World

wild = scenarios(tame=False)
OURS = (OWNER, "old")


def plan_of(scenario: Scenario, cloud: MemoryCloud, asked: Options) -> Plan:
    return make_plan(scenario.declarations, cloud.world(), RULES, asked)


@given(wild, options)
def test_a_plan_or_a_refusal_never_an_exception(scenario: Scenario, asked: Options) -> None:
    world = scenario.cloud().world()
    plan = make_plan(scenario.declarations, world, RULES, asked)
    assert not (plan.errored and plan.steps)
    assert guarded(plan, scenario.declarations.project, world).steps == plan.steps
    drift_of(weigh(scenario.declarations, world, RULES, asked))


@given(wild, options)
def test_every_step_comes_after_what_it_waits_for(scenario: Scenario, asked: Options) -> None:
    plan = plan_of(scenario, scenario.cloud(), asked)
    before: set[str] = set()
    for step in plan.steps:
        assert set(step.needs) <= before
        before.add(step.id)
    assert len(before) == len(plan.steps)


@given(wild, options, st.randoms(use_true_random=False))
def test_a_plan_does_not_depend_on_the_order_of_its_input(
    scenario: Scenario, asked: Options, chance: random.Random
) -> None:
    world = scenario.cloud().world()
    declared = scenario.declarations
    assignments = tuple(
        replace(one, applications=shuffled(one.applications, chance), targets=shuffled(one.targets, chance))
        for one in declared.assignments
    )
    other = replace(
        declared,
        resources=shuffled(declared.resources, chance),
        packages=shuffled(declared.packages, chance),
        assignments=shuffled(assignments, chance),
    )
    elsewhere = World(
        dict(shuffled(tuple(world.resources.items()), chance)),
        dict(shuffled(tuple(world.machines.items()), chance)),
        world.blobs,
    )
    assert make_plan(other, elsewhere, RULES, asked) == make_plan(declared, world, RULES, asked)


def shuffled(values: tuple, chance: random.Random) -> tuple:
    several = list(values)
    chance.shuffle(several)
    return tuple(several)


@given(wild)
def test_desired_equal_to_observed_plans_nothing(scenario: Scenario) -> None:
    """A world that says, field for field, what is declared; Azure adds fields of its own."""
    declared = scenario.declarations
    there = [
        Observed(
            one.address,
            one.id,
            {"location": "West Europe", "extra": 1, **one.body},
            OWNER,
            one.content,
            "" if len(one.id.names) == 2 else "Succeeded",
        )
        for one in declared.resources
    ]
    nothing_assigned = replace(declared, assignments=())
    plan = make_plan(nothing_assigned, World.of(iter(there)), RULES, Options(prune=True, adopt=True))
    assert plan.is_empty
    assert plan.summary.get("unchanged", 0) == len(there)


@given(bodies, bodies, paths, plain_values)
def test_unmentioned_fields_never_differ(wanted: dict, seen: dict, path: tuple, extra: object) -> None:
    rules = Rules()
    declared = [one for one, _ in leaves(wanted, rules)]
    assume(not any(lower(one)[: len(path)] == lower(path) or lower(path)[: len(one)] == lower(one) for one in declared))
    assert compare(wanted, with_value(seen, path, extra), rules) == compare(wanted, seen, rules)


def lower(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.lower() for part in path)


@given(bodies, bodies)
def test_what_differs_is_named_and_nothing_else(wanted: dict, seen: dict) -> None:
    rules = Rules()
    changes = compare(wanted, seen, rules)
    assume(not any(len(path) > 1 and path[0] == "tags" for path, _ in leaves(wanted, rules)))
    for change in changes:
        seen = with_value(seen, change.path, change.after)
    assert compare(wanted, seen, rules) == ()
    assert all(at(seen, change.path) == change.after for change in changes)


@given(wild, options)
def test_nothing_without_our_mark_is_deleted_or_removed(scenario: Scenario, asked: Options) -> None:
    cloud = scenario.cloud()
    world = cloud.world()
    for step in plan_of(scenario, cloud, asked).steps:
        if isinstance(step.action, Delete):
            assert world.resources[step.address].owner in OURS
        if isinstance(step.action, Assign):
            for change in step.action.changes:
                assert change.after is not None or is_marked(change.before, step.address.name[1])


def is_marked(before: object, machine: str) -> bool:
    assert isinstance(before, dict)
    marks = json.loads(before["tags"])
    return marks["vmapps-owner"] in OURS and marks["vmapps-machine"] == machine_hash(machine)


@given(wild, booleans)
def test_nothing_goes_without_prune(scenario: Scenario, adopt: bool) -> None:
    plan = plan_of(scenario, scenario.cloud(), Options(adopt=adopt))
    assert plan.deletes == 0


@given(wild, options)
def test_a_version_in_use_is_never_deleted(scenario: Scenario, asked: Options) -> None:
    """What a machine refers to after the plan, ours or not, stays, and so does what it is in."""
    cloud = scenario.cloud()
    plan = plan_of(scenario, cloud, asked)
    deleted = {step.resource.key for step in plan.steps if isinstance(step.action, Delete) and step.resource}
    dropped = {
        (step.address, str(change.before["packageReferenceId"]).lower())
        for step in plan.steps
        if isinstance(step.action, Assign)
        for change in step.action.changes
        if isinstance(change.before, dict)
    }
    for address, machine in cloud.world().machines.items():
        for entry in machine.entries:
            if entry.reference and (address, entry.spelled.lower()) not in dropped:
                used = entry.reference.id
                if used.key not in cloud.things:
                    continue
                assert not {used.key, used.parent.key, used.parent.parent.key} & deleted


@given(wild)
def test_claims_are_merged_per_machine_and_application(scenario: Scenario) -> None:
    world = scenario.cloud().world()
    resolved = resolve(scenario.declarations, world)
    for machine, placement in resolved.placements.items():
        assert machine in world.machines
        assert len({claim.key for claim in placement.claims}) == len(placement.claims)


@given(wild, options)
def test_a_target_is_all_that_is_planned(scenario: Scenario, asked: Options) -> None:
    note(str(asked))
    narrow = replace(asked, targets=("VirtualMachine/rg-web/web-01",))
    plan = plan_of(scenario, scenario.cloud(), narrow)
    assert {str(step.address) for step in plan.steps} <= {"VirtualMachine/rg-web/web-01"}


@given(wild, options)
def test_a_plan_of_nothing_is_empty(scenario: Scenario, asked: Options) -> None:
    nothing = Declarations(replace(scenario.declarations.project, id="another", former_owners=()))
    assert make_plan(nothing, scenario.cloud().world(), RULES, asked).is_empty
