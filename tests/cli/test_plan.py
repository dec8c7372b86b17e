"""`vmapps plan`."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from cli.world import Commands
from render import cases
from vmapps.core.address import Address
from vmapps.core.plan import Note, Options
from vmapps.render.plan_json import from_json, to_json
from vmapps.render.plan_markdown import to_markdown

EVERYTHING = cases.PLANS["everything"]


def files() -> list[str]:
    return [path.name for path in Path().iterdir()]


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("everything", (), 0),
        ("everything", ("--detailed-exitcode",), 2),
        ("nothing", ("--detailed-exitcode",), 0),
        ("errors", ("--detailed-exitcode",), 1),
        ("refused", ("--detailed-exitcode",), 5),
        ("refused", (), 5),
    ],
)
def test_exit_codes(vmapps: Commands, name: str, arguments: tuple[str, ...], code: int) -> None:
    vmapps.world.plan = cases.PLANS[name]
    said = vmapps("plan", *arguments)
    assert (said.code, said.err) == (code, "")
    assert said.out


def test_text_and_json_are_the_renderers(vmapps: Commands) -> None:
    made = replace(EVERYTHING, options=Options())
    assert vmapps("plan", "--format", "json").out == to_json(made)
    assert vmapps("plan").out.endswith("2 machines to write (1 application taken off), 1 to delete.\n")
    assert "2 more lines" not in vmapps("plan", "-v").out


def test_the_planner_is_asked_what_was_said(vmapps: Commands) -> None:
    vmapps(
        *("plan", "--prune", "--adopt", "--from", "o.1", "--accept", "machines=2,deletes=10"),
        *("--target", "Gallery/*", "--target", "x/y", "--exclude", "z/*"),
        *("--allow-replace", "a/*", "--allow-replace", "b/*", "--allow-reinstall", "--metadata-now", "--guest", "all"),
        *("--var", "a=b=c", "--api-version", "gallery=1,compute=2", "--parallelism", "256", "-q"),
        *("--endpoint", "http://127.0.0.1:8080/", "--blob-endpoint", "http://[::1]:10000/devstoreaccount1"),
    )
    assert vmapps.world.asked == Options(
        prune=True,
        adopt=True,
        adopt_from="o.1",
        targets=("Gallery/*", "x/y"),
        excludes=("z/*",),
        accept=(("deletes", 10), ("machines", 2)),
        allow_replace=("a/*", "b/*"),
        allow_reinstall=True,
        metadata_now=True,
        guest="all",
    )
    common = vmapps.world.common
    assert common.variables == {"a": "b=c"}
    assert common.api_version == {"gallery": "1", "compute": "2"}
    assert (common.parallelism, common.quiet, common.verbose) == (256, True, False)
    assert (common.endpoint, common.blob_endpoint) == ("http://127.0.0.1:8080", "http://[::1]:10000/devstoreaccount1")


def test_variables_speak_unless_an_option_does(vmapps: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ENDPOINT": "https://a", "PARALLELISM": "3", "PRUNE": "1", "TARGET": "A/* B/*"}.items():
        monkeypatch.setenv(f"VMAPPS_{name}", value)
    vmapps("plan", "--parallelism", "5")
    assert (vmapps.world.common.endpoint, vmapps.world.common.parallelism) == ("https://a", 5)
    assert vmapps.world.asked == Options(prune=True, targets=("A/*", "B/*"))


def test_the_newer_planning_options_have_variables_too(vmapps: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ALLOW_REPLACE": "A/*", "ALLOW_REINSTALL": "1", "METADATA_NOW": "1", "GUEST": "all"}.items():
        monkeypatch.setenv(f"VMAPPS_{name}", value)
    vmapps("plan", "--guest", "none")
    assert vmapps.world.asked == Options(allow_replace=("A/*",), allow_reinstall=True, metadata_now=True, guest="none")


def test_an_address_is_explained_instead_of_the_plan(vmapps: Commands) -> None:
    said = vmapps("plan", "--explain", "gallery/*", "--detailed-exitcode")
    assert (said.code, said.err) == (2, "")
    assert said.out.splitlines()[0] == "Gallery/platform"
    assert "  + create Gallery/platform#1" in said.out.splitlines()
    assert "VirtualMachine" not in said.out
    assert "Plan:" not in said.out


def test_the_explanation_as_json_and_in_full(vmapps: Commands) -> None:
    tree = json.loads(vmapps("plan", "--explain", "VirtualMachine/rg-web/*", "--format", "json").out)
    assert [one["address"] for one in tree["explained"]] == [
        "VirtualMachine/rg-web/web-01",
        "VirtualMachine/rg-web/web-99",
    ]
    version = cases.CREATE_VERSION.id
    assert "2 more lines" in vmapps("plan", "--explain", version).out
    assert "2 more lines" not in vmapps("plan", "--explain", version, "-v").out


@pytest.mark.parametrize(("name", "code"), [("everything", 0), ("refused", 5)])
def test_an_explanation_ends_as_its_plan_does(vmapps: Commands, name: str, code: int) -> None:
    vmapps.world.plan = cases.PLANS[name]
    assert vmapps("plan", "--explain", str(cases.DELETE_VERSION.address)).code == code


def test_what_nothing_matches_is_a_usage_error_that_names_the_nearest(vmapps: Commands) -> None:
    said = vmapps("plan", "--explain", "Gallery/platfrom\x1b[31m")
    assert (said.code, said.out) == (64, "")
    assert "nothing is at 'Gallery/platfrom\\x1b[31m'; nearest are Gallery/platform" in said.err
    assert "`vmapps plan -v` shows what there is" in vmapps("plan", "--explain", "?").err


def test_names_from_azure_are_harmless_in_that_message(vmapps: Commands) -> None:
    note = Note("foreign", Address("Gallery", ("evil\x1b[2J",)), "x")
    vmapps.world.plan = replace(cases.PLANS["nothing"], notes=(note,))
    assert "Gallery/evil\\x1b[2J" in vmapps("plan", "--explain", "Gallery/evil").err


def test_a_part_is_not_saved_as_the_whole(vmapps: Commands) -> None:
    said = vmapps("plan", "--explain", "Gallery/*", "--out", "plan.json")
    assert (said.code, files(), vmapps.world.events) == (64, [], [])


def test_a_saved_plan_is_whole_private_and_can_be_read_back(vmapps: Commands) -> None:
    said = vmapps("plan", "--out", "plan.json")
    assert said.code == 0
    assert said.err == "Saved to plan.json. To do exactly this: vmapps apply plan.json\n"
    assert from_json(Path("plan.json").read_bytes()) == replace(EVERYTHING, options=Options())
    assert stat.S_IMODE(Path("plan.json").stat().st_mode) == 0o600
    assert files() == ["plan.json"]
    assert vmapps("plan", "--out", "plan.json", "-q").err == ""


def test_a_plan_with_errors_is_not_saved(vmapps: Commands) -> None:
    vmapps.world.plan = cases.PLANS["errors"]
    said = vmapps("plan", "--out", "plan.json")
    assert (said.code, said.err) == (1, "error: the plan has errors and was not saved to plan.json\n")
    assert files() == []


def test_a_place_that_cannot_be_written_is_an_error(vmapps: Commands) -> None:
    said = vmapps("plan", "--out", "no/where/plan.json")
    assert said.code == 1
    assert said.err == "error: no/where/plan.json: the plan cannot be saved: No such file or directory\n"


def test_half_a_plan_is_never_left(vmapps: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("plan.json").write_text("old", encoding="utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    said = vmapps("plan", "--out", "plan.json")
    assert (said.code, files(), Path("plan.json").read_text(encoding="utf-8")) == (1, ["plan.json"], "old")


def test_markdown_is_a_comment(vmapps: Commands) -> None:
    said = vmapps("plan", "--format", "markdown")
    assert (said.code, said.out) == (0, to_markdown(replace(EVERYTHING, options=Options())))
    refused = vmapps("plan", "--format", "markdown", "--explain", "Gallery/platform")
    assert refused.code == 64
    assert "--explain is text or JSON" in refused.err


def test_a_plan_is_saved_through_links_and_into_pipes(vmapps: Commands) -> None:
    Path("plan.json").symlink_to("there.json")
    assert vmapps("plan", "--out", "plan.json").code == 0
    assert Path("plan.json").is_symlink()
    saved = Path("there.json").read_bytes()
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert vmapps("plan", "--out", "pipe").code == 0
    assert os.read(reader, len(saved) + 1) == saved
    os.close(reader)
    assert stat.S_ISFIFO(Path("pipe").stat().st_mode)


def test_a_rollout_is_resumed_by_the_name_of_its_assignment(vmapps: Commands) -> None:
    vmapps("plan", "--resume", "web", "--resume", "VMAssignment/api-*")
    assert vmapps.world.asked.resume == ("VMAssignment/web", "VMAssignment/api-*")


@pytest.mark.parametrize(
    ("words", "loaded"),
    [
        (("plan",), "load ../.."),
        (("plan", "."), "load ../.."),
        (("plan", ".."), "load .."),
        (("retry", "--yes"), "load ../.."),
        (("plan", "x"), "load x"),
    ],
)
def test_the_project_may_be_above_the_working_directory(
    vmapps: Commands, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], loaded: str
) -> None:
    Path("a/b/x").mkdir(parents=True)
    Path("vmapps.yaml").touch()
    monkeypatch.chdir("a/b")
    vmapps(*words)
    assert vmapps.world.events[0] == loaded
