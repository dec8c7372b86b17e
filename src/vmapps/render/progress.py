"""A line for every step that ends, while a run is under way."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from vmapps.core.outcome import Applied, Outcome
from vmapps.core.plan import Step
from vmapps.engine.events import (
    Ended,
    Event,
    Finished,
    Observer,
    Requested,
    Started,
    Stopping,
    Throttled,
    Verified,
    Waiting,
)
from vmapps.render.paint import glyph, painter
from vmapps.render.report_text import COLOURS, word_of
from vmapps.render.safe import shown
from vmapps.render.step_text import name
from vmapps.render.words import seconds

LONG = 60.0
"""Seconds: a wait that a log tells of too."""

DRAINING = "nothing new is begun, what is in flight is waited for."
STOPPING = f"Stopping: {DRAINING} Once more leaves at once."
DONE = {
    "upload": "uploaded",
    "create": "created",
    "update": "updated",
    "assign": "written",
    "upgrade": "upgraded",
    "verify": "looked at",
    "delete": "deleted",
    "discard": "discarded",
}
"""Every action once it is done and something was changed."""


def progress(write: Callable[[str], None], total: int, *, colour: bool = False, verbose: bool = False) -> Observer:
    """An observer that writes `[3/12] created + Gallery/platform (2.1 s)`; `verbose` tells starts and waits too."""
    paint = painter(colour=colour)
    ended = 0

    def observe(event: Event) -> None:
        nonlocal ended
        match event:
            case Finished(step, outcome, took):
                ended += 1
                word = paint(_word(step, outcome), COLOURS[word_of(step, outcome)])
                write(f"[{ended}/{total}] {word} {glyph(step.verb, paint)} {name(step)} ({seconds(took)})")
            case Stopping():
                write(paint(_stopping(event), "bold yellow"))
            case Started(step) if verbose:
                write(paint(f"begun {name(step)}", "dim"))
            case Waiting(step, wait) if verbose and wait >= 1:
                write(paint(f"waiting {seconds(wait)} for {name(step)}", "dim"))
            case Throttled(refused=True):
                write(paint(held(event), "bold yellow"))
            case Throttled(wait=wait) if verbose and wait >= 1:
                write(paint(held(event), "dim"))
            case Started() | Waiting() | Throttled() | Requested() | Verified() | Ended():
                pass
            case _:
                assert_never(event)

    return observe


def silent(write: Callable[[str], None], *, quiet: bool = True) -> Observer:
    """An observer for logs and --quiet: that a stop was asked for is worth a line, in a log a long wait too."""

    def observe(event: Event) -> None:
        if isinstance(event, Stopping):
            write(_stopping(event))
        if isinstance(event, Throttled) and event.refused and event.wait >= LONG and not quiet:
            write(held(event))

    return observe


def _stopping(event: Stopping) -> str:
    return f"{name(event.because_of)} did not succeed: {DRAINING}" if event.because_of else STOPPING


def held(event: Throttled) -> str:
    """A wait for room, in a line: `Azure asks to wait 20 min 0 s: subscription-reads of subscription 1111…`."""
    word = "Azure asks to wait" if event.refused else "waiting"
    what = f" for {name(event.step)}" if event.step else ""
    return f"{word} {seconds(event.wait)}{what}: {shown(event.bucket)}"


def _word(step: Step, outcome: Outcome) -> str:
    done = isinstance(outcome, Applied) and outcome.changed and not step.only_if
    return DONE[step.verb] if done else word_of(step, outcome)
