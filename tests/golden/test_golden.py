"""Whole plans, printed: `<situation>/manifests` meets `<situation>/live.json`, and `plan.txt`, `plan.json` come out.

`live.json` is a list of ARM bodies as Azure answers them, `options.json` (if any) the planner's options, `beside.json`
(if any) what was read beside the lists: `reports` and `instances` as Azure answers them, by ARM id, `references` by ARM
id, `blobs` and `stored` (sha256), `unseen` (subscriptions). With GOLDEN=rewrite in the environment the plans are
written anew; read the difference before it is committed.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vmapps.core.address import ArmId
from vmapps.core.guard import guarded
from vmapps.core.guest import GuestReport
from vmapps.core.plan import Options, Plan
from vmapps.core.planning.make import make_plan
from vmapps.core.resource import Instances, Listed, Machine, World
from vmapps.kinds.catalog import KINDS, kind_of
from vmapps.kinds.virtual_machine.wire import decode_report
from vmapps.kinds.virtual_machine_scale_set.instances import decode_instance
from vmapps.manifest.load import load
from vmapps.render.plan_json import from_json, to_json
from vmapps.render.plan_text import to_text

HERE = Path(__file__).parent
SITUATIONS = sorted(folder.name for folder in HERE.iterdir() if (folder / "live.json").is_file())
SECRET = "c4n4ry"
"""Every signature in the live bodies and manifests holds this word."""


def plan_of(situation: str) -> Plan:
    """What vmapps plans there."""
    folder = HERE / situation
    declared = load(folder / "manifests")
    listed = World.of(iter(seen(body, declared.project.subscription) for body in read(folder / "live.json")))
    world = with_answers(listed, folder / "beside.json")
    rules = {name: kind.rules for name, kind in KINDS.items()}
    plan = make_plan(declared, world, rules, options(folder / "options.json"))
    return guarded(plan, declared.project, world)


def seen(body: dict[str, Any], home: str) -> Listed:
    arm_id = ArmId.parse(body["id"])
    assert arm_id is not None
    kind = kind_of(arm_id.type)
    assert kind is not None
    return kind.decode(json.dumps(body).encode(), home)


def with_answers(world: World, path: Path) -> World:
    """What was read beside the lists, from the bodies that Azure answers."""
    given = read(path) if path.exists() else {}
    by_id = {str(one.id).lower(): address for address, one in world.machines.items()}
    reports = {by_id[name.lower()]: report_of(body) for name, body in given.get("reports", {}).items()}
    sets = {by_id[name.lower()]: body for name, body in given.get("instances", {}).items()}
    instances = {address: instances_of(world.machines[address], body) for address, body in sets.items()}
    stored = given.get("stored")
    return replace(
        world,
        reports=reports,
        instances=instances,
        references={name.lower(): answer for name, answer in given.get("references", {}).items()},
        blobs=frozenset(given.get("blobs", ())),
        stored=frozenset(stored) if stored is not None else None,
        unseen=tuple(given.get("unseen", ())),
    )


def report_of(body: dict[str, Any]) -> GuestReport:
    return decode_report(json.dumps(body).encode()) or GuestReport()


def instances_of(model: Machine, body: dict[str, Any]) -> Instances:
    several = tuple(decode_instance(json.dumps(one).encode(), model) for one in body["value"])
    return Instances(model.id, several, body.get("rolling", ""))


def options(path: Path) -> Options:
    given = read(path) if path.exists() else {}
    return Options(**{name: tuple(value) if isinstance(value, list) else value for name, value in given.items()})


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def compare(path: Path, text: str) -> None:
    if os.environ.get("GOLDEN") == "rewrite":
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_plan_for_people(situation: str) -> None:
    compare(HERE / situation / "plan.txt", to_text(plan_of(situation), verbose=True))


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_plan_for_machines(situation: str) -> None:
    plan = plan_of(situation)
    compare(HERE / situation / "plan.json", to_json(plan))
    assert from_json(to_json(plan)) == plan


@pytest.mark.parametrize("situation", SITUATIONS)
def test_no_plan_holds_a_secret(situation: str) -> None:
    plan = plan_of(situation)
    assert SECRET not in to_text(plan, verbose=True) + to_json(plan) + repr(plan)


def test_there_is_something_to_look_at() -> None:
    assert len(SITUATIONS) >= 30
