"""Signals. Before the first write one ends the command; during a run the first drains and the second leaves."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from vmapps.cli.exit_codes import SIGNALLED
from vmapps.cli.speak import tell
from vmapps.core.outcome import Abandoned, Applied, Failed, Outcome, Report, Skipped, Stale
from vmapps.core.plan import Plan, Step
from vmapps.engine.events import Event, Finished, Observer, Started
from vmapps.engine.stop import Stop
from vmapps.render.safe import shown

SIGNALS = (signal.SIGINT, signal.SIGTERM)
PATIENCE = 0.7
"""Seconds after the last signal in which the command may still end by itself, with its report."""
LAST_MOMENT = 0.95
"""Seconds after which it is gone, even if nobody takes its last words."""
UNCHANGED = "Interrupted: nothing was changed."


@contextmanager
def handled(handler: Callable[[int], None]) -> Iterator[None]:
    """Give both signals to a handler for a while; elsewhere than in the main thread nothing is done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def on_signal(number: int, _frame: FrameType | None) -> None:
        handler(number)

    before = {number: signal.signal(number, on_signal) for number in SIGNALS}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


@contextmanager
def ending() -> Iterator[None]:
    """While nothing is written: a signal ends the command, soon even if a thread still waits for an answer."""
    watchdogs: list[threading.Timer] = []

    def end(number: int) -> None:
        if watchdogs:
            leave_at_once(UNCHANGED, number)
        watchdogs.append(watch(lambda: leave_at_once(UNCHANGED, number)))
        raise KeyboardInterrupt(number)

    with handled(end):
        try:
            yield
        finally:
            for watchdog in watchdogs:
                watchdog.cancel()


def watch(leave: Callable[[], object], seconds: float = PATIENCE) -> threading.Timer:
    """Leave after a moment, whatever the main thread is doing."""
    watchdog = threading.Timer(seconds, leave)
    watchdog.daemon = True
    watchdog.start()
    return watchdog


def leave_at_once(last_words: str, number: int) -> NoReturn:
    """End the process without waiting for any thread."""
    try:
        tell(last_words)
    finally:
        os._exit(SIGNALLED + number)


def exit_code(interrupt: BaseException | None) -> int:
    """130 or 143, from the interrupt that carries the signal's number."""
    number = interrupt.args[0] if interrupt is not None and interrupt.args else signal.SIGINT
    return SIGNALLED + int(number)


class InFlight:
    """Listens to a run and to the signals, and knows what Azure may still be doing.

    `done` are the steps of an earlier run; `last_words` are said when the second signal came and the run does not end
    by itself.
    """

    def __init__(
        self,
        plan: Plan,
        stop: Stop,
        observer: Observer,
        last_words: Callable[[InFlight], None],
        done: frozenset[str] = frozenset(),
    ) -> None:
        self.stop = stop
        self.signal: int = 0
        self._plan = plan
        self._observer = observer
        self._last_words = last_words
        self._word = threading.Lock()
        self._running: dict[str, Step] = {}
        self._ended: dict[str, Outcome] = dict.fromkeys(done, Applied(changed=False))

    def __call__(self, event: Event) -> None:
        """Take notice of an event, and pass it on."""
        match event:
            case Started(step):
                self._running[step.id] = step
            case Finished(step, outcome):
                self._ended[step.id] = outcome
                self._running.pop(step.id, None)
            case _:
                pass
        self._observer(event)

    def press(self, number: int) -> None:
        """A signal came: the first asks the run to drain, the second gives it a moment before leaving anyway."""
        self.signal = number
        self.stop.press()
        if self.stop.hard:
            watch(self._leave)
            watch(lambda: os._exit(SIGNALLED + number), LAST_MOMENT)

    def has_the_word(self) -> bool:
        """Whether the caller is the first who wants to tell the end: the run, or who leaves without it."""
        return self._word.acquire(blocking=False)

    def report(self) -> Report:
        """Every step in plan order, as far as it was heard of: for when the run itself cannot tell any more."""
        known: dict[str, Outcome] = dict(self._ended)
        for step in self._plan.steps:
            if step.id not in known:
                failed = next((one for one in step.needs if isinstance(known[one], Failed | Stale | Skipped)), None)
                known[step.id] = Skipped(failed) if failed else Abandoned(in_flight=step.id in self._running)
        return Report(tuple((step, known[step.id]) for step in self._plan.steps), interrupted=self.stop.soft)

    def farewell(self) -> str:
        """What is left behind."""
        addresses = ", ".join(sorted({shown(str(step.address)) for step in list(self._running.values())}))
        return f"Left at once. Azure may still be doing: {addresses or 'nothing'}."

    def _leave(self) -> None:
        """End the process; a report that is under way has until the last moment."""
        if not self.has_the_word():
            return
        try:
            self._last_words(self)
        finally:
            os._exit(SIGNALLED + self.signal)
