"""Whole worlds, exported: what is written loads, plans nothing against them, and adopting it writes marks alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import find, given, settings
from hypothesis import strategies as st

from conformance.noise import RULES, errors_of, steps_of
from fleets import Fleet, fleets
from samples import ELSEWHERE, HOME, OWNER
from strategies import OUTSIDE, Scenario, scenarios
from vmapps.core.action import changes_of
from vmapps.core.declaration import Declarations, Project
from vmapps.core.exporting.choice import Choice
from vmapps.core.exporting.result import Export
from vmapps.core.plan import Options
from vmapps.core.planning.make import make_plan
from vmapps.core.resource import MARKS, OWNER_TAG, Listed, Observed, World
from vmapps.kinds.catalog import kind_of
from vmapps.kinds.exporting import exported
from vmapps.manifest.head import project_text
from vmapps.manifest.load import load
from vmapps.manifest.place import files_of, place

PROJECT = Project("new", "a1b2c3d4", "AzurePublic", HOME, fleet=(HOME, ELSEWHERE))
choices = st.builds(
    Choice,
    st.sampled_from([(), ("*",), ("platform",), ("platform/n*", "Tools"), ("nowhere",)]),
    st.sampled_from([(), (OUTSIDE.name,), ("tools", "theirs")]),
    st.sampled_from([(), (), ("rg-web/*",), ("*/web-01",)]),
)


def written(made: Export, folder: Path) -> Declarations:
    files = files_of(made.pieces)
    text = project_text(PROJECT) if files else project_text(PROJECT).replace("- manifests/**/*.yaml", "[]")
    place({**files, "vmapps.yaml": text}, folder, force=False)
    return load(folder)


def keeps_the_promise(world: World, choice: Choice) -> None:
    made = exported(world, choice, PROJECT)
    with TemporaryDirectory() as folder:
        declared = written(made, Path(folder))
    plan = make_plan(declared, world, RULES, Options())
    assert [*steps_of(plan), *errors_of(plan)] == []
    adopting = make_plan(declared, world, RULES, Options(adopt=True, metadata_now=False))
    assert [*errors_of(adopting)] == []
    for step in adopting.steps:
        assert step.verb == "update", step
        assert {change.path for change in changes_of(step.action)} <= {*(("tags", mark) for mark in MARKS), STATE}
    assert made == exported(backwards(world), choice, PROJECT), "the order of the input does not matter"


STATE = ("properties", "provisioningState")


def backwards(world: World) -> World:
    return replace(
        world,
        resources=dict(reversed(world.resources.items())),
        machines=dict(reversed(world.machines.items())),
    )


@given(scenarios(tame=False), choices)
@settings(max_examples=60)
def test_a_scenario_of_many_spellings(scenario: Scenario, choice: Choice) -> None:
    keeps_the_promise(World.of(live(scenario)), choice)


def live(scenario: Scenario) -> Iterator[Listed]:
    """What the scenario's cloud holds; nothing carries our mark, as the project is new."""
    for arm_id, wire, state in scenario.things:
        kind = kind_of(arm_id.type)
        assert kind is not None
        tags = {name: value for name, value in wire["tags"].items() if name not in MARKS or value != OWNER}
        properties = {**wire.get("properties", {}), "provisioningState": state}
        if OWNER_TAG not in tags:
            tags = {name: value for name, value in tags.items() if name not in MARKS}
        yield kind.decode(encoded({**wire, "id": str(arm_id), "tags": tags, "properties": properties}), HOME)
    for box in scenario.boxes:
        yield box.see()
    names = {"galleries": OUTSIDE, "applications": OUTSIDE.child("applications", "monitor")}
    for arm_id in (*names.values(), names["applications"].child("versions", "1.0.0")):
        kind = kind_of(arm_id.type)
        assert kind is not None
        yield kind.decode(encoded({"id": str(arm_id), "location": "westeurope", "tags": {}}), HOME)


def encoded(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()


@given(fleets(), choices)
@settings(max_examples=60)
def test_a_fleet_with_scale_sets_and_copies(fleet: Fleet, choice: Choice) -> None:
    mine = {address: unmarked(one) for address, one in fleet.world.resources.items()}
    machines = {
        address: replace(
            one, entries=tuple(replace(it, mark=None if is_ours(it.mark) else it.mark) for it in one.entries)
        )
        for address, one in fleet.world.machines.items()
    }
    keeps_the_promise(replace(fleet.world, resources=mine, machines=machines), choice)


def is_ours(mark: Any) -> bool:
    return mark is not None and mark.owner == OWNER


def unmarked(one: Observed) -> Observed:
    """A resource whose bodies are those of Azure: these worlds are made for the planner, which needs less."""
    return replace(one, owner="" if one.owner == OWNER else one.owner, content="")


def test_the_laws_are_about_something() -> None:
    """Worlds with claimed machines of both sorts are among those that are tried."""
    for worlds in (scenarios(tame=False).map(lambda one: World.of(live(one))), fleets().map(lambda one: one.world)):
        found = find(worlds, lambda world: exported(world, Choice(), PROJECT).machines > 1)
        assert exported(found, Choice(), PROJECT).count("VMAssignment") > 0
