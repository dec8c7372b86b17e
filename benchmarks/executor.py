"""How fast plans are carried out: against what the latency alone allows, and what bounds it when that is no limit.

The bound is the critical path: every step is so many requests of the emulator's latency, and the waits it asks for;
with P steps in flight, N steps take at least N / P times that.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import scene

LATENCY_MS, POLLS, WAIT_MS = 50, 2, 20


def bound(ran: dict[str, Any], parallelism: int) -> float:
    """Seconds that a run takes at least, from its own count of requests a step."""
    requests = sum(ran["requests"].values()) / ran["steps"]
    step = requests * LATENCY_MS / 1000 + (POLLS + 1) * WAIT_MS / 1000  # one before each question
    return float(step * ran["steps"] / parallelism)


def run(machines: int, parallelism: int) -> dict[str, Any]:
    """One apply to so many machines on a fresh emulator."""
    times = ("--polls", str(POLLS), "--retry-after-ms", str(WAIT_MS))
    with tempfile.TemporaryDirectory() as folder, scene.emulator(machines, *times) as url:
        published = scene.write_project(Path(folder), assigned=False)
        scene.child("executor_run.py", str(published), url, "8")
        scene.settings(url, latencyMs=LATENCY_MS)
        scene.write_project(Path(folder), assigned=True)
        ran = scene.child("executor_run.py", str(published), url, str(parallelism))
    least = bound(ran, parallelism)
    return {**ran, "machines": machines, "parallelism": parallelism, "bound": least, "ratio": ran["seconds"] / least}


def row(ran: dict[str, Any]) -> tuple[str, ...]:
    """A line of the table."""
    steps = ran["steps"]
    return (
        str(ran["machines"]),
        str(ran["parallelism"]),
        f"{sum(ran['requests'].values()) / steps:.2f}",
        f"{ran['seconds']:.1f}",
        f"{ran['bound']:.1f}",
        f"{ran['ratio']:.2f}",
        f"{steps / ran['seconds']:.0f}",
        f"{1000 * ran['cpu'] / steps:.1f}",
        f"{ran['cpu'] / ran['seconds']:.0%}",
        str(ran["megabytes"]),
    )


COLUMNS = ("machines", "in flight", "requests/write", "s", "bound s", "ratio", "writes/s", "CPU ms/write", "core", "MB")


def main() -> None:
    """Run them all, or with --quick the small ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1,000 machines only")
    parser.add_argument("--parallelism", type=int, nargs="*", default=[8, 16, 64, 256])
    asked = parser.parse_args()
    sizes = [1000] if asked.quick else [1000, 10000]
    runs = [run(machines, parallelism) for machines in sizes for parallelism in asked.parallelism]
    scene.Table("apply against 50 ms of latency, operations of two polls", COLUMNS, tuple(map(row, runs))).print()
    scene.save("executor", runs)


if __name__ == "__main__":
    main()
