"""The audit trail as a file: whole lines, kept or refused at once, and never the end of a run."""

from __future__ import annotations

import errno
import json
import os
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.world import Commands
from render import cases
from vmapps.cli import trail
from vmapps.core.outcome import Abandoned, Applied, Failed, Report, Skipped
from vmapps.engine.events import Ended, Finished, Started
from vmapps.errors import Error, Refused

EVERYTHING = cases.PLANS["everything"]


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_a_run_from_its_beginning_to_its_end(vmapps: Commands, tmp_path: Path) -> None:
    failed = EVERYTHING.steps[3]
    vmapps.world.outcomes = {failed.id: Failed(Refused("no", scope="", code="Conflict", request_id="r-1"))}
    assert vmapps("apply", "--yes", "--events", "events.jsonl").code == 3
    found = lines(tmp_path / "events.jsonl")
    assert [one["event"] for one in found[:3]] == ["runStarted", "planned", "stepStarted"]
    assert found[0]["command"] == "apply"
    assert found[1]["steps"] == len(EVERYTHING.steps)
    assert {one["run"] for one in found} == {vmapps.world.common.run}
    [ended] = [one for one in found if one["event"] == "stepFinished" and one["step"] == failed.id]
    assert (ended["outcome"], ended["failure"]["code"], ended["failure"]["requestId"]) == ("failed", "Conflict", "r-1")
    assert (found[-1]["event"], found[-1]["exitCode"], found[-1]["summary"]["failed"]) == ("runEnded", 3, 1)


def test_every_run_has_an_id_of_its_own_and_is_added(vmapps: Commands, tmp_path: Path) -> None:
    for words in (("apply", "--yes"), ("retry", "--yes")):
        assert vmapps(*words, "--events", "events.jsonl").code == 0
    found = lines(tmp_path / "events.jsonl")
    assert [one["command"] for one in found if one["event"] == "runStarted"] == ["apply", "retry"]
    assert len({one["run"] for one in found}) == 2
    assert stat.S_IMODE((tmp_path / "events.jsonl").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (Error("what was wrong"), 1, "what was wrong"),
        (KeyboardInterrupt(15), 143, "interrupted"),
        (ValueError("a bug"), 1, "ValueError"),
    ],
)
def test_the_end_is_told_whatever_it_is(
    vmapps: Commands, tmp_path: Path, raised: BaseException, code: int, said: str
) -> None:
    vmapps.world.plan = raised  # type: ignore[assignment]
    assert vmapps("apply", "--yes", "--events", "events.jsonl").code == code
    end = lines(tmp_path / "events.jsonl")[-1]
    assert (end["event"], end["exitCode"], end["error"], end["changed"]) == ("runEnded", code, said, False)


@pytest.mark.parametrize("name", [".", "nowhere/events.jsonl", "/dev/full"])
def test_a_file_that_cannot_be_written_ends_the_command_before_anything_is_read(vmapps: Commands, name: str) -> None:
    said = vmapps("apply", "--yes", "--events", name)
    assert (said.code, vmapps.world.events) == (1, [])
    assert f"{name}: the events cannot be written: " in said.err


def test_a_disk_that_is_full_is_said_once_and_ends_only_the_trail(
    vmapps: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, write = [4000], os.write

    def full(handle: int, data: bytes) -> int:
        taken = min(len(data), room[0])
        if not taken:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        room[0] -= taken
        return write(handle, data[:taken])

    monkeypatch.setattr(trail.os, "write", full)
    said = vmapps("apply", "--yes", "--events", "events.jsonl")
    assert said.code == 0
    assert said.err.count("the events cannot be written") == 1
    assert "No space left on device; the run goes on, its events are kept no longer" in said.err
    text = (tmp_path / "events.jsonl").read_text(encoding="utf-8")
    assert len(text) == 4000
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    whole = trail.opened(tmp_path / "events.jsonl", "again")
    whole.begun("apply")
    whole.ended(0)
    *_, cut, first, last = (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert cut == text.splitlines()[-1]
    assert [json.loads(one)["run"] for one in (first, last)] == ["again", "again"]


def test_steps_that_were_never_begun_are_told_at_the_end_and_times_are_utc(tmp_path: Path) -> None:
    first, second, third, *_ = EVERYTHING.steps
    kept = trail.opened(tmp_path / "e", "r")
    kept.now = lambda: datetime(2026, 11, 29, 12, 0, 0, 123456, tzinfo=UTC)
    kept(Started(first))
    kept(Finished(first, Applied(), 1.5))
    kept(Ended(Report(((first, Applied()), (second, Skipped("x#1")), (third, Abandoned(in_flight=False))))))
    kept.ended(3)
    kept.ended(0)
    kept(Started(second))
    found = lines(tmp_path / "e")
    assert [(one["event"], one.get("outcome")) for one in found] == [
        ("stepStarted", None),
        ("stepFinished", "applied"),
        ("stepFinished", "skipped"),
        ("stepFinished", "notBegun"),
        ("runEnded", None),
    ]
    assert ["seconds" in one for one in found[1:4]] == [True, False, False]
    assert {one["time"] for one in found} == {"2026-11-29T12:00:00.123Z"}


def test_without_a_file_nothing_is_kept(vmapps: Commands, tmp_path: Path) -> None:
    assert vmapps("apply", "--yes").code == 0
    assert not vmapps.world.common.trail.is_kept
    assert list(tmp_path.iterdir()) == []
