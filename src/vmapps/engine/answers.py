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

SIGN_IN = 401
"""The status of a caller who is not known: no other read would fare better."""


def answered(
    packages: frozenset[str],
    questions: Iterable[Question],
    world: World,
    cloud: CloudReader,
    *,
    parallelism: int,
    tolerant: bool = False,
) -> World:
    """The world with the answers in it; raises CloudFailure for what cannot be read, but for others' galleries.

    A `tolerant` reader goes on without a guest that cannot be read: the world's `unread` says why.
    """
    open_questions = tuple(questions)

    def about(topic: Topic) -> Mapping[Address, ArmId]:
        return {one.address: one.id for one in open_questions if one.topic is topic and one.id is not None}

    references = dict.fromkeys(one.id for one in open_questions if one.topic is Topic.REFERENCE and one.id is not None)
    with ThreadPoolExecutor(max_workers=max(1, parallelism), thread_name_prefix="answers") as pool:

        def each(ids: Iterable[ArmId], read: Callable[[ArmId], Answer]) -> dict[ArmId, Answer]:
            several = list(ids)
            return dict(zip(several, pool.map(read, several), strict=True))

        sets, machines = about(Topic.INSTANCES), about(Topic.REPORT)
        instances = each(sets.values(), _reader(lambda one: cloud.instances(one) or Instances(one), tolerant=tolerant))
        reports = each(machines.values(), _reader(lambda one: cloud.report(one) or GuestReport(), tolerant=tolerant))
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
        instances={**world.instances, **_read(sets, instances)},
        reports={**world.reports, **_read(machines, reports)},
        unread={**world.unread, **_unread(sets, instances), **_unread(machines, reports)},
    )


def _reader(read: Callable[[ArmId], Answer], *, tolerant: bool) -> Callable[[ArmId], Answer | CloudFailure]:
    """The same; a tolerant one gives a failure back, but for that of a caller who is unknown everywhere (401)."""

    def ask(one: ArmId) -> Answer | CloudFailure:
        try:
            return read(one)
        except CloudFailure as failure:
            if not tolerant or failure.status == SIGN_IN:
                raise
            return failure

    return ask


def _read(asked: Mapping[Address, ArmId], answers: Mapping[ArmId, Answer | CloudFailure]) -> dict[Address, Answer]:
    """What was answered, by address."""
    found = ((address, answers[one]) for address, one in asked.items())
    return {address: answer for address, answer in found if not isinstance(answer, CloudFailure)}


def _unread(asked: Mapping[Address, ArmId], answers: Mapping[ArmId, object]) -> dict[Address, str]:
    """Why there was no answer, by address."""
    found = ((address, answers[one]) for address, one in asked.items())
    return {address: str(failure) for address, failure in found if isinstance(failure, CloudFailure)}


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
