"""What may start now, given what has finished: an immutable value that the coordinator asks and tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from rpds import HashTrieMap, HashTrieSet

from vmapps.core.action import Create, Delete, Update
from vmapps.core.outcome import HALTED, Abandoned, Applied, Failed, NotNeeded, Outcome, Report, Skipped
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

    `dependents` need a step's success, `watchers` only its end; a step with `only_if` watches these looks, and is not
    needed when none of them halted. `line` numbers the steps as they became ready: those
    below `head` were looked at, and have started or are `held`, as their lane was taken. What changes is kept in
    persistent maps: a plan of 10,000 steps makes 20,000 schedules, each of which shares nearly all with the one before.
    """

    steps: Mapping[str, Step]
    dependents: Mapping[str, tuple[str, ...]]
    watchers: Mapping[str, tuple[str, ...]]
    missing: HashTrieMap[str, int]
    line: HashTrieMap[int, str]
    head: int = 0
    held: tuple[str, ...] = ()
    running: HashTrieSet[str] = field(default_factory=HashTrieSet)
    lanes: HashTrieSet[str] = field(default_factory=HashTrieSet)
    outcomes: HashTrieMap[str, Outcome] = field(default_factory=HashTrieMap)

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
        dependents = _behind(plan, lambda step: step.needs)
        watchers = _behind(plan, lambda step: (*step.waits, *step.only_if))
        missing = {step.id: len(step.needs) + len(step.waits) + len(step.only_if) for step in plan.steps}
        ready = enumerate(name for name, count in missing.items() if count == 0)
        return cls(steps, dependents, watchers, HashTrieMap(missing), HashTrieMap(dict(ready)))

    def startable(self, room: int) -> tuple[Step, ...]:
        """Up to `room` steps that may start, in the order in which they became ready, no two in one lane."""
        chosen: list[Step] = []
        taken: set[str] = set()
        for name in self._in_line() if room > 0 else ():
            step = self.steps[name]
            way = lane(step)
            if way not in taken and way not in self.lanes:
                taken.add(way)
                chosen.append(step)
                if len(chosen) == room:
                    break
        return tuple(chosen)

    def start(self, steps: tuple[Step, ...]) -> Schedule:
        """These are running now; who is passed over on the way to them stays in front."""
        names = {step.id for step in steps}
        held = [name for name in self.held if name not in names]
        behind = {name for name in names.difference(self.held) if self.missing[name] == 0}
        head = self.head
        while behind:
            name, head = self.line[head], head + 1
            if name in behind:
                behind.remove(name)
            else:
                held.append(name)
        return replace(
            self,
            head=head,
            held=tuple(held),
            running=self.running.update(names),
            lanes=self.lanes.update([lane(step) for step in steps]),
        )

    def record(self, step: Step, outcome: Outcome) -> Schedule:
        """A running step ended: what waited for it may start, or is skipped with everything behind it."""
        freed = replace(
            self,
            running=self.running.discard(step.id),
            lanes=self.lanes.discard(lane(step)),
            outcomes=self.outcomes.insert(step.id, outcome),
        )
        if isinstance(outcome, Applied):
            return _released(_released(freed, freed.dependents[step.id]), freed.watchers[step.id])
        return _skipped(freed, step)

    def _in_line(self) -> Iterator[str]:
        """Who is ready, those that were passed over first."""
        yield from self.held
        for number in range(self.head, len(self.line)):
            yield self.line[number]

    @property
    def is_over(self) -> bool:
        """Whether nothing runs and nothing can start."""
        return not self.running and not self.held and self.head == len(self.line)

    def report(self, *, interrupted: bool, because_of: str = "") -> Report:
        """Every step with its outcome in plan order; what never started or is still running was abandoned.

        `because_of` is the failed step, when that is why nothing more was begun.
        """
        running, rest = Abandoned(in_flight=True), Abandoned(in_flight=False, because_of=because_of)
        ended = ((step, self.outcomes.get(name)) for name, step in self.steps.items())
        results = tuple((step, outcome or (running if step.id in self.running else rest)) for step, outcome in ended)
        return Report(results, interrupted)


def _behind(plan: Plan, before: Callable[[Step], tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """By step, the ids of those that come after it."""
    found: dict[str, list[str]] = {step.id: [] for step in plan.steps}
    for step in plan.steps:
        for need in before(step):
            found[need].append(step.id)
    return {name: tuple(several) for name, several in found.items()}


def _released(schedule: Schedule, waiting: tuple[str, ...]) -> Schedule:
    """One of the things that these wait for has come about; what waits for nothing more is ready, or not needed."""
    missing, line, outcomes = schedule.missing, schedule.line, schedule.outcomes
    told = list(waiting)
    for name in told:
        count = missing[name] - 1
        missing = missing.insert(name, count)
        if count == 0 and name not in outcomes:
            if _is_needed(schedule.steps[name], outcomes):
                line = line.insert(len(line), name)
            elif not any(isinstance(outcomes.get(look), Abandoned) for look in schedule.steps[name].only_if):
                outcomes = outcomes.insert(name, NotNeeded())
                told.extend((*schedule.dependents[name], *schedule.watchers[name]))
    return replace(schedule, missing=missing, line=line, outcomes=outcomes) if waiting else schedule


def _is_needed(step: Step, outcomes: Mapping[str, Outcome]) -> bool:
    """Whether a step's condition, if it has one, has come about."""
    return not step.only_if or any(_has_halted(outcomes.get(look)) for look in step.only_if)


def _has_halted(outcome: Outcome | None) -> bool:
    return isinstance(outcome, Failed) and outcome.failure.code == HALTED


def _skipped(schedule: Schedule, step: Step) -> Schedule:
    """Everything behind a step that did not succeed is skipped because of it; who only watched goes on."""
    outcomes = schedule.outcomes
    behind, ended = list(schedule.dependents[step.id]), [step.id]
    while behind:
        name = behind.pop()
        if name not in outcomes:
            outcomes = outcomes.insert(name, Skipped(step.id))
            ended.append(name)
            behind.extend(schedule.dependents[name])
    watching = tuple(one for name in ended for one in schedule.watchers[name])
    return _released(replace(schedule, outcomes=outcomes), watching)
