"""Looks between the waves of a rollout: who is asked, how long, and what halts it. The clock is turned by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from crank import Crank, run
from engine.plans import MACHINES, cloud_of, publish
from memory_cloud import Box, MemoryCloud, Node
from samples import OWNER, desired, machine_address, machine_id, resource_id
from vmapps.core.action import Assign, Change, Check, UpgradeInstances, Verify
from vmapps.core.address import Address, ArmId
from vmapps.core.entries import on_wire, others_digest, path_of
from vmapps.core.guest import GuestReport, InGuest, Performed, State
from vmapps.core.outcome import HALTED, Abandoned, Applied, Failed, Outcome
from vmapps.core.plan import Expectation, Plan, ProjectId, Step
from vmapps.core.resource import Instances
from vmapps.engine.look import AT_ONCE, MOST_LOOKS, MOST_UNREPORTED
from vmapps.engine.stop import Stop

WEB = Address("VMAssignment", ("web",))
SET = ArmId(machine_id().subscription, "rg-web", ("virtualMachineScaleSets",), ("web-ss",))
WANTED = (("nginx", "1.0.0"),)


def entry(number: str) -> bytes:
    return json.dumps({"packageReferenceId": str(resource_id("platform", "nginx", number))}).encode()


def says(state: State, number: str = "1.0.0", *, runs: bool = True) -> GuestReport:
    return GuestReport((InGuest("nginx", number, state, "why"),), is_running=runs)


def fleet(number: str = "1.0.0", **reports: GuestReport) -> MemoryCloud:
    """Machines whose lists have a version; `reports` by name, with `_` for `-`."""
    cloud = cloud_of(*MACHINES, entries=(entry(number),))
    for name in MACHINES:
        cloud.boxes[machine_id(name).key].report = reports.get(name.replace("-", "_"))
    return cloud


def checks(*names: str) -> tuple[Check, ...]:
    return tuple(Check(machine_id(name), machine_address(name), WANTED) for name in names)


def look(action: Verify) -> Plan:
    step = Step(f"{WEB}#1", WEB, None, action, "a look", wave=1)
    return Plan(ProjectId("contoso", OWNER, "s"), steps=(step,))


def outcome(action: Verify, cloud: MemoryCloud, crank: Crank | None = None) -> Outcome:
    ((_, found),) = run(look(action), cloud, crank=crank).results
    return found


def halted(found: Outcome) -> str:
    assert isinstance(found, Failed)
    assert found.failure.code == HALTED
    assert not found.begun
    return found.failure.message


ALL = Verify(checks(*MACHINES))


def test_all_is_well() -> None:
    crank = Crank()
    assert outcome(replace(ALL, pause=60.0), fleet(), crank) == Applied(changed=False)
    assert crank.now == pytest.approx(60.0, abs=0.5)


@pytest.mark.parametrize(
    ("row", "report", "halts"),
    [
        ("failed", says(State.FAILED), True),
        ("skipped", says(State.SKIPPED), True),
        ("off, so it does not count", says(State.FAILED, "0.9.0", runs=False), False),
    ],
)
def test_what_counts(row: str, report: GuestReport, halts: bool) -> None:
    crank = Crank()
    found = outcome(ALL, fleet(web_02=report), crank)
    assert isinstance(found, Failed) == halts
    if isinstance(found, Failed):
        assert found.failure.message.endswith(f"; VirtualMachine/rg-web/web-02: nginx 1.0.0 {row}: why")
    assert crank.now == 0.0
    assert outcome(replace(ALL, max_failures=1), fleet(web_02=report)) == Applied(changed=False)
    assert outcome(replace(ALL, accepted=(machine_address("web-02"),)), fleet(web_02=report)) == Applied(changed=False)


def test_a_guest_that_is_at_it_is_asked_again() -> None:
    cloud, crank = fleet(web_02=says(State.INSTALLED, "0.9.0")), Crank()
    cloud.reads.clear()

    def done() -> None:
        cloud.boxes[machine_id("web-02").key].report = says(State.INSTALLED)

    crank.at(3 * MemoryCloud.settling - 1, done)
    assert outcome(ALL, cloud, crank) == Applied(changed=False)
    assert crank.now == pytest.approx(3 * MemoryCloud.settling, abs=0.5)
    assert cloud.reads.count(machine_id("web-01")) == 1, "who has answered is left alone"


def test_a_guest_that_never_tells_is_without_success() -> None:
    crank = Crank()
    found = outcome(ALL, fleet(web_02=says(State.INSTALLED, "0.9.0")), crank)
    assert "1 of 3 machines without success (VirtualMachine/rg-web/web-02)" in halted(found)
    assert crank.now == pytest.approx((MOST_LOOKS - 1) * MemoryCloud.settling, abs=1)


def test_a_guest_that_tells_nothing_at_all_is_not_waited_for_as_long() -> None:
    cloud, crank = fleet(), Crank()
    cloud.report = lambda _machine: None  # type: ignore[method-assign]
    halted(outcome(ALL, cloud, crank))
    assert crank.now == pytest.approx((MOST_UNREPORTED - 1) * MemoryCloud.settling, abs=1)


def test_what_is_not_on_the_list_is_not_waited_for() -> None:
    crank = Crank()
    said = halted(outcome(ALL, fleet("0.9.0"), crank))
    assert "3 of 3" in said
    assert said.endswith("; VirtualMachine/rg-web/web-01: its guest does not report what was assigned")
    assert crank.now == 0.0


def test_it_halts_as_soon_as_that_is_clear() -> None:
    names = [f"web-{number:03}" for number in range(3 * AT_ONCE)]
    cloud = cloud_of(*names, entries=(entry("1.0.0"),))
    cloud.boxes[machine_id(names[0]).key].report = says(State.FAILED)
    cloud.reads.clear()
    halted(outcome(Verify(checks(*names)), cloud))
    assert len(cloud.reads) == AT_ONCE


def test_instances_are_asked_in_one_go_and_count_by_themselves() -> None:
    cloud = MemoryCloud()
    nodes = [Node(str(at), report=says(State.FAILED if at else State.INSTALLED)) for at in range(3)]
    cloud.add(Box(SET, [entry("1.0.0")], upgrade_mode="Rolling", nodes=nodes))
    name = Address("VirtualMachineScaleSet", ("rg-web", "web-ss"))
    action = Verify((Check(SET, name, WANTED, is_scale_set=True),), max_failures=1)
    assert f": 2 without success ({name}/1, {name}/2)" in halted(outcome(action, cloud))
    assert cloud.reads == [SET]
    assert outcome(replace(action, max_failures=2), cloud) == Applied(changed=False)
    assert outcome(action, MemoryCloud()) == Applied(changed=False), "a set that is gone has no instances"


def test_a_stop_does_not_wait_for_a_pause() -> None:
    crank, stop = Crank(), Stop()
    crank.at(5.0, stop.press)
    ((_, found),) = run(look(replace(ALL, pause=600.0)), fleet(), crank=crank, stop=stop).results
    assert found == Abandoned(in_flight=False)
    assert crank.now < 6.0


def written(cloud: MemoryCloud, action: Assign | UpgradeInstances, arm_id: ArmId) -> tuple[Outcome, float]:
    """How a step that writes ends, and when."""
    expects = Expectation()
    if isinstance(action, Assign):
        expects = Expectation(digest=others_digest(cloud.boxes[arm_id.key].see(), action.changes))
    step = Step("one", machine_address(), arm_id, action, "because", expects=expects)
    crank = Crank()
    ((_, found),) = run(Plan(ProjectId("contoso", OWNER, "s"), steps=(step,)), cloud, crank=crank).results
    return found, crank.now


def removal(**more: Any) -> tuple[MemoryCloud, Assign]:
    cloud = fleet(web_01=GuestReport(**more))
    (live,) = cloud.boxes[machine_id("web-01").key].see().entries
    assert live.reference is not None
    return cloud, Assign((Change(path_of(live.reference), on_wire(live), None),))


@pytest.mark.parametrize(
    ("row", "performed", "outcome_is"),
    [
        ("done", Performed("nginx", "1.0.0", "Remove", succeeded=True), Applied()),
        ("nobody knows", None, Applied(remark="nginx: removed, result unknown")),
    ],
)
def test_a_removal(row: str, performed: Performed | None, outcome_is: Outcome) -> None:
    cloud, action = removal(performed=(performed,) if performed else ())
    assert written(cloud, action, machine_id("web-01"))[0] == outcome_is


def test_instances_in_trouble_are_named_and_advice_is_given() -> None:
    cloud = MemoryCloud()
    reports = [says(State.INSTALLED), says(State.FAILED), says(State.SKIPPED)]
    nodes = [Node(str(at), latest=False, report=one) for at, one in enumerate(reports)]
    cloud.add(Box(SET, [entry("1.0.0")], upgrade_mode="Manual", nodes=nodes))
    found, _ = written(cloud, UpgradeInstances(("0", "1", "2"), pushed=True, applications=WANTED), SET)
    assert isinstance(found, Failed)
    assert found.failure.code == "FailedInGuest"
    both = "instance 1: nginx 1.0.0 failed: why; instance 2: nginx 1.0.0 skipped: why"
    assert found.failure.message == both
    assert "`vmapps retry`" in found.failure.hint


@pytest.mark.parametrize("passes", [True, False])
def test_a_guest_that_could_not_begin_is_asked_again_for_a_while(passes: bool) -> None:
    """It may speak of the list before this write."""
    cloud = MemoryCloud()
    node = Node("0", latest=False, report=GuestReport(error="Enable failed: no settings"))
    cloud.add(Box(SET, [entry("1.0.0")], upgrade_mode="Manual", nodes=[node]))
    ask = cloud.instances

    def asked(scale_set: ArmId) -> Instances | None:
        node.report = says(State.INSTALLED) if passes and len(cloud.reads) > 5 else node.report
        return ask(scale_set)

    cloud.instances = asked  # type: ignore[method-assign]
    found, took = written(cloud, UpgradeInstances(("0",), pushed=True, applications=WANTED), SET)
    if passes:
        assert found == Applied()
    else:
        assert isinstance(found, Failed)
        assert took == pytest.approx((MOST_UNREPORTED - 1) * MemoryCloud.settling, abs=1)


@pytest.mark.parametrize(
    ("row", "report", "pending"),
    [
        ("left after a reboot", says(State.UNKNOWN), "instance 0: nginx 1.0.0: result unknown: "),
        ("off", says(State.INSTALLED, runs=False), "instance 0: the machine is off"),
        ("nothing new", says(State.INSTALLED, "0.9.0"), "the guest has not reported the result yet"),
    ],
)
def test_what_cannot_be_told_is_pending(row: str, report: GuestReport, pending: str) -> None:
    (app,) = report.applications
    message = "Reboot detected during 'Install' operation. No further action taken."
    cloud = MemoryCloud()
    node = Node("0", latest=False, report=replace(report, applications=(replace(app, message=message),)))
    cloud.add(Box(SET, [entry("1.0.0")], upgrade_mode="Manual", nodes=[node]))
    found, _ = written(cloud, UpgradeInstances(("0",), pushed=True, applications=WANTED), SET)
    assert isinstance(found, Applied)
    assert found.pending.startswith(pending)
    check = Check(SET, Address("VirtualMachineScaleSet", ("rg-web", "web-ss")), WANTED, is_scale_set=True)
    node.latest = True
    assert isinstance(outcome(Verify((check,)), cloud), Applied) == (row == "off")


def automatic(*reports: GuestReport, **more: Any) -> tuple[MemoryCloud, Assign]:
    """A set that Azure upgrades by itself, whose model is about to change."""
    cloud = MemoryCloud()
    nodes = [Node(str(at), report=one, **more) for at, one in enumerate(reports)]
    publish(cloud, *THINGS)
    cloud.add(Box(SET, [entry("0.9.0")], upgrade_mode="Automatic", nodes=nodes))
    (live,) = cloud.boxes[SET.key].see().entries
    assert live.reference is not None
    before = on_wire(live)
    after = {**before, "packageReferenceId": str(resource_id("platform", "nginx", "1.0.0"))}
    return cloud, Assign((Change(path_of(live.reference), before, after),))


THINGS = (desired("platform"), desired("platform", "nginx"), desired("platform", "nginx", "1.0.0"))


@pytest.mark.parametrize(
    ("row", "reports", "ends"),
    [
        ("all are there", (says(State.INSTALLED), says(State.INSTALLED)), "applied"),
        ("one failed", (says(State.INSTALLED), says(State.FAILED)), "instance 1: nginx 1.0.0 failed: why"),
        ("one is still at it", (says(State.INSTALLED), says(State.INSTALLED, "0.9.0")), "pending"),
        ("there are none", (), "applied"),
    ],
)
def test_the_instances_of_an_automatic_set_are_asked(row: str, reports: tuple[GuestReport, ...], ends: str) -> None:
    cloud, action = automatic(*reports)
    found, took = written(cloud, action, SET)
    match found:
        case Failed(failure):
            assert failure.message == ends
        case Applied(pending=pending):
            assert ends == ("pending" if pending else "applied")
        case _:
            raise AssertionError(found)
    assert (took > 60) == (ends == "pending")


def test_protected_instances_of_an_automatic_set_say_nothing() -> None:
    cloud, action = automatic(says(State.INSTALLED, "0.9.0"), is_protected=True)
    assert written(cloud, action, SET) == (Applied(), 0.0)


@pytest.mark.parametrize("mode", ["Manual", "Rolling"])
def test_the_model_of_another_set_proves_nothing_by_itself(mode: str) -> None:
    cloud, action = automatic(says(State.FAILED))
    cloud.boxes[SET.key].upgrade_mode = mode
    assert written(cloud, action, SET)[0] == Applied()


def test_an_upgrade_that_azure_never_begins_is_given_up() -> None:
    cloud = MemoryCloud()
    cloud.add(Box(SET, [entry("1.0.0")], upgrade_mode="Rolling", nodes=[Node("0", latest=False)]))
    found, took = written(cloud, UpgradeInstances(("0",), pushed=False, applications=WANTED), SET)
    assert isinstance(found, Failed)
    assert found.failure.code == "NotFollowed"
    assert took == pytest.approx((MOST_LOOKS - 1) * MemoryCloud.settling, abs=1)
