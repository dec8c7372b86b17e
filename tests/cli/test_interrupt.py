"""Signals: one ends the reading, two leave a run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from render import cases
from vmapps.cli import interrupt
from vmapps.core.outcome import Abandoned, Applied, Failed, Report, Skipped
from vmapps.engine.events import Event, Finished, Started, Stopping
from vmapps.engine.stop import Stop
from vmapps.errors import Refused

EVERYTHING = cases.PLANS["everything"]


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
    flight = interrupt.InFlight(EVERYTHING, Stop(), seen.append, lambda flight: None)
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


def test_the_report_is_what_was_heard_in_plan_order() -> None:
    done, failed, running, waiting, behind = (
        replace(cases.CREATE_GALLERY, id=name, needs=("b",) if name == "e" else ()) for name in "abcde"
    )
    plan = replace(EVERYTHING, steps=(done, failed, running, waiting, behind))
    flight = interrupt.InFlight(plan, Stop(), lambda event: None, lambda flight: None, frozenset("a"))
    refused = Failed(Refused("no", scope=""))
    for event in (Started(running), Started(failed), Finished(failed, refused, 1.0)):
        flight(event)
    assert flight.report() == Report(
        (
            (done, Applied(changed=False)),
            (failed, refused),
            (running, Abandoned(in_flight=True)),
            (waiting, Abandoned(in_flight=False)),
            (behind, Skipped("b")),
        )
    )


def test_the_end_is_told_by_whoever_is_first() -> None:
    flight = interrupt.InFlight(EVERYTHING, Stop(), lambda event: None, lambda flight: None)
    assert flight.has_the_word()
    assert not flight.has_the_word()


STUCK = """
import sys, threading, os, signal
from render import cases
from vmapps.cli.interrupt import InFlight, handled
from vmapps.engine.events import Started
from vmapps.engine.stop import Stop
from vmapps.render import report_text

stop = Stop()

def last_words(flight):
    print(report_text.to_text(flight.report()), flush=True)
    print(flight.farewell(), file=sys.stderr, flush=True)
    {stuck}

flight = InFlight(cases.PLANS["everything"], stop, lambda event: None, last_words)
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
@pytest.mark.parametrize("stuck", ["pass", "threading.Event().wait(60)"], ids=["ends", "even-if-nobody-listens"])
def test_twice_leaves_a_run_that_does_not_answer_and_reports_all_the_same(number: signal.Signals, stuck: str) -> None:
    with started(STUCK.format(stuck=stuck)) as child:
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
        assert "in flight + Gallery/platform" in child.stdout.read()


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
