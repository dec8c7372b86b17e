"""Before the first write of a saved plan."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crank import run
from engine.plans import MACHINES, NGINX, cloud_of, plan_for, project, publish, versions
from memory_cloud import Killed, MemoryCloud
from samples import (
    ELSEWHERE,
    HOME,
    OWNER,
    RULES,
    application_body,
    desired,
    machine_address,
    machine_id,
    mark_text,
    reference,
    version_body,
)
from strategies import Scenario, options, scenarios
from vmapps.core.action import UpgradeInstances
from vmapps.core.declaration import Declarations
from vmapps.core.plan import Options, Plan, ProjectId, Step
from vmapps.core.planning.make import make_plan
from vmapps.core.resource import Desired
from vmapps.core.settle import Write
from vmapps.engine.recheck import Rechecked, recheck
from vmapps.errors import Denied, SavedPlanUnusable

WHOLE = project(*NGINX, to=MACHINES)
PROJECT_ID = ProjectId("contoso", OWNER, HOME)


def fits(plan: Plan, cloud: MemoryCloud) -> None:
    recheck(plan, cloud, rules=RULES, parallelism=2)


def test_a_plan_fits_the_world_it_was_made_from() -> None:
    cloud = cloud_of(*MACHINES)
    fits(plan_for(WHOLE, cloud), cloud)


def test_what_changed_since_is_named() -> None:
    cloud = publish(cloud_of(*MACHINES), *NGINX)
    plan = plan_for(WHOLE, cloud)
    cloud.boxes[machine_id("web-02").key].location = "eastus"
    del cloud.boxes[machine_id("web-03").key]
    with pytest.raises(SavedPlanUnusable, match=r"rg-web/web-02, VirtualMachine/rg-web/web-03 changed since"):
        fits(plan, cloud)
    assert cloud.writes == []


def test_what_is_there_already_and_otherwise_is_stale() -> None:
    cloud = cloud_of()
    plan = plan_for(project(*NGINX[:2], *versions("1.0.0")), cloud)
    cloud.seed(NGINX[1].id, {"location": "westeurope", "properties": {"supportedOSType": "Windows"}})
    with pytest.raises(SavedPlanUnusable, match="GalleryApplication/platform/nginx changed"):
        fits(plan, cloud)


def test_a_scope_that_cannot_be_read_is_no_stale_plan() -> None:
    class Closed(MemoryCloud):
        def read(self, arm_id: object) -> None:
            raise Denied("you may not read", scope=str(arm_id), status=403)

    with pytest.raises(Denied):
        fits(plan_for(WHOLE, cloud_of(*MACHINES)), Closed())


@given(scenarios(), options, st.integers(0, 6))
def test_an_interrupted_plan_can_be_applied_again(scenario: Scenario, asked: Options, last: int) -> None:
    """Each object is as the plan saw it or as it leaves it, wherever the first run was killed."""
    cloud = scenario.cloud()
    plan = make_plan(scenario.declarations, cloud.world(), RULES, asked)
    assume(not plan.errored)
    fits(plan, cloud)

    def kill(number: int, _write: Write) -> None:
        if number == last:
            raise Killed

    cloud.after = kill
    with contextlib.suppress(Killed):
        run(plan, cloud)
    cloud.after = lambda _number, _write: None
    fits(plan, cloud)
    assert run(plan, cloud).succeeded
    fits(plan, cloud)
    assert make_plan(scenario.declarations, cloud.world(), RULES, asked).steps == ()


def two_regions(name: str, may_drop: bool | None) -> Desired:
    """A version in two regions; whether they may go is said or not."""
    return regions(name, ("westeurope", "northeurope"), may_drop)


def regions(name: str, places: tuple[str, ...], may_drop: bool | None) -> Desired:
    body: Any = version_body(regions=places)
    if may_drop is not None:
        body["properties"]["safetyProfile"] = {"allowDeletionOfReplicatedLocations": may_drop}
    return desired("platform", "nginx", name, body=body)


def raw(name: str, order: int, *, on: str = "web-01") -> bytes:
    body = {"packageReferenceId": str(reference("1.0.0", name).id), "order": order, "tags": mark_text(OWNER, on)}
    return json.dumps(body).encode()


def shrinking() -> tuple[Declarations, MemoryCloud, dict[str, Any]]:
    """A version that loses a region: two writes of one version."""
    cloud = publish(cloud_of(), *NGINX[:2], two_regions("1.0.0", may_drop=False))
    return project(*NGINX[:2], regions("1.0.0", ("westeurope",), may_drop=True)), cloud, {}


def chained() -> tuple[Declarations, MemoryCloud, dict[str, Any]]:
    """Three applications leave one machine, the dependent ones first: three writes of one machine."""
    names = ("base", "agent", "nginx")
    entries = tuple(raw(name, order) for order, name in enumerate(names, start=1))
    several = [desired("platform", name) for name in names]
    several += [desired("platform", name, "1.0.0", content=name) for name in names]
    cloud = publish(cloud_of("web-01", entries=(*entries, STRANGER)), desired("platform"), *several)
    return project(desired("platform"), *several), cloud, {"prune": True}


def replacing() -> tuple[Declarations, MemoryCloud, dict[str, Any]]:
    """An application for another OS: it and its version are deleted and created anew."""
    cloud = publish(cloud_of(), *NGINX)
    other = desired("platform", "nginx", body=application_body(supportedOSType="Windows"))
    return project(NGINX[0], other, NGINX[2]), cloud, {"allow_replace": ("GalleryApplication/*",)}


JOURNEYS = pytest.mark.parametrize(
    ("journey", "writes"), [(shrinking, 2), (chained, 3), (replacing, 4)], ids=lambda one: getattr(one, "__name__", "")
)
STRANGER = json.dumps({"packageReferenceId": str(reference(gallery="Theirs").id).replace(HOME, ELSEWHERE)}).encode()


def killed_after(number: int, journey: Any) -> tuple[Declarations, MemoryCloud, dict[str, Any], Plan]:
    """A cloud in which a plan got as far as its n-th write."""
    declared, cloud, options_ = journey()
    plan = plan_for(declared, cloud, **options_)

    def kill(at: int, _write: Write) -> None:
        if at == number:
            raise Killed

    if number:
        cloud.after = kill
        with contextlib.suppress(Killed):
            run(plan, cloud, parallelism=1)
        cloud.after = lambda _number, _write: None
    return declared, cloud, options_, plan


@JOURNEYS
def test_an_object_with_several_steps_may_be_anywhere_between_them(journey: Any, writes: int) -> None:
    """And the same plan, applied again, makes only the writes that are left."""
    for number in range(writes + 1):
        declared, cloud, options_, plan = killed_after(number, journey)
        assert len(plan.steps) == writes
        assert len(cloud.writes) == number
        done = recheck(plan, cloud, rules=RULES, parallelism=2).done
        assert run(plan, cloud, done=done).succeeded
        assert len(cloud.writes) == writes
        assert plan_for(declared, cloud, **options_).steps == ()


@JOURNEYS
def test_what_somebody_else_did_meanwhile_is_stale_in_every_state(journey: Any, writes: int) -> None:
    for number in range(writes):
        _, cloud, _, plan = killed_after(number, journey)
        meddle(cloud)
        with pytest.raises(SavedPlanUnusable, match="changed since it was made"):
            fits(plan, cloud)


def meddle(cloud: MemoryCloud) -> None:
    """Somebody else has another OS, another region, and a machine elsewhere."""
    for box in cloud.boxes.values():
        box.location = "eastus"
    version = cloud.things.get(NGINX[2].id.key)
    application = cloud.things.get(NGINX[1].id.key)
    if version is not None:
        version.body["properties"]["publishingProfile"]["targetRegions"] = [{"name": "eastus"}]
        version.body["tags"] = {}
    if application is not None:
        application.body["properties"]["supportedOSType"] = "Plan9"
        application.body["tags"] = {}
    else:
        cloud.seed(NGINX[1].id, {"location": "eastus", "properties": {"supportedOSType": "Plan9"}})


def test_what_was_replaced_by_an_earlier_run_is_said_to_be_behind() -> None:
    """Each count of writes that were made, and the deletes that must not be made again."""
    behind = []
    for number in range(5):
        _, cloud, _, plan = killed_after(number, replacing)
        done = recheck(plan, cloud, rules=RULES, parallelism=2).done
        behind.append(sorted(one.partition("/")[0] for one in done))
    both = ["GalleryApplication", "GalleryApplicationVersion"]
    assert behind == [[], [], [], both, both]


def test_an_upgrade_of_instances_is_looked_at_when_its_turn_comes() -> None:
    """Its set's model was written in between: only the model's own step counts here."""
    upgrade = Step("u#1", machine_address(), machine_id(), UpgradeInstances(("0",), pushed=True), "why")
    assert recheck(Plan(PROJECT_ID, steps=(upgrade,)), MemoryCloud(), rules=RULES, parallelism=2) == Rechecked()


def test_an_object_is_read_once_whatever_its_steps() -> None:
    _, cloud, _, plan = killed_after(0, chained)
    cloud.reads.clear()
    fits(plan, cloud)
    assert cloud.reads == [machine_id()]
