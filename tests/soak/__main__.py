"""`make soak`: every kill point, and many runs under fire, over several processes; a table, and JSON for a machine."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

from soak.burnt import Burnt, burnt
from soak.fire import KINDS, MIXED
from soak.killed import KillPoint, Model, killed, points, undisturbed
from soak.stage import Stage, staged

Trial = KillPoint | Burnt
PROGRESS = 25
"""Trials between two lines that say how far it is."""


@dataclass
class Tally:
    """How a soak went: what was tried by its group, what did not converge, and why."""

    tried: Counter[str] = field(default_factory=Counter)
    failed: dict[str, list[str]] = field(default_factory=dict)

    def add(self, trial: Trial, wrong: list[str]) -> None:
        self.tried[group(trial)] += 1
        if wrong:
            self.failed[str(trial)] = wrong
            print(
                f"\n{trial} did not converge; to see it again: make soak ONLY={trial}", *wrong, sep="\n  ", flush=True
            )


def main(arguments: list[str] | None = None) -> int:
    """0 when all converged."""
    options = _options().parse_args(arguments)
    seed = random.randrange(10**6) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    began = time.monotonic()
    trials = [parsed(one) for one in options.only] or chosen(options, seed)
    tally = soaked(trials, options.jobs)
    report = reported(tally, seed, time.monotonic() - began)
    print(table(report))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0 if not tally.failed and sum(tally.tried.values()) == len(trials) else 1


def _options() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    made.add_argument("--seed", type=int, help="of the runs under fire; by chance when it is not given")
    made.add_argument("--fires", type=int, default=4, metavar="N", help="runs of every kind of trouble (4)")
    made.add_argument("--mixed", type=int, default=40, metavar="N", help="runs of several kinds at once (40)")
    made.add_argument("--every", type=int, default=1, metavar="K", help="every K-th kill point only (1)")
    made.add_argument("--jobs", type=int, default=2, metavar="N", help="processes, each with an Azure of its own (2)")
    made.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    made.add_argument("--only", action="append", default=[], metavar="TRIAL", help="this one, as a failure names it")
    return made


def chosen(options: argparse.Namespace, seed: int) -> list[Trial]:
    """The kill points, which a stage has to count first; then the fires."""
    with tempfile.TemporaryDirectory() as folder, staged(Path(folder)) as stage:
        every = points(undisturbed(stage).requests)
    fires = [Burnt(kind, seed + number) for kind in KINDS for number in range(options.fires)]
    mixed = [Burnt(MIXED, seed + number) for number in range(options.mixed)]
    return [*every[:: options.every], *fires, *mixed]


def parsed(text: str) -> Trial:
    """A trial as `str` gives it."""
    match text.split(":"):
        case ["kill", at, when, parallelism]:
            return KillPoint(int(at), when == "after", int(parallelism))
        case ["fire", kind, seed]:
            return Burnt(kind, int(seed))
        case _:
            raise SystemExit(f"{text!r} is no trial: kill:12:after:1 or fire:throttle:7")


def group(trial: Trial) -> str:
    """The line of the table that a trial belongs to."""
    if isinstance(trial, KillPoint):
        if trial.parallelism > 1:
            return f"kill after a request, {trial.parallelism} steps in flight"
        return "kill after a request" if trial.after else "kill before a write"
    return f"fire: {trial.kind}"


def soaked(trials: list[Trial], jobs: int) -> Tally:
    """Carry all out, on as many stages."""
    todo: Any = multiprocessing.Queue()
    done: Any = multiprocessing.Queue()
    tally = Tally()
    for one in [*trials, *[None] * jobs]:
        todo.put(one)
    workers = [multiprocessing.Process(target=work, args=(todo, done)) for _ in range(jobs)]
    for worker in workers:
        worker.start()
    for number in range(len(trials)):
        trial, wrong = _next(done, workers)
        if trial is None:
            break
        tally.add(trial, wrong)
        if number % PROGRESS == PROGRESS - 1:
            print(f"{number + 1} of {len(trials)}, {len(tally.failed)} did not converge", flush=True)
    for worker in workers:
        worker.join()
    return tally


def _next(done: Any, workers: list[Any]) -> tuple[Trial | None, list[str]]:
    """The next result; none when all workers are gone."""
    while True:
        try:
            found: tuple[Trial | None, list[str]] = done.get(timeout=5)
        except Empty:
            if not any(worker.is_alive() for worker in workers):
                return None, []
        else:
            return found


def work(todo: Any, done: Any) -> None:
    """One process: its stage, its undisturbed run, and trials until there are no more."""
    with tempfile.TemporaryDirectory() as folder, staged(Path(folder)) as stage:
        model = undisturbed(stage)
        while (trial := todo.get()) is not None:
            done.put((trial, tried(stage, trial, model)))


def tried(stage: Stage, trial: Trial, model: Model) -> list[str]:
    """What did not hold; a trial that broke down itself counts as one that did not."""
    try:
        return killed(stage, trial, model) if isinstance(trial, KillPoint) else burnt(stage, trial, model)
    except Exception:  # noqa: BLE001 - the report says it, and the other trials go on
        return [traceback.format_exc()]


def reported(tally: Tally, seed: int, took: float) -> dict[str, Any]:
    """The figures."""
    lost = Counter(group(parsed(one)) for one in tally.failed)
    groups = {name: {"runs": count, "converged": count - lost[name]} for name, count in sorted(tally.tried.items())}
    kills = sum(count for name, count in tally.tried.items() if name.startswith("kill"))
    runs = sum(tally.tried.values())
    return {
        "seed": seed,
        "killPoints": kills,
        "faultRuns": runs - kills,
        "converged": runs - len(tally.failed),
        "seconds": round(took, 1),
        "groups": groups,
        "failed": tally.failed,
    }


def table(report: dict[str, Any]) -> str:
    """The figures for people."""
    rows = [("", "runs", "converged")]
    rows += [(name, str(one["runs"]), str(one["converged"])) for name, one in report["groups"].items()]
    wide = max(len(name) for name, _, _ in rows)
    lines = [f"{name:<{wide}}  {runs:>5}  {converged:>9}" for name, runs, converged in rows]
    total = f"{report['killPoints']} kill points and {report['faultRuns']} fault runs, {report['converged']} converged"
    return "\n".join(["", *lines, "", f"{total}, in {report['seconds']} s; seed {report['seed']}."])


if __name__ == "__main__":
    sys.exit(main())
