from __future__ import annotations

from typing import Any

import pytest

from engine.plans import MACHINES, NGINX, cloud_of, project, publish
from memory_cloud import MemoryCloud
from samples import ELSEWHERE, RULES, address, assignment, declarations, desired, gallery_id, sha256, wanted
from vmapps.core.declaration import Declarations
from vmapps.core.plan import Options
from vmapps.core.resource import Machine
from vmapps.engine.ports import Scope
from vmapps.engine.prepare import Prepared, prepare
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


def test_the_guard_and_the_drift_come_with_the_plan() -> None:
    many = tuple(desired(f"g{number}") for number in range(12))
    found = prepared(project(*NGINX), publish(cloud_of(), *many), prune=True)
    assert [refusal.code for refusal in found.plan.refusals] == ["too-many-deletes", "too-large-a-share"]
    assert [item.kind for item in found.drift.items] == ["missing"] * 3


class Closed(MemoryCloud):
    def survey(self, scope: Scope) -> list[Any]:
        raise Denied("you may not list", scope=scope.path, status=403)


def test_a_scope_that_cannot_be_read_ends_the_planning() -> None:
    with pytest.raises(CloudFailure, match="you may not list"):
        prepared(WHOLE, Closed())


def test_machines_have_nothing_below() -> None:
    world = prepared(project(), cloud_of("web-01")).world
    assert all(isinstance(one, Machine) for one in world.machines.values())
