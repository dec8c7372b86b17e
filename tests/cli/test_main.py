"""How commands end: the exit code, and one line instead of a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cli.world import Commands
from vmapps import __version__
from vmapps.cli import speak
from vmapps.core.diagnostic import Span, error, warning
from vmapps.errors import Denied, Error, Invalid, SavedPlanUnusable, Unreachable

DENIED = Denied(
    "does not have authorization", scope="/subscriptions/1", code="AuthorizationFailed", hint="ask for Reader"
)


@pytest.mark.parametrize(
    ("failure", "code", "line"),
    [
        (Error("it is \x1b[31mwrong"), 1, "error: it is \\x1b[31mwrong"),
        (SavedPlanUnusable("stale"), 4, "error: stale"),
        (DENIED, 1, f"error: {DENIED}"),
        (Unreachable("no answer", scope="https://h/?sig=abc"), 1, "error: https://h/?[signature hidden]: no answer"),
        (KeyError("k"), 1, "error: internal error: KeyError: 'k' (VMAPPS_DEBUG=1 shows the traceback)"),
        (RecursionError("deep"), 1, "error: internal error: RecursionError: deep (VMAPPS_DEBUG=1 shows the traceback)"),
        (KeyboardInterrupt(), 130, "Interrupted: nothing was changed."),
        (KeyboardInterrupt(15), 143, "Interrupted: nothing was changed."),
    ],
)
def test_a_failure_is_one_line_and_an_exit_code(vmapps: Commands, failure: BaseException, code: int, line: str) -> None:
    vmapps.world.plan = failure  # type: ignore[assignment]
    said = vmapps("plan")
    assert (said.code, said.out) == (code, "")
    assert said.err.strip() == line


def test_invalid_manifests_are_one_line_each(vmapps: Commands) -> None:
    vmapps.world.declared = Invalid((warning("w", "hm", Span("b.yaml")), error("e", "no", Span("a.yaml", 2, 3))))
    said = vmapps("plan", "--format", "json")
    assert (said.code, said.out) == (1, "")
    assert said.err == "a.yaml:2:3: error: no [e]\nb.yaml:1:1: warning: hm [w]\n1 error, 1 warning.\n"


def test_the_traceback_is_for_those_who_ask(vmapps: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VMAPPS_DEBUG", "1")
    vmapps.world.plan = ZeroDivisionError("x")
    assert "Traceback (most recent call last)" in vmapps("plan").err


USAGE = [
    (),
    ("nonsense",),
    ("plan", "--nonsense"),
    ("plan", "nowhere"),
    ("plan", "--parallelism", "0"),
    ("plan", "--parallelism", "257"),
    ("plan", "--format", "xml"),
    ("plan", "--endpoint", "http://example.com"),
    ("plan", "--endpoint", "ftp://localhost"),
    ("plan", "--endpoint", "https://"),
    ("plan", "--endpoint", "https://user@h"),
    ("plan", "--endpoint", "https://h/?a=b"),
    ("plan", "--endpoint", "https://h:port"),
    ("plan", "--endpoint", "https://[::1"),
    ("plan", "--blob-endpoint", "http://10.0.0.1:10000/x"),
    ("plan", "--ca-file", "nowhere.pem"),
    ("plan", "--api-version", "network=1"),
    ("plan", "--api-version", "gallery"),
    ("plan", "--var", "novalue"),
    ("plan", "--var", "=x"),
    ("plan", "--accept", "deletes"),
    ("plan", "--accept", "deletes=-1"),
    ("plan", "--accept", "deletes=" + "9" * 5000),
    ("plan", "--accept", "all=1"),
    ("plan", "--from", "other.1"),
    ("plan", "--out", "."),
    ("plan", "--guest", "some"),
    ("status", "--state", "well"),
    ("status", "--guest", "auto"),
    ("apply", "--explain", "Gallery/*"),
    ("apply", "--project", "."),
    ("schema", "Nonsense"),
]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_usage_is_64_and_says_what_to_do(vmapps: Commands, arguments: tuple[str, ...]) -> None:
    said = vmapps(*arguments)
    assert (said.code, said.out) == (64, "")
    assert "Usage: vmapps" in said.err
    assert vmapps.world.events == []


def test_version(vmapps: Commands) -> None:
    said = vmapps("--version")
    assert (said.code, said.out) == (0, f"vmapps {__version__}\n")


def test_help_names_every_command_in_the_order_of_use(vmapps: Commands) -> None:
    said = vmapps("--help")
    assert said.code == 0
    listed = [line.split()[0] for line in said.out.split("Commands:\n")[1].splitlines()]
    assert listed == [
        "validate",
        "plan",
        "apply",
        "drift",
        "status",
        "retry",
        "rollback",
        "release",
        "export",
        "doctor",
        "schema",
        "emulator",
    ]


@pytest.mark.parametrize(
    "command", ["", "validate", "plan", "apply", "drift", "status", "rollback", "release", "doctor", "schema"]
)
def test_help_imports_nothing_heavy(command: str) -> None:
    program = (
        "import sys; from vmapps.cli.main import run; code = run(sys.argv[1:]); "
        "heavy = {'azure', 'yaml', 'jsonschema', 'rich', 'deepdiff', 'requests'} & set(sys.modules); "
        "sys.exit(f'imported {heavy}' if heavy else code)"
    )
    arguments = [*filter(None, [command]), "--help"]
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: vmapps")


def test_a_reader_that_hangs_up_does_not_change_the_exit_code() -> None:
    program = (
        "import sys; from vmapps.cli import speak; from vmapps.cli.main import leave\n"
        "sys.stdin.readline()\n"
        "speak.result('x' * 100_000); speak.result('y'); leave(3)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdin
        assert child.stdout
        assert child.stderr
        child.stdout.close()
        child.stdin.write(b"go\n")
        child.stdin.flush()
        assert child.wait() == 3
        assert child.stderr.read() == b""


def test_the_module_runs_like_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "vmapps", "plan", "--nonsense"], capture_output=True, check=False)
    assert done.returncode == 64


class Stream:
    def __init__(self, *, terminal: bool) -> None:
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def test_colours_need_a_terminal_and_nobody_against_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    terminal, pipe = Stream(terminal=True), Stream(terminal=False)
    assert speak.colour_on(terminal)  # type: ignore[arg-type]
    assert not speak.colour_on(pipe)  # type: ignore[arg-type]
    assert not speak.colour_on(terminal, wanted=False)  # type: ignore[arg-type]
    monkeypatch.setenv("TERM", "dumb")
    assert not speak.colour_on(terminal)  # type: ignore[arg-type]
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not speak.colour_on(terminal)  # type: ignore[arg-type]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_result_that_cannot_be_written_is_an_error() -> None:
    program = "from vmapps.cli import speak; speak.result('x')"
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-c", program], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr.endswith("vmapps.errors.Error: the result cannot be written: No space left on device\n")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_streams_that_go_nowhere(closed: str) -> None:
    line = f'"$0" -m vmapps validate nowhere {closed}'
    assert subprocess.run(["sh", "-c", line, sys.executable], capture_output=True, check=False).returncode == 64
