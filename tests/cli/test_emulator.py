"""`vmapps emulator`: another process, whose arguments, signals and end are passed on."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from cli.world import Commands
from vmapps.cli import emulator


class Child:
    """A process that ends with a code, after a signal if it is to get one."""

    started: list[Any]
    got: list[int]
    code: int
    strike: bool

    def __init__(self, command: list[str], **more: Any) -> None:
        self.started.append(command)

    def send_signal(self, number: int) -> None:
        self.got.append(number)

    def wait(self) -> int:
        if self.strike:
            signal.raise_signal(signal.SIGTERM)
        return self.code


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> type[Child]:
    made = type("Made", (Child,), {"started": [], "got": [], "code": 0, "strike": False})
    monkeypatch.setattr(emulator.subprocess, "Popen", made)
    return made


def test_arguments_are_passed_on(vmapps: Commands, child: type[Child]) -> None:
    assert vmapps("emulator", "--port", "0", "--help", "-x").code == 0
    assert child.started[0][1:] == ["-m", "vmapps_emulator", "--port", "0", "--help", "-x"]


@pytest.mark.parametrize(("code", "ours"), [(0, 0), (3, 3), (-15, 143), (-2, 130)])
def test_its_end_is_ours(vmapps: Commands, child: type[Child], code: int, ours: int) -> None:
    child.code = code
    assert vmapps("emulator").code == ours


def test_signals_are_passed_on(vmapps: Commands, child: type[Child]) -> None:
    child.strike, child.code = True, 0
    assert vmapps("emulator").code == 0
    assert child.got == [signal.SIGTERM]


def test_without_the_extra_it_says_what_to_install(
    vmapps: Commands, child: type[Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emulator, "find_spec", lambda name: None if name == "uvicorn" else name)
    said = vmapps("emulator")
    assert (said.code, child.started) == (1, [])
    assert said.err == "error: the emulator needs uvicorn: pip install 'vmapps[emulator]'\n"
