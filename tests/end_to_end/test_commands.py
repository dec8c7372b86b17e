"""The command itself: its help, its schemas, its emulator, and what bad manifests get from it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from end_to_end.command import COMMAND, Ended, Vmapps, environment
from end_to_end.projects import Project, linked
from vmapps.cli.main import run

COMMANDS = "validate", "plan", "apply", "drift", "status", "schema", "emulator"
HEAVY = re.compile(r"\| +(azure|msal|requests|yaml|jsonschema|deepdiff|vmapps_emulator|uvicorn)$", re.MULTILINE)
BAD = Path(__file__).parent.parent / "manifest" / "bad"
MISTAKES = sorted(path for path in BAD.glob("*") if path.is_dir() or path.suffix == ".yaml")
NASTY = "alias-", "control-", "duplicate-key", "nested-", "recursion", "python-tag", "text-as", "unclosed"


@pytest.fixture
def alone(tmp_path: Path) -> Vmapps:
    """The command with endpoints where nobody listens: nothing may be asked."""
    return Vmapps(tmp_path, "http://127.0.0.1:9", "http://127.0.0.1:9/devstoreaccount1")


@pytest.mark.parametrize("words", [(), *((name,) for name in COMMANDS)], ids=" ".join)
def test_help_reads_well_and_imports_nothing_heavy(tmp_path: Path, words: tuple[str, ...]) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "vmapps", *words, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(tmp_path, {}), check=False)
    assert done.returncode == 0
    assert done.stdout.lower().startswith("usage: ")
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert HEAVY.findall(done.stderr) == [] or words == ("emulator",)
    if not words:
        assert all(re.search(rf"^  {name} ", done.stdout, re.MULTILINE) for name in COMMANDS)


def test_the_version_and_no_command(alone: Vmapps) -> None:
    assert re.fullmatch(r"vmapps \d+\.\d+\.\d+\n", alone("--version").exited(0).out)
    assert "Usage: vmapps" in alone().exited(64).said


def test_schemas_are_printed(alone: Vmapps) -> None:
    names = alone("schema").exited(0).out.split()
    assert {"Gallery", "GalleryApplication", "GalleryApplicationVersion", "VMAssignment", "Project"} <= set(names)
    for name in (*names, "gallery", "plan"):
        assert alone("schema", name).exited(0).json["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(alone("schema", "Gallery").out)["title"] == "Gallery"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_the_emulator_says_its_url_first_and_alone_and_stops_on_a_signal(
    tmp_path: Path, number: signal.Signals
) -> None:
    command = [str(COMMAND), "emulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(tmp_path, {})) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        with urllib.request.urlopen(f"{url}/emulator/health") as answer:
            assert answer.status == 200
        process.send_signal(number)
        assert process.wait(timeout=30) == 0
        assert process.stdout.read() == ""


def test_wrong_options_of_the_emulator_are_usage_errors(alone: Vmapps) -> None:
    assert alone("emulator", "--nonsense").exited(64).out == ""


def project_of(mistake: Path, folder: Path) -> Path:
    """A bad manifest as a project of its own."""
    if mistake.is_dir():
        return mistake
    (folder / "vmapps.yaml").write_bytes(mistake.read_bytes())
    return folder


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda path: path.stem)
def test_a_bad_manifest_is_told_and_nothing_crashes(
    tmp_path: Path, mistake: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every one of them through the command line, in this process; the nastiest below in one of their own."""
    code = run(["validate", str(project_of(mistake, tmp_path))])
    told = Ended(code, *capfd.readouterr()).exited(0 if mistake.stem.startswith("warn-") else 1)
    assert told.err == ""
    assert told.out
    assert all(line.isprintable() for line in told.out.splitlines())


@pytest.mark.parametrize(
    "mistake", [path for path in MISTAKES if path.stem.startswith(NASTY)], ids=lambda path: path.stem
)
def test_a_hostile_manifest_does_not_bring_the_command_down(alone: Vmapps, mistake: Path) -> None:
    done = alone("plan", project_of(mistake, alone.folder)).exited(1)
    assert done.out == ""
    assert "vmapps.yaml:" in done.err


def test_validate_asks_nobody_and_needs_no_endpoint(alone: Vmapps, project: Project) -> None:
    project.holds(*linked("web-01"))
    assert alone("validate", project.folder).exited(0).out.startswith("Valid: shop declares 3 resources")
    assert alone("validate", project.folder, "--format", "json").exited(0).json["valid"]


def test_strict_makes_warnings_errors(alone: Vmapps, project: Project) -> None:
    del project.head["metadata"]["id"]
    project.holds(*linked("web-01"))
    assert "warning" in alone("validate", project.folder).exited(0).out
    assert "error" in alone("validate", project.folder, "--strict").exited(1).out
