"""What happens during a run, as values: progress lines, logs and audit files are listeners, the engine knows none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from vmapps.core.address import Address
from vmapps.core.outcome import Outcome, Report
from vmapps.core.plan import Step
from vmapps.core.verified import Answer


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
class Throttled:
    """A request has to wait for room in one of Azure's buckets; it goes in `wait` seconds.

    `refused`: Azure said so, with a 429; else it is not sent, because it would get one. `step` is None for what is
    read before a plan is carried out.
    """

    bucket: str
    wait: float
    step: Step | None = None
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Requested:
    """A request to Azure was answered, with 0 for a `status` if it was not, after `took` seconds.

    `path` has no query. `step` is None for what is read before a plan is carried out. The ids are Azure's own, the one
    that was sent with it, and that of the whole run as Azure's logs have it.
    """

    step: Step | None
    method: str
    path: str
    status: int
    took: float
    request_id: str = ""
    client_request_id: str = ""
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """The guest of a machine, or of one `instance` of a scale set, said how a step's applications stand."""

    step: Step
    address: Address
    instance: str
    applications: tuple[Answer, ...]


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


Event: TypeAlias = Started | Waiting | Throttled | Requested | Verified | Finished | Stopping | Ended
Observer: TypeAlias = Callable[[Event], None]
"""Told of everything, also by workers: more than one thread may call it at a time."""


def nobody(_event: Event) -> None:
    """Whoever does not listen."""
