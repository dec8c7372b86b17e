"""Plans and clouds for the engine's tests: a gallery, its versions, a few machines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from memory_cloud import Box, MemoryCloud
from samples import RULES, assignment, declarations, desired, machine_address, machine_id, sha256, version_body, wanted
from strategies import on_wire
from vmapps.core.declaration import Declarations
from vmapps.core.outcome import Outcome, Report
from vmapps.core.plan import Options, Plan
from vmapps.core.planning.make import make_plan
from vmapps.core.resource import Desired
from vmapps.core.settle import Put, PutEntries, Remove, Retag, Send, Write

NGINX = (desired("platform"), desired("platform", "nginx"), desired("platform", "nginx", "1.0.0"))
MACHINES = ("web-01", "web-02", "web-03")


def cloud_of(*machines: str, entries: tuple[bytes, ...] = (), **more: Any) -> MemoryCloud:
    """A cloud with some machines, and the package in the store."""
    cloud = MemoryCloud(**more)
    for name in machines:
        cloud.add(Box(machine_id(name), list(entries)))
    cloud.blobs.add(sha256("nginx"))
    return cloud


def publish(cloud: MemoryCloud, *resources: Desired) -> MemoryCloud:
    """Put resources there as if they had been applied."""
    for one in resources:
        marks = {"vmapps-owner": one.owner, **({"vmapps-content": one.content} if one.content else {})}
        cloud.seed(one.id, {"location": "westeurope", **on_wire(one.body), "tags": marks})
    return cloud


def project(*resources: Desired, to: tuple[str, ...] = (), version: str = "1.0.0") -> Declarations:
    return declarations(*resources, assignments=(assignment(wanted(version), to=to),) if to else ())


def plan_for(declared: Declarations, cloud: MemoryCloud, **options: Any) -> Plan:
    plan = make_plan(declared, cloud.world(), RULES, Options(**options))
    assert not plan.errored, plan.diagnostics
    return plan


def outcomes(report: Report) -> dict[str, Outcome]:
    """By the step's address."""
    return {str(step.address): outcome for step, outcome in report.results}


def written(cloud: MemoryCloud) -> list[str]:
    return [_told(write) for write in cloud.writes]


def _told(write: Write) -> str:
    match write:
        case Send(sha256):
            return f"send {sha256[:6]}"
        case Put(arm_id) | Retag(arm_id) | PutEntries(arm_id):
            return f"put {arm_id.name}"
        case Remove(arm_id):
            return f"remove {arm_id.name}"


def versions(*numbers: str) -> tuple[Desired, ...]:
    return tuple(replace(desired("platform", "nginx", one), body=version_body()) for one in numbers)


ON_WEB = str(machine_address())
