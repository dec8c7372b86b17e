"""The lock of a project, as the commands hold it."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli.world import PROJECT, Commands
from render import cases
from vmapps.azure.lease import Holder
from vmapps.cli import lock
from vmapps.cli.lock import job_of
from vmapps.core.declaration import Declarations
from vmapps.core.outcome import Abandoned
from vmapps.core.plan import Step
from vmapps.engine.stop import Stop
from vmapps.errors import Denied
from vmapps.render import plan_json

EVERYTHING = cases.PLANS["everything"]
BOB = Holder("5e6f7a8b", "bob@laptop", "", "2026-11-29T20:01:00Z")


@pytest.fixture
def plan_file(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(plan_json.to_json(EVERYTHING), encoding="utf-8")


COMMANDS = [("apply", "--yes"), ("retry", "--yes")]


@pytest.mark.parametrize("command", COMMANDS)
def test_it_is_held_from_before_the_plan_to_the_end(vmapps: Commands, command: tuple[str, ...]) -> None:
    def look(_step: Step, _stop: Stop) -> None:
        assert (vmapps.world.lock.kept, vmapps.world.lock.released) == (True, False)

    vmapps.world.on_execute = look
    assert vmapps(*command).code == 0
    assert vmapps.world.lock.released


@pytest.mark.parametrize("command", [*COMMANDS, ("apply", "plan.json")])
@pytest.mark.usefixtures("plan_file")
def test_another_run_that_has_it_is_named_and_nothing_is_read(vmapps: Commands, command: tuple[str, ...]) -> None:
    vmapps.world.holders = [BOB]
    said = vmapps(*command)
    assert (said.code, said.out, vmapps.world.asked, vmapps.world.breaking) == (1, "", None, False)
    assert vmapps.world.events == ["load ."]
    assert said.err.startswith(
        "error: another run of contoso-platform.7f3a9c12 holds the lock: bob@laptop, run 5e6f7a8b, since "
        "2026-11-29T20:01:00Z; nothing was changed. Next: "
    )
    assert "--lock-wait" in said.err
    assert "--break-lock" in said.err


@pytest.mark.parametrize("command", ["plan", "drift", "validate"])
def test_who_only_reads_takes_none(vmapps: Commands, command: str) -> None:
    vmapps.world.holders = [BOB]
    vmapps(command)
    assert vmapps.world.holders == [BOB]


def test_it_is_given_back_when_the_plan_fails(vmapps: Commands) -> None:
    vmapps.world.plan = Denied("no", scope="/x")
    assert vmapps("apply", "--yes").code == 1
    assert vmapps.world.lock.released


def test_breaking_says_whose_it_was(vmapps: Commands) -> None:
    vmapps.world.lock.broke = BOB
    said = vmapps("apply", "--yes", "--break-lock", "-q")
    assert (said.code, vmapps.world.breaking) == (0, True)
    assert said.err == "Broke the lock of bob@laptop, run 5e6f7a8b, since 2026-11-29T20:01:00Z.\n"


def test_waiting_ends_when_the_other_does(vmapps: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(lock.time, "sleep", slept.append)
    vmapps.world.holders = [BOB, BOB]
    said = vmapps("apply", "--yes", "--lock-wait", "600")
    assert (said.code, slept) == (0, [lock.AGAIN, lock.AGAIN])
    assert said.err.startswith("Waiting for another run of contoso-platform.7f3a9c12: bob@laptop")
    assert len(said.err.splitlines()) == 1


def test_waiting_has_an_end(vmapps: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 5.0, 11.0])
    monkeypatch.setattr(lock.time, "monotonic", lambda: next(times))
    monkeypatch.setattr(lock.time, "sleep", lambda _: None)
    vmapps.world.holders = [BOB] * 9
    said = vmapps("apply", "--yes", "--lock-wait", "10", "-q")
    assert (said.code, len(vmapps.world.holders)) == (1, 7)
    assert len(said.err.splitlines()) == 1


def without_a_store(vmapps: Commands) -> None:
    vmapps.world.declared = Declarations(replace(PROJECT, store=None))


@pytest.mark.parametrize(("more", "told"), [((), 1), (("-q",), 0), (("--no-lock",), 0)])
def test_without_a_package_store_it_goes_on_and_says_so(vmapps: Commands, more: tuple[str, ...], told: int) -> None:
    without_a_store(vmapps)
    said = vmapps("apply", "--yes", *more)
    assert said.code == 0
    notice = "Nothing keeps two runs of this project apart: spec.packageStore is not there."
    assert said.err.splitlines() == [notice] * told


def test_no_lock_asks_nobody(vmapps: Commands) -> None:
    vmapps.world.holders = [BOB]
    assert vmapps("apply", "--yes", "--no-lock").code == 0
    assert vmapps.world.holders == [BOB]


def test_a_store_that_does_not_let_us_is_an_error_with_a_way_out(vmapps: Commands) -> None:
    vmapps.world.holders = [Denied("not you", scope="https://a/locks/x", status=403)]
    said = vmapps("apply", "--yes")
    assert (said.code, vmapps.world.asked) == (1, None)
    assert "the project's lock cannot be taken: https://a/locks/x: not you" in said.err
    assert "--no-lock" in said.err


def test_a_lock_that_is_lost_stops_the_run_as_a_first_signal_does(vmapps: Commands) -> None:
    def lose(step: Step, stop: Stop) -> None:
        if step is EVERYTHING.steps[0]:
            vmapps.world.lock.lose("it was taken over by bob\x1b[2J")
            assert stop.soft
            assert not stop.hard
            stop.press()
            assert not stop.hard, "the first signal afterwards is the first"

    vmapps.world.on_execute = lose
    vmapps.world.outcomes = {step.id: Abandoned(in_flight=False) for step in EVERYTHING.steps[1:]}
    said = vmapps("apply", "--yes")
    assert said.code == 3
    assert "The lock was lost: it was taken over by bob\\x1b[2J." in said.err
    assert "Applied 1, not begun 7. Stopped before the end." in said.out


def test_lost_before_anything_was_written_is_an_error(vmapps: Commands) -> None:
    vmapps.world.outcomes = {step.id: Abandoned(in_flight=False) for step in EVERYTHING.steps}
    vmapps.world.on_execute = lambda _step, _stop: vmapps.world.lock.lose("so it is")
    assert vmapps("apply", "--yes").code == 1


def test_lost_before_the_run_begins_nothing_is_executed(vmapps: Commands) -> None:
    vmapps.world.lock.lost = "it could not be renewed in time"
    said = vmapps("apply", "--yes")
    assert said.code == 1
    assert "the lock was lost: it could not be renewed in time; nothing was changed" in said.err
    assert not any(event.startswith("execute") for event in vmapps.world.events)


AZURE = {"SYSTEM_COLLECTIONURI": "https://dev.azure.com/contoso/", "SYSTEM_TEAMPROJECT": "vm", "BUILD_BUILDID": "12"}
GITHUB = {
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "contoso/vm",
    "GITHUB_RUN_ID": "9",
    "GITHUB_TOKEN": "CANARY",
}


@pytest.mark.parametrize(
    ("variables", "job"),
    [
        (GITHUB, "https://github.com/contoso/vm/actions/runs/9"),
        (AZURE, "https://dev.azure.com/contoso/vm build 12"),
        ({"CI_JOB_URL": "https://gitlab.com/contoso/vm/-/jobs/3"}, "https://gitlab.com/contoso/vm/-/jobs/3"),
        ({"BUILD_URL": "https://jenkins.example/job/vm/4/"}, "https://jenkins.example/job/vm/4/"),
        ({}, ""),
    ],
)
def test_a_job_is_known_by_its_ci(variables: Mapping[str, str], job: str) -> None:
    assert job_of(variables) == job


def test_a_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> Any:
        raise KeyError

    monkeypatch.setattr(getpass, "getuser", nobody)
    me = lock.me({})
    assert me.who.partition("@")[0].isdigit()
    assert me.since.endswith("Z")
    assert len(me.run) == 8
