"""`vmapps apply` of a project."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

import pytest

from cli.world import Commands
from render import cases
from vmapps.core.outcome import Abandoned, Applied, Failed, Skipped
from vmapps.core.plan import Step
from vmapps.engine.stop import Stop
from vmapps.errors import Error, Refused

EVERYTHING = cases.PLANS["everything"]
FAILED = Failed(Refused("no", scope=""))


def test_without_a_terminal_and_without_yes_it_does_nothing(vmapps: Commands) -> None:
    said = vmapps("apply")
    assert (said.code, said.out, vmapps.world.events) == (64, "", [])
    assert "--yes" in said.err


def test_every_step_done(vmapps: Commands) -> None:
    said = vmapps("apply", "--yes")
    assert (said.code, said.err) == (0, "")
    assert "Plan: 1 to upload" in said.out
    assert said.out.endswith("Applied 8.\n")
    assert vmapps.world.events == ["load .", "execute 8", "closed"]


def test_verbose_tells_progress_and_quiet_only_the_summary(vmapps: Commands) -> None:
    assert "[8/8] deleted - " in vmapps("apply", "--yes", "-v").err
    quiet = vmapps("apply", "--yes", "-q")
    assert (quiet.err, quiet.out.splitlines()[-2:]) == ("", [quiet.out.splitlines()[-2], "Applied 8."])
    assert "applied " not in quiet.out


@pytest.mark.parametrize(("name", "code"), [("nothing", 0), ("errors", 1), ("refused", 5)])
def test_what_cannot_be_applied_is_shown_and_left(vmapps: Commands, name: str, code: int) -> None:
    vmapps.world.plan = cases.PLANS[name]
    said = vmapps("apply", "--yes")
    assert said.code == code
    assert said.out
    assert vmapps.world.events == ["load .", "closed"]


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ({EVERYTHING.steps[3].id: FAILED}, 3),
        ({step.id: Applied(changed=False) for step in EVERYTHING.steps}, 0),
        ({step.id: FAILED if step is EVERYTHING.steps[0] else Skipped("x") for step in EVERYTHING.steps}, 1),
        ({step.id: Abandoned(in_flight=True) for step in EVERYTHING.steps}, 3),
    ],
)
def test_exit_codes(vmapps: Commands, outcomes: Any, code: int) -> None:
    vmapps.world.outcomes = outcomes
    assert vmapps("apply", "--yes").code == code


def test_json_is_the_report_alone(vmapps: Commands) -> None:
    vmapps.world.outcomes = {EVERYTHING.steps[3].id: FAILED}
    said = vmapps("apply", "--yes", "--format", "json")
    tree = json.loads(said.out)
    assert (said.code, tree["summary"]["applied"], tree["summary"]["failed"]) == (3, 7, 1)
    assert "Plan: 1 to upload" in said.err


def test_json_of_nothing_to_do_is_an_empty_report(vmapps: Commands) -> None:
    vmapps.world.plan = cases.PLANS["nothing"]
    said = vmapps("apply", "--yes", "--format", "json")
    assert (said.code, json.loads(said.out)["results"]) == (0, [])


@pytest.mark.parametrize(("name", "words"), [("everything", "**Applied 8.**"), ("nothing", "**Applied 0.**")])
def test_markdown_is_the_report_alone(vmapps: Commands, name: str, words: str) -> None:
    vmapps.world.plan = cases.PLANS[name]
    said = vmapps("apply", "--yes", "--format", "markdown")
    assert said.out.startswith("<!-- vmapps apply contoso-platform.7f3a9c12 -->\n")
    assert words in said.out
    assert "Plan: 1 to upload" in said.err or name == "nothing"


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1), ("\n", 1), ("", 1)])
@pytest.mark.usefixtures("terminal")
def test_on_a_terminal_it_asks(vmapps: Commands, monkeypatch: pytest.MonkeyPatch, answer: str, code: int) -> None:
    monkeypatch.setattr("sys.stdin.readline", lambda *_: answer)
    said = vmapps("apply")
    assert said.code == code
    assert "Apply this plan? [y/N]" in said.err
    assert ("execute 8" in vmapps.world.events) == (code == 0)
    assert ("Nothing was changed." in said.err) == (code == 1)


@pytest.mark.usefixtures("terminal")
def test_an_interrupt_instead_of_an_answer(vmapps: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    def strike(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("click.termui.visible_prompt_func", strike)
    said = vmapps("apply")
    assert (said.code, said.err) == (130, "Interrupted: nothing was changed.\n")


def test_an_error_in_the_middle_is_not_called_harmless(vmapps: Commands) -> None:
    vmapps.world.failure = ValueError("a bug")
    said = vmapps("apply", "--yes")
    assert said.code == 3
    assert "internal error: ValueError: a bug" in said.err
    assert "Something may have been changed" in said.err
    assert said.out.endswith("Applied 0, not begun 8.\n"), "a report, whatever happens"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_drains(vmapps: Commands, number: signal.Signals, code: int) -> None:
    def strike(step: Step, stop: Stop) -> None:
        if step is EVERYTHING.steps[0]:
            os.kill(os.getpid(), number)
            assert stop.pressed.wait(5)

    before = signal.getsignal(number)
    vmapps.world.on_execute = strike
    vmapps.world.outcomes = {step.id: Abandoned(in_flight=False) for step in EVERYTHING.steps[1:]}
    said = vmapps("apply", "--yes")
    assert said.code == code
    assert said.out.endswith("Applied 1, not begun 7. Stopped before the end.\n")
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("words", [("apply", "--yes"), ("retry", "--yes")])
def test_fail_fast_is_about_carrying_out(vmapps: Commands, words: tuple[str, ...]) -> None:
    assert vmapps(*words, "--fail-fast").code == 0
    assert vmapps.world.common.fail_fast
    assert vmapps(*words).code == 0
    assert not vmapps.world.common.fail_fast


def test_a_signal_after_the_last_step_changes_nothing(vmapps: Commands) -> None:
    vmapps.world.on_execute = lambda step, stop: stop.press()
    assert vmapps("apply", "--yes").code == 0


def test_a_report_that_cannot_be_written_leaves_the_exit_code_of_the_run(
    vmapps: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(text: str) -> None:
        if text.startswith("{"):
            raise Error("the result cannot be written: No space left on device")

    monkeypatch.setattr("vmapps.cli.speak.result", full)
    said = vmapps("apply", "--yes", "--format", "json")
    assert said.code == 0
    assert "error: the result cannot be written: No space left on device\n" in said.err
