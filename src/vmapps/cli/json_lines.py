"""The conversation as lines of JSON, for whoever collects logs: what is said to people becomes `message` events."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TextIO
from uuid import uuid4

import click

from vmapps.render import event_json

RUN = "vmapps.run"
"""Where the run's id is kept between the options and the command, in click's context."""


class JsonLines:
    """A stream in the place of stderr: every line that is written to it leaves as an event. It is no terminal."""

    def __init__(self, stream: TextIO, run: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._stream, self._run, self._now = stream, run, now
        self._begun = ""

    def write(self, text: str) -> int:
        """Take some text; what is no whole line yet is kept."""
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._say(line)
        return len(text)

    def flush(self) -> None:
        """Let everything leave, also what is no whole line, such as a question."""
        if self._begun:
            self._say(self._begun)
            self._begun = ""
        self._stream.flush()

    def fileno(self) -> int:
        """The file behind it."""
        return self._stream.fileno()

    def isatty(self) -> bool:
        """No colours, no progress."""
        return False

    def _say(self, line: str) -> None:
        if line.strip():
            self._stream.write(event_json.line(self._now(), self._run, event_json.message(line)))


def log_format(context: click.Context, _parameter: click.Parameter, form: str) -> None:
    """Begin the run: its id, and the stream that the conversation goes to from here on."""
    run = context.meta.setdefault(RUN, str(uuid4()))
    if form == "json":
        sys.stderr = JsonLines(sys.stderr, run)


@contextmanager
def conversation() -> Iterator[None]:
    """For the time of one command: the next one may be told otherwise."""
    before = sys.stderr
    try:
        yield
    finally:
        sys.stderr = before
