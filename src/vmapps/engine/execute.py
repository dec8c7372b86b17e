"""Carry out a plan: one coordinator owns the schedule and the due times, workers take one turn each."""

from __future__ import annotations

import heapq
import queue
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from vmapps.core.action import Assign
from vmapps.core.address import ArmId
from vmapps.core.fields import Rules
from vmapps.core.outcome import Abandoned, Failed, Outcome, Report, Stale
from vmapps.core.plan import Plan, Step
from vmapps.core.resource import Machine
from vmapps.core.schedule import Schedule
from vmapps.engine.events import Ended, Event, Finished, Observer, Started, Stopping, Throttled, Waiting
from vmapps.engine.perform import Checking, Later, Phase, Turn, Writing, take_turn
from vmapps.engine.ports import Cloud
from vmapps.engine.stop import Stop

MOST_THREADS = 64
"""A thread is held for one request only: with so many, the interpreter is busy before they all are [feasibility 4]."""

TICK = 0.2
"""Seconds after which the coordinator looks at the stop switch, whatever else happens."""

Answer: TypeAlias = "tuple[Step, Future[Turn]]"
Answers: TypeAlias = "queue.SimpleQueue[Answer]"


def threads(most: int) -> Executor:
    """Workers for this many steps."""
    return ThreadPoolExecutor(max_workers=min(most, MOST_THREADS), thread_name_prefix="perform")


def listen(answers: Answers, seconds: float) -> Answer | None:
    """The next answer, or None when there is none within the time."""
    try:
        return answers.get(timeout=seconds)
    except queue.Empty:
        return None


@dataclass(frozen=True, slots=True)
class Means:
    """What a run works with: who takes the turns, what the time is, how an answer is waited for."""

    pool: Callable[[int], Executor] = threads
    clock: Callable[[], float] = time.monotonic
    listen: Callable[[Answers, float], Answer | None] = listen


REAL = Means()

NOTHING: Mapping[ArmId, Machine] = MappingProxyType({})


@dataclass(slots=True)
class _Run:
    """What the coordinator holds while a plan is carried out."""

    schedule: Schedule
    answers: Answers = field(default_factory=queue.SimpleQueue)
    due: list[tuple[float, int, Step, Phase]] = field(default_factory=list)
    began: dict[str, float] = field(default_factory=dict)
    known: dict[ArmId, Machine] = field(default_factory=dict)
    turns: int = 0
    failed: Step | None = None


def execute(
    plan: Plan,
    cloud: Cloud,
    *,
    rules: Mapping[str, Rules],
    observer: Observer,
    stop: Stop,
    parallelism: int,
    means: Means = REAL,
    done: frozenset[str] = frozenset(),
    fail_fast: bool = False,
    known: Mapping[ArmId, Machine] = NOTHING,
) -> Report:
    """Every step of the plan, at most `parallelism` in flight; a failed one skips only what waits for it.

    With `fail_fast` nothing new is begun after the first step that did not succeed.

    `done` are the ids of steps that an earlier run of the same plan has gone past, `known` machines as they were read
    a moment ago: their ETags save a read before the first write of each. The first press of `stop` begins
    nothing new and waits for what is in flight, the second leaves at once.
    """
    pool, clock = means.pool(parallelism), means.clock
    run = _Run(Schedule.of(plan, done), known=dict(known))
    hurried = cloud.impatient()

    def turn(step: Step, phase: Phase) -> None:
        future = pool.submit(take_turn, step, phase, hurried.on_behalf_of(step), rules, observer)
        future.add_done_callback(lambda done: run.answers.put((step, done)))

    said: Stopping | None = None
    try:
        while not stop.hard and not _is_over(run, drains=said is not None):
            reason = _stopping(run, stop, fail_fast=fail_fast)
            if reason and reason != said:
                said = reason
                observer(reason)
            if reason:
                _let_go(run, reason, observer, clock)
            else:
                _start(run, parallelism, turn, observer, clock)
            _wake(run, turn, clock)
            _listen(run, observer, means)
    finally:
        pool.shutdown(wait=not stop.hard, cancel_futures=True)
    report = run.schedule.report(interrupted=stop.soft, because_of=_culprit(_stopping(run, stop, fail_fast=fail_fast)))
    observer(Ended(report))
    return report


def _is_over(run: _Run, *, drains: bool) -> bool:
    return run.schedule.is_over or (drains and not run.schedule.running)


def _stopping(run: _Run, stop: Stop, *, fail_fast: bool) -> Stopping | None:
    """Why nothing new is begun, if so."""
    if stop.soft:
        return Stopping()
    return Stopping(run.failed) if run.failed and fail_fast else None


def _culprit(reason: Stopping | None) -> str:
    return reason.because_of.id if reason and reason.because_of else ""


def _start(
    run: _Run, parallelism: int, turn: Callable[[Step, Phase], None], observer: Observer, clock: Callable[[], float]
) -> None:
    steps = run.schedule.startable(parallelism - len(run.schedule.running))
    if not steps:
        return
    run.schedule = run.schedule.start(steps)
    for step in steps:
        run.began[step.id] = clock()
        observer(Started(step))
        turn(step, Writing(known=_known(run, step)))


def _known(run: _Run, step: Step) -> Machine | None:
    """The machine as it was read, for the first of its steps: the next one finds another ETag."""
    found = run.known.pop(step.resource, None) if step.resource else None
    return found if isinstance(step.action, Assign) else None


def _wake(run: _Run, turn: Callable[[Step, Phase], None], clock: Callable[[], float]) -> None:
    """Take the turns whose time has come."""
    while run.due and run.due[0][0] <= clock():
        _, _, step, phase = heapq.heappop(run.due)
        turn(step, phase)


def _let_go(run: _Run, reason: Stopping, observer: Observer, clock: Callable[[], float]) -> None:
    """After a stop, steps that wait for their turn to write, or to look between waves, leave it."""
    waiting = [step for _, _, step, phase in run.due if isinstance(phase, Writing | Checking)]
    run.due = [due for due in run.due if not isinstance(due[-1], Writing | Checking)]
    heapq.heapify(run.due)
    for step in waiting:
        _finish(run, step, Abandoned(False, _culprit(reason)), observer, clock)


def _listen(run: _Run, observer: Observer, means: Means) -> None:
    """Wait for an answer, the next due time or the tick, whichever comes first."""
    if run.schedule.is_over:
        return
    clock = means.clock
    pause = min(TICK, max(0.0, run.due[0][0] - clock())) if run.due else TICK
    answer = means.listen(run.answers, pause)
    if answer is None:
        return
    step, future = answer
    match future.result():
        case Later(phase, wait) as later:
            run.turns += 1
            heapq.heappush(run.due, (clock() + wait, run.turns, step, phase))
            if wait > 0 and not (later.held and later.held.again):
                observer(_waits(step, later))
        case outcome:
            _finish(run, step, outcome, observer, clock)


def _waits(step: Step, later: Later) -> Event:
    """Why a step waits."""
    if later.held is None:
        return Waiting(step, later.wait)
    return Throttled(later.held.bucket, later.held.sure or later.wait, step, later.held.refused)


def _finish(run: _Run, step: Step, outcome: Outcome, observer: Observer, clock: Callable[[], float]) -> None:
    run.schedule = run.schedule.record(step, outcome)
    if isinstance(outcome, Failed | Stale):
        run.failed = run.failed or step
    observer(Finished(step, outcome, clock() - run.began[step.id]))
