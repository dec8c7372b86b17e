"""What a machine's guest says about its applications: the status message of VMAppExtension, read with care.

The message names applications without their gallery, and its envelope says nothing about them [azure-facts 3.5].
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """How an application stands in the guest [guest-agent.md 4.3]."""

    INSTALLED = "installed"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class InGuest:
    """One application in the guest's registry. `version` is also there when it was never installed."""

    application: str
    version: str
    state: State
    message: str = ""


@dataclass(frozen=True, slots=True)
class Performed:
    """One action of the last run; `message` is empty for a success."""

    application: str
    version: str
    operation: str
    succeeded: bool
    message: str = ""


@dataclass(frozen=True, slots=True)
class GuestReport:
    """The guest's last report. `error` is its text when it told nothing about applications.

    `is_running`: whether the machine runs and its agent is heard; a report of one that does not is an old one.
    """

    applications: tuple[InGuest, ...] = ()
    performed: tuple[Performed, ...] = ()
    error: str = ""
    is_running: bool = True

    def of(self, application: str) -> InGuest | None:
        """What it says about one application; names ignore case here, as Azure's ids do."""
        name = application.lower()
        return next((one for one in self.applications if one.application.lower() == name), None)


DONE = ("Install SUCCESS", "Update SUCCESS")
FAILED = (
    "Install FAILED",
    "Update FAILED",
    "RemoveForUpdate FAILED",
    "Skipped FAILED",
    "Failed FAILED",
    "Remove FAILED",
)


def in_trouble(seen: InGuest | None, version: str) -> InGuest | None:
    """What a guest says of a version ("": any) that failed or was skipped: it is not tried again by itself [3.2]."""
    if seen is None or seen.state not in (State.FAILED, State.SKIPPED):
        return None
    return seen if version in ("", seen.version) else None


def in_the_way(seen: InGuest | None, version: str) -> InGuest | None:
    """What a guest says of an older version that had to go first, and did not [guest-agent.md 3.1]."""
    if seen is None or version in ("", seen.version):
        return None
    failed = seen.state is State.FAILED and seen.message.startswith("RemoveForUpdate")
    return seen if failed or seen.state is State.SKIPPED else None


def read_report(messages: Iterable[str], *, is_running: bool = True) -> GuestReport:
    """The report in the extension's status messages; never raises, whatever they hold."""
    errors: list[str] = []
    for message in messages:
        body = _body(message)
        if body is not None:
            return GuestReport(
                tuple(_applications(body.get("CurrentState"))),
                tuple(_performed(body.get("ActionsPerformed"))),
                is_running=is_running,
            )
        errors.append(message.strip())
    return GuestReport(error="; ".join(filter(None, errors)), is_running=is_running)


def _body(message: str) -> Mapping[str, Any] | None:
    """What stands between the first `{` and the last `}`, when that is the report's object.

    The prefix is free text, and critical errors may hold braces of their own [guest-agent.md 4.6].
    """
    start, end = message.find("{"), message.rfind("}")
    if start < 0 or end < start:
        return None
    try:
        found = json.loads(message[start : end + 1])
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("CurrentState"), list) else None


def _applications(items: Any) -> Iterable[InGuest]:
    for item in _maps(items):
        result = _text(item, "result")
        name, version = _text(item, "applicationName"), _text(item, "version")
        if name:
            yield InGuest(name, version, state_of(result), result)


def _performed(items: Any) -> Iterable[Performed]:
    for item in _maps(items):
        result = _text(item, "result")
        succeeded = result == "SUCCESS"
        name, version, operation = (_text(item, key) for key in ("package", "version", "operation"))
        yield Performed(name, version, operation, succeeded, "" if succeeded else result)


def state_of(result: str) -> State:
    """The state that a result text means; a text that is not known is never taken for a success."""
    if result.startswith(DONE):
        return State.INSTALLED
    if result.startswith(FAILED):
        return State.FAILED
    if result.lower().startswith("skipped,"):
        return State.SKIPPED
    return State.UNKNOWN


def _maps(items: Any) -> Iterable[Mapping[str, Any]]:
    return (item for item in items if isinstance(item, dict)) if isinstance(items, list) else ()


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""
