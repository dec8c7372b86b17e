"""Virtual time: by default it moves only by the waits that the emulator asks for, and believes."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime


@dataclass(slots=True)
class Clock:
    """Virtual seconds since the start. ``scale`` is virtual seconds in a real one; 0: the wall clock does not count.

    Without a scale the clock moves by every ``Retry-After`` that is given out, so a test that does not sleep sees
    buckets refill; with a scale a caller who does not wait finds them empty still.
    """

    read: Callable[[], float] = time.monotonic
    _seconds: float = 0.0
    _last: float | None = field(default=None)

    def seconds(self, scale: float) -> float:
        """The virtual time now."""
        if scale:
            now = self.read()
            self._seconds += (now - (now if self._last is None else self._last)) * scale
            self._last = now
        else:
            self._last = None
        return self._seconds

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._seconds += seconds


def http_date(skew: int) -> str:
    """The ``Date`` of an answer from a server whose clock is off by some seconds."""
    return format_datetime(datetime.now(UTC) + timedelta(seconds=skew), usegmt=True)
