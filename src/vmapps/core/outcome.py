"""How a step ended. Failure is a value, and a whole run is a report in the plan's order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from vmapps.core.plan import Step
from vmapps.errors import CloudFailure


@dataclass(frozen=True, slots=True)
class Applied:
    """Done and seen to be so; `changed` is False when it was already as the plan leaves it.

    `pending` says why the guest has not shown the result yet: the machine is off, or nothing was heard of it. `remark`
    is what else is worth knowing: an application that was removed, nobody knows how well.
    """

    changed: bool = True
    pending: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """Azure refused, or did not do what it said; `failure` holds its code, message and request id.

    `begun`: the write was accepted, or nobody answered it, so that something may have changed all the same.
    """

    failure: CloudFailure
    begun: bool = False


HALTED = "Halted"
"""The code of a look between waves that found too many machines without success."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Not tried, because the step with this id did not succeed."""

    because_of: str


@dataclass(frozen=True, slots=True)
class NotNeeded:
    """Not tried, because what it is for did not come about: no look halted the rollout."""


@dataclass(frozen=True, slots=True)
class Stale:
    """Not tried, because the object is no longer what the plan saw; `why` names the difference."""

    why: str


@dataclass(frozen=True, slots=True)
class Abandoned:
    """The run was stopped; `in_flight`: Azure may still be doing it.

    `because_of` is the id of the step whose failure ended a run that goes on no further than the first one.
    """

    in_flight: bool
    because_of: str = ""


Outcome: TypeAlias = Applied | Failed | Skipped | NotNeeded | Stale | Abandoned


@dataclass(frozen=True, slots=True)
class Report:
    """Every step of a plan with its outcome, in the plan's order."""

    results: tuple[tuple[Step, Outcome], ...]
    interrupted: bool = False

    @property
    def changed(self) -> bool:
        """Whether anything was changed, as far as is known."""
        return any(
            (isinstance(outcome, Applied) and outcome.changed)
            or (isinstance(outcome, Abandoned) and outcome.in_flight)
            or (isinstance(outcome, Failed) and outcome.begun)
            for _, outcome in self.results
        )

    @property
    def succeeded(self) -> bool:
        """Whether every step is done, or was not needed."""
        return all(isinstance(outcome, Applied | NotNeeded) for _, outcome in self.results)
