"""A whole apply while Azure counts: the emulator's documented buckets, by a clock that is turned by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crank import Crank
from throttled_azure import InProcess, azure
from vmapps.azure.cloud import AzureCloud
from vmapps.azure.families import fleet_scopes, gallery_scope
from vmapps.core.outcome import Report
from vmapps.core.plan import Options
from vmapps.engine.events import Event, Throttled
from vmapps.engine.execute import execute
from vmapps.engine.prepare import Prepared, prepare
from vmapps.engine.stop import Stop
from vmapps.kinds.catalog import KINDS
from vmapps.manifest.load import load
from vmapps_emulator.app import Emulator
from vmapps_emulator.fleet import SUBSCRIPTION, plant_fleet
from vmapps_emulator.groups import new_group
from vmapps_emulator.settings import Settings
from vmapps_emulator.store import group_key
from vmapps_emulator.throttle import _ARM as ARM_BUCKETS
from vmapps_emulator.throttle import Bucket
from vmapps_emulator.world import World

OPERATION, MACHINES = 30, 260
KINDS_HELD = ("reads", "writes")
RULES = {name: kind.rules for name, kind in KINDS.items()}
PROJECT = f"""\
apiVersion: vmapps/v1
kind: Project
metadata: {{name: bench, id: 0b0b0b0b}}
spec:
  subscription: {SUBSCRIPTION}
  resourceGroup: rg-bench
  location: eastus
  manifests: [fleet.yaml]
"""
FLEET = """\
apiVersion: vmapps/v1
kind: Gallery
metadata: {name: platform}
spec: {}
---
apiVersion: vmapps/v1
kind: GalleryApplication
metadata: {name: agent}
spec: {gallery: platform, supportedOSType: Linux}
---
apiVersion: vmapps/v1
kind: GalleryApplicationVersion
metadata: {name: 1.0.0}
spec:
  application: platform/agent
  source: {mediaLink: "https://elsewhere.blob.core.windows.net/packages/agent-1.0.0"}
  manageActions: {install: sh agent.sh, remove: sh agent.sh --remove}
  targetRegions: [{name: eastus}, {name: westeurope}, {name: southeastasia}]
"""
ASSIGNMENT = """\
---
apiVersion: vmapps/v1
kind: VMAssignment
metadata: {name: everywhere}
spec:
  targets: [{selector: {osType: Linux}}]
  applications: [{application: platform/agent, version: 1.0.0}]
"""


@dataclass
class Run:
    """What came of an apply."""

    report: Report
    took: float
    kinds: Counter[str]
    refused: Counter[str]
    events: list[Event]


@dataclass
class Stage:
    """An emulator with a fleet and a published version; buckets are on from `throttle` on."""

    folder: Path
    machines: int
    crank: Crank
    emulator: Emulator
    cloud: AzureCloud
    client: InProcess

    def throttle(self, **settings: Any) -> None:
        self.emulator.world.settings.change({"throttle": True, **settings})
        self.client.asked.clear()

    def planned(self) -> Prepared:
        (self.folder / "vmapps.yaml").write_text(PROJECT, encoding="utf-8")
        declared = load(self.folder, {}, today=date(2026, 1, 1), blob_endpoint=None)
        self.cloud = replace(self.cloud, links=declared.links)
        scopes = [gallery_scope(SUBSCRIPTION, "rg-bench"), *fleet_scopes(SUBSCRIPTION)]
        return prepare(declared, self.cloud, Options(), rules=RULES, scopes=scopes, parallelism=1)

    def apply(self, parallelism: int = 512) -> Run:
        made, events, began = self.planned(), list[Event](), self.crank.now
        report = execute(
            made.plan,
            self.cloud,
            rules=RULES,
            observer=events.append,
            stop=Stop(),
            parallelism=parallelism,
            means=self.crank.means,
            known={one.id: one for one in made.world.machines.values()},
        )
        asked = self.client.asked
        kinds = Counter(kind(method, path) for method, path, _ in asked)
        refused = Counter(kind(method, path) for method, path, status in asked if status == 429)
        return Run(report, self.crank.now - began, kinds, refused, events)


def kind(method: str, path: str) -> str:
    if method != "GET":
        return method
    return "question" if "/operations/" in path.lower() else "machine" if "/virtualMachines/" in path else "list"


def stage(folder: Path, machines: int) -> Stage:
    """Every second machine of a fleet is Windows."""

    def seed(world: World) -> None:
        plant_fleet(world, 2 * machines)
        world.store.groups[group_key(SUBSCRIPTION, "rg-bench")] = new_group(SUBSCRIPTION, "rg-bench", "eastus")

    settings = Settings(time_scale=1, operation_seconds=OPERATION, retry_after_ms=4000, page_size=1000)
    emulator, crank = Emulator(settings, seed), Crank()
    cloud, client = azure(emulator, crank, SUBSCRIPTION)
    found = Stage(folder, machines, crank, emulator, cloud, client)
    (folder / "fleet.yaml").write_text(FLEET, encoding="utf-8")
    assert found.apply(8).report.succeeded
    (folder / "fleet.yaml").write_text(FLEET + ASSIGNMENT, encoding="utf-8")
    return found


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Stage]:
    found = stage(tmp_path, MACHINES)
    yield found
    found.client.close()


def bound(writes: int, reads: int) -> float:
    """What ARM's buckets allow: the last write goes when there is room, and takes its time [azure-facts 5.1]."""
    return max((writes - 200) / 10 + OPERATION, (reads - 250) / 25)


def test_an_apply_beyond_the_burst_is_never_refused_and_loses_little_time(scene: Stage) -> None:
    """A write, a question and a read a machine are the fewest that are possible."""
    scene.throttle()
    ran = scene.apply()
    assert ran.report.succeeded
    assert ran.refused == {}
    assert (ran.kinds["PATCH"], ran.kinds["machine"]) == (MACHINES, MACHINES)
    assert ran.kinds["question"] < 4 * MACHINES
    assert ran.took <= 1.2 * bound(MACHINES, 2 * MACHINES)
    waited = [one for one in ran.events if isinstance(one, Throttled)]
    assert {one.bucket for one in waited} <= {
        f"subscription-{kind} of subscription {SUBSCRIPTION}" for kind in KINDS_HELD
    }
    assert not any(one.refused for one in waited)


def test_somebody_else_who_draws_too_is_noticed(scene: Stage) -> None:
    """The write bucket is nearly empty when we begin: the first answer says so."""
    scene.throttle()
    others = scene.emulator.world.throttle
    scene.planned()
    full = ARM_BUCKETS["writes"]
    others.buckets["writes", "arm", SUBSCRIPTION] = Bucket(full, 5, scene.crank.now)
    ran = scene.apply()
    assert ran.report.succeeded
    assert ran.refused == {}
    assert ran.kinds["PATCH"] == MACHINES
    assert ran.took >= (MACHINES - 5) / 10
