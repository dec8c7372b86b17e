"""A whole plan: what runs at the same time, what is skipped, how a run is stopped. The clock is turned by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crank import Crank, run
from engine.plans import MACHINES, NGINX, cloud_of, outcomes, plan_for, project, publish, versions, written
from memory_cloud import MemoryCloud
from samples import RULES, desired, resource_id
from vmapps.core.action import Verify
from vmapps.core.address import Address
from vmapps.core.outcome import Abandoned, Applied, Failed, Report, Skipped, Stale
from vmapps.core.plan import Plan, Step
from vmapps.core.schedule import lane
from vmapps.core.settle import Put, PutEntries, Remove, Write
from vmapps.core.verified import Answer
from vmapps.engine.events import Ended, Event, Finished, Started, Stopping, Verified, Waiting
from vmapps.engine.execute import execute
from vmapps.engine.stop import Stop
from vmapps.errors import Refused

WHOLE = project(*NGINX, to=MACHINES)
WEB = [f"VirtualMachine/rg-web/{name}" for name in MACHINES]
MANY = (*NGINX[:2], *versions("1.0.0", "1.0.1", "1.0.2"), desired("platform", "agent"), desired("Tools"))


def slow(*machines: str, polls: int = 2, wait: float = 10.0) -> MemoryCloud:
    return cloud_of(*machines, polls=polls, wait=wait)


def most_at_once(events: list[Event]) -> int:
    running = most = 0
    for event in events:
        running += isinstance(event, Started) - isinstance(event, Finished)
        most = max(most, running)
    return most


def refuse(name: str) -> Callable[[int, Write], None]:
    def hook(_number: int, write: Write) -> None:
        if isinstance(write, Put | PutEntries | Remove) and write.id.name == name:
            raise Refused("no", scope=name, status=400)

    return hook


@pytest.mark.parametrize(("parallelism", "most"), [(1, 1), (2, 2), (3, 3), (8, 3)])
def test_no_more_steps_are_in_flight_than_asked_for(parallelism: int, most: int) -> None:
    cloud = publish(slow(*MACHINES), *NGINX)
    events: list[Event] = []
    assert run(plan_for(WHOLE, cloud), cloud, parallelism=parallelism, events=events).succeeded
    assert most_at_once(events) == most


def test_waiting_for_azure_costs_no_time_that_is_not_shared() -> None:
    """Three machines at once take as long as one."""
    times = []
    for parallelism in (1, 3):
        cloud, crank = publish(slow(*MACHINES), *NGINX), Crank()
        run(plan_for(WHOLE, cloud), cloud, parallelism=parallelism, crank=crank)
        times.append(crank.now)
    assert times == pytest.approx([60.0, 20.0], abs=1.0)


def test_an_application_and_a_machine_have_one_writer_at_a_time() -> None:
    cloud = slow(*MACHINES)
    events: list[Event] = []
    plan = plan_for(project(*MANY, to=MACHINES), cloud)
    run(plan, cloud, events=events)
    taken: set[str] = set()
    for event in events:
        if isinstance(event, Started):
            assert lane(event.step) not in taken
            taken.add(lane(event.step))
        if isinstance(event, Finished):
            taken.discard(lane(event.step))
    assert most_at_once(events) > 1


def test_a_failed_step_skips_only_what_waits_for_it() -> None:
    cloud = cloud_of(*MACHINES)
    cloud.before = refuse("1.0.1")
    found = outcomes(run(plan_for(project(*MANY, to=MACHINES, version="1.0.1"), cloud), cloud))
    failed = "GalleryApplicationVersion/platform/nginx/1.0.1"
    assert isinstance(found.pop(failed), Failed)
    assert {name: found.pop(name) for name in WEB} == dict.fromkeys(WEB, Skipped(f"{failed}#1"))
    assert set(found.values()) == {Applied()}


def test_a_machine_that_changed_meanwhile_stops_nobody_else() -> None:
    cloud = publish(cloud_of(*MACHINES), *NGINX)
    plan = plan_for(WHOLE, cloud)
    del cloud.boxes[next(key for key in cloud.boxes if key.endswith("web-02"))]
    found = outcomes(run(plan, cloud))
    assert [type(found[name]) for name in WEB] == [Applied, Stale, Applied]


def test_the_report_is_in_plan_order_whatever_ended_first() -> None:
    cloud = slow(*MACHINES)
    plan = plan_for(project(*MANY, to=MACHINES), cloud)
    report = run(plan, cloud, parallelism=3)
    assert [step for step, _ in report.results] == list(plan.steps)
    assert report.succeeded
    assert report.changed
    assert not report.interrupted


def test_every_step_is_begun_once_and_ends_once_and_the_report_comes_last() -> None:
    cloud, events = slow("web-01"), list[Event]()
    report = run(plan_for(project(*NGINX, to=("web-01",)), cloud), cloud, events=events)
    ids = [step.id for step, _ in report.results]
    assert [event.step.id for event in events if isinstance(event, Started)] == ids
    assert [event.step.id for event in events if isinstance(event, Finished)] == ids
    assert {event.wait for event in events if isinstance(event, Waiting)} == {10.0}
    assert all(event.took == pytest.approx(20.0, abs=0.5) for event in events[-2:-1] if isinstance(event, Finished))
    assert events[-1] == Ended(report)


def test_a_plan_of_nothing_ends_at_once() -> None:
    assert run(plan_for(project(), cloud_of()), cloud_of()) == Report(())


def stopped(cloud: MemoryCloud, plan: Plan, *presses: float, parallelism: int = 1) -> tuple[Report, float, list[Event]]:
    """A run in which the stop switch is pressed at these times."""
    crank, stop, events = Crank(), Stop(), list[Event]()
    for moment in presses:
        crank.at(moment, stop.press)
    report = run(plan, cloud, crank=crank, stop=stop, events=events, parallelism=parallelism)
    return report, crank.now, events


def test_a_first_stop_begins_nothing_new_and_waits_for_what_is_in_flight() -> None:
    cloud = publish(slow(*MACHINES), *NGINX)
    report, ended, events = stopped(cloud, plan_for(WHOLE, cloud), 5.0)
    assert list(outcomes(report).values()) == [Applied(), *[Abandoned(in_flight=False)] * 2]
    assert ended == pytest.approx(20.0, abs=1.0)
    assert events.count(Stopping()) == 1
    assert report.interrupted
    assert not report.succeeded
    assert run(plan_for(WHOLE, cloud), cloud).succeeded


def test_a_second_stop_leaves_within_a_second() -> None:
    cloud = publish(slow(*MACHINES, wait=60.0), *NGINX)
    report, ended, _ = stopped(cloud, plan_for(WHOLE, cloud), 5.0, 6.0, parallelism=2)
    assert list(outcomes(report).values()) == [*[Abandoned(in_flight=True)] * 2, Abandoned(in_flight=False)]
    assert ended < 7.0
    assert report.changed


def test_after_the_first_failure_nothing_new_is_begun_when_that_is_asked_for() -> None:
    cloud, events = publish(slow(*MACHINES), *NGINX), list[Event]()
    cloud.before = refuse("web-01")
    report = run(plan_for(WHOLE, cloud), cloud, events=events, parallelism=2, fail_fast=True)
    found = outcomes(report)
    assert isinstance(found[WEB[0]], Failed)
    assert [found[name] for name in WEB[1:]] == [Applied(), Abandoned(False, f"{WEB[0]}#1")]
    assert [event for event in events if isinstance(event, Stopping)] == [Stopping(report.results[0][0])]
    assert not report.interrupted
    assert report.changed


def test_a_stale_step_is_a_failure_too_and_dependents_are_skipped() -> None:
    cloud = cloud_of(*MACHINES)
    cloud.before = refuse("1.0.1")
    plan = plan_for(project(*MANY, to=MACHINES, version="1.0.1"), cloud)
    found = outcomes(run(plan, cloud, parallelism=1, fail_fast=True))
    failed = "GalleryApplicationVersion/platform/nginx/1.0.1"
    assert {name: found[name] for name in WEB} == dict.fromkeys(WEB, Skipped(f"{failed}#1"))
    assert found["GalleryApplicationVersion/platform/nginx/1.0.2"] == Abandoned(False, f"{failed}#1")
    cloud = publish(cloud_of(*MACHINES), *NGINX)
    plan = plan_for(WHOLE, cloud)
    del cloud.boxes[next(key for key in cloud.boxes if key.endswith("web-01"))]
    found = outcomes(run(plan, cloud, parallelism=1, fail_fast=True))
    assert isinstance(found[WEB[0]], Stale)
    assert [found[name] for name in WEB[1:]] == [Abandoned(False, f"{WEB[0]}#1")] * 2


def test_a_step_that_waits_to_write_leaves_it_after_a_failure() -> None:
    cloud = publish(cloud_of("web-01", polls=9), *NGINX[:2], desired("platform", "nginx", "1.0.0"))
    changed = desired("platform", "nginx", "1.0.0", body={"tags": {"a": "b"}})
    plan = plan_for(project(*NGINX[:2], changed, desired("tools")), cloud)
    cloud.begin_update(resource_id("platform", "nginx", "1.0.0"))
    cloud.before = refuse("tools")
    found = outcomes(run(plan, cloud, fail_fast=True))
    assert found["GalleryApplicationVersion/platform/nginx/1.0.0"] == Abandoned(False, "Gallery/tools#1")


def test_a_stop_after_a_failure_is_said_and_is_what_counts() -> None:
    cloud, crank, stop, events = publish(slow(*MACHINES, wait=60.0), *NGINX), Crank(), Stop(), list[Event]()
    cloud.before = refuse("web-01")
    crank.at(5.0, stop.press)
    plan = plan_for(WHOLE, cloud)
    report = run(plan, cloud, crank=crank, stop=stop, events=events, parallelism=2, fail_fast=True)
    said = [event for event in events if isinstance(event, Stopping)]
    assert said == [Stopping(plan.steps[0]), Stopping()]
    assert report.interrupted
    assert report.results[-1][1] == Abandoned(in_flight=False)


def test_a_look_between_waves_is_left_after_a_stop() -> None:
    """Nothing is in flight while it pauses."""
    cloud = publish(cloud_of(*MACHINES), *NGINX)
    look = Verify((), pause=600.0)
    step = Step("VMAssignment/web#1", Address("VMAssignment", ("web",)), None, look, "because")
    report, ended, _ = stopped(cloud, Plan(plan_for(WHOLE, cloud).project, steps=(step,)), 5.0)
    assert list(outcomes(report).values()) == [Abandoned(in_flight=False)]
    assert ended < 6.0


def test_a_stop_before_the_first_step_does_nothing() -> None:
    cloud, stop = cloud_of(*MACHINES), Stop()
    stop.press()
    report = run(plan_for(WHOLE, cloud), cloud, stop=stop)
    assert {outcome for _, outcome in report.results} == {Abandoned(in_flight=False)}
    assert cloud.writes == []
    assert stop.pressed.is_set()


def test_a_step_that_waits_for_its_turn_to_write_does_not_write_after_a_stop() -> None:
    """Somebody else is still writing the version; when they are done, we are gone."""
    cloud = publish(cloud_of(polls=9), *NGINX[:2], desired("platform", "nginx", "1.0.0"))
    changed = desired("platform", "nginx", "1.0.0", body={"tags": {"a": "b"}})
    plan = plan_for(project(*NGINX[:2], changed), cloud)
    cloud.begin_update(resource_id("platform", "nginx", "1.0.0"))
    report, ended, _ = stopped(cloud, plan, 1.0)
    assert list(outcomes(report).values()) == [Abandoned(in_flight=False)]
    assert cloud.writes == []
    assert ended < 2.0


def test_an_error_that_is_no_refusal_is_not_swallowed() -> None:
    cloud = cloud_of()

    def bug(_number: int, _write: Write) -> None:
        raise ZeroDivisionError

    cloud.before = bug
    with pytest.raises(ZeroDivisionError):
        run(plan_for(project(*NGINX), cloud), cloud)


def test_real_threads_and_a_real_clock_come_to_the_same_end() -> None:
    cloud = cloud_of(*MACHINES, polls=2)
    plan = plan_for(project(*MANY, to=MACHINES), cloud)
    report = execute(plan, cloud, rules=RULES, observer=lambda _event: None, stop=Stop(), parallelism=4)
    assert report.succeeded
    assert plan_for(project(*MANY, to=MACHINES), cloud).is_empty
    assert len(written(cloud)) == len(plan.steps)


def test_what_the_guests_said_is_told_before_the_step_ends() -> None:
    cloud, events = publish(cloud_of("web-01"), *NGINX), list[Event]()
    plan = plan_for(project(*NGINX, to=("web-01",)), cloud)
    assert run(plan, cloud, events=events).succeeded
    [step] = plan.steps
    told = [event for event in events if isinstance(event, Verified | Finished)]
    assert told[0] == Verified(step, step.address, "", (Answer("nginx", "1.0.0", "installed", "Install SUCCESS"),))
    assert isinstance(told[1], Finished)
