"""What the benchmarks share: an emulator on a core of its own, a project for its fleet, tables and JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

CLIENT_CORE, SERVER_CORE = 0, 1
SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
HERE = Path(__file__).resolve().parent

PROJECT = f"""\
apiVersion: vmapps/v1
kind: Project
metadata: {{name: bench, id: 0b0b0b0b}}
spec:
  subscription: {SUBSCRIPTION}
  resourceGroup: rg-bench
  location: eastus
  manifests: [fleet.yaml]
  safety: {{maxMachines: 1000000}}
"""

FLEET = """\
apiVersion: vmapps/v1
kind: Gallery
metadata: {name: platform}
spec: {}
---
apiVersion: vmapps/v1
kind: GalleryApplication
metadata: {name: agent}
spec: {gallery: platform, supportedOSType: Linux}
---
apiVersion: vmapps/v1
kind: GalleryApplicationVersion
metadata: {name: 1.0.0}
spec:
  application: platform/agent
  source: {mediaLink: "https://elsewhere.blob.core.windows.net/packages/agent-1.0.0"}
  manageActions: {install: sh agent.sh, remove: sh agent.sh --remove}
  settings: {packageFileName: agent.sh}
  targetRegions: [{name: eastus}, {name: westeurope}, {name: southeastasia}]
"""

ASSIGNMENT = """\
---
apiVersion: vmapps/v1
kind: VMAssignment
metadata: {name: everywhere}
spec:
  targets: [{selector: {osType: Linux}}]
  applications: [{application: platform/agent, version: 1.0.0}]
"""


def write_project(folder: Path, *, assigned: bool) -> Path:
    """A project that publishes one application, and with `assigned` puts it on every Linux machine."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vmapps.yaml").write_text(PROJECT, encoding="utf-8")
    (folder / "fleet.yaml").write_text(FLEET + (ASSIGNMENT if assigned else ""), encoding="utf-8")
    return folder


@contextmanager
def emulator(machines: int, *arguments: str) -> Iterator[str]:
    """An emulator with so many Linux machines (every second one is Windows), pinned to its core."""
    command = [sys.executable, "-m", "vmapps_emulator", "--port", "0", "--fleet", str(2 * machines), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            if hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(process.pid, {SERVER_CORE % (os.cpu_count() or 1)})
            url = process.stdout.readline().strip() if process.stdout else ""
            group = f"{url}/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-bench?api-version=2022-09-01"
            httpx.put(group, json={"location": "eastus"}, timeout=60).raise_for_status()
            yield url
        finally:
            process.terminate()


def settings(url: str, **changes: Any) -> None:
    """Change how the emulator behaves from now on."""
    httpx.post(f"{url}/emulator/settings", json=changes, timeout=60).raise_for_status()


def child(script: str, *arguments: str) -> dict[str, Any]:
    """Run a script of this folder in a process on the client's core; gives the JSON that it prints."""
    command = [sys.executable, str(HERE / script), *arguments]
    pin = f"import os,sys; os.sched_setaffinity(0, {{{CLIENT_CORE}}}); os.execv(sys.executable, sys.argv[1:])"
    pinned = [sys.executable, "-c", pin, *command] if hasattr(os, "sched_setaffinity") else command
    ended = subprocess.run(pinned, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


@dataclass(frozen=True)
class Table:
    """Rows of figures under their names."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def print(self) -> None:
        """To stdout, columns aligned."""
        cells = (self.columns, *self.rows)
        widths = [max(len(row[at]) for row in cells) for at in range(len(self.columns))]
        print(f"\n{self.title}\n")
        for row in cells:
            print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))


def save(name: str, figures: Mapping[str, Any] | Sequence[Any]) -> None:
    """Keep the figures as JSON beside the benchmarks (benchmarks/results/, not in git)."""
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
