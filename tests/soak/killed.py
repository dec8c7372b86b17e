"""One run that is killed at one request, and what has to hold from then on."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from end_to_end.command import Ended
from soak.moment import Moment, broken
from soak.stage import Stage, Watch

ONE_AT_A_TIME = "--parallelism", "1"
"""So that request N of one run is request N of the next."""

MANY, SOME = 8, 4
"""Steps in flight where it does not matter which request is the N-th; every so many requests are such a point."""


@dataclass(frozen=True)
class KillPoint:
    """The command is killed at its `at`-th request: before Azure heard of it, or after it took effect."""

    at: int
    after: bool = True
    parallelism: int = 1

    def __str__(self) -> str:
        return f"kill:{self.at}:{'after' if self.after else 'before'}:{self.parallelism}"


@dataclass(frozen=True)
class Model:
    """How a run ends that nobody disturbs: its requests, and the moment after it."""

    requests: tuple[str, ...]
    end: Moment


def undisturbed(stage: Stage) -> Model:
    """Run once in peace; raises when even that does not converge."""
    stage.reset()
    watch = Watch()
    stage.apply(watch, *ONE_AT_A_TIME).exited(0)
    model = Model(tuple(watch.seen), stage.moment())
    stage.plan("--detailed-exitcode").exited(0)
    found = [*broken(stage.start, model.end, model.end)]
    assert not found, found
    return model


def points(requests: tuple[str, ...]) -> list[KillPoint]:
    """Every point: after each request, and before each write; some more with many steps in flight."""
    numbered = list(enumerate(requests, start=1))
    return [
        *(KillPoint(at) for at, _ in numbered),
        *(KillPoint(at, after=False) for at, asked in numbered if not asked.startswith(("GET ", "HEAD "))),
        *(KillPoint(at, parallelism=MANY) for at, _ in numbered[SOME - 1 :: SOME]),
    ]


def killed(stage: Stage, point: KillPoint, model: Model) -> list[str]:
    """Kill a run there, apply once more; what does not hold then."""
    stage.reset()
    watch = Watch(point.at, point.after)
    died = stage.apply(watch, "--parallelism", str(point.parallelism))
    if died.code != -signal.SIGKILL:
        return [f"it was not killed: {said(died)}"]
    wrong = [f"after the kill, dangling: {one}" for one in stage.moment().dangling()]
    return wrong + converged(stage, model)


def converged(stage: Stage, model: Model, *, most: int = 1) -> list[str]:
    """Apply at most so often until the plan is empty; what does not hold then."""
    for _ in range(most):
        again = stage.apply()
        if again.code == 0:
            break
    wrong = [] if again.code == 0 and not is_a_bug(again) else [f"the next apply: {said(again)}"]
    empty = stage.plan("--detailed-exitcode")
    if empty.code != 0 or is_a_bug(empty):
        wrong.append(f"the plan is not empty: {said(empty)}")
    stage.arm.control("POST", "settle")  # a rolling upgrade is Azure's own, and goes on by itself
    return wrong + list(broken(stage.start, stage.moment(), model.end))


def is_a_bug(ended: Ended) -> bool:
    return "Traceback" in ended.said or "internal error" in ended.said


def said(ended: Ended) -> str:
    return f"exit {ended.code}\n{ended.said[-3000:]}"
