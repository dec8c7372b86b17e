"""Signals: one ends the reading, two leave a run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from render import cases
from vmapps.cli import interrupt
from vmapps.core.outcome import Applied
from vmapps.engine.events import Event, Finished, Started, Stopping
from vmapps.engine.stop import Stop


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_while_nothing_is_written_a_signal_ends(number: signal.Signals, code: int) -> None:
    with pytest.raises(KeyboardInterrupt) as caught, interrupt.ending():
        signal.raise_signal(number)
    assert interrupt.exit_code(caught.value) == code


def test_an_interrupt_that_says_nothing_is_sigint() -> None:
    assert interrupt.exit_code(KeyboardInterrupt()) == interrupt.exit_code(None) == 130


def test_elsewhere_than_in_the_main_thread_signals_are_left_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[object] = []

    def look() -> None:
        with interrupt.handled(lambda number: None):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [before]


def test_what_is_in_flight_is_known_and_events_are_passed_on() -> None:
    seen: list[Event] = []
    flight = interrupt.InFlight(Stop(), seen.append)
    events = [
        Started(cases.UPLOAD),
        Started(cases.CREATE_GALLERY),
        Stopping(),
        Finished(cases.UPLOAD, Applied(), 1.0),
    ]
    for event in events:
        flight(event)
    assert flight.farewell() == "Left at once. Azure may still be doing: Gallery/platform."
    flight(Finished(cases.CREATE_GALLERY, Applied(), 1.0))
    assert flight.farewell() == "Left at once. Azure may still be doing: nothing."
    assert len(seen) == 5


STUCK = """
import sys, threading, os, signal
from render import cases
from vmapps.cli.interrupt import InFlight, handled
from vmapps.engine.events import Started
from vmapps.engine.stop import Stop

stop = Stop()
flight = InFlight(stop, lambda event: None)
flight(Started(cases.CREATE_GALLERY))
with handled(flight.press):
    print("ready", flush=True)
    threading.Event().wait(60)
"""

READING = """
import threading
from vmapps.cli import interrupt

with interrupt.ending():
    try:
        print("ready", flush=True)
        threading.Event().wait(60)
    finally:
        print("interrupted", flush=True)
        threading.Event().wait(60)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_twice_leaves_a_run_that_does_not_answer(number: signal.Signals) -> None:
    with started(STUCK) as child:
        assert child.stdout
        assert child.stderr
        assert child.stdout.readline() == "ready\n"
        child.send_signal(number)
        child.send_signal(number)
        while child.poll() is None:
            child.send_signal(number)
            threading.Event().wait(0.05)
        assert child.wait(timeout=10) == 128 + number
        assert "Azure may still be doing: Gallery/platform." in child.stderr.read()


def test_twice_leaves_a_reading_that_does_not_answer() -> None:
    with started(READING) as child:
        assert child.stdout
        assert child.stderr
        assert child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGTERM)
        assert child.stdout.readline() == "interrupted\n"
        child.send_signal(signal.SIGTERM)
        assert child.wait(timeout=10) == 143
        assert child.stderr.read() == "Interrupted: nothing was changed.\n"


def test_once_leaves_a_reading_that_does_not_answer_soon() -> None:
    with started(READING) as child:
        assert child.stdout
        assert child.stderr
        assert child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=10) == 130
        assert child.stderr.read() == "Interrupted: nothing was changed.\n"


def started(program: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
