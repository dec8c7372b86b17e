"""`vmapps plan`."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from cli.world import Commands
from render import cases
from vmapps.core.plan import Options
from vmapps.render.plan_json import from_json, to_json

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
