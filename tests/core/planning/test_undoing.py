"""The way back of a rollout that halts: what it puts back, on what condition, and what waits for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from samples import (
    HOME,
    OWNER,
    PROJECT,
    RULES,
    STORE,
    assignment,
    declarations,
    desired,
    entry,
    machine,
    mark_text,
    observed,
    sha256,
    version_body,
    wanted,
)
from vmapps.core.action import Assign, UpgradeInstances, changes_of
from vmapps.core.address import Address, ArmId
from vmapps.core.declaration import Declarations, Rollout, Selector, Target, Wave
from vmapps.core.diagnostic import Span
from vmapps.core.drifting import drift_of
from vmapps.core.entries import on_wire, place_digest
from vmapps.core.guest import GuestReport
from vmapps.core.guest_effects import LAST_ENTRY
from vmapps.core.plan import Expectation, Options, Plan, Step
from vmapps.core.planning.make import make_plan, weigh
from vmapps.core.resource import Entry, Instance, Instances, Link, Machine, World
from vmapps.render.plan_json import from_json, to_json

HERE = Span("apps.yaml", 3, 1)
WEB = Address("VMAssignment", ("web",))
NAMES = tuple(f"web-{number:02}" for number in range(4))
TWO = ("1.0.0", "1.1.0")
BODY = version_body(manageActions={"install": "sh i.sh", "update": "sh u.sh", "remove": "sh r.sh"})
ABOVE = (("platform",), ("platform", "nginx"))
LIVE = (*(observed(*one) for one in ABOVE), *(observed(*ABOVE[1], one, body=BODY) for one in TWO))
STAGED = Rollout((Wave(most=1), Wave(most=2), Wave(percent=100)))
CONFIGURED = "https://conf.blob.core.windows.net/c/old.conf"


def project(*more: Any, rollout: Rollout = STAGED, versions: tuple[str, ...] = TWO, **fields: Any) -> Declarations:
    """Everything at 1.1.0, in three waves."""
    resources = (*(desired(*one) for one in ABOVE), *(desired(*ABOVE[1], one, body=BODY) for one in versions))
    target = Target(HERE, selector=Selector(kinds=("VirtualMachine", "VirtualMachineScaleSet")))
    one = replace(assignment(wanted("1.1.0", **fields)), targets=(target,), rollout=rollout, upgrade_instances=True)
    return declarations(*resources, assignments=(one, *more))


def ours(name: str, number: str = "1.0.0", **more: Any) -> Entry:
    return entry(number, owner=OWNER, on=name, **more)


def fleet(*extra: Machine, **more: Any) -> World:
    """Four machines with 1.0.0."""
    machines = [machine(ours(name, **more), name=name) for name in NAMES]
    reports = {one.address: GuestReport() for one in machines}
    return replace(World.of(iter((*LIVE, *machines, *extra))), reports=reports)


def plan(declared: Declarations, world: World, **options: Any) -> Plan:
    found = make_plan(declared, world, RULES, Options(**{"rollback_on_halt": True, **options}))
    assert not found.errored, found.diagnostics
    assert from_json(to_json(found)) == found
    return found


def back(found: Plan) -> list[Step]:
    return [step for step in found.steps if step.only_if]


def forward(found: Plan, one: Step) -> Step:
    return next(step for step in found.steps if step.address == one.address and not step.only_if)


def test_every_machine_that_a_look_follows_has_a_way_back() -> None:
    found = plan(project(), fleet())
    first, second = (step for step in found.steps if step.verb == "verify")
    assert [(step.wave, step.only_if) for step in back(found)] == [(1, (first.id, second.id)), (2, (second.id,))]
    for step in back(found):
        (there,), (here,) = changes_of(forward(found, step).action), changes_of(step.action)
        assert (here.path, here.before) == (there.path, there.after)
        assert isinstance(here.after, dict)
        assert isinstance(there.before, dict)
        assert {**here.after, "tags": there.before["tags"]} == there.before
        assert here.after["tags"] == mark_text(machine=step.address.name[1]).replace("}", ',"halted":"1.1.0"}')
        assert step.guest == ("nginx: downgrade 1.1.0 -> 1.0.0: runs 1.0.0's update script",)


def test_only_when_it_is_asked_for() -> None:
    assert back(plan(project(), fleet(), rollback_on_halt=False)) == []
    assert back(plan(project(), fleet(), rollout="single")) == [], "nothing halts where nobody looks"


def test_the_wave_that_a_plan_ends_with_may_go_back_too() -> None:
    """An approval stands before the next one: the look comes at the end of this run, not at the beginning of that."""
    first = plan(project(), fleet(), through_wave=1)
    assert [step.verb for step in first.steps] == ["assign", "verify", "assign"]
    assert back(first)[0].only_if == (first.steps[1].id,)
    plain = plan(project(), fleet(), through_wave=1, rollback_on_halt=False)
    assert [step.verb for step in plain.steps] == ["assign"]
    done = [one for one in fleet().machines.values() if one.address == first.steps[0].address]
    canary = machine(ours(done[0].id.name, "1.1.0"), name=done[0].id.name)
    there = replace(fleet(), machines={**fleet().machines, canary.address: canary})
    assert plan(project(), there, through_wave=1).steps == (), "what is done was looked at then"


def test_it_is_counted_apart() -> None:
    found = plan(project(), fleet())
    assert found.summary["assign"] == 4
    assert found.summary["conditional"] == 2
    assert (found.machines, found.deletes) == (0, 0)
    assert "conditional" not in plan(project(), fleet(), rollback_on_halt=False).summary


def test_what_was_not_there_is_taken_off_again() -> None:
    """The machine's last application then leaves, and the plan says what that means."""
    bare = World.of(iter((*LIVE, *(machine(name=name) for name in NAMES))))
    shared = World.of(iter((*LIVE, *(machine(entry(application="agent"), name=name) for name in NAMES))))
    for world, lines in ((bare, (LAST_ENTRY,)), (shared, ())):
        found = plan(project(), world)
        assert back(found)
        assert found.deletes == 0
        for step in back(found):
            assert [change.after for change in changes_of(step.action)] == [None]
            assert step.guest == ("nginx: remove 1.1.0 (runs its remove script)", *lines)


def test_what_it_would_put_back_goes_only_after_the_looks() -> None:
    """1.0.0 is no longer declared; the first waves stop using it, and may still go back to it."""
    rest = [machine(ours(name, "1.1.0"), name=name) for name in NAMES]
    gates = {step.address: step.wave for step in plan(project(), fleet()).steps if step.verb == "assign"}
    old = [machine(ours(one.name, "0.9.0"), name=one.name) for one in (m.id for m in rest) if gates[by(one)] == 3]
    first = [machine(ours(one.name), name=one.name) for one in (m.id for m in rest) if gates[by(one)] != 3]
    gone = observed(*ABOVE[1], "0.9.0", body=BODY)
    world = World.of(iter((*LIVE, gone, *old, *first)))
    found = plan(project(versions=TWO[1:]), world, prune=True)
    looks = [step.id for step in found.steps if step.verb == "verify"]
    (delete,) = (step for step in found.steps if step.verb == "delete" and step.address.name[2] == "1.0.0")
    assert set(looks) <= set(delete.needs)
    plain = plan(project(versions=TWO[1:]), world, prune=True, rollback_on_halt=False)
    (free,) = (step for step in plain.steps if step.id == delete.id)
    assert not set(looks) & set(free.needs)


def by(arm_id: ArmId) -> Address:
    return Address("VirtualMachine", ("rg-web", arm_id.name))


@pytest.mark.parametrize(
    ("row", "before", "after", "kept"),
    [
        ("one that a SAS may have been in", Link(CONFIGURED), None, None),
        ("one that this plan writes too", Link(CONFIGURED), Link(CONFIGURED, digest="d"), Link(CONFIGURED, digest="d")),
        (
            "a package of our store",
            Link(STORE.link(sha256("conf")).url),
            None,
            Link(STORE.link(sha256("conf")).url, blob=sha256("conf"), access="public"),
        ),
        ("a package of another store", Link(f"https://x.blob.core.windows.net/c/sha256/{'0' * 64}"), None, None),
    ],
)
def test_a_configuration_comes_back_where_its_link_can_be_sent(
    row: str, before: Link, after: Link | None, kept: Link | None
) -> None:
    store = replace(STORE, configuration_access="public")
    declared = replace(project(configuration=after), project=replace(PROJECT, store=store))
    found = plan(declared, fleet(configuration=before))
    notes = [note.address for note in found.notes if note.code == "not-put-back"]
    assert bool(notes) == (kept is None)
    bodies = [change.after for step in back(found) for change in changes_of(step.action)]
    assert [body["configurationReference"] for body in bodies if isinstance(body, dict)] == [kept] * len(bodies)
    assert len(bodies) == (2 if kept else 0)


def test_what_depends_leaves_before_what_it_needs() -> None:
    """nginx and base are new, in this order; on the way back in the other one, by two writes."""
    more = (observed("platform", "base"), observed("platform", "base", "1.0.0", content="base"))
    world = World.of(iter((*LIVE, *more, *(machine(entry(application="x"), name=name) for name in NAMES))))
    base = project(order=2)
    several = (*base.assignments[0].applications, wanted("1.0.0", "base", order=1))
    declared = replace(
        base,
        resources=(*base.resources, desired("platform", "base"), desired("platform", "base", "1.0.0", content="base")),
        assignments=(replace(base.assignments[0], applications=several, rollout=TWO_WAVES),),
    )
    first, second = back(plan(declared, world))
    assert [[change.path[1] for change in changes_of(step.action)] for step in (first, second)] == [
        ["platform/nginx"],
        ["platform/base"],
    ]
    assert second.needs == (first.id,)
    assert second.only_if == first.only_if


TWO_WAVES = Rollout((Wave(most=1), Wave(percent=100)))
SET = Address("VirtualMachineScaleSet", ("rg-web", "web-ss"))


def scale_set(number: str) -> Machine:
    arm_id = ArmId(HOME, "rg-web", ("virtualMachineScaleSets",), ("web-ss",))
    return Machine(SET, arm_id, "westeurope", "Linux", entries=(entry(number),), upgrade_mode="Manual", capacity=3)


@pytest.mark.parametrize(("number", "steps"), [("1.0.0", ["assign", "upgrade"]), ("1.1.0", [])])
def test_a_scale_set_gets_its_model_back_and_its_instances_too(number: str, steps: list[str]) -> None:
    one = scale_set(number)
    nodes = tuple(Instance(str(at), latest=number == "1.0.0", report=GuestReport()) for at in range(3))
    world = replace(World.of(iter((*LIVE, one))), instances={SET: Instances(one.id, nodes)})
    extra = machine(ours("web-00"), name="web-00")
    world = replace(world, machines={**world.machines, extra.address: extra}, reports={extra.address: GuestReport()})
    rollout = Rollout((Wave(locations=("westeurope",)), Wave(percent=100)))
    world = replace(world, machines={**world.machines, extra.address: replace(extra, location="northeurope")})
    both = version_body(regions=("westeurope", "northeurope"))
    bodies = {
        key: replace(live, body={**live.body, **both}) if len(key.name) == 3 else live
        for key, live in world.resources.items()
    }
    declared = project(rollout=rollout)
    resources = tuple(replace(one, body=both) if len(one.address.name) == 3 else one for one in declared.resources)
    found = plan(replace(declared, resources=resources), replace(world, resources=bodies))
    ways = [step for step in back(found) if step.address == SET]
    assert [step.verb for step in ways] == steps
    if not steps:
        (note,) = (note for note in found.notes if note.code == "not-put-back")
        assert note.address == SET
        return
    model, pushed = ways
    assert isinstance(pushed.action, UpgradeInstances)
    assert pushed.action.applications == (("nginx", "1.0.0"),)
    assert pushed.action.pushed
    assert pushed.needs == (model.id,)


def test_where_two_rollouts_meet_each_goes_back_by_itself() -> None:
    """What the other one changes on the machine is not looked at."""
    agent = (desired("platform", "agent"), desired("platform", "agent", "1.0.0", content="agent"))
    live = (observed("platform", "agent"), observed("platform", "agent", "1.0.0", content="agent"))
    target = Target(HERE, selector=Selector())
    other = assignment(wanted("1.0.0", "agent"), name="all", targets=(target,), rollout=TWO_WAVES)
    declared = project(other, rollout=TWO_WAVES)
    declared = replace(declared, resources=(*declared.resources, *agent))
    found = plan(declared, replace(fleet(), resources={**fleet().resources, **{one.address: one for one in live}}))
    for step in back(found):
        (change,) = changes_of(step.action)
        (look,) = step.only_if
        assert look.startswith("VMAssignment/all" if change.path[1] == "platform/agent" else "VMAssignment/web")
        assert step.expects == Expectation(digest=place_digest(fleet().machines[step.address]))


def put_back(name: str) -> World:
    """As a halted rollout leaves a machine."""
    tags = mark_text(machine=name).replace("}", ',"halted":"1.1.0"}')
    there = fleet()
    one = machine(replace(ours(name), tags=tags), name=name)
    (live,) = one.entries
    assert live.mark is not None
    marked = replace(one, entries=(replace(live, mark=replace(live.mark, halted="1.1.0")),))
    return replace(there, machines={**there.machines, one.address: marked})


def test_a_rollout_that_was_put_back_stays_halted_until_it_is_resumed_or_another_version_is_declared() -> None:
    (canary,) = (
        step.address.name[1]
        for step in plan(project(), fleet()).steps
        if step.wave == 1 and step.verb == "assign" and not step.only_if
    )
    world = put_back(canary)
    halted = plan(project(), world)
    assert halted.steps == ()
    (note,) = (note for note in halted.notes if note.code == "halted")
    assert "wave 1 and what follows (4 machines) is not planned: 1 put back from the declared version" in note.text
    assert drift_of(weigh(project(), world, RULES, Options(metadata_now=True))).items == ()
    assert len(back(plan(project(), world, resume=("VMAssignment/web",)))) == 2
    newer = (*LIVE, observed(*ABOVE[1], "1.2.0", body=BODY))
    another = replace(world, resources={one.address: one for one in newer})
    declared = project(versions=(*TWO, "1.2.0"))
    (one,) = declared.assignments
    moved = replace(declared, assignments=(replace(one, applications=(wanted("1.2.0"),)),))
    assert len(back(plan(moved, another))) == 2


def test_a_way_back_is_no_drift() -> None:
    found = weigh(project(), fleet(), RULES, Options(rollback_on_halt=True))
    assert len(drift_of(found).items) == 1


def test_an_entry_that_carried_no_mark_is_ours_on_the_way_back() -> None:
    world = World.of(iter((*LIVE, *(machine(entry(tags="free text"), name=name) for name in NAMES))))
    for step in back(plan(project(), world)):
        (change,) = changes_of(step.action)
        assert isinstance(step.action, Assign)
        assert change.after == on_wire(entry(tags="free text")), "what is no mark is left as it was"
