from __future__ import annotations

from samples import OWNER, machine_id, resource_id
from vmapps.core.action import Action, Assign, Change, Create, Delete, Update, Upload
from vmapps.core.address import Address, ArmId
from vmapps.core.outcome import Abandoned, Applied, Failed, Skipped, Stale
from vmapps.core.plan import Plan, ProjectId, Step
from vmapps.core.schedule import Schedule, lane
from vmapps.errors import Refused

CHANGE = Change(("x",), None, 1)
NO = Failed(Refused("no", scope="here"))


def step(name: str, *needs: str, resource: ArmId | None = None, action: Action | None = None) -> Step:
    return Step(name, Address("Gallery", (name,)), resource, action or Upload("a", 1, "f"), "because", needs=needs)


def schedule(*steps: Step) -> Schedule:
    return Schedule.of(Plan(ProjectId("p", OWNER, "s"), steps=steps))


def names(steps: tuple[Step, ...]) -> list[str]:
    return [one.id for one in steps]


def version(number: str) -> Step:
    return step(number, resource=resource_id("platform", "nginx", number), action=Create((CHANGE,)))


def test_what_needs_nothing_may_start_in_plan_order_while_there_is_room() -> None:
    whole = schedule(step("a"), step("b", "a"), step("c"), step("d"))
    assert names(whole.startable(2)) == ["a", "c"]
    assert names(whole.startable(9)) == ["a", "c", "d"]
    assert whole.startable(0) == ()


def test_what_started_does_not_start_again() -> None:
    whole = schedule(step("a"), step("b"))
    assert names(whole.start(whole.startable(1)).startable(9)) == ["b"]


def test_a_step_may_start_when_all_it_needs_is_done() -> None:
    first, second, third = step("a"), step("b"), step("c", "a", "b")
    whole = schedule(first, second, third).start((first, second)).record(first, Applied())
    assert whole.startable(9) == ()
    assert names(whole.record(second, Applied(changed=False)).startable(9)) == ["c"]


def test_what_waits_for_a_failure_is_skipped_because_of_it() -> None:
    first, other = step("a"), step("x")
    whole = schedule(first, step("b", "a"), step("c", "b"), other, step("d", "x", "c"))
    ended = whole.start((first, other)).record(first, NO)
    assert dict(ended.outcomes) == {"a": NO, "b": Skipped("a"), "c": Skipped("a"), "d": Skipped("a")}
    assert not ended.is_over
    over = ended.record(other, Applied())
    assert over.is_over
    assert over.startable(9) == ()
    assert over.outcomes["x"] == Applied()


def test_of_two_failures_the_first_is_named() -> None:
    first, second = step("a"), step("b")
    whole = schedule(first, second, step("c", "a", "b")).start((first, second))
    assert whole.record(first, NO).record(second, Stale("moved")).outcomes["c"] == Skipped("a")


def test_one_writer_per_application() -> None:
    """Versions of one application are written one after the other [azure-facts 4.6]."""
    one, two, other = version("1.0.0"), version("2.0.0"), step("g", resource=resource_id("platform"))
    whole = schedule(one, two, other)
    assert names(whole.startable(9)) == ["1.0.0", "g"]
    started = whole.start((one,))
    assert names(started.startable(9)) == ["g"]
    assert names(started.record(one, Applied()).startable(9)) == ["2.0.0", "g"]


def test_lanes() -> None:
    application = step("a", resource=resource_id("Platform", "NGINX"), action=Update((CHANGE,)))
    other = step("b", resource=resource_id("platform", "agent"), action=Delete())
    machine = step("m", resource=machine_id("WEB-01"), action=Assign((CHANGE,)))
    gallery = step("g", resource=resource_id("platform"), action=Create((CHANGE,)))
    assert lane(application) == lane(version("1.0.0"))
    assert len({lane(one) for one in (application, other, machine, gallery, step("u"))}) == 5
    assert lane(machine) == machine_id("web-01").key


def test_a_report_is_in_plan_order_and_says_what_was_left() -> None:
    first, second = step("b"), step("a")
    whole = schedule(first, second, step("c", "a")).start((first, second)).record(second, Applied())
    report = whole.report(interrupted=True)
    assert [(one.id, outcome) for one, outcome in report.results] == [
        ("b", Abandoned(in_flight=True)),
        ("a", Applied()),
        ("c", Abandoned(in_flight=False)),
    ]
    assert report.changed
    assert not report.succeeded


def test_a_report_of_nothing_done_changed_nothing() -> None:
    first = step("a")
    whole = schedule(first).start((first,))
    assert not whole.record(first, Applied(changed=False)).report(interrupted=False).changed
    assert not whole.record(first, NO).report(interrupted=False).changed
    assert whole.record(first, Failed(NO.failure, begun=True)).report(interrupted=False).changed
    assert whole.record(first, Applied(changed=False)).report(interrupted=False).succeeded
    assert schedule().is_over


def test_what_an_earlier_run_has_gone_past_is_not_started_again() -> None:
    """What waits for it goes on."""
    plan = Plan(ProjectId("p", OWNER, "s"), steps=(step("a"), step("b", "a"), step("c")))
    whole = Schedule.of(plan, done=frozenset({"a"}))
    assert set(names(whole.startable(9))) == {"b", "c"}
    assert dict(whole.outcomes) == {"a": Applied(changed=False)}
