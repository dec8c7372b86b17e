"""Fails the test that got an answer which the specification does not allow, and counts at the end of the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest

from specification.watch import WATCH

_TITLE = "answers of the emulator that Azure's specification does not allow:\n"
_LATE: list[str] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    try:
        result = yield
    except BaseException as error:
        for line in WATCH.taken():
            error.add_note(_TITLE + line)
        raise
    found = WATCH.taken()
    if found:
        pytest.fail(_TITLE + "\n".join(found), pytrace=False)
    return result


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What came after a worker's last test fails the run too."""
    _LATE.extend(WATCH.taken())
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["specification"] = {"counts": dict(WATCH.counts), "late": _LATE, "notes": WATCH.notes}
    elif _LATE and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    told = getattr(node, "workeroutput", {}).get("specification", {"counts": {}, "late": [], "notes": []})
    WATCH.counts += Counter(told["counts"])
    WATCH.notes.extend(told["notes"])
    _LATE.extend(told["late"])


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for line in _LATE:
        terminalreporter.write_line(_TITLE + line, red=True)
    for line in WATCH.notes:
        terminalreporter.write_line(line)
    if WATCH.counts:
        counted = ", ".join(f"{count} {what}" for what, count in sorted(WATCH.counts.items()))
        terminalreporter.write_line(f"answers of the emulator against the specification: {counted}")
