"""Steps for which there is no room: put off as long as it takes, never failed, never sooner. The clock is cranked."""

from __future__ import annotations

from typing import Any

import pytest

from crank import Crank, run
from engine.plans import MACHINES, NGINX, cloud_of, outcomes, plan_for, project, publish, written
from memory_cloud import MemoryCloud
from samples import RULES, machine_id
from vmapps.core.action import Check, Verify
from vmapps.core.address import Address, ArmId
from vmapps.core.outcome import Abandoned, Applied
from vmapps.core.plan import Plan, Step
from vmapps.core.resource import Listed
from vmapps.core.settle import Write
from vmapps.engine.events import Event, Finished, Throttled, Waiting
from vmapps.engine.perform import Checking, Later, Writing, take_turn
from vmapps.engine.ports import Inspected, Progress, Ticket
from vmapps.engine.stop import Stop
from vmapps.errors import Throttled as NoRoom

LONG = 1200.0


def no_room(wait: float, *, refused: bool = True) -> NoRoom:
    failure = NoRoom("slowly", scope="here", status=429)
    failure.wait, failure.bucket, failure.refused = wait, "a bucket", refused
    return failure


class Narrow(MemoryCloud):
    """There is no room for some calls; each is told when to come back, and must not come before."""

    def __init__(self, waits: dict[str, list[float]], crank: Crank, **more: Any) -> None:
        super().__init__(**more)
        self.waits, self.crank = waits, crank
        self.until: dict[str, float] = {}
        self.calls: list[str] = []

    def demand(self, call: str, who: str = "") -> None:
        assert self.crank.now >= self.until.get(call + who, 0.0) - 1e-9, f"{call} came back too early"
        self.calls.append(call)
        if waits := self.waits.get(call):
            wait = waits.pop(0)
            self.until[call + who] = self.crank.now + wait
            raise no_room(wait)

    def read(self, arm_id: ArmId) -> Listed | None:
        self.demand("read")
        return super().read(arm_id)

    def inspect(self, machine: ArmId) -> Inspected | None:
        self.demand("inspect")
        found = super()._told(machine)
        box = self.boxes[machine.key]
        return Inspected(box.see(), found)

    def begin(self, write: Write) -> Ticket:
        self.demand("begin", str(write))
        return super().begin(write)

    def check(self, ticket: Ticket) -> Progress:
        self.demand("check")
        return super().check(ticket)


def narrow(waits: dict[str, list[float]], crank: Crank, *machines: str, **more: Any) -> Narrow:
    cloud = Narrow(waits, crank, **more)
    cloud.boxes = cloud_of(*machines).boxes
    cloud.blobs = cloud_of().blobs
    return cloud


def assigning(cloud: MemoryCloud, *machines: str) -> Plan:
    publish(cloud, *NGINX)
    return plan_for(project(*NGINX, to=machines or ("web-01",)), cloud)


@pytest.mark.parametrize("call", ["read", "begin", "check", "inspect"])
def test_whatever_is_refused_is_done_later_however_much_later(call: str) -> None:
    crank, events = Crank(), list[Event]()
    cloud = narrow({call: [LONG, 5.0]}, crank, "web-01", polls=1)
    report = run(assigning(cloud), cloud, crank=crank, events=events)
    assert list(outcomes(report).values()) == [Applied()]
    assert crank.now == pytest.approx(LONG + 5.0, abs=0.5)
    assert len(cloud.writes) == 1
    waited = [one for one in events if isinstance(one, Throttled)]
    assert [(one.wait, one.bucket, one.refused) for one in waited] == [
        (LONG, "a bucket", True),
        (5.0, "a bucket", True),
    ]
    assert all(one.step is not None for one in waited)


def test_a_write_that_waits_keeps_what_was_read_before_it() -> None:
    """Its ETag says whether that is still so: no second read."""
    crank = Crank()
    cloud = narrow({"begin": [LONG, LONG]}, crank, "web-01")
    assert run(assigning(cloud), cloud, crank=crank).succeeded
    assert cloud.calls == ["read", "begin", "begin", "begin", "inspect"]


def test_what_was_read_before_the_wait_and_has_changed_is_read_again() -> None:
    crank = Crank()
    cloud = narrow({"begin": [LONG]}, crank, "web-01")
    plan = assigning(cloud)

    def somebody_writes() -> None:
        cloud.boxes[machine_id("web-01").key].version += 1

    crank.at(60.0, somebody_writes)
    assert run(plan, cloud, crank=crank).succeeded
    assert cloud.calls == ["read", "begin", "begin", "read", "begin", "inspect"]


def test_many_refusals_are_no_failures() -> None:
    crank = Crank()
    cloud = narrow({"check": [4.0] * 100}, crank, "web-01", polls=1)
    assert run(assigning(cloud), cloud, crank=crank).succeeded


def test_one_that_waits_holds_no_other() -> None:
    crank, events = Crank(), list[Event]()
    cloud = narrow({"begin": [LONG]}, crank, *MACHINES)
    assert run(assigning(cloud, *MACHINES), cloud, crank=crank, events=events, parallelism=3).succeeded
    assert written(cloud) == ["put web-02", "put web-03", "put web-01"]


def test_a_wait_that_was_not_told_is_the_usual_one() -> None:
    cloud = cloud_of("web-01")
    (step,) = assigning(cloud).steps

    def refuse(number: int, _write: Write) -> None:
        raise no_room(0.0)

    cloud.before = refuse
    turn = take_turn(step, Writing(), cloud, RULES)
    assert isinstance(turn, Later)
    assert (turn.wait, turn.held is not None) == (cloud.settling, True)


def test_a_stop_lets_go_of_what_waits_to_write_and_not_of_what_is_written() -> None:
    for call, outcome in (("begin", Abandoned(in_flight=False)), ("check", Applied())):
        crank, stop = Crank(), Stop()
        cloud = narrow({call: [LONG]}, crank, "web-01", polls=1)
        crank.at(10.0, stop.press)
        report = run(assigning(cloud), cloud, crank=crank, stop=stop)
        assert list(outcomes(report).values()) == [outcome]


class NarrowLook(MemoryCloud):
    """Guests are asked one by one; the third meets no room, once."""

    asked = 0

    def report(self, machine: ArmId) -> Any:
        self.asked += 1
        if self.asked == 3:
            raise no_room(LONG)
        return super().report(machine)


def test_a_look_between_waves_goes_on_where_it_was() -> None:
    cloud = NarrowLook()
    cloud.boxes = cloud_of(*MACHINES).boxes
    checks = tuple(
        Check(machine_id(name), Address("VirtualMachine", ("rg-web", name)), (("nginx", "1.0.0"),)) for name in MACHINES
    )
    look = Step("VMAssignment/web#1", Address("VMAssignment", ("web",)), None, Verify(checks, max_failures=3), "why")
    turn = take_turn(look, Checking(checks), cloud, {})
    assert isinstance(turn, Later)
    assert isinstance(turn.phase, Checking)
    assert (turn.wait, turn.phase.left) == (LONG, checks[2:])
    assert [one.address for one in turn.phase.failed] == [one.address for one in checks[:2]]
    take_turn(look, turn.phase, cloud, {})
    assert cloud.asked == 4, "the first two are not asked again"


def test_machines_that_were_just_read_are_not_read_again() -> None:
    cloud = cloud_of(*MACHINES)
    plan = assigning(cloud, *MACHINES)
    known = {one.id: one for one in cloud.world().machines.values()}
    assert run(plan, cloud, known=known).succeeded
    assert len(cloud.reads) == len(MACHINES), "one confirming read each, which tells of the guest too"


def test_a_machine_that_changed_since_is_read_after_the_refusal() -> None:
    cloud = cloud_of("web-01")
    plan = assigning(cloud)
    known = {one.id: one for one in cloud.world().machines.values()}
    cloud.boxes[machine_id("web-01").key].version += 1
    assert run(plan, cloud, known=known).succeeded
    assert (len(cloud.writes), len(cloud.reads)) == (2, 2)


def test_what_is_known_is_no_ground_to_call_a_step_done_or_stale() -> None:
    cloud = cloud_of("web-01")
    plan = assigning(cloud)
    before = {one.id: one for one in cloud.world().machines.values()}
    assert run(plan, cloud).succeeded
    after = {one.id: one for one in cloud.world().machines.values()}
    cloud.boxes = cloud_of("web-01").boxes
    assert run(plan, cloud, known=after).succeeded
    assert len(cloud.writes) == 2, "it was read, and written"
    assert before != after


def test_waits_for_room_are_not_told_as_waits_for_azure() -> None:
    crank, events = Crank(), list[Event]()
    cloud = narrow({"begin": [5.0]}, crank, "web-01", polls=1, wait=7.0)
    run(assigning(cloud), cloud, crank=crank, events=events)
    told = [type(one).__name__ for one in events if isinstance(one, Throttled | Waiting | Finished)]
    assert told == ["Throttled", "Waiting", "Finished"]
