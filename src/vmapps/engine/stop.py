"""The stop switch: pressed once it drains, pressed twice it leaves."""

from __future__ import annotations

import threading


class Stop:
    """Set from a signal handler, read by the coordinator."""

    def __init__(self) -> None:
        self._presses = 0
        self._draining = False
        self.pressed = threading.Event()

    def press(self) -> None:
        """Ask for a stop; the second time, ask to leave at once."""
        self._presses += 1
        self.pressed.set()

    def drain(self) -> None:
        """Stop as after a first press, for another reason than a signal: the next press is still the first."""
        self._draining = True
        self.pressed.set()

    @property
    def soft(self) -> bool:
        """Begin nothing new."""
        return self._draining or self._presses >= 1

    @property
    def hard(self) -> bool:
        """Do not wait either."""
        return self._presses >= 2
