"""A run without threads and without waiting: the clock is turned by hand, turns are taken on the spot."""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from typing import Any

from samples import RULES
from vmapps.core.address import ArmId
from vmapps.core.fields import Rules
from vmapps.core.outcome import Report
from vmapps.core.plan import Plan
from vmapps.core.resource import Machine
from vmapps.engine.events import Event
from vmapps.engine.execute import Answer, Answers, Means, execute
from vmapps.engine.ports import Cloud
from vmapps.engine.stop import Stop


class OnTheSpot(Executor):
    """Takes every turn at once, in the caller's own thread."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(work(*args, **kwargs))
        except Exception as error:  # noqa: BLE001
            future.set_exception(error)
        return future


class Crank:
    """A clock that only moves when there is nothing to do but wait. `at` runs a deed at a time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.deeds: list[tuple[float, Callable[[], None]]] = []

    def at(self, moment: float, deed: Callable[[], None]) -> None:
        self.deeds.append((moment, deed))

    def listen(self, answers: Answers, seconds: float) -> Answer | None:
        try:
            return answers.get_nowait()
        except queue.Empty:
            self.now += seconds
        due = [one for one in self.deeds if one[0] <= self.now]
        self.deeds = [one for one in self.deeds if one not in due]
        for _, deed in due:
            deed()
        return None

    @property
    def means(self) -> Means:
        return Means(lambda _most: OnTheSpot(), lambda: self.now, self.listen)


def run(
    plan: Plan,
    cloud: Cloud,
    *,
    parallelism: int = 8,
    stop: Stop | None = None,
    crank: Crank | None = None,
    events: list[Event] | None = None,
    rules: Mapping[str, Rules] = RULES,
    done: frozenset[str] = frozenset(),
    fail_fast: bool = False,
    known: Mapping[ArmId, Machine] | None = None,
) -> Report:
    """Carry a plan out by hand."""
    seen = [] if events is None else events
    return execute(
        plan,
        cloud,
        rules=rules,
        observer=seen.append,
        stop=stop or Stop(),
        parallelism=parallelism,
        done=done,
        fail_fast=fail_fast,
        known=known or {},
        means=(crank or Crank()).means,
    )
