"""Read what no list tells, once weighing asked for it: packages, single versions, instances, guests' reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from vmapps.core.address import Address, ArmId
from vmapps.core.guest import GuestReport
from vmapps.core.planning.findings import Question, Topic
from vmapps.core.resource import Instances, World
from vmapps.engine.ports import CloudReader
from vmapps.errors import CloudFailure, Denied

Answer = TypeVar("Answer")


def answered(
    packages: frozenset[str], questions: Iterable[Question], world: World, cloud: CloudReader, *, parallelism: int
) -> World:
    """The world with the answers in it; raises CloudFailure for what cannot be read, but for others' galleries."""
    open_questions = tuple(questions)

    def about(topic: Topic) -> Mapping[Address, ArmId]:
        return {one.address: one.id for one in open_questions if one.topic is topic and one.id is not None}

    references = {one.id for one in open_questions if one.topic is Topic.REFERENCE and one.id is not None}
    with ThreadPoolExecutor(max_workers=max(1, parallelism), thread_name_prefix="answers") as pool:

        def each(ids: Iterable[ArmId], read: Callable[[ArmId], Answer]) -> dict[ArmId, Answer]:
            several = list(ids)
            return dict(zip(several, pool.map(read, several), strict=True))

        sets, machines = about(Topic.INSTANCES), about(Topic.REPORT)
        instances = each(sets.values(), lambda one: cloud.instances(one) or Instances(one))
        reports = each(machines.values(), lambda one: cloud.report(one) or GuestReport())
        known = each(references, lambda one: _is_there(one, cloud))
    stored, unread = world.stored, world.store_unread
    if any(one.topic is Topic.STORE for one in open_questions):
        stored, unread = _stored(cloud)
    return replace(
        world,
        blobs=world.blobs | (cloud.present(sorted(packages)) if packages else frozenset()),
        stored=stored,
        store_unread=unread,
        references={**world.references, **{one.key: answer for one, answer in known.items()}},
        instances={**world.instances, **{address: instances[one] for address, one in sets.items()}},
        reports={**world.reports, **{address: reports[one] for address, one in machines.items()}},
    )


def _stored(cloud: CloudReader) -> tuple[frozenset[str], str]:
    """What is in the store, or why that cannot be told: packages are tidied up another time then."""
    try:
        return cloud.stored(), ""
    except CloudFailure as failure:
        return frozenset(), str(failure)


def _is_there(arm_id: ArmId, cloud: CloudReader) -> str:
    """Whether somebody else's version is there and may be read: Azure checks both at every write [azure-facts 6.2]."""
    try:
        return "there" if cloud.read(arm_id) is not None else "missing"
    except Denied:
        return "unreadable"
