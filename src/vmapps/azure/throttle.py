"""Keep to Azure's token buckets: whether a request may go now, and when it may if not.

A request that has to wait gets a promise: its draws are made, so that whoever comes later waits longer, and it goes
when it is asked for again at its time. A 429 shuts the bucket that it names, and no other.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf
from threading import Lock

from vmapps.azure import learned
from vmapps.azure.buckets import Allowance, Bucket
from vmapps.azure.failures import Answer
from vmapps.azure.policies import ARM, COMPUTE, Asked, Which, bucket, drawn_from
from vmapps.azure.waits import wait

LONGEST_GUESS = 60.0
"""Seconds: how long a bucket is shut at most when a 429 does not say, after 1, 2, 4, … seconds."""

SPREAD = 0.1
"""A pause is longer by up to this part of it, so that several of us do not come back at the same moment."""
MOST_SPREAD = 5.0

LOOK_IN = 0.25
"""Seconds: a request with a promise asks again no sooner."""

FORGOTTEN = 60.0
"""Seconds after which a promise that nobody came back for is taken back."""

MANY = 4096
"""Buckets of single resources are looked through when there are so many: a full one is like a new one."""

SLACK = 1e-6
"""Seconds that rounding may cost."""


@dataclass(frozen=True, slots=True)
class Held:
    """A request may not go now, but after `wait` seconds.

    Whoever asks again in `look_in` seconds may find that Azure has told of more room by then. `refused`: Azure said no,
    in the answer to it. `again`: it was held before, and is still.
    """

    bucket: str
    wait: float
    refused: bool = False
    again: bool = False
    look_in: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Sent:
    """A request may go; `drawn` are its buckets right after the draws."""

    request: Asked
    drawn: tuple[tuple[Which, Bucket], ...]


@dataclass(frozen=True, slots=True)
class _Promise:
    due: float
    buckets: tuple[Which, ...]


class Throttle:
    """The buckets of one client. May be asked from any thread; nothing here waits.

    `clock` tells seconds, `spread` a number from 0 to 1 for the length of pauses.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, spread: Callable[[], float] = random.random
    ) -> None:
        self._clock, self._spread = clock, spread
        self._buckets: dict[Which, Bucket] = {}
        self._promises: dict[str, _Promise] = {}
        self._regions: dict[str, str] = {}
        self._policies: dict[tuple[str, str], frozenset[str]] = {}
        self._largest: dict[Which, int] = {}
        self._lock = Lock()
        self._many = MANY

    def located(self, resource: str, location: str) -> None:
        """Remember the region of a resource (by its lower-case id): its bucket is counted there."""
        self._regions[resource] = location.lower().replace(" ", "")

    def now(self) -> float:
        """The time by this client's clock."""
        return self._clock()

    def room(self, request: Asked) -> float:
        """How many such requests could go now, about whichever resources."""
        with self._lock:
            shared = [one for which, one in self._of(request, self._clock()) if not which.resource]
            return min((one.left for one in shared), default=inf)

    def admit(self, key: str, request: Asked) -> Sent | Held:
        """Whether a request may go now. `key` names it: who was held comes back with the same one."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            held = self._promises.get(key)
            return self._again(key, held, request, now) if held else self._first(key, request, now)

    def heard(self, sent: Sent, answer: Answer) -> Held | None:
        """Learn from an answer; Held when it was a 429, whose bucket is shut now."""
        with self._lock:
            now = self._clock()
            self._learn(sent, answer, now)
            self._answered(sent, refused=answer.status == 429)
            return self._refused(sent, answer, now) if answer.status == 429 else None

    def unheard(self, sent: Sent) -> None:
        """No answer will come."""
        with self._lock:
            self._answered(sent, refused=True)

    def _answered(self, sent: Sent, *, refused: bool) -> None:
        for which in (one for one, _ in sent.drawn if one in self._buckets):
            self._buckets[which] = self._buckets[which].answered(refused=refused)

    def _first(self, key: str, request: Asked, now: float) -> Sent | Held:
        found = tuple(which for which, _ in self._of(request, now))
        waits = {which: self._buckets[which].wait(now) for which in found}
        worst = max(found, key=waits.__getitem__, default=None)
        if worst is None or waits[worst] <= SLACK:
            return self._sent(request, found, lambda one: one.drawn(now))
        for which in found:
            self._buckets[which] = self._buckets[which].drawn(now, later=True)
        self._promises[key] = _Promise(now + waits[worst], found)
        return Held(str(worst), waits[worst], look_in=self._look_in(waits[worst], found, now))

    def _again(self, key: str, promise: _Promise, request: Asked, now: float) -> Sent | Held:
        for which in promise.buckets:
            self._buckets[which] = self._buckets[which].at(now)
        has_room = all(self._buckets[which].left >= 0 and not self._is_shut(which, now) for which in promise.buckets)
        if promise.due > now + SLACK and not has_room:
            shown = max(promise.buckets, key=lambda which: self._buckets[which].wait(now))
            wait = promise.due - now
            return Held(str(shown), wait, again=True, look_in=self._look_in(wait, promise.buckets, now))
        del self._promises[key]
        return self._sent(request, promise.buckets, Bucket.kept)

    def _look_in(self, wait: float, several: tuple[Which, ...], now: float) -> float:
        """When to ask again: before a far promise, for Azure may tell of more room; never while a bucket is shut."""
        shut = max((self._buckets[which].shut - now for which in several), default=0.0)
        return min(wait, max(shut, LOOK_IN, wait / 4))

    def _is_shut(self, which: Which, now: float) -> bool:
        return self._buckets[which].shut > now + SLACK

    def _sent(self, request: Asked, several: tuple[Which, ...], draw: Callable[[Bucket], Bucket]) -> Sent:
        for which in several:
            self._buckets[which] = draw(self._buckets[which])
        return Sent(request, tuple((which, self._buckets[which]) for which in several))

    def _of(self, request: Asked, now: float) -> Iterator[tuple[Which, Bucket]]:
        """The buckets that a request draws from, as they are now: documented ones, and those of earlier answers."""
        region = self._region(request)
        known = dict(drawn_from(request, region))
        for policy in self._policies.get((request.method, request.shape), ()):
            which = bucket(policy, request, region)
            known.setdefault(which, self._allowance(which))
        for which, allowance in known.items():
            held = self._buckets.get(which)
            self._buckets[which] = held.at(now) if held else Bucket.full(allowance, now)
            yield which, self._buckets[which]

    def _allowance(self, which: Which) -> Allowance:
        documented = ARM.get(which.policy) or COMPUTE.get(which.policy)
        return documented or learned.allowance(which.policy, self._largest.get(which, 1))

    def _region(self, request: Asked) -> str:
        return request.place or self._regions.get(request.resource, "")

    def _learn(self, sent: Sent, answer: Answer, now: float) -> None:
        drawn, region = dict(sent.drawn), self._region(sent.request)
        for policy, left in learned.remaining(answer.headers).items():
            which = bucket(policy, sent.request, region)
            held = self._buckets.get(which)
            if policy in ARM or policy in COMPUTE:
                if held and which in drawn:
                    self._buckets[which] = held.at(now).told(left, drawn[which], now)
                continue
            self._note(sent.request, policy)
            self._largest[which] = largest = max(left, self._largest.get(which, 1))
            allowance = learned.allowance(policy, largest)
            known = held.at(now) if held else Bucket.full(allowance, now)
            self._buckets[which] = known.followed(allowance, left - learned.reserve(largest), drawn.get(which))

    def _note(self, request: Asked, policy: str) -> None:
        """Requests of this shape draw from a policy that is in no documentation."""
        shape = (request.method, request.shape)
        self._policies[shape] = self._policies.get(shape, frozenset()) | {policy}

    def _refused(self, sent: Sent, answer: Answer, now: float) -> Held:
        """Shut what the answer names; what the request drew from when it names nothing."""
        region = self._region(sent.request)
        named = [bucket(policy, sent.request, region) for policy in learned.empty(answer)]
        shut = named or [which for which, _ in sent.drawn] or [bucket("requests", sent.request, region)]
        held = [self._shut(which, sent, answer, now) for which in dict.fromkeys(shut)]
        return max(held, key=lambda one: one.wait)

    def _shut(self, which: Which, sent: Sent, answer: Answer, now: float) -> Held:
        if which not in dict(sent.drawn):
            self._note(sent.request, which.policy)
        for key in [key for key, promise in self._promises.items() if which in promise.buckets]:
            self._waive(key)
        known = self._buckets.get(which)
        known = known.at(now) if known else Bucket.full(self._allowance(which), now)
        told = wait(answer.headers, datetime.now(UTC))
        pause = min(LONGEST_GUESS, 2.0**known.refusals) if told is None else told
        until = now + pause + self._spread() * min(MOST_SPREAD, SPREAD * pause)
        self._buckets[which] = shut = known.refused(until)
        pause = shut.shut - now
        return Held(str(which), pause, refused=True, look_in=pause)

    def _waive(self, key: str) -> None:
        for which in self._promises.pop(key).buckets:
            self._buckets[which] = self._buckets[which].waived()

    def _forget(self, now: float) -> None:
        """Take back old promises; drop buckets of single resources that are full again."""
        while self._promises and (oldest := next(iter(self._promises))):
            if self._promises[oldest].due + FORGOTTEN > now:
                break
            self._waive(oldest)
        if len(self._buckets) <= self._many:
            return
        idle = [which for which, one in self._buckets.items() if which.resource and one.at(now).is_full]
        for which in idle:
            del self._buckets[which]
        self._many = max(MANY, 2 * len(self._buckets))
