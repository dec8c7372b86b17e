"""Recordings of real traffic against the emulator: how many answers are equal, with a floor."""

import asyncio
import json
import os

import pytest

from conformance.recordings import cassettes, oracle_folder
from conformance.replay import Replay, Tally

# Measured over the recordings at hand: 171 of 172 gallery calls and 170 of 174 machine calls.
FLOOR = {"gallery": 0.95, "machine": 0.95}


@pytest.fixture(scope="module")
def tally() -> Tally:
    folder = oracle_folder()
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"no recordings at {folder}: set VMAPPS_ORACLE")
        pytest.skip(f"no recordings at {folder}: set VMAPPS_ORACLE")
    tally = Tally()
    for _name, calls in cassettes(folder):
        asyncio.run(Replay(tally).play(calls))
    return tally


@pytest.mark.parametrize("kind", sorted(FLOOR))
def test_answers_equal_the_recorded_ones(tally: Tally, kind: str, record_property):
    total, equal = tally.total[kind], tally.equal[kind]
    record_property(kind, f"{equal} of {total}")
    assert total > 0
    assert equal / total >= FLOOR[kind], "\n".join(f"{count} x {row}" for row, count in tally.rows.most_common())


def test_a_file_that_is_no_recording_is_passed_over(tmp_path):
    (tmp_path / "prose.jsonl").write_text("not json\n")
    (tmp_path / "other.jsonl").write_text('{"kind": "virtualMachines"}\n')
    (tmp_path / "numbers.jsonl").write_text("1\n2\n")
    call = {"i": 3, "method": "GET", "path": "/x", "status": 200, "response_headers": {}, "response_body": None}
    (tmp_path / "one.jsonl").write_text(json.dumps(call) + "\n")
    assert [name for name, _ in cassettes(tmp_path)] == ["one.jsonl"]
