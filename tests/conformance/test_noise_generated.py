"""Whole worlds, made up and exported: a project of all their documents plans nothing against them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings

from conformance.noise import RULES, errors_of, exported, project, steps_of
from samples import HOME, OWNER
from strategies import OUTSIDE, Scenario, scenarios
from vmapps.core.address import ArmId
from vmapps.core.plan import Options
from vmapps.core.planning.make import make_plan
from vmapps.core.resource import MARKS, OWNER_TAG, Listed, World
from vmapps.kinds.catalog import kind_of
from vmapps.manifest.load import load


@given(scenarios(tame=True))
@settings(max_examples=40)
def test_a_whole_world_plans_nothing(scenario: Scenario) -> None:
    seen = list(live(scenario))
    documents = [found for one in seen if one.id.subscription == HOME and (found := exported(one).document)]
    with TemporaryDirectory() as folder:
        written = load(project(Path(folder), HOME, documents, OWNER))
        plan = make_plan(written, World.of(iter(seen)), RULES, Options())
    assert [*steps_of(plan), *errors_of(plan)] == []


def live(scenario: Scenario) -> Iterator[Listed]:
    """What the scenario's cloud holds.

    Ids are in one case: documents refer to each other in exactly the letters that they have. A mark is ours, or there
    is none; of versions always none, as a made-up content mark is of no content.
    """
    for arm_id, wire, state in scenario.things:
        yield decoded(arm_id, wire, state)
    for box in scenario.boxes:
        yield box.see()
    yield decoded(OUTSIDE.child("applications", "monitor").child("versions", "1.0.0"), {"tags": {}}, "Succeeded")


def decoded(arm_id: ArmId, wire: dict[str, Any], state: str) -> Listed:
    kind = kind_of(arm_id.type)
    assert kind is not None
    marked = {OWNER_TAG: OWNER} if wire["tags"].get(OWNER_TAG) == OWNER and len(arm_id.names) < 3 else {}
    tags = {name: value for name, value in wire["tags"].items() if name not in MARKS} | marked
    properties = {**wire.get("properties", {}), "provisioningState": "Succeeded" if state == "Failed" else state}
    body = {**wire, "id": str(arm_id).lower(), "tags": tags, "properties": properties}
    return kind.decode(json.dumps(body).encode(), HOME)
