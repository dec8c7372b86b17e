"""Recordings of real traffic against the emulator: how many answers are equal, with a floor."""

import json
import os
import sys

import pytest

from conformance.measure import measure
from conformance.recordings import cassettes, family, oracle_folder
from conformance.rows import KINDS, rows
from conformance.tally import Tally

FLOOR = 0.90
MOST_ROWS = 60


@pytest.fixture(scope="module")
def tally() -> Tally:
    folder = oracle_folder()
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"no recordings at {folder}: set VMAPPS_ORACLE")
        pytest.skip(f"no recordings at {folder}: set VMAPPS_ORACLE")
    result = measure(folder)
    sys.stdout.write(f"\n{result.report()}\n")
    return result


def test_gallery_answers_equal_the_recorded_ones(tally: Tally, record_property):
    record_property("report", tally.report())
    assert tally.share(tally.equal, "gallery") >= FLOOR, tally.report()


@pytest.mark.parametrize("kind", ["machine", "scale set"])
def test_machine_answers_agree_in_what_applications_need(tally: Tally, kind: str):
    assert tally.share(tally.agreed, kind) >= FLOOR, tally.report()


@pytest.mark.parametrize("kind", ["gallery", "machine", "scale set"])
def test_what_differs_is_a_row(tally: Tally, kind: str):
    assert tally.share(tally.equal + tally.by_row, kind) >= FLOOR, tally.report()


def test_rows_are_few_and_say_why():
    held = rows()
    assert len(held) <= MOST_ROWS
    assert len({str(row) for row in held}) == len(held)
    assert all(row.kind in KINDS and len(row.reason) > 20 and ".jsonl" not in row.reason for row in held)


def call(**more):
    base = {"i": 3, "method": "GET", "path": "/x", "status": 200, "response_headers": {}, "response_body": None}
    return json.dumps({**base, **more}) + "\n"


def test_a_file_that_is_no_recording_is_passed_over(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "prose.jsonl").write_text("not json\n")
    (tmp_path / "bytes.bin").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "other.jsonl").write_text('{"kind": "virtualMachines"}\n')
    (tmp_path / "numbers.jsonl").write_text("1\n2\n")
    (tmp_path / "mixed.jsonl").write_text(call(i=1) + call(i=1))
    (tmp_path / "broken.jsonl").write_text(call(i=1) + "{\n")
    (tmp_path / "deep" / "anything").write_text(call())
    assert [name for name, _ in cassettes(tmp_path)] == ["deep/anything"]


@pytest.mark.parametrize(
    ("below", "wanted"),
    [
        ("galleries/g/applications/a/versions/1.0.0", "gallery"),
        ("galleries/g/images/i", None),
        ("virtualMachines/vm/deallocate", "machine"),
        ("virtualMachines/vm/extensions/e", None),
        ("virtualMachineScaleSets/s/virtualMachines/0/instanceView", "scale set"),
        ("virtualMachineScaleSets/s/manualupgrade", "scale set"),
        ("virtualMachineScaleSets/s/networkInterfaces", None),
        ("disks/d", None),
    ],
)
def test_a_call_belongs_to_what_the_emulator_serves(below: str, wanted: str | None):
    path = f"/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/{below}"
    assert family({"path": path}) == wanted
