"""Read the live world: every list once, several at a time, and below a resource only where it concerns us."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from vmapps.core.resource import Listed, World
from vmapps.engine.ports import CloudReader, Scope, Sighting
from vmapps.errors import CloudFailure, Denied, Missing


@dataclass(frozen=True, slots=True)
class Survey:
    """What a scope holds; `unseen` is its subscription when it could not be read, and need not be."""

    sightings: tuple[Sighting, ...] = ()
    unseen: str = ""


def observe(
    scopes: Iterable[Scope], cloud: CloudReader, concerns_us: Callable[[Listed], bool], *, parallelism: int
) -> World:
    """Everything in the scopes, and below what concerns us.

    Raises CloudFailure for a scope that cannot be read; one that is not required and closed to us, or not there, is
    named in the world's `unseen`.
    """
    seen: list[Listed] = []
    unseen: set[str] = set()
    with ThreadPoolExecutor(max_workers=parallelism, thread_name_prefix="observe") as pool:
        reading: set[Future[Survey]] = {pool.submit(_survey, cloud, scope) for scope in scopes}
        try:
            while reading:
                finished, reading = wait(reading, return_when=FIRST_COMPLETED)
                found = [future.result() for future in finished]
                unseen.update(one.unseen for one in found if one.unseen)
                for sighting in (sighting for one in found for sighting in one.sightings):
                    seen.append(sighting.seen)
                    if sighting.below is not None and concerns_us(sighting.seen):
                        reading.add(pool.submit(_survey, cloud, sighting.below))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return replace(World.of(iter(seen)), unseen=tuple(sorted(unseen)))


def _survey(cloud: CloudReader, scope: Scope) -> Survey:
    try:
        return Survey(tuple(cloud.survey(scope)))
    except CloudFailure as failure:
        if scope.required or not _is_closed(failure):
            raise
        return Survey(unseen=scope.subscription)


def _is_closed(failure: CloudFailure) -> bool:
    """Whether the scope is not there, or not ours to read; a caller that is unknown (401) is another matter."""
    return isinstance(failure, Missing) or (isinstance(failure, Denied) and failure.status == 403)
