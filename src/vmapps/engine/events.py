"""What happens during a run, as values: progress lines, logs and audit files are listeners, the engine knows none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from vmapps.core.outcome import Outcome, Report
from vmapps.core.plan import Step


@dataclass(frozen=True, slots=True)
class Started:
    """A step was begun."""

    step: Step


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step's write was accepted; Azure is asked again after `wait` seconds."""

    step: Step
    wait: float


@dataclass(frozen=True, slots=True)
class Finished:
    """A step ended after `took` seconds."""

    step: Step
    outcome: Outcome
    took: float


@dataclass(frozen=True, slots=True)
class Stopping:
    """Nothing new is begun, what is in flight is waited for.

    Somebody asked for it; or the run goes on no further than the first failure, which was that of `because_of`.
    """

    because_of: Step | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The run is over."""

    report: Report


Event: TypeAlias = Started | Waiting | Finished | Stopping | Ended
Observer: TypeAlias = Callable[[Event], None]
