"""Read the live world: every list once, several at a time, and below a resource only where it concerns us."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from vmapps.core.resource import Listed, World
from vmapps.engine.ports import CloudReader, Scope, Sighting


def observe(
    scopes: Iterable[Scope], cloud: CloudReader, concerns_us: Callable[[Listed], bool], *, parallelism: int
) -> World:
    """Everything in the scopes, and below what concerns us; raises CloudFailure for a scope that cannot be read."""
    seen: list[Listed] = []
    with ThreadPoolExecutor(max_workers=parallelism, thread_name_prefix="observe") as pool:
        reading: set[Future[tuple[Sighting, ...]]] = {pool.submit(_survey, cloud, scope) for scope in scopes}
        try:
            while reading:
                finished, reading = wait(reading, return_when=FIRST_COMPLETED)
                for sighting in (one for future in finished for one in future.result()):
                    seen.append(sighting.seen)
                    if sighting.below is not None and concerns_us(sighting.seen):
                        reading.add(pool.submit(_survey, cloud, sighting.below))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return World.of(iter(seen))


def _survey(cloud: CloudReader, scope: Scope) -> tuple[Sighting, ...]:
    return tuple(cloud.survey(scope))
