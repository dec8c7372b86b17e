"""A memory cloud whose requests go wrong: refused, done without an answer, or the caller's last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from memory_cloud import Killed, MemoryCloud
from vmapps.core.address import ArmId
from vmapps.core.guest import GuestReport
from vmapps.core.resource import Instances, Listed
from vmapps.core.settle import Write
from vmapps.engine.ports import Progress, Scope, Sighting, Ticket
from vmapps.errors import CloudFailure

Answer = TypeVar("Answer")


class FlakyCloud(MemoryCloud):
    """The n-th request from now on goes wrong, once each.

    `refused`: nothing is done. `cut`: it is done, and the answer is lost. `killed` is the number of the request after
    which the process is dead; 0 is none.
    """

    def __init__(self, *, polls: int = 1, lag: int = 1) -> None:
        super().__init__(polls=polls, lag=lag)
        self.peace()

    def peace(self) -> None:
        """From now on everything goes well; what has begun goes on."""
        self.asked = self.killed = 0
        self.refused: dict[int, CloudFailure] = {}
        self.cut: dict[int, CloudFailure] = {}
        self.breaks = {}

    def survey(self, scope: Scope) -> Sequence[Sighting]:
        return self._ask(lambda: MemoryCloud.survey(self, scope))

    def read(self, arm_id: ArmId) -> Listed | None:
        return self._ask(lambda: MemoryCloud.read(self, arm_id))

    def instances(self, scale_set: ArmId) -> Instances | None:
        """Instances whose guests are well: those with the newest model report what it says."""
        found = self._ask(lambda: MemoryCloud.instances(self, scale_set))
        if found is None:
            return None
        well = self.boxes[scale_set.key].all_is_well()
        return replace(
            found, instances=tuple(replace(one, report=well if one.latest else None) for one in found.instances)
        )

    def report(self, machine: ArmId) -> GuestReport | None:
        return self._ask(lambda: MemoryCloud.report(self, machine))

    def stored(self) -> frozenset[str]:
        return self._ask(lambda: MemoryCloud.stored(self))

    def begin(self, write: Write) -> Ticket:
        return self._ask(lambda: MemoryCloud.begin(self, write))

    def check(self, ticket: Ticket) -> Progress:
        return self._ask(lambda: MemoryCloud.check(self, ticket))

    def _ask(self, answer: Callable[[], Answer]) -> Answer:
        self.asked += 1
        number = self.asked
        if number in self.refused:
            raise self.refused.pop(number)
        found = answer()
        if number == self.killed:
            raise Killed
        if number in self.cut:
            raise self.cut.pop(number)
        return found
