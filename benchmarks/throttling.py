"""How near to Azure's rate limits a large apply comes, and how seldom it is refused.

The emulator keeps the documented buckets (azure-facts 5.1, 5.2) in scaled time, the client counts in the same time. The
bound is what the buckets allow: the last of N writes cannot be sent before the write bucket has given N tokens, and its
operation takes its time after that; the reads (one question and one confirming read for every write, at least) cannot
all have been sent before the read bucket has given theirs.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

import scene

OPERATION = 30
"""Virtual seconds that a machine write takes."""

WAIT_MS = 4000
"""What the emulator asks for between two questions: the fastest that Compute allows."""

WRITES, READS = (200, 10, 1.0), (250, 25, 1.0)
"""ARM's buckets of a subscription: size, refill, period. Compute's are wider, and never bind here."""


def needed(requests: int, bucket: tuple[int, int, float]) -> float:
    """Seconds until a full bucket has given so many tokens."""
    size, refill, period = bucket
    return max(0, -(-(requests - size) // refill)) * period


def bound(writes: int, reads: int) -> float:
    """The least makespan for so many writes and reads, the last operation included."""
    return max(needed(writes, WRITES) + OPERATION, needed(reads, READS))


def kind(entry: dict[str, Any]) -> str:
    """What a request was for."""
    if entry["method"] != "GET":
        return str(entry["method"])
    if "/operations/" in entry["path"].lower():
        return "question"
    return "machine" if "/virtualMachines/" in entry["path"] else "list"


def run(machines: int, parallelism: int, scale: float) -> dict[str, Any]:
    """One throttled apply to so many machines on a fresh emulator."""
    with tempfile.TemporaryDirectory() as folder, scene.emulator(machines, "--page-size", "1000") as url:
        published = scene.write_project(Path(folder), assigned=False)
        scene.child("executor_run.py", str(published), url, "8")
        scene.settings(
            url, throttle=True, timeScale=scale, operationSeconds=OPERATION, retryAfterMs=WAIT_MS, latencyMs=0
        )
        scene.write_project(Path(folder), assigned=True)
        httpx.delete(f"{url}/emulator/requests", timeout=60).raise_for_status()
        ran = scene.child("throttling_run.py", str(published), url, str(parallelism), str(scale))
        log = httpx.get(f"{url}/emulator/requests", timeout=60).json()["requests"]
    kinds = Counter(kind(one) for one in log)
    refused = Counter(kind(one) for one in log if one["status"] == 429)
    reads = kinds.total() - kinds["PATCH"]
    fewest, made = bound(machines, 2 * machines + kinds["list"]), bound(kinds["PATCH"], reads)
    return {
        **ran,
        "machines": machines,
        "parallelism": parallelism,
        "scale": scale,
        "kinds": dict(kinds),
        "refused": dict(refused),
        "refusedShare": refused.total() / kinds.total(),
        "boundFewest": fewest,
        "boundMade": made,
        "ratioFewest": ran["seconds"] / fewest,
        "ratioMade": ran["seconds"] / made,
    }


def row(ran: dict[str, Any]) -> tuple[str, ...]:
    """A line of the table."""
    per_machine = {name: count / ran["machines"] for name, count in ran["kinds"].items()}
    return (
        str(ran["machines"]),
        str(ran["parallelism"]),
        f"{ran['refusedShare']:.2%}",
        *(f"{per_machine.get(name, 0):.2f}" for name in ("PATCH", "question", "machine")),
        f"{ran['seconds']:.0f}",
        f"{ran['boundFewest']:.0f}",
        f"{ran['ratioFewest']:.2f}",
        f"{ran['boundMade']:.0f}",
        f"{ran['ratioMade']:.2f}",
        f"{ran['cpu'] / ran['realSeconds']:.0%}",
    )


COLUMNS = (
    "machines",
    "in flight",
    "429",
    "PATCH",
    "questions",
    "reads",
    "virtual s",
    "fewest s",
    "ratio",
    "as made s",
    "ratio",
    "core",
)


def main() -> None:
    """Run them all; requests are per machine, both bounds hold the last operation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=2000)
    parser.add_argument("--parallelism", type=int, nargs="*", default=[512])
    parser.add_argument("--scale", type=float, default=4.0, help="virtual seconds in a real one")
    asked = parser.parse_args()
    runs = [run(asked.machines, parallelism, asked.scale) for parallelism in asked.parallelism]
    title = f"apply with the documented rate limits on, {asked.scale:g} virtual seconds a second"
    scene.Table(title, COLUMNS, tuple(map(row, runs))).print()
    scene.save("throttling", runs)


if __name__ == "__main__":
    main()
