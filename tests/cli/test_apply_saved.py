"""`vmapps apply plan.json`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cli.world import PACKAGE, PROJECT, Commands
from render import cases
from vmapps.cli import saved
from vmapps.core.action import Assign, Change, Create
from vmapps.core.declaration import Declarations
from vmapps.core.plan import Expectation, Plan
from vmapps.core.resource import Link, Value
from vmapps.errors import SavedPlanUnusable
from vmapps.render.plan_json import to_json

EVERYTHING = cases.PLANS["everything"]


def save(plan: Plan, file: str = "plan.json") -> str:
    Path(file).write_text(to_json(plan), encoding="utf-8")
    return file


def test_it_is_checked_against_the_live_world_and_carried_out_without_a_question(vmapps: Commands) -> None:
    said = vmapps("apply", save(EVERYTHING))
    assert (said.code, said.err) == (0, "")
    assert said.out.endswith("Applied 8.\n")
    assert vmapps.world.events == ["load .", "recheck", "execute 8", "closed"]


def test_the_project_may_be_elsewhere(vmapps: Commands) -> None:
    Path("checkout").mkdir()
    assert vmapps("apply", save(EVERYTHING), "--project", "checkout").code == 0
    assert vmapps.world.events[0] == "load checkout"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--prune",),
        ("--adopt",),
        ("--from", "x"),
        ("--accept", "deletes=1"),
        ("--target", "Gallery/*"),
        ("--exclude", "Gallery/*"),
        ("--allow-replace", "Gallery/*"),
        ("--allow-reinstall",),
        ("--metadata-now",),
        ("--guest", "auto"),
    ],
)
def test_planning_options_do_not_go_with_it(vmapps: Commands, arguments: tuple[str, ...]) -> None:
    said = vmapps("apply", save(EVERYTHING), *arguments)
    assert (said.code, vmapps.world.events) == (64, [])
    assert f"{arguments[0]} makes another plan" in said.err


def test_variables_in_the_environment_are_no_reason_to_refuse(
    vmapps: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VMAPPS_PRUNE", "1")
    assert vmapps("apply", save(EVERYTHING), "--var", "a=b").code == 0


def unusable(vmapps: Commands, plan: str) -> str:
    said = vmapps("apply", plan)
    assert (said.code, said.out) == (4, "")
    assert not any(event.startswith("execute") for event in vmapps.world.events)
    return said.err


def test_another_project_or_subscription(vmapps: Commands) -> None:
    other = replace(EVERYTHING, project=replace(EVERYTHING.project, owner="other.1"))
    assert "the plan is of other.1" in unusable(vmapps, save(other))
    elsewhere = replace(EVERYTHING, project=replace(EVERYTHING.project, subscription="2222"))
    assert "in subscription 2222" in unusable(vmapps, save(elsewhere))


def test_a_stale_plan(vmapps: Commands) -> None:
    vmapps.world.stale = SavedPlanUnusable("Gallery/platform changed since it was made")
    assert "Gallery/platform changed" in unusable(vmapps, save(EVERYTHING))


def test_an_edited_plan(vmapps: Commands) -> None:
    Path("plan.json").write_text(to_json(EVERYTHING).replace("westeurope", "eastus"), encoding="utf-8")
    assert "plan.json: the saved plan was edited" in unusable(vmapps, "plan.json")


def test_a_plan_with_errors(vmapps: Commands) -> None:
    assert "the plan has errors" in unusable(vmapps, save(cases.PLANS["errors"]))


def test_a_file_that_cannot_be_a_plan(vmapps: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved, "LARGEST", 10)
    assert "too large" in unusable(vmapps, save(EVERYTHING))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SavedPlanUnusable, match="cannot be read"):
        saved.read(tmp_path / "nowhere")


def test_a_refused_plan_stays_refused(vmapps: Commands) -> None:
    said = vmapps("apply", save(cases.PLANS["refused"]))
    assert said.code == 5
    assert "too-many-deletes" in said.out


def test_a_plan_with_nothing_to_do(vmapps: Commands) -> None:
    said = vmapps("apply", save(cases.PLANS["nothing"]))
    assert (said.code, vmapps.world.events) == (0, ["load ."])


def test_a_project_file_is_no_saved_plan(vmapps: Commands) -> None:
    Path("vmapps.yaml").touch()
    assert vmapps("apply", "vmapps.yaml", "--yes", "--prune").code == 0
    assert vmapps.world.events[0] == "load vmapps.yaml"


def with_link(value: Value) -> Plan:
    step = replace(cases.CREATE_VERSION, action=Create((Change(("a",), None, value),)))
    return Plan(EVERYTHING.project, steps=(step,))


@pytest.mark.parametrize("nested", [False, True])
def test_a_link_that_the_manifests_no_longer_have(vmapps: Commands, nested: bool) -> None:
    link = Link("https://h/a", digest="d1")
    file = save(with_link([{"x": link}] if nested else link))
    assert "no longer have the links https://h/a" in unusable(vmapps, file)
    vmapps.world.declared = Declarations(PROJECT, links={"d1": "https://h/a?sig=x"})
    assert vmapps("apply", file).code == 0


def test_links_of_machines_and_slots_count_too(vmapps: Commands) -> None:
    link = Link("https://h/slot", digest="d2")
    slot = replace(cases.UPDATE_VERSION, expects=Expectation(slots=((("a",), link),)))
    assert "https://h/slot" in unusable(vmapps, save(Plan(EVERYTHING.project, steps=(slot,))))
    edit = Change(("applications", "a/b"), None, {"configurationReference": Link("https://h/conf", digest="d3")})
    machine = replace(cases.REORDER, action=Assign((edit,)))
    assert "https://h/conf" in unusable(vmapps, save(Plan(EVERYTHING.project, steps=(machine,))))


def test_a_package_that_is_neither_here_nor_there(vmapps: Commands) -> None:
    vmapps.world.declared = Declarations(PROJECT, packages=(replace(PACKAGE, path=None),))
    assert "packages/nginx-1.26.2.tar.gz" in unusable(vmapps, save(EVERYTHING))
    vmapps.world.blobs = frozenset({cases.PACKAGE})
    assert vmapps("apply", "plan.json").code == 0
