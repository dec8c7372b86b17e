"""Right before an upgrade, a discard or a look, and when an object has several steps."""

from __future__ import annotations

import pytest

from samples import OWNER, RULES, address, desired, entry, machine, observed, resource_id
from vmapps.core.action import Assign, Change, Create, Delete, Discard, UpgradeInstances, Verify
from vmapps.core.address import Address
from vmapps.core.entries import on_wire, others_digest, path_of
from vmapps.core.fields import Rules
from vmapps.core.plan import Expectation, Plan, ProjectId, Step
from vmapps.core.planning.resources import create
from vmapps.core.resource import Instance, Instances, Machine, Seen
from vmapps.core.settle import Busy, Drop, Moved, Push, PutEntries, Remove, Settled, Verdict, is_done, settle
from vmapps.core.superseded import superseded

SET_ID = resource_id("set")
SET = Address("VirtualMachineScaleSet", ("rg-web", "set"))


def upgrade(*, pushed: bool = True) -> Step:
    return Step("u#1", SET, SET_ID, UpgradeInstances(("0", "1"), pushed), "")


def several(*latest: bool, rolling: str = "", protected: str = "") -> Instances:
    found = [Instance(str(at), one, is_protected=str(at) == protected) for at, one in enumerate(latest)]
    return Instances(SET_ID, tuple(found), rolling)


@pytest.mark.parametrize(
    ("row", "pushed", "fresh", "verdict"),
    [
        ("all are old", True, several(False, False), Push(SET_ID, ("0", "1"))),
        ("one is old", True, several(True, False), Push(SET_ID, ("1",))),
        ("none is old", True, several(True, True), Settled()),
        ("a new one is not of this plan", True, several(True, True, False), Settled()),
        ("one is gone", True, several(True), Settled()),
        ("Azure goes on", False, several(True, False, rolling="RollingForward"), Busy()),
        ("Azure has not begun", False, several(False, False), Busy()),
        ("Azure is done", False, several(True, True, rolling="Completed"), Settled()),
    ],
)
def test_an_upgrade(row: str, pushed: bool, fresh: Instances, verdict: Verdict) -> None:
    assert settle(upgrade(pushed=pushed), fresh, Rules()) == verdict
    assert is_done(upgrade(pushed=pushed), fresh, Rules()) == (verdict == Settled())


@pytest.mark.parametrize(
    ("row", "pushed", "fresh", "why"),
    [
        ("the set is gone", True, None, "gone"),
        ("protected meanwhile", True, several(False, False, protected="1"), "1 is now protected"),
        ("the rolling upgrade failed", False, several(True, False, rolling="Faulted"), "ended (Faulted) and left 1"),
    ],
)
def test_an_upgrade_that_cannot_go_on(row: str, pushed: bool, fresh: Seen | None, why: str) -> None:
    verdict = settle(upgrade(pushed=pushed), fresh, Rules())
    assert isinstance(verdict, Moved)
    assert why in verdict.why


def test_a_discard_and_a_look_depend_on_nothing() -> None:
    assert settle(Step("d#1", SET, None, Discard("ab"), ""), None, Rules()) == Drop("ab")
    assert settle(Step("v#1", SET, None, Verify(()), ""), None, Rules()) == Settled()


KEPT, OLD = entry(application="agent"), entry(order=4, owner=OWNER)
BEFORE, BETWEEN = machine(OLD, KEPT), machine(KEPT)
PATH = path_of(OLD.reference)  # type: ignore[arg-type]
STAYS = (path_of(KEPT.reference),)  # type: ignore[arg-type]
WANTED = {name: value for name, value in on_wire(OLD).items() if name != "order"}
DROP = Change(PATH, on_wire(OLD), None)
PUT = Change(PATH, None, WANTED)
FIRST = Step(
    "m#1",
    BEFORE.address,
    BEFORE.id,
    Assign((DROP,)),
    "",
    expects=Expectation((), others_digest(BEFORE, (DROP,), (), STAYS), later=(PUT,), kept=STAYS),
)
SECOND = Step(
    "m#2",
    BEFORE.address,
    BEFORE.id,
    Assign((PUT,)),
    "",
    expects=Expectation((PATH,), others_digest(BEFORE, (PUT,), (PATH,), STAYS), kept=STAYS),
)
AFTER = machine(KEPT, entry(owner=OWNER))


@pytest.mark.parametrize(
    ("row", "step", "fresh", "verdict"),
    [
        ("first, before", FIRST, BEFORE, PutEntries),
        ("first, done", FIRST, BETWEEN, Settled),
        ("first, when the second is done too", FIRST, AFTER, Settled),
        ("second, after the first", SECOND, BETWEEN, PutEntries),
        ("second, done", SECOND, AFTER, Settled),
        ("second, when others wrote meanwhile", SECOND, machine(KEPT, entry(application="new")), PutEntries),
        ("second, when another of ours is gone", SECOND, machine(entry(application="new")), Moved),
        ("first, when another of ours is gone", FIRST, machine(OLD), Moved),
    ],
)
def test_two_writes_of_one_machine(row: str, step: Step, fresh: Machine, verdict: type) -> None:
    assert isinstance(settle(step, fresh, Rules()), verdict)


NEW = desired("platform", "nginx", body={"properties": {"supportedOSType": "Windows"}})
MARK = Change(("tags", "vmapps-owner"), OWNER, None)


def replacement() -> Plan:
    from samples import asked

    made = create(NEW, asked())
    assert isinstance(made.action, Create)
    root = Step("a#1", NEW.address, NEW.id, Delete((MARK,)), "", expects=Expectation(later=made.action.changes))
    child = Step(
        "v#1", address("platform", "nginx", "1.0.0"), resource_id("platform", "nginx", "1.0.0"), Delete((MARK,)), ""
    )
    return Plan(
        ProjectId("contoso", OWNER, "s"), steps=(child, root, Step("a#2", NEW.address, NEW.id, made.action, ""))
    )


def test_what_was_replaced_is_not_deleted_again_nor_what_is_below_it() -> None:
    plan = replacement()
    old = observed("platform", "nginx")
    new = observed("platform", "nginx", body={"properties": {"supportedOSType": "Windows"}})
    version = observed("platform", "nginx", "1.0.0")
    assert superseded(plan, {old.id: old, version.id: version}, RULES) == frozenset()
    assert superseded(plan, {new.id: new, version.id: version}, RULES) == {"a#1", "v#1"}
    assert superseded(plan, {}, RULES) == frozenset()
    assert isinstance(settle(plan.steps[1], old, RULES["GalleryApplication"]), Remove)
    assert settle(plan.steps[1], new, RULES["GalleryApplication"]) == Settled()
