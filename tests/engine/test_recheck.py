"""Before the first write of a saved plan."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crank import run
from engine.plans import MACHINES, NGINX, cloud_of, plan_for, project, publish, versions
from memory_cloud import Killed, MemoryCloud
from samples import RULES, machine_id
from strategies import Scenario, options, scenarios
from vmapps.core.plan import Options, Plan
from vmapps.core.planning.make import make_plan
from vmapps.core.settle import Write
from vmapps.engine.recheck import recheck
from vmapps.errors import Denied, SavedPlanUnusable

WHOLE = project(*NGINX, to=MACHINES)


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
