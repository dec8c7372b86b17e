from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from engine.plans import MACHINES, NGINX, cloud_of, project, publish
from memory_cloud import Box, MemoryCloud
from samples import (
    ELSEWHERE,
    RULES,
    address,
    assignment,
    declarations,
    desired,
    gallery_id,
    machine_address,
    machine_id,
    reference,
    sha256,
    wanted,
)
from vmapps.core.address import ArmId
from vmapps.core.declaration import Declarations
from vmapps.core.guest import GuestReport
from vmapps.core.plan import Options
from vmapps.core.planning.findings import Finding, drafts_of
from vmapps.core.planning.make import weigh
from vmapps.core.planning.retrying import retries
from vmapps.core.resource import Machine, World
from vmapps.engine.ports import Scope
from vmapps.engine.prepare import MOST_REPORTS, Prepared, look, prepare
from vmapps.errors import CloudFailure, Denied

SCOPES = (Scope("Gallery", "galleries"), Scope("VirtualMachine", "machines"))
WHOLE = project(*NGINX, to=MACHINES)


def prepared(declared: Declarations, cloud: MemoryCloud, **options: Any) -> Prepared:
    return prepare(declared, cloud, Options(**options), rules=RULES, scopes=SCOPES, parallelism=2)


def test_the_store_is_asked_only_about_what_would_be_sent() -> None:
    cloud = cloud_of(*MACHINES)
    cloud.blobs.clear()
    found = prepared(WHOLE, cloud)
    assert cloud.asked_for == [[sha256("nginx")]]
    assert found.plan.summary["upload"] == 1
    assert found.world.blobs == frozenset()


def test_what_the_store_has_is_not_uploaded() -> None:
    cloud = cloud_of(*MACHINES)
    found = prepared(WHOLE, cloud)
    assert found.plan.summary["upload"] == 0
    assert found.world.blobs == {sha256("nginx")}


def test_a_published_version_needs_no_store() -> None:
    cloud = publish(cloud_of(*MACHINES), *NGINX)
    found = prepared(WHOLE, cloud)
    assert cloud.asked_for == []
    assert found.plan.summary["assign"] == 3
    assert cloud.writes == []


def test_what_is_assigned_in_a_gallery_of_others_is_read() -> None:
    cloud = publish(cloud_of("web-01"), *NGINX)
    for thing in cloud.things.values():
        thing.body["tags"] = {}
    declared = declarations(
        assignments=(assignment(wanted("latest", live=True)),),
        foreign_galleries=(gallery_id(), gallery_id("x", ELSEWHERE)),
    )
    assert prepared(declared, cloud).plan.summary["assign"] == 1


def test_below_what_is_nobody_s_business_nothing_is_read() -> None:
    cloud = publish(cloud_of(), desired("Tools"), desired("Tools", "curl"))
    cloud.things[desired("Tools").id.key].body["tags"] = {}
    world = prepared(project(*NGINX), cloud).world
    assert list(world.resources) == [address("Tools")]


def test_the_guard_comes_with_the_plan() -> None:
    many = tuple(desired(f"g{number}") for number in range(12))
    found = prepared(project(*NGINX), publish(cloud_of(), *many), prune=True)
    assert [refusal.code for refusal in found.plan.refusals] == ["too-many-deletes", "too-large-a-share"]


class Closed(MemoryCloud):
    def survey(self, scope: Scope) -> list[Any]:
        raise Denied("you may not list", scope=scope.path, status=403)


def test_a_scope_that_cannot_be_read_ends_the_planning() -> None:
    with pytest.raises(CloudFailure, match="you may not list"):
        prepared(WHOLE, Closed())


def test_machines_have_nothing_below() -> None:
    world = prepared(project(), cloud_of("web-01")).world
    assert all(isinstance(one, Machine) for one in world.machines.values())


class Counting(MemoryCloud):
    """How often each guest and each version was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.guests: list[str] = []

    def report(self, machine: ArmId) -> GuestReport | None:
        self.guests.append(machine.name)
        return super().report(machine)


class Failed(Box):
    """A machine whose model says that something failed."""

    def see(self) -> Machine:
        return replace(super().see(), state="Failed")


def fleet(count: int, *, failed: bool = True) -> tuple[Counting, Declarations]:
    """A converged fleet, whose models say that something failed or that all is well."""
    cloud, names = Counting(), tuple(f"web-{number:03}" for number in range(count))
    cloud.blobs.add(sha256("nginx"))
    publish(cloud, *NGINX)
    for name in names:
        raw = json.dumps({"packageReferenceId": str(reference().id)}).encode()
        cloud.add((Failed if failed else Box)(machine_id(name), [raw]))
    return cloud, project(*NGINX, to=names)


@pytest.mark.parametrize(
    ("row", "count", "failed", "guest", "asked"),
    [
        ("those that say failed", 3, True, "auto", 3),
        ("none of those that are well", 3, False, "auto", 0),
        ("all, when all are wanted", 3, False, "all", 3),
        ("none, when none is wanted", 3, True, "none", 0),
        ("at most 200", MOST_REPORTS + 5, True, "auto", MOST_REPORTS),
        ("but for all", MOST_REPORTS + 5, True, "all", MOST_REPORTS + 5),
    ],
)
def test_how_many_guests_are_asked_and_each_once(row: str, count: int, failed: bool, guest: str, asked: int) -> None:
    cloud, declared = fleet(count, failed=failed)
    prepared(declared, cloud, guest=guest)
    assert len(cloud.guests) == len(set(cloud.guests)) == asked


def test_which_guests_are_asked_does_not_depend_on_chance() -> None:
    several = []
    for _ in range(2):
        cloud, declared = fleet(MOST_REPORTS + 5)
        prepared(declared, cloud)
        several.append(sorted(cloud.guests))
    assert several[0] == several[1] == [f"web-{number:03}" for number in range(MOST_REPORTS)]


class Secret(MemoryCloud):
    """Galleries of others may not be read."""

    def read(self, arm_id: ArmId) -> Any:
        if arm_id.names[0] == "Theirs":
            self.reads.append(arm_id)
            raise Denied("you may not read", scope=str(arm_id), status=403)
        return super().read(arm_id)


def test_a_reference_that_may_not_be_read_blocks_its_machine_and_is_asked_for_once() -> None:
    theirs = replace(reference(application="agent"), gallery=gallery_id("Theirs", ELSEWHERE))
    cloud = Secret()
    cloud.blobs.add(sha256("nginx"))
    publish(cloud, *NGINX)
    raw = json.dumps({"packageReferenceId": str(theirs.id)}).encode()
    for name in MACHINES:
        cloud.add(Box(machine_id(name), [raw]))
    found = prepared(WHOLE, cloud)
    assert [one.code for one in found.plan.diagnostics] == ["machine-blocked"]
    assert found.world.references == {theirs.id.key: "unreadable"}
    assert cloud.reads == [theirs.id]
    assert found.plan.steps == ()


def test_what_is_weighed_may_be_something_else() -> None:
    """Retries: nothing else is planned, and what they ask for is read."""
    cloud, declared = fleet(1)
    found = prepare(declared, cloud, Options(), rules=RULES, scopes=SCOPES, parallelism=2, weighing=retries)
    assert cloud.guests == ["web-000"]
    assert (found.plan.steps, found.plan.notes) == ((), ())


class Mute(Counting):
    """A store that nobody may ask, and a guest that nobody may read."""

    def present(self, packages: Any) -> frozenset[str]:
        raise AssertionError("whoever only reads needs no store")

    def report(self, machine: ArmId) -> GuestReport | None:
        super().report(machine)
        raise Denied("you may not read", scope=str(machine), status=403)


def test_whoever_only_reads_asks_each_guest_once_and_no_store() -> None:
    cloud = publish(Mute(), *NGINX[:2])
    cloud.add(Box(machine_id("web-01"), [json.dumps({"packageReferenceId": str(reference().id)}).encode()]))
    declared = project(*NGINX, to=("web-01",))

    def weighed(world: World) -> tuple[Finding, ...]:
        return weigh(declared, world, RULES, Options(guest="all"))

    world, found = look(declared, cloud, weighed, rules=RULES, scopes=SCOPES, parallelism=2, read_only=True)
    assert cloud.guests == ["web-01"]
    assert set(world.unread) == {machine_address("web-01")}
    assert drafts_of(found), "what is missing is found all the same"
