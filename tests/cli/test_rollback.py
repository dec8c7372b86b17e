"""`vmapps rollback`, the command: what it asks, and what it edits when."""

from __future__ import annotations

from typing import Any

import pytest

from cli.world import PROJECT, Commands, World
from render import cases
from samples import assignment, wanted
from vmapps.cli import wiring
from vmapps.core.declaration import Declarations
from vmapps.core.outcome import Failed
from vmapps.core.plan import Plan
from vmapps.core.planning.aiming import Aim, Rollback
from vmapps.errors import CloudFailure, Error, Invalid


class Sheets:
    """Edits that are only counted."""

    def __init__(self) -> None:
        self.edits: list[str] = ["a.yaml:1: 1.1.0 -> 1.0.0"]
        self.done: list[str] = []
        self.failure: Error | None = None

    def write(self) -> None:
        if self.failure is not None:
            raise self.failure
        self.done.append("written")

    def undo(self) -> None:
        self.done.append("undone")


@pytest.fixture
def sheets(world: World, monkeypatch: pytest.MonkeyPatch) -> Sheets:
    """A project with two assignments, whose machines go back to 1.0.0."""
    found = Sheets()

    def rolled_back(
        declared: Any, azure: Any, rollback: Rollback, options: Any, common: Any
    ) -> tuple[Plan, Aim | None]:
        world.events.append(f"{rollback.assignment.address} {rollback.told} to '{rollback.to}' {options.rollout}")
        made = world.prepared(declared, azure, options, common).plan
        return made, None if made.errored else Aim("1.0.0")

    def asking(project: Any, wishes: Any, common: Any) -> Sheets:
        world.events.append(str(*wishes))
        return found

    world.declared = Declarations(
        PROJECT,
        assignments=(
            assignment(wanted("1.1.0"), name="Web"),
            assignment(wanted("1.1.0"), wanted("1.0.0", "agent"), wanted("", "old", absent=True), name="api"),
            assignment(wanted("latest", follow_latest=True), name="follows"),
        ),
    )
    monkeypatch.setattr(wiring, "rolled_back", rolled_back)
    monkeypatch.setattr(wiring, "asking", asking)
    return found


def test_it_applies_and_then_edits(vmapps: Commands, sheets: Sheets) -> None:
    said = vmapps("rollback", "web", "--yes")
    assert said.code == 0
    assert vmapps.world.events[1:] == [
        "VMAssignment/Web platform/nginx to '' single",
        "Wish(assignment='Web', at=0, version='1.0.0', live=False)",
        "execute 8",
        "closed",
        "load .",
    ]
    assert sheets.done == ["written"]
    assert said.err.splitlines() == [
        "then edits a.yaml:1: 1.1.0 -> 1.0.0",
        "edited a.yaml:1: 1.1.0 -> 1.0.0",
        "Commit that: until then the next apply of what Git has goes forward again.",
    ]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("wob",), 64, "there is no assignment 'wob'; there is Web, api, follows"),
        (("api",), 64, "VMAssignment/api assigns platform/nginx, platform/agent: say --application"),
        (("api", "--application", "platform/old"), 64, "does not assign 'platform/old'; it assigns platform/nginx"),
        (("web", "--to", "1.x"), 64, "--to: '1.x' is not a version such as 1.25.0"),
        (("follows",), 1, "follows the latest version of platform/nginx: Azure chooses it"),
    ],
)
def test_what_is_not_clear_is_said_before_anything_is_read(
    vmapps: Commands, sheets: Sheets, words: tuple[str, ...], code: int, said: str
) -> None:
    ended = vmapps("rollback", *words, "--yes")
    assert (ended.code, said in ended.err) == (code, True), ended.err
    assert not [one for one in vmapps.world.events if not one.startswith("load")]


@pytest.mark.parametrize("name", ["platform/agent", "AGENT"])
def test_one_of_several_applications(vmapps: Commands, sheets: Sheets, name: str) -> None:
    vmapps("rollback", "VMAssignment/api", "--application", name, "--to", "1.0.0", "--rollout", "asDeclared", "--yes")
    assert vmapps.world.events[1] == "VMAssignment/api platform/agent to '1.0.0' asDeclared"
    assert "at=1" in vmapps.world.events[2]


def test_a_project_without_assignments_says_so(vmapps: Commands) -> None:
    assert "there is no assignment 'web'; the project has none" in vmapps("rollback", "web", "--yes").err


def test_nobody_said_yes(vmapps: Commands, sheets: Sheets, terminal: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.confirm", lambda *_, **__: False)
    said = vmapps("rollback", "web")
    assert (said.code, sheets.done) == (1, [])
    assert said.err.endswith("Nothing was changed.\n")


def test_without_a_terminal_and_without_yes_it_does_nothing(vmapps: Commands, sheets: Sheets) -> None:
    assert (vmapps("rollback", "web").code, vmapps.world.events) == (64, [])


def test_a_plan_with_errors_or_refusals_edits_nothing(vmapps: Commands, sheets: Sheets) -> None:
    for plan, code in (("errors", 1), ("refused", 5)):
        vmapps.world.plan = cases.PLANS[plan]
        assert vmapps("rollback", "web", "--yes").code == code
    assert sheets.done == []


def test_where_the_machines_are_back_already_the_manifests_follow(vmapps: Commands, sheets: Sheets) -> None:
    vmapps.world.plan = cases.PLANS["nothing"]
    assert vmapps("rollback", "web", "--yes", "-q").err == "then edits a.yaml:1: 1.1.0 -> 1.0.0\n"
    assert sheets.done == ["written"]
    sheets.edits.clear()
    assert vmapps("rollback", "web", "--yes").code == 0
    assert sheets.done == ["written"]


FAILURE = Failed(CloudFailure("no", scope="x", code="Conflict"))


def failing(world: World, *, all_steps: bool) -> None:
    assert isinstance(world.plan, Plan)
    steps = world.plan.steps if all_steps else world.plan.steps[-1:]
    world.outcomes = {step.id: FAILURE for step in steps}


def test_after_a_failure_the_manifests_say_what_was_wanted(vmapps: Commands, sheets: Sheets) -> None:
    failing(vmapps.world, all_steps=False)
    said = vmapps("rollback", "web", "--yes")
    assert (said.code, sheets.done) == (3, ["written"])
    assert said.err.endswith("Not every machine is back: `vmapps apply` finishes that, as the manifests say it now.\n")


def test_where_nothing_was_changed_or_it_was_interrupted_nothing_is_edited(
    vmapps: Commands, sheets: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(vmapps.world, all_steps=True)
    said = vmapps("rollback", "web", "--yes")
    assert (said.code, sheets.done) == (1, [])
    assert "The manifests were not edited: run the same again to go on" in said.err
    for code in (130, 143):
        monkeypatch.setattr("vmapps.cli.rollback.carried_out", lambda *_, code=code: code)
        assert (vmapps("rollback", "web", "--yes").code, sheets.done) == (code, [])


def test_an_edit_that_is_refused_stops_it_before_anything_is_written(
    vmapps: Commands, sheets: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: Any) -> None:
        raise Error("a.yaml:1:1: the variable 'v' is also used at b.yaml:2:2")

    monkeypatch.setattr(wiring, "asking", refuses)
    said = vmapps("rollback", "web", "--yes")
    assert (said.code, said.out) == (1, "")
    assert "also used at b.yaml:2:2 (--no-edit goes back without an edit)" in said.err
    assert vmapps("rollback", "web", "--yes", "--no-edit").code == 0


def test_an_edit_that_fails_in_the_end_is_said_with_what_to_write(vmapps: Commands, sheets: Sheets) -> None:
    sheets.failure = Error("a.yaml changed meanwhile, and was not overwritten")
    said = vmapps("rollback", "web", "--yes")
    assert said.code == 3
    assert "error: a.yaml changed meanwhile, and was not overwritten" in said.err
    assert said.err.endswith("not edited a.yaml:1: 1.1.0 -> 1.0.0\n")


def test_an_edit_that_makes_the_project_invalid_is_undone(vmapps: Commands, sheets: Sheets) -> None:

    def breaking() -> None:
        sheets.done.append("written")
        vmapps.world.declared = Invalid(())

    sheets.write = breaking  # type: ignore[method-assign]
    said = vmapps("rollback", "web", "--yes")
    assert (said.code, sheets.done) == (3, ["written", "undone"])
    assert "The project would not be valid like this: the edits were undone." in said.err


def test_an_interrupt_while_it_is_looked_at_undoes_the_edits_too(vmapps: Commands, sheets: Sheets) -> None:
    def pressing() -> None:
        vmapps.world.declared = KeyboardInterrupt()  # type: ignore[assignment]

    sheets.write = pressing  # type: ignore[method-assign]
    assert vmapps("rollback", "web", "--yes").code == 130
    assert sheets.done == ["undone"]
