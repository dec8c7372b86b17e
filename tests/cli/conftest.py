"""Commands in a faked world, in an empty directory, with no variables of vmapps' own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cli.world import Commands, World, faked


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("VMAPPS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return faked(monkeypatch)


@pytest.fixture
def vmapps(world: World, capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(world, capsys)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sits there."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
