"""The installed command, run as people and pipelines run it: a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).parent / "vmapps"
PATIENCE = 90

NOWHERE = "http://127.0.0.1:9/devstoreaccount1"
"""The emulators' account where nobody listens, so that nobody looks for a sign-in; there is no lock to be had there."""


def environment(home: Path, more: Mapping[str, str]) -> dict[str, str]:
    """The tests' own, without what would sign in or steer the command."""
    foreign = ("VMAPPS_", "AZURE_", "HTTP_PROXY", "HTTPS_PROXY", "NO_COLOR", "http_proxy", "https_proxy")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {**kept, "HOME": str(home), **more}


@dataclass(frozen=True)
class Ended:
    """How a run of the command ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def exited(self, code: int) -> Ended:
        """Itself, when it ended with this code, and without a traceback in any case."""
        assert self.code == code, f"exit {self.code}, not {code}:\n{self.out}\n{self.err}"
        assert "Traceback" not in self.said
        assert "internal error" not in self.said
        return self

    def complained(self, *words: str) -> Ended:
        """Itself, when it said these words in one line of stderr, and nothing else there."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        for word in words:
            assert word in lines[0], lines[0]
        return self


@dataclass(frozen=True)
class Vmapps:
    """Runs the command against endpoints, from a directory."""

    folder: Path
    arm: str
    blobs: str

    def __call__(self, *arguments: str | Path, **more: str) -> Ended:
        with self.running(*arguments, **more) as process:
            out, err = process.communicate(timeout=PATIENCE)
        return Ended(process.returncode, out, err)

    @contextmanager
    def running(self, *arguments: str | Path, **more: str) -> Iterator[subprocess.Popen[str]]:
        """The command as a process, killed at the end of the block if it still runs."""
        no_lock = "1" if self.blobs == NOWHERE else ""
        given = {"VMAPPS_ENDPOINT": self.arm, "VMAPPS_BLOB_ENDPOINT": self.blobs, "VMAPPS_NO_LOCK": no_lock}
        process = subprocess.Popen(
            [str(COMMAND), *map(str, arguments)],
            cwd=self.folder,
            env=environment(self.folder, {name: value for name, value in (given | more).items() if value}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield process
            finally:
                process.kill()

    def through(self, arm: str = "", blobs: str = "") -> Vmapps:
        """The same with other endpoints."""
        return replace(self, arm=arm or self.arm, blobs=blobs or self.blobs)


def ended(process: subprocess.Popen[str]) -> Ended:
    """Wait for a process that was started."""
    out, err = process.communicate(timeout=PATIENCE)
    return Ended(process.returncode, out, err)
