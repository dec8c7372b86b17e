"""The audit trail of a run: every event as a line of JSON, in a file that is whole up to its last line at any time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock

from vmapps.cli import speak
from vmapps.core.outcome import Report
from vmapps.core.plan import Plan
from vmapps.engine.events import Ended, Event, Finished
from vmapps.errors import Error
from vmapps.render import event_json
from vmapps.render.json_text import Tree


@dataclass(slots=True)
class Trail:
    """Listens to a run and writes what it hears, if there is a file (`handle`); may be called from any thread.

    Lines are added to what the file holds, each in one write: whoever is killed leaves whole lines. A file that can
    no longer be written ends the trail, which is said once, and not the run.
    """

    run: str = ""
    name: str = ""
    handle: int = -1
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _report: Report | None = None
    _ended: set[str] = field(default_factory=set)
    _lock: RLock = field(default_factory=RLock)

    @property
    def is_kept(self) -> bool:
        """Whether somebody will read it."""
        return self.handle >= 0

    def __call__(self, event: Event) -> None:
        """Write an event down."""
        if isinstance(event, Finished):
            self._ended.add(event.step.id)
        if isinstance(event, Ended):
            self._report = event.report
        elif self.is_kept and (tree := event_json.event_tree(event)):
            self._add(tree)

    def begun(self, command: str) -> None:
        """The command begins; raises Error when not even that can be written."""
        try:
            self._write(event_json.run_started(command))
        except OSError as error:
            self._close()
            raise _closed(self.name, error) from error

    def planned(self, plan: Plan) -> None:
        """There is a plan."""
        if self.is_kept:
            self._add(event_json.planned(plan))

    def ended(self, exit_code: int, error: str = "") -> None:
        """The command ends, and with it the trail: what a thread still hears after this is not told any more."""
        with self._lock:
            if self.is_kept:
                self._add(*self._rest(), event_json.run_ended(exit_code, self._report, error))
            self._close()

    def _rest(self) -> Iterator[Tree]:
        """How the steps ended that were never begun, or that nobody waits for any more."""
        for step, outcome in self._report.results if self._report else ():
            if step.id not in self._ended:
                yield event_json.finished(step, outcome)

    def _add(self, *trees: Tree) -> None:
        try:
            self._write(*trees)
        except OSError as error:
            if self._close():
                speak.complain(f"{_closed(self.name, error)}; the run goes on, its events are kept no longer")

    def _write(self, *trees: Tree) -> None:
        """A line each, in one write; what a full disk cuts off is no line, so nothing is added after it."""
        with self._lock:
            if self.is_kept:
                now = self.now()
                lines = "".join(event_json.line(now, self.run, tree) for tree in trees).encode()
                while lines:
                    lines = lines[os.write(self.handle, lines) :]

    def _close(self) -> bool:
        """Whether it was open until now."""
        with self._lock:
            handle, self.handle = self.handle, -1
        if handle >= 0:
            os.close(handle)
        return handle >= 0


def opened(file: Path | None, run: str) -> Trail:
    """The trail of a run, in a file that its owner alone may read; without a file nobody listens.

    Raises Error when the file cannot be written. A half line that a run on a full disk has left is ended first.
    """
    if file is None:
        return Trail(run)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        if _ends_in_a_half_line(file):
            os.write(handle, b"\n")
    except OSError as error:
        raise _closed(str(file), error) from error
    return Trail(run, str(file), handle)


def _ends_in_a_half_line(file: Path) -> bool:
    if not file.is_file() or not file.stat().st_size:
        return False
    with file.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) != b"\n"


def _closed(name: str, error: OSError) -> Error:
    return Error(f"{name}: the events cannot be written: {error.strerror}")
