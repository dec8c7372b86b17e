"""What no list tells, read once weighing asks for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.plans import NGINX, cloud_of, publish
from memory_cloud import Box, MemoryCloud, Node
from samples import gallery_id, machine_address, machine_id, reference, sha256
from vmapps.core.address import ArmId
from vmapps.core.guest import GuestReport, InGuest, State
from vmapps.core.planning.findings import Question, Topic
from vmapps.core.resource import Instances, Listed, World
from vmapps.engine.answers import answered
from vmapps.errors import CloudFailure, Denied, Refused

WEB, NODES = machine_address(), machine_address("set")
VERSION, LATEST = reference("1.0.0").id, reference("latest").id.parent
SAYS = GuestReport((InGuest("nginx", "1.0.0", State.FAILED, "exit 1"),))


def answers(
    cloud: MemoryCloud, *questions: Question, world: World | None = None, packages: frozenset[str] = frozenset()
) -> World:
    return answered(packages, questions, world or World(), cloud, parallelism=2)


def about(arm_id: ArmId) -> Question:
    return Question(Topic.REFERENCE, WEB, arm_id)


class Closed(MemoryCloud):
    """Nothing in it may be read."""

    def read(self, arm_id: ArmId) -> Listed | None:
        raise Denied("you may not read", scope=str(arm_id), status=403)

    def stored(self) -> frozenset[str]:
        raise Denied("you may not list the store", scope="https://pkgs", status=403)

    def report(self, machine: ArmId) -> GuestReport | None:
        raise Refused("no answer", scope=str(machine))


def test_no_question_reads_nothing() -> None:
    cloud = cloud_of("web-01")
    world = World(blobs=frozenset({"ab"}), references={"a": "there"}, store_unread="why")
    assert answers(cloud, world=world) == world
    assert (cloud.reads, cloud.asked_for) == ([], [])


@pytest.mark.parametrize(
    ("row", "arm_id", "answer"),
    [
        ("a version that is there", VERSION, "there"),
        ("an application that latest is of", LATEST, "there"),
        ("a version that is not", reference("7.0.0").id, "missing"),
        ("a gallery that is not", gallery_id("gone").child("applications", "x"), "missing"),
    ],
)
def test_whether_a_version_is_there(row: str, arm_id: ArmId, answer: str) -> None:
    assert answers(publish(cloud_of(), *NGINX), about(arm_id)).references == {arm_id.key: answer}


def test_what_may_not_be_read_is_an_answer_not_a_failure() -> None:
    assert answers(Closed(), about(VERSION)).references == {VERSION.key: "unreadable"}


def test_other_failures_to_read_are_failures() -> None:
    class Broken(MemoryCloud):
        def read(self, arm_id: ArmId) -> Listed | None:
            raise Refused("the service is down", scope=str(arm_id), status=503)

    with pytest.raises(CloudFailure, match="the service is down"):
        answers(Broken(), about(VERSION))


def test_several_machines_with_one_reference_are_one_read() -> None:
    cloud = publish(cloud_of(), *NGINX)
    answers(cloud, about(VERSION), Question(Topic.REFERENCE, NODES, VERSION))
    assert cloud.reads == [VERSION]


def test_what_a_guest_says() -> None:
    cloud = cloud_of("web-01", "web-02")
    cloud.boxes[machine_id("web-01").key].report = SAYS
    silent = machine_address("web-02")
    found = answers(
        cloud, Question(Topic.REPORT, WEB, machine_id()), Question(Topic.REPORT, silent, machine_id("web-02"))
    )
    assert found.reports == {WEB: SAYS, silent: GuestReport()}


def test_a_guest_that_cannot_be_asked_ends_it() -> None:
    with pytest.raises(CloudFailure, match="no answer"):
        answers(Closed(), Question(Topic.REPORT, WEB, machine_id()))


class Picky(MemoryCloud):
    """One guest may not be read; and who is unknown may read nothing."""

    status = 403

    def report(self, machine: ArmId) -> GuestReport | None:
        if machine.name == "web-01":
            raise Denied("you may not read", scope=str(machine), status=self.status)
        return SAYS

    def instances(self, scale_set: ArmId) -> Instances | None:
        raise Refused("no list", scope=str(scale_set))


def test_a_tolerant_reader_goes_on_without_a_guest() -> None:
    other = machine_address("web-02")
    questions = (
        Question(Topic.REPORT, WEB, machine_id()),
        Question(Topic.REPORT, other, machine_id("web-02")),
        Question(Topic.INSTANCES, NODES, machine_id("set")),
    )
    found = answered(frozenset(), questions, World(), Picky(), parallelism=2, tolerant=True)
    assert (found.reports, found.instances) == ({other: SAYS}, {})
    assert {address: why.rpartition(": ")[2] for address, why in found.unread.items()} == {
        WEB: "you may not read",
        NODES: "no list",
    }


def test_whoever_is_unknown_reads_nothing_however_tolerant() -> None:
    cloud = Picky()
    cloud.status = 401
    with pytest.raises(Denied):
        answered(frozenset(), [Question(Topic.REPORT, WEB, machine_id())], World(), cloud, parallelism=2, tolerant=True)


def test_what_instances_there_are() -> None:
    cloud = MemoryCloud()
    cloud.add(Box(machine_id("set"), upgrade_mode="Manual", nodes=[Node("0", latest=False, report=SAYS)]))
    found = answers(cloud, Question(Topic.INSTANCES, NODES, machine_id("set"))).instances[NODES]
    assert [(one.name, one.latest, one.report) for one in found.instances] == [("0", False, SAYS)]


def test_a_set_that_is_gone_has_no_instances() -> None:
    found = answers(MemoryCloud(), Question(Topic.INSTANCES, NODES, machine_id("set")))
    assert found.instances == {NODES: Instances(machine_id("set"))}


def test_what_is_in_the_store() -> None:
    cloud = cloud_of()
    cloud.ours.add(sha256("nginx"))
    found = answers(cloud, Question(Topic.STORE, WEB))
    assert (found.stored, found.store_unread) == (frozenset({sha256("nginx")}), "")


def test_a_store_that_may_not_be_listed_is_tidied_another_time() -> None:
    found = answers(Closed(), Question(Topic.STORE, WEB))
    assert found.stored == frozenset()
    assert found.store_unread == "https://pkgs: you may not list the store"


def test_packages_are_asked_for_in_one_go_and_in_order() -> None:
    cloud = cloud_of()
    found = answers(cloud, packages=frozenset({sha256("nginx"), sha256("other")}))
    assert found.blobs == {sha256("nginx")}
    assert cloud.asked_for == [sorted((sha256("nginx"), sha256("other")))]


def test_answers_are_added_to_what_is_known() -> None:
    before = World(
        blobs=frozenset({"ab"}),
        references={"known": "missing"},
        reports={NODES: SAYS},
        instances={WEB: Instances(machine_id())},
        stored=frozenset({"ab"}),
    )
    cloud = publish(cloud_of("web-01"), *NGINX)
    asks = (about(VERSION), Question(Topic.REPORT, WEB, machine_id()))
    found = answers(cloud, *asks, world=before, packages=frozenset({sha256("nginx")}))
    assert found == replace(
        before,
        blobs=frozenset({"ab", sha256("nginx")}),
        references={"known": "missing", VERSION.key: "there"},
        reports={NODES: SAYS, WEB: GuestReport()},
    )
