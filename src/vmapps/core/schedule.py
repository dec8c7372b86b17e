"""What may start now, given what has finished: an immutable value that the coordinator asks and tells."""

from __future__ import annotations

from collections.abc import Mapping
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
    """Which steps wait for how many others, which are ready, running or done. Times are not its business."""

    steps: Mapping[str, Step]
    dependents: Mapping[str, tuple[str, ...]]
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
        dependents: dict[str, list[str]] = {name: [] for name in steps}
        for step in plan.steps:
            for need in step.needs:
                dependents[need].append(step.id)
        missing = {step.id: len(step.needs) for step in plan.steps}
        ready = tuple(name for name, count in missing.items() if count == 0)
        return cls(steps, {name: tuple(found) for name, found in dependents.items()}, missing, ready)

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
            return _released(freed, step)
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


def _released(schedule: Schedule, step: Step) -> Schedule:
    """What only waited for this step is ready."""
    counts = {name: schedule.missing[name] - 1 for name in schedule.dependents[step.id]}
    freed = [name for name, count in counts.items() if count == 0 and name not in schedule.outcomes]
    return replace(schedule, missing={**schedule.missing, **counts}, ready=(*schedule.ready, *freed))


def _skipped(schedule: Schedule, step: Step) -> Schedule:
    """Everything behind a step that did not succeed is skipped because of that step."""
    outcomes = dict(schedule.outcomes)
    behind = list(schedule.dependents[step.id])
    while behind:
        name = behind.pop()
        if name not in outcomes:
            outcomes[name] = Skipped(step.id)
            behind.extend(schedule.dependents[name])
    return replace(schedule, outcomes=outcomes)
