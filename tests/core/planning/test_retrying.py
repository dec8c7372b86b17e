"""What failed or was skipped, off the list and on it again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from samples import HERE, OWNER, RULES, assignment, declarations, desired, entry, machine, observed, wanted
from vmapps.core.action import Assign
from vmapps.core.address import Address, ArmId
from vmapps.core.declaration import Target
from vmapps.core.diagnostic import Diagnostic, Span
from vmapps.core.guest import GuestReport, InGuest, State
from vmapps.core.plan import Options
from vmapps.core.planning.findings import Draft, Finding, Question, Topic
from vmapps.core.planning.retrying import retries
from vmapps.core.resource import Entry, Instance, Instances, Machine, World

PLATFORM = (desired("platform"), desired("platform", "nginx"), desired("platform", "nginx", "1.0.0"))
LIVE = (observed("platform"), observed("platform", "nginx"), observed("platform", "nginx", "1.0.0"))
OTHER = entry(application="agent")
SET_ID = ArmId("11111111-1111-1111-1111-111111111111", "rg-web", ("virtualMachineScaleSets",), ("web-ss",))
SET = Address("VirtualMachineScaleSet", ("rg-web", "web-ss"))


def says(state: State, version: str = "1.0.0") -> GuestReport:
    return GuestReport((InGuest("nginx", version, state, "why"),))


def tried(*entries: Entry, report: GuestReport | None, **options: Any) -> list[Finding]:
    one = machine(*entries)
    world = World.of(iter((*LIVE, one)))
    if report is not None:
        world = replace(world, reports={one.address: report})
    declared = declarations(*PLATFORM, assignments=(assignment(wanted()),))
    return list(retries(declared, world, RULES, Options(**options)))


@pytest.mark.parametrize(
    ("state", "first"),
    [
        (State.FAILED, "nginx: remove 1.0.0 (runs its remove script); 1.0.0 failed before"),
        (
            State.SKIPPED,
            "nginx: forget 1.0.0: the remove script will not run (it was skipped before); an older one, if any, stays",
        ),
    ],
)
def test_two_writes_that_say_whether_the_remove_script_runs(state: State, first: str) -> None:
    one, two = tried(entry(owner=OWNER), OTHER, report=says(state))
    assert isinstance(one, Draft)
    assert isinstance(two, Draft)
    assert isinstance(one.action, Assign)
    assert isinstance(two.action, Assign)
    assert (one.turn, two.turn) == (0, 1)
    assert one.action.changes[0].after is None
    assert two.action.changes[0].before is None
    assert one.guest == (first,)
    assert two.guest == ("nginx: install 1.0.0 again",)


@pytest.mark.parametrize(
    ("row", "live", "report"),
    [
        ("installed", entry(owner=OWNER), says(State.INSTALLED)),
        ("unknown", entry(owner=OWNER), says(State.UNKNOWN)),
        ("trouble with another version", entry(owner=OWNER), says(State.FAILED, "0.9.0")),
        ("not at the declared version", entry("0.9.0", owner=OWNER), says(State.FAILED)),
        ("another owner's", entry(owner="other.1"), says(State.FAILED)),
        ("a copied mark", entry(owner=OWNER, on="template"), says(State.FAILED)),
    ],
)
def test_nothing_else_is_retried(row: str, live: Entry, report: GuestReport) -> None:
    assert tried(live, OTHER, report=report) == []


def test_a_guest_that_was_not_asked_is_asked() -> None:
    (question,) = tried(entry(owner=OWNER), OTHER, report=None)
    assert isinstance(question, Question)
    assert question.topic is Topic.REPORT


def test_a_machine_s_only_entry_is_refused_with_the_ways_out() -> None:
    (problem,) = tried(entry(owner=OWNER), report=says(State.FAILED))
    assert isinstance(problem, Diagnostic)
    assert problem.code == "no-retry"
    assert "publish and assign a new version" in problem.hint


def test_targets_narrow_it_and_have_to_name_something() -> None:
    (problem,) = tried(entry(owner=OWNER), OTHER, report=says(State.FAILED), targets=("VirtualMachine/rg-web/web-1",))
    assert isinstance(problem, Diagnostic)
    assert problem.code == "no-such-machine"
    assert problem.hint == "nearest are VirtualMachine/rg-web/web-01"
    (problem,) = tried(entry(owner=OWNER), OTHER, report=says(State.FAILED), targets=("x",))
    assert isinstance(problem, Diagnostic)
    assert "is named as in" in problem.hint
    named = ("VirtualMachine/rg-web/*",)
    assert len(tried(entry(owner=OWNER), OTHER, report=says(State.FAILED), targets=named)) == 2


def test_what_is_refused_does_not_stop_the_rest() -> None:
    alone, other = machine(entry(owner=OWNER)), machine(entry(owner=OWNER, on="web-02"), OTHER, name="web-02")
    world = World.of(iter((*LIVE, alone, other)))
    world = replace(world, reports={one.address: says(State.FAILED) for one in (alone, other)})
    declared = declarations(*PLATFORM, assignments=(assignment(wanted(), to=("web-01", "web-02")),))
    problem, *drafts = retries(declared, world, RULES, Options())
    assert isinstance(problem, Diagnostic)
    assert (problem.code, problem.is_error) == ("no-retry", False)
    assert [one.address.name[-1] for one in drafts if isinstance(one, Draft)] == ["web-02", "web-02"]


def test_a_scale_set_is_refused_with_the_ways_out() -> None:
    model = Machine(SET, SET_ID, "westeurope", "Linux", entries=(entry(owner=OWNER),), upgrade_mode="Manual")
    target = Target(Span("vmapps.yaml"), machine=SET)
    declared = declarations(*PLATFORM, assignments=(replace(assignment(wanted()), targets=(target,)),))
    found = Instances(SET_ID, (Instance("0", latest=True, report=says(State.FAILED)),))
    world = replace(World.of(iter((*LIVE, model))), instances={SET: found})
    (problem,) = retries(declared, world, RULES, Options())
    assert isinstance(problem, Diagnostic)
    assert "nginx 1.0.0 failed on instance 0" in problem.summary
    assert "reimage the instance" in problem.hint


def on_set(*reports: GuestReport | None, known: bool = True, claimed: str = "nginx") -> list[Finding]:
    """What is said of a scale set whose instances report this."""
    model = Machine(SET, SET_ID, "westeurope", "Linux", entries=(entry(owner=OWNER),), upgrade_mode="Manual")
    wish = wanted("", claimed, absent=True) if claimed != "nginx" else wanted()
    declared = declarations(*PLATFORM, assignments=(assignment(wish, targets=(Target(HERE, machine=SET),)),))
    several = tuple(Instance(str(number), latest=True, report=one) for number, one in enumerate(reports))
    instances = {SET: Instances(SET_ID, several)} if known else {}
    return list(retries(declared, replace(World.of(iter((*LIVE, model))), instances=instances), RULES, Options()))


@pytest.mark.parametrize(
    ("row", "found", "count"),
    [
        ("all is well", on_set(says(State.INSTALLED)), 0),
        ("nobody reported", on_set(None), 0),
        ("trouble with what is not claimed", on_set(says(State.FAILED), claimed="agent"), 0),
        ("skipped", on_set(says(State.SKIPPED)), 1),
        ("two instances in trouble", on_set(says(State.FAILED), says(State.INSTALLED), says(State.FAILED)), 2),
    ],
)
def test_instances_in_trouble_are_named(row: str, found: list[Finding], count: int) -> None:
    assert [one.code for one in found if isinstance(one, Diagnostic)] == ["no-retry"] * count
    assert len(found) == count


def test_a_set_s_instances_are_asked_first() -> None:
    assert on_set(known=False) == [Question(Topic.INSTANCES, SET, SET_ID)]


@pytest.mark.parametrize(
    ("row", "live"),
    [
        ("by its mark", entry(owner=OWNER)),
        ("by a former name's", entry(owner="old")),
        ("by its application", entry()),
    ],
)
def test_what_is_ours_is_retried(row: str, live: Entry) -> None:
    found = tried(live, OTHER, report=says(State.FAILED))
    assert [type(one) for one in found] == [Draft, Draft]


def test_what_is_in_trouble_is_said_for_each_reason() -> None:
    (first, _) = tried(entry(owner=OWNER), OTHER, report=says(State.SKIPPED))
    (second, _) = tried(entry(owner=OWNER), OTHER, report=says(State.FAILED))
    assert isinstance(first, Draft)
    assert isinstance(second, Draft)
    assert first.because == "platform/nginx 1.0.0 was skipped in the guest"
    assert second.because == "platform/nginx 1.0.0 failed in the guest"


def test_what_is_not_on_the_machine_is_not_retried() -> None:
    assert tried(OTHER, report=says(State.FAILED)) == []


def test_what_is_wrong_with_the_assignments_is_said_here_too() -> None:
    declared = declarations(*PLATFORM, assignments=(assignment(wanted("7.x")),))
    problem, _ = retries(declared, World.of(iter((*LIVE, machine()))), RULES, Options())
    assert isinstance(problem, Diagnostic)
    assert problem.code == "no-such-version"
