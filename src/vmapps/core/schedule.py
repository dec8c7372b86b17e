"""What may start now, given what has finished: an immutable value that the coordinator asks and tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from vmapps.core.action import Create, Delete, Update
from vmapps.core.outcome import Abandoned, Applied, Outcome, Report, Skipped
from vmapps.core.plan import Plan, Step


def lane(step: Step) -> str:
    """What only one step at a time may write: an application with its versions, a machine [azure-facts 4.6]."""
    if step.resource is None:
        return step.id
    if isinstance(step.action, (Create, Update, Delete)) and len(step.resource.names) > 1:
        names = step.resource.names[:2]
        return f"{step.resource.subscription}/{step.resource.resource_group}/{'/'.join(names)}".lower()
    return step.resource.key


@dataclass(frozen=True, slots=True)
class Schedule:
    """Which steps wait for how many others, which are ready, running or done. Times are not its business.

    `dependents` need a step's success, `watchers` only its end.
    """

    steps: Mapping[str, Step]
    dependents: Mapping[str, tuple[str, ...]]
    watchers: Mapping[str, tuple[str, ...]]
    missing: Mapping[str, int]
    ready: tuple[str, ...]
    running: frozenset[str] = frozenset()
    lanes: frozenset[str] = frozenset()
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Plan, done: frozenset[str] = frozenset()) -> Schedule:
        """Nothing has started yet; the steps `done` (by id) were by an earlier run."""
        schedule = cls._untouched(plan)
        for step in plan.steps:
            if step.id in done:
                schedule = schedule.start((step,)).record(step, Applied(changed=False))
        return schedule

    @classmethod
    def _untouched(cls, plan: Plan) -> Schedule:
        steps = {step.id: step for step in plan.steps}
        dependents, watchers = _behind(plan, lambda step: step.needs), _behind(plan, lambda step: step.waits)
        missing = {step.id: len(step.needs) + len(step.waits) for step in plan.steps}
        ready = tuple(name for name, count in missing.items() if count == 0)
        return cls(steps, dependents, watchers, missing, ready)

    def startable(self, room: int) -> tuple[Step, ...]:
        """Up to `room` steps that may start, in plan order, no two in one lane."""
        chosen: list[Step] = []
        taken = set(self.lanes)
        for name in self.ready:
            if len(chosen) >= room:
                break
            step = self.steps[name]
            if (way := lane(step)) not in taken:
                taken.add(way)
                chosen.append(step)
        return tuple(chosen)

    def start(self, steps: tuple[Step, ...]) -> Schedule:
        """These are running now."""
        names = {step.id for step in steps}
        return replace(
            self,
            ready=tuple(name for name in self.ready if name not in names),
            running=self.running | names,
            lanes=self.lanes | {lane(step) for step in steps},
        )

    def record(self, step: Step, outcome: Outcome) -> Schedule:
        """A running step ended: what waited for it may start, or is skipped with everything behind it."""
        outcomes = {**self.outcomes, step.id: outcome}
        freed = replace(self, running=self.running - {step.id}, lanes=self.lanes - {lane(step)}, outcomes=outcomes)
        if isinstance(outcome, Applied):
            return _released(_released(freed, freed.dependents[step.id]), freed.watchers[step.id])
        return _skipped(freed, step)

    @property
    def is_over(self) -> bool:
        """Whether nothing runs and nothing can start."""
        return not self.running and not self.ready

    def report(self, *, interrupted: bool) -> Report:
        """Every step with its outcome in plan order; what never started or is still running was abandoned."""
        return Report(
            tuple(
                (step, self.outcomes.get(name, Abandoned(in_flight=name in self.running)))
                for name, step in self.steps.items()
            ),
            interrupted,
        )


def _behind(plan: Plan, before: Callable[[Step], tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """By step, the ids of those that come after it."""
    found: dict[str, list[str]] = {step.id: [] for step in plan.steps}
    for step in plan.steps:
        for need in before(step):
            found[need].append(step.id)
    return {name: tuple(several) for name, several in found.items()}


def _released(schedule: Schedule, waiting: tuple[str, ...]) -> Schedule:
    """One of the things that these wait for has come about; what waits for nothing more is ready."""
    if not waiting:
        return schedule
    counts = {name: schedule.missing[name] - waiting.count(name) for name in waiting}
    freed = [name for name, count in counts.items() if count == 0 and name not in schedule.outcomes]
    return replace(schedule, missing={**schedule.missing, **counts}, ready=(*schedule.ready, *freed))


def _skipped(schedule: Schedule, step: Step) -> Schedule:
    """Everything behind a step that did not succeed is skipped because of it; who only watched goes on."""
    outcomes = dict(schedule.outcomes)
    behind, ended = list(schedule.dependents[step.id]), [step.id]
    while behind:
        name = behind.pop()
        if name not in outcomes:
            outcomes[name] = Skipped(step.id)
            ended.append(name)
            behind.extend(schedule.dependents[name])
    watching = tuple(one for name in ended for one in schedule.watchers[name])
    return _released(replace(schedule, outcomes=outcomes), watching)
