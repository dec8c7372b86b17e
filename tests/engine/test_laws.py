"""The laws of applying: what holds for every plan that is carried out, also when the run is killed on the way."""

from __future__ import annotations

import contextlib

from hypothesis import assume, given
from hypothesis import strategies as st

from crank import run
from memory_cloud import Killed, MemoryCloud
from samples import OWNER, RULES, machine_hash
from strategies import Scenario, booleans, options, scenarios
from vmapps.core.outcome import Applied, Skipped
from vmapps.core.plan import Options, Plan
from vmapps.core.planning.make import make_plan
from vmapps.core.resource import Machine, World
from vmapps.core.schedule import Schedule
from vmapps.core.settle import PutEntries, Write
from vmapps.errors import Refused

tame = scenarios()
polls = st.integers(0, 3)


def plan_of(scenario: Scenario, cloud: MemoryCloud, asked: Options) -> Plan:
    plan = make_plan(scenario.declarations, cloud.world(), RULES, asked)
    assume(not plan.errored)
    return plan


@given(tame, options, polls, booleans)
def test_a_plan_applied_leaves_nothing_to_plan(
    scenario: Scenario, asked: Options, polls: int, keeps_tags: bool
) -> None:
    cloud = scenario.cloud(polls=polls, keeps_tags=keeps_tags, lag=2)
    plan = plan_of(scenario, cloud, asked)
    report = run(plan, cloud)
    assert [(step.id, outcome) for step, outcome in report.results if not isinstance(outcome, Applied)] == []
    assert plan_of(scenario, cloud, asked).steps == ()


@given(tame, options)
def test_a_second_run_of_the_same_plan_changes_nothing(scenario: Scenario, asked: Options) -> None:
    cloud = scenario.cloud()
    plan = plan_of(scenario, cloud, asked)
    run(plan, cloud)
    before = cloud.world()
    report = run(plan, cloud)
    assert report.succeeded
    assert cloud.world() == before


@given(tame, options, polls, st.integers(1, 8))
def test_a_run_killed_after_any_write_converges_when_it_is_run_again(
    scenario: Scenario, asked: Options, polls: int, last: int
) -> None:
    cloud = scenario.cloud(polls=polls)
    plan = plan_of(scenario, cloud, asked)
    assume(len(plan.steps) >= last)

    def kill(number: int, _write: Write) -> None:
        if number == last:
            raise Killed

    cloud.after = kill
    with contextlib.suppress(Killed):
        run(plan, cloud)
    cloud.after = lambda _number, _write: None
    report = run(plan_of(scenario, cloud, asked), cloud)
    assert [(step.id, outcome) for step, outcome in report.results if not isinstance(outcome, Applied)] == []
    assert plan_of(scenario, cloud, asked).steps == ()


@given(tame, options, st.integers(1, 6))
def test_no_prefix_of_a_plan_leaves_a_dangling_reference(scenario: Scenario, asked: Options, parallelism: int) -> None:
    cloud = scenario.cloud()
    assume(not cloud.dangling())
    cloud.before = lambda _number, _write: _assert_sound(cloud)
    cloud.after = lambda _number, _write: _assert_sound(cloud)
    run(plan_of(scenario, cloud, asked), cloud, parallelism=parallelism)
    _assert_sound(cloud)


def _assert_sound(cloud: MemoryCloud) -> None:
    assert cloud.dangling() == set()


@given(tame, options, booleans)
def test_foreign_entries_survive_byte_for_byte(scenario: Scenario, asked: Options, keeps_tags: bool) -> None:
    cloud = scenario.cloud(keeps_tags=keeps_tags)
    claimed = _claimed(scenario, cloud.world())
    before = {key: _foreign(machine, claimed) for key, machine in _machines(cloud).items()}
    run(plan_of(scenario, cloud, asked), cloud)
    for key, raws in before.items():
        after = [entry.raw for entry in _machines(cloud)[key].entries]
        assert [raw for raw in after if raw in raws] == raws
    for write in cloud.writes:
        if isinstance(write, PutEntries):
            sent = [entry for entry in write.entries if isinstance(entry, bytes)]
            plain = [raw for raw in before[write.id.key] if b"configurationReference" not in raw]
            assert [raw for raw in sent if raw in plain] == plain


def _machines(cloud: MemoryCloud) -> dict[str, Machine]:
    return {machine.id.key: machine for machine in cloud.world().machines.values()}


def _claimed(scenario: Scenario, world: World) -> set[tuple[str, str]]:
    return {
        (item.gallery.key, item.application_name.lower())
        for one in scenario.declarations.assignments
        for item in one.applications
    }


def _foreign(machine: Machine, claimed: set[tuple[str, str]]) -> list[bytes]:
    """Entries that nobody claims and that carry no mark of ours for this very machine."""
    ours = {(owner, machine_hash(machine.id.name)) for owner in (OWNER, "old")}
    return [
        entry.raw
        for entry in machine.entries
        if (entry.reference is None or entry.reference.key not in claimed)
        and (entry.mark is None or (entry.mark.owner, entry.mark.machine) not in ours)
    ]


@given(tame, options, st.integers(1, 5), st.integers(1, 4))
def test_a_refused_write_skips_only_what_waits_for_it(
    scenario: Scenario, asked: Options, bad: int, parallelism: int
) -> None:
    cloud = scenario.cloud()
    plan = plan_of(scenario, cloud, asked)
    assume(len(plan.steps) >= bad)

    def refuse(number: int, _write: Write) -> None:
        if number == bad:
            raise Refused("no", scope="here", status=400)

    cloud.before = refuse
    report = run(plan, cloud, parallelism=parallelism)
    outcomes = {step.id: outcome for step, outcome in report.results}
    wrong = {name for name, outcome in outcomes.items() if not isinstance(outcome, Applied)}
    assert [step.id for step, _ in report.results] == [step.id for step in plan.steps]
    for step in plan.steps:
        behind_wrong = wrong & set(step.needs)
        assert isinstance(outcomes[step.id], Skipped) == bool(behind_wrong)
    cloud.before = lambda _number, _write: None
    assert run(plan_of(scenario, cloud, asked), cloud).succeeded
    assert plan_of(scenario, cloud, asked).steps == ()


@given(tame, options, st.integers(1, 5), st.data())
def test_any_interleaving_of_the_schedule_ends_with_an_outcome_for_every_step(
    scenario: Scenario, asked: Options, room: int, data: st.DataObject
) -> None:
    plan = plan_of(scenario, scenario.cloud(), asked)
    schedule = Schedule.of(plan)
    outcome_of = st.sampled_from([Applied(), Applied(), Applied(changed=False), Skipped("a failure")])
    running: list = []
    for _ in range(2 * len(plan.steps) + 1):
        started = schedule.startable(room - len(running))
        schedule = schedule.start(started)
        running.extend(started)
        assert len(running) <= room
        if schedule.is_over:
            break
        step = running.pop(data.draw(st.integers(0, len(running) - 1)))
        schedule = schedule.record(step, data.draw(outcome_of))
    assert schedule.is_over
    assert set(schedule.outcomes) == {step.id for step in plan.steps}
    assert [step for step, _ in schedule.report(interrupted=False).results] == list(plan.steps)
