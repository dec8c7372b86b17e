"""One step, turn by turn."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crank import Crank, run
from engine.plans import NGINX, cloud_of, outcomes, plan_for, project, publish, written
from memory_cloud import MemoryCloud
from samples import RULES, machine_id, reference, resource_id
from vmapps.core.outcome import Applied, Failed, Outcome, Stale
from vmapps.core.plan import Plan, Step
from vmapps.core.resource import Seen
from vmapps.core.settle import Write
from vmapps.engine.perform import (
    CHILDREN_TRIES,
    FORMER_CHILDREN_TRIES,
    MOST_UNHEARD,
    Later,
    Phase,
    Writing,
    take_turn,
)
from vmapps.engine.ports import Progress, Ticket
from vmapps.errors import CloudFailure, Conflicted, Denied, Refused, Unreachable

LATEST = b'{"packageReferenceId":"%b"}' % str(reference("latest", "scanner").id).encode()
FOREIGN = b'{ "packageReferenceId" : "/subscriptions/9/agent", "order":1 }'


def to_the_end(step: Step, cloud: MemoryCloud) -> tuple[Outcome, list[float]]:
    """Take turns until there is an outcome; also the waits in between."""
    phase: Phase = Writing()
    waits: list[float] = []
    for _ in range(200):
        turn = take_turn(step, phase, cloud, RULES)
        if not isinstance(turn, Later):
            return turn, waits
        phase, wait = turn.phase, turn.wait
        waits.append(wait)
    raise AssertionError("the step never ends")


def assigning(cloud: MemoryCloud) -> Step:
    publish(cloud, *NGINX)
    (step,) = plan_for(project(*NGINX, to=("web-01",)), cloud).steps
    return step


def deleting(cloud: MemoryCloud) -> Plan:
    publish(cloud, *NGINX)
    return plan_for(project(), cloud, prune=True)


def somebody_else_writes(cloud: MemoryCloud, times: int, entry: bytes = b"") -> None:
    """Between our read and our write."""

    def hook(number: int, _write: Write) -> None:
        if number <= times:
            box = cloud.boxes[machine_id("web-01").key]
            box.version += 1
            if entry:
                box.entries.append(entry)

    cloud.before = hook


def test_an_accepted_write_is_asked_about_until_it_is_done() -> None:
    cloud = cloud_of("web-01", polls=3, wait=7.0)
    assert to_the_end(assigning(cloud), cloud) == (Applied(), [7.0, 7.0, 7.0, 0.0])


def test_what_is_done_already_is_not_written() -> None:
    cloud = cloud_of("web-01")
    step = assigning(cloud)
    to_the_end(step, cloud)
    assert to_the_end(step, cloud) == (Applied(changed=False), [])
    assert len(cloud.writes) == 1


@pytest.mark.parametrize("times", [1, 2])
def test_a_newer_etag_is_read_again_at_once(times: int) -> None:
    cloud = cloud_of("web-01")
    step = assigning(cloud)
    somebody_else_writes(cloud, times)
    assert to_the_end(step, cloud) == (Applied(), [0.0] * (times + 1))
    assert len(cloud.writes) == times + 1


def test_it_is_written_again_three_times() -> None:
    cloud = cloud_of("web-01")
    step = assigning(cloud)
    somebody_else_writes(cloud, 99)
    outcome, _ = to_the_end(step, cloud)
    assert outcome == Stale("others keep writing it: every attempt met a newer ETag")
    assert len(cloud.writes) == 4
    assert cloud.boxes[machine_id("web-01").key].entries == []


def test_a_neighbour_that_writes_in_between_costs_one_more_try() -> None:
    cloud = cloud_of("web-01")
    step = assigning(cloud)
    somebody_else_writes(cloud, 1, FOREIGN)
    assert to_the_end(step, cloud) == (Applied(), [0.0, 0.0])
    assert cloud.boxes[machine_id("web-01").key].entries[0] == FOREIGN
    assert len(cloud.boxes[machine_id("web-01").key].entries) == 2


def test_a_newer_etag_with_what_changes_the_effects_is_stale() -> None:
    cloud = cloud_of("web-01")
    step = assigning(cloud)
    somebody_else_writes(cloud, 1, LATEST)
    outcome, _ = to_the_end(step, cloud)
    assert isinstance(outcome, Stale)
    assert len(cloud.writes) == 1
    assert cloud.boxes[machine_id("web-01").key].entries == [LATEST]


def test_waiting_for_the_neighbour_s_operation_leaves_every_try_for_newer_etags() -> None:
    """Four refusals because it is still going on, then its end and another write of its own."""
    cloud = cloud_of("web-01")
    step = assigning(cloud)

    def hook(number: int, _write: Write) -> None:
        if number <= 4:
            raise Conflicted("Another operation is in progress", scope="", code="AnotherOperationInProgress")
        if number <= 6:
            cloud.boxes[machine_id("web-01").key].version += 1

    cloud.before = hook
    assert to_the_end(step, cloud) == (Applied(), [4.0] * 4 + [0.0] * 3)


def test_a_busy_object_is_read_again_later() -> None:
    cloud = publish(cloud_of(polls=3), *NGINX)
    cloud.begin_update(NGINX[2].id)
    (step,) = plan_for(project(*NGINX), cloud).steps
    outcome, waits = to_the_end(step, cloud)
    assert outcome == Applied(changed=False)
    assert waits == [MemoryCloud.settling, MemoryCloud.settling]
    assert cloud.writes == []


def test_a_refused_write_is_a_failure_that_is_told() -> None:
    cloud = cloud_of("web-01")
    step = assigning(cloud)
    failure = Denied("you may not", scope="here", status=403)
    cloud.before = raising(failure)
    assert to_the_end(step, cloud) == (Failed(failure), [])


@pytest.mark.parametrize(
    ("failure", "begun"),
    [
        (Unreachable("no answer", scope="here"), True),
        (Unreachable("bad gateway", scope="here", status=502), False),
    ],
)
def test_a_write_that_nobody_answers_may_have_been_done(failure: CloudFailure, begun: bool) -> None:
    cloud = cloud_of("web-01")
    step = assigning(cloud)
    cloud.before = raising(failure)
    assert to_the_end(step, cloud) == (Failed(failure, begun=begun), [])


def raising(failure: Exception) -> Any:
    def hook(_number: int, _write: Write) -> None:
        raise failure

    return hook


def test_an_operation_that_breaks_is_a_failure() -> None:
    failure = CloudFailure("the script failed", scope="here", code="VMExtensionProvisioningError")
    for polls in (0, 2):
        cloud = cloud_of("web-01", polls=polls)
        cloud.breaks[1] = failure
        assert to_the_end(assigning(cloud), cloud)[0] == Failed(failure, begun=True)


class Forgetful(MemoryCloud):
    """Says that every write succeeded and shows the old state for a number of reads after it."""

    forgets = 0

    def read(self, arm_id: Any) -> Seen | None:
        if self.writes and self.forgets > 0:
            self.forgets -= 1
            return self.old
        self.old = super().read(arm_id)
        return self.old


@pytest.mark.parametrize("reads", [1, 2])
def test_reading_may_lag_behind_the_write(reads: int) -> None:
    cloud = Forgetful()
    cloud.boxes = cloud_of("web-01").boxes
    step = assigning(cloud)
    cloud.forgets = reads
    assert to_the_end(step, cloud) == (Applied(), [0.0] + [MemoryCloud.settling] * reads)


def test_a_success_that_cannot_be_seen_is_a_failure() -> None:
    cloud = Forgetful()
    cloud.boxes = cloud_of("web-01").boxes
    step = assigning(cloud)
    cloud.forgets = 99
    outcome, _ = to_the_end(step, cloud)
    assert isinstance(outcome, Failed)
    assert outcome.failure.code == "NotConfirmed"


class Silent(MemoryCloud):
    """Leaves some questions unanswered."""

    silence = 0
    failure: CloudFailure = Unreachable("no answer", scope="here")

    def check(self, ticket: Ticket) -> Progress:
        if self.silence > 0:
            self.silence -= 1
            raise self.failure
        return super().check(ticket)


def test_a_question_without_an_answer_is_asked_again() -> None:
    cloud = Silent(polls=1)
    cloud.boxes = cloud_of("web-01").boxes
    step = assigning(cloud)
    cloud.silence = MOST_UNHEARD - 1
    outcome, waits = to_the_end(step, cloud)
    assert outcome == Applied()
    assert waits.count(MemoryCloud.settling) == MOST_UNHEARD - 1


def test_an_operation_nobody_answers_for_is_given_up() -> None:
    cloud = Silent(polls=1)
    cloud.boxes = cloud_of("web-01").boxes
    step = assigning(cloud)
    cloud.silence = MOST_UNHEARD
    assert to_the_end(step, cloud)[0] == Failed(cloud.failure, begun=True)


def test_a_parent_that_seems_to_have_children_still_is_deleted_later() -> None:
    cloud = cloud_of(lag=3)
    crank = Crank()
    assert run(deleting(cloud), cloud, crank=crank).succeeded
    assert written(cloud) == ["remove 1.0.0", *["remove nginx"] * 4, *["remove platform"] * 4]
    assert crank.now == pytest.approx(6 * MemoryCloud.settling, abs=0.1)


def test_a_parent_that_keeps_having_children_is_given_up() -> None:
    cloud = cloud_of(lag=999)
    found = outcomes(run(deleting(cloud), cloud))["GalleryApplication/platform/nginx"]
    assert isinstance(found, Failed)
    assert found.failure.code == "CannotDeleteResource"
    assert written(cloud).count("remove nginx") == CHILDREN_TRIES + 1


def test_children_that_this_plan_does_not_delete_are_not_waited_for_long() -> None:
    """A gallery may hold images, which are none of our business; or an earlier run deleted the last child."""
    cloud = publish(cloud_of(), NGINX[0])
    cloud.lag = 1
    cloud.lingering[resource_id("platform").key] = FORMER_CHILDREN_TRIES + 1
    (found,) = outcomes(run(plan_for(project(), cloud, prune=True), cloud)).values()
    assert isinstance(found, Failed)


def test_a_parent_whose_children_an_earlier_run_deleted_goes_a_little_later() -> None:
    cloud = publish(cloud_of(), NGINX[0])
    cloud.lag = 1
    cloud.lingering[resource_id("platform").key] = 2
    (found,) = outcomes(run(plan_for(project(), cloud, prune=True), cloud)).values()
    assert isinstance(found, Applied)


def test_other_conflicts_are_not_repeated() -> None:
    cloud = cloud_of()
    cloud.before = raising(Conflicted("locked", scope="here", code="ScopeLocked"))
    found = outcomes(run(deleting(cloud), cloud))["GalleryApplicationVersion/platform/nginx/1.0.0"]
    assert isinstance(found, Failed)
    assert len(cloud.writes) == 1


def test_a_machine_write_with_a_dangling_foreign_reference_is_refused_and_told() -> None:
    """It is Azure's answer; the list stays as it was."""
    dangling = json.dumps({"packageReferenceId": str(resource_id("platform", "agent", "9.9.9"))}).encode()
    cloud = cloud_of("web-01", entries=(dangling,))
    outcome, _ = to_the_end(assigning(cloud), cloud)
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.failure, Refused)
    assert cloud.boxes[machine_id("web-01").key].entries == [dangling]
