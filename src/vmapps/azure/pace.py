"""When to ask about a running write while there is little room for questions: when its like have been ending."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from itertools import islice
from threading import Lock

LATELY = 16
"""How many ended writes of a kind are looked at."""

ROUNDS = 2
"""There is room when every running write could be asked about so often at once."""

SCOUTS = 8
"""So many of the oldest writes are asked about as often as may be, while nobody knows how long they take."""

OTHERS = 4
"""The rest waits so many times as long."""


class Pace:
    """How long writes have taken lately, by kind. May be asked from any thread; `clock` tells seconds.

    The shortest counts: a write that is seen to end late has not taken long, it was asked about late.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began: dict[str, tuple[str, float]] = {}
        self._took: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=LATELY))
        self._lock = Lock()

    def begun(self, poll: str, kind: str) -> None:
        """A write of a kind was accepted; `poll` is where to ask about it."""
        with self._lock:
            self._began[poll] = kind, self._clock()

    def ended(self, poll: str, *, well: bool) -> None:
        """It is over; only one that ended well tells how long its like take."""
        with self._lock:
            kind, began = self._began.pop(poll, ("", 0.0))
            if kind and well:
                self._took[kind].append(self._clock() - began)

    def wait(self, poll: str, least: float, room: float) -> float:
        """Seconds until it makes sense to ask, `least` at least; `room` is how many questions could be sent now.

        With room for all of them: as soon as may be. Else when the shortest of its like ended, counted from its
        beginning; while that is not known the oldest are asked about, for all.
        """
        with self._lock:
            if room >= ROUNDS * len(self._began) or poll not in self._began:
                return least
            kind, began = self._began[poll]
            if took := self._took.get(kind):
                return max(least, began + min(took) - self._clock())
            is_scout = poll in islice(self._began, SCOUTS)
            return least if is_scout else OTHERS * least
