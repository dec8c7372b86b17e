from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from samples import OWNER, machine_id, resource_id
from vmapps.core.action import Action, Assign, Change, Create, Delete, Update, Upload
from vmapps.core.address import Address, ArmId
from vmapps.core.outcome import HALTED, Abandoned, Applied, Failed, NotNeeded, Outcome, Skipped, Stale
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


HALT = Failed(Refused("too many", scope="here", code=HALTED))


def conditional(name: str, *looks: str, needs: tuple[str, ...] = ()) -> Step:
    return replace(step(name, *needs), only_if=looks)


def test_a_step_with_a_condition_is_not_needed_when_no_look_halts() -> None:
    look, other = step("look"), step("x")
    whole = schedule(look, conditional("back", "look"), conditional("more", "look", needs=("back",)), other)
    assert names(whole.startable(9)) == ["look", "x"]
    ended = whole.start((look,)).record(look, Applied(changed=False))
    assert dict(ended.outcomes) == {"look": Applied(changed=False), "back": NotNeeded(), "more": NotNeeded()}
    assert ended.start((other,)).record(other, Applied()).report(interrupted=False).succeeded


def test_a_look_that_halts_starts_what_goes_back() -> None:
    look = step("look")
    whole = schedule(
        look, step("next", "look"), conditional("back", "look"), conditional("more", "look", needs=("back",))
    )
    halted = whole.start((look,)).record(look, HALT)
    assert halted.outcomes["next"] == Skipped("look")
    (back,) = halted.startable(9)
    assert back.id == "back"
    assert names(halted.start((back,)).record(back, Applied()).startable(9)) == ["more"]
    failed = halted.start((back,)).record(back, NO)
    assert failed.outcomes["more"] == Skipped("back")
    assert failed.is_over
    assert not failed.report(interrupted=False).succeeded


def test_a_look_that_could_not_look_takes_nothing_back() -> None:
    look = step("look")
    whole = schedule(look, conditional("back", "look"))
    assert whole.start((look,)).record(look, NO).outcomes["back"] == NotNeeded()


def test_a_look_that_was_given_up_leaves_it_open() -> None:
    look = step("look")
    whole = schedule(look, conditional("back", "look"))
    ended = whole.start((look,)).record(look, Abandoned(in_flight=False))
    assert ended.is_over
    assert ended.report(interrupted=True).results[1][1] == Abandoned(in_flight=False)


def test_of_two_looks_the_one_that_halts_counts_and_the_other_is_skipped() -> None:
    first, second = step("first"), step("second", "first")
    whole = schedule(first, second, conditional("one", "first", "second"), conditional("two", "second"))
    early = whole.start((first,)).record(first, HALT)
    assert early.outcomes["two"] == NotNeeded()
    assert names(early.startable(9)) == ["one"]
    later = whole.start((first,)).record(first, Applied()).start((second,)).record(second, HALT)
    assert names(later.startable(9)) == ["one", "two"]


def test_who_waits_for_what_is_not_needed_goes_on() -> None:
    look = step("look")
    last, end = replace(step("last"), waits=("back",)), step("end", "back")
    whole = schedule(look, conditional("back", "look"), last, end)
    assert names(whole.start((look,)).record(look, Applied()).startable(9)) == ["end", "last"]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Step, ...]:
    """Steps that need, watch or depend on the outcome of any that come before them."""
    steps: list[Step] = []
    for number in range(draw(st.integers(1, 9))):
        before = st.lists(st.sampled_from([one.id for one in steps]), max_size=3, unique=True) if steps else st.just([])
        kinds: list[list[str]] = [[], [], []]
        for name in draw(before):
            kinds[draw(st.integers(0, 2))].append(name)
        needs, waits, only_if = map(tuple, kinds)
        steps.append(replace(step(str(number), *needs), waits=waits, only_if=only_if))
    return tuple(steps)


@given(graphs(), st.integers(1, 4), st.data())
def test_any_interleaving_ends_and_conditions_are_kept(steps: tuple[Step, ...], room: int, data: st.DataObject) -> None:
    whole, running = schedule(*steps), list[Step]()
    ended: dict[str, Outcome] = {}
    while not whole.is_over:
        started = whole.startable(room - len(running))
        for one in started:
            assert all(isinstance(whole.outcomes.get(name), Applied | NotNeeded) for name in one.needs)
            assert all(name in whole.outcomes for name in one.waits)
            assert not one.only_if or any(whole.outcomes.get(name) == HALT for name in one.only_if)
        whole = whole.start(started)
        running.extend(started)
        one = running.pop(data.draw(st.integers(0, len(running) - 1)))
        ended[one.id] = data.draw(st.sampled_from([Applied(), Applied(changed=False), NO, HALT]))
        whole = whole.record(one, ended[one.id])
    assert set(whole.outcomes) == {one.id for one in steps}
    for one in steps:
        outcome = whole.outcomes[one.id]
        assert isinstance(outcome, Skipped | NotNeeded) == (one.id not in ended)
        if isinstance(outcome, NotNeeded):
            assert one.only_if
            assert HALT not in [whole.outcomes[name] for name in one.only_if]


def test_what_an_earlier_run_has_gone_past_is_not_started_again() -> None:
    """What waits for it goes on."""
    plan = Plan(ProjectId("p", OWNER, "s"), steps=(step("a"), step("b", "a"), step("c")))
    whole = Schedule.of(plan, done=frozenset({"a"}))
    assert set(names(whole.startable(9))) == {"b", "c"}
    assert dict(whole.outcomes) == {"a": Applied(changed=False)}
