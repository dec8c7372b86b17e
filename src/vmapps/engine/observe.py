"""Read the live world: every list once, several at a time, and below a resource only where it concerns us."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from vmapps.core.resource import Listed, World
from vmapps.engine.ports import CloudReader, Scope, Sighting
from vmapps.errors import CloudFailure, Denied, Missing

FORBIDDEN = 403
"""The status of a known caller without the permission."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a scope holds; `unseen` is its subscription when it could not be read, and need not be.

    `closed` is the path of one that was needed, and why a tolerant reader goes on without it.
    """

    sightings: tuple[Sighting, ...] = ()
    unseen: str = ""
    closed: tuple[str, str] | None = None


def observe(
    scopes: Iterable[Scope],
    cloud: CloudReader,
    concerns_us: Callable[[Listed], bool],
    *,
    parallelism: int,
    tolerant: bool = False,
) -> World:
    """Everything in the scopes, and below what concerns us.

    Raises CloudFailure for a scope that cannot be read; one that is not required and closed to us, or not there, is
    named in the world's `unseen`. A `tolerant` reader goes on without one that is required and closed to us: it is in
    the world's `closed`.
    """
    seen: list[Listed] = []
    unseen: set[str] = set()
    closed: dict[str, str] = {}
    with ThreadPoolExecutor(max_workers=parallelism, thread_name_prefix="observe") as pool:
        reading: set[Future[Survey]] = {pool.submit(_survey, cloud, scope, tolerant=tolerant) for scope in scopes}
        try:
            while reading:
                finished, reading = wait(reading, return_when=FIRST_COMPLETED)
                found = [future.result() for future in finished]
                unseen.update(one.unseen for one in found if one.unseen)
                closed.update(one.closed for one in found if one.closed)
                for sighting in (sighting for one in found for sighting in one.sightings):
                    seen.append(sighting.seen)
                    if sighting.below is not None and concerns_us(sighting.seen):
                        reading.add(pool.submit(_survey, cloud, sighting.below, tolerant=tolerant))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return replace(World.of(iter(seen)), unseen=tuple(sorted(unseen)), closed=dict(sorted(closed.items())))


def _survey(cloud: CloudReader, scope: Scope, *, tolerant: bool) -> Survey:
    try:
        return Survey(tuple(cloud.survey(scope)))
    except CloudFailure as failure:
        if not scope.required and _is_closed(failure):
            return Survey(unseen=scope.subscription)
        if tolerant and _is_denied(failure):
            return Survey(closed=(scope.path, str(failure)))
        raise


def _is_closed(failure: CloudFailure) -> bool:
    """Whether the scope is not there, or not ours to read; a caller that is unknown (401) is another matter."""
    return isinstance(failure, Missing) or _is_denied(failure)


def _is_denied(failure: CloudFailure) -> bool:
    return isinstance(failure, Denied) and failure.status == FORBIDDEN
