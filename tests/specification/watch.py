"""The middleware of the test suite: every answer that a test gets from the emulator is held against the specification.

In this process it wraps the application; of an emulator in a process of its own it reads the response log.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from specification.operations import specification


@dataclass
class Watch:
    """What was seen so far: counts by what became of an answer, and violations that no test has reported yet."""

    counts: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    logs: dict[Path, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def note(self, method: str, path: str, query: dict[str, str], status: int, body: bytes | Any) -> None:
        """Hold one answer; one of another api-version, or of no operation of the specification, is only counted."""
        known = specification()
        if known is None or path.startswith(("/emulator", "/_emulator")):
            return
        operation = known.find(method, path, query.get("api-version", ""))
        if operation is None:
            self.counts["not specified"] += 1
            return
        content = body if not isinstance(body, bytes) else json.loads(body) if body else None
        found = known.violations(operation, status, content)
        self.counts["violating" if found else "validated"] += 1
        if found:
            self.violations.append("\n  ".join([f"{method} {path} -> {status}", *found]))

    def read_logs(self) -> None:
        """Hold what the processes wrote since the last look."""
        for path, at in list(self.logs.items()):
            with path.open("rb") as file:
                file.seek(at)
                content = file.read()
            whole = content[: content.rfind(b"\n") + 1]
            self.logs[path] = at + len(whole)
            for line in whole.splitlines():
                self.note(**json.loads(line))

    def taken(self) -> list[str]:
        """The violations since the last call, each once."""
        self.read_logs()
        found, self.violations = list(dict.fromkeys(self.violations)), []
        return found


WATCH = Watch()


@contextmanager
def watched_log(path: Path) -> Iterator[Path]:
    """A file for ``--response-log``, read while and after its emulator runs."""
    path.touch()
    WATCH.logs[path] = 0
    try:
        yield path
    finally:
        WATCH.read_logs()
        del WATCH.logs[path]


@dataclass
class Watched:
    """An ASGI application whose answers are noted."""

    application: Any

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        status, chunks = 0, []

        async def noting(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            chunks.append(message.get("body", b""))
            await send(message)

        await self.application(scope, receive, noting)
        if scope["type"] == "http" and status:
            query = {name.lower(): value for name, value in parse_qsl(scope["query_string"].decode("latin-1"))}
            WATCH.note(scope["method"], scope["path"], query, status, b"".join(chunks))
