"""``guest-vectors FILE``: what it says of files that are wrong, odd or hostile."""

import json
from typing import Any

import pytest

from vmapps_emulator import __main__ as command_line

Json = dict[str, Any]


def vector(**changes: Any) -> Json:
    """One application installed, as the manager does it."""
    done = {"package": "a", "version": "1.0", "operation": "Install", "result": "SUCCESS"}
    done |= {"treatFailureAsDeploymentFailure": False, "timestamp": ""}
    state = {"applicationName": "a", "version": "1.0", "result": "Install SUCCESS"}
    touch = {"op": "Install", "app": "a", "version": "1.0", "run": "install a 1.0", "cwd": "$DATA/a/1.0", "exit": 0}
    held = {"version": "1.0", "result": "Install SUCCESS", "downloadDir": "$DATA/a/1.0"}
    status = {"written": True, "status": "success", "mrseq_updated": True, "Errors": ""}
    return {
        "name": "install",
        "goal": [{"applicationName": "a", "version": "1.0"}],
        "expected_operations": [touch],
        "expected_registry": {"registry": {"a": held}},
        "expected_status_results": {**status, "CurrentState": [state], "ActionsPerformed": [done]},
    } | changes


def run(tmp_path, content: Any, capsys) -> tuple[int, str]:
    file = tmp_path / "vectors.json"
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    code = command_line.main(["guest-vectors", str(file)])
    shown = capsys.readouterr()
    return code, shown.out + shown.err.replace(str(file), "FILE")


def test_a_vector_that_passes(tmp_path, capsys):
    assert run(tmp_path, [vector()], capsys) == (0, "1 of 1 vectors pass\n")


def test_each_failure_is_one_line_and_all_are_counted(tmp_path, capsys):
    code, said = run(tmp_path, [vector(goal=[]), vector(), vector(name="two\nlines", before={"tickCount": 3})], capsys)
    first, *_, last = said.splitlines()
    assert (code, last) == (1, "2 of 3 vectors pass")
    assert first.startswith("FAIL install: operations: ['Install'] expected, [] made; registry of a: ")
    assert said.count("\n") == 2


def test_a_tick_that_is_not_expected_fails(tmp_path, capsys):
    wrong = vector(expected_registry={**vector()["expected_registry"], "tickCount": 4})
    assert run(tmp_path, [wrong], capsys) == (1, "FAIL install: tick: 4 expected, 0 made\n0 of 1 vectors pass\n")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "FILE: not JSON"),
        (b"\xff\x00", "FILE: not JSON"),
        (b"[" * 100_000, "FILE: not JSON"),
        ({}, "FILE: expected an array of vectors"),
        ([], "FILE: expected an array of vectors"),
        ([7], "FAIL [0]: no vector: Expected `object`, got `int`"),
        ([{"name": "x"}], "FAIL x: no vector: Object missing required field"),
        ([vector(before={"registry": {"a": {"version": "1", "ongoingOperation": "Odd"}}})], "'Odd' is no operation"),
        ([vector(goal=[{"applicationName": "a", "version": "1", "order": "first"}])], "goal[0].order"),
    ],
)
def test_what_is_no_vector_ends_with_1_and_a_line(tmp_path, capsys, content, words):
    code, said = run(tmp_path, content, capsys)
    assert code == 1
    assert words in said


def test_a_file_that_is_not_there_and_a_file_that_is_not_named(tmp_path, capsys):
    assert command_line.main(["guest-vectors", str(tmp_path / "none")]) == 1
    assert command_line.main(["guest-vectors"]) == 2
    assert "No such file" in capsys.readouterr().err
